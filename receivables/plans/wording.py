"""The words of each message about a plan, in the language of whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from receivables.i18n import day, money
from receivables.i18n import translate as _
from receivables.money import Money
from receivables.plans.cover_words import ABOUT_COVER, cover_words
from receivables.plans.messages import Words
from receivables.plans.moving import MessageKind
from receivables.plans.rules import LEAST_SEPA_NOTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the words may mention; what a kind does not need is left empty."""

    supplier: str
    debtor: str
    number: str
    total: Money
    outstanding: Money
    #: Of the instalment the message is about.
    amount: Money
    due_on: date
    place: int
    count: int
    method: str
    #: How many days before each charge the debtor is told.
    notice_days: int
    cure_until: date
    again_on: date | None
    answer_by: date | None
    sign_by: date | None
    #: The last day of the insurer's extension period.
    covered_until: date | None
    note: str


def words_for(kind: MessageKind, facts: Facts) -> Words:
    """Title, sentences and the button of one message; for use inside `i18n.reading_as`."""
    values = {
        "supplier": facts.supplier,
        "debtor": facts.debtor,
        "number": facts.number,
        "total": money(facts.total),
        "left": money(facts.outstanding),
        "amount": money(facts.amount),
        "day": day(facts.due_on),
        "place": facts.place,
        "count": facts.count,
        "method": facts.method,
        "notice": facts.notice_days,
        "until": day(facts.cure_until),
        "again": day(facts.again_on) if facts.again_on else "",
        "answer_by": day(facts.answer_by) if facts.answer_by else "",
        "sign_by": day(facts.sign_by) if facts.sign_by else "",
        "covered": day(facts.covered_until) if facts.covered_until else "",
    }
    words = _words(kind, facts)
    told = [sentence % values for sentence in words.sentences]
    if facts.note and kind in _WITH_NOTE:
        told.append(facts.note)
    return Words(words.title % values, tuple(told), words.action, words.with_schedule)


_LATE = frozenset(
    {
        MessageKind.REMIND_LATE,
        MessageKind.GIVE_NOTICE,
        MessageKind.WARN,
        MessageKind.ACCELERATED,
    }
)

_ANSWERS = frozenset({MessageKind.APPROVED, MessageKind.REFUSED, MessageKind.LAPSED})

_WITH_NOTE = frozenset({MessageKind.APPROVED, MessageKind.REFUSED, MessageKind.CANCELLED})


def _words(kind: MessageKind, facts: Facts) -> Words:
    if kind in (MessageKind.ANNOUNCE_CHARGE, MessageKind.REMIND_COMING):
        return _before_a_date(kind)
    if kind in _LATE:
        return _after_a_date(kind)
    if kind in (MessageKind.CARD_NEEDED, MessageKind.CONFIRM, MessageKind.NOT_CHARGED):
        return _about_charges(kind, facts)
    if kind in ABOUT_COVER:
        return cover_words(kind)
    if kind in (MessageKind.OFFICE_ASKED, MessageKind.OFFICE_LAPSED):
        return _asked_of_office(kind)
    if kind.startswith("office_"):
        return _to_office(kind, facts)
    if kind in _ANSWERS:
        return _answer(kind)
    return _about_the_plan(kind, facts)


def _before_a_date(kind: MessageKind) -> Words:
    match kind:
        case MessageKind.ANNOUNCE_CHARGE:
            return Words(
                _("Instalment of %(amount)s on %(day)s"),
                (
                    _(
                        "On %(day)s we charge instalment %(place)s of %(count)s, %(amount)s, to"
                        " %(method)s. You need not do anything."
                    ),
                    _("Would you rather use another card, or pay early? You can do so here."),
                ),
                _("See your plan"),
            )
        case _:
            return Words(
                _("Instalment of %(amount)s, due on %(day)s"),
                (
                    _("Instalment %(place)s of %(count)s, %(amount)s, falls due on %(day)s."),
                    _("No card is on file for it: please pay it here, or add a card."),
                ),
                _("Pay the instalment"),
            )


def _after_a_date(kind: MessageKind) -> Words:
    match kind:
        case MessageKind.REMIND_LATE:
            return Words(
                _("Instalment of %(amount)s is still open"),
                (
                    _(
                        "Instalment %(place)s of %(count)s, %(amount)s, was due on %(day)s and has"
                        " not arrived yet. Perhaps it slipped your mind."
                    ),
                ),
                _("Pay the instalment"),
            )
        case MessageKind.GIVE_NOTICE:
            return Words(
                _("Please pay %(amount)s by %(until)s"),
                (
                    _(
                        "Instalment %(place)s of %(count)s, %(amount)s, was due on %(day)s. If it"
                        " arrives by %(until)s, your plan goes on as agreed."
                    ),
                    _(
                        "If it does not, the plan ends: the remaining %(left)s then fall due at"
                        " once, with the original due dates of the invoices."
                    ),
                ),
                _("Pay the instalment"),
            )
        case MessageKind.WARN:
            return Words(
                _("Two instalments came late"),
                (
                    _(
                        "Thank you for paying the late instalment: your plan goes on. It was the"
                        " second that came after its notice."
                    ),
                    _(
                        "Should a third instalment be late by more than five working days, the"
                        " plan ends and the remaining %(left)s fall due at once."
                    ),
                ),
                _("See your plan"),
            )
        case _:
            return Words(
                _("Your instalment plan has ended"),
                (
                    _(
                        "Since an instalment was not paid in spite of our notice, the plan has"
                        " ended. %(left)s are due now, and the invoices count with their original"
                        " due dates. What you have paid has been deducted."
                    ),
                    _("Please get in touch with us if you cannot pay: we will find a way."),
                ),
                _("See your account"),
            )


def _about_charges(kind: MessageKind, facts: Facts) -> Words:
    match kind:
        case MessageKind.CARD_NEEDED:
            return Words(
                _("A card is needed for your instalments"),
                (
                    _(
                        "There is no card, or no longer one, that we can charge the remaining"
                        " instalments of your plan to. Your plan stands, and what you paid is kept."
                    ),
                    _("Please add a card, or pay each instalment yourself by its date."),
                ),
                _("Add a card"),
                with_schedule=True,
            )
        case MessageKind.CONFIRM:
            return Words(
                _("Please confirm your instalment of %(amount)s"),
                (
                    _(
                        "Your bank wants you to confirm instalment %(place)s of %(count)s,"
                        " %(amount)s. Nothing has been charged yet."
                    ),
                ),
                _("Confirm the payment"),
            )
        case _:
            tried = _("We try again on %(again)s: please see that the card can be charged then.")
            yourself = _("Please pay it yourself, or add another card.")
            return Words(
                _("Instalment of %(amount)s could not be charged"),
                (
                    _(
                        "Your bank did not accept the charge of instalment %(place)s of"
                        " %(count)s, %(amount)s, to %(method)s."
                    ),
                    tried if facts.again_on else yourself,
                ),
                _("See your plan"),
            )


def _answer(kind: MessageKind) -> Words:
    match kind:
        case MessageKind.APPROVED:
            return Words(
                _("You can pay in instalments"),
                (
                    _(
                        "%(supplier)s agrees that you pay %(total)s in %(count)s instalments."
                        " Please read the plan and sign it by %(sign_by)s; it begins with the"
                        " first payment."
                    ),
                ),
                _("Read and sign the plan"),
                with_schedule=True,
            )
        case MessageKind.REFUSED:
            return Words(
                _("About your request to pay in instalments"),
                (
                    _(
                        "%(supplier)s cannot agree to the plan over %(total)s that you asked for."
                        " The invoices remain due as they are."
                    ),
                ),
                _("See your account"),
            )
        case _:
            return Words(
                _("About your request to pay in instalments"),
                (
                    _(
                        "%(supplier)s has not answered your request to pay %(total)s in"
                        " instalments in time, and we are sorry for that. The invoices remain due"
                        " as they are."
                    ),
                    _("You can ask again, or simply reply to this message."),
                ),
                _("See your account"),
            )


def _about_the_plan(kind: MessageKind, facts: Facts) -> Words:
    match kind:
        case MessageKind.AGREEMENT:
            two_days = _("Two days before each charge we write to you.")
            longer = _("%(notice)s days before each debit we write to you.")
            by_notice = _(
                "We write to you before each instalment is due. Please pay it on the page of your"
                " plan, by bank transfer or by card; or add a card there, and we charge it."
            )
            return Words(
                _("Your instalment plan"),
                (
                    _(
                        "Thank you: the first instalment has arrived and your plan stands. The"
                        " agreement is attached as a PDF."
                    ),
                    by_notice
                    if not facts.method
                    else two_days
                    if facts.notice_days == LEAST_SEPA_NOTICE
                    else longer,
                ),
                _("See your plan"),
                with_schedule=True,
            )
        case MessageKind.COMPLETED:
            return Words(
                _("Your instalment plan is paid off"),
                (_("Thank you: you have paid %(total)s, and nothing of the plan remains."),),
                _("See your account"),
            )
        case _:
            return Words(
                _("Your instalment plan was cancelled"),
                (
                    _(
                        "The plan over %(total)s has been cancelled. What you have paid is kept;"
                        " what remains is due as on the invoices."
                    ),
                ),
                _("See your account"),
            )


def _asked_of_office(kind: MessageKind) -> Words:
    match kind:
        case MessageKind.OFFICE_ASKED:
            return Words(
                _("%(debtor)s asks to pay in instalments"),
                (
                    _(
                        "%(debtor)s would like to pay %(total)s in %(count)s instalments. Your"
                        " policy leaves the answer to you, until %(answer_by)s; reminders wait"
                        " until then."
                    ),
                ),
                _("Answer"),
                with_schedule=True,
            )
        case _:
            return Words(
                _("A request of %(debtor)s was not answered"),
                (
                    _(
                        "%(debtor)s asked to pay %(total)s in instalments, and nobody answered by"
                        " %(answer_by)s. The request has run out, and the invoices are reminded"
                        " of again."
                    ),
                    _("The debtor has been told. Please get in touch with them."),
                ),
                _("See the plan"),
            )


def _to_office(kind: MessageKind, facts: Facts) -> Words:
    see = _("See the plan")
    match kind:
        case MessageKind.OFFICE_AGREEMENT:
            return Words(
                _("%(debtor)s pays %(total)s in instalments"),
                (
                    _(
                        "The first instalment has arrived, and the plan stands. The agreement"
                        " is attached as a PDF."
                    ),
                ),
                see,
                with_schedule=True,
            )
        case MessageKind.OFFICE_BY_HAND:
            return Words(
                _("An instalment of %(debtor)s waits for you"),
                (
                    _(
                        "%(amount)s of instalment %(place)s of %(count)s is open, and no card is"
                        " charged with so little or so much. Please agree with the debtor how it"
                        " is paid."
                    ),
                ),
                see,
            )
        case MessageKind.OFFICE_ACCELERATED:
            return Words(
                _("The plan of %(debtor)s is broken"),
                (
                    _(
                        "The instalments of %(debtor)s stayed away in spite of notice. %(left)s"
                        " are due at once; the invoices are back with their original due dates,"
                        " and the debtor cannot agree another plan alone."
                    ),
                ),
                see,
            )
        case _:
            tried = _("It is tried again on %(again)s.")
            asked = _("The debtor was asked for what is needed.")
            return Words(
                _("An instalment of %(debtor)s could not be charged"),
                (
                    _("The bank refused instalment %(place)s of %(count)s, %(amount)s."),
                    tried if facts.again_on else asked,
                ),
                see,
            )

"""Disputes in words, in the language being read: for mails and for both faces' pages."""

from __future__ import annotations

from receivables.disputes.messages import DisputeLetter, DisputeMemo
from receivables.disputes.rules import Term
from receivables.i18n import day, money, pgettext
from receivables.i18n import translate as _


def reason_words(reason: str) -> str:
    """Why, as the debtor says it."""
    return {
        "price": _("The price is not the one agreed"),
        "quantity": _("The quantity is not right"),
        "delivery": _("Not delivered, or too late"),
        "quality": _("The quality or the service was not right"),
        "item": _("Something else was delivered"),
        "reference": _("Our order number or our company’s name is missing or wrong"),
        "legal": _("The VAT or another legal detail is wrong"),
        "terms": _("The due date or a discount is not as agreed"),
        "bank": _("The bank details look wrong to us"),
        "duplicate": _("We have been billed for this already"),
        "paid": _("We have paid this already"),
        "unknown": _("We do not know what this is for"),
        "other": _("Something else"),
    }[reason]


def evidence_words(evidence: str) -> str:
    """What helps us to decide; empty where nothing is needed."""
    return {
        "order": _("The order or the quote helps us most."),
        "delivery_note": _("The signed delivery note helps us most."),
        "photo": _("A photo helps us most."),
        "reference": _("Please tell us how it should read."),
        "mention": _("Please tell us what is missing or wrong."),
        "contract": _("The contract or the offer helps us most."),
        "other_number": _("Please tell us the number of the other invoice."),
        "payment": _("Please tell us the date and the reference of your payment."),
        "words": _("Please tell us in a few words what is wrong."),
    }.get(evidence, "")


def department_words(department: str) -> str:
    return {
        "sales": _("Sales department"),
        "logistics": _("Logistics"),
        "service": _("Customer service"),
        "billing": _("Billing"),
        "finance": _("Finance"),
        "cash": _("Payments received"),
    }.get(department, _("Account manager"))


def state_words(state: str, outcome: str = "") -> str:
    """How it stands, as both sides may read it."""
    if state == "closed" and outcome:
        return _("Closed: %(outcome)s") % {"outcome": outcome_words(outcome)}
    if state == "awaiting_credit_note" and outcome == "accepted_in_part":
        return _("Accepted in part: the credit note is on its way")
    return {
        "submitted": pgettext("dispute", "Sent"),
        "acknowledged": pgettext("dispute", "Received"),
        "investigating": _("Being looked into"),
        "waiting_debtor": _("Waiting for the customer’s answer"),
        "waiting_internal": _("Being looked into"),
        "proposed": _("A proposal was made"),
        "accepted": pgettext("dispute", "Accepted"),
        "accepted_in_part": pgettext("dispute", "Accepted in part"),
        "rejected": pgettext("dispute", "Not accepted"),
        "withdrawn": pgettext("dispute", "Withdrawn"),
        "expired": _("Closed without an answer"),
        "awaiting_credit_note": _("Accepted: the credit note is on its way"),
        "closed": pgettext("dispute", "Closed"),
    }[state]


def outcome_words(outcome: str) -> str:
    return {
        "accepted": pgettext("dispute", "accepted"),
        "accepted_in_part": pgettext("dispute", "accepted in part"),
        "rejected": pgettext("dispute", "not accepted"),
        "withdrawn": pgettext("dispute", "withdrawn"),
        "expired": pgettext("dispute", "no answer"),
    }.get(outcome, pgettext("dispute", "not decided"))


def term_words(term: str) -> str:
    return {
        Term.ACKNOWLEDGE: _("confirm that it has arrived"),
        Term.ANSWER: _("give a first answer"),
        Term.RESOLVE: _("decide"),
    }[Term(term)]


def letter_heading(mail: DisputeLetter) -> str:
    """What a mail to the debtor says first; its subject, after the supplier's name."""
    values = {"reference": mail.reference, "amount": money(mail.disputed)}
    if mail.letter == "decided":
        return _decision_heading(mail) % {**values, "upheld": money(mail.upheld)}
    return {
        "opened": _("Your dispute %(reference)s over %(amount)s has arrived"),
        "acknowledged": _("We are looking into your dispute %(reference)s"),
        "questioned": _("A question about your dispute %(reference)s"),
        "wrote": _("A message about your dispute %(reference)s"),
        "reminded": _("We are waiting for your answer about dispute %(reference)s"),
        "proposed": _("A proposal for your dispute %(reference)s"),
        "withdrawn": _("You have withdrawn your dispute %(reference)s"),
        "expired": _("Your dispute %(reference)s is closed without an answer"),
        "reopened": _("Your dispute %(reference)s is open again"),
        "closed": _("Your dispute %(reference)s is closed"),
    }[mail.letter] % values


def _decision_heading(mail: DisputeLetter) -> str:
    return {
        "accepted": _("Your dispute %(reference)s is accepted"),
        "accepted_in_part": _("Your dispute %(reference)s is accepted in part: %(upheld)s"),
    }.get(mail.outcome, _("Your dispute %(reference)s is not accepted"))


def letter_sentences(mail: DisputeLetter) -> list[str]:
    """What it says, one paragraph each; before and after "
    "it stand what was written and the table."""
    found = [_what_happened(mail)]
    if mail.letter in ("opened", "acknowledged", "reopened"):
        if mail.owner_name:
            found.append(_("%(name)s looks into it.") % {"name": mail.owner_name})
        if mail.due_on is not None:
            found.append(_("You hear from us by %(day)s.") % {"day": day(mail.due_on)})
        found.append(
            _(
                "Until it is decided, we do not ask you for the "
                "disputed amount. The rest can be paid as usual."
            )
        )
    if mail.letter in ("questioned", "reminded") and mail.answer_by is not None:
        found.append(
            _(
                "Please answer by %(day)s. Without an answer, we close "
                "the dispute and the amount is due again."
            )
            % {"day": day(mail.answer_by)}
        )
    if mail.letter in ("decided", "withdrawn", "expired") and mail.grace_until is not None:
        found.append(
            _(
                "We do not ask for what remains before %(day)s has "
                "passed. Its due date stays the same."
            )
            % {"day": day(mail.grace_until)}
        )
    if mail.letter in ("decided", "expired") and mail.reopen_until and mail.outcome != "accepted":
        found.append(
            _("Do you see it differently? You can answer once more until %(day)s.")
            % {"day": day(mail.reopen_until)}
        )
    return found


def _what_happened(mail: DisputeLetter) -> str:
    values = {
        "amount": money(mail.disputed),
        "upheld": money(mail.upheld),
        "proposed": money(mail.proposed),
        "reference": mail.reference,
    }
    if mail.letter == "decided":
        return {
            "accepted": _(
                "You are right: %(upheld)s is taken back. The credit "
                "note follows, and you need not do anything."
            ),
            "accepted_in_part": _(
                "Of the %(amount)s you dispute, %(upheld)s is taken back. The credit note follows."
            ),
        }.get(mail.outcome, _("We have looked into it, and the invoice stays as it is.")) % values
    return {
        "opened": _(
            "Thank you for telling us. Your dispute over %(amount)s has the number %(reference)s."
        ),
        "acknowledged": _("Your dispute over %(amount)s has reached the right people here."),
        "questioned": _("To decide on your dispute over %(amount)s, we need something from you."),
        "wrote": _("There is a message about your dispute over %(amount)s."),
        "reminded": _(
            "We asked you something about your dispute over %(amount)s, and still need your answer."
        ),
        "proposed": _(
            "Of the %(amount)s you dispute, we propose to take back "
            "%(proposed)s. You can agree, or write to us."
        ),
        "withdrawn": _(
            "You have taken back your dispute over %(amount)s. If "
            "that was a mistake, you can open it again."
        ),
        "expired": _(
            "We asked you something about your dispute over "
            "%(amount)s and had no answer, so it is closed."
        ),
        "reopened": _("Thank you. We look into your dispute over %(amount)s once more."),
        "closed": _("Everything about your dispute over %(amount)s is done."),
    }[mail.letter] % values


def memo_heading(mail: DisputeMemo) -> str:
    """What a mail to staff says first, and its subject."""
    values = {
        "reference": mail.reference,
        "debtor": mail.debtor_name,
        "amount": money(mail.disputed),
    }
    if mail.memo == "warning":
        return _warning_heading(mail) % values
    urgent = mail.memo == "opened" and mail.is_urgent
    text = {
        "opened": _("%(debtor)s disputes %(amount)s (%(reference)s)"),
        "answered": _("%(debtor)s has answered (%(reference)s)"),
        "agreed": _("%(debtor)s agrees to your proposal (%(reference)s)"),
        "withdrawn": _("%(debtor)s has withdrawn the dispute (%(reference)s)"),
        "expired": _("No answer from %(debtor)s: the dispute is closed (%(reference)s)"),
        "reopened": _(
            "%(debtor)s does not agree, and has opened the dispute again (%(reference)s)"
        ),
    }[mail.memo] % values
    return _("Urgent, possible fraud: %(what)s") % {"what": text} if urgent else text


def _warning_heading(mail: DisputeMemo) -> str:
    if mail.percent >= 150:
        return _("Far too late: dispute %(reference)s of %(debtor)s")
    if mail.percent >= 100:
        return _("Overdue: dispute %(reference)s of %(debtor)s")
    return _("Soon overdue: dispute %(reference)s of %(debtor)s")


def memo_sentences(mail: DisputeMemo) -> list[str]:
    """What it says, one paragraph each."""
    found = [f"{reason_words(mail.reason)}. {', '.join(mail.numbers)}: {money(mail.disputed)}"]
    if mail.is_late and mail.memo == "opened":
        found.append(_("It came after the time your terms give for disputes."))
    if mail.term is not None and mail.due_on is not None:
        found.append(
            _("Next: %(what)s, by %(day)s.")
            % {"what": term_words(mail.term), "day": day(mail.due_on)}
        )
    return found

"""The supplier's timeline: what both sides may know, and what only staff may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.dunning_words import DUNNING
from backoffice.lifecycle_words import LIFECYCLE
from backoffice.portfolio_words import PORTFOLIO
from backoffice.watch_timeline import WATCHED
from backoffice.worklist_words import WORKLIST
from receivables.bank import events as bank
from receivables.collection import events as collection
from receivables.credit import events as credit
from receivables.handover import events as handover
from receivables.history import Happening
from receivables.i18n import day, money, translate_plural
from receivables.i18n import translate as _
from receivables.ids import SupplierId
from receivables.intake import events as intake
from receivables.interest import events as interest
from receivables.parties.tables import Contact, Staff
from receivables.payers import events as payers
from receivables.replies import events as replies
from receivables.web.parts import TimelineEntry
from receivables.web.timeline import WORDINGS, entries_for_staff
from receivables.web.wordings import Wordings, with_amount, wording
from receivables.wording import events as words


def _payer_class(event: Any) -> str:
    return _("Payer class %(after)s instead of %(before)s.") % {
        "before": event.before,
        "after": event.after,
    }


def _solvency_class(event: Any) -> str:
    if event.after == "none":
        return _("No source says anything of the solvency any more.")
    return _("Solvency class %(after)s.") % {"after": event.after}


def _limit(event: Any) -> str:
    if event.limit is None:
        return _("The credit limit was taken away.")
    return _("Credit limit %(amount)s.") % {"amount": money(event.limit)}


def _terms(event: Any) -> str:
    if event.days is None:
        return _("Terms of payment: as each invoice says.")
    return translate_plural(
        "Terms of payment: %(num)s day.", "Terms of payment: %(num)s days.", event.days
    ) % {"num": event.days}


def _cover(event: Any) -> str:
    if not event.policy_number:
        return _("The claims are not insured any more.")
    return _("The claims are insured under policy %(number)s.") % {"number": event.policy_number}


def _prepayment(event: credit.PrepaymentChanged) -> str:
    if event.since is None:
        return _("Delivered on terms again")
    return _("Delivered against payment in advance only")


def _stopped(event: Any) -> str:
    if event.until is None:
        return _("Every demand is stopped.")
    return _("Every demand is stopped until %(day)s.") % {"day": day(event.until)}


_CREDIT: Wordings = {
    credit.PayerClassChanged: wording("person", _payer_class, lambda event: event.reason),
    credit.SolvencyClassChanged: wording("shield", _solvency_class),
    credit.LimitChanged: wording("shield", _limit),
    credit.TermsChanged: wording("calendar", _terms),
    credit.CoverChanged: wording("shield", _cover),
    credit.PrepaymentChanged: wording("shield", _prepayment),
    credit.SelfServiceOpened: wording(
        "check", lambda _event: _("The debtor may agree instalments alone again.")
    ),
    credit.DemandsStopped: wording("alert", _stopped, lambda event: event.reason),
    credit.DemandsResumed: wording("check", lambda _event: _("The stop on demands was lifted.")),
    credit.SelfServiceBlocked: wording(
        "lock",
        lambda event: _("Plans need a person’s answer until %(day)s.") % {"day": day(event.until)},
    ),
    credit.InsolvencyNoted: wording(
        "alert",
        lambda event: (
            _("Insolvent since %(day)s: every demand stops.") % {"day": day(event.insolvent_on)}
        ),
    ),
    credit.InsolvencyRetracted: wording(
        "check", lambda _event: _("The insolvency was taken back.")
    ),
}


_PAYERS: Wordings = {
    payers.PayerClassOverridden: wording(
        "person",
        lambda event: (
            _("Payer class %(name)s until %(day)s, because somebody says so.")
            % {"name": event.payer_class, "day": day(event.until)}
        ),
        lambda event: event.reason,
    ),
    payers.PayerOverrideEnded: wording(
        "person",
        lambda event: (
            (
                _("Payer class %(name)s, as somebody had said, has come to its last day.")
                if event.lapsed
                else _("Payer class %(name)s, as somebody had said, was taken back.")
            )
            % {"name": event.payer_class}
        ),
    ),
}


def _agreed_rate(event: Any) -> str:
    if not event.percent:
        return _("The contract names no rate of late interest any more.")
    return _("The contract names %(percent)s %% of late interest a year.") % {
        "percent": event.percent
    }


def _rate_added(event: Any) -> str:
    return _("A reference rate of %(percent)s %% was added.") % {"percent": event.percent}


def _interest_decided(event: Any) -> str:
    if event.choice == "keep":
        return _("The late interest stays claimed.")
    return _("The late interest was waived.")


_INTEREST: Wordings = {
    interest.InterestPolicyChanged: wording(
        "settings", lambda _event: _("Late interest is claimed otherwise from now on.")
    ),
    interest.InterestNoticeGiven: wording(
        "mail", lambda event: _("Notice was given on %(day)s.") % {"day": day(event.on)}
    ),
    interest.InterestAgreed: wording("file", _agreed_rate),
    interest.RateAdded: wording("activity", _rate_added, lambda event: event.source),
    interest.InterestDecided: wording("check", _interest_decided),
}


def _entry_matched(event: Any) -> str:
    if event.by_person:
        return with_amount(_("%(amount)s on the statement was put to this debtor by hand."), event)
    return with_amount(_("%(amount)s on the statement was recognised."), event)


_INTAKE: Wordings = {
    intake.InvoiceColumnsTold: wording(
        "settings",
        lambda event: _("The columns of “%(name)s” were explained.") % {"name": event.name},
    ),
    intake.InvoiceColumnsForgotten: wording(
        "settings",
        lambda event: _("What the columns of “%(name)s” are was forgotten.") % {"name": event.name},
    ),
    intake.WaitingListDiscarded: wording(
        "close",
        lambda event: (
            _("“%(name)s” was thrown away before it was taken in.") % {"name": event.name}
        ),
    ),
}

_BANK: Wordings = {
    bank.BankStatementTaken: wording(
        "bank",
        lambda event: (
            _("A bank statement up to %(day)s was taken in.") % {"day": day(event.last_on)}
        ),
        lambda event: event.account,
    ),
    bank.CsvLayoutTold: wording(
        "settings",
        lambda event: _("The columns of “%(name)s” were explained.") % {"name": event.name},
    ),
    bank.MatchingPolicyChanged: wording(
        "settings", lambda _event: _("What may be missing of a transfer was changed.")
    ),
    bank.BankEntryMatched: wording("bank", _entry_matched),
    bank.BankPaymentCameBack: wording(
        "back", lambda event: with_amount(_("The bank gave %(amount)s back to the payer."), event)
    ),
    bank.BankEntrySetAside: wording(
        "close",
        lambda event: with_amount(_("%(amount)s on the statement is no debtor’s payment."), event),
    ),
    bank.BankMatchUndone: wording(
        "back", lambda event: with_amount(_("The match of %(amount)s was undone."), event)
    ),
}

_WORDING: Wordings = {
    words.TextChanged: wording(
        "settings",
        lambda event: (
            (
                _("Messages of the step “%(step)s” are in your own words now.")
                if event.own
                else _("Messages of the step “%(step)s” are in our words again.")
            )
            % {"step": event.step}
        ),
        lambda event: event.language,
    )
}

_COLLECTION: Wordings = {
    collection.CollectionFileAsked: wording(
        "file", lambda _event: _("A collection file was asked for.")
    ),
    collection.CollectionFileMade: wording(
        "file",
        lambda _event: _("A collection file was made."),
        lambda event: event.zip_sha256,
    ),
    collection.CollectionFileTaken: wording(
        "download",
        lambda _event: _("The collection file was downloaded."),
        lambda event: f"{event.what.upper()} {event.sha256}",
    ),
}

_HANDOVER: Wordings = {
    handover.HandedOver: wording(
        "send",
        lambda event: (
            _("%(recipient)s collects %(amount)s from now on.")
            % {
                "recipient": event.recipient,
                "amount": ", ".join(money(one) for one in event.amounts),
            }
        ),
        lambda event: event.note or ", ".join(event.numbers),
    ),
    handover.InvoiceHandedOver: wording(
        "send", lambda event: _("%(name)s collects it from now on.") % {"name": event.recipient}
    ),
    handover.TakenBack: wording(
        "back",
        lambda event: (
            _("You collect %(numbers)s yourself again.") % {"numbers": ", ".join(event.numbers)}
        ),
        lambda event: event.why,
    ),
    handover.InvoiceTakenBack: wording(
        "back", lambda _event: _("You collect it yourself again."), lambda event: event.why
    ),
}

_REPLIES: Wordings = {
    replies.ReplyReceived: wording(
        "mail", lambda _event: _("The debtor answered by mail."), lambda event: event.excerpt
    ),
    replies.AutomaticReplyReceived: wording(
        "clock",
        lambda _event: _("An automatic answer came: somebody is away."),
        lambda event: event.excerpt,
    ),
}

#: Every event there is.
OFFICE_WORDINGS: Wordings = {
    **WORDINGS,
    **DUNNING,
    **LIFECYCLE,
    **_CREDIT,
    **_PAYERS,
    **_INTEREST,
    **_BANK,
    **_INTAKE,
    **_HANDOVER,
    **_COLLECTION,
    **_REPLIES,
    **WORKLIST,
    **PORTFOLIO,
    **_WORDING,
    **WATCHED,
}


def timeline(
    session: Session, supplier_id: SupplierId, happenings: Iterable[Happening]
) -> tuple[TimelineEntry, ...]:
    """Sentences with the names of who did it, newest first."""
    happenings = list(happenings)
    people = _people(session, supplier_id, {one.by for one in happenings})
    return tuple(entries_for_staff(happenings, OFFICE_WORDINGS, people))


def _people(session: Session, supplier_id: SupplierId, doers: set[str]) -> dict[str, str]:
    """Names by "staff:<id>" and "contact:<id>"."""
    names: dict[str, str] = {}
    if any(one.startswith("staff:") for one in doers):
        staff = select(Staff.id, Staff.name).where(Staff.supplier_id == supplier_id)
        names.update({f"staff:{row.id}": row.name for row in session.execute(staff)})
    if any(one.startswith("contact:") for one in doers):
        wanted = [one.removeprefix("contact:") for one in doers if one.startswith("contact:")]
        contacts = select(Contact.id, Contact.name).where(
            Contact.supplier_id == supplier_id, Contact.id.in_([UUID(one) for one in wanted])
        )
        names.update({f"contact:{row.id}": row.name for row in session.execute(contacts)})
    return names

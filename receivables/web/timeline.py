"""What happened, as sentences in the reader's language: one table for both faces.

A face adds the events of what only it may know; the portal adds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from receivables.dunning import events as dunning
from receivables.history import Happening
from receivables.i18n import day, money
from receivables.i18n import translate as _
from receivables.interest import events as interest
from receivables.invoices import events as invoices
from receivables.ledger import events as ledger
from receivables.links import events as links
from receivables.payments import events as payments
from receivables.payments import return_events as returns
from receivables.web.channel_words import CHANNELS
from receivables.web.contact_words import CONTACTS
from receivables.web.dispute_words import DISPUTES
from receivables.web.parts import TimelineEntry
from receivables.web.plan_words import PLANS
from receivables.web.promise_words import PROMISES
from receivables.web.wordings import Wordings, with_amount, wording


def _reminded(event: Any) -> str:
    match event.step:
        case "courtesy":
            return with_amount(_("A courtesy notice over %(amount)s was sent."), event)
        case "r1":
            return with_amount(_("The first reminder over %(amount)s was sent."), event)
        case "r2":
            return with_amount(_("The second reminder over %(amount)s was sent."), event)
        case "r3":
            return with_amount(_("The third reminder over %(amount)s was sent."), event)
        case "formal":
            return with_amount(_("A formal notice over %(amount)s was sent."), event)
        case _:
            return with_amount(_("A reminder over %(amount)s was sent."), event)


def _planned(event: Any) -> str:
    return with_amount(_("A reminder over %(amount)s was decided."), event)


def _issued(event: Any) -> str:
    return _("Invoice %(number)s over %(amount)s was issued.") % {
        "number": event.number,
        "amount": money(event.total),
    }


def _credited(event: Any) -> str:
    return _("Credit note %(number)s over %(amount)s was issued.") % {
        "number": event.number,
        "amount": money(event.total),
    }


def _interest_claimed(event: Any) -> str:
    return _("%(amount)s of late interest until %(day)s was claimed: debit note %(number)s.") % {
        "amount": money(event.amount),
        "day": day(event.until),
        "number": event.number,
    }


def _interest_credited(event: Any) -> str:
    return _("%(amount)s of debit note %(number)s is not owed any more.") % {
        "amount": money(event.amount),
        "number": event.number,
    }


def _paid(event: Any) -> str:
    if event.method:
        return _("%(amount)s was paid: %(method)s.") % {
            "amount": money(event.amount),
            "method": event.method,
        }
    return with_amount(_("%(amount)s was paid."), event)


def _on_its_way(event: Any) -> str:
    return with_amount(_("A payment of %(amount)s is at the bank."), event)


def _transferred(event: Any) -> str:
    return with_amount(_("%(amount)s arrived by bank transfer."), event)


def _refunded(event: Any) -> str:
    return with_amount(_("A refund of %(amount)s was made."), event)


def _made_at(event: Any) -> str:
    return _("Made at Stripe itself") if event.external else ""


def _reopened(event: Any) -> str:
    if event.cause == "refund":
        return with_amount(_("%(amount)s was sent back and is owed again."), event)
    return with_amount(_("%(amount)s was taken back by the bank and is owed again."), event)


def _chargeback_closed(event: Any) -> str:
    if event.outcome == "won":
        return with_amount(_("The bank decided for us: %(amount)s stays."), event)
    if event.outcome == "lost":
        return with_amount(_("The bank decided against us: %(amount)s is gone."), event)
    return with_amount(_("The bank's inquiry about %(amount)s came to nothing."), event)


#: Every event of `receivables`; `shown_to_debtor` of the event decides who may read it.
WORDINGS: Wordings = {
    **DISPUTES,
    invoices.InvoiceIssued: wording("file", _issued),
    invoices.CreditNoteIssued: wording("file", _credited),
    interest.InterestClaimed: wording("receipt", _interest_claimed),
    interest.InterestCredited: wording("close", _interest_credited),
    ledger.CreditAllocated: wording(
        "check",
        lambda event: with_amount(_("%(amount)s of credit was put against it."), event),
    ),
    ledger.TransferBooked: wording("bank", _transferred),
    ledger.TransferUnapplied: wording(
        "bank",
        lambda event: with_amount(
            _("%(amount)s arrived by bank transfer and is kept for later."), event
        ),
    ),
    ledger.TransferReversed: wording(
        "back",
        lambda event: with_amount(
            _("%(amount)s that had arrived by bank transfer was taken off again."), event
        ),
    ),
    ledger.AllocationUndone: wording(
        "back",
        lambda event: with_amount(_("%(amount)s was taken off it again and is kept."), event),
    ),
    ledger.WrittenOff: wording(
        "close",
        lambda event: with_amount(_("%(amount)s was waived."), event),
        lambda event: event.why,
    ),
    ledger.WriteOffReversed: wording(
        "again", lambda event: with_amount(_("%(amount)s that was waived is owed again."), event)
    ),
    dunning.ReminderDue: wording("calendar", _planned),
    dunning.ReminderSent: wording("mail", _reminded),
    dunning.InvoiceReminded: wording("mail", _reminded),
    dunning.ReminderSkipped: wording(
        "mail", lambda _event: _("A reminder was not sent: there was no reason to any more.")
    ),
    dunning.ReminderUnknown: wording(
        "alert", lambda _event: _("Nobody knows whether a reminder arrived.")
    ),
    dunning.ReminderFailed: wording(
        "alert", lambda _event: _("A reminder could not be delivered."), lambda event: event.reason
    ),
    dunning.ThanksSent: wording(
        "receipt",
        lambda event: with_amount(_("Thanks and a receipt for %(amount)s were sent."), event),
    ),
    dunning.ThanksNotSent: wording(
        "alert", lambda _event: _("The receipt could not be delivered."), lambda event: event.reason
    ),
    payments.PaymentStarted: wording(
        "card", lambda event: with_amount(_("A payment of %(amount)s was begun."), event)
    ),
    payments.PaymentProcessing: wording("clock", _on_its_way, lambda event: event.method),
    payments.PaymentSettled: wording("paid", _paid),
    payments.PaymentAllocated: wording("paid", _paid),
    payments.SurplusReceived: wording(
        "paid",
        lambda event: with_amount(_("%(amount)s more than was owed came in and is kept."), event),
    ),
    payments.PaymentFailed: wording(
        "close",
        lambda event: with_amount(_("A payment of %(amount)s was refused."), event),
        lambda event: event.code,
    ),
    payments.PaymentExpired: wording(
        "close", lambda event: with_amount(_("A payment of %(amount)s was abandoned."), event)
    ),
    payments.MethodSaved: wording(
        "card", lambda event: _("%(method)s was saved.") % {"method": event.label}
    ),
    payments.MethodNotSaved: wording(
        "alert", lambda _event: _("What was paid with could not be saved.")
    ),
    payments.MethodRenewed: wording(
        "card",
        lambda event: _("The bank renewed a saved card: %(method)s.") % {"method": event.label},
    ),
    payments.MethodExpired: wording(
        "alert", lambda event: _("%(method)s has expired.") % {"method": event.label}
    ),
    payments.MethodRefused: wording(
        "alert",
        lambda event: _("%(method)s can no longer be charged.") % {"method": event.label},
        lambda event: event.code,
    ),
    payments.MethodRemoved: wording(
        "close", lambda event: _("%(method)s was removed.") % {"method": event.label}
    ),
    payments.PaymentUnknown: wording(
        "alert",
        lambda event: with_amount(_("The outcome of a payment of %(amount)s is unknown."), event),
    ),
    returns.RefundRequested: wording(
        "back",
        lambda event: with_amount(_("A refund of %(amount)s was decided."), event),
        lambda event: event.why,
    ),
    returns.RefundRefused: wording(
        "alert",
        lambda event: with_amount(_("Stripe refused a refund of %(amount)s."), event),
        lambda event: event.code,
    ),
    returns.RefundMade: wording("back", _refunded, _made_at),
    returns.RefundArrived: wording(
        "check", lambda event: with_amount(_("The refund of %(amount)s has arrived."), event)
    ),
    returns.RefundFailed: wording(
        "alert",
        lambda event: with_amount(_("The refund of %(amount)s came back undelivered."), event),
        lambda event: event.code,
    ),
    returns.InvoiceReopened: wording("again", _reopened),
    returns.InvoicePaidAgain: wording(
        "paid", lambda event: with_amount(_("%(amount)s that was owed again is paid."), event)
    ),
    returns.ChargebackOpened: wording(
        "alert",
        lambda event: (
            with_amount(_("The payer's bank asks about a payment of %(amount)s."), event)
            if event.inquiry
            else with_amount(_("The payer's bank contests a payment of %(amount)s."), event)
        ),
        lambda event: event.reason,
    ),
    returns.ChargebackWithdrawn: wording(
        "back",
        lambda event: with_amount(_("The bank took a payment of %(amount)s back."), event),
        lambda event: event.reason,
    ),
    returns.ChargebackReinstated: wording(
        "paid", lambda event: with_amount(_("The bank gave %(amount)s back to us."), event)
    ),
    returns.ChargebackClosed: wording("info", _chargeback_closed, lambda event: event.reason),
    returns.CardPaymentsStopped: wording(
        "alert",
        lambda _event: _("The Stripe account takes no payments any more."),
        lambda event: event.reason,
    ),
    returns.CardPaymentsResumed: wording(
        "card", lambda _event: _("The Stripe account takes payments again.")
    ),
    links.NewLinkRequested: wording(
        "link",
        lambda event: (
            _("A new link was asked for.")
            if event.was_asked_for
            else _("A link is sent by the supplier.")
        ),
    ),
    links.LinkSent: wording("link", lambda _event: _("A personal link was sent by mail.")),
    links.LinkNotSent: wording(
        "alert",
        lambda _event: _("A personal link could not be delivered."),
        lambda event: event.reason,
    ),
    links.LinkRevoked: wording("unlink", lambda _event: _("A personal link was closed.")),
    links.CodeRequested: wording(
        "lock", lambda _event: _("A code was sent by mail to confirm who is asking.")
    ),
    links.VisitConfirmed: wording(
        "lock", lambda _event: _("The code from the mail was typed: it is who it should be.")
    ),
    links.WrongCodes: wording(
        "alert", lambda _event: _("A code was typed wrongly until it was good no longer.")
    ),
    **PROMISES,
    **CONTACTS,
    **CHANNELS,
    **PLANS,
}


def entries_for_debtor(happenings: Iterable[Happening]) -> list[TimelineEntry]:
    """What the debtor may read of it, newest first; neither details nor names of staff."""
    return [
        TimelineEntry(at=one.at, icon=told.icon, sentence=told.sentence(one.event))
        for one in sorted(happenings, key=lambda one: one.at, reverse=True)
        if one.event.shown_to_debtor and (told := WORDINGS[type(one.event)])
    ]


def entries_for_staff(
    happenings: Iterable[Happening], wordings: Wordings, people: Mapping[str, str]
) -> list[TimelineEntry]:
    """All of it, newest first; `people` are names by what `Happening.by` calls them."""
    return [
        TimelineEntry(
            at=one.at,
            icon=wordings[type(one.event)].icon,
            sentence=wordings[type(one.event)].sentence(one.event),
            detail=wordings[type(one.event)].detail(one.event),
            actor=people.get(one.by, ""),
        )
        for one in sorted(happenings, key=lambda one: one.at, reverse=True)
    ]

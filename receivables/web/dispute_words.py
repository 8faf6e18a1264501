"""What happened in disputes, as sentences for the timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from receivables.disputes import events
from receivables.disputes.wording import (
    department_words,
    outcome_words,
    reason_words,
    term_words,
)
from receivables.i18n import money
from receivables.i18n import translate as _
from receivables.web.wordings import Wording, Wordings, wording


def _told(symbol: str, sentence: Callable[[], str]) -> Wording:
    """A sentence about nothing but which dispute it is."""
    return wording(symbol, lambda event: sentence() % {"reference": event.reference})


def _disputed(event: Any) -> str:
    values = {"reference": event.reference, "amount": money(event.amount)}
    return _("%(amount)s was disputed (%(reference)s).") % values


def _decided(event: Any) -> str:
    values = {
        "reference": event.reference,
        "outcome": outcome_words(event.outcome),
        "amount": money(event.amount),
    }
    if not event.amount:
        return _("Dispute %(reference)s was decided: %(outcome)s.") % values
    return _("Dispute %(reference)s was decided: %(outcome)s, %(amount)s.") % values


def _proposed(event: Any) -> str:
    values = {"reference": event.reference, "amount": money(event.amount)}
    return _("For dispute %(reference)s, %(amount)s was proposed.") % values


def _taken_back(event: Any) -> str:
    values = {"reference": event.reference, "amount": money(event.amount)}
    if not event.amount:
        return _("Dispute %(reference)s was not accepted.") % values
    return _("Dispute %(reference)s: %(amount)s is taken back.") % values


def _running_out(event: Any) -> str:
    return _("Dispute %(reference)s: %(percent)s %% of the time to %(what)s is used up.") % {
        "reference": event.reference,
        "percent": event.percent,
        "what": term_words(event.term),
    }


DISPUTES: Wordings = {
    events.DisputeOpened: wording("alert", _disputed, lambda event: reason_words(event.reason)),
    events.InvoiceDisputed: wording("alert", _disputed),
    events.DisputeAcknowledged: _told("eye", lambda: _("Dispute %(reference)s is looked into.")),
    events.DisputeQuestioned: _told(
        "mail", lambda: _("A question was asked about dispute %(reference)s.")
    ),
    events.DisputeReminded: _told(
        "mail", lambda: _("An answer about dispute %(reference)s was asked for again.")
    ),
    events.DebtorWrote: _told("mail", lambda: _("The customer wrote about dispute %(reference)s.")),
    events.SupplierWrote: _told(
        "mail", lambda: _("The supplier wrote about dispute %(reference)s.")
    ),
    events.DisputeNoted: _told("file", lambda: _("A note was made about dispute %(reference)s.")),
    events.ColleagueAsked: _told(
        "people", lambda: _("A colleague was asked about dispute %(reference)s.")
    ),
    events.DisputeAssigned: wording(
        "person",
        lambda event: (
            _("Somebody else answers for dispute %(reference)s.") % {"reference": event.reference}
        ),
        lambda event: department_words(event.department),
    ),
    events.DisputeProposed: wording("mail", _proposed),
    events.DisputeDecided: wording("check", _decided),
    events.InvoiceDisputeDecided: wording("check", _taken_back),
    events.DisputeWithdrawn: _told("back", lambda: _("Dispute %(reference)s was withdrawn.")),
    events.DisputeExpired: _told(
        "clock", lambda: _("Dispute %(reference)s was closed without an answer.")
    ),
    events.DisputeReopened: _told("again", lambda: _("Dispute %(reference)s was opened again.")),
    events.DisputeClosed: _told("check", lambda: _("Dispute %(reference)s was closed.")),
    events.TermRunningOut: wording("clock", _running_out),
    events.DisputeMailNotSent: wording(
        "alert",
        lambda event: (
            _("A mail about dispute %(reference)s could not be delivered.")
            % {"reference": event.reference}
        ),
        lambda event: event.reason,
    ),
}

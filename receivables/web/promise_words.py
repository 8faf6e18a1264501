"""What happened to promises and to declarations of having paid, as sentences."""

from __future__ import annotations

from typing import Any

from receivables.i18n import day, money
from receivables.i18n import translate as _
from receivables.promises import events as promises
from receivables.web.wordings import Wordings, with_amount, wording


def _promised(event: Any) -> str:
    return _("%(amount)s was promised by %(day)s.") % {
        "amount": money(event.amount),
        "day": day(event.promised_on),
    }


def _broken(event: Any) -> str:
    if event.received.minor > 0:
        return _("Of the %(amount)s promised by %(day)s, %(received)s arrived in time.") % {
            "amount": money(event.amount),
            "day": day(event.promised_on),
            "received": money(event.received),
        }
    return _("The %(amount)s promised by %(day)s did not arrive.") % {
        "amount": money(event.amount),
        "day": day(event.promised_on),
    }


def _claimed(event: Any) -> str:
    return _("%(amount)s is said to have been paid on %(day)s.") % {
        "amount": money(event.amount),
        "day": day(event.paid_on),
    }


#: Every event of promises.
PROMISES: Wordings = {
    promises.PromiseMade: wording("calendar", _promised),
    promises.PromiseKept: wording(
        "check",
        lambda event: with_amount(_("The promise of %(amount)s was kept. Thank you!"), event),
    ),
    promises.PromiseBroken: wording("overdue", _broken),
    promises.PromiseSuperseded: wording(
        "calendar",
        lambda event: with_amount(
            _("Another promise took the place of the one of %(amount)s."), event
        ),
    ),
    promises.PromiseCancelled: wording(
        "close", lambda event: with_amount(_("The promise of %(amount)s was taken back."), event)
    ),
    promises.PromiseNotConfirmed: wording(
        "alert",
        lambda _event: _("The mail about a promise could not be delivered."),
        lambda event: event.reason,
    ),
    promises.SaidToBePaid: wording("bank", _claimed),
    promises.ClaimApproved: wording(
        "check",
        lambda event: with_amount(_("We look for the payment of %(amount)s again."), event),
    ),
    promises.ClaimRefused: wording(
        "close",
        lambda event: with_amount(
            _("A proof is needed for the payment of %(amount)s before it is looked for again."),
            event,
        ),
    ),
    promises.ClaimMatched: wording(
        "check", lambda event: with_amount(_("The payment of %(amount)s was found."), event)
    ),
    promises.ClaimNotFound: wording(
        "search", lambda event: with_amount(_("The payment of %(amount)s was not found."), event)
    ),
    promises.ProofAsked: wording(
        "mail",
        lambda event: with_amount(_("A proof of the payment of %(amount)s was asked for."), event),
    ),
    promises.ProofNotAsked: wording(
        "alert",
        lambda _event: _("The mail that asks for a proof of payment could not be delivered."),
        lambda event: event.reason,
    ),
}

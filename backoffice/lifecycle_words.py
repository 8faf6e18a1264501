"""The life cycle of e-invoices in the reader's language: what a status is called, what followed."""

from __future__ import annotations

from typing import Any

from receivables.i18n import day, later, money
from receivables.i18n import translate as _
from receivables.lifecycle import events as lifecycle
from receivables.lifecycle.codes import Status
from receivables.lifecycle.tables import Outcome
from receivables.web.wordings import Wordings, wording

_NAMES = {
    Status.SUBMITTED: later("submitted"),
    Status.ISSUED: later("issued by the platform"),
    Status.RECEIVED: later("received by the platform"),
    Status.MADE_AVAILABLE: later("made available"),
    Status.IN_HAND: later("in hand"),
    Status.APPROVED: later("approved"),
    Status.APPROVED_IN_PART: later("approved in part"),
    Status.IN_DISPUTE: later("in dispute"),
    Status.SUSPENDED: later("suspended"),
    Status.COMPLETED: later("completed"),
    Status.REFUSED: later("refused"),
    Status.PAYMENT_SENT: later("payment sent"),
    Status.CASHED: later("cashed"),
    Status.REJECTED: later("rejected by a platform"),
}

_OUTCOMES = {
    Outcome.NOT_MATCHED: later("No invoice of yours has this number and date."),
    Outcome.RECORDED: later("Noted; nothing follows."),
    Outcome.OVERTAKEN: later("The buyer had said something newer; nothing follows."),
    Outcome.NOTHING_OPEN: later("Nothing of the invoice is open; nothing follows."),
    Outcome.DISPUTED: later("A dispute was opened."),
    Outcome.ADDED: later("It was added to the open dispute."),
    Outcome.SAID_TO_BE_PAID: later("Reminders wait while the payment is looked for."),
}

_WHY = {
    "no_document": later("The document is no e-invoice that can be read."),
    "no_seller": later("The e-invoice gives no number of the seller."),
    "no_tax": later("The e-invoice does not say the VAT by rate."),
}


def status_name(status: int) -> str:
    """What a status is called; its number where it has no name here."""
    known = {int(one): words for one, words in _NAMES.items()}
    return _(known[status]) if status in known else str(status)


def outcome_words(outcome: str) -> str:
    return _(_OUTCOMES[Outcome(outcome)])


def why_words(why: str) -> str:
    """Why a status cannot be sent; "" for one that can."""
    return _(_WHY[why]) if why in _WHY else ""


def _received(event: Any) -> str:
    return _("Status %(status)s of the e-invoice came: %(name)s.") % {
        "status": event.status,
        "name": status_name(event.status),
    }


def _reported(event: Any) -> str:
    amount = -event.amount if event.amount.minor < 0 else event.amount
    values = {"amount": money(amount), "day": day(event.cashed_on)}
    if event.amount.minor < 0:
        return _("Status 212: %(amount)s went back on %(day)s.") % values
    return _("Status 212: %(amount)s cashed on %(day)s.") % values


LIFECYCLE: Wordings = {
    lifecycle.StatusReceived: wording("file", _received, lambda event: event.words),
    lifecycle.CashReported: wording("file", _reported),
    lifecycle.CashNotReportable: wording(
        "alert",
        lambda _event: _("Status 212 cannot be sent."),
        lambda event: why_words(event.why),
    ),
}

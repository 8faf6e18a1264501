"""What a health check did, as sentences for the supplier's timeline."""

from __future__ import annotations

from datetime import date
from typing import Any

from monitoring.portfolio import events as portfolio
from receivables.i18n import day, translate_plural
from receivables.i18n import translate as _
from receivables.web.wordings import Wordings, wording


def _asked(event: Any) -> str:
    return (
        _("A health check of your own debtors was asked for.")
        if event.source == "book"
        else _("A health check of a file of customers was asked for.")
    )


def _deleted(event: Any) -> str:
    words = translate_plural(
        "A health check of %(num)s customer was deleted.",
        "A health check of %(num)s customers was deleted.",
        event.customers,
    )
    return words % {"num": event.customers}


PORTFOLIO: Wordings = {
    portfolio.CheckAsked: wording(
        "shield",
        _asked,
        lambda event: _("Kept until %(day)s") % {"day": day(date.fromisoformat(event.delete_on))},
    ),
    portfolio.CheckDeleted: wording("close", _deleted),
    portfolio.PutUnderWatch: wording(
        "eye", lambda _event: _("Written down from a health check, to be watched.")
    ),
}

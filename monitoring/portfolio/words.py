"""How the report names what it is made of, in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from monitoring.bands import Band
from monitoring.feeds.scales import name_of
from monitoring.portfolio.cover import Way
from monitoring.portfolio.identify import FILE_SOURCE
from monitoring.portfolio.rules import Flaw, How, Status
from receivables.credit.rules import PayerClass
from receivables.i18n import percent, pgettext
from receivables.i18n import translate as _


def percent_words(fraction: Decimal) -> str:
    """To one digit: more would be an exactness that no score has."""
    return percent(round(fraction, 3))


def band_words(band: Band | None) -> str:
    """A class in a list of classes."""
    if band is None:
        return _("insolvent or dissolved")
    return _("not scored") if band is Band.NONE else str(band.value)


def status_words(status: Status) -> str:
    return {
        Status.INSOLVENT: _("insolvent"),
        Status.DISSOLVED: _("dissolved"),
        Status.ACTIVE: pgettext("company", "active"),
        Status.UNKNOWN: "",
    }[status]


def payer_words(payer: PayerClass) -> str:
    return _("too little history") if payer is PayerClass.N else str(payer.value)


def source_words(source: str) -> str:
    return _("class in the file") if source == FILE_SOURCE else name_of(source)


def how_words(how: How) -> str:
    return {
        How.REGISTER: _("register number"),
        How.VAT: _("VAT number"),
        How.NAME: _("name and place"),
        How.PERSON: _("a person said so"),
        How.NOTHING: "–",
    }[how]


def flaw_words(flaw: Flaw) -> str:
    return {
        Flaw.NO_NUMBER: _("no register or VAT number"),
        Flaw.WRONG_NUMBER: _("a number whose check digits are wrong"),
        Flaw.NUMBER_OF_ANOTHER: _("the number of a company of another name"),
        Flaw.NO_COUNTRY: _("no country"),
        Flaw.NO_PLACE: _("neither postcode nor place"),
        Flaw.NO_EMAIL: _("no e-mail address"),
        Flaw.NO_BALANCE: _("no balance"),
        Flaw.NO_LIMIT: _("no credit limit"),
        Flaw.NO_TERMS: _("no terms of payment"),
        Flaw.OVERDUE_ABOVE_OPEN: _("more overdue than open"),
    }[flaw]


def way_words(way: Way) -> str:
    return {
        Way.RESERVE: _("Own reserve"),
        Way.INSURANCE: _("Credit insurance"),
        Way.FACTORING: _("Factoring without recourse"),
        Way.LETTERS: _("Letters of credit, abroad"),
    }[way]


def figure_words(what: str) -> str:
    """The amounts that are held against the last check."""
    return {
        "exposure": _("Open"),
        "overdue": _("Overdue"),
        "red": _("On the red list"),
        "uninsured": _("Not insured"),
        "expected_loss": _("Expected loss"),
    }[what]

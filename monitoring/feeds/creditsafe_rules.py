"""Creditsafe's event rules and words: which of its changes concern a creditor, and how.

Rules have codes by country, but for the global ones; so they are known by what they are called.
Source: Creditsafe Connect, Global Monitoring, special event rules: 101 is the international score
(param0 bands lost, param1 "Any" for both ways, param2 whether the new band is told), 102 the credit
limit (param0 currency, param1 percent less, param2 below that amount).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from monitoring.insolvency.kinds import EventKind


class About(StrEnum):
    SCORE = "score"
    LIMIT = "limit"
    STATUS = "status"
    JUDGEMENT = "judgement"
    ACCOUNTS = "accounts"
    ADDRESS = "address"
    NAME = "name"
    OTHER = "other"


_BY_CODE: Final = {101: About.SCORE, 102: About.LIMIT, 105: About.ADDRESS}
#: In this order: "Company status - insolvency judgement" is about the status.
_BY_WORD: Final = (
    (About.SCORE, r"score|rating"),
    (About.LIMIT, r"limit"),
    (About.STATUS, r"status|insolven|liquidat|bankrupt|winding|wound|dissol|strik|struck"),
    (About.JUDGEMENT, r"judge?ment|\bccj|protest|negative|privilege|default|inscription"),
    (About.ACCOUNTS, r"account|filing|filed|balance sheet"),
    (About.ADDRESS, r"address"),
    (About.NAME, r"\bname"),
)

#: Whatever may move rating, limit or status is heard of; the others cost attention only.
WANTED: Final = frozenset(
    {About.SCORE, About.LIMIT, About.STATUS, About.JUDGEMENT, About.ACCOUNTS, About.ADDRESS}
)
#: After these the company is looked at anew.
MOVING: Final = frozenset({About.SCORE, About.LIMIT, About.STATUS, About.JUDGEMENT, About.ACCOUNTS})

#: param0, param1, param2 of the rules that take any.
PARAMETERS: Final = {101: ("", "Any", "true"), 102: ("Any", "1", "")}


def about(code: int, name: str) -> About:
    """What a rule is about; its code decides where it is one of the global ones."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    words = name.lower()
    return next((one for one, pattern in _BY_WORD if re.search(pattern, words)), About.OTHER)


_STATUSES: Final = (
    (EventKind.VOLUNTARY_WINDING_UP, r"members|voluntary (winding|dissolution)|amiable|solvent"),
    (
        EventKind.LIQUIDATION,
        r"bankrupt|compulsory|creditors|faillite|konkurs|fall?iment|judicial liquidation"
        r"|liquidation judiciaire|in insolvency|insolvent",
    ),
    (
        EventKind.REORGANISATION,
        r"administration|receiver|moratorium|arrangement|redressement|reorgani[sz]ation|concordat",
    ),
    # Whether it can pay its creditors, "in liquidation" alone does not say.
    (EventKind.HUMAN_READ, r"liquidat|insolven|winding|wound"),
    (EventKind.DISSOLVED, r"dissol"),
    (EventKind.STRUCK_OFF, r"struck|strik|removed|deleted|radi[ée]"),
    (EventKind.INACTIVE, r"in-?active|non-?active|dormant|ceased|closed|non-?trading"),
)
_NEGATED: Final = re.compile(r"\binsolvent\b|\binsolven", re.IGNORECASE)


def kind_of_status(status: str) -> EventKind | None:
    """What a company's status says to a creditor; None while it trades.

    Words that leave open whether creditors are paid are for a person to read.
    """
    words = status.lower()
    for kind, pattern in _STATUSES:
        if kind is EventKind.VOLUNTARY_WINDING_UP and _NEGATED.search(words):
            continue
        if re.search(pattern, words):
            return kind
    return None


#: In which currency Creditsafe gives a limit, by the company's country; its answers do not say.
_CURRENCIES: Final = {
    "GB": "GBP", "CH": "CHF", "LI": "CHF", "SE": "SEK", "NO": "NOK", "DK": "DKK", "PL": "PLN",
    "CZ": "CZK", "HU": "HUF", "US": "USD", "CA": "CAD", "RO": "RON", "BG": "EUR",
    **dict.fromkeys(
        ("FR", "BE", "DE", "NL", "LU", "IT", "ES", "AT", "IE", "PT", "FI", "GR", "SK", "SI", "HR",
         "EE", "LV", "LT"),
        "EUR",
    ),
}  # fmt: skip


def currency_of(country: str) -> str | None:
    return _CURRENCIES.get(country.upper())

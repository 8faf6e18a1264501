"""Every source there is, with what it gives, its scale, its rhythm and its limits.

Raw scores of two sources are never compared: each feed maps its own scale to bands A to E, as
`mapping` says, and only bands may stand side by side.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from monitoring.feeds.contract import Gives, Limit, Source, Way

#: Without a successful run for two days a source counts as silent.
_TWO_DAYS: Final = timedelta(hours=48)

_HUNDRED = "0-100"
_FLOORS = "80 and more is A, 60 B, 40 C, 20 D, below that E"

BUREAU: Final = Source(
    key="bureau",
    gives=frozenset({Gives.SCORES}),
    way=Way.ASKED,
    scale=_HUNDRED,
    mapping=f"0 fails soon, 100 is safe: {_FLOORS}; insolvent or dissolved is E",
    schemes=("SIREN", "KBO", "UID", "VAT", "CRN"),
    asked_every=timedelta(minutes=5),
    silent_after=_TWO_DAYS,
)

FILE: Final = Source(
    key="file",
    gives=frozenset({Gives.SCORES}),
    way=Way.FILE,
    scale=_HUNDRED,
    mapping=f"0 worst, 100 best: {_FLOORS}, unless the line names the band",
)

CREDITSAFE: Final = Source(
    key="creditsafe",
    gives=frozenset({Gives.SCORES, Gives.EVENTS}),
    way=Way.ASKED,
    # Each country has a local score of its own, so the scale names the country: creditsafe-GB.
    scale="creditsafe",
    mapping=(
        "the common value A (very low risk) to E (not rated, or high risk with no limit) is the"
        " band; a company that no longer trades is E"
    ),
    schemes=("SIREN", "KBO", "UID", "CRN", "VAT"),
    asked_every=timedelta(minutes=15),
    silent_after=_TWO_DAYS,
)

KBO: Final = Source(
    key="kbo",
    gives=frozenset({Gives.EVENTS}),
    way=Way.FILE,
    schemes=("KBO", "VAT"),
    # Full files come once a month, updates every day.
    late_after=timedelta(days=35),
)

COMPANIES_HOUSE: Final = Source(
    key="companies_house",
    gives=frozenset({Gives.EVENTS}),
    way=Way.ASKED,
    schemes=("CRN",),
    # Source: https://developer.company-information.service.gov.uk/developer-guidelines
    limit=Limit(600, timedelta(minutes=5)),
    asked_every=timedelta(hours=24),
    silent_after=_TWO_DAYS,
    answers_always=True,
)

BODACC: Final = Source(
    key="bodacc",
    gives=frozenset({Gives.EVENTS}),
    way=Way.ASKED,
    schemes=("SIREN",),
    asked_every=timedelta(hours=2),
    silent_after=_TWO_DAYS,
)

SHAB: Final = Source(
    key="shab",
    gives=frozenset({Gives.EVENTS}),
    way=Way.ASKED,
    schemes=("UID",),
    limit=Limit(1, timedelta(seconds=1)),
    asked_every=timedelta(hours=2),
    silent_after=_TWO_DAYS,
)

#: Whatever knows a secret of ours and pushes publications.
PUSHED: Final = Source(
    key="pushed",
    gives=frozenset({Gives.EVENTS}),
    way=Way.RECEIVED,
    schemes=("SIREN", "KBO", "UID", "CRN", "VAT"),
)

#: Readings of it carry the payer class and no score; it never speaks for solvency.
PAYMENTS: Final = Source(
    key="payments",
    gives=frozenset({Gives.PAYMENTS}),
    way=Way.OWN,
    scale="A-E",
    mapping="the payer class is the band; too little history is no band",
)

SOURCES: Final = {
    one.key: one
    for one in (BUREAU, CREDITSAFE, FILE, BODACC, SHAB, KBO, COMPANIES_HOUSE, PUSHED, PAYMENTS)
}


def source_of(key: str) -> Source:
    """The source of that key; a name that a file gave itself is a source like `file`."""
    known = SOURCES.get(key)
    return known or Source(
        key=key, gives=FILE.gives, way=Way.FILE, scale=FILE.scale, mapping=FILE.mapping
    )

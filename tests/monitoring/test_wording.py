"""What alerts say, one of each kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from monitoring.alerts.severities import RuleKind
from monitoring.alerts.wording import explained, headline
from monitoring.bands import Band


@dataclass(frozen=True)
class Line:
    kind: RuleKind
    threshold: int = 0
    source: str = "bodacc"
    as_of_on: date = date(2026, 11, 2)
    score_before: int | None = None
    score_after: int | None = None
    band_before: Band | None = None
    band_after: Band | None = None
    detail: dict[str, Any] = field(default_factory=dict)


CUT = {"limit_before": 10_000_00, "limit_after": 0, "currency": "CHF"}
OPENED = {"event": "liquidation", "label": "Jugement d'ouverture.", "claims_until": "2026-12-31"}
SCORED = {"score_before": 68, "score_after": 41, "band_before": Band.B, "band_after": Band.C}


@pytest.mark.parametrize(
    ("line", "says", "why"),
    [
        (
            Line(RuleKind.CLASS, 1, **SCORED),
            "Solvency fell from B to C",
            "lowered the score from 68 to 41 as of 2 November 2026. You asked to hear of a fall by",
        ),
        (
            Line(
                RuleKind.DROP,
                10,
                score_before=79,
                score_after=69,
                band_before=Band.B,
                band_after=Band.B,
            ),
            "Score fell from 79 to 69",
            "You asked to hear of a loss of 10 points or more.",
        ),
        (
            Line(RuleKind.THRESHOLD, 50, score_before=70, band_before=Band.B, band_after=Band.NONE),
            "Score withdrawn",
            "withdrew the score on 2 November 2026; it was 70. Your threshold is 50.",
        ),
        (
            Line(RuleKind.PAYER_CLASS, 1, band_before=Band.A, band_after=Band.C),
            "Pays worse than before: from A to C",
            "By your own books",
        ),
        (
            Line(RuleKind.LIMIT, 30, detail=CUT),
            "Credit limit cut from CHF 10,000.00 to CHF 0.00",
            "You asked to hear of a cut by 30 % or more.",
        ),
        (Line(RuleKind.STATUS, detail={"status": "dissolved"}), "Status: dissolved", "as of"),
        (
            Line(RuleKind.INSOLVENCY, detail=OPENED),
            "Liquidation opened",
            "Jugement d'ouverture. Claims are to be lodged by 31 December 2026.",
        ),
        (Line(RuleKind.INSOLVENCY), "A publication that is no longer public", ""),
        (
            Line(RuleKind.BEYOND_TERMS, 15, detail={"days_before": 5, "days_after": 21}),
            "Pays others 21 days late, it was 5",
            "You asked to hear of 15 days more.",
        ),
        (
            Line(RuleKind.USE, 90, detail={"percent": 93, "limit": 500_00, "currency": "CHF"}),
            "93 % of the limit used",
            "The limit is CHF 500.00. You asked to hear when 90 % are used.",
        ),
        (
            Line(RuleKind.USE, 100, detail={"percent": 130, "limit": 500_00, "currency": "CHF"}),
            "Over the limit: 130 % used",
            "",
        ),
        (
            Line(RuleKind.IMPROVED, 1, band_before=Band.D, band_after=Band.B),
            "Solvency rose from D to B",
            "",
        ),
        (
            Line(RuleKind.DEAD, detail={"silence": "silent", "since": "2026-10-30T12:00:00+00:00"}),
            "is silent",
            "has given nothing new since",
        ),
        (Line(RuleKind.DEAD, detail={"silence": "late"}), "is late", "since 2 November 2026"),
        (Line(RuleKind.MASS, detail={"count": 980}), "changed 980 debtors at once", "listed here"),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Line) else "",
)
def test_each_kind_of_alert_says_what_happened_and_why_it_is_told(line: Line, says: str, why: str):
    assert headline(line).replace("\xa0", " ").endswith(says)
    assert why in explained(line).replace("\xa0", " ")

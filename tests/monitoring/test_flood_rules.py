"""A source that says everything again: in any order, any number of times, in pieces of any size.

Pure. What is recorded is a set, so that a repeat adds nothing; after each piece everything known
is judged, with what was told before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerts.rules import (
    AlertDraft,
    Exposure,
    Rule,
    RuleKind,
    Told,
    alerts_due,
)
from monitoring.bands import Band, band_of
from monitoring.changes import Reading
from receivables.ids import ReadingId, WatchRuleId, new_id
from receivables.money import Money

FLOORS = ((80, Band.A), (60, Band.B), (40, Band.C), (20, Band.D), (0, Band.E))
TODAY = date(2026, 11, 2)
SOME = Exposure((Money(5_00, "CHF"),), (Money(100_00, "CHF"),))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def rule(kind: RuleKind, threshold: int, **given: object) -> Rule:
    return Rule(
        rule_id=WatchRuleId(new_id()), kind=kind, threshold=threshold, effective_at=LONG_AGO,
        **given,  # type: ignore[arg-type]
    )  # fmt: skip


RULES = (
    rule(RuleKind.THRESHOLD, 50, rearm_points=3, scale="0-100"),
    rule(RuleKind.DROP, 10, window_days=30, scale="0-100"),
    rule(RuleKind.DROP, 20, window_days=90, scale="0-100"),
    rule(RuleKind.CLASS, 1),
    rule(RuleKind.LIMIT, 30),
    rule(RuleKind.STATUS, 0),
)


def said(score: int, *, on: date = TODAY, sequence: int = 0) -> Reading:
    return Reading(
        reading_id=ReadingId(new_id()), as_of_on=on, sequence=sequence,
        reference=f"{on}/{sequence}", received_at=datetime(2026, 11, 2, tzinfo=UTC),
        scale="0-100", score=score, band=band_of(score, FLOORS),
    )  # fmt: skip


def raised_by(known: Reading, pieces: Sequence[Sequence[Reading]]) -> list[AlertDraft]:
    """What is raised when readings arrive in pieces and each piece is judged."""
    history, told, raised = {known.position: known}, [], []
    for piece in pieces:
        history |= {reading.position: reading for reading in piece}
        drafts = alerts_due(RULES, history.values(), told, SOME, today=TODAY)
        told += [Told(draft.after, draft.kinds) for draft in drafts]
        raised += drafts
    return raised


def arrivals(readings: Sequence[Reading], random: Random) -> list[list[Reading]]:
    """The readings in any order, some of them again and again, in pieces of any size."""
    repeated = [*readings, *(one for one in readings for _ in range(random.randint(0, 2)))]
    random.shuffle(repeated)
    pieces: list[list[Reading]] = []
    while repeated:
        size = random.randint(1, len(repeated))
        pieces.append(repeated[:size])
        repeated = repeated[size:]
    return pieces


def summary(drafts: Sequence[AlertDraft]) -> list[tuple[object, ...]]:
    return [
        (draft.kinds, draft.leading.severity, draft.leading.before.band, draft.after.band)
        for draft in drafts
    ]


#: A score that wavers by a point or two around where it was, or around where it fell to.
stays = st.integers(68, 72)
fallen = st.integers(43, 47)
randoms = st.randoms(use_true_random=False)


@given(st.lists(st.one_of(stays, fallen), min_size=1, max_size=12), randoms)
def test_one_change_among_any_flapping_is_one_alert_in_any_order_and_pieces(scores, random):
    known = said(70, on=TODAY - timedelta(days=30))
    flood = [said(score, sequence=place) for place, score in enumerate(scores)]
    in_order = summary(raised_by(known, [[reading] for reading in flood]))

    raised = summary(raised_by(known, arrivals(flood, random)))

    assert raised == in_order
    assert len(raised) == any(score < 60 for score in scores)


scores_by_day = st.dictionaries(st.integers(0, 12), st.integers(0, 100), min_size=1, max_size=10)


@given(scores_by_day, randoms)
def test_whatever_came_first_nothing_is_told_twice_and_the_worst_that_stands_is_told(days, random):
    """What the source says in the end is no worse than what somebody was told, or than it was."""
    known = said(70, on=TODAY - timedelta(days=30))
    flood = [said(score, on=TODAY - timedelta(days=days_ago)) for days_ago, score in days.items()]

    raised = raised_by(known, arrivals(flood, random))

    told = [draft.after.position for draft in raised]
    assert len(set(told)) == len(told)
    last = max(flood, key=lambda one: one.position)
    worst_told = max((draft.after.band.rank or 0 for draft in raised), default=0)
    assert (last.band.rank or 0) <= max(worst_told, known.band.rank or 0)

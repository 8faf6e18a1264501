"""Which changes are told: pure, by example and by property."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerts.rules import (
    AlertDraft,
    Exposure,
    Rule,
    RuleKind,
    Severity,
    Told,
    alerts_due,
)
from monitoring.bands import Band, band_of, steps_down
from monitoring.changes import ChangeKind, Reading, compare
from receivables.ids import ReadingId, WatchRuleId, new_id
from receivables.money import Money

FLOORS = ((80, Band.A), (60, Band.B), (40, Band.C), (20, Band.D), (0, Band.E))
FIRST = date(2026, 9, 1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

THRESHOLD = Rule(
    rule_id=WatchRuleId(new_id()), kind=RuleKind.THRESHOLD, threshold=50, rearm_points=3,
    scale="0-100", effective_at=LONG_AGO,
)  # fmt: skip
DROP = Rule(
    rule_id=WatchRuleId(new_id()), kind=RuleKind.DROP, threshold=10, window_days=30,
    scale="0-100", effective_at=LONG_AGO,
)  # fmt: skip
SLIDE = Rule(
    rule_id=WatchRuleId(new_id()), kind=RuleKind.DROP, threshold=20, window_days=90,
    scale="0-100", effective_at=LONG_AGO,
)  # fmt: skip
CLASS = Rule(rule_id=WatchRuleId(new_id()), kind=RuleKind.CLASS, threshold=1, effective_at=LONG_AGO)
ALL = (THRESHOLD, DROP, SLIDE, CLASS)

SOME = Exposure((Money(5_00, "CHF"),), (Money(100_00, "CHF"),))
NOTHING = Exposure((), (Money(100_00, "CHF"),))
MUCH = Exposure((Money(11_00, "CHF"),), (Money(100_00, "CHF"),))


def reading(day: int, score: int | None, *, band: Band | None = None, sequence: int = 0) -> Reading:
    """What a source says on the day-th day; without a score and band it withdrew it."""
    mapped = Band.NONE if score is None else band_of(score, FLOORS)
    return Reading(
        reading_id=ReadingId(new_id()),
        as_of_on=FIRST + timedelta(days=day),
        sequence=sequence,
        reference=f"{day}/{sequence}",
        received_at=datetime(2026, 9, 1, tzinfo=UTC),
        scale="0-100",
        score=score,
        band=band or mapped,
    )


def due(
    rules: Sequence[Rule],
    history: Sequence[Reading],
    told: Sequence[Told] = (),
    exposure: Exposure = SOME,
    today: date | None = None,
) -> list[AlertDraft]:
    last = max((one.as_of_on for one in history), default=FIRST)
    return alerts_due(rules, history, told, exposure, today=today or last)


def told_of(drafts: Sequence[AlertDraft]) -> list[Told]:
    return [Told(draft.after, draft.kinds) for draft in drafts]


def days(drafts: Sequence[AlertDraft]) -> list[int]:
    return [(draft.after.as_of_on - FIRST).days for draft in drafts]


def test_the_first_reading_of_a_source_is_no_change():
    assert due(ALL, [reading(0, 12)]) == []


def test_a_score_that_passes_below_the_threshold_is_told_once():
    history = [reading(0, 52), reading(1, 49), reading(2, 48), reading(9, 47)]

    assert days(due([THRESHOLD], history)) == [1]


@pytest.mark.parametrize(("back_at", "alarms"), [(52, [1]), (53, [1, 12])])
def test_the_threshold_re_arms_three_points_above_itself(back_at: int, alarms: list[int]):
    history = [reading(0, 60), reading(1, 45), reading(6, back_at), reading(12, 44)]

    assert days(due([THRESHOLD], history)) == alarms


def test_a_score_that_was_always_below_has_not_passed_the_threshold():
    assert due([THRESHOLD], [reading(0, 40), reading(1, 39)]) == []


def test_ten_points_in_thirty_days_are_a_drop_and_nine_are_not():
    assert days(due([DROP], [reading(0, 79), reading(20, 74), reading(29, 69)])) == [29]
    assert due([DROP], [reading(0, 79), reading(29, 70)]) == []


def test_the_score_in_force_when_the_window_opens_counts():
    """A source that speaks only on change said 79 half a year ago, and it held until today."""
    assert days(due([DROP], [reading(0, 79), reading(180, 69)])) == [180]


def test_a_slide_too_slow_for_thirty_days_is_caught_in_ninety():
    slide = [reading(0, 78), reading(30, 72), reading(60, 65), reading(90, 58)]

    assert due([DROP], slide) == []
    assert days(due([SLIDE], slide)) == [90]


def test_a_fall_that_was_told_is_measured_from_there_on():
    history = [reading(0, 79), reading(1, 69), reading(2, 68), reading(3, 60), reading(4, 59)]

    assert days(due([DROP], history)) == [1, 4]


def test_a_partial_recovery_after_a_drop_is_no_drop():
    assert days(due([DROP], [reading(0, 79), reading(1, 60), reading(2, 65)])) == [1]


@pytest.mark.parametrize(
    ("after", "severity"),
    [(50, Severity.MEDIUM), (30, Severity.HIGH), (10, Severity.CRITICAL), (None, Severity.MEDIUM)],
)
def test_a_worse_class_is_as_grave_as_the_class_it_ends_in(after: int | None, severity: Severity):
    (draft,) = due([CLASS], [reading(0, 70), reading(1, after)])

    assert draft.leading.severity is severity
    assert draft.leading.before.score == 70


def test_entering_d_is_told_even_where_only_two_bands_at_once_are_asked_for():
    two = Rule(
        rule_id=WatchRuleId(new_id()), kind=RuleKind.CLASS, threshold=2, effective_at=LONG_AGO
    )

    history = [reading(0, 70), reading(1, 50), reading(2, 30)]

    assert days(due([two], history)) == [2]


def test_a_class_is_held_against_the_last_opinion_across_a_gap():
    history = [
        reading(0, 70),
        reading(5, None),
        reading(10, 70),
        reading(20, None),
        reading(30, 50),
    ]

    assert days(due([CLASS], history, today=FIRST)) == [5, 20, 30]


@pytest.mark.parametrize(
    ("exposure", "severity"),
    [(NOTHING, Severity.MEDIUM), (SOME, Severity.HIGH), (MUCH, Severity.CRITICAL)],
)
def test_what_is_at_stake_moves_the_severity(exposure: Exposure, severity: Severity):
    (draft,) = due([THRESHOLD], [reading(0, 60), reading(1, 45)], exposure=exposure)

    assert draft.leading.severity is severity


def test_of_several_currencies_the_largest_part_counts():
    exposure = Exposure((Money(1, "CHF"), Money(50, "EUR")), (Money(100, "CHF"), Money(100, "EUR")))

    assert exposure.share == Fraction(1, 2)


def test_nothing_outstanding_at_all_gives_no_share():
    assert Exposure((), ()).share is None


def test_one_fall_that_sets_off_every_rule_is_one_alert_with_the_gravest_first():
    (draft,) = due(ALL, [reading(0, 70), reading(1, 30)])

    assert [reason.rule.kind for reason in draft.reasons] == [
        "S-CLASS",
        "S-THR",
        "S-DROP",
        "S-DROP",
    ]
    assert draft.leading.severity is Severity.HIGH


def test_a_score_that_flaps_a_hundred_times_in_a_day_is_told_once():
    flapping = [reading(0, 62 if turn % 2 == 0 else 45, sequence=turn) for turn in range(200)]

    assert len(due(ALL, flapping)) == 1


def test_the_same_fall_after_three_days_is_told_again():
    history = [reading(0, 62), reading(1, 45), reading(2, 62), reading(4, 45)]

    assert days(due([CLASS], history)) == [1, 4]


def test_a_worse_band_breaks_the_silence_of_three_days():
    history = [reading(0, 62), reading(1, 45), reading(2, 30)]

    assert days(due([CLASS], history)) == [1, 2]


def test_a_late_reading_older_than_what_was_told_raises_nothing():
    first, late, last = reading(0, 70), reading(1, 45), reading(2, 30)
    told = told_of(due(ALL, [first, last]))

    assert due(ALL, [first, late, last], told) == []


def test_a_late_reading_can_show_that_the_newest_one_is_a_fall():
    late, last = reading(0, 70), reading(1, 30)

    assert due(ALL, [last]) == []
    assert days(due(ALL, [last, late])) == [1]


def test_old_history_is_no_news_but_how_things_stand_today_is():
    history = [reading(0, 70), reading(5, 30), reading(60, 10)]

    assert days(due(ALL, history, today=FIRST + timedelta(days=400))) == [60]


def test_a_rule_says_nothing_about_readings_that_came_before_it():
    later = Rule(
        rule_id=WatchRuleId(new_id()), kind=RuleKind.CLASS, threshold=1,
        effective_at=datetime(2026, 9, 2, tzinfo=UTC),
    )  # fmt: skip

    assert due([later], [reading(0, 70), reading(1, 30)]) == []


def test_scores_of_another_scale_are_not_compared():
    other = Reading(
        reading_id=ReadingId(new_id()), as_of_on=FIRST + timedelta(days=1), sequence=0,
        reference="x", received_at=datetime(2026, 9, 2, tzinfo=UTC), scale="0-20", score=14,
        band=Band.B,
    )  # fmt: skip

    assert compare(reading(0, 70), other) is None
    assert due(ALL, [reading(0, 70), other]) == []


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (70, 65, ChangeKind.FELL),
        (70, 75, ChangeKind.ROSE),
        (70, None, ChangeKind.WITHDRAWN),
        (None, 70, ChangeKind.RATED),
    ],
)
def test_a_change_says_which_way_it_went(before: int | None, after: int | None, kind: ChangeKind):
    change = compare(reading(0, before), reading(1, after))

    assert change is not None
    assert change.kind is kind


def test_a_worse_band_with_more_points_is_a_fall():
    change = compare(reading(0, 62, band=Band.B), reading(1, 64, band=Band.C))

    assert change is not None
    assert (change.kind, change.steps, change.points) == (ChangeKind.FELL, 1, -2)


scores = st.one_of(st.none(), st.integers(0, 100))
histories = st.lists(
    st.tuples(st.integers(0, 120), scores), min_size=1, max_size=14, unique_by=lambda pair: pair[0]
).map(lambda pairs: [reading(day, score) for day, score in sorted(pairs, key=lambda p: p[0])])


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter_to_what_is_due(history, random):
    shuffled = list(history)
    random.shuffle(shuffled)

    assert due(ALL, shuffled) == due(ALL, history)


@given(histories)
def test_judging_the_same_readings_twice_raises_nothing_new(history):
    told = told_of(due(ALL, history))

    assert due(ALL, history, told) == []
    assert due(ALL, [*history, history[-1]], told) == []


@given(histories)
def test_reading_by_reading_and_all_at_once_come_to_the_same(history):
    one_by_one: list[AlertDraft] = []
    for count in range(1, len(history) + 1):
        today = history[count - 1].as_of_on
        one_by_one += due(ALL, history[:count], told_of(one_by_one), today=today)

    at_once = due(ALL, history, today=FIRST)

    assert one_by_one == at_once


@given(histories, st.randoms(use_true_random=False))
def test_whatever_arrives_when_the_worst_news_of_today_is_told(history, random):
    """Shuffled arrival may tell less of the way down, but never hides where it ended."""
    arrivals = list(history)
    random.shuffle(arrivals)
    known: list[Reading] = []
    told: list[Told] = []
    for arrived in arrivals:
        known.append(arrived)
        told += told_of(due(ALL, known, told, today=FIRST))
    head = max(history, key=lambda one: one.position)
    in_order = {draft.after.reading_id for draft in due([CLASS], history, today=FIRST)}

    if head.reading_id in in_order:
        near = [one.reading for one in told if (head.as_of_on - one.reading.as_of_on).days < 3]
        assert any(one is head or steps_down(one.band, head.band) <= 0 for one in near)
    assert len({one.reading.reading_id for one in told}) == len(told)


@given(histories)
def test_an_improvement_never_alarms(history):
    falls = {
        after.reading_id
        for before, after in pairwise(history)
        if (change := compare(before, after))
        and change.kind in (ChangeKind.FELL, ChangeKind.WITHDRAWN)
    }
    after_a_gap = {
        after.reading_id for before, after in pairwise(history) if before.band is Band.NONE
    }

    alarms = {draft.after.reading_id for draft in due(ALL, history, today=FIRST)}

    assert alarms <= falls | after_a_gap


@given(st.integers(0, 4), st.booleans(), st.booleans())
def test_moving_a_severity_stays_on_the_scale(rank, up, twice):
    severity = list(Severity)[rank]
    moved = severity.moved((2 if twice else 1) * (1 if up else -1))

    assert (moved.rank >= severity.rank) is up or moved.rank == severity.rank

"""How debtors pay, as a score: classes that do not flicker, reasons, and what a person may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.payers.rules import (
    FLOORS,
    HYSTERESIS,
    Facts,
    Paid,
    Parts,
    Penalty,
    Trend,
    WrongOverride,
    class_of_score,
    largest,
    override_fault,
    penalties,
    profile,
    shrunk_days_late,
    trend,
    weight_of,
    weights,
    worst_of,
)

TODAY = date(2026, 11, 20)
BEST_FIRST = list(FLOORS)


def paid(days_late: int, *, days_ago: int = 30, weight: float = 1.0, **given) -> Paid:
    paid_on = TODAY - timedelta(days=days_ago)
    due_on = paid_on - timedelta(days=days_late)
    return Paid(due_on=due_on, paid_on=paid_on, weight=weight, **given)


def known(*invoices: Paid, **given) -> Facts:
    return Facts(paid=invoices, since=date(2025, 1, 1), **given)


def score(facts: Facts, before: PayerClass = PayerClass.N):
    return profile(facts, prior_days_late=0.0, before=before, today=TODAY)


scores = st.floats(0, 100)
classes = st.sampled_from(PayerClass)
shares = st.floats(0, 1)
many_parts = st.builds(
    Parts,
    days_late=st.floats(-5, 120),
    late_share=shares,
    level=st.floats(0, 4),
    broken_share=shares,
    overdue_share=shares,
)


def test_a_punctual_debtor_is_a_and_the_worst_is_e():
    best = score(known(*[paid(0)] * 6))
    worst = score(
        known(*[paid(100, level=4)] * 6, promises=2, broken=2, open_weight=1, overdue_weight=1)
    )

    assert (best.payer_class, best.score) == (PayerClass.A, 100)
    assert worst.payer_class is PayerClass.E
    assert worst.score < 1


def test_the_formula_is_the_one_of_the_house():
    facts = known(
        paid(20, level=2), paid(0, level=0), promises=4, broken=1, open_weight=4, overdue_weight=1
    )

    found = score(facts)

    # L = (20 + 0 + 3 * 0) / (2 + 3), q = 1/2, e = 1, b = 1/4, o = 1/4
    assert found.parts == Parts(
        days_late=4, late_share=0.5, level=1, broken_share=0.25, overdue_share=0.25
    )
    assert found.score == pytest.approx(100 - 1.2 * 4 - 20 * 0.5 - 3 * 1 - 10 / 4 - 10 / 4)


@given(many_parts)
def test_a_score_lies_between_none_and_a_hundred(parts):
    assert 0 <= 100 - sum(penalties(parts).values()) <= 100


@given(many_parts)
def test_the_reasons_are_the_largest_penalties_in_order(parts):
    lost, named = penalties(parts), largest(parts)

    assert [lost[one] for one in named] == sorted((lost[one] for one in named), reverse=True)
    assert len(named) <= 3
    assert all(lost[one] <= min((lost[two] for two in named), default=0.5) or one in named
               for one in Penalty)  # fmt: skip


@given(scores, classes)
def test_a_class_changes_only_three_points_beyond_its_border(points, before):
    after = class_of_score(points, before)

    if before is PayerClass.N:
        assert after is class_of_score(points)
    elif BEST_FIRST.index(after) < BEST_FIRST.index(before):
        assert points >= FLOORS[after] + HYSTERESIS
    elif BEST_FIRST.index(after) > BEST_FIRST.index(before):
        better = BEST_FIRST[BEST_FIRST.index(after) - 1]
        assert points <= FLOORS[better] - HYSTERESIS
    assert class_of_score(points, after) is after


@given(scores, scores, classes)
def test_a_better_score_never_gives_a_worse_class(one, other, before):
    low, high = sorted((one, other))

    assert BEST_FIRST.index(class_of_score(high, before)) <= BEST_FIRST.index(
        class_of_score(low, before)
    )


@pytest.mark.parametrize(
    ("points", "before", "after"),
    [(81, "B", "B"), (83, "B", "A"), (78, "A", "A"), (77, "A", "B"), (64, "B", "B"), (20, "A", "E"),
     (97, "E", "A"), (24, "D", "D"), (22, "D", "E"), (80, "N", "A"), (79.9, "N", "B")],
)  # fmt: skip
def test_classes_at_their_borders(points, before, after):
    assert class_of_score(points, PayerClass(before)) is PayerClass(after)


@given(st.lists(st.integers(-50, 400), min_size=1), st.floats(-5, 60))
def test_few_invoices_are_drawn_towards_everybodys(days, prior):
    invoices = [paid(one) for one in days]
    own = sum(one.days_late for one in invoices) / len(invoices)

    low, high = sorted((own, prior))
    assert low - 1e-9 <= shrunk_days_late(invoices, prior) <= high + 1e-9


def test_days_in_a_dispute_the_debtor_won_do_not_count():
    assert paid(30, disputed_days=28).days_late == 2
    assert paid(-40).days_late == -5
    assert paid(400).days_late == 120


@pytest.mark.parametrize(
    ("count", "since_days", "expected"), [(2, 60, "N"), (3, 60, "A"), (2, 100, "A"), (0, 400, "N")]
)
def test_little_history_is_no_class(count, since_days, expected):
    facts = replace(known(*[paid(0)] * count), since=TODAY - timedelta(days=since_days))

    assert score(facts).payer_class is PayerClass(expected)


@pytest.mark.parametrize(
    ("recent", "earlier", "expected"),
    [([12, 12, 12], [0, 0, 0], Trend.WORSENING), ([0, 0, 0], [20, 20, 20], Trend.IMPROVING),
     ([3, 3, 3], [0, 0, 0], Trend.STEADY), ([40, 40], [0, 0, 0], Trend.UNKNOWN)],
)  # fmt: skip
def test_the_trend_holds_three_months_against_the_nine_before(recent, earlier, expected):
    invoices = [paid(one, days_ago=20) for one in recent]
    invoices += [paid(one, days_ago=200) for one in earlier]

    assert trend(invoices, 0.0, TODAY) is expected


def test_one_large_invoice_does_not_drown_the_others():
    typical, cap = weights([100] * 50 + [1_000_000])

    assert weight_of(1_000_000, typical, cap) == weight_of(int(cap), typical, cap) == 1.0


def test_the_worse_of_behaviour_and_solvency_drives_limit_and_prepayment():
    assert worst_of(PayerClass.A, SolvencyClass.D) == "D"
    assert worst_of(PayerClass.C, SolvencyClass.NONE) == "C"
    assert worst_of(PayerClass.N, SolvencyClass.NONE) == ""


@pytest.mark.parametrize(
    ("reason", "days", "wrong"),
    [(" ", 10, WrongOverride.NO_REASON), ("new owner", None, WrongOverride.NO_DAY),
     ("new owner", -1, WrongOverride.DAY_PASSED), ("new owner", 200, WrongOverride.DAY_TOO_LATE),
     ("new owner", 183, None), ("new owner", 0, None)],
)  # fmt: skip
def test_a_persons_word_has_a_reason_and_an_end_within_six_months(reason, days, wrong):
    until = None if days is None else TODAY + timedelta(days=days)

    assert override_fault(reason, until, TODAY) is wrong

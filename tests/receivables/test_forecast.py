"""Forecasts: better than a rolling median, calibrated, without a look at what came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.payers.cash import Incoming, thirteen_weeks
from receivables.payers.expecting import (
    Rule,
    dispute_day,
    from_slips,
    on_working_days,
    settlement_day,
)
from receivables.payers.forecasting import expectations, learn
from receivables.payers.measuring import auc, evaluate
from receivables.payers.model import NothingToLearnFrom, fit
from receivables.payers.pasts import Basis, Past
from receivables.payers.survival import masses
from receivables.payers.tracking import track, weeks_worse
from receivables.workdays import WEEKDAYS
from tests.support.builders import money
from tests.support.histories import history

SPLIT = date(2024, 6, 30)
FRIDAY = date(2026, 11, 20)


@cache
def generated() -> list[Past]:
    return history(7, payers=60, invoices=1500)


def asked(pasts: list[Past]) -> list[Past]:
    return [past for past in pasts if past.issued_on > SPLIT]


def on_issue(pasts: list[Past]) -> list[date]:
    return [past.issued_on - timedelta(days=1) for past in pasts]


def regular(late: int, count: int, *, customer: str = "K1", every: int = 7) -> list[Past]:
    """Invoices of one customer, each paid so many days late."""
    first = date(2026, 1, 5)
    issued = [first + timedelta(days=every * place) for place in range(count)]
    return [
        Past(
            customer=customer,
            invoice=f"{customer}-{place}",
            issued_on=day,
            due_on=day + timedelta(days=30),
            paid_on=day + timedelta(days=30 + late),
            amount=Decimal(100),
        )
        for place, day in enumerate(issued)
    ]


def test_the_forecast_beats_a_rolling_median_and_keeps_what_its_intervals_promise():
    found = evaluate(generated(), SPLIT).issued_after

    assert found.ours.mae_days < found.rolling_median.mae_days < found.due_date.mae_days
    assert found.ours.auc_late > found.rolling_median.auc_late
    assert 0.74 <= found.ours.coverage_80 <= 0.90
    assert 0.75 <= found.ours.prudent_share <= 0.90


def test_nothing_that_came_after_the_split_changes_a_forecast():
    """Later payments and later invoices are thrown about; every forecast stays as it was."""
    pasts = generated()
    scored = asked(pasts)
    thrown = [
        replace(past, paid_on=past.paid_on + timedelta(days=37))
        if past.paid_on and past.paid_on > SPLIT
        else past
        for past in pasts
        if past.issued_on <= SPLIT or past.invoice.endswith("3")
    ]

    before, after = (expectations(learn(one, SPLIT), scored, on_issue(scored))
                     for one in (pasts, thrown))  # fmt: skip

    assert before == after


def test_an_invoice_that_is_open_is_expected_after_today():
    pasts = generated()
    model = learn(pasts, SPLIT)
    unpaid = [past for past in pasts if past.known_at(SPLIT).paid_on is None][:300]
    much_later = SPLIT + timedelta(days=900)

    for today in (SPLIT, much_later):
        for one in expectations(model, unpaid, [today] * len(unpaid)):
            assert today < one.p10_on <= one.expected_on <= one.prudent_on <= one.p90_on
            assert 0 <= one.p_by_due <= one.p_by_15 <= one.p_by_30 <= 1
            assert one.p_late == pytest.approx(1 - one.p_by_due)


def test_a_customers_own_habit_counts_and_a_new_one_is_like_the_others():
    pasts = regular(20, 25) + regular(0, 25, customer="K2")
    model = fit(pasts, date(2026, 9, 1))
    new = [replace(pasts[0], customer=name, issued_on=date(2026, 9, 1), due_on=date(2026, 10, 1))
           for name in ("K1", "K2", "K3")]  # fmt: skip

    slow, punctual, unknown = expectations(model, new, on_issue(new))

    assert (slow.expected_on - date(2026, 10, 21)).days in range(-2, 3)
    assert (punctual.expected_on - date(2026, 10, 1)).days in range(-2, 3)
    assert punctual.expected_on < unknown.expected_on < slow.expected_on
    assert (slow.basis, unknown.basis) == (Basis.HISTORY, Basis.PORTFOLIO)


def test_a_customer_who_pays_on_fridays_is_expected_on_a_friday():
    due_days = [date(2026, 1, 5) + timedelta(days=3 * place) for place in range(60)]
    pasts = [
        Past(
            customer="K1", invoice=f"R{place}", issued_on=due_on - timedelta(days=30),
            due_on=due_on, paid_on=due_on + timedelta(days=(4 - due_on.weekday()) % 7),
            amount=Decimal(100),
        )
        for place, due_on in enumerate(due_days)
    ]  # fmt: skip
    model = fit(pasts, date(2026, 8, 1))
    new = [replace(pasts[0], issued_on=date(2026, 8, 3) + timedelta(days=day),
                   due_on=date(2026, 9, 2) + timedelta(days=day)) for day in range(5)]  # fmt: skip

    found = expectations(model, new, on_issue(new))

    assert [one.expected_on.weekday() for one in found] == [4] * 5


def test_open_invoices_count_as_later_than_today_and_not_as_unknown():
    """Half of the customer's invoices are open and long overdue: the paid half misleads."""
    paid = regular(0, 20)
    stuck = [replace(past, invoice=f"S{past.invoice}", paid_on=None) for past in regular(0, 20)]
    new = [replace(paid[0], issued_on=date(2026, 9, 1), due_on=date(2026, 10, 1))]
    as_of = date(2026, 9, 1)

    (alone,) = expectations(fit(paid, as_of), new, on_issue(new))
    (both,) = expectations(fit(paid + stuck, as_of), new, on_issue(new))

    assert both.p_late > alone.p_late + 0.2
    assert both.prudent_on > alone.prudent_on + timedelta(days=20)


def test_nothing_is_learnt_from_nothing():
    with pytest.raises(NothingToLearnFrom):
        learn([replace(past, paid_on=None) for past in regular(0, 5)], date(2026, 9, 1))


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_kaplan_meier_shares_out_everything(observed):
    places = np.array([place for place, _ in observed])
    seen = np.array([paid for _, paid in observed])

    mass, beyond = masses(places, seen, np.ones(len(places)), 21)

    assert mass.min() >= -1e-12
    assert mass.sum() + beyond == pytest.approx(1)
    if seen.all():
        assert mass[places.min()] == pytest.approx((places == places.min()).mean())


def test_the_area_under_the_curve_counts_ties_half():
    assert auc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True])) == 0.875
    assert auc(np.array([1.0, 2.0]), np.array([True, True])) is None


slips = st.lists(st.integers(-20, 200), max_size=40)
days = st.dates(date(2026, 9, 1), date(2027, 3, 1))


@given(days, slips, days, st.sampled_from([Rule.INSTALMENT, Rule.PROMISE, Rule.DISPUTE]))
def test_a_day_that_was_named_gives_a_day_to_come(named_on, own, due_on, rule):
    found = from_slips(named_on, own, due_on=due_on, rule=rule, today=FRIDAY)

    assert FRIDAY < found.expected_on <= found.prudent_on
    assert 0 <= found.by_due <= found.by_15 <= found.by_30 <= 1000
    worked = on_working_days(found, country="CH", calendar=WEEKDAYS)
    assert worked.expected_on.weekday() < 5
    assert worked.expected_on <= worked.prudent_on


def test_promises_are_believed_by_how_they_were_kept():
    named_on, due_on = FRIDAY + timedelta(days=3), FRIDAY - timedelta(days=10)

    def expected(own):
        return from_slips(named_on, own, due_on=due_on, rule=Rule.PROMISE, today=FRIDAY)

    assert expected([]).expected_on == named_on + timedelta(days=1)
    assert expected([0] * 20).expected_on == named_on
    assert expected([15] * 20).expected_on == named_on + timedelta(days=15)


def test_payments_under_way_and_disputes_have_their_days():
    how = {"country": "CH", "calendar": WEEKDAYS}

    assert settlement_day(FRIDAY, **how) == date(2026, 11, 25)
    opened_on = FRIDAY - timedelta(days=5)
    assert dispute_day(opened_on, 5, today=FRIDAY, **how) == date(2026, 12, 4)
    assert dispute_day(opened_on, None, today=FRIDAY, **how) == date(2026, 12, 18)


amounts = st.integers(1, 10**9)
incoming = st.builds(
    lambda total, share, insolvent, first, more: Incoming(
        outstanding=money(f"{total}.00 EUR"),
        disputed=money(f"{total * share // 100}.00 EUR"),
        is_insolvent=insolvent,
        expected_on=FRIDAY + timedelta(days=first),
        prudent_on=FRIDAY + timedelta(days=first + more),
    ),
    amounts, st.integers(0, 100), st.booleans(), st.integers(1, 200), st.integers(0, 90),
)  # fmt: skip


@given(st.lists(incoming, min_size=1, max_size=20))
def test_thirteen_weeks_and_what_is_apart_are_all_that_is_outstanding(items):
    (found,) = thirteen_weeks(items, FRIDAY)

    apart = found.disputed + found.insolvent
    total = sum(one.outstanding.minor for one in items)
    assert (found.expected + found.later_expected + apart).minor == total
    assert (found.prudent + found.later_prudent + apart).minor == total
    assert found.prudent <= found.expected
    assert [week.starts_on.weekday() for week in found.weeks] == [0] * 13


def test_four_weeks_worse_than_the_simple_rule_are_counted_from_now_back():
    def week(place, off):
        return [(FRIDAY - timedelta(days=7 * place + day), off) for day in range(3)]

    theirs = [one for place in range(6) for one in week(place, 5)]
    worse = [one for place in range(4) for one in week(place, 9)]

    assert weeks_worse(worse + week(4, 1) + week(5, 9), theirs, FRIDAY) == 4
    assert weeks_worse(week(0, 1) + worse[3:], theirs, FRIDAY) == 0
    # A week with a single payment decides nothing.
    assert weeks_worse([*week(0, 9), (FRIDAY - timedelta(days=8), 0), *week(2, 9)], theirs,
                       FRIDAY) == 2  # fmt: skip


def test_our_own_error_is_measured_on_what_came_since():
    found = track(generated(), SPLIT + timedelta(days=120))

    assert found.error is not None
    assert found.error.mae_days < found.error.simple_mae_days
    assert found.error.prudent_share is not None
    assert 0.7 <= found.error.prudent_share <= 0.95
    assert not found.falls_back
    assert track(generated()[:30], SPLIT).error is None

"""The choice of cover: what each way costs, whom it covers, and what is left to lose."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.bands import Band
from monitoring.portfolio.cover import Comparison, Way, bad_year, compare
from monitoring.portfolio.rules import Assumptions, Balance, Checked, Rated, Status
from receivables.money import Money
from tests.support.builders import money


def customer(exposure: int, turnover: int | None, band: Band, **given: object) -> Checked:
    def euros(whole: int) -> Money:
        return Money(whole * 100, "EUR")

    balance = Balance(
        open=euros(exposure), overdue=euros(0), insured=euros(0),
        turnover=None if turnover is None else euros(turnover),
    )  # fmt: skip
    usual: dict[str, object] = {"country": "BE", "rated": Rated(band=band)}
    return Checked(
        place=1, number="1", name="One", balances=(balance,), **(usual | given)  # type: ignore[arg-type]
    )  # fmt: skip


def compared(*customers: Checked) -> Comparison:
    found = compare(customers, "EUR", Assumptions(), country="BE")
    assert found is not None
    return found


def test_each_way_is_reckoned_as_its_prices_say() -> None:
    found = compared(
        customer(100_000, 600_000, Band.B),
        customer(50_000, 200_000, Band.D),
        customer(20_000, None, Band.A, country="FR"),
        customer(10_000, 0, Band.B, rated=Rated(band=Band.E, status=Status.INSOLVENT)),
    )
    ways = {one.way: one for one in found.options}

    assert found.exposure == money("180000 EUR")
    assert (found.turnover, found.turnover_guessed) == (money("920000 EUR"), 1)
    # 60 % of 900 + 3500 + 60 + 10000.
    assert ways[Way.RESERVE].loss_expected == money("8676 EUR")
    assert not ways[Way.RESERVE].covered
    # Nothing is paid to anybody; 8 % of what a bad year may take.
    assert ways[Way.RESERVE].cost == ways[Way.RESERVE].own_money
    paid = {way: one.cost - one.own_money for way, one in ways.items()}
    # 0.25 % of 920 000 and three limits of 35; nine tenths of 170 000.
    assert paid[Way.INSURANCE] == money("2405 EUR")
    assert ways[Way.INSURANCE].covered == money("153000 EUR")
    assert ways[Way.INSURANCE].loss_expected == money("6267.60 EUR")
    # 0.9 % of 720 000, and 5.5 % on 85 % of 120 000: no factor takes class D.
    assert ways[Way.FACTORING].advanced == money("102000 EUR")
    assert paid[Way.FACTORING] == money("12090 EUR")
    assert ways[Way.FACTORING].left == money("60000 EUR")
    # Trade abroad alone: 1.4 % of 120 000.
    assert paid[Way.LETTERS] == money("1680 EUR")
    assert ways[Way.LETTERS].covered == money("20000 EUR")


def test_a_bad_year_is_worse_for_everybody_who_has_not_failed() -> None:
    # Φ((Φ⁻¹(0.02) + √0.15 · 1.6449) / √0.85), by a table of the normal distribution.
    assert bad_year(0.02) == pytest.approx(0.062, abs=0.001)
    assert (bad_year(0.0), bad_year(1.0)) == (0.0, 1.0)


def test_nothing_owed_is_nothing_to_compare() -> None:
    assert compare([customer(0, 500, Band.A)], "EUR", Assumptions(), country="BE") is None
    assert compare([customer(9, 500, Band.A)], "CHF", Assumptions(), country="BE") is None


@given(
    st.lists(
        st.builds(
            customer,
            st.integers(1, 10**7),
            st.none() | st.integers(0, 10**8),
            st.sampled_from(Band),
            country=st.sampled_from(["BE", "FR", ""]),
            is_person=st.booleans(),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([Decimal(0), Decimal(45), Decimal(100)]),
)
def test_cover_never_adds_to_the_loss_and_a_bad_year_never_takes_from_it(
    customers: list[Checked], lgd: Decimal
) -> None:
    found = compare(customers, "EUR", replace(Assumptions(), lgd=lgd), country="BE")
    assert found is not None
    alone = found.options[0]
    assert alone.way is Way.RESERVE
    for one in found.options:
        assert one.covered + one.left == found.exposure
        assert one.loss_expected <= alone.loss_expected
        assert one.loss_bad <= alone.loss_bad
        assert one.loss_expected.minor <= one.loss_bad.minor + 1
        assert one.loss_bad <= found.exposure
        assert one.cost >= one.own_money

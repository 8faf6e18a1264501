from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.money import CurrencyMismatch, Money, NotAnAmount

MINOR = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=30).filter(lambda w: sum(w) > 0)


def test_a_third_of_a_hundred_leaves_the_odd_cent_to_the_first():
    parts = Money.parse("100.00", "EUR").split([1, 1, 1])

    assert [str(part) for part in parts] == ["EUR 33.34", "EUR 33.33", "EUR 33.33"]


@given(MINOR, WEIGHTS)
def test_splitting_loses_nothing(minor: int, weights: list[int]):
    parts = Money(minor, "CHF").split(weights)

    assert sum(part.minor for part in parts) == minor
    assert all(part.minor == 0 for part, weight in zip(parts, weights, strict=True) if not weight)


@given(MINOR, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_is_read_back(minor: int, currency: str):
    amount = Money(minor, currency)

    assert Money.parse(str(amount).split()[1], currency) == amount


@pytest.mark.parametrize("text", ["12.345", "abc", "NaN", "Infinity", "1e30", "", "1,5"])
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(NotAnAmount):
        Money.parse(text, "EUR")


def test_digits_follow_the_currency():
    assert Money.parse("100", "JPY").minor == 100
    assert Money.parse("1.250", "KWD").minor == 1250
    assert Money(1250, "KWD").decimal == Decimal("1.250")


def test_currencies_do_not_mix():
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "CHF")
    with pytest.raises(CurrencyMismatch):
        _ = Money(1, "EUR") < Money(2, "CHF")

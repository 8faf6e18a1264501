"""Figures: ageing adds up, DSO means something, foreign money is never added."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.figures import (
    ageing,
    days_sales_outstanding,
    in_order,
    oldest_days,
    overdue_of,
    per_currency,
)
from backoffice.paging import Wanted, like
from receivables.ids import DebtorId, InvoiceId, new_id
from receivables.ledger.queries import OpenItem
from tests.support.builders import money

TODAY = date(2026, 11, 2)


def item(amount: str, days_past_due: int) -> OpenItem:
    due_on = TODAY - timedelta(days=days_past_due)
    return OpenItem(
        invoice_id=InvoiceId(new_id()),
        debtor_id=DebtorId(new_id()),
        number="R-1",
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
        total=money(amount),
        outstanding=money(amount),
    )


@pytest.mark.parametrize(
    ("days", "kind"),
    [
        (-5, "not_due"), (0, "not_due"), (1, "1_30"), (30, "1_30"), (31, "31_60"),
        (60, "31_60"), (61, "61_90"), (90, "61_90"), (91, "over_90"), (4000, "over_90"),
    ],
)  # fmt: skip
def test_an_invoice_is_in_the_bucket_of_its_days_past_due(days: int, kind: str) -> None:
    buckets = ageing([item("10.00 CHF", days)], "CHF", TODAY)

    assert [bucket.kind for bucket in buckets if bucket.count] == [kind]


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(-400, 400)), max_size=30))
def test_buckets_add_up_to_what_is_outstanding(rows: list[tuple[int, int]]) -> None:
    items = [item(f"{minor / 100:.2f} CHF", days) for minor, days in rows]

    buckets = ageing([*items, item("5.00 EUR", 3)], "CHF", TODAY)

    assert sum(one.amount.minor for one in buckets) == sum(one.outstanding.minor for one in items)
    assert sum(one.count for one in buckets) == len(items)
    if items:
        assert abs(sum(one.share for one in buckets) - 1) < Decimal("0.000001")


def test_days_sales_outstanding_relates_what_is_open_to_what_was_invoiced() -> None:
    assert days_sales_outstanding(money("50.00 CHF"), money("100.00 CHF")) == 45
    assert days_sales_outstanding(money("0.00 CHF"), money("100.00 CHF")) == 0
    assert days_sales_outstanding(money("50.00 CHF"), money("0.00 CHF")) is None
    assert days_sales_outstanding(money("50.00 CHF"), money("-10.00 CHF")) is None


def test_what_falls_due_today_is_not_overdue() -> None:
    items = [item("10.00 CHF", 0), item("20.00 CHF", 1), item("5.00 EUR", 9)]

    assert overdue_of(items, TODAY) == (money("20.00 CHF"), money("5.00 EUR"))
    assert oldest_days(items, TODAY) == 9
    assert oldest_days([item("10.00 CHF", -3)], TODAY) == 0


def test_currencies_are_kept_apart_and_ones_own_comes_first() -> None:
    assert per_currency([money("1.00 EUR"), money("2.00 CHF"), money("3.00 EUR")]) == (
        money("2.00 CHF"),
        money("4.00 EUR"),
    )
    assert in_order(["USD", "CHF", "EUR"], "EUR") == ["EUR", "CHF", "USD"]


def test_the_pager_keeps_what_was_asked_for() -> None:
    asked = Wanted(path="/debtors", q="a&b", show="open", sort="name", page=2)

    pager = asked.pager(50, 120)

    assert (pager.first, pager.last, pager.total) == (51, 100, 120)
    assert pager.previous_url == "/debtors?q=a%26b&show=open&sort=name&page=1"
    assert pager.next_url == "/debtors?q=a%26b&show=open&sort=name&page=3"
    assert asked.pager(0, 20).next_url is None


def test_a_search_pattern_means_its_characters() -> None:
    assert like("50%_\\") == "%50\\%\\_\\\\%"

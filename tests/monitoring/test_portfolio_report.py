"""The report of a health check, reckoned by hand and by its invariants."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from monitoring.bands import Band
from monitoring.portfolio.change import Seen, changed
from monitoring.portfolio.merging import Cluster, merged
from monitoring.portfolio.report import build
from monitoring.portfolio.report_values import Report
from monitoring.portfolio.rules import (
    Assumptions,
    Balance,
    Checked,
    Confidence,
    Identity,
    Rated,
    Status,
)
from receivables.credit.rules import PayerClass
from receivables.money import Money
from tests.support.builders import money

TODAY = date(2026, 11, 2)


def customer(
    place: int, amount: str, band: Band = Band.B, *, insured: str = "0", **given: object
) -> Checked:
    open_, currency = money(amount), money(amount).currency
    balance = Balance(
        open=open_, overdue=Money.zero(currency), insured=Money.parse(insured, currency)
    )
    usual: dict[str, object] = {
        "number": f"C-{place}", "name": f"Customer {place}", "balances": (balance,),
        "rated": Rated(band=band, source="bureau", as_of_on=TODAY),
        "identity": Identity(confidence=Confidence.EXACT, scheme="KBO", number=str(place)),
    }  # fmt: skip
    return Checked(place=place, **(usual | given))  # type: ignore[arg-type]


def report(*customers: Checked, **given: object) -> Report:
    asked: dict[str, object] = {"as_of_on": TODAY, "country": "BE", "currency": "EUR"}
    return build(customers, Assumptions(), **(asked | given))  # type: ignore[arg-type]


def test_the_measures_of_four_customers_are_those_of_a_pocket_calculator() -> None:
    over = Rated(band=Band.E, status=Status.INSOLVENT, source="bureau")
    part = report(
        customer(1, "5000 EUR", Band.A, insured="9000", payer_class=PayerClass.C),
        customer(2, "3000 EUR", Band.D, limit=money("1000 EUR"), terms_days=60),
        customer(3, "1500 EUR", rated=over),
        customer(4, "500 EUR", Band.NONE, limit=money("100 CHF"), terms_days=60),
        customer(5, "-200 EUR", Band.E),
    ).slices[0]

    assert (part.customers, part.exposure) == (4, money("10000 EUR"))
    # 50, 30, 15 and 5 percent, squared.
    assert (part.hhi, part.equal_customers) == (3650, Decimal("2.7"))
    assert (part.insured, part.uninsured) == (money("5000 EUR"), money("5000 EUR"))
    assert [line.place for line in part.largest.lines] == [1, 2, 3, 4]
    assert [line.place for line in part.red.lines] == [3]
    assert [line.place for line in part.over_limit.lines] == [2]
    assert [line.place for line in part.long_terms.lines] == [2]
    # 5000 × 0.3 % + 3000 × 7 % + 500 × 3 % + 1500, each × 60 %.
    assert [line.loss for line in part.losses] == [
        money("9 EUR"), money("126 EUR"), money("9 EUR"), money("900 EUR"),
    ]  # fmt: skip
    assert part.expected_loss == money("1044 EUR")
    assert part.uninsured_loss == money("1035 EUR")
    assert part.one_default is not None
    # 60 % of 5000, at a margin of 12 %.
    assert part.one_default.turnover_needed == money("25000 EUR")
    assert sum(cell.exposure.minor for cell in part.matrix) == part.exposure.minor


def test_currencies_stand_apart_and_the_suppliers_own_comes_first() -> None:
    found = report(customer(1, "10 CHF"), customer(2, "20 EUR"), customer(3, "30 AUD"))
    assert [(one.currency, one.exposure) for one in found.slices] == [
        ("EUR", money("20 EUR")),
        ("AUD", money("30 AUD")),
        ("CHF", money("10 CHF")),
    ]


def test_a_portfolio_in_which_nothing_is_owed_is_counted_and_no_more() -> None:
    found = report(customer(1, "0 EUR"), replace(customer(2, "0 EUR"), balances=()))
    assert found.coverage.customers == found.coverage.identified == 2
    [part] = found.slices
    assert (part.customers, part.hhi, part.one_default) == (0, 0, None)


def test_a_change_names_who_fell_who_rose_who_came_and_who_left() -> None:
    before = report(*(was := (customer(1, "5000 EUR", Band.A), customer(2, "10 EUR", Band.D))))
    seen = [Seen(one.key, one.rated.band) for one in (*was, customer(9, "1 EUR"))]
    now = (customer(1, "4000 EUR", Band.C), customer(2, "10 EUR", Band.B), customer(3, "7 EUR"))

    found = changed(before, seen, report(*now), now)

    assert [(one.name, one.before, one.after) for one in found.fell] == [
        ("Customer 1", Band.A, Band.C)
    ]
    assert [one.name for one in found.rose] == ["Customer 2"]
    assert (found.came, found.left) == (1, 1)
    figures = {one.what: (one.before, one.after) for one in found.figures}
    assert figures["exposure"] == (money("5010 EUR"), money("4017 EUR"))


_CUSTOMERS = st.lists(
    st.builds(
        customer,
        st.integers(1, 10**6),
        st.integers(-(10**6), 10**9).map(lambda minor: f"{minor / 100:.2f} EUR"),
        st.sampled_from(Band),
        payer_class=st.sampled_from(PayerClass),
        terms_days=st.none() | st.integers(0, 120),
    ),
    max_size=12,
)


@given(_CUSTOMERS)
def test_every_list_and_every_table_adds_up_to_the_whole(customers: list[Checked]) -> None:
    found = report(*customers)
    assert sum(count for _, count in found.counts) == found.coverage.customers == len(customers)
    for part in found.slices:
        assert sum(line.exposure.minor for line in part.classes) == part.exposure.minor
        assert sum(line.exposure.minor for line in part.losses) == part.exposure.minor
        assert part.insured + part.uninsured == part.exposure
        assert Money.zero("EUR") <= part.expected_loss <= part.exposure
        assert 0 <= part.hhi <= 10_000
        assert part.largest.total <= part.exposure
    kept = msgspec.to_builtins(found, str_keys=True)
    assert msgspec.convert(kept, Report, strict=False) == found


def cluster(place: int, *places: int, decision: str = "merged", score: float = 0.9) -> Cluster:
    return Cluster(
        place=place, places=places, survivor=places[0], is_duplicate=True, score=score,
        reasons=(), decision=decision,
    )  # fmt: skip


@given(
    st.lists(
        st.builds(
            lambda places, decision: (tuple(places), decision),
            st.lists(st.integers(1, 6), min_size=2, max_size=4, unique=True),
            st.sampled_from(["", "merged", "apart"]),
        ),
        max_size=4,
    )
)
def test_merging_whatever_overlaps_loses_no_money_and_counts_none_twice(
    drawn: list[tuple[tuple[int, ...], str]],
) -> None:
    customers = [customer(place, f"{10**place} EUR") for place in range(1, 7)]
    clusters = [
        cluster(turn, *places, decision=decision)
        for turn, (places, decision) in enumerate(drawn, start=1)
    ]

    as_one = merged(customers, clusters)

    assert sum(one.balances[0].open.minor for one in as_one) == 100 * sum(
        10**place for place in range(1, 7)
    )
    assert len({one.place for one in as_one}) == len(as_one)
    assert merged(customers, [replace(one, decision="") for one in clusters]) == customers


def test_merged_customers_stand_by_the_worse_opinion_and_the_largest_limit() -> None:
    over = Rated(band=Band.A, status=Status.INSOLVENT)
    [one] = merged(
        [
            customer(1, "100 EUR", Band.D, limit=money("50 EUR"), terms_days=10),
            customer(2, "20 EUR", rated=over, limit=money("80 EUR"), payer_class=PayerClass.C),
        ],
        [cluster(1, 1, 2)],
    )
    assert (one.name, one.merged, one.rated) == ("Customer 1", 1, over)
    assert (one.limit, one.terms_days, one.payer_class) == (money("80 EUR"), 10, PayerClass.C)
    assert one.balances[0].open == money("120 EUR")

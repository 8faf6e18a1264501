"""Which customers are one: what is merged, what is a group, what a person decides."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.portfolio.comparing import tell_apart
from monitoring.portfolio.customers import Customer, read_customers
from monitoring.portfolio.duplicates import Duplicates, find_duplicates, survivor_of
from monitoring.portfolio.judging import FOUND_FROM, Kind
from monitoring.portfolio.prepared import prepare
from receivables.money import Money
from tests.support.portfolios import make_portfolio


@cache
def crowd() -> tuple[Customer, ...]:
    """Among whom the others are looked for: what is common shows in a whole file."""
    return tuple(read_customers(make_portfolio(7, 150).as_csv()).customers)


BAKER = Customer(
    line=1, key="B1", number="B1", name="Bäckerei Zoellig AG", street="Seeweg 3", postcode="8001",
    city="Zürich", country="CH", email="info@zoellig.example", phone="+41 44 123 45 67",
)  # fmt: skip


def found(*customers: Customer) -> Duplicates:
    named = [
        replace(one, key=f"T{at}", number=f"T{at}", line=10_000 + at)
        for at, one in enumerate(customers)
    ]
    return find_duplicates([*crowd(), *named])


def kind(one: Customer, other: Customer) -> Kind:
    ours = {"T0", "T1"}
    pairs = found(one, other).pairs
    return next((pair.kind for pair in pairs if {pair.left.key, pair.right.key} == ours), Kind.NONE)


def f1(seed: int, rows: int) -> float:
    portfolio = make_portfolio(seed, rows)
    pairs = find_duplicates(read_customers(portfolio.as_csv()).customers).of_kind(Kind.DUPLICATE)
    ours = {(pair.left.key, pair.right.key) for pair in pairs}
    return 2 * len(ours & portfolio.pairs()) / (len(ours) + len(portfolio.pairs()))


def test_duplicates_of_a_drawn_portfolio_are_found() -> None:
    assert f1(11, 2500) >= 0.96


@pytest.mark.parametrize(
    "other",
    [
        replace(BAKER, name="BAECKEREI ZOELLIG", street="Seeweg 3", email="", phone=""),
        replace(BAKER, name="Bäckerei Zölig AG", phone="0041441234567", city="", postcode=""),
        replace(BAKER, name="Zoellig Bäckerei", street="", phone="044 123 45 67", email=""),
        replace(BAKER, street="Bergweg 17", postcode="3011", city="Bern"),
    ],
    ids=["spelling", "typing error", "other order", "moved"],
)
def test_one_customer_written_twice_is_a_duplicate(other: Customer) -> None:
    assert kind(BAKER, other) is Kind.DUPLICATE


@pytest.mark.parametrize(
    "other",
    [
        replace(BAKER, name="Bäckerei Zoellig Holding AG"),
        replace(
            BAKER, name="Bäckerei Zoellig (Luxembourg) SA", street="Rue Haute 1", postcode="1718",
            city="Luxembourg", country="LU", phone="",
        ),
        replace(BAKER, name="Bäckerei Zoellig Immobilien AG", email=""),
    ],
    ids=["holding", "abroad", "real estate"],
)  # fmt: skip
def test_companies_of_a_group_are_no_duplicates(other: Customer) -> None:
    assert kind(BAKER, other) is Kind.GROUP


def test_two_valid_register_numbers_are_never_a_duplicate() -> None:
    one = replace(BAKER, register_number="CHE-278.850.327")

    assert kind(one, replace(one, register_number="CHE-344.059.939")) in (Kind.REVIEW, Kind.GROUP)
    assert kind(one, replace(one, country="FR", register_number="552100554")) is not Kind.DUPLICATE


def test_one_register_number_is_one_customer_whatever_the_address() -> None:
    one = replace(BAKER, register_number="CHE-278.850.327")
    other = replace(
        one, street="", city="Genève", postcode="1201", email="", phone="",
        register_number="", vat="CHE 278850327 MWST",
    )  # fmt: skip

    assert kind(one, other) is Kind.DUPLICATE


def test_a_number_shared_by_strangers_is_for_a_person() -> None:
    one = replace(BAKER, register_number="CHE-278.850.327")
    other = Customer(
        line=1, key="", name="Garage Corbat SA", city="Genève", postcode="1201", country="CH",
        register_number="CHE-278.850.327",
    )  # fmt: skip

    assert kind(one, other) is Kind.REVIEW


def test_a_name_alone_is_never_a_duplicate() -> None:
    bare = Customer(line=1, key="", name=BAKER.name)

    assert kind(bare, bare) is not Kind.DUPLICATE
    assert kind(BAKER, bare) is not Kind.DUPLICATE


def test_the_row_that_stays_is_the_most_complete_then_the_larger_then_the_older() -> None:
    full = replace(BAKER, number="20", iban="CH9300762011623852957")
    rich = replace(BAKER, number="9", balance=Money(100, "CHF"))
    old, young = replace(BAKER, number="9"), replace(BAKER, number="10")

    assert survivor_of([old, rich, full]) is full
    assert survivor_of([old, rich, young]) is rich
    assert survivor_of([young, old]) is old


def test_a_cluster_sums_what_its_rows_owe_by_currency() -> None:
    (cluster,) = (
        cluster
        for cluster in found(
            replace(BAKER, balance=Money(100, "CHF")), replace(BAKER, balance=Money(50, "CHF"))
        ).clusters
        if cluster.survivor.key in ("T0", "T1")
    )

    assert cluster.balances() == {"CHF": Money(150, "CHF")}


# What holds for any file

_NUMBERS = st.sampled_from(["", "CHE-278.850.327", "CHE-344.059.939", "552100554", "0403170701"])
_ROWS = st.lists(
    st.builds(
        Customer,
        line=st.just(0),
        key=st.just(""),
        name=st.sampled_from(["Acme AG", "Acme", "ACME S.A.", "Acme Holding", "Akme AG", "Bolt"]),
        city=st.sampled_from(["", "Zürich", "Bern"]),
        street=st.sampled_from(["", "Seeweg 3", "Bergstr. 1"]),
        register_number=_NUMBERS,
        email=st.sampled_from(["", "a@acme.example", "b@acme.example"]),
        phone=st.sampled_from(["", "044 123 45 67", "+41 44 123 45 67"]),
    ),
    max_size=14,
)


def _as_file(rows: list[Customer]) -> list[Customer]:
    return [replace(row, key=f"{at}", number=f"{at}", line=at) for at, row in enumerate(rows)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=_ROWS, seed=st.integers(0, 9))
def test_order_changes_nothing_and_no_cluster_holds_two_numbers(
    rows: list[Customer], seed: int
) -> None:
    customers = _as_file(rows)
    shuffled = Random(seed).sample(customers, len(customers))

    ours = find_duplicates(customers)

    assert find_duplicates(shuffled) == ours
    pairs = {(pair.left.key, pair.right.key): pair for pair in ours.pairs}
    assert len(pairs) == len(ours.pairs), "every two rows are told once"
    assert all((pair.score >= FOUND_FROM) == (pair.kind is Kind.DUPLICATE) for pair in ours.pairs)
    members = [row.key for cluster in ours.clusters for row in cluster.members]
    assert len(members) == len(set(members)), "a row is in one cluster"
    for cluster in ours.clusters:
        assert cluster.survivor in cluster.members
        numbers = prepare(cluster.members).numbers
        assert all(tell_apart(one, other) is not False for one, other in combinations(numbers, 2))
        for one, other in combinations(cluster.members, 2):
            pair = pairs.get((one.key, other.key)) or pairs[other.key, one.key]
            assert pair.kind is Kind.DUPLICATE

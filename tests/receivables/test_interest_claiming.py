"""Late interest that is claimed: nothing twice, nothing lost, and no interest on it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from receivables.database import SYSTEM, Scope
from receivables.disputes.opening import Claim as Contested
from receivables.dunning.lateness import claim_of, claim_on
from receivables.ids import InvoiceId
from receivables.interest.claiming import (
    DayToCome,
    NothingToClaim,
    NothingToCredit,
    credit_overclaimed,
    waive_note,
)
from receivables.interest.laws import LAWS, DebtorKind, law_of
from receivables.interest.loading import load_rates
from receivables.interest.notices import NoNoticeThen, note_notice
from receivables.interest.owed import Movement
from receivables.interest.policies import Policy, decision_on, set_policy
from receivables.interest.queries import Claim, ClaimState
from receivables.interest.rates import Rate, RateBook, Series, shipped_rates
from receivables.interest.reckoning import Claimed, Late, Reckoning, reckon
from receivables.interest.rules import Notice, Terms
from receivables.interest.tables import AfterPayment, InterestClaim, Stance
from receivables.interest.undecided import paid_late
from receivables.invoices.queries import documents, lines, of_supplier
from receivables.ledger.actions import book_transfer
from receivables.money import Money
from receivables.workdays import WEEKDAYS
from tests.support.builders import money
from tests.support.disputes import contest
from tests.support.world import World

BOOK = RateBook(shipped_rates())
TODAY = date(2026, 11, 2)
DUE = date(2026, 9, 30)
BY = "staff:1"
LATER = Rate(Series.ECB_MRO, date(2026, 4, 2), date(2026, 12, 31), Decimal("2.15"), "ECB", TODAY)

KNOWN = sorted(LAWS, key=str)
#: The one law that lets interest bear interest: what was claimed does not, so it comes to less.
SIMPLE = [one for one in KNOWN if not LAWS[one].compounds_yearly]
#: How long an example takes says nothing on a busy machine.
PATIENT = settings(deadline=None)
days = st.dates(date(2023, 9, 20), date(2025, 12, 30))


def late(law: tuple[str, DebtorKind], minor: int, paid: list[tuple[int, int]]) -> Late:
    due_on = date(2023, 9, 5)
    return Late(
        terms=Terms(law=law_of(*law), contracted_on=date(2023, 9, 1)),
        total=Money(minor, "EUR"),
        due_on=due_on,
        movements=tuple(
            Movement(due_on + timedelta(days=later), Money(minor * part // 100, "EUR"))
            for later, part in paid
        ),
        notice=Notice(due_on + timedelta(days=1), "electronic"),
    )


def claims(owed: Late, cuts: list[date]) -> list[Reckoning]:
    """What is found at each of the days, when each claims what there is."""
    found: list[Reckoning] = []
    claimed = Claimed(interest=Money.zero("EUR"))
    for day in cuts:
        one = reckon(
            Late(**{**_fields(owed), "claimed": claimed}),
            day, with_compensation=True, book=BOOK, calendar=WEEKDAYS,
        )  # fmt: skip
        found.append(one)
        if one.run_up:
            claimed = Claimed(
                days=(*claimed.days, day),
                interest=claimed.interest + one.run_up,
                compensation=claimed.compensation or one.compensation is not None,
            )
    return found


def _fields(owed: Late) -> dict[str, object]:
    return {name: getattr(owed, name) for name in Late.__dataclass_fields__}


drawn_payments = st.lists(st.tuples(st.integers(0, 700), st.integers(1, 30)), max_size=3)


@PATIENT
@given(law=st.sampled_from(SIMPLE), minor=st.integers(1, 10**9), paid=drawn_payments,
       cuts=st.sets(days, min_size=1, max_size=8))  # fmt: skip
def test_claims_over_any_cut_of_a_time_add_up_to_the_interest_over_the_whole(
    law, minor, paid, cuts
):
    owed, last = late(law, minor, paid), max(cuts)

    found = claims(owed, sorted(cuts))
    (whole,) = claims(owed, [last])

    # Exactly before rounding, and in whole cents as well: each asks for what the rounded sum grew
    # by, so no claim is ever off by more than a cent and all together are off by nothing.
    exact = sum((seg.exact for one in found if one.run_up for seg in one.since), Fraction(0))
    unclaimed = Fraction(0) if found[-1].run_up else sum(
        (seg.exact for seg in found[-1].since), Fraction(0)
    )  # fmt: skip
    assert exact + unclaimed == whole.demandable.exact
    assert sum(one.run_up.minor for one in found) == whole.run_up.minor
    assert not any(one.correction or one.overclaimed for one in found)
    assert sum(one.compensation is not None for one in found if one.run_up) <= 1


@PATIENT
@given(minor=st.integers(1, 10**9), cuts=st.sets(days, min_size=2, max_size=6))
def test_what_was_claimed_bears_no_interest_even_where_interest_does(minor, cuts):
    owed = late(("NL", DebtorKind.BUSINESS), minor, [])

    found = claims(owed, sorted(cuts))
    (whole,) = claims(owed, [max(cuts)])

    assert sum(one.run_up.minor for one in found) <= whole.run_up.minor
    assert not any(one.correction for one in found)


@PATIENT
@given(law=st.sampled_from(SIMPLE), minor=st.integers(10**4, 10**9), cut=days, until=days,
       part=st.integers(1, 90))  # fmt: skip
def test_a_claim_makes_good_what_an_earlier_one_asked_for_too_much_or_too_little(
    law, minor, cut, until, part
):
    first, last = sorted((cut, until))
    owed = late(law, minor, [])
    disputed = Late(**{**_fields(owed), "disputed": Money(minor * part // 100, "EUR")})
    asked = claims(disputed, [first])[0].run_up
    known = Claimed(days=(first,), interest=asked)

    def found(then: Late, day: date) -> Reckoning:
        given = Late(**{**_fields(then), "claimed": known})
        return reckon(given, day, with_compensation=False, book=BOOK, calendar=WEEKDAYS)

    # Rejected: what was withheld is owed from the first day.
    rejected = found(owed, last)
    assert asked + rejected.run_up == claims(owed, [last])[0].run_up
    assert sum((one.amount.minor for one in rejected.since), rejected.correction.minor) == (
        rejected.run_up.minor
    )
    # A credit note takes all of it back: what was claimed is claimed too much.
    gone = Late(**{**_fields(owed), "movements": (Movement(last, owed.total, corrects=True),)})
    assert (found(gone, last).run_up, found(gone, last).overclaimed) == (Money(0, "EUR"), asked)


class Lateness:
    """An invoice that is late, and what is claimed for it through the product's own actions."""

    def __init__(self, world: World, amount: str = "3650.00 CHF", **debtor: object) -> None:
        self.world = world
        self.debtor_id = world.debtor(**debtor)
        assert world.supplier_id is not None
        self.supplier_id = world.supplier_id
        self.invoice_id = world.invoice(
            amount, debtor_id=self.debtor_id, due_on=DUE, number="2026-LATE"
        )
        with world.runtime.transaction(SYSTEM) as session:
            load_rates(session, [LATER], clock=world.clock)
        with self.changing() as session:
            policy = Policy(stance=Stance.CLAIM, after_payment=AfterPayment.ASK)
            set_policy(session, supplier_id=self.supplier_id, policy=policy, clock=world.clock)

    def changing(self):
        return self.world.runtime.transaction(Scope(self.supplier_id), by=BY)

    def claim(self, until: date = TODAY) -> list[InvoiceId]:
        with self.changing() as session:
            return claim_on(
                session, self.supplier_id, self.invoice_id, until, by=BY, clock=self.world.clock
            )

    def found(self, on: date = TODAY, invoice_id: InvoiceId | None = None) -> Claim:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            return claim_of(session, self.supplier_id, invoice_id or self.invoice_id, on)

    def pay(self, amount: str, on: date) -> None:
        with self.changing() as session:
            book_transfer(
                session, supplier_id=self.supplier_id, debtor_id=self.debtor_id,
                invoice_id=self.invoice_id, amount=money(amount), reference=f"B-{on}",
                booked_on=on, clock=self.world.clock,
            )  # fmt: skip


def test_a_claim_is_an_invoice_of_its_own_and_the_next_one_begins_where_it_ended(world: World):
    given = Lateness(world)

    (first_id,) = given.claim(date(2026, 10, 10))
    (second_id,) = given.claim()

    # 10 and 23 days of 3 650 at 5 %; Swiss law knows no fixed sum.
    found = given.found()
    assert [(one.number, one.total, one.first_day, one.last_day) for one in found.notes] == [
        ("DN-2026-0001", money("5.00 CHF"), date(2026, 10, 1), date(2026, 10, 10)),
        ("DN-2026-0002", money("11.50 CHF"), date(2026, 10, 11), TODAY),
    ]  # fmt: skip
    assert found.claimed == ()
    assert world.outstanding(given.invoice_id) == money("3650.00 CHF"), "added to nothing"
    assert world.outstanding(second_id) == money("11.50 CHF")
    for until, error in (
        (TODAY, NothingToClaim),
        (date(2026, 10, 5), NothingToClaim),
        (TODAY + timedelta(days=1), DayToCome),
    ):
        with pytest.raises(error):
            given.claim(until)
    with world.runtime.reading(Scope(given.supplier_id)) as session:
        (line,) = lines(session, given.supplier_id, second_id)
        (document,) = documents(session, given.supplier_id, second_id)
        note = of_supplier(session, given.supplier_id, second_id)
    assert line.net_minor == note.total.minor == 1150
    assert "11 octobre 2026" in line.description, "in the debtor’s language"
    assert (document.name, note.type_code) == ("DN-2026-0002.pdf", "383")
    # Late itself, and of no interest.
    assert given.found(date(2027, 3, 1), first_id).state is ClaimState.OF_INTEREST


def test_the_database_refuses_a_second_claim_of_a_day_and_a_second_fixed_sum(world: World):
    given = Lateness(world, "3650.00 EUR", country="DE")
    (note_id,) = given.claim(date(2026, 10, 10))
    other = world.invoice("1.00 EUR", debtor_id=given.debtor_id)

    row = {
        "supplier_id": given.supplier_id, "invoice_id": given.invoice_id, "note_id": other,
        "first_day": date(2026, 10, 1), "last_day": TODAY, "interest_minor": 1,
        "compensation_minor": None, "currency": "EUR", "year": 2026, "serial": 9,
        "claimed_by": BY, "claimed_at": world.clock.now(),
    }  # fmt: skip
    same_day = {**row, "first_day": date(2026, 10, 2), "last_day": date(2026, 10, 10)}
    fixed_sum = {
        **row, "first_day": None, "last_day": None, "interest_minor": 0, "compensation_minor": 1,
    }  # fmt: skip
    for wrong in (row, same_day, fixed_sum, {**fixed_sum, "serial": 1}):
        with pytest.raises(IntegrityError), given.changing() as session:
            session.execute(insert(InterestClaim), {"id": note_id, **wrong})


def test_the_fixed_sum_is_claimed_once_and_by_a_note_of_its_own_in_another_currency(world: World):
    given = Lateness(world, "3650.00 CHF", country="DE")

    ids = given.claim(date(2026, 10, 10))
    (later_id,) = given.claim()

    assert [world.outstanding(one).currency for one in ids] == ["CHF", "EUR"]
    assert world.outstanding(ids[1]) == money("40.00 EUR")
    assert world.outstanding(later_id).currency == "CHF"


def test_what_is_paid_late_is_kept_by_claiming_it_and_a_waived_note_is_not_asked_for_again(
    world: World,
):
    given = Lateness(world)
    given.pay("3650.00 CHF", date(2026, 10, 10))
    assert given.found().state is ClaimState.UNDECIDED

    (note_id,) = given.claim()
    with given.changing() as session:
        assert decision_on(session, given.supplier_id, given.invoice_id) is AfterPayment.KEEP
        waive_note(session, supplier_id=given.supplier_id, note_id=note_id, clock=world.clock)

    assert not world.outstanding(note_id)
    assert given.found(date(2027, 3, 1)).claimed == ()
    with pytest.raises(NothingToClaim):
        given.claim()
    with pytest.raises(NothingToCredit), given.changing() as session:
        waive_note(session, supplier_id=given.supplier_id, note_id=note_id, clock=world.clock)
    with world.runtime.reading(Scope(given.supplier_id)) as session:
        assert paid_late(session, given.supplier_id, date(2027, 3, 1), most=9) == []


def test_nothing_is_claimed_of_consumers_before_the_law_allows_it_nor_of_what_was_waived(world):
    given = Lateness(world, "3650.00 EUR", country="FR", kind="consumer")

    with pytest.raises(NothingToClaim) as refused:
        given.claim()
    assert refused.value.state is ClaimState.NEEDS_NOTICE
    with given.changing() as session:
        policy = Policy(stance=Stance.MENTION)
        set_policy(session, supplier_id=given.supplier_id, policy=policy, clock=world.clock)
    swiss = world.invoice("3650.00 CHF", due_on=DUE)
    given.invoice_id = swiss
    with pytest.raises(NothingToClaim) as refused:
        given.claim()
    assert refused.value.state is ClaimState.COULD_APPLY


def test_what_was_claimed_on_a_disputed_part_waits_and_what_was_never_owed_is_given_back(world):
    given = Lateness(world)
    contested = Contested(number="2026-LATE", scope="amount", amount=money("1650.00 CHF"))
    contest(world, given.debtor_id, contested)
    # 33 days of 2 000 at 5 %: the rest is under review.
    (note_id,) = given.claim()
    assert world.outstanding(note_id) == money("9.04 CHF")

    world.invoice(
        "2650.00 CHF", debtor_id=given.debtor_id, is_credit_note=True, due_in_days=40,
        preceding_number="2026-LATE",
    )  # fmt: skip
    found = given.found()
    assert found.reckoning is not None
    assert found.reckoning.overclaimed == money("4.52 CHF")  # 33 days of 1 000 are owed
    with given.changing() as session:
        credit_overclaimed(
            session, supplier_id=given.supplier_id, invoice_id=given.invoice_id,
            holds=(), by=BY, clock=world.clock,
        )  # fmt: skip

    assert world.outstanding(note_id) == money("4.52 CHF")
    found = given.found()
    assert found.reckoning is not None
    assert not found.reckoning.overclaimed


def test_a_consumers_interest_begins_with_the_first_notice_on_record(world):
    given = Lateness(world, "3650.00 EUR", country="FR", kind="consumer")
    given.invoice_id = world.invoice(
        "3650.00 EUR", debtor_id=given.debtor_id, due_on=date(2026, 3, 2), number="2026-SPRING"
    )
    later, first = date(2026, 4, 20), date(2026, 4, 1)
    whose = {"supplier_id": given.supplier_id, "invoice_id": given.invoice_id, "by": "staff:1",
             "clock": world.clock}  # fmt: skip
    with given.changing() as session:
        for day in (date(2026, 3, 2), TODAY + timedelta(days=1)):
            with pytest.raises(NoNoticeThen):
                note_notice(session, on=day, way="post", **whose)
        assert note_notice(session, on=later, way="post", **whose)
        assert note_notice(session, on=first, way="electronic", **whose)
        assert not note_notice(session, on=later, way="post", **whose)

    found = given.found(date(2026, 6, 30))
    assert found.reckoning is not None
    assert found.reckoning.begins_on == first + timedelta(days=1)
    assert given.claim(date(2026, 6, 30))

"""Late interest and recovery costs stand in accounts of their own, and go back from there."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import case, func, insert, select

from receivables.database import Scope
from receivables.ids import InvoiceId, new_id
from receivables.interest.claiming import waive_note
from receivables.interest.tables import InterestClaim
from receivables.ledger.actions import book_transfer
from receivables.ledger.revenue import ACCOUNTS, given_back, standing
from receivables.ledger.tables import Account, Entry
from receivables.money import Money
from tests.receivables.test_interest_claiming import BY, TODAY, Lateness
from tests.support.builders import money
from tests.support.world import World

amounts = st.integers(0, 10**6).map(lambda minor: Money(minor, "EUR"))


@given(amount=amounts, stands=st.dictionaries(st.sampled_from(ACCOUNTS), amounts))
def test_a_credit_note_takes_interest_before_costs_and_from_no_account_more_than_stands(
    amount, stands
):
    shares = given_back(amount, stands)

    assert Money.total(shares.values(), "EUR") == amount
    for account in (Account.LATE_INTEREST, Account.RECOVERY_COSTS):
        assert shares.get(account, Money.zero("EUR")) <= stands.get(account, Money.zero("EUR"))
    if shares.get(Account.RECOVERY_COSTS):
        assert shares.get(Account.LATE_INTEREST) == (stands.get(Account.LATE_INTEREST) or None)
    if amount <= Money.total(stands.values(), "EUR"):
        assert shares.keys() <= stands.keys()


def revenue(world: World) -> dict[str, int]:
    """The balance of each account of revenue, in minor units."""
    minor = Entry.amount_minor  # type: ignore[attr-defined]
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return {
            account.value: session.scalar(
                select(
                    func.coalesce(
                        func.sum(
                            case((Entry.credit_account == account, minor), else_=0)
                            - case((Entry.debit_account == account, minor), else_=0)
                        ),
                        0,
                    )
                ).where(Entry.supplier_id == world.supplier_id)
            )
            for account in ACCOUNTS
        }


def test_what_a_note_claims_is_booked_apart_from_sales_and_waived_from_where_it_stands(
    world: World,
):
    late = Lateness(world, "3650.00 EUR", country="DE")

    (note_id,) = late.claim()

    # 33 days of 3 650 at 10.27 %, half a year's rate; and the fixed sum.
    assert revenue(world) == {
        "late_interest": 3389, "recovery_costs": 4000, "plan_costs": 0, "sales": 365000,
    }  # fmt: skip
    with late.changing() as session:
        book_transfer(
            session, supplier_id=late.supplier_id, debtor_id=late.debtor_id, invoice_id=note_id,
            amount=money("39.00 EUR"), reference="B-1", booked_on=TODAY, clock=world.clock,
        )  # fmt: skip
        waive_note(session, supplier_id=late.supplier_id, note_id=note_id, clock=world.clock)
        left = standing(session, late.supplier_id, [note_id], "EUR")

    # 34.89 were open: all of the interest, and one of the forty.
    assert left == {Account.LATE_INTEREST: money("0.00 EUR"),
                    Account.RECOVERY_COSTS: money("39.00 EUR")}  # fmt: skip
    assert revenue(world) == {
        "late_interest": 0, "recovery_costs": 3900, "plan_costs": 0, "sales": 365000,
    }  # fmt: skip


def test_a_note_that_was_booked_to_sales_before_is_given_back_from_there(world: World):
    late = Lateness(world, "3650.00 EUR", country="DE")
    old = _claimed_long_ago(late)

    with late.changing() as session:
        waive_note(session, supplier_id=late.supplier_id, note_id=old, clock=world.clock)
    late.claim()

    # The fixed sum is claimed already; what is new stands in its own account.
    assert revenue(world) == {
        "late_interest": 2362, "recovery_costs": 0, "plan_costs": 0, "sales": 365000,
    }  # fmt: skip


def _claimed_long_ago(late: Lateness) -> InvoiceId:
    """A note as they were booked: all of it to sales."""
    note_id = late.world.invoice(
        "50.27 EUR", debtor_id=late.debtor_id, number="DN-2026-0001", due_on=TODAY
    )
    row = {
        "id": new_id(), "supplier_id": late.supplier_id, "invoice_id": late.invoice_id,
        "note_id": note_id, "first_day": date(2026, 10, 1), "last_day": date(2026, 10, 10),
        "interest_minor": 1027, "compensation_minor": 4000, "currency": "EUR", "year": 2026,
        "serial": 1, "claimed_by": BY, "claimed_at": late.world.clock.now(),
    }  # fmt: skip
    with late.changing() as session:
        session.execute(insert(InterestClaim), row)
    return note_id

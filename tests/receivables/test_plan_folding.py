"""What is paid of a plan: shared out from what the ledger says, and nothing is lost."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from receivables.ids import InstalmentId, PaymentId, new_id
from receivables.money import Money
from receivables.plans.folding import (
    Receipt,
    shares,
    standing_of,
)
from tests.support.builders import money
from tests.support.plan_rules import TODAY, instalments

SCHEDULE = instalments("300.00", "200.00", "200.00", "200.00")


def _got(amount, on=TODAY, place=None):
    return Receipt(
        on=on, amount=money(f"{amount} CHF"),
        instalment_id=None if place is None else SCHEDULE[place].instalment_id,
    )  # fmt: skip


def _paid(*receipts, today=TODAY, schedule=SCHEDULE):
    standing = standing_of(schedule, receipts, today)
    return [str(part.paid.decimal) for part in standing.parts]


def test_money_goes_to_what_is_due_and_then_from_the_end():
    assert _paid(_got("300.00")) == ["300.00", "0.00", "0.00", "0.00"]
    assert _paid(_got("350.00")) == ["300.00", "0.00", "0.00", "50.00"]
    assert _paid(_got("600.00")) == ["300.00", "0.00", "100.00", "200.00"]


def test_what_came_later_goes_to_what_was_due_by_then():
    december = date(2026, 12, 10)

    assert _paid(_got("300.00"), _got("250.00", december)) == ["300.00", "200.00", "0.00", "50.00"]


def test_a_payment_that_says_what_it_is_for_goes_there():
    assert _paid(_got("300.00"), _got("200.00", place=1)) == ["300.00", "200.00", "0.00", "0.00"]
    assert _paid(_got("250.00", place=1)) == ["50.00", "200.00", "0.00", "0.00"]


def test_what_names_an_instalment_of_another_plan_is_money_like_any_other():
    other = Receipt(on=TODAY, amount=money("300.00 CHF"), instalment_id=InstalmentId(new_id()))

    assert _paid(other) == ["300.00", "0.00", "0.00", "0.00"]


def test_what_is_taken_back_reopens_what_it_had_paid():
    first, second = _got("300.00", place=0), _got("200.00", place=1)

    assert _paid(first, second, _got("-200.00", place=1)) == ["300.00", "0.00", "0.00", "0.00"]
    assert _paid(first, second, _got("-50.00")) == ["300.00", "150.00", "0.00", "0.00"]


def test_what_is_taken_back_of_a_payment_from_before_the_plan_is_beside_it():
    back = Receipt(on=TODAY, amount=money("-70.00 CHF"), payment_id=PaymentId(new_id()))
    first, later = _got("300.00", place=0), _got("100.00", date(2026, 12, 3))

    standing = standing_of(SCHEDULE, [first, back], TODAY)
    assert (standing.beside, standing.paid) == (money("-70.00 CHF"), money("300.00 CHF"))
    made_good = standing_of(SCHEDULE, [first, back, later], TODAY)
    assert (made_good.beside, made_good.paid) == (money("0.00 CHF"), money("330.00 CHF"))


def test_what_went_back_in_parts_went_on_the_day_of_each_part():
    earlier = PaymentId(new_id())
    tomorrow = TODAY + timedelta(days=1)

    def back(amount: str, on: date) -> Receipt:
        return Receipt(on=on, amount=-money(f"{amount} CHF"), payment_id=earlier)

    standing = standing_of(
        SCHEDULE,
        [
            _got("1021.00"),  # 121.00 more than was agreed
            back("120.00", TODAY),  # leaves 1.00 of that
            Receipt(on=tomorrow, amount=-money("100.00 CHF")),  # a write-off that was reversed
            back("1.00", tomorrow),
        ],
        tomorrow,
    )

    assert [str(part.paid.decimal) for part in standing.parts] == [
        "300.00", "101.00", "200.00", "200.00",
    ]  # fmt: skip
    assert standing.beside == -money("1.00 CHF")


def test_more_than_was_agreed_is_beside_it():
    standing = standing_of(SCHEDULE, [_got("901.00")], TODAY)

    assert (standing.paid, standing.beside) == (money("900.00 CHF"), money("1.00 CHF"))
    assert (standing.next, standing.late) == (None, ())


def test_an_instalment_is_late_the_day_after_its_due_date():
    on_time = standing_of(SCHEDULE, [_got("300.00")], date(2026, 12, 2))
    late = standing_of(SCHEDULE, [_got("300.00")], date(2026, 12, 3))

    assert on_time.late == ()
    assert [part.instalment.place for part in late.late] == [1]
    assert late.next is not None
    assert late.next.instalment.place == 1


receipts = st.lists(
    st.builds(
        Receipt,
        on=st.dates(TODAY - timedelta(days=5), TODAY + timedelta(days=200)),
        amount=st.integers(-50_000, 100_000).map(lambda minor: Money(minor, "CHF")),
        instalment_id=st.none() | st.sampled_from([one.instalment_id for one in SCHEDULE]),
        payment_id=st.none() | st.sampled_from([PaymentId(UUID(int=n)) for n in range(3)]),
    ),
    max_size=12,
)


@given(receipts, st.randoms(use_true_random=False))
def test_any_fold_conserves_money_and_the_order_of_arrival_does_not_matter(
    received: list[Receipt], shuffler: random.Random
):
    standing = standing_of(SCHEDULE, received, TODAY)

    total = Money.total((one.amount for one in received), "CHF")
    assert standing.paid + standing.beside == total
    assert standing.paid + standing.outstanding == money("900.00 CHF")
    for part in standing.parts:
        assert Money.zero("CHF") <= part.paid <= part.instalment.amount
    # Money lies beside the schedule only when there is no room for it.
    assert standing.beside.minor <= 0 or not standing.outstanding
    shuffled = list(received)
    shuffler.shuffle(shuffled)
    assert standing_of(SCHEDULE, shuffled, TODAY) == standing


@given(st.lists(st.integers(1, 90_000), max_size=6), st.data())
def test_what_is_paid_and_taken_back_the_same_day_leaves_no_trace(amounts, data):
    paid = [Receipt(on=TODAY, amount=Money(minor, "CHF")) for minor in amounts]
    back = [Receipt(on=TODAY, amount=-one.amount) for one in paid]
    before = [_got("350.00")]

    there_and_back = standing_of(SCHEDULE, [*before, *data.draw(st.permutations(paid + back))],
                                 TODAY)  # fmt: skip

    assert there_and_back == standing_of(SCHEDULE, before, TODAY)


def test_a_payment_that_was_taken_back_never_came():
    payment_id = PaymentId(new_id())
    early = Receipt(on=TODAY, amount=money("350.00 CHF"), payment_id=payment_id)
    later = _got("100.00", date(2026, 12, 5))
    back = Receipt(on=date(2026, 12, 20), amount=money("-350.00 CHF"), payment_id=payment_id)

    assert _paid(early, later) == ["300.00", "100.00", "0.00", "50.00"]
    assert _paid(early, later, back) == _paid(later) == ["100.00", "0.00", "0.00", "0.00"]


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=5), st.data())
def test_each_instalment_goes_to_the_oldest_debt_first_and_nothing_is_lost(debts, data):
    total = sum(debts)
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, total - 1)), max_size=5)) - {total})
    amounts = [after - before for before, after in zip([0, *cuts], [*cuts, total], strict=True)]

    rows = shares([Money(one, "CHF") for one in amounts], [Money(one, "CHF") for one in debts])

    assert [sum(share.minor for share in row) for row in rows] == amounts
    assert [sum(row[index].minor for row in rows) for index in range(len(debts))] == debts
    flat = [index for row in rows for index, share in enumerate(row) if share]
    assert flat == sorted(flat)

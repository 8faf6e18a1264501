"""What a step brought about: every sent step of an invoice has exactly one outcome."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from receivables.credit.rules import PayerClass
from receivables.database import Scope
from receivables.effects.queries import effects_since
from receivables.effects.rules import Touch, effects
from receivables.ids import InvoiceId, new_id
from receivables.ledger.actions import book_transfer
from receivables.money import Money
from tests.support.builders import money
from tests.support.world import World

TODAY = date(2026, 11, 20)
PAID = "1950.00 CHF"
ONE, TWO = InvoiceId(new_id()), InvoiceId(new_id())


def _touch(invoice_id: InvoiceId, step: str, days_ago: int, payer: str = "B") -> Touch:
    return Touch(
        invoice_id=invoice_id, step=step, level={"courtesy": 0, "r1": 1, "r2": 2}[step],
        sent_on=TODAY - timedelta(days=days_ago), payer_class=PayerClass(payer),
        amount=Money(10000, "CHF"),
    )  # fmt: skip


def test_a_payment_counts_for_the_last_step_before_it():
    touches = [_touch(ONE, "courtesy", 20), _touch(ONE, "r1", 10), _touch(TWO, "r1", 10, "D")]

    found = effects(touches, {ONE: TODAY - timedelta(days=4)}, TODAY)

    seen = {
        (one.step, one.payer_class): (one.paid, one.passed, one.waiting, one.median_days)
        for one in found
    }
    assert seen == {
        ("courtesy", None): (0, 1, 0, None),
        ("courtesy", PayerClass.B): (0, 1, 0, None),
        ("r1", None): (1, 0, 1, 6),
        ("r1", PayerClass.B): (1, 0, 0, 6),
        ("r1", PayerClass.D): (0, 0, 1, None),
    }
    assert [one.brought for one in found if one.step == "r1" and one.payer_class is None] == [
        (Money(10000, "CHF"),)
    ]


def test_no_share_is_told_of_too_few():
    touches = [_touch(InvoiceId(new_id()), "r1", 40) for _ in range(5)]

    assert effects(touches[:4], {}, TODAY)[0].paid_share is None
    assert effects(touches, {touches[0].invoice_id: TODAY}, TODAY)[0].paid_share == 0.2


@given(
    sent=st.lists(
        st.tuples(st.sampled_from(["courtesy", "r1", "r2"]), st.integers(0, 60)),
        max_size=3, unique_by=lambda one: one[0],
    ),
    paid_ago=st.none() | st.integers(0, 70),
)  # fmt: skip
def test_every_step_that_was_sent_before_the_payment_has_one_outcome(sent, paid_ago):
    touches = [_touch(ONE, step, days) for step, days in sent]
    paid = {} if paid_ago is None else {ONE: TODAY - timedelta(days=paid_ago)}

    found = [one for one in effects(touches, paid, TODAY) if one.payer_class is None]

    counted = [one for one in touches if not paid or one.sent_on <= paid[ONE]]
    assert sum(one.paid + one.passed + one.waiting for one in found) == len(counted)
    assert sum(one.paid for one in found) == (1 if paid and counted else 0)


def test_the_books_tell_what_a_reminder_brought(world: World):
    house = world.supplier()
    debtor = world.debtor()
    paid = world.invoice(PAID, debtor_id=debtor, due_on=date(2026, 10, 30))
    world.invoice("50.00 CHF", due_on=date(2026, 10, 30))
    world.advance(days=1)
    assert len(world.mail) == 2
    today = world.clock.now().date()
    with world.runtime.transaction(Scope(house)) as session:
        assert book_transfer(
            session, supplier_id=house, debtor_id=debtor, invoice_id=paid, amount=money(PAID),
            reference="paid", booked_on=today, clock=world.clock,
        )  # fmt: skip

    with world.runtime.reading(Scope(house)) as session:
        found = effects_since(
            session, house, today - timedelta(days=30), zone="Europe/Zurich", today=today
        )

    over_all = next(one for one in found if one.payer_class is None)
    assert (over_all.paid, over_all.waiting) == (1, 1)
    assert over_all.brought == (Money(195000, "CHF"),)

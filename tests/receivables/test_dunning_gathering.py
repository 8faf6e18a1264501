"""What goes along with a message, and when a message may go: found by living drawn years."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from receivables.credit.rules import PayerClass, Standing
from receivables.database import Scope
from receivables.dunning.actions import dun_supplier
from receivables.dunning.rules import decide
from receivables.dunning.steps import DEFAULT
from receivables.workdays import HOLIDAYS, WEEKDAYS
from tests.support.dunning import Dunning
from tests.support.dunning_cases import FRIDAY, account, item
from tests.support.world import World

DAY = timedelta(days=1)


@pytest.mark.parametrize("payer", [PayerClass.N, PayerClass.E])
@pytest.mark.parametrize("days", range(-3, 4))
def test_a_courtesy_brings_no_reminder_along_of_what_is_not_overdue(
    payer: PayerClass, days: int
) -> None:
    """It would ask for nothing at all, and the run of everybody else would fail with it."""
    today = FRIDAY
    standing = Standing(payer_class=payer)
    coming = item(1, due_on=today + (10 if payer is PayerClass.E else 7) * DAY)
    of = account(coming, item(2, due_on=today + days * DAY), standing=standing, last_level=1)

    verdict = decide(DEFAULT, of, today, calendar=WEEKDAYS)

    assert verdict.step is not None
    assert verdict.total
    overdue = [line for line in verdict.taking if line.step and line.step.offset_days > 0]
    assert all(line.item.due_on < today for line in overdue)


def test_a_fridays_message_does_not_reach_the_far_east_on_saturday(world: World) -> None:
    dunning = Dunning(world)
    debtor_id = world.debtor(country="IN", postcode="110001", city="New Delhi", language="en")
    world.invoice("100.00 CHF", debtor_id=debtor_id, due_on=date(2026, 11, 2))
    # A Friday: nine in the morning in Delhi is over, and the next one is a Saturday's.
    world.clock.advance(datetime(2026, 11, 6, 8, 0, tzinfo=world.clock.now().tzinfo)
                        - world.clock.now())  # fmt: skip

    def run() -> int:
        with world.runtime.transaction(Scope(dunning.supplier_id)) as session:
            return dun_supplier(
                session, dunning.supplier_id, dunning.today, clock=world.clock, calendar=HOLIDAYS
            )

    assert run() == 0
    world.clock.advance(3 * DAY)
    # Monday's run: Tuesday in the morning is the next that opens there, and a Tuesday is worked.
    assert run() == 1
    opens = dunning.only().send_from
    assert opens is not None
    assert opens.date() == date(2026, 11, 10)

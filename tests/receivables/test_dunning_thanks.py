"""Thanks for money that came."""

from __future__ import annotations

import pytest

from receivables import history
from receivables.dunning import tasks
from receivables.dunning.taking_over import remember_sent
from receivables.ids import DebtorId, PaymentId
from receivables.ports import MailDeferred, MailUnknown
from tests.support.builders import money
from tests.support.dunning import Dunning
from tests.support.outbox import RecordingMailer
from tests.support.world import World


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


def test_thanks_say_what_was_paid_and_what_remains_once(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor(email="anne@dubois.example")
    dunning.world.invoice("100.00 CHF", debtor_id=debtor_id, number="2026-0412")
    payment_id = dunning.pay(debtor_id, "60.00 CHF")
    thank(dunning, debtor_id, payment_id)

    dunning.world.run_jobs()

    (mail,) = dunning.world.mail
    assert mail.message_id == f"thanks-{payment_id}@quittance.example"
    assert mail.to_address == "anne@dubois.example"
    assert "60.00" in mail.text
    assert "40.00" in mail.text
    assert "2026-0412" in mail.text


def thank(dunning: Dunning, debtor_id: DebtorId, payment_id: PaymentId) -> None:
    """What payments records once the money is ours."""
    settled = tasks.PaymentSettled(
        supplier_id=dunning.supplier_id, debtor_id=debtor_id, payment_id=payment_id,
        amount=money("60.00 CHF"), method="Visa ···· 4242",
    )  # fmt: skip
    with dunning.world.runtime.transaction(dunning.scope) as session:
        history.record(session, settled, clock=dunning.world.clock)


def test_nobody_is_thanked_for_money_that_did_not_come(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    invoice_id = dunning.world.invoice("60.00 CHF", debtor_id=debtor_id)
    thank(dunning, debtor_id, dunning.start_paying(debtor_id, invoice_id, "60.00 CHF"))

    dunning.world.run_jobs()

    assert not dunning.world.mail


def test_thanks_come_again_after_trouble_under_the_same_id(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("60.00 CHF", debtor_id=debtor_id)
    payment_id = dunning.pay(debtor_id, "60.00 CHF")
    mailer.answers = [MailDeferred(None, "no connection"), MailUnknown("the line broke")]
    thank(dunning, debtor_id, payment_id)

    dunning.world.run_jobs()
    dunning.world.advance(hours=2)

    assert [mail.message_id for mail in mailer.sent] == [f"thanks-{payment_id}@quittance.example"]


def test_nobody_is_thanked_warmly_after_a_third_reminder(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    invoice_id = dunning.world.invoice("60.00 CHF", debtor_id=debtor_id)
    amount = money("60.00 CHF")
    with dunning.world.runtime.transaction(dunning.scope) as session:
        remember_sent(
            session, supplier_id=dunning.supplier_id, debtor_id=debtor_id, run_on=dunning.today,
            step="r3", amount=amount, items=[(invoice_id, "r3", amount)], language="fr",
            clock=dunning.world.clock,
        )  # fmt: skip
    thank(dunning, debtor_id, dunning.pay(debtor_id, "60.00 CHF"))

    dunning.world.run_jobs()

    assert not dunning.world.mail

"""What the reminder asks for, what the portal asks for, what Stripe takes and what the ledger
says is owed are one amount, whatever has happened to the invoices before. What is promised for a
day to come stays payable; the reminder states it beside what it asks for.
"""

from __future__ import annotations

import random
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from receivables.database import Scope
from receivables.disputes.opening import Claim
from receivables.dunning.actions import dun_supplier
from receivables.dunning.holding import holds_of
from receivables.i18n import money as written
from receivables.i18n import reading_as
from receivables.ids import DebtorId, InvoiceId
from receivables.ledger.actions import book_transfer
from receivables.money import Money
from receivables.payments.queries import listed
from receivables.promises.rules import Source
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.support.browsing import portal_browser, text_of
from tests.support.builders import money
from tests.support.disputes import contest, credit
from tests.support.payments import Till, open_till
from tests.support.promises import Promises


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


class Debt:
    """One debtor's overdue invoices, and what of each should be asked for."""

    def __init__(self, till: Till, chance: random.Random) -> None:
        self.till, self.chance, self.world = till, chance, till.world
        self.debtor_id: DebtorId = self.world.debtor(language="en", country="GB", name="Bakers Ltd")
        self.asked: dict[str, Money] = {}
        self.ids: dict[str, InvoiceId] = {}
        self.contested: dict[str, Money] = {}
        self.promised: dict[str, Money] = {}
        for number in ("A-1", "A-2", "A-3", "A-4")[: chance.randint(1, 4)]:
            text = f"{chance.randint(50, 5000)}.{chance.randint(0, 99):02} CHF"
            self.asked[number] = money(text)
            self.ids[number] = self.world.invoice(
                text, debtor_id=self.debtor_id, number=number, due_in_days=-chance.randint(3, 40)
            )

    def _share(self, number: str) -> Money:
        """A part that leaves something worth a letter."""
        amount = self.asked[number]
        part = Money(self.chance.randint(100, amount.minor // 3), amount.currency)
        self.asked[number] -= part
        return part

    def is_paid_in_part(self, number: str) -> None:
        part = self._share(number)
        with self.world.runtime.transaction(Scope(self.till.supplier_id)) as session:
            book_transfer(
                session, supplier_id=self.till.supplier_id, debtor_id=self.debtor_id,
                invoice_id=self.ids[number], amount=part, reference=f"bank {number}",
                booked_on=self.world.clock.now().date(), clock=self.world.clock,
            )  # fmt: skip

    def is_credited_in_part(self, number: str) -> None:
        credit(self.world, self.debtor_id, f"{self._share(number).decimal} CHF", of=number)

    def is_contested_in_part(self, number: str) -> None:
        self.contested[number] = part = self._share(number)
        contest(self.world, self.debtor_id, Claim(number=number, scope="amount", amount=part))

    def is_promised_in_part(self, number: str) -> None:
        """What is promised stays payable, and is stated in the reminder without being asked for."""
        self.promised[number] = part = self._share(number)
        with self.world.runtime.reading(Scope(self.till.supplier_id)) as session:
            held = holds_of(session, self.till.supplier_id, self.debtor_id)
        Promises(self.world).promise(
            self.debtor_id, self.ids[number], amount=f"{part.decimal} CHF", source=Source.CALL,
            held_by_others=held,
        )  # fmt: skip
        self.world.run_jobs()

    def live(self) -> None:
        """Each invoice has met some of it, in any order."""
        for number in self.ids:
            happenings = [self.is_paid_in_part, self.is_credited_in_part, self.is_contested_in_part]
            for happens in self.chance.sample(happenings, self.chance.randint(0, 3)):
                happens(number)
            # Last, since money that comes after a promise is put against it first.
            if self.chance.random() < 0.5:
                self.is_promised_in_part(number)

    @property
    def total(self) -> Money:
        """What is asked for now."""
        return Money.total(self.asked.values(), "CHF")

    @property
    def payable(self) -> Money:
        return self.total + Money.total(self.promised.values(), "CHF")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.once("what pages and mails say; the sums are asked of both in test_ledger")
def test_mail_portal_stripe_and_ledger_name_one_amount(till: Till, seed: int) -> None:
    world, runtime = till.world, till.runtime
    debt = Debt(till, random.Random(seed))
    debt.live()
    with reading_as("en_GB"):
        asked = " ".join(written(debt.total).split())
        payable = " ".join(written(debt.payable).split())
        promised = {number: written(part) for number, part in debt.promised.items()}

    for number, invoice_id in debt.ids.items():
        contested = debt.contested.get(number, money("0.00 CHF"))
        not_asked = contested + debt.promised.get(number, money("0.00 CHF"))
        assert world.outstanding(invoice_id) - not_asked == debt.asked[number]

    world.mail.clear()
    with runtime.transaction(Scope(till.supplier_id)) as session:
        today = world.clock.now().date()
        assert dun_supplier(session, till.supplier_id, today, clock=world.clock) == 1
    # It waits for nine o'clock where the debtor is.
    assert not world.mail
    world.clock.advance(timedelta(hours=1))
    world.run_jobs()
    (reminder,) = world.mail
    said = " ".join(reminder.text.split())
    assert f"pay {asked}" in said
    stated = said.partition("Promised by you, not asked for now")[2]
    assert bool(stated) == bool(promised)
    for number, part in promised.items():
        assert f"{number}: {' '.join(part.split())}" in stated

    browser = portal_browser(runtime)
    browser.get(link_for(world, debt.debtor_id))
    account = browser.get("/")
    assert payable in " ".join(text_of(account).split())

    away = browser.submit(browser.submit(account, "/pay"), "/pay", choice="all")
    session_id = urlsplit(away.headers["location"]).path.rsplit("/", 1)[-1]
    assert runtime.gateway is not None
    checkout = runtime.gateway.checkout("", session_id)
    assert checkout is not None
    assert checkout.amount == debt.payable
    with runtime.reading(Scope(till.supplier_id)) as session:
        assert listed(session, till.supplier_id)[0].amount == debt.payable

"""Debtors who pay in instalments, through the product's own actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from receivables.clock import local_date
from receivables.credit.actions import set_payer_class, set_solvency_class
from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.database import Scope
from receivables.ids import ContactId, DebtorId, InvoiceId, PaymentId, PlanId, SupplierId, new_id
from receivables.parties.queries import contacts
from receivables.payers.tasks import work_out
from receivables.payments.tables import Payment, SavedMethod
from receivables.payments.tasks import backfill
from receivables.plans import actions
from receivables.plans.paying import pay_instalment
from receivables.plans.queries import find, today_of
from receivables.plans.reading import PlanView, view
from receivables.plans.rules import SEPA_NOTICE_DAYS, Wish
from receivables.plans.tables import PlanMessage
from tests.support.keeping import Source, kept
from tests.support.pace import PACE
from tests.support.payments import VISA, Till

ZONE = "Europe/Zurich"
#: So many days are lived through one by one whenever they are asked for.
_LIVED_THROUGH = 10
#: A payer's class is set by hand here, and Stripe's messages are delivered each day: to reckon the
#: one and to ask for the other anew each night is a quarter of what the days cost.
_NIGHTLY = frozenset({work_out.name, backfill.name})
#: Longer before a part falls due, nothing is said of it or asked for.
_NOTICE = timedelta(days=SEPA_NOTICE_DAYS + 1)


@dataclass
class Payer:
    """One debtor with one invoice of a till's supplier."""

    till: Till
    debtor_id: DebtorId
    invoice_id: InvoiceId
    plan_id: PlanId | None = None

    @property
    def supplier_id(self) -> SupplierId:
        return self.till.supplier_id

    @property
    def contact_id(self) -> ContactId:
        with self.till.runtime.reading(Scope(self.supplier_id)) as session:
            return contacts(session, self.supplier_id, self.debtor_id)[0].id

    @property
    def today(self) -> date:
        return local_date(self.till.runtime.clock.now(), ZONE)

    def plan(self) -> PlanView:
        """The plan as it stands now."""
        assert self.plan_id is not None, "none was asked for"
        with self.till.runtime.reading(Scope(self.supplier_id)) as session:
            plan = find(session, self.supplier_id, self.plan_id)
            return view(session, self.supplier_id, plan, self.today)

    @property
    def state(self) -> str:
        return self.plan().plan.state

    def paid(self) -> list[str]:
        """What is paid of each instalment."""
        return [str(part.paid.decimal) for part in self.plan().standing.parts]

    def propose(self, wish: Wish | None = None) -> str:
        """Ask for a plan over the invoice; the state it is in then."""
        with self.till.runtime.transaction(Scope(self.supplier_id)) as session:
            plan = actions.propose(
                session, supplier_id=self.supplier_id, debtor_id=self.debtor_id,
                contact_id=self.contact_id, invoice_ids=[self.invoice_id],
                wish=wish or Wish(parts=4), clock=self.till.runtime.clock,
            )  # fmt: skip
            self.plan_id = plan.id
        self.till.world.run_jobs()
        return self.state

    def sign(self) -> None:
        """Agree to what the page would show now."""
        assert self.plan_id is not None
        with self.till.runtime.transaction(Scope(self.supplier_id)) as session:
            plan = find(session, self.supplier_id, self.plan_id)
            quoted = actions.quote_again(
                session, plan, today_of(session, self.supplier_id, self.till.runtime.clock)
            )
            actions.accept(
                session, supplier_id=self.supplier_id, debtor_id=self.debtor_id,
                contact_id=self.contact_id, plan_id=self.plan_id,
                shown=actions.fingerprint(quoted),
                given=actions.GivenConsent(
                    text="I agree.\n\nTo all of it.", locale="fr_CH", address="192.0.2.7",
                    user_agent="Firefox",
                ),
                clock=self.till.runtime.clock,
            )  # fmt: skip

    def open_page(self, place: int = 0) -> PaymentId:
        """Go to the hosted page of one instalment."""
        assert self.plan_id is not None
        page = pay_instalment(
            self.till.runtime, attempt=PaymentId(new_id()), supplier_id=self.supplier_id,
            debtor_id=self.debtor_id, contact_id=self.contact_id, plan_id=self.plan_id,
            instalment_id=self.plan().rows[place].id, locale="fr_CH",
        )  # fmt: skip
        return page.payment_id

    def pay(self, place: int = 0, card: str = VISA, *, save_card: bool = True) -> None:
        """Pay one instalment in person, on the hosted page."""
        payment_id = self.open_page(place)
        if save_card:
            self.till.pay(payment_id, card)
        else:
            self.till.stripe.pay(self.till.session_of(payment_id), save_card=False)
        self.till.deliver()

    def agree(self, wish: Wish | None = None, card: str = VISA) -> None:
        """From the wish to a standing plan."""
        assert self.propose(wish) == "approved"
        self.sign()
        self.pay(card=card)
        assert self.state == "active"

    def messages(self) -> list[str]:
        """What was said about the plan and sent, in order."""
        return [one.kind for one in self.rows() if one.state == "sent"]

    def rows(self) -> list[PlanMessage]:
        return list(self.plan().messages)

    def charges(self) -> list[tuple[str, str]]:
        """State and amount of every try to charge the saved card, in order."""
        with self.till.runtime.reading(Scope(self.supplier_id)) as session:
            found = (
                session.query(Payment)
                .filter(Payment.debtor_id == self.debtor_id, Payment.channel == "charge")
                .order_by(Payment.created_at, Payment.id)
            )
            return [(one.state, str(one.amount.decimal)) for one in found]

    def change_card(self, number: str) -> None:
        """The saved card behaves like another test card from now on."""
        method_id = self.plan().plan.saved_method_id
        assert method_id is not None
        with self.till.runtime.reading(Scope(self.supplier_id)) as session:
            row = session.query(SavedMethod).filter(SavedMethod.id == method_id).one()
            name = row.stripe_payment_method_id
        self.till.stripe.change_card(name, number)

    def advance(self, days: int) -> None:
        """Days pass: each morning the calendar's work, and Stripe's messages.

        A step is a day, not an hour as in `World.advance`: plans live for months. Of more
        than ten, what lies well before anything falls due is one step.
        """
        world, until = self.till.world, self.today + timedelta(days=days)
        while self.today < until:
            is_fine = PACE.thorough or days <= _LIVED_THROUGH
            quiet = timedelta(days=1) if is_fine else self._quiet()
            world.clock.advance(min(quiet, until - self.today))
            world.fire_schedules()
            world.run_jobs(leaving=_NIGHTLY)
            self.till.deliver()

    def _quiet(self) -> timedelta:
        """How long nothing can happen to this plan by itself; a day at least."""
        day = timedelta(days=1)
        if self.plan_id is None:
            return day
        plan = self.plan()
        due = [part.instalment.due_on for part in plan.standing.parts if part.open]
        if plan.plan.state != "active" or plan.plan.paused_for or not due:
            return day
        return max(day, min(due) - self.today - _NOTICE)


def a_payer(till: Till, owes: str = "900.00 CHF", *, payer_class: str = "A",
            solvency: str = "B", due_in_days: int = -20, **given: object) -> Payer:  # fmt: skip
    """Somebody who owes and may agree a plan alone, unless told otherwise."""
    debtor_id = till.world.debtor(**given)
    invoice_id = till.world.invoice(owes, debtor_id=debtor_id, due_in_days=due_in_days)
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        whose = {"supplier_id": till.supplier_id, "debtor_id": debtor_id,
                 "clock": till.runtime.clock}  # fmt: skip
        set_payer_class(session, payer_class=PayerClass(payer_class), **whose)
        set_solvency_class(session, solvency_class=SolvencyClass(solvency), **whose)
    till.world.run_jobs()
    return Payer(till, debtor_id, invoice_id)


def agreed(till: Till) -> Payer:
    """Somebody whose plan of four parts of 225 stands, the second due on 2 December."""
    payer = a_payer(till)
    payer.agree()
    return payer


def on_the_eve(till: Till) -> Payer:
    """The same on the first of December: the charge is announced, and made tomorrow."""
    payer = agreed(till)
    payer.advance(days=(date(2026, 12, 1) - payer.today).days)
    return payer


def kept_payer(build: Callable[[Till], Payer], till: Till, source: Source) -> Payer:
    """As `build` makes them, lived through once in a process."""
    found: Payer = kept(build, till, source, till.runtime.settings.database.url)
    return replace(found, till=till)

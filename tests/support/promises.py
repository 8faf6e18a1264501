"""Promises and declarations as a test gives them, on the world's calendar."""

from __future__ import annotations

from datetime import date, timedelta

from receivables.clock import local_date
from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId, PaidClaimId, PromiseId, SupplierId
from receivables.ledger.actions import book_transfer
from receivables.ledger.holds import Hold
from receivables.parties.queries import contacts
from receivables.promises import claiming, queries
from receivables.promises.actions import NewPromise, promise
from receivables.promises.claim_queries import ClaimView, claim
from receivables.promises.queries import PromiseView
from receivables.promises.rules import Source
from tests.support.builders import money
from tests.support.world import World


class Promises:
    """One supplier's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.supplier_id: SupplierId = world.supplier_id or world.supplier()
        self.scope = Scope(self.supplier_id)

    @property
    def today(self) -> date:
        return local_date(self.world.clock.now(), "Europe/Zurich")

    def promise(
        self,
        debtor_id: DebtorId,
        *invoice_ids: InvoiceId,
        amount: str | None = None,
        on: date | None = None,
        source: Source = Source.DEBTOR,
        **facts: object,
    ) -> PromiseId:
        with self.world.runtime.transaction(self.scope) as session:
            contact = contacts(session, self.supplier_id, debtor_id)[0]
            new = NewPromise(
                invoice_ids=invoice_ids,
                amount=money(amount) if amount else None,
                promised_on=on or self.today + timedelta(days=2),
                source=source,
                contact_id=contact.id,
            )
            return promise(
                session, supplier_id=self.supplier_id, debtor_id=debtor_id, new=new,
                clock=self.world.clock, **facts,  # type: ignore[arg-type]
            )  # fmt: skip

    def claim(
        self,
        debtor_id: DebtorId,
        *invoice_ids: InvoiceId,
        amount: str,
        paid_on: date | None = None,
    ) -> PaidClaimId:
        with self.world.runtime.transaction(self.scope) as session:
            contact = contacts(session, self.supplier_id, debtor_id)[0]
            new = claiming.NewClaim(
                invoice_ids=invoice_ids, amount=money(amount), reference="E-BANKING 4711",
                paid_on=paid_on or self.today, contact_id=contact.id,
            )  # fmt: skip
            return claiming.claim_paid(
                session, supplier_id=self.supplier_id, debtor_id=debtor_id, new=new,
                clock=self.world.clock,
            )  # fmt: skip

    def transfer(
        self,
        debtor_id: DebtorId,
        invoice_id: InvoiceId,
        amount: str,
        *,
        on: date | None = None,
        reference: str = "",
    ) -> None:
        with self.world.runtime.transaction(self.scope) as session:
            book_transfer(
                session, supplier_id=self.supplier_id, debtor_id=debtor_id,
                invoice_id=invoice_id, amount=money(amount), booked_on=on or self.today,
                reference=reference or f"line of {on or self.today}", clock=self.world.clock,
            )  # fmt: skip
        self.world.run_jobs()

    def view(self, promise_id: PromiseId) -> PromiseView:
        with self.world.runtime.reading(self.scope) as session:
            return queries.promise(session, self.supplier_id, promise_id)

    def claim_view(self, claim_id: PaidClaimId) -> ClaimView:
        with self.world.runtime.reading(self.scope) as session:
            return claim(session, self.supplier_id, claim_id)

    def holds(self, debtor_id: DebtorId | None = None) -> list[Hold]:
        with self.world.runtime.reading(self.scope) as session:
            return queries.holds(session, self.supplier_id, debtor_id)

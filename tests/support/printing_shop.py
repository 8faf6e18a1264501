"""A French printing shop with one e-invoice sent, and a platform that passes statuses on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from receivables.clock import local_date
from receivables.database import Scope
from receivables.disputes import queries as disputes
from receivables.disputes.conversation import conversation
from receivables.disputes.queries import DisputeView
from receivables.dunning.holding import holds_of
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.intake.importing import import_files
from receivables.ledger.holds import HoldReason
from receivables.ledger.receiving import receive_transfer, reverse_transfer
from receivables.lifecycle import queries
from receivables.lifecycle.importing import StatusLine, import_messages
from receivables.lifecycle.outbox import FolderOutbox
from receivables.lifecycle.tables import Outcome, SentStatus
from receivables.money import Money
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.statuses import e_invoice
from tests.support.world import World


class Shop:
    """A French printing shop that has sent one e-invoice, and what its platform is given."""

    def __init__(self, runtime: Runtime, folder: Path | None, *, country: str = "FR") -> None:
        outbox = None if folder is None else FolderOutbox(folder)
        self.world = World(replace(runtime, statuses=outbox))
        self.folder, self.clock = folder, self.world.clock
        self.supplier_id = self.world.supplier(
            name="Imprimerie Rhône SAS", country=country, zone="Europe/Paris", currency="EUR",
            company_number="732 829 320",
        )  # fmt: skip
        self.invoice_id, self.debtor_id = self.bill(e_invoice())
        self.world.fire_schedules()

    def wait(self) -> None:
        """Until the ledger was looked through once more."""
        self.clock.advance(timedelta(hours=3))
        self.world.fire_schedules()
        self.world.run_jobs()

    def bill(
        self, content: bytes, supplier_id: SupplierId | None = None
    ) -> tuple[InvoiceId, DebtorId]:
        files = [("invoice.xml", content)]
        (line,) = import_files(self.world.runtime, supplier_id or self.supplier_id, files)
        assert line.accepted, line.faults
        (invoice,) = line.invoices
        assert invoice.invoice_id and invoice.debtor_id
        return InvoiceId(invoice.invoice_id), DebtorId(invoice.debtor_id)

    def hear(self, *contents: bytes, supplier_id: SupplierId | None = None) -> list[StatusLine]:
        files = [(f"{place}.xml", content) for place, content in enumerate(contents)]
        whose = supplier_id or self.supplier_id
        return list(import_messages(self.world.runtime, whose, files))

    def outcome(self, content: bytes) -> Outcome:
        (line,) = self.hear(content)
        (one,) = line.statuses
        return one.outcome

    def disputes(self) -> Sequence[DisputeView]:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            return disputes.of_debtor(session, self.supplier_id, self.debtor_id)

    def said(self) -> list[str]:
        (dispute,) = self.disputes()
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            found = conversation(session, self.supplier_id, dispute.id, with_notes=True)
            return [one.body for one in found]

    def held(self) -> dict[HoldReason, Money]:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            return {one.reason: one.amount for one in holds_of(session, self.supplier_id)}

    def pay(self, amount: str, source: str = "transfer-1") -> None:
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            receive_transfer(
                session, supplier_id=self.supplier_id, debtor_id=self.debtor_id, source=source,
                parts=[(self.invoice_id, money(amount))], amount=money(amount), reference=source,
                booked_on=local_date(self.clock.now(), "Europe/Paris"), clock=self.clock,
            )  # fmt: skip

    def send_back(self, source: str = "transfer-1") -> None:
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            reverse_transfer(
                session, supplier_id=self.supplier_id, debtor_id=self.debtor_id, source=source,
                reference=source, booked_on=local_date(self.clock.now(), "Europe/Paris"),
                clock=self.clock,
            )  # fmt: skip

    def sent(self) -> list[SentStatus]:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            found = queries.sent(session, self.supplier_id, limit=100)
            return [one.row for one in reversed(found)]

    def amounts(self) -> list[str]:
        return [str(one.amount.decimal) for one in self.sent()]

    def files(self) -> list[Path]:
        assert self.folder is not None
        return sorted(self.folder.iterdir())

"""An installation to measure: a migrated SQLite file, one debtor, twenty open invoices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from alembic import command

import portal.app
import receivables.tasks
from receivables.boot import alembic_config, build_runtime
from receivables.clock import SystemClock
from receivables.database import SYSTEM, Scope
from receivables.ids import ContactId, DebtorId, GrantId, SupplierId
from receivables.links.actions import grant_for
from receivables.links.tokens import make_token
from receivables.parties.queries import contacts
from receivables.runtime import Runtime
from receivables.settings import Settings
from tests.support.builders import make_debtor, make_invoice, make_supplier
from tests.support.settings import make_settings

assert portal.app
assert receivables.tasks  # both imported for their tables and actors

INVOICES = 20


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the debtor's account is, and the link that opens it."""

    folder: Path
    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId
    grant_id: GrantId

    def settings(self, port: int) -> Settings:
        return settings(f"sqlite:///{self.folder}/stage.sqlite", port)

    @property
    def token(self) -> str:
        return make_token(self.grant_id, self.settings(1).links.secrets)

    def save(self) -> None:
        ids = [self.supplier_id, self.debtor_id, self.contact_id, self.grant_id]
        (self.folder / "stage.json").write_text(json.dumps([str(each) for each in ids]))

    @classmethod
    def load(cls, folder: Path) -> Stage:
        ids = [UUID(each) for each in json.loads((folder / "stage.json").read_text())]
        return cls(folder, SupplierId(ids[0]), DebtorId(ids[1]), ContactId(ids[2]), GrantId(ids[3]))


def settings(database_url: str, port: int, broker_url: str | None = None) -> Settings:
    given: Settings = make_settings(
        database_url, portal_url=f"http://localhost:{port}", broker_url=broker_url
    )
    return given


def set_up(folder: Path) -> Stage:
    """Make the installation through the product's own actions."""
    stage_settings = settings(f"sqlite:///{folder}/stage.sqlite", 1)
    command.upgrade(alembic_config(stage_settings), "head")
    runtime = build_runtime(stage_settings)
    try:
        stage = _fill(runtime, folder)
    finally:
        runtime.database.close()
    stage.save()
    return stage


def _fill(runtime: Runtime, folder: Path) -> Stage:
    clock = SystemClock()
    with runtime.transaction(SYSTEM) as session:
        supplier_id: SupplierId = make_supplier(session, clock=clock)
    with runtime.transaction(Scope(supplier_id)) as session:
        debtor_id: DebtorId = make_debtor(session, supplier_id, clock=clock)
        for number in range(INVOICES):
            make_invoice(
                session, supplier_id, debtor_id, f"{100 + 37 * number}.50 CHF",
                due_in_days=3 * number - 30, clock=clock,
            )  # fmt: skip
        contact_id = ContactId(contacts(session, supplier_id, debtor_id)[0].id)
        grant_id = grant_for(
            session, supplier_id, contact_id, lifetime=timedelta(days=45), clock=clock
        )
    return Stage(folder, supplier_id, debtor_id, contact_id, grant_id)

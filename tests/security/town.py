"""A town to attack: two suppliers with two debtors each and one of everything in their books."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar.handlers import HTTPRouteHandler
from sqlalchemy import MetaData, func, select

import monitoring.tables
import receivables.tables
from backoffice.app import HANDLERS as OFFICE_HANDLERS
from portal.app import HANDLERS as PORTAL_HANDLERS
from receivables.database import SYSTEM, Scope
from receivables.ids import ContactId, DebtorId, StaffId, SupplierId
from receivables.invoices.tables import Document, Invoice
from receivables.links.actions import grant_for
from receivables.links.tokens import make_token
from receivables.parties.tables import Contact
from receivables.runtime import Runtime
from tests.support.faces import Browser, backoffice_client, portal_client
from tests.support.failing import furnish_failing
from tests.support.office import Office, furnish, open_office
from tests.support.payments import Till

assert monitoring.tables  # imported for its tables
METADATA: MetaData = receivables.tables.metadata

PARAMETER = re.compile(r"\{(\w+?):\w+\}")
#: Parts of an address that name nobody's thing, with one that is right.
NO_NAMES = {"step": "cancel", "errand": "dispute", "change": "me", "part": "limit",
            "stage": "r1", "channel": "email", "language": "fr",
            "choice": "apply", "outcome": "lodge", "place": "1"}  # fmt: skip


@dataclass(frozen=True)
class Door:
    """One route of one face, by one method."""

    face: str
    method: str
    path: str

    @property
    def names(self) -> list[str]:
        """What in the address names a thing of somebody's."""
        return [name for name in PARAMETER.findall(self.path) if name not in NO_NAMES]

    def at(self, **values: object) -> str:
        """The path with values in place of its parameters."""
        known = {**NO_NAMES, **values}
        path: str = PARAMETER.sub(lambda found: str(known[found[1]]), self.path)
        return path

    def __str__(self) -> str:
        return f"{self.face} {self.method} {self.path}"


def _doors(face: str, handlers: Any) -> list[Door]:
    return sorted(
        (
            Door(face, method, path)
            for handler in handlers
            if isinstance(handler, HTTPRouteHandler)
            for method in handler.http_methods
            for path in handler.paths
        ),
        key=str,
    )


PORTAL_DOORS = _doors("portal", PORTAL_HANDLERS)
OFFICE_DOORS = _doors("backoffice", OFFICE_HANDLERS)
DOORS = [*PORTAL_DOORS, *OFFICE_DOORS]

#: A machine's door: proves itself by a signature, has neither cookie nor token. So does the one
#: that mail programs end digests by.
SIGNED = {
    "/webhooks/stripe", "/webhooks/texts", "/readings", "/digests/off/{token:str}",
}  # fmt: skip


@dataclass
class Debtor:
    """One debtor with a way in, and what there is of theirs."""

    supplier_id: SupplierId
    id: DebtorId
    contact_id: ContactId
    link: str
    numbers: list[str]
    documents: list[UUID]
    payments: list[UUID]
    disputes: list[UUID]
    uploads: list[UUID]
    promises: list[UUID]
    claims: list[UUID]
    plans: list[UUID]
    saved_methods: list[UUID]


@dataclass
class Town:
    """`near` is where the attacker is at home, `far` whom they are after."""

    till: Till
    runtime: Runtime
    near: Office
    far: Office
    debtors: dict[str, Debtor] = field(default_factory=dict)

    def at(self, *, portal: str, backoffice: str) -> Town:
        """The same town with its faces at other addresses."""
        web = replace(self.runtime.settings.web, portal_url=portal, backoffice_url=backoffice)
        settings = replace(self.runtime.settings, web=web)
        return replace(self, runtime=replace(self.runtime, settings=settings))

    @contextmanager
    def visitor(self, who: str | None = None) -> Iterator[Browser]:
        """A browser on the portal, with the visit of one of the debtors if named."""
        with portal_client(self.runtime) as opened:
            if who is not None:
                answer = opened.get(self.debtors[who].link)
                assert answer.status_code == 303
            yield opened

    @contextmanager
    def staff(self, staff_id: StaffId | None = None) -> Iterator[Browser]:
        """A browser on the backoffice, signed in if a person is named."""
        with backoffice_client(self.runtime, staff_id) as opened:
            yield opened

    @contextmanager
    def both(self) -> Iterator[Mapping[str, Browser]]:
        """A debtor's browser and the owner's, by the name of their face."""
        with self.visitor("near one") as debtor, self.staff(self.near.owner) as owner:
            yield {"portal": debtor, "backoffice": owner}

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.runtime.reading(SYSTEM) as session:
            return {
                table.name: session.scalar(select(func.count()).select_from(table)) or 0
                for table in METADATA.sorted_tables
            }

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.runtime.reading(SYSTEM) as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in METADATA.sorted_tables
            }


def build_town(till: Till) -> Town:
    """Through the product's own actions, as everything that is seeded."""
    near = furnish(open_office(till.world, name="Menuiserie Rochat SA"), till)
    far = furnish(open_office(till.world, name="Schreinerei Muster AG"), till)
    for office in (near, far):
        furnish_failing(office)
    town = Town(till=till, runtime=till.runtime, near=near, far=far)
    for name, office in (("near", near), ("far", far)):
        one = DebtorId(office.ids["debtor"])
        town.debtors[f"{name} one"] = debtor_of(town, office, one)
        town.debtors[f"{name} two"] = debtor_of(town, office, _owner_of_document(town, office))
    till.world.run_jobs()
    return town


def _owner_of_document(town: Town, office: Office) -> DebtorId:
    with town.runtime.reading(Scope(office.supplier_id)) as session:
        return DebtorId(
            session.scalars(
                select(Invoice.debtor_id)
                .join(Document, Document.invoice_id == Invoice.id)
                .where(Document.id == office.ids["document"])
            ).one()
        )


def debtor_of(town: Town, office: Office, debtor_id: DebtorId) -> Debtor:
    supplier_id, links = office.supplier_id, town.runtime.settings.links
    with town.runtime.transaction(Scope(supplier_id)) as session:
        contact_id = session.scalars(
            select(Contact.id).where(Contact.debtor_id == debtor_id, Contact.is_primary)
        ).one()
        grant = grant_for(
            session, supplier_id, contact_id, lifetime=timedelta(days=45), clock=office.world.clock
        )
        invoices = session.scalars(select(Invoice).where(Invoice.debtor_id == debtor_id)).all()
        ids = [invoice.id for invoice in invoices]
        documents = session.scalars(select(Document.id).where(Document.invoice_id.in_(ids))).all()
    is_payer = debtor_id == office.ids["debtor"]
    return Debtor(
        supplier_id=supplier_id,
        id=debtor_id,
        contact_id=contact_id,
        link=f"/l/{make_token(grant, links.secrets)}",
        numbers=[invoice.number for invoice in invoices],
        documents=list(documents),
        payments=[office.ids["payment"]] if is_payer else [],
        disputes=[office.ids["dispute"]] if office.ids["document"] in documents else [],
        uploads=[office.ids["upload"]] if office.ids["document"] in documents else [],
        promises=[office.ids["promise"]] if is_payer else [],
        claims=[office.ids["claim"]] if is_payer else [],
        plans=[office.ids["plan"]] if is_payer else [],
        saved_methods=[office.ids["saved_method"]] if is_payer else [],
    )

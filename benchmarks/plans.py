"""Many debtors on instalment plans: one goes through every action, the others are its copies.

A plan takes twenty actions until an instalment is due; ten thousand of them would take longer than
the run that is measured. So the rows of one are written again under other ids, numbers and
addresses, in bulk, as are the customer and the card that the sandbox keeps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from receivables import jobs
from receivables.broker import perform
from receivables.clock import SteppingClock, local_date
from receivables.database import SYSTEM, Scope
from receivables.history import EventRow
from receivables.ids import ContactId, DebtorId, PlanId, SavedMethodId, StaffId, SupplierId, new_id
from receivables.invoices.tables import Invoice
from receivables.ledger.actions import book_transfer
from receivables.ledger.tables import Entry
from receivables.many import Row, add_all
from receivables.parties.queries import contacts
from receivables.parties.tables import Contact, Debtor
from receivables.payments.saved import CardChange, begin_card_change, returned_from_change
from receivables.payments.tables import GatewayCustomer, SavedMethod
from receivables.plans import actions, upkeep
from receivables.plans.beginning import activate
from receivables.plans.reading import locked
from receivables.plans.rules import Wish
from receivables.plans.tables import InstalmentRow, Plan, PlanConsent, PlanInvoice, PlanMessage
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from sandbox.stripe.app import SandboxApp
from tests.support.builders import make_debtor, make_invoice, make_staff, make_supplier, money
from tests.support.payments import VISA

ZONE = "Europe/Zurich"
OWED, PART = "600.00 CHF", "200.00 CHF"

#: What one debtor's plan is made of, each behind what it refers to.
_KINDS: tuple[type, ...] = (
    Debtor, Contact, Invoice, Entry, GatewayCustomer, SavedMethod, Plan, InstalmentRow,
    PlanConsent, PlanInvoice, PlanMessage, EventRow,
)  # fmt: skip

_AT_A_TIME = 500


class NoMail:
    """Takes every message, and keeps none."""

    def send(self, message: MailMessage) -> None:
        pass


def open_plans(
    runtime: Runtime, app: SandboxApp, count: int, *, after_each: Callable[[], None] = lambda: None
) -> SupplierId:
    """So many debtors of a supplier, each with a plan whose second part is due today, and was
    announced; nothing else is left to do. The runtime's clock goes on by a month.

    `after_each` is called after each table: PostgreSQL takes a table it has not counted yet for a
    small one.
    """
    clock = cast("SteppingClock", runtime.clock)
    runtime = replace(runtime, mailer=NoMail())
    with runtime.transaction(SYSTEM) as session:
        supplier_id: SupplierId = make_supplier(session, clock=clock)
        staff_id: StaffId = make_staff(session, supplier_id, clock=clock)
    plan_id = _agree(runtime, app, supplier_id, staff_id, clock)
    _work_off(runtime)
    clock.advance(timedelta(days=28))
    with runtime.transaction(Scope(supplier_id)) as session:
        upkeep.review(session, supplier_id, plan_id, clock=clock)
    _work_off(runtime)
    clock.advance(timedelta(days=2))
    pattern = _pattern_of(runtime, supplier_id)
    copies = [pattern.names_of(place) for place in range(1, count)]
    for kind in _KINDS:
        _copy(runtime, supplier_id, pattern, kind, copies)
        after_each()
    _copy_cards(app, pattern, copies)
    return supplier_id


def _agree(
    runtime: Runtime,
    app: SandboxApp,
    supplier_id: SupplierId,
    staff_id: StaffId,
    clock: SteppingClock,
) -> PlanId:
    """A plan over an invoice, signed, begun by a transfer, and to be charged to a card."""
    with runtime.transaction(Scope(supplier_id)) as session:
        debtor_id: DebtorId = make_debtor(session, supplier_id, clock=clock)
        invoice_id = make_invoice(session, supplier_id, debtor_id, OWED, clock=clock)
    method_id = _saved_card(runtime, app, supplier_id, debtor_id)
    with runtime.transaction(Scope(supplier_id)) as session:
        plan = actions.propose(
            session, supplier_id=supplier_id, debtor_id=debtor_id, contact_id=None,
            invoice_ids=[invoice_id], wish=Wish(parts=3, day=2), clock=clock,
        )  # fmt: skip
        actions.approve(
            session, supplier_id=supplier_id, plan_id=plan.id, staff_id=staff_id, clock=clock
        )
        _sign(session, plan, contacts(session, supplier_id, debtor_id)[0].id, clock)
        book_transfer(
            session, supplier_id=supplier_id, debtor_id=debtor_id, invoice_id=invoice_id,
            amount=money(PART), reference=str(invoice_id),
            booked_on=local_date(clock.now(), ZONE), clock=clock,
        )  # fmt: skip
        activate(session, locked(session, supplier_id, plan.id), method_id, clock=clock)
    return plan.id


def _saved_card(
    runtime: Runtime, app: SandboxApp, supplier_id: SupplierId, debtor_id: DebtorId
) -> SavedMethodId:
    change = CardChange(
        supplier_id=supplier_id, debtor_id=debtor_id, contact_id=None, currency="CHF",
        locale="fr_CH", path="/cards",
    )  # fmt: skip
    page_id = begin_card_change(runtime, change).rsplit("/", 1)[-1]
    app.sandbox.pay_by_card(page_id, VISA)
    method = returned_from_change(runtime, supplier_id, debtor_id, page_id)
    assert method is not None, "the card was saved"
    return method.id


def _sign(session: Session, plan: Plan, contact_id: ContactId, clock: SteppingClock) -> None:
    quoted = actions.quote_again(session, plan, local_date(clock.now(), ZONE))
    actions.accept(
        session, supplier_id=plan.supplier_id, debtor_id=plan.debtor_id, contact_id=contact_id,
        plan_id=plan.id, shown=actions.fingerprint(quoted),
        given=actions.GivenConsent(
            text="I agree.", locale="fr_CH", address="192.0.2.7", user_agent="Benchmark"
        ),
        clock=clock,
    )  # fmt: skip


def _work_off(runtime: Runtime) -> None:
    """Everything that is due is done, so that nothing is left waiting."""
    while True:
        with runtime.transaction(SYSTEM) as session:
            due = jobs.take_due(session, now=runtime.clock.now(), limit=100)
        if not due:
            return
        for job_id, _ in due:
            perform(runtime, job_id)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The rows of the one, and what in them is its own: ids, numbers and names."""

    rows: Mapping[type, Sequence[Row]]
    ids: frozenset[UUID]
    #: What must differ in each copy, by what it is in the pattern.
    named: Mapping[str, Callable[[int], str]]
    own: re.Pattern[str]
    customer: str
    method: str

    def names_of(self, place: int) -> dict[str, str]:
        """What a copy has in place of each of these."""
        names = {old: made(place) for old, made in self.named.items()}
        for one in self.ids:
            other = new_id()
            names[str(one)], names[one.hex] = str(other), other.hex
        return names

    def written(self, text: str, names: Mapping[str, str]) -> str:
        """A text as it is in a copy."""
        return self.own.sub(lambda found: names[found[0]], text)


def _pattern_of(runtime: Runtime, supplier_id: SupplierId) -> _Pattern:
    with runtime.reading(Scope(supplier_id)) as session:
        rows = {kind: _rows(session, kind, supplier_id) for kind in _KINDS}
    ids = frozenset(row["id"] for several in rows.values() for row in several if "id" in row)
    (debtor,), (contact,), (invoice,) = rows[Debtor], rows[Contact], rows[Invoice]
    (method,) = rows[SavedMethod]
    customer, card = method["stripe_customer_id"], method["stripe_payment_method_id"]
    named: dict[str, Callable[[int], str]] = {
        debtor["number"]: lambda place: f"K{place:06}",
        invoice["number"]: lambda place: f"2026-{place:06}",
        invoice["content_hash"]: lambda place: sha256(f"{place}".encode()).hexdigest(),
        contact["email"]: lambda place: f"compta{place}@dubois.example",
        customer: lambda place: f"cus_copy{place:020}",
        card: lambda place: f"pm_copy{place:020}",
    }
    words = [*named, *(form for one in ids for form in (str(one), one.hex))]
    own = re.compile("|".join(map(re.escape, words)))
    return _Pattern(rows, ids, named, own, customer, card)


def _rows(session: Session, kind: type, supplier_id: SupplierId) -> list[Row]:
    table = _table(kind)
    found = session.execute(select(table).where(table.c.supplier_id == supplier_id))
    return [dict(row._mapping) for row in found]


def _table(kind: type) -> Table:
    return cast("Table", kind.__table__)  # type: ignore[attr-defined]


def _copy(
    runtime: Runtime,
    supplier_id: SupplierId,
    pattern: _Pattern,
    kind: type,
    copies: Sequence[Mapping[str, str]],
) -> None:
    changing = [_changing(pattern, row) for row in pattern.rows[kind]]
    for first in range(0, len(copies), _AT_A_TIME):
        some = copies[first : first + _AT_A_TIME]
        with runtime.transaction(Scope(supplier_id)) as session:
            add_all(session, _table(kind), list(_copied(pattern, kind, changing, some)))


def _changing(pattern: _Pattern, row: Row) -> dict[str, str]:
    """The columns that differ in each copy, as text."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, default=str)
        for name, value in row.items()
        if isinstance(value, str | dict | list)
    }
    own = {name: text for name, text in texts.items() if pattern.own.search(text)}
    ids = {
        name: value.hex
        for name, value in row.items()
        if isinstance(value, UUID) and value in pattern.ids
    }
    return own | ids


def _copied(
    pattern: _Pattern,
    kind: type,
    changing: Sequence[Mapping[str, str]],
    copies: Iterable[Mapping[str, str]],
) -> Iterator[Row]:
    for names in copies:
        for row, texts in zip(pattern.rows[kind], changing, strict=True):
            other: dict[str, Any] = dict(row)
            for name, text in texts.items():
                before = row[name]
                written = pattern.written(text, names)
                if isinstance(before, UUID):
                    other[name] = UUID(written)
                else:
                    other[name] = written if isinstance(before, str) else json.loads(written)
            yield other


def _copy_cards(app: SandboxApp, pattern: _Pattern, copies: Iterable[Mapping[str, str]]) -> None:
    """The customers and cards, as the sandbox keeps them."""
    store = app.sandbox.store
    account = store.account_of(pattern.customer) or ""
    kept = [json.dumps(store.find(account, one)) for one in (pattern.customer, pattern.method)]
    with store.transaction():
        for names in copies:
            for text in kept:
                store.put(account, json.loads(pattern.written(text, names)))

"""Books with many debtors and overdue invoices, written in bulk: what is measured is not this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import cast

from sqlalchemy import Table, create_engine, text
from sqlalchemy.engine import make_url

from receivables.clock import SteppingClock, local_date
from receivables.database import SYSTEM, Scope
from receivables.ids import ContactId, DebtorId, EntryId, InvoiceId, SupplierId, new_id
from receivables.invoices.tables import Invoice
from receivables.ledger.tables import Account, Entry, Reason
from receivables.many import Row, add_all
from receivables.parties.tables import Contact, Debtor
from receivables.runtime import Runtime
from tests.support.builders import make_supplier

#: Invoices of one debtor.
EACH = 5

#: Countries with their languages, and a place in each: the holidays of cantons and Länder count.
_PLACES = (
    ("CH", "fr", "1003", "Lausanne"),
    ("CH", "de", "8001", "Zürich"),
    ("DE", "de", "80331", "München"),
    ("FR", "fr", "69001", "Lyon"),
    ("BE", "nl", "2000", "Antwerpen"),
)

_AT_A_TIME = 1000


def open_books(
    runtime: Runtime,
    items: int,
    *,
    each: int = EACH,
    after_each: Callable[[], None] = lambda: None,
) -> SupplierId:
    """A supplier with so many invoices overdue since yesterday to sixty days ago, `each` a debtor.

    `after_each` is called after each table: PostgreSQL takes a table it has not counted yet for a
    small one, and looks through all of it for each row that refers to it.
    """
    clock = cast("SteppingClock", runtime.clock)
    with runtime.transaction(SYSTEM) as session:
        supplier_id: SupplierId = make_supplier(session, clock=clock)
    people = [(DebtorId(new_id()), number) for number in range(items // each)]
    now = clock.now()
    _write(runtime, supplier_id, Debtor, (_debtor(supplier_id, *one, now) for one in people))
    after_each()
    _write(runtime, supplier_id, Contact, (_contact(supplier_id, *one, now) for one in people))
    after_each()
    owed = [(InvoiceId(new_id()), people[place // each][0], place) for place in range(items)]
    _write(runtime, supplier_id, Invoice, (_invoice(supplier_id, *one, now) for one in owed))
    after_each()
    _write(runtime, supplier_id, Entry, (_entry(supplier_id, *one, now) for one in owed))
    return supplier_id


def settle_down(admin_url: str, name: str) -> None:
    """Let PostgreSQL count rows now, as it does in the background within a minute."""
    url = make_url(admin_url).set(drivername="postgresql+psycopg", database=name)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def all_sent(runtime: Runtime, supplier_id: SupplierId) -> None:
    """As if every message that was planned had gone out at once, and no job were left."""
    with runtime.transaction(Scope(supplier_id)) as session:
        session.execute(
            text(
                "UPDATE reminders SET state = 'sent', claimed_at = :now, sent_at = :now"
                " WHERE state = 'due'"
            ),
            {"now": runtime.clock.now()},
        )
        session.execute(text("UPDATE jobs SET state = 'done' WHERE state = 'pending'"))


def _write(runtime: Runtime, supplier_id: SupplierId, kind: type, rows: Iterator[Row]) -> None:
    table = cast("Table", kind.__table__)  # type: ignore[attr-defined]
    while some := list(islice(rows, _AT_A_TIME)):
        with runtime.transaction(Scope(supplier_id)) as session:
            add_all(session, table, some)


def _debtor(supplier_id: SupplierId, debtor_id: DebtorId, number: int, now: datetime) -> Row:
    country, language, postcode, city = _PLACES[number % len(_PLACES)]
    return {
        "id": debtor_id, "supplier_id": supplier_id, "number": f"K{number:06}",
        "name": f"Atelier Dubois {number}", "kind": "business", "country": country,
        "language": language, "street": "Rue de Bourg 12", "postcode": postcode, "city": city,
        "created_at": now,
    }  # fmt: skip


def _contact(supplier_id: SupplierId, debtor_id: DebtorId, number: int, now: datetime) -> Row:
    return {
        "id": ContactId(new_id()), "supplier_id": supplier_id, "debtor_id": debtor_id,
        "name": "Anne Dubois", "email": f"compta{number}@dubois.example", "language": None,
        "role": "billing", "is_primary": True, "phone": None, "bounced_at": None,
        "created_at": now,
    }  # fmt: skip


def _amount(place: int) -> int:
    return 10_000 + 3_700 * (place % 97)


def _invoice(
    supplier_id: SupplierId, invoice_id: InvoiceId, debtor_id: DebtorId, place: int, now: datetime
) -> Row:
    due_on = local_date(now, "Europe/Zurich") - timedelta(days=1 + place * 7 % 60)
    return {
        "id": invoice_id, "supplier_id": supplier_id, "debtor_id": debtor_id,
        "number": f"2026-{place:06}", "kind": "invoice", "type_code": "380",
        "issued_on": due_on - timedelta(days=30), "due_on": due_on, "due_date_source": "explicit",
        "total_minor": _amount(place), "currency": "CHF", "payment_reference": None,
        "account": None, "preceding_number": None, "note": None, "content_hash": f"{place:064}",
        "created_at": now,
    }  # fmt: skip


def _entry(
    supplier_id: SupplierId, invoice_id: InvoiceId, _debtor_id: DebtorId, place: int, now: datetime
) -> Row:
    return {
        "id": EntryId(new_id()), "supplier_id": supplier_id,
        "debit_account": Account.RECEIVABLE, "debit_subject": invoice_id,
        "credit_account": Account.SALES, "credit_subject": supplier_id,
        "amount_minor": _amount(place), "currency": "CHF", "reason": Reason.INVOICE_ISSUED,
        "source": str(invoice_id), "payment_id": None,
        "booked_on": local_date(now, "Europe/Zurich"), "created_at": now,
    }  # fmt: skip

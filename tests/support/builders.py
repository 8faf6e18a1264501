"""Builders: keywords for what a test is about, the rest is filled in."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from functools import cache
from itertools import count

from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.ids import DebtorId, InvoiceId, StaffId, SupplierId
from receivables.invoices.actions import NewInvoice
from receivables.ledger.issuing import issue
from receivables.money import Money
from receivables.parties.actions import (
    NewDebtor,
    NewSupplier,
    hire_with_hash,
    register_debtor,
    register_supplier,
)
from receivables.parties.passwords import hash_password

_numbers = count(1)

PASSWORD = "correct horse battery staple"


@cache
def password_hash() -> str:
    """Everybody's; hashed once, because it is slow on purpose."""
    return hash_password(PASSWORD)


def money(text: str) -> Money:
    """`120.00 EUR`."""
    amount, currency = text.split()
    return Money.parse(amount, currency)


def make_supplier(session: Session, *, clock: Clock, **given: object) -> SupplierId:
    values: dict[str, object] = {
        "name": "Menuiserie Rochat SA", "country": "CH", "zone": "Europe/Zurich",
        "language": "fr", "currency": "CHF", "street": "Rue du Lac 4", "postcode": "1003",
        "city": "Lausanne", "iban": "CH9300762011623852957", "contact_name": "Claire Favre",
        "contact_email": "claire.favre@rochat.example", "contact_phone": "021 555 01 40",
    }  # fmt: skip
    return register_supplier(session, NewSupplier(**{**values, **given}), clock=clock)  # type: ignore[arg-type]


def make_staff(session: Session, supplier_id: SupplierId, *, clock: Clock, **given: str) -> StaffId:
    number = next(_numbers)
    values = {
        "email": f"staff{number}@rochat.example", "name": f"Staff {number}", "role": "owner",
        "language": "en", "password_hash": password_hash(),
    }  # fmt: skip
    return hire_with_hash(session, supplier_id=supplier_id, clock=clock, **{**values, **given})


def make_debtor(
    session: Session, supplier_id: SupplierId, *, clock: Clock, **given: object
) -> DebtorId:
    number = next(_numbers)
    values: dict[str, object] = {
        "number": f"K{number:05}", "name": f"Atelier Dubois {number} Sàrl", "country": "CH",
        "language": "fr", "street": "Rue de Bourg 12", "postcode": "1003", "city": "Lausanne",
        "email": f"compta{number}@dubois.example", "contact_name": "Anne Dubois",
    }  # fmt: skip
    return register_debtor(
        session,
        supplier_id=supplier_id,
        new=NewDebtor(**{**values, **given}),
        clock=clock,  # type: ignore[arg-type]
    )


def make_invoice(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    amount: str,
    *,
    clock: Clock,
    due_on: date | None = None,
    due_in_days: int = 30,
    number: str | None = None,
    is_credit_note: bool = False,
    preceding_number: str | None = None,
    zone: str = "Europe/Zurich",
) -> InvoiceId:
    today = local_date(clock.now(), zone)
    due = due_on or today + timedelta(days=due_in_days)
    number = number or f"2026-{next(_numbers):05}"
    new = NewInvoice(
        number=number, issued_on=min(today, due - timedelta(days=30)), due_on=due,
        total=money(amount), is_credit_note=is_credit_note,
        type_code="381" if is_credit_note else "380", preceding_number=preceding_number,
        content_hash=hashlib.sha256(number.encode()).hexdigest(),
    )  # fmt: skip
    return issue(session, supplier_id=supplier_id, debtor_id=debtor_id, new=new, clock=clock)

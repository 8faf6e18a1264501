"""Who is who: suppliers, debtors, contacts, staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.errors import NoSuch
from receivables.ids import ContactId, DebtorId, StaffId, SupplierId
from receivables.parties.tables import Contact, Debtor, Identifier, Staff, Supplier


class NoSuchDebtor(NoSuch):
    """The supplier has no such customer."""


_SUPPLIER = select(Supplier).where(Supplier.id == bindparam("supplier"))


def supplier(session: Session, supplier_id: SupplierId) -> Supplier:
    """Whoever asks; read once by a session, which holds it: every subject wants its zone."""
    held: Supplier | None = session.info.get("supplier")
    if held is None or held.id != supplier_id:
        held = session.scalars(_SUPPLIER, {"supplier": supplier_id}).one()
        session.info["supplier"] = held
    return held


def hold_supplier(session: Session, supplier_id: SupplierId) -> Supplier:
    """Whoever asks; anybody else who wants the same waits until this transaction ends.

    Rows that belong to the supplier can be written meanwhile (PostgreSQL: FOR NO KEY UPDATE).
    """
    return session.get_one(Supplier, supplier_id, with_for_update={"key_share": True})


def suppliers(session: Session) -> Sequence[Supplier]:
    """All suppliers of the installation; needs a system transaction."""
    return session.scalars(select(Supplier).order_by(Supplier.name)).all()


_DEBTOR = select(Debtor).where(
    Debtor.supplier_id == bindparam("supplier"), Debtor.id == bindparam("debtor")
)


def debtor(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> Debtor:
    """Raises NoSuchDebtor."""
    found = session.scalar(_DEBTOR, {"supplier": supplier_id, "debtor": debtor_id})
    if found is None:
        raise NoSuchDebtor(str(debtor_id))
    return found


def contacts(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> Sequence[Contact]:
    """The primary contact first."""
    return session.scalars(
        select(Contact)
        .where(Contact.supplier_id == supplier_id, Contact.debtor_id == debtor_id)
        .order_by(Contact.is_primary.desc(), Contact.name)
    ).all()


def contact(session: Session, supplier_id: SupplierId, contact_id: ContactId) -> Contact | None:
    return session.scalar(
        select(Contact).where(Contact.supplier_id == supplier_id, Contact.id == contact_id)
    )


def primary_contacts(session: Session, supplier_id: SupplierId) -> dict[DebtorId, Contact]:
    """Whom to write to at each debtor; debtors with a dead address or none are left out."""
    rows = session.scalars(
        select(Contact).where(
            Contact.supplier_id == supplier_id, Contact.is_primary, Contact.bounced_at.is_(None)
        )
    )
    return {row.debtor_id: row for row in rows}


def debtors_by_id(session: Session, supplier_id: SupplierId) -> dict[DebtorId, Debtor]:
    rows = session.scalars(select(Debtor).where(Debtor.supplier_id == supplier_id))
    return {row.id: row for row in rows}


_NAMES = select(Debtor.id, Debtor.name).where(
    Debtor.supplier_id == bindparam("supplier"), Debtor.id.in_(bindparam("ids", expanding=True))
)


def debtor_names(
    session: Session, supplier_id: SupplierId, debtor_ids: Iterable[DebtorId]
) -> dict[DebtorId, str]:
    """What these debtors are called; unknown ids are left out."""
    wanted, names = list(set(debtor_ids)), dict[DebtorId, str]()
    for start in range(0, len(wanted), 500):
        rows = session.execute(
            _NAMES, {"supplier": supplier_id, "ids": wanted[start : start + 500]}
        )
        names.update({row.id: row.name for row in rows})
    return names


def identifiers(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> list[tuple[str, str]]:
    """Scheme and value of each register number."""
    rows = session.execute(
        select(Identifier.scheme, Identifier.value)
        .where(Identifier.supplier_id == supplier_id, Identifier.debtor_id == debtor_id)
        .order_by(Identifier.scheme)
    )
    return [(row.scheme, row.value) for row in rows]


_BY_IDENTIFIER = select(Identifier.debtor_id).where(
    Identifier.supplier_id == bindparam("supplier"),
    Identifier.scheme == bindparam("scheme"),
    Identifier.value == bindparam("value"),
)


def debtor_by_identifiers(
    session: Session, supplier_id: SupplierId, pairs: Sequence[tuple[str, str]]
) -> tuple[DebtorId, tuple[str, str]] | None:
    """The debtor that bears one of these register numbers, and the first that it bears."""
    for scheme, value in pairs:
        found: DebtorId | None = session.scalar(
            _BY_IDENTIFIER, {"supplier": supplier_id, "scheme": scheme, "value": value}
        )
        if found is not None:
            return found, (scheme, value)
    return None


_BY_NUMBER = select(Debtor.id).where(
    Debtor.supplier_id == bindparam("supplier"), Debtor.number == bindparam("number")
)


def debtor_by_number(session: Session, supplier_id: SupplierId, number: str) -> DebtorId | None:
    return session.scalar(_BY_NUMBER, {"supplier": supplier_id, "number": number})


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff, as far as others may know."""

    staff_id: StaffId
    name: str
    email: str
    role: str
    language: str
    disabled: bool


def team(session: Session, supplier_id: SupplierId) -> list[Colleague]:
    rows = session.scalars(
        select(Staff).where(Staff.supplier_id == supplier_id).order_by(Staff.name)
    )
    return [
        Colleague(row.id, row.name, row.email, row.role, row.language, row.disabled_at is not None)
        for row in rows
    ]

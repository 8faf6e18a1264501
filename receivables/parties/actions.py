"""Suppliers and staff join, debtors and contacts are registered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import NoSuch, ReceivablesError
from receivables.ids import ContactId, DebtorId, StaffId, SupplierId, new_id
from receivables.jobs import add_unless_known, insert_or_ignore
from receivables.parties.passwords import hash_password
from receivables.parties.sessions import sign_out_everywhere
from receivables.parties.tables import (
    LONGEST_COMPANY_NUMBER,
    Contact,
    Debtor,
    Identifier,
    Staff,
    Supplier,
)


class EmailTaken(ReceivablesError):
    """Somebody signs in with this address already."""

    def __init__(self, email: str) -> None:
        self.email = email
        super().__init__("the address is taken")


@dataclass(frozen=True, slots=True)
class NewSupplier:
    name: str
    country: str
    zone: str
    language: str
    currency: str
    street: str
    postcode: str
    city: str
    iban: str
    contact_name: str
    contact_email: str
    contact_phone: str
    accent: str = "#0f766e"
    least_payment_minor: int = 2000
    stripe_account: str | None = None
    company_number: str = ""


def register_supplier(session: Session, new: NewSupplier, *, clock: Clock) -> SupplierId:
    """Open a supplier's books. Needs a system transaction: no supplier speaks for itself yet."""
    supplier_id = SupplierId(new_id())
    session.add(
        Supplier(
            id=supplier_id,
            name=new.name,
            country=new.country,
            zone=new.zone,
            language=new.language,
            currency=new.currency,
            street=new.street,
            postcode=new.postcode,
            city=new.city,
            iban=new.iban,
            contact_name=new.contact_name,
            contact_email=new.contact_email,
            contact_phone=new.contact_phone,
            accent=new.accent,
            least_payment_minor=new.least_payment_minor,
            stripe_account=new.stripe_account,
            company_number=new.company_number,
            created_at=clock.now(),
        )
    )
    session.flush()
    return supplier_id


class NumberTooLong(ReceivablesError):
    """No register writes a company's number so long."""


def name_company_number(session: Session, supplier_id: SupplierId, number: str) -> None:
    """Write down under which number the supplier is registered; "" takes it back. Raises
    NumberTooLong.
    """
    words = " ".join(number.split())
    if len(words) > LONGEST_COMPANY_NUMBER:
        raise NumberTooLong(words[:LONGEST_COMPANY_NUMBER])
    supplier = session.get_one(Supplier, supplier_id)
    supplier.company_number = words
    session.flush()


def hire(
    session: Session,
    *,
    supplier_id: SupplierId,
    email: str,
    name: str,
    role: str,
    language: str,
    password: str,
    clock: Clock,
) -> StaffId:
    """Give a person a sign-in. Raises EmailTaken, and WeakPassword."""
    return hire_with_hash(
        session,
        supplier_id=supplier_id,
        email=email,
        name=name,
        role=role,
        language=language,
        password_hash=hash_password(password),
        clock=clock,
    )


def hire_with_hash(
    session: Session,
    *,
    supplier_id: SupplierId,
    email: str,
    name: str,
    role: str,
    language: str,
    password_hash: str,
    clock: Clock,
) -> StaffId:
    """The same where the password was hashed before the transaction began. Raises EmailTaken."""
    address = email.strip().lower()
    staff_id = StaffId(new_id())
    row = {
        "id": staff_id,
        "supplier_id": supplier_id,
        "email": address,
        "name": name,
        "role": role,
        "language": language,
        "password_hash": password_hash,
        "created_at": clock.now(),
    }
    statement = insert_or_ignore(session, Staff).values(row).returning(Staff.id)
    if session.execute(statement).one_or_none() is None:
        raise EmailTaken(address)
    return staff_id


class LastOwner(ReceivablesError):
    """A supplier keeps one owner at least, or nobody could hire another."""


class NoSuchStaff(NoSuch):
    """The supplier has no such colleague."""


def _colleague(session: Session, supplier_id: SupplierId, staff_id: StaffId) -> Staff:
    """The person, held until the transaction ends together with every other owner, so that two
    owners cannot remove each other at the same moment.
    """
    rows = session.scalars(
        select(Staff)
        .where(
            Staff.supplier_id == supplier_id,
            (Staff.id == staff_id) | (Staff.role == "owner"),
        )
        .order_by(Staff.id)
        .with_for_update()
    ).all()
    found = next((row for row in rows if row.id == staff_id), None)
    if found is None:
        raise NoSuchStaff(str(staff_id))
    return found


def _keep_an_owner(session: Session, person: Staff) -> None:
    others = session.scalar(
        select(Staff.id)
        .where(
            Staff.supplier_id == person.supplier_id,
            Staff.id != person.id,
            Staff.role == "owner",
            Staff.disabled_at.is_(None),
        )
        .limit(1)
    )
    if person.role == "owner" and others is None:
        raise LastOwner(str(person.id))


def disable(session: Session, *, supplier_id: SupplierId, staff_id: StaffId, clock: Clock) -> None:
    """The person cannot sign in any more, and is signed out everywhere at once.

    Raises NoSuchStaff, and LastOwner.
    """
    person = _colleague(session, supplier_id, staff_id)
    _keep_an_owner(session, person)
    person.disabled_at = clock.now()
    sign_out_everywhere(session, supplier_id, staff_id)


def enable(session: Session, *, supplier_id: SupplierId, staff_id: StaffId) -> None:
    """The person may sign in again. Raises NoSuchStaff."""
    _colleague(session, supplier_id, staff_id).disabled_at = None


def change_role(session: Session, *, supplier_id: SupplierId, staff_id: StaffId, role: str) -> None:
    """Give a person other rights; they sign in anew. Raises NoSuchStaff, and LastOwner."""
    person = _colleague(session, supplier_id, staff_id)
    if role == person.role:
        return
    _keep_an_owner(session, person)
    person.role = role
    sign_out_everywhere(session, supplier_id, staff_id)


def change_password(
    session: Session, *, supplier_id: SupplierId, staff_id: StaffId, password_hash: str
) -> None:
    """Set a password, given as its hash (`passwords.hash_password`, which is slow and needs no
    transaction); every session of the person ends. Raises NoSuchStaff.
    """
    _colleague(session, supplier_id, staff_id).password_hash = password_hash
    sign_out_everywhere(session, supplier_id, staff_id)


def choose_language(
    session: Session, supplier_id: SupplierId, staff_id: StaffId, language: str
) -> None:
    """Write to this person, and show them pages, in this language."""
    session.execute(
        update(Staff)
        .where(Staff.supplier_id == supplier_id, Staff.id == staff_id)
        .values(language=language)
    )


@dataclass(frozen=True, slots=True)
class NewDebtor:
    """`identifiers` are pairs of scheme and compact value; `email` becomes the primary contact."""

    number: str
    name: str
    country: str
    kind: str = "business"
    language: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    email: str | None = None
    contact_name: str | None = None
    identifiers: Iterable[tuple[str, str]] = field(default_factory=tuple)


def register_debtor(
    session: Session, *, supplier_id: SupplierId, new: NewDebtor, clock: Clock
) -> DebtorId:
    """Write down a customer. Raises IntegrityError when the number is taken."""
    debtor_id = DebtorId(new_id())
    session.add(
        Debtor(
            id=debtor_id,
            supplier_id=supplier_id,
            number=new.number,
            name=new.name,
            kind=new.kind,
            country=new.country,
            language=new.language,
            street=new.street,
            postcode=new.postcode,
            city=new.city,
            created_at=clock.now(),
        )
    )
    session.flush()
    identify(session, supplier_id, debtor_id, new.identifiers)
    if new.email:
        add_contact(
            session,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            email=new.email,
            name=new.contact_name or new.name,
            language=None,
            clock=clock,
        )
    return debtor_id


def identify(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    identifiers: Iterable[tuple[str, str]],
) -> None:
    """Add register numbers; one that is another debtor's already stays where it is."""
    for scheme, value in identifiers:
        row = {"supplier_id": supplier_id, "debtor_id": debtor_id, "scheme": scheme, "value": value}
        add_unless_known(session, Identifier, row)


_OF_DEBTOR = select(Contact.id).where(
    Contact.supplier_id == bindparam("supplier"), Contact.debtor_id == bindparam("debtor")
)
_BY_ADDRESS = _OF_DEBTOR.where(Contact.email == bindparam("email"))
_PRIMARY = _OF_DEBTOR.where(Contact.is_primary)


def add_contact(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    email: str,
    name: str,
    language: str | None,
    clock: Clock,
) -> ContactId:
    """Add somebody to write to; the first becomes the primary contact. A known address is kept."""
    address = email.strip()
    whose = {"supplier": supplier_id, "debtor": debtor_id}
    known: ContactId | None = session.scalar(_BY_ADDRESS, {**whose, "email": address})
    if known is not None:
        return known
    has_primary = session.scalar(_PRIMARY, whose)
    contact_id = ContactId(new_id())
    session.add(
        Contact(
            id=contact_id,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            email=address,
            name=name,
            language=language,
            is_primary=has_primary is None,
            created_at=clock.now(),
        )
    )
    session.flush()
    return contact_id


def mark_bounced(
    session: Session, *, supplier_id: SupplierId, contact_id: ContactId, clock: Clock
) -> None:
    """Remember that a contact's address does not exist; nothing is sent to it from now on."""
    session.execute(
        update(Contact)
        .where(Contact.supplier_id == supplier_id, Contact.id == contact_id)
        .values(bounced_at=clock.now())
    )

"""Whose link it is, and whether it still opens. Nothing here writes: scanners follow links too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from receivables.ids import ContactId, DebtorId, GrantId, SupplierId
from receivables.links.tables import PortalGrant
from receivables.links.tokens import masked, read_token
from receivables.parties.heads import SupplierCard
from receivables.parties.presentation import language_for
from receivables.parties.tables import Contact, Debtor, Supplier
from receivables.settings import LinkSettings


@dataclass(frozen=True, slots=True)
class LiveLink:
    """A link that opens a debtor's account."""

    grant_id: GrantId
    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class ExpiredLink:
    """A link that did once: whom it would have paid, and where a new one would go.

    `supplier_name` and `masked_address` are all that its page may show.
    """

    grant_id: GrantId
    supplier_id: SupplierId
    contact_id: ContactId
    supplier_name: str
    accent: str
    masked_address: str
    language: str
    country: str


_OF_GRANT = (
    select(
        PortalGrant.supplier_id,
        PortalGrant.debtor_id,
        PortalGrant.contact_id,
        PortalGrant.expires_at,
        PortalGrant.replaced_at,
        Contact.email,
        Contact.language.label("contact_language"),
        Debtor.language.label("debtor_language"),
        Debtor.country,
        Supplier.name.label("supplier_name"),
        Supplier.language.label("supplier_language"),
        Supplier.accent,
    )
    .join(Contact, Contact.id == PortalGrant.contact_id)
    .join(Debtor, Debtor.id == PortalGrant.debtor_id)
    .join(Supplier, Supplier.id == PortalGrant.supplier_id)
    .where(PortalGrant.id == bindparam("grant"), PortalGrant.revoked_at.is_(None))
)


def follow(
    session: Session, token: str, *, links: LinkSettings, now: datetime
) -> LiveLink | ExpiredLink | None:
    """Where a token leads; the same None for garbage, for a revoked link and for a foreign one.

    Needs a system transaction, since nobody knows yet whose it is. Writes nothing.
    """
    grant_id = read_token(token, links.secrets)
    if grant_id is None:
        return None
    row = session.execute(_OF_GRANT, {"grant": grant_id}).one_or_none()
    if row is None:
        return None
    if row.replaced_at is None and now < row.expires_at:
        return LiveLink(grant_id, row.supplier_id, row.debtor_id, row.contact_id)
    language = language_for(
        contact=row.contact_language,
        debtor=row.debtor_language,
        country=row.country,
        supplier=row.supplier_language,
    )
    return ExpiredLink(
        grant_id=grant_id,
        supplier_id=row.supplier_id,
        contact_id=row.contact_id,
        supplier_name=row.supplier_name,
        accent=row.accent,
        masked_address=masked(row.email),
        language=language,
        country=row.country,
    )


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, in the portal: everything a page needs to know of them before its own query."""

    grant_id: GrantId
    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId
    contact_name: str
    contact_email: str
    debtor_name: str
    debtor_number: str
    #: The language to speak until the person chooses another.
    language: str
    country: str
    supplier: SupplierCard
    supplier_country: str
    zone: str
    accent: str
    expires_at: datetime

    @property
    def supplier_name(self) -> str:
        return self.supplier.name


#: Plain columns: this runs on every request.
_GRANT, _CONTACT = PortalGrant.__table__.c, Contact.__table__.c
_DEBTOR, _SUPPLIER = Debtor.__table__.c, Supplier.__table__.c

_ACCESS: Select[Any] = (
    select(
        _GRANT.debtor_id,
        _GRANT.contact_id,
        _GRANT.expires_at,
        _CONTACT.name.label("contact_name"),
        _CONTACT.email,
        _CONTACT.language.label("contact_language"),
        _DEBTOR.name.label("debtor_name"),
        _DEBTOR.number,
        _DEBTOR.language.label("debtor_language"),
        _DEBTOR.country,
        _SUPPLIER.name.label("supplier_name"),
        _SUPPLIER.language.label("supplier_language"),
        _SUPPLIER.country.label("supplier_country"),
        _SUPPLIER.zone,
        _SUPPLIER.accent,
        _SUPPLIER.street,
        _SUPPLIER.postcode,
        _SUPPLIER.city,
        _SUPPLIER.iban,
        _SUPPLIER.contact_name.label("supplier_contact_name"),
        _SUPPLIER.contact_email.label("supplier_contact_email"),
        _SUPPLIER.contact_phone.label("supplier_contact_phone"),
    )
    .select_from(PortalGrant.__table__)
    .join(
        Contact.__table__,
        (_CONTACT.id == _GRANT.contact_id) & (_CONTACT.supplier_id == _GRANT.supplier_id),
    )
    .join(
        Debtor.__table__,
        (_DEBTOR.id == _GRANT.debtor_id) & (_DEBTOR.supplier_id == _GRANT.supplier_id),
    )
    .join(Supplier.__table__, _SUPPLIER.id == _GRANT.supplier_id)
    .where(
        _GRANT.supplier_id == bindparam("supplier"),
        _GRANT.id == bindparam("grant"),
        _GRANT.revoked_at.is_(None),
        _GRANT.replaced_at.is_(None),
    )
)


def access_and(*more: ColumnElement[Any]) -> Select[Any]:
    """The statement of `access_of`, which also asks for `more`."""
    return _ACCESS.add_columns(*more)


def access_of(
    session: Session, supplier_id: SupplierId, grant_id: GrantId, *, now: datetime
) -> Access | None:
    """Who may come in by this grant now; None once it is revoked or has expired.

    Asked on each request, in one statement: revoking takes effect at once.
    """
    found = access_by(session, _ACCESS, supplier_id, grant_id, now=now)
    return found[0] if found else None


def access_by(
    session: Session,
    statement: Select[Any],
    supplier_id: SupplierId,
    grant_id: GrantId,
    *,
    now: datetime,
) -> tuple[Access, Sequence[Any]] | None:
    """The same by a statement of `access_and`, with what more it asked for."""
    asked = {"supplier": supplier_id, "grant": grant_id}
    row = session.connection().execute(statement, asked).one_or_none()
    if row is None:
        return None
    (
        debtor_id, contact_id, expires_at,
        contact_name, contact_email, contact_language,
        debtor_name, debtor_number, debtor_language, country,
        supplier_name, supplier_language, supplier_country, zone, accent,
        street, postcode, city, iban, person, person_email, person_phone,
        *more,
    ) = row  # fmt: skip
    if now >= expires_at:
        return None
    language = language_for(
        contact=contact_language,
        debtor=debtor_language,
        country=country,
        supplier=supplier_language,
    )
    access = Access(
        grant_id=grant_id,
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        contact_id=contact_id,
        contact_name=contact_name,
        contact_email=contact_email,
        debtor_name=debtor_name,
        debtor_number=debtor_number,
        language=language,
        country=country,
        supplier=SupplierCard(
            name=supplier_name,
            street=street,
            postcode=postcode,
            city=city,
            iban=iban,
            contact_name=person,
            contact_email=person_email,
            contact_phone=person_phone,
        ),
        supplier_country=supplier_country,
        zone=zone,
        accent=accent,
        expires_at=expires_at,
    )
    return access, more


@dataclass(frozen=True, slots=True)
class Grant:
    """One way into the portal, as the supplier's staff see it."""

    id: GrantId
    contact_id: ContactId
    state: Literal["valid", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime
    #: When a person last acted through it.
    seen_at: datetime | None


def grants_of(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, now: datetime
) -> list[Grant]:
    """A debtor's grants, the newest first."""
    rows = session.scalars(
        select(PortalGrant)
        .where(PortalGrant.supplier_id == supplier_id, PortalGrant.debtor_id == debtor_id)
        .order_by(PortalGrant.created_at.desc(), PortalGrant.id)
    )
    return [
        Grant(row.id, row.contact_id, _state(row, now), row.created_at, row.expires_at, row.seen_at)
        for row in rows
    ]


def _state(row: PortalGrant, now: datetime) -> Literal["valid", "expired", "revoked"]:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.replaced_at is not None or now >= row.expires_at else "valid"

"""Which addresses are left alone, and whose are to be mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from receivables.bounces.tables import Bounce, Suppression
from receivables.ids import ContactId, DebtorId, SupplierId, SuppressionId
from receivables.parties.tables import Contact, Debtor
from receivables.ports import Channel

#: The address of a contact that is in use on a suppression's channel is the suppressed one: with
#: another, the contact is reachable again and nobody has to lift anything.
_IN_USE: ColumnElement[bool] = or_(
    and_(
        Suppression.channel == Channel.EMAIL,
        func.lower(Suppression.address) == func.lower(Contact.email),
    ),
    and_(
        Suppression.channel.in_((Channel.SMS, Channel.CALL)),
        Suppression.address == Contact.phone,
    ),
)


def is_suppressed(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    channel: Channel,
    address: str,
) -> bool:
    """Whether an address of a contact is left alone on a channel."""
    found = session.scalar(
        select(Suppression.id).where(
            Suppression.supplier_id == supplier_id,
            Suppression.contact_id == contact_id,
            Suppression.channel == channel,
            Suppression.lifted_at.is_(None),
            func.lower(Suppression.address) == address.lower(),
        )
    )
    return found is not None


def closed_channels(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> dict[ContactId, frozenset[Channel]]:
    """For each contact of a debtor's, or of all debtors', the channels on which the address in use
    is left alone; contacts with none are left out. A dead mail address counts whoever found out.
    """
    closed: dict[ContactId, set[Channel]] = {}
    for row in _suppressed(session, supplier_id, debtor_id):
        closed.setdefault(row.contact_id, set()).add(Channel(row.channel))
    bounced = select(Contact.id).where(
        Contact.supplier_id == supplier_id, Contact.bounced_at.is_not(None)
    )
    if debtor_id is not None:
        bounced = bounced.where(Contact.debtor_id == debtor_id)
    for contact_id in session.scalars(bounced):
        closed.setdefault(contact_id, set()).add(Channel.EMAIL)
    return {contact_id: frozenset(channels) for contact_id, channels in closed.items()}


def closed_to_post(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> frozenset[DebtorId]:
    """Debtors from whose postal address, as it stands, letters came back."""
    return frozenset(row.debtor_id for row in _returned(session, supplier_id, debtor_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMend:
    """An address that needs a person: the task "fix contact".

    `suppression_id` None: the address was refused when it was written to.
    """

    suppression_id: SuppressionId | None
    debtor_id: DebtorId
    debtor_name: str
    contact_id: ContactId | None
    contact_name: str
    channel: Channel
    address: str
    because: str
    detail: str
    since: datetime


def to_mend(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> list[ToMend]:
    """Every address in use that is left alone, the newest first."""
    found = [
        ToMend(
            suppression_id=row.id,
            debtor_id=row.debtor_id,
            debtor_name=row.debtor_name,
            contact_id=row.contact_id,
            contact_name=row.contact_name or "",
            channel=Channel(row.channel),
            address=row.address,
            because=row.because,
            detail=row.detail,
            since=row.created_at,
        )
        for row in (
            *_suppressed(session, supplier_id, debtor_id),
            *_returned(session, supplier_id, debtor_id),
        )
    ]
    known = {one.contact_id for one in found if one.channel is Channel.EMAIL}
    refused = [
        one for one in _refused(session, supplier_id, debtor_id) if one.contact_id not in known
    ]
    return sorted((*found, *refused), key=lambda one: one.since, reverse=True)


def _suppressed(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> Sequence[Any]:
    statement = (
        select(
            Suppression.id, Suppression.debtor_id, Suppression.contact_id, Suppression.channel,
            Suppression.address, Suppression.because, Suppression.detail, Suppression.created_at,
            Contact.name.label("contact_name"), Debtor.name.label("debtor_name"),
        )
        .join(Contact, and_(
            Contact.supplier_id == Suppression.supplier_id, Contact.id == Suppression.contact_id
        ))
        .join(Debtor, and_(
            Debtor.supplier_id == Suppression.supplier_id, Debtor.id == Suppression.debtor_id
        ))
        .where(Suppression.supplier_id == supplier_id, Suppression.lifted_at.is_(None), _IN_USE)
    )  # fmt: skip
    if debtor_id is not None:
        statement = statement.where(Suppression.debtor_id == debtor_id)
    return session.execute(statement).all()


def _returned(session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None) -> list[Any]:
    """Postal addresses; one that was changed since stands no more in its debtor's row."""
    statement = (
        select(
            Suppression.id, Suppression.debtor_id, Suppression.contact_id, Suppression.channel,
            Suppression.address, Suppression.because, Suppression.detail, Suppression.created_at,
            literal("").label("contact_name"), Debtor.name.label("debtor_name"),
            Debtor.street, Debtor.city,
        )
        .join(Debtor, and_(
            Debtor.supplier_id == Suppression.supplier_id, Debtor.id == Suppression.debtor_id
        ))
        .where(
            Suppression.supplier_id == supplier_id,
            Suppression.channel == Channel.LETTER,
            Suppression.lifted_at.is_(None),
        )
    )  # fmt: skip
    if debtor_id is not None:
        statement = statement.where(Suppression.debtor_id == debtor_id)
    return [
        row
        for row in session.execute(statement)
        if (row.street or "") in row.address and (row.city or "") in row.address
    ]


def _refused(session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None) -> list[ToMend]:
    statement = (
        select(Contact, Debtor.name.label("debtor_name"))
        .join(Debtor, and_(
            Debtor.supplier_id == Contact.supplier_id, Debtor.id == Contact.debtor_id
        ))
        .where(Contact.supplier_id == supplier_id, Contact.bounced_at.is_not(None))
    )  # fmt: skip
    if debtor_id is not None:
        statement = statement.where(Contact.debtor_id == debtor_id)
    return [
        ToMend(
            suppression_id=None,
            debtor_id=contact.debtor_id,
            debtor_name=debtor_name,
            contact_id=contact.id,
            contact_name=contact.name,
            channel=Channel.EMAIL,
            address=contact.email,
            because="hard_bounce",
            detail="",
            since=contact.bounced_at or contact.created_at,
        )
        for contact, debtor_name in session.execute(statement)
    ]


def bounces_of(
    session: Session, supplier_id: SupplierId, contact_id: ContactId, *, limit: int = 20
) -> Sequence[Bounce]:
    """What came back from a contact, the newest first."""
    return session.scalars(
        select(Bounce)
        .where(Bounce.supplier_id == supplier_id, Bounce.contact_id == contact_id)
        .order_by(Bounce.id.desc())
        .limit(limit)
    ).all()

"""Reports are taken in, addresses left alone, and used again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from receivables.bounces.events import AddressSuppressed, MessageBounced, SuppressionLifted
from receivables.bounces.reading import Proven, proven, read
from receivables.bounces.rules import SOFT_LIMIT, SOFT_WINDOW, Kind
from receivables.bounces.tables import Because, Bounce, Suppression
from receivables.clock import Clock
from receivables.errors import NoSuch
from receivables.history import record
from receivables.ids import BounceId, ContactId, DebtorId, SupplierId, SuppressionId, new_id
from receivables.jobs import add_unless_known
from receivables.parties.actions import mark_bounced
from receivables.parties.tables import Contact
from receivables.ports import Channel

_BECAUSE = {
    Kind.HARD: Because.HARD_BOUNCE,
    Kind.SOFT: Because.SOFT_BOUNCES,
    Kind.COMPLAINT: Because.COMPLAINT,
}


class NoSuchSuppression(NoSuch):
    """The supplier leaves no such address alone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one mail: whether it was a report at all, how many of its findings are about
    messages of ours, how many of these were new, and how many addresses are left alone now.
    """

    is_report: bool
    proven: int
    new: int
    suppressed: int


def take(session: Session, raw: bytes, secrets: tuple[str, ...], *, clock: Clock) -> Taken:
    """Take in a mail that came to a return path. Needs a system transaction: a report names a
    message, not a supplier. The same mail again changes nothing; one whose return path we did not
    make, or made for another address, says nothing.
    """
    report = read(raw)
    found = proven(report, secrets)
    report_hash = hashlib.sha256(raw).hexdigest()
    new = suppressed = 0
    for one in found:
        for contact in _contacts_at(session, one.address):
            if _write_down(session, contact, one, report_hash, clock=clock):
                new += 1
                suppressed += _draw_conclusion(session, contact, one, clock=clock)
    return Taken(report.is_report, len(found), new, suppressed)


def _contacts_at(session: Session, address: str) -> Sequence[Contact]:
    """Whoever has the address, at whichever supplier: it exists for all of them or for none."""
    return session.scalars(
        select(Contact).where(func.lower(Contact.email) == address.lower()).order_by(Contact.id)
    ).all()


def _write_down(
    session: Session, contact: Contact, found: Proven, report_hash: str, *, clock: Clock
) -> bool:
    """False when the same report about the contact stands already."""
    bounce_id = BounceId(new_id())
    row = {
        "id": bounce_id,
        "supplier_id": contact.supplier_id,
        "debtor_id": contact.debtor_id,
        "contact_id": contact.id,
        "report_hash": report_hash,
        "kind": found.kind,
        "address": found.address,
        "status": found.status[:12],
        "diagnostic": found.diagnostic,
        "message": str(found.message),
        "received_at": clock.now(),
    }
    if not add_unless_known(session, Bounce, row):
        return False
    bounced = MessageBounced(
        supplier_id=contact.supplier_id,
        debtor_id=contact.debtor_id,
        bounce_id=bounce_id,
        contact_id=contact.id,
        message=found.message,
        bounced=found.kind,
        status=found.status,
    )
    record(session, bounced, clock=clock)
    return True


def _draw_conclusion(session: Session, contact: Contact, found: Proven, *, clock: Clock) -> bool:
    """Whether the address is left alone from now on, and was not before."""
    if found.kind is Kind.SOFT and _soft_bounces(session, contact, clock=clock) < SOFT_LIMIT:
        return False
    return suppress(
        session,
        supplier_id=contact.supplier_id,
        debtor_id=contact.debtor_id,
        contact_id=contact.id,
        channel=Channel.EMAIL,
        address=contact.email,
        because=_BECAUSE[found.kind],
        detail=f"{found.status} {found.diagnostic}".strip(),
        clock=clock,
    )


def _soft_bounces(session: Session, contact: Contact, *, clock: Clock) -> int:
    """How many soft bounces the address had lately, since somebody last said that it works."""
    since = clock.now() - SOFT_WINDOW
    lifted = session.scalar(
        select(func.max(Suppression.lifted_at)).where(
            Suppression.supplier_id == contact.supplier_id,
            Suppression.contact_id == contact.id,
            Suppression.channel == Channel.EMAIL,
        )
    )
    count = select(func.count()).where(
        Bounce.supplier_id == contact.supplier_id,
        Bounce.contact_id == contact.id,
        Bounce.address == contact.email.lower(),
        Bounce.kind == Kind.SOFT,
        Bounce.received_at > max(since, lifted or since),
    )
    return session.scalar(count) or 0


def suppress(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId | None,
    channel: Channel,
    address: str,
    because: Because,
    detail: str = "",
    clock: Clock,
) -> bool:
    """Leave an address of a contact (None: the debtor's postal address) alone on a channel.

    False when it was already. It ends by itself when the contact gets another address.
    """
    suppression_id = SuppressionId(new_id())
    row = {
        "id": suppression_id,
        "supplier_id": supplier_id,
        "debtor_id": debtor_id,
        "contact_id": contact_id,
        "channel": channel,
        "address": address[:300],
        "because": because,
        "detail": detail[:500],
        "created_at": clock.now(),
        "lifted_at": None,
    }
    if not add_unless_known(session, Suppression, row):
        return False
    if channel is Channel.EMAIL and contact_id is not None:
        mark_bounced(session, supplier_id=supplier_id, contact_id=contact_id, clock=clock)
    suppressed = AddressSuppressed(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        suppression_id=suppression_id,
        contact_id=contact_id,
        channel=channel,
        because=because,
    )
    record(session, suppressed, clock=clock)
    return True


def use_again(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    contact_id: ContactId | None,
    channel: Channel,
    clock: Clock,
) -> None:
    """A person says that the address of a contact (None: the debtor's postal address) works: it
    is used again. Raises NoSuchSuppression when it was not left alone.
    """
    mine = Suppression.contact_id.is_(None) if contact_id is None else (
        Suppression.contact_id == contact_id
    )  # fmt: skip
    lifted = session.scalars(
        update(Suppression)
        .where(
            Suppression.supplier_id == supplier_id,
            Suppression.debtor_id == debtor_id,
            mine,
            Suppression.channel == channel,
            Suppression.lifted_at.is_(None),
        )
        .values(lifted_at=clock.now())
        .returning(Suppression.id)
        .execution_options(synchronize_session=False)
    ).all()
    trusted = channel is Channel.EMAIL and _trust(session, supplier_id, debtor_id, contact_id)
    if not lifted and not trusted:
        raise NoSuchSuppression(str(contact_id or debtor_id))
    happened = SuppressionLifted(
        supplier_id=supplier_id, debtor_id=debtor_id, contact_id=contact_id, channel=channel
    )
    record(session, happened, clock=clock)


def _trust(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, contact_id: ContactId | None
) -> bool:
    """Take back that a mail address is dead; False when nobody had said so."""
    found = session.scalars(
        update(Contact)
        .where(
            Contact.supplier_id == supplier_id,
            Contact.debtor_id == debtor_id,
            Contact.id == contact_id,
            Contact.bounced_at.is_not(None),
        )
        .values(bounced_at=None)
        .returning(Contact.id)
        .execution_options(synchronize_session=False)
    ).all()
    return bool(found)

"""Granting, renewing and revoking a contact's way into the portal."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import NoSuch
from receivables.history import record
from receivables.ids import ContactId, DebtorId, GrantId, SupplierId, new_id
from receivables.jobs import insert_or_ignore
from receivables.links.events import LinkNotSent, LinkRevoked, LinkSent, NewLinkRequested
from receivables.links.queries import ExpiredLink, LiveLink
from receivables.links.tables import PortalGrant
from receivables.parties.actions import mark_bounced
from receivables.parties.tables import Contact
from receivables.ports import MailRefused

#: Least time between two links that were asked for in the portal: five an hour, no more.
BETWEEN_LINKS = timedelta(minutes=12)


class NoSuchContact(NoSuch):
    """The supplier has no such contact."""


class NoSuchGrant(NoSuch):
    """The debtor has no such grant, or it is revoked already."""


def grant_for(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    *,
    lifetime: timedelta,
    clock: Clock,
) -> GrantId:
    """The contact's grant, good for `lifetime` from now, so that older links stay good as well.

    One that has expired stays expired, or a link that was lost long ago would open again with
    the next message; the contact then gets another. The same after a revocation.
    Raises NoSuchContact.
    """
    now = clock.now()
    debtor_id = _hold_contact(session, supplier_id, contact_id)
    live = session.execute(
        select(PortalGrant.id, PortalGrant.expires_at).where(
            PortalGrant.supplier_id == supplier_id,
            PortalGrant.contact_id == contact_id,
            PortalGrant.revoked_at.is_(None),
            PortalGrant.replaced_at.is_(None),
        )
    ).one_or_none()
    if live is not None and now < live.expires_at:
        _change(session, live.id, expires_at=max(live.expires_at, now + lifetime))
        return GrantId(live.id)
    if live is not None:
        _change(session, live.id, replaced_at=now)
    grant_id = GrantId(uuid4())
    session.execute(
        insert_or_ignore(session, PortalGrant),
        {
            "id": grant_id,
            "supplier_id": supplier_id,
            "debtor_id": debtor_id,
            "contact_id": contact_id,
            "created_at": now,
            "expires_at": now + lifetime,
        },
    )
    return grant_id


def _hold_contact(session: Session, supplier_id: SupplierId, contact_id: ContactId) -> DebtorId:
    """Whose contact it is; nobody else changes its grants until the transaction ends."""
    debtor_id = session.scalar(
        select(Contact.debtor_id)
        .where(Contact.supplier_id == supplier_id, Contact.id == contact_id)
        .with_for_update(key_share=True)
    )
    if debtor_id is None:
        raise NoSuchContact(str(contact_id))
    return debtor_id


def _change(session: Session, grant_id: GrantId, **values: datetime) -> None:
    session.execute(
        update(PortalGrant)
        .where(PortalGrant.id == grant_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def revoke(
    session: Session,
    supplier_id: SupplierId,
    grant_id: GrantId,
    *,
    clock: Clock,
    debtor_id: DebtorId | None = None,
) -> None:
    """Close a grant: its link and every page opened through it are unknown from now on.

    Raises NoSuchGrant; with `debtor_id` also for a grant of another debtor.
    """
    statement = update(PortalGrant).where(
        PortalGrant.supplier_id == supplier_id,
        PortalGrant.id == grant_id,
        PortalGrant.revoked_at.is_(None),
    )
    if debtor_id is not None:
        statement = statement.where(PortalGrant.debtor_id == debtor_id)
    row = session.execute(
        statement.values(revoked_at=clock.now())
        .returning(PortalGrant.contact_id, PortalGrant.debtor_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise NoSuchGrant(str(grant_id))
    happened = LinkRevoked(
        supplier_id=supplier_id,
        debtor_id=row.debtor_id,
        contact_id=row.contact_id,
        grant_id=grant_id,
    )
    record(session, happened, clock=clock)


def send_new_link(
    session: Session, link: ExpiredLink | LiveLink, *, lifetime: timedelta, clock: Clock
) -> None:
    """Mail a working link to the registered address of the contact that `link` was made for.

    At most one in BETWEEN_LINKS for each contact; whether this call sent one is not told, and
    must not be: the answer to whoever asks is the same.
    """
    supplier_id, contact_id = link.supplier_id, link.contact_id
    now = clock.now()
    _hold_contact(session, supplier_id, contact_id)
    last_asked_at = session.scalar(
        select(func.max(PortalGrant.renewed_at)).where(
            PortalGrant.supplier_id == supplier_id, PortalGrant.contact_id == contact_id
        )
    )
    if last_asked_at is not None and now - last_asked_at < BETWEEN_LINKS:
        return
    _change(session, link.grant_id, renewed_at=now)
    _request(session, supplier_id, contact_id, lifetime=lifetime, was_asked_for=True, clock=clock)


def mail_link(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    *,
    lifetime: timedelta,
    clock: Clock,
) -> None:
    """Mail a contact their link because the supplier's staff say so. Raises NoSuchContact."""
    _request(session, supplier_id, contact_id, lifetime=lifetime, was_asked_for=False, clock=clock)


def _request(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    *,
    lifetime: timedelta,
    was_asked_for: bool,
    clock: Clock,
) -> None:
    grant_id = grant_for(session, supplier_id, contact_id, lifetime=lifetime, clock=clock)
    debtor_id = _hold_contact(session, supplier_id, contact_id)
    happened = NewLinkRequested(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        contact_id=contact_id,
        grant_id=grant_id,
        request_id=new_id(),
        was_asked_for=was_asked_for,
    )
    record(session, happened, clock=clock)


def mark_link_sent(session: Session, asked: NewLinkRequested, *, clock: Clock) -> None:
    """Write down that the mail with the link was handed over."""
    happened = LinkSent(
        supplier_id=asked.supplier_id,
        debtor_id=asked.debtor_id,
        contact_id=asked.contact_id,
        grant_id=asked.grant_id,
    )
    record(session, happened, clock=clock)


def mark_link_refused(
    session: Session, asked: NewLinkRequested, refusal: MailRefused, *, clock: Clock
) -> None:
    """Write down that it was turned down, and an address that does not exist."""
    if refusal.address_is_dead:
        mark_bounced(
            session, supplier_id=asked.supplier_id, contact_id=asked.contact_id, clock=clock
        )
    happened = LinkNotSent(
        supplier_id=asked.supplier_id,
        debtor_id=asked.debtor_id,
        contact_id=asked.contact_id,
        grant_id=asked.grant_id,
        reason=str(refusal),
    )
    record(session, happened, clock=clock)


def mark_seen(
    session: Session, supplier_id: SupplierId, grant_id: GrantId, *, clock: Clock
) -> None:
    """Remember that a person acted through the grant: pressed a button, not followed a link."""
    session.execute(
        update(PortalGrant)
        .where(PortalGrant.supplier_id == supplier_id, PortalGrant.id == grant_id)
        .values(seen_at=clock.now())
        .execution_options(synchronize_session=False)
    )

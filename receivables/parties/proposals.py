"""Changes that were asked for: who may see them, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import ContactId, ContactProposalId, DebtorId, SupplierId
from receivables.parties.actions import add_contact
from receivables.parties.contacts import (
    NoSuchProposal,
    ProposalState,
    check_unknown,
    hold_contact,
    make_primary,
)
from receivables.parties.events import (
    AddressChanged,
    ChangeRefused,
    ContactAdded,
    PostalAddressChanged,
)
from receivables.parties.tables import Contact, ContactProposal, Debtor


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that was asked for."""

    id: ContactProposalId
    supplier_id: SupplierId
    debtor_id: DebtorId
    debtor_name: str
    contact_id: ContactId
    contact_name: str
    kind: str
    state: ProposalState
    name: str
    email: str
    former_email: str
    role: str
    becomes_primary: bool
    postal: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


_FOUND = (
    select(ContactProposal, Debtor.name, Contact.name)
    .join(
        Debtor,
        (Debtor.supplier_id == ContactProposal.supplier_id)
        & (Debtor.id == ContactProposal.debtor_id),
    )
    .join(
        Contact,
        (Contact.supplier_id == ContactProposal.supplier_id)
        & (Contact.id == ContactProposal.contact_id),
    )
)


def proposals(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId | None = None,
    *,
    now: datetime,
    waiting: bool = False,
) -> list[Proposal]:
    """Changes asked for, the newest first; `waiting`: those that nobody has decided on."""
    statement = _FOUND.where(ContactProposal.supplier_id == supplier_id)
    if debtor_id is not None:
        statement = statement.where(ContactProposal.debtor_id == debtor_id)
    if waiting:
        statement = statement.where(
            ContactProposal.state.in_((ProposalState.TO_CONFIRM, ProposalState.TO_APPROVE))
        )
    rows = session.execute(statement.order_by(ContactProposal.created_at.desc()).limit(200))
    found = [_as_proposal(*row, now) for row in rows]
    return [one for one in found if not waiting or one.state is not ProposalState.EXPIRED]


def proposal(
    session: Session, supplier_id: SupplierId, proposal_id: ContactProposalId, *, now: datetime
) -> Proposal | None:
    row = session.execute(
        _FOUND.where(ContactProposal.supplier_id == supplier_id, ContactProposal.id == proposal_id)
    ).one_or_none()
    return None if row is None else _as_proposal(*row, now)


def supplier_of_proposal(session: Session, proposal_id: ContactProposalId) -> SupplierId | None:
    """Whose a link in a mail is; needs a system transaction."""
    return session.scalar(
        select(ContactProposal.supplier_id).where(ContactProposal.id == proposal_id)
    )


def _as_proposal(
    row: ContactProposal, debtor_name: str, contact_name: str, now: datetime
) -> Proposal:
    state = ProposalState(row.state)
    if state is ProposalState.TO_CONFIRM and now >= row.expires_at:
        state = ProposalState.EXPIRED
    town = " ".join(part for part in (row.postcode, row.city) if part)
    return Proposal(
        id=row.id,
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        debtor_name=debtor_name,
        contact_id=row.contact_id,
        contact_name=contact_name,
        kind=row.kind,
        state=state,
        name=row.name or "",
        email=row.email or "",
        former_email=row.former_email or "",
        role=row.role or "",
        becomes_primary=row.becomes_primary,
        postal=tuple(part for part in (row.street, town) if part),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def confirm(
    session: Session, supplier_id: SupplierId, proposal_id: ContactProposalId, *, clock: Clock
) -> None:
    """Whoever reads the proposed address says yes: the change holds.

    Raises NoSuchProposal when it does not wait for that, or not any more.
    """
    row = _waiting(session, supplier_id, proposal_id, ProposalState.TO_CONFIRM)
    if clock.now() >= row.expires_at:
        raise NoSuchProposal(str(proposal_id))
    _carry_out(session, row, clock=clock)


def approve(
    session: Session,
    supplier_id: SupplierId,
    proposal_id: ContactProposalId,
    *,
    debtor_id: DebtorId,
    clock: Clock,
) -> None:
    """The supplier agrees: the change holds. Raises NoSuchProposal."""
    row = _waiting(session, supplier_id, proposal_id, ProposalState.TO_APPROVE, debtor_id)
    _carry_out(session, row, clock=clock)


def refuse(
    session: Session,
    supplier_id: SupplierId,
    proposal_id: ContactProposalId,
    *,
    debtor_id: DebtorId,
    clock: Clock,
) -> None:
    """The supplier does not agree; also ends one that waits to be confirmed. Raises
    NoSuchProposal.
    """
    row = _waiting(session, supplier_id, proposal_id, None, debtor_id)
    row.state, row.state_since = ProposalState.REFUSED, clock.now()
    refused = ChangeRefused(
        supplier_id=supplier_id,
        debtor_id=row.debtor_id,
        proposal_id=proposal_id,
        what=row.kind,
    )
    record(session, refused, clock=clock)


def _waiting(
    session: Session,
    supplier_id: SupplierId,
    proposal_id: ContactProposalId,
    state: ProposalState | None,
    debtor_id: DebtorId | None = None,
) -> ContactProposal:
    states: Sequence[ProposalState] = (
        (state,) if state else (ProposalState.TO_CONFIRM, ProposalState.TO_APPROVE)
    )
    statement = select(ContactProposal).where(
        ContactProposal.supplier_id == supplier_id,
        ContactProposal.id == proposal_id,
        ContactProposal.state.in_(states),
    )
    if debtor_id is not None:
        statement = statement.where(ContactProposal.debtor_id == debtor_id)
    row = session.scalar(statement.with_for_update())
    if row is None:
        raise NoSuchProposal(str(proposal_id))
    return row


def _carry_out(session: Session, row: ContactProposal, *, clock: Clock) -> None:
    row.state, row.state_since = ProposalState.DONE, clock.now()
    if row.kind == "postal":
        _move(session, row, clock=clock)
    elif row.kind == "email":
        _readdress(session, row, clock=clock)
    else:
        _let_in(session, row, clock=clock)


def _move(session: Session, row: ContactProposal, *, clock: Clock) -> None:
    session.execute(
        update(Debtor)
        .where(Debtor.supplier_id == row.supplier_id, Debtor.id == row.debtor_id)
        .values(street=row.street, postcode=row.postcode, city=row.city)
    )
    moved = PostalAddressChanged(
        supplier_id=row.supplier_id, debtor_id=row.debtor_id, proposal_id=row.id
    )
    record(session, moved, clock=clock)


def _readdress(session: Session, row: ContactProposal, *, clock: Clock) -> None:
    contact = hold_contact(session, row.supplier_id, row.contact_id)
    assert row.email is not None, "constrained"
    check_unknown(session, contact, row.email)
    contact.email, contact.bounced_at = row.email, None
    session.flush()
    changed = AddressChanged(
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        contact_id=contact.id,
        proposal_id=row.id,
    )
    record(session, changed, clock=clock)


def _let_in(session: Session, row: ContactProposal, *, clock: Clock) -> None:
    assert row.email is not None, "constrained"
    contact_id = add_contact(
        session,
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        email=row.email,
        name=row.name or row.email,
        language=None,
        clock=clock,
    )
    hold_contact(session, row.supplier_id, contact_id).role = row.role or "billing"
    added = ContactAdded(
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        contact_id=contact_id,
        proposal_id=row.id,
    )
    record(session, added, clock=clock)
    if row.becomes_primary:
        make_primary(session, row.supplier_id, row.debtor_id, contact_id, clock=clock)

"""The people at a debtor's change what concerns them, and name others.

Nothing of the account is shown to an address that nobody answers for: somebody new is let in by
the supplier, or, within the company's own mail domain, when they confirm by a link of their own.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.i18n import LANGUAGES
from receivables.ids import ContactId, ContactProposalId, DebtorId, SupplierId
from receivables.parties.events import (
    ChangeProposed,
    ContactChanged,
    PrimaryChanged,
)
from receivables.parties.tables import Contact, ContactProposal

ROLES = ("billing", "approver", "manager")

#: How long the link that asks a proposed address to confirm is good.
CONFIRM_WITHIN = timedelta(days=7)
#: Changes of one debtor that may wait at once: nobody fills a queue, or a stranger's mailbox.
MOST_WAITING = 5

#: Mail domains anybody can have an address in: sharing one says nothing about working together.
PUBLIC_DOMAINS = frozenset(
    """
    aol.com bluewin.ch free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com
    hispeed.ch hotmail.com hotmail.fr icloud.com laposte.net libero.it live.com mac.com mail.com
    me.com msn.com orange.fr outlook.com outlook.fr pm.me posteo.de proton.me protonmail.com
    sfr.fr skynet.be sunrise.ch t-online.de telenet.be tiscali.it virgilio.it wanadoo.fr web.de
    yahoo.com yahoo.de yahoo.fr yahoo.it ymail.com ziggo.nl kpnmail.nl
    """.split()
)

_ADDRESS = re.compile(r"[^@\s<>\"',;:\\()\[\]]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")


class ProposalState(StrEnum):
    TO_CONFIRM = "to_confirm"
    """Whoever reads the proposed address was sent a link."""
    TO_APPROVE = "to_approve"
    """The supplier has to agree."""
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


class NotAnAddress(ReceivablesError):
    """Not a mail address as one can write to."""


class NameMissing(ReceivablesError):
    """A person has a name, an address a street and a place."""


class AddressKnown(ReceivablesError):
    """The address is a contact's of this debtor already."""


class TooManyProposals(ReceivablesError):
    """As many changes wait as may wait at once."""


class NoSuchProposal(NoSuch):
    """No change of this name waits."""


def read_address(typed: str) -> str:
    """A mail address as typed, without spaces around it. Raises NotAnAddress."""
    address = typed.strip()
    if len(address) > 254 or not address.isascii() or not _ADDRESS.fullmatch(address):
        raise NotAnAddress("no address")
    return address


def share_a_domain(one: str, other: str) -> bool:
    """Whether two addresses are in one company's own mail domain."""
    domains = {address.rpartition("@")[2].lower() for address in (one, other)}
    return len(domains) == 1 and not domains & PUBLIC_DOMAINS


def change_own(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    *,
    name: str,
    language: str | None,
    role: str,
    clock: Clock,
) -> None:
    """A contact's own name, role, and the language we write to them in (None: whatever holds
    for the debtor). Raises NoSuchProposal for no contact of the supplier's, and NameMissing.
    """
    if not name.strip():
        raise NameMissing("name")
    assert role in ROLES, role
    assert language is None or language in LANGUAGES, language
    row = hold_contact(session, supplier_id, contact_id)
    if (row.name, row.language, row.role) == (name.strip(), language, role):
        return
    row.name, row.language, row.role = name.strip()[:120], language, role
    changed = ContactChanged(
        supplier_id=supplier_id, debtor_id=row.debtor_id, contact_id=contact_id
    )
    record(session, changed, clock=clock)


def hold_contact(session: Session, supplier_id: SupplierId, contact_id: ContactId) -> Contact:
    """The contact, nobody else's until the transaction ends. Raises NoSuchProposal."""
    row = session.scalar(
        select(Contact)
        .where(Contact.supplier_id == supplier_id, Contact.id == contact_id)
        .with_for_update()
    )
    if row is None:
        raise NoSuchProposal(str(contact_id))
    return row


def propose_person(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    *,
    name: str,
    email: str,
    role: str,
    becomes_primary: bool,
    clock: Clock,
) -> ContactProposalId:
    """ "Not me, ask X". Raises NotAnAddress, NameMissing, AddressKnown and TooManyProposals."""
    if not name.strip():
        raise NameMissing("name")
    assert role in ROLES, role
    asker, address = hold_contact(session, supplier_id, contact_id), read_address(email)
    check_unknown(session, asker, address)
    trusted = share_a_domain(asker.email, address)
    return _propose(
        session,
        asker,
        "person",
        ProposalState.TO_CONFIRM if trusted else ProposalState.TO_APPROVE,
        clock=clock,
        name=name.strip()[:120],
        email=address,
        role=role,
        becomes_primary=becomes_primary,
    )


def propose_address(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    *,
    email: str,
    clock: Clock,
) -> ContactProposalId:
    """A contact's own new address; it holds once a link sent there was used.

    Raises NotAnAddress, AddressKnown and TooManyProposals.
    """
    asker, address = hold_contact(session, supplier_id, contact_id), read_address(email)
    check_unknown(session, asker, address)
    return _propose(
        session,
        asker,
        "email",
        ProposalState.TO_CONFIRM,
        clock=clock,
        email=address,
        former_email=asker.email,
    )


def propose_postal(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    *,
    street: str,
    postcode: str,
    city: str,
    clock: Clock,
) -> ContactProposalId:
    """The debtor's postal address; the supplier takes it over. Raises NameMissing and
    TooManyProposals.
    """
    if not street.strip() or not city.strip():
        raise NameMissing("street and city")
    return _propose(
        session,
        hold_contact(session, supplier_id, contact_id),
        "postal",
        ProposalState.TO_APPROVE,
        clock=clock,
        street=street.strip()[:120],
        postcode=postcode.strip()[:16],
        city=city.strip()[:80],
    )


def check_unknown(session: Session, asker: Contact, address: str) -> None:
    """Raises AddressKnown."""
    known = session.scalars(
        select(Contact.email).where(
            Contact.supplier_id == asker.supplier_id, Contact.debtor_id == asker.debtor_id
        )
    )
    if address.lower() in {one.lower() for one in known}:
        raise AddressKnown("a contact's already")


def _propose(
    session: Session,
    asker: Contact,
    kind: str,
    state: ProposalState,
    *,
    clock: Clock,
    **values: object,
) -> ContactProposalId:
    now = clock.now()
    waiting = select(func.count()).where(
        ContactProposal.supplier_id == asker.supplier_id,
        ContactProposal.debtor_id == asker.debtor_id,
        ContactProposal.expires_at > now,
        ContactProposal.state.in_((ProposalState.TO_CONFIRM, ProposalState.TO_APPROVE)),
    )
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise TooManyProposals(f"{MOST_WAITING} wait")
    proposal_id = ContactProposalId(uuid4())
    session.add(
        ContactProposal(
            id=proposal_id,
            supplier_id=asker.supplier_id,
            debtor_id=asker.debtor_id,
            contact_id=asker.id,
            kind=kind,
            state=state,
            state_since=now,
            created_at=now,
            expires_at=now + CONFIRM_WITHIN,
            **values,
        )
    )
    session.flush()
    proposed = ChangeProposed(
        supplier_id=asker.supplier_id,
        debtor_id=asker.debtor_id,
        proposal_id=proposal_id,
        what=kind,
        to_confirm=state is ProposalState.TO_CONFIRM,
    )
    record(session, proposed, clock=clock)
    return proposal_id


def make_primary(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId,
    *,
    clock: Clock,
) -> None:
    """Send reminders to this contact from now on. Raises NoSuchProposal for no contact of the
    debtor's.
    """
    row = hold_contact(session, supplier_id, contact_id)
    if row.debtor_id != debtor_id:
        raise NoSuchProposal(str(contact_id))
    if row.is_primary:
        return
    session.execute(
        update(Contact)
        .where(
            Contact.supplier_id == supplier_id, Contact.debtor_id == debtor_id, Contact.is_primary
        )
        .values(is_primary=False)
    )
    row.is_primary = True
    session.flush()
    changed = PrimaryChanged(supplier_id=supplier_id, debtor_id=debtor_id, contact_id=contact_id)
    record(session, changed, clock=clock)

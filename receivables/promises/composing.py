"""Mails about promises and declarations: sent at least once, under one Message-ID each."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.credit.queries import standing
from receivables.ids import ContactId, DebtorId, PaidClaimId, PromiseId, SupplierId
from receivables.links.actions import grant_for
from receivables.links.tokens import link_to, make_token
from receivables.parties import queries as parties
from receivables.parties.mailing import mail_from_supplier, message_id_for
from receivables.parties.presentation import head_of, locale_with, person_name
from receivables.parties.tables import Contact
from receivables.ports import MailMessage
from receivables.promises.claim_queries import claim
from receivables.promises.messages import PromiseMail, ProofMail
from receivables.promises.queries import contact_of_claim, contact_of_promise, promise
from receivables.rendering import render_mail
from receivables.settings import Settings


def promise_message(
    session: Session,
    supplier_id: SupplierId,
    promise_id: PromiseId,
    name: str,
    *,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """ "promise_made" or "promise_kept" to whoever gave it, or to the primary contact; None when
    there is nobody to write to.
    """
    view = promise(session, supplier_id, promise_id)
    contact = _reader(
        session, supplier_id, view.debtor_id, contact_of_promise(session, supplier_id, promise_id)
    )
    if contact is None:
        return None
    mail = PromiseMail(
        supplier=head_of(parties.supplier(session, supplier_id)),
        debtor_name=view.debtor_name,
        contact_name=person_name(contact.name, view.debtor_name),
        amount=view.amount,
        promised_on=view.promised_on,
        judged_on=view.judged_on,
        numbers=view.numbers,
        link=_link(session, contact, settings=settings, clock=clock),
    )
    return _message(
        session, contact, name, mail, message_id=f"{name.replace('_', '-')}-{promise_id}",
        settings=settings,
    )  # fmt: skip


def proof_message(
    session: Session,
    supplier_id: SupplierId,
    claim_id: PaidClaimId,
    *,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """Asks whoever said that it is paid for a proof; None when there is nobody to write to, or
    when nothing may be asked of the debtor: they are insolvent.
    """
    view = claim(session, supplier_id, claim_id)
    if standing(session, supplier_id, view.debtor_id).insolvent_on is not None:
        return None
    contact = _reader(
        session, supplier_id, view.debtor_id, contact_of_claim(session, supplier_id, claim_id)
    )
    if contact is None:
        return None
    mail = ProofMail(
        supplier=head_of(parties.supplier(session, supplier_id)),
        debtor_name=view.debtor_name,
        contact_name=person_name(contact.name, view.debtor_name),
        amount=view.amount,
        paid_on=view.paid_on,
        reference=view.reference,
        numbers=view.numbers,
        link=_link(session, contact, settings=settings, clock=clock),
    )
    return _message(
        session, contact, "claim_not_found", mail, message_id=f"proof-{claim_id}",
        settings=settings,
    )  # fmt: skip


def _reader(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, contact_id: ContactId | None
) -> Contact | None:
    """Who said it, while mail reaches them; otherwise the primary contact."""
    if contact_id is not None:
        own = parties.contact(session, supplier_id, contact_id)
        if own is not None and own.bounced_at is None:
            return own
    everyone = parties.contacts(session, supplier_id, debtor_id)
    return next((one for one in everyone if one.is_primary and one.bounced_at is None), None)


def _link(session: Session, contact: Contact, *, settings: Settings, clock: Clock) -> str:
    lifetime = settings.links.lifetime
    grant_id = grant_for(session, contact.supplier_id, contact.id, lifetime=lifetime, clock=clock)
    return link_to(make_token(grant_id, settings.links.secrets), settings.web.portal_url)


def _message(
    session: Session,
    contact: Contact,
    name: str,
    mail: PromiseMail | ProofMail,
    *,
    message_id: str,
    settings: Settings,
) -> MailMessage:
    supplier = parties.supplier(session, contact.supplier_id)
    debtor = parties.debtor(session, contact.supplier_id, contact.debtor_id)
    locale = locale_with(supplier, debtor, contact)
    rendered = render_mail(name, locale=locale, zone=supplier.zone, mail=mail)
    return mail_from_supplier(
        supplier,
        rendered,
        to=(contact.email, contact.name),
        message_id=message_id_for(message_id, settings),
        locale=locale,
    )

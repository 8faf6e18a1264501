"""Mails that changes of contacts set off: to addresses not confirmed yet, and to former ones."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.i18n import locale_for
from receivables.ids import ContactProposalId, SupplierId
from receivables.links.messages import AddressChangedMail, ConfirmAddressMail
from receivables.links.tokens import confirm_link_to, make_confirm_token, masked
from receivables.parties import queries as parties
from receivables.parties.contacts import ProposalState
from receivables.parties.mailing import mail_from_supplier, message_id_for
from receivables.parties.presentation import head_of, language_for, person_name
from receivables.parties.proposals import Proposal, proposal
from receivables.ports import MailMessage
from receivables.rendering import render_mail
from receivables.settings import Settings


def compose_confirmation(
    session: Session,
    supplier_id: SupplierId,
    proposal_id: ContactProposalId,
    *,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """Asks a proposed address; None when the change does not wait for that any more."""
    asked = proposal(session, supplier_id, proposal_id, now=clock.now())
    if asked is None or asked.state is not ProposalState.TO_CONFIRM:
        return None
    own = asked.kind == "email"
    mail = ConfirmAddressMail(
        supplier=head_of(parties.supplier(session, supplier_id)),
        contact_name=person_name(asked.contact_name, asked.debtor_name) if own else asked.name,
        named_by="" if own else asked.contact_name,
        link=confirm_link_to(
            make_confirm_token(proposal_id, settings.links.secrets), settings.web.portal_url
        ),
        good_until=asked.expires_at,
    )
    return _message(
        session, asked, "confirm_address", mail, to=asked.email,
        name=asked.contact_name if own else asked.name, settings=settings,
    )  # fmt: skip


def compose_notice(
    session: Session,
    supplier_id: SupplierId,
    proposal_id: ContactProposalId,
    *,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """Tells the former address that mail goes elsewhere now."""
    asked = proposal(session, supplier_id, proposal_id, now=clock.now())
    if asked is None or not asked.former_email:
        return None
    mail = AddressChangedMail(
        supplier=head_of(parties.supplier(session, supplier_id)),
        contact_name=person_name(asked.contact_name, asked.debtor_name),
        masked_address=masked(asked.email),
    )
    return _message(
        session, asked, "address_changed", mail, to=asked.former_email,
        name=asked.contact_name, settings=settings,
    )  # fmt: skip


def _message(
    session: Session,
    asked: Proposal,
    template: str,
    mail: ConfirmAddressMail | AddressChangedMail,
    *,
    to: str,
    name: str,
    settings: Settings,
) -> MailMessage:
    supplier = parties.supplier(session, asked.supplier_id)
    debtor = parties.debtor(session, asked.supplier_id, asked.debtor_id)
    contact = parties.contact(session, asked.supplier_id, asked.contact_id)
    own_language = contact.language if contact and asked.kind == "email" else None
    language = language_for(
        contact=own_language,
        debtor=debtor.language,
        country=debtor.country,
        supplier=supplier.language,
    )
    locale = locale_for(language, debtor.country)
    rendered = render_mail(template, locale=locale, zone=supplier.zone, mail=mail)
    return mail_from_supplier(
        supplier,
        rendered,
        to=(to, name),
        message_id=message_id_for(f"{template.replace('_', '-')}-{asked.id}", settings),
        locale=locale,
    )

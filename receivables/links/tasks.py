"""Mails with links and codes: sent at least once, under one Message-ID for each request."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from receivables.broker import Work, reaction, scheduled
from receivables.clock import Clock, local_date
from receivables.i18n import locale_for
from receivables.links.actions import mail_link, mark_link_refused, mark_link_sent
from receivables.links.contact_mails import compose_confirmation, compose_notice
from receivables.links.events import CodeRequested, NewLinkRequested
from receivables.links.messages import CodeMail, NewLinkMail
from receivables.links.queries import access_of
from receivables.links.step_up import code_of, forget_old, grouped, to_mail
from receivables.links.tokens import link_to, make_token
from receivables.parties import queries as parties
from receivables.parties.actions import mark_bounced
from receivables.parties.events import AddressChanged, ChangeProposed, ContactAdded
from receivables.parties.mailing import mail_from_supplier, message_id_for
from receivables.parties.presentation import head_of, person_name
from receivables.ports import MailMessage, MailRefused
from receivables.rendering import render_mail
from receivables.settings import Settings

log = structlog.get_logger(__name__)


@reaction(NewLinkRequested, queue_name="mail", max_retries=40, time_limit=timedelta(seconds=75))
def send_link(work: Work, asked: NewLinkRequested) -> None:
    runtime = work.runtime
    with work.reading() as session:
        message = compose(session, asked, settings=runtime.settings, clock=runtime.clock)
    if message is None:
        return
    try:
        runtime.mailer.send(message)
    except MailRefused as error:
        with work.finish() as session:
            mark_link_refused(session, asked, error, clock=runtime.clock)
    else:
        with work.finish() as session:
            mark_link_sent(session, asked, clock=runtime.clock)


def compose(
    session: Session, asked: NewLinkRequested, *, settings: Settings, clock: Clock
) -> MailMessage | None:
    """The mail as it stands now; None when the grant was revoked or the address died meanwhile."""
    access = access_of(session, asked.supplier_id, asked.grant_id, now=clock.now())
    contact = parties.contact(session, asked.supplier_id, asked.contact_id)
    if access is None or contact is None or contact.bounced_at is not None:
        return None
    supplier = parties.supplier(session, asked.supplier_id)
    token = make_token(asked.grant_id, settings.links.secrets)
    mail = NewLinkMail(
        supplier=head_of(supplier),
        debtor_name=access.debtor_name,
        contact_name=person_name(access.contact_name, access.debtor_name),
        link=link_to(token, settings.web.portal_url),
        expires_on=local_date(access.expires_at, supplier.zone),
        was_asked_for=asked.was_asked_for,
    )
    locale = locale_for(access.language, access.country)
    rendered = render_mail("new_link", locale=locale, zone=supplier.zone, mail=mail)
    return mail_from_supplier(
        supplier,
        rendered,
        to=(contact.email, contact.name),
        message_id=message_id_for(f"link-{asked.request_id}", settings),
        locale=locale,
    )


@reaction(CodeRequested, queue_name="mail", max_retries=40, time_limit=timedelta(seconds=75))
def send_code(work: Work, asked: CodeRequested) -> None:
    """Tried again while the code is good, and then no more: a late one would only puzzle."""
    runtime = work.runtime
    with work.reading() as session:
        message = compose_code(session, asked, settings=runtime.settings, clock=runtime.clock)
    if message is None:
        return
    try:
        runtime.mailer.send(message)
    except MailRefused as refusal:
        with work.finish() as session:
            if refusal.address_is_dead:
                mark_bounced(
                    session,
                    supplier_id=asked.supplier_id,
                    contact_id=asked.contact_id,
                    clock=runtime.clock,
                )


def compose_code(
    session: Session, asked: CodeRequested, *, settings: Settings, clock: Clock
) -> MailMessage | None:
    """The mail with the code; None when it is of no use any more, or the address is dead."""
    now = clock.now()
    row = to_mail(session, asked.supplier_id, asked.step_up_id, now=now)
    access = access_of(session, asked.supplier_id, asked.grant_id, now=now)
    contact = parties.contact(session, asked.supplier_id, asked.contact_id)
    if row is None or access is None or contact is None or contact.bounced_at is not None:
        return None
    supplier = parties.supplier(session, asked.supplier_id)
    mail = CodeMail(
        supplier=head_of(supplier),
        debtor_name=access.debtor_name,
        contact_name=person_name(access.contact_name, access.debtor_name),
        code=grouped(code_of(row.id, settings.links.secrets)),
        good_until=row.expires_at,
    )
    locale = locale_for(access.language, access.country)
    rendered = render_mail("step_up", locale=locale, zone=supplier.zone, mail=mail)
    return mail_from_supplier(
        supplier,
        rendered,
        to=(contact.email, contact.name),
        message_id=message_id_for(f"code-{row.id}", settings),
        locale=locale,
    )


@reaction(ChangeProposed, queue_name="mail", max_retries=40, time_limit=timedelta(seconds=75))
def ask_to_confirm(work: Work, proposed: ChangeProposed) -> None:
    """Whoever reads the proposed address has to say yes first."""
    runtime = work.runtime
    if not proposed.to_confirm:
        return
    with work.reading() as session:
        message = compose_confirmation(
            session, proposed.supplier_id, proposed.proposal_id,
            settings=runtime.settings, clock=runtime.clock,
        )  # fmt: skip
    _send_or_drop(work, message)


@reaction(AddressChanged, queue_name="mail", max_retries=40, time_limit=timedelta(seconds=75))
def tell_former_address(work: Work, changed: AddressChanged) -> None:
    """Were it somebody else who changed it, its owner learns of it here."""
    runtime = work.runtime
    with work.reading() as session:
        message = compose_notice(
            session, changed.supplier_id, changed.proposal_id,
            settings=runtime.settings, clock=runtime.clock,
        )  # fmt: skip
    _send_or_drop(work, message)


def _send_or_drop(work: Work, message: MailMessage | None) -> None:
    """Send it; an address that turns it down for good is the proposal's own business."""
    if message is None:
        return
    try:
        work.runtime.mailer.send(message)
    except MailRefused as refusal:
        log.info("contact.mail_refused", message=message.message_id, code=refusal.code)


@reaction(ContactAdded)
def send_first_link(work: Work, added: ContactAdded) -> None:
    """Somebody new gets a link of their own."""
    runtime = work.runtime
    with work.finish() as session:
        mail_link(
            session,
            added.supplier_id,
            added.contact_id,
            lifetime=runtime.settings.links.lifetime,
            clock=runtime.clock,
        )


@scheduled("27 3 * * *")
def forget_codes(work: Work) -> None:
    with work.finish() as session:
        forget_old(session, now=work.runtime.clock.now())

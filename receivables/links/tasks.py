"""The mail with a new link: sent at least once, under one Message-ID for each request."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from receivables.broker import Work, reaction
from receivables.clock import Clock, local_date
from receivables.i18n import locale_for
from receivables.links.actions import mark_link_refused, mark_link_sent
from receivables.links.events import NewLinkRequested
from receivables.links.messages import NewLinkMail
from receivables.links.queries import access_of
from receivables.links.tokens import link_to, make_token
from receivables.parties import queries as parties
from receivables.parties.presentation import head_of, person_name
from receivables.ports import MailMessage, MailRefused
from receivables.rendering import render_mail
from receivables.settings import Settings


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
    return MailMessage(
        message_id=f"link-{asked.request_id}@{settings.mail.from_address.rpartition('@')[2]}",
        to_address=contact.email,
        to_name=contact.name,
        from_name=supplier.name,
        reply_to=supplier.contact_email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=locale.replace("_", "-"),
    )

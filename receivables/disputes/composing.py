"""The mails about a dispute, as it stands when they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.disputes import queries, rules
from receivables.disputes.messages import DisputedLine, DisputeLetter, DisputeMemo
from receivables.disputes.queries import DisputeView
from receivables.disputes.states import State
from receivables.disputes.steps import Letter, Memo
from receivables.disputes.tables import Dispute, DisputeMessage
from receivables.disputes.wording import (
    letter_heading,
    letter_sentences,
    memo_heading,
    memo_sentences,
)
from receivables.i18n import locale_for, reading_as
from receivables.ids import DisputeId, StaffId, SupplierId
from receivables.links.actions import grant_for
from receivables.links.tokens import link_to, make_token
from receivables.parties import queries as parties
from receivables.parties.mailing import mail_from_supplier, mail_from_us, message_id_for
from receivables.parties.presentation import head_of, locale_with, person_name
from receivables.parties.tables import Contact, Staff, Supplier
from receivables.ports import MailMessage
from receivables.rendering import render_mail
from receivables.settings import Settings
from receivables.workdays import WEEKDAYS, Calendar, working_days_later


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a mail is about: one thing that happened (`event_id`) in one dispute."""

    supplier_id: SupplierId
    dispute_id: DisputeId
    event_id: UUID
    quoting: UUID | None


def recipient(session: Session, about: Occasion) -> Contact | None:
    """Who is told: whoever opened it, else the debtor's first contact whose address works."""
    row = session.execute(
        select(Dispute.debtor_id, Dispute.contact_id).where(
            Dispute.supplier_id == about.supplier_id, Dispute.id == about.dispute_id
        )
    ).one()
    reachable = [
        contact
        for contact in parties.contacts(session, about.supplier_id, row.debtor_id)
        if contact.bounced_at is None
    ]
    reachable.sort(key=lambda contact: contact.id != row.contact_id)
    return reachable[0] if reachable else None


def letter(
    session: Session,
    about: Occasion,
    kind: Letter,
    contact: Contact,
    *,
    settings: Settings,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> MailMessage:
    """The mail to the debtor, in the language of the person; needs a transaction for the link."""
    view = queries.one(session, about.supplier_id, about.dispute_id)
    supplier = parties.supplier(session, about.supplier_id)
    debtor = parties.debtor(session, about.supplier_id, view.debtor_id)
    links = settings.links
    grant_id = grant_for(
        session, about.supplier_id, contact.id, lifetime=links.lifetime, clock=clock
    )
    mail = _letter(
        view,
        kind,
        supplier,
        names=(debtor.name, person_name(contact.name, debtor.name)),
        quote=_words(session, about),
        link=link_to(make_token(grant_id, links.secrets), settings.web.portal_url),
        now=clock.now(),
        calendar=calendar,
    )
    locale = locale_with(supplier, debtor, contact)
    with reading_as(locale, supplier.zone):
        heading, sentences = letter_heading(mail), letter_sentences(mail)
    rendered = render_mail(
        "dispute_letter",
        locale=locale,
        zone=supplier.zone,
        mail=mail,
        heading=heading,
        sentences=sentences,
    )
    return mail_from_supplier(
        supplier,
        rendered,
        to=(contact.email, contact.name),
        message_id=message_id_for(f"dispute-{about.event_id}", settings),
        locale=locale,
    )


def _letter(
    view: DisputeView,
    kind: Letter,
    supplier: Supplier,
    *,
    names: tuple[str, str],
    quote: str,
    link: str,
    now: datetime,
    calendar: Calendar,
) -> DisputeLetter:
    """The values of the mail; `names` are the debtor's and the person's."""
    term = next(view.timing.running(), None)
    return DisputeLetter(
        letter=kind,
        supplier=head_of(supplier),
        debtor_name=names[0],
        contact_name=names[1],
        reference=view.reference,
        lines=tuple(
            DisputedLine(
                number=item.number,
                disputed=item.disputed,
                upheld=item.upheld,
                payable=item.undisputed,
            )
            for item in view.items
        ),
        disputed=view.disputed,
        proposed=view.proposed,
        upheld=view.upheld,
        outcome=view.outcome,
        owner_name=view.owner_name,
        quote=quote,
        due_on=rules.due_on(view.timing, term, now, calendar=calendar) if term else None,
        answer_by=working_days_later(
            local_date(view.state_since, supplier.zone),
            rules.EXPIRE_AFTER,
            country=supplier.country,
            calendar=calendar,
        )
        if view.state is State.WAITING_DEBTOR
        else None,
        grace_until=max(
            (item.grace_until for item in view.items if item.grace_until), default=None
        ),
        reopen_until=view.decided_on + rules.REOPEN_WITHIN
        if view.decided_on and not view.times_reopened
        else None,
        link=link,
    )


def readers(
    session: Session, supplier_id: SupplierId, dispute_id: DisputeId, *, percent: int
) -> Sequence[StaffId]:
    """Whom of the staff to tell: whose dispute it is, else everybody who works on such things;
    from 100 percent of a term on, those who lead as well, and at 150 they alone with the owner.
    """
    owner_id = session.scalar(
        select(Dispute.owner_id).where(Dispute.supplier_id == supplier_id, Dispute.id == dispute_id)
    )
    staff = [one for one in parties.team(session, supplier_id) if not one.disabled]
    leads = {one.staff_id for one in staff if one.role == "owner"}
    working = {one.staff_id for one in staff if one.role == "collector"} or leads
    present = {one.staff_id for one in staff}
    chosen = {owner_id} & present if owner_id else working
    if percent >= 100:
        chosen |= leads
    return sorted(one for one in chosen or working if one is not None)


def memo(
    session: Session,
    about: Occasion,
    kind: Memo,
    staff_id: StaffId,
    *,
    term: str,
    percent: int,
    settings: Settings,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> MailMessage | None:
    """The mail to one of the staff; None when they have left."""
    person = session.scalar(
        select(Staff).where(
            Staff.supplier_id == about.supplier_id,
            Staff.id == staff_id,
            Staff.disabled_at.is_(None),
        )
    )
    if person is None:
        return None
    view = queries.one(session, about.supplier_id, about.dispute_id)
    supplier = parties.supplier(session, about.supplier_id)
    named = rules.Term(term) if term else next(view.timing.running(), None)
    due = rules.due_on(view.timing, named, clock.now(), calendar=calendar) if named else None
    mail = DisputeMemo(
        memo=kind,
        supplier=head_of(supplier),
        debtor_name=view.debtor_name,
        reference=view.reference,
        reason=view.reason,
        numbers=view.numbers,
        disputed=view.disputed,
        is_urgent=view.is_urgent,
        is_late=view.is_late,
        quote=_words(session, about),
        term=named,
        percent=percent,
        due_on=due,
        link=f"{settings.web.backoffice_url}/disputes/{view.id}",
    )
    locale = locale_for(person.language, supplier.country)
    with reading_as(locale, supplier.zone):
        heading, sentences = memo_heading(mail), memo_sentences(mail)
    rendered = render_mail(
        "dispute_memo",
        locale=locale,
        zone=supplier.zone,
        mail=mail,
        heading=heading,
        sentences=sentences,
    )
    return mail_from_us(
        rendered,
        to=(person.email, person.name),
        message_id=message_id_for(f"dispute-{uuid5(about.event_id, str(staff_id))}", settings),
        locale=locale,
    )


def _words(session: Session, about: Occasion) -> str:
    """What was written with it, for either side to read."""
    if about.quoting is None:
        return ""
    found = session.scalar(
        select(DisputeMessage.body).where(
            DisputeMessage.supplier_id == about.supplier_id,
            DisputeMessage.dispute_id == about.dispute_id,
            DisputeMessage.id == about.quoting,
            DisputeMessage.is_internal.is_(False),
        )
    )
    return found or ""

"""Mails and letters about a plan: finished values, made from ids alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.i18n import instant, locale_for, reading_as
from receivables.ids import PlanMessageId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.letters.rendering import render_letter
from receivables.links.actions import grant_for
from receivables.links.tokens import link_to, make_token
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.letterheads import letterhead
from receivables.parties.mailing import mail_from_supplier, message_id_for
from receivables.parties.presentation import head_of, locale_with, person_name
from receivables.parties.tables import Contact, Debtor, Supplier
from receivables.payments.tables import SavedMethod
from receivables.plans.costing import costs_of_plan
from receivables.plans.costs_letter import costs_rows
from receivables.plans.cover_watch import Covered, cover_of
from receivables.plans.cover_words import ABOUT_COVER
from receivables.plans.folding import pays
from receivables.plans.keeping import notice_before
from receivables.plans.messages import Agreement, AgreementInvoice, PlanMail, ScheduleLine
from receivables.plans.moving import MessageKind
from receivables.plans.queries import consents_of, plan_number
from receivables.plans.reading import PlanView, find, view
from receivables.plans.states import STANDING
from receivables.plans.tables import Plan, PlanMessage
from receivables.plans.wording import Facts, words_for
from receivables.ports import Attachment, MailMessage
from receivables.rendering import render_mail
from receivables.settings import Settings

_WITH_AGREEMENT = (MessageKind.AGREEMENT, MessageKind.OFFICE_AGREEMENT)

#: What is only worth saying while it is true that the plan stands and the instalment is open.
_WHILE_OPEN = frozenset(
    {
        MessageKind.ANNOUNCE_CHARGE,
        MessageKind.REMIND_COMING,
        MessageKind.REMIND_LATE,
        MessageKind.GIVE_NOTICE,
        MessageKind.CONFIRM,
        MessageKind.NOT_CHARGED,
        MessageKind.OFFICE_BY_HAND,
    }
)


def compose(
    session: Session, message: PlanMessage, *, settings: Settings, clock: Clock
) -> MailMessage | None:
    """The mail of one message, from what is true now; None when there is nobody to write to, or
    no reason to any more.
    """
    supplier_id = message.supplier_id
    plan = find(session, supplier_id, message.plan_id)
    supplier = parties.supplier(session, supplier_id)
    debtor = parties.debtor(session, supplier_id, plan.debtor_id)
    kind = MessageKind(message.kind)
    seen = view(session, supplier_id, plan, local_date(clock.now(), supplier.zone))
    if kind in _WHILE_OPEN and not _is_open(seen, message):
        return None
    covered = cover_of(session, seen) if kind in ABOUT_COVER else None
    if kind in ABOUT_COVER and covered is None:
        return None
    to_office = kind.startswith("office_")
    contact = None if to_office else contact_of(session, plan)
    if not to_office and contact is None:
        return None
    locale = (
        locale_for(supplier.language, supplier.country)
        if contact is None
        else locale_with(supplier, debtor, contact)
    )
    facts = _facts(session, seen, supplier, debtor, message, covered)
    with reading_as(locale, supplier.zone):
        words = words_for(kind, facts)
    mail = PlanMail(
        supplier=head_of(supplier),
        contact_name=(
            supplier.contact_name if contact is None else person_name(contact.name, debtor.name)
        ),
        number=facts.number,
        title=words.title,
        sentences=words.sentences,
        lines=schedule_lines(seen) if words.with_schedule else (),
        action=words.action,
        link=_link(session, plan, contact, settings, clock),
        to_office=to_office,
    )
    rendered = render_mail("plan_message", locale=locale, zone=supplier.zone, mail=mail)
    return mail_from_supplier(
        supplier,
        rendered,
        to=(
            (contact.email, contact.name)
            if contact
            else (supplier.contact_email, supplier.contact_name)
        ),
        message_id=message_id_for(f"plan-{message.id}", settings),
        locale=locale,
        attachments=_attachments(session, seen, supplier, debtor, kind),
    )


def _is_open(seen: PlanView, message: PlanMessage) -> bool:
    if seen.plan.state not in STANDING or message.instalment_id is None:
        return False
    return bool(seen.standing.part(message.instalment_id).open)


def contact_of(session: Session, plan: Plan) -> Contact | None:
    """Whoever signed, else the primary contact; no dead address."""
    reachable = [
        contact
        for contact in parties.contacts(session, plan.supplier_id, plan.debtor_id)
        if contact.bounced_at is None
    ]
    return next(
        (one for one in reachable if one.id == plan.contact_id), next(iter(reachable), None)
    )


def _link(
    session: Session, plan: Plan, contact: Contact | None, settings: Settings, clock: Clock
) -> str:
    if contact is None:
        return f"{settings.web.backoffice_url}/plans/{plan.id}"
    grant_id = grant_for(
        session, plan.supplier_id, contact.id, lifetime=settings.links.lifetime, clock=clock
    )
    return link_to(make_token(grant_id, settings.links.secrets), settings.web.portal_url)


def _facts(
    session: Session,
    seen: PlanView,
    supplier: Supplier,
    debtor: Debtor,
    message: PlanMessage,
    covered: Covered | None,
) -> Facts:
    plan = seen.plan
    part = seen.standing.parts[0]
    again_on: date | None = None
    if message.instalment_id is not None:
        part = seen.standing.part(message.instalment_id)
        again_on = seen.row(message.instalment_id).charge_on
    method = session.scalar(
        select(SavedMethod).where(
            SavedMethod.supplier_id == plan.supplier_id, SavedMethod.id == plan.saved_method_id
        )
    )
    notice = notice_before(method.kind if method else "", plan.sepa_notice_days)
    return Facts(
        supplier=supplier.name,
        debtor=debtor.name,
        number=plan_number(plan.id),
        total=plan.total,
        outstanding=covered.outstanding if covered else seen.standing.outstanding,
        amount=part.open or part.instalment.amount,
        due_on=max(part.instalment.due_on, message.decided_on + notice)
        if message.kind == MessageKind.ANNOUNCE_CHARGE
        else part.instalment.due_on,
        place=part.instalment.place + 1,
        count=len(seen.rows),
        method=method.label if method else "",
        notice_days=notice.days,
        cure_until=message.decided_on + timedelta(days=plan.cure_days),
        again_on=again_on,
        answer_by=plan.answer_due_on,
        sign_by=local_date(plan.expires_at, supplier.zone) if plan.expires_at else None,
        covered_until=covered.ends_on if covered else None,
        note=plan.decision_note,
    )


def schedule_lines(seen: PlanView) -> tuple[ScheduleLine, ...]:
    return tuple(
        ScheduleLine(
            place=part.instalment.place + 1,
            due_on=part.instalment.due_on,
            amount=part.instalment.amount,
            open=part.open,
        )
        for part in seen.standing.parts
    )


def _attachments(
    session: Session, seen: PlanView, supplier: Supplier, debtor: Debtor, kind: MessageKind
) -> tuple[Attachment, ...]:
    if kind not in _WITH_AGREEMENT:
        return ()
    content = agreement_pdf(session, seen, supplier, debtor)
    if content is None:
        return ()
    name = f"{plan_number(seen.plan.id)}.pdf"
    return (Attachment(filename=name, media_type="application/pdf", content=content),)


def agreement_pdf(
    session: Session, seen: PlanView, supplier: Supplier, debtor: Debtor
) -> bytes | None:
    """The signed agreement as a letter, in the language it was signed in; None before that.

    The same signature gives the same bytes.
    """
    consents = consents_of(session, supplier.id, seen.plan.id)
    if not consents:
        return None
    signed = consents[-1]
    numbers = {
        row.id: row.number
        for row in session.execute(
            select(Invoice.id, Invoice.number).where(
                Invoice.supplier_id == supplier.id,
                Invoice.id.in_([one.invoice_id for one in seen.invoices]),
            )
        )
    }
    signer = parties.contact(session, supplier.id, signed.contact_id)
    plan_costs = costs_of_plan(seen.plan)
    with reading_as(signed.locale, supplier.zone):
        agreed_at = instant(signed.agreed_at)
        costs = costs_rows(plan_costs) if plan_costs else ()
    currency = seen.plan.total.currency
    invoices = tuple(
        AgreementInvoice(
            number=numbers[one.invoice_id],
            due_on=one.due_on,
            amount=Money(one.base_minor, currency),
        )
        for one in seen.invoices
        if one.invoice_id != seen.plan.costs_note_id
    )
    agreement = Agreement(
        number=plan_number(seen.plan.id),
        version=seen.plan.version,
        supplier_name=supplier.name,
        debtor_name=debtor.name,
        total=seen.plan.total,
        invoices=invoices,
        costs=costs,
        lines=_agreed_lines(seen, invoices),
        words=tuple(signed.text.split("\n\n")),
        agreed_by=signer.name if signer else "",
        agreed_at=agreed_at,
        address=signed.address,
        text_hash=signed.text_hash,
        wording=signed.version,
        insurer_agreement=seen.plan.insurer_agreement,
    )
    return render_letter(
        "plan_agreement",
        head=letterhead(supplier, debtor),
        locale=signed.locale,
        zone=supplier.zone,
        written_at=signed.agreed_at,
        agreement=agreement,
    )


def _agreed_lines(
    seen: PlanView, invoices: tuple[AgreementInvoice, ...]
) -> tuple[ScheduleLine, ...]:
    """The schedule with what each instalment pays."""
    lines = schedule_lines(seen)
    to_invoices = pays(
        [line.amount for line in lines], [(one.number, one.amount) for one in invoices]
    )
    return tuple(
        replace(line, pays=paid_by_it) for line, paid_by_it in zip(lines, to_invoices, strict=True)
    )


def message_of(
    session: Session, supplier_id: SupplierId, message_id: PlanMessageId
) -> PlanMessage | None:
    """One message, held until the transaction ends."""
    return session.scalar(
        select(PlanMessage)
        .where(PlanMessage.supplier_id == supplier_id, PlanMessage.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )

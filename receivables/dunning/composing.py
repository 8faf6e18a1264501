"""The mails of dunning: finished values for the templates, made from ids alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.dunning.legal import DEADLINE, lateness_of, law_named
from receivables.dunning.messages import PromiseNamed, ReminderLine, ReminderMail, Words
from receivables.dunning.planning import Planned
from receivables.dunning.queries import last_levels
from receivables.dunning.rules import Line, days_past_due
from receivables.dunning.steps import THANKED_UP_TO
from receivables.i18n import locale_for, reading_as
from receivables.ids import ContactId, DebtorId, GrantId, PaymentId, SupplierId
from receivables.interest.first_reminder import FirstReminder, first_reminder
from receivables.interest.laws import MILDEST
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import open_items, outstanding_of
from receivables.ledger.tables import Reason as EntryReason
from receivables.links.actions import grant_for
from receivables.links.tokens import link_to, make_token
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.mailing import mail_from_supplier, message_id_for
from receivables.parties.presentation import head_of, locale_with, person_name
from receivables.parties.tables import Contact, Debtor, Supplier
from receivables.payments import queries as payments
from receivables.payments.messages import ReceiptLine, ThanksMail
from receivables.payments.receipt import print_receipt, receipt_number, receipt_of
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment
from receivables.ports import Attachment, MailMessage
from receivables.ports.channels import Channel
from receivables.rendering import render_mail
from receivables.settings import Settings
from receivables.slips.drawing import as_png
from receivables.slips.presentation import details_of, slip_for_account, slip_for_invoice
from receivables.slips.rules import Slip
from receivables.wording.queries import Key, text_in_use
from receivables.wording.rules import OwnText, Values, filled

#: What fits into the remittance information of a transfer.
#: Source: ISO 20022, pain.001, RemittanceInformation/Unstructured: Max140Text.
_REFERENCE_LIMIT = 140
#: The name of the slip's picture within a message.
_SLIP = "payment-slip"


def reminder_message(
    session: Session,
    supplier: Supplier,
    planned: Planned,
    *,
    message_id: str,
    grant_id: GrantId,
    today: date,
    settings: Settings,
    sent_on: date | None = None,
) -> MailMessage:
    """A planned message, ready to be handed over: on `sent_on`, by default on its own day."""
    case, verdict = planned.case, planned.verdict
    assert case.contact is not None, "there is somebody to write to"
    assert verdict.step is not None, "there is something to write"
    slip = _slip(session, supplier, case.debtor, verdict.lines, verdict.total)
    transfer = details_of(
        slip,
        supplier,
        otherwise=""
        if slip is not None
        else _reference(session, supplier, verdict.lines, case.debtor.number),
        image=f"cid:{_SLIP}",
    )
    words = words_of(verdict.step.level)
    mail = ReminderMail(
        step=words,
        supplier=head_of(supplier),
        debtor_name=case.debtor.name,
        contact_name=person_name(case.contact.name, case.debtor.name),
        lines=_lines(verdict.lines, today),
        coming=_lines(verdict.coming, today),
        disputed=_parts(verdict.disputed, [one.item.disputed for one in verdict.disputed], today),
        promised=_parts(verdict.promised, [one.item.promised for one in verdict.promised], today),
        total=verdict.total,
        link=_link(grant_id, settings),
        transfer=transfer,
        last_reminded_on=case.last_reminded_on,
        broken=_broken(verdict.lines, today),
        own=_own_words(session, supplier, planned, today),
        lateness=lateness_of(session, supplier.id, verdict.lines, today)
        if verdict.step.shows_interest
        else None,
        deadline_on=today + DEADLINE if words == "formal" else None,
        law=law_named(case.debtor.country, case.language) if words == "formal" else "",
        first=_first(session, supplier, planned, sent_on or today),
    )
    return _message(
        f"reminder/{words}", mail, supplier, case.contact,
        locale=locale_for(case.language, case.debtor.country), message_id=message_id,
        attachments=_picture(slip),
    )  # fmt: skip


def _first(
    session: Session, supplier: Supplier, planned: Planned, sent_on: date
) -> FirstReminder | None:
    """What the law wants said, where the message is a free first reminder."""
    debtor, verdict = planned.case.debtor, planned.verdict
    if verdict.step is None or verdict.step.level > MILDEST:
        return None
    asked = [(line.item.invoice_id, line.amount) for line in verdict.lines]
    return first_reminder(session, supplier, debtor, asked, sent_on, "electronic")


def words_of(level: int) -> Words:
    """Whose words a step of this level speaks, whatever a supplier calls it."""
    spoken: tuple[Words, ...] = ("courtesy", "r1", "r2", "r3", "formal")
    return spoken[min(level, len(spoken) - 1)]


def _own_words(
    session: Session, supplier: Supplier, planned: Planned, today: date
) -> OwnText | None:
    """The supplier's own words for this message, filled."""
    case, verdict = planned.case, planned.verdict
    assert verdict.step is not None, "there is something to write"
    key = Key(verdict.step.name, Channel.EMAIL, case.language)
    own = text_in_use(session, supplier.id, key)
    if own is None:
        return None
    contact = case.contact.name if case.contact else ""
    values = Values(
        supplier=supplier.name,
        debtor=case.debtor.name,
        contact=person_name(contact, case.debtor.name) or case.debtor.name,
        total=verdict.total,
        numbers=[line.item.number for line in verdict.lines],
        oldest_due=min(line.item.due_on for line in verdict.lines),
        today=today,
    )
    with reading_as(locale_for(case.language, case.debtor.country), supplier.zone):
        return filled(own, values)


def _picture(slip: Slip | None) -> tuple[Attachment, ...]:
    """The picture of the slip that the message's HTML shows."""
    if slip is None:
        return ()
    return (Attachment(f"{_SLIP}.png", "image/png", as_png(slip), content_id=_SLIP),)


def _slip(
    session: Session, supplier: Supplier, debtor: Debtor, lines: Sequence[Line], total: Money
) -> Slip | None:
    """The slip over what the message asks for: of its one invoice, or of the account."""
    if len(lines) == 1:
        item = lines[0].item
        own = _own_reference(session, supplier, lines[0])
        key = (item.invoice_id, item.number, own)
        return slip_for_invoice(supplier, supplier.country, key, total, debtor)
    numbers = ", ".join(line.item.number for line in lines)
    return slip_for_account(supplier, supplier.country, debtor.id, numbers, total, debtor)


def thanks_message(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    payment_id: PaymentId,
    *,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """Thanks and receipt for a settled payment; None when it is not, when it had become serious,
    or when there is nobody to thank.

    The same payment gives the same Message-ID.
    """
    payment = payments.find(session, supplier_id, payment_id)
    if payment is None or payment.state != PaymentState.SETTLED:
        return None
    contact = _payer(session, supplier_id, debtor_id, payment.contact_id)
    if contact is None:
        return None
    if _was_serious(session, supplier_id, debtor_id, payment_id):
        return None
    supplier = parties.supplier(session, supplier_id)
    debtor = parties.debtor(session, supplier_id, debtor_id)
    currency = payment.amount.currency
    still_open = Money.total(
        (
            item.outstanding
            for item in open_items(session, supplier_id, debtor_id)
            if item.outstanding.currency == currency
        ),
        currency,
    )
    lifetime = settings.links.lifetime
    grant_id = grant_for(session, supplier_id, contact.id, lifetime=lifetime, clock=clock)
    mail = ThanksMail(
        supplier=head_of(supplier),
        debtor_name=debtor.name,
        contact_name=person_name(contact.name, debtor.name),
        amount=payment.amount,
        settled_on=local_date(payment.state_since, supplier.zone),
        method=payment.method,
        reference=receipt_number(payment.id),
        lines=_receipt_lines(session, supplier_id, payment_id),
        still_outstanding=still_open,
        link=_link(grant_id, settings),
    )
    locale = locale_with(supplier, debtor, contact)
    return _message(
        "thanks", mail, supplier, contact,
        locale=locale, message_id=message_id_for(f"thanks-{payment_id}", settings),
        attachments=(_receipt(session, payment, locale, clock),),
    )  # fmt: skip


def _was_serious(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, payment_id: PaymentId
) -> bool:
    """Whether an invoice it paid had gone beyond a second reminder: warm words would be out of
    place then, and the receipt lies in the portal.
    """
    paid = {
        entry.credit_subject
        for entry in payments.entries_of(session, supplier_id, payment_id)
        if entry.reason == EntryReason.PAYMENT_SETTLED
    }
    levels = last_levels(session, supplier_id, debtor_id)
    return any(level > THANKED_UP_TO for of, level in levels.items() if of in paid)


def _receipt(session: Session, payment: Payment, locale: str, clock: Clock) -> Attachment:
    """The receipt as a letter; a letter that cannot be made fails the mail, on purpose.

    What fails is tried again and then lies before a person; thanks without the receipt they
    promise would be noticed by nobody but the debtor.
    """
    receipt = receipt_of(session, payment)
    pdf = print_receipt(receipt, locale=locale, now=clock.now())
    return Attachment(receipt.file_name, "application/pdf", pdf)


def _message(
    template: str,
    mail: ReminderMail | ThanksMail,
    supplier: Supplier,
    contact: Contact,
    *,
    locale: str,
    message_id: str,
    attachments: tuple[Attachment, ...],
) -> MailMessage:
    rendered = render_mail(template, locale=locale, zone=supplier.zone, mail=mail)
    return mail_from_supplier(
        supplier,
        rendered,
        to=(contact.email, contact.name),
        message_id=message_id,
        locale=locale,
        attachments=attachments,
    )


def _link(grant_id: GrantId, settings: Settings) -> str:
    return link_to(make_token(grant_id, settings.links.secrets), settings.web.portal_url)


def _lines(lines: Sequence[Line], today: date) -> tuple[ReminderLine, ...]:
    return tuple(
        ReminderLine(
            number=line.item.number,
            issued_on=line.item.issued_on,
            due_on=line.item.due_on,
            days_past_due=days_past_due(line.item.due_on, today),
            amount=line.amount,
        )
        for line in lines
    )


def _parts(
    lines: Sequence[Line], amounts: Sequence[Money], today: date
) -> tuple[ReminderLine, ...]:
    """The invoices with these amounts in place of what is asked for."""
    return tuple(
        replace(line, amount=amount)
        for line, amount in zip(_lines(lines, today), amounts, strict=True)
    )


def _broken(lines: Sequence[Line], today: date) -> tuple[PromiseNamed, ...]:
    """Each promise once, however many of the invoices it was about."""
    promises = {
        line.item.broken.id: line.item.broken
        for line in lines
        if line.item.broken is not None and line.item.is_promise_broken(today)
    }
    return tuple(
        PromiseNamed(amount=one.amount, received=one.received, promised_on=one.promised_on)
        for one in promises.values()
    )


def _reference(
    session: Session, supplier: Supplier, lines: Sequence[Line], debtor_number: str
) -> str:
    """What to quote in a transfer: the one invoice's own reference, or all the numbers."""
    if len(lines) == 1:
        return _own_reference(session, supplier, lines[0]) or lines[0].item.number
    numbers = ", ".join(line.item.number for line in lines)
    return numbers if len(numbers) <= _REFERENCE_LIMIT else debtor_number


def _own_reference(session: Session, supplier: Supplier, line: Line) -> str | None:
    return session.scalar(
        select(Invoice.payment_reference).where(
            Invoice.supplier_id == supplier.id, Invoice.id == line.item.invoice_id
        )
    )


def _payer(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, payer_id: ContactId | None
) -> Contact | None:
    """Whose link the payment was made from, else the primary contact; no dead address."""
    reachable = [
        contact
        for contact in parties.contacts(session, supplier_id, debtor_id)
        if contact.bounced_at is None
    ]
    return next((one for one in reachable if one.id == payer_id), next(iter(reachable), None))


def _receipt_lines(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId
) -> tuple[ReceiptLine, ...]:
    """What the ledger says the payment put against each invoice, and what remains of that."""
    allocated = {
        entry.credit_subject: entry.amount
        for entry in payments.entries_of(session, supplier_id, payment_id)
        if entry.reason == EntryReason.PAYMENT_SETTLED
    }
    if not allocated:
        return ()
    invoices = session.execute(
        select(Invoice.id, Invoice.number)
        .where(Invoice.supplier_id == supplier_id, Invoice.id.in_(allocated))
        .order_by(Invoice.due_on, Invoice.number)
    ).all()
    remaining = outstanding_of(session, supplier_id, [row.id for row in invoices])
    return tuple(
        ReceiptLine(number=row.number, amount=allocated[row.id], outstanding=remaining[row.id])
        for row in invoices
    )

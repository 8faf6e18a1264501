"""A message as a real debtor would get it, in words that are tried: nothing is sent or kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from receivables.dunning.lateness import claim_of
from receivables.dunning.steps import FORMAL_DEADLINE, LegalEffect, Step
from receivables.i18n import locale_for, reading_as
from receivables.ids import ContactId, DebtorId, ExecutionId, LetterId, SupplierId, new_id
from receivables.ledger.queries import OpenItem, open_items
from receivables.letters.piles import set_pile
from receivables.parties import queries as parties
from receivables.parties.presentation import language_with, person_name
from receivables.parties.tables import Contact, Debtor
from receivables.ports.channels import Channel, ChannelMessage, MessageLine, OwnWords
from receivables.post.composing import page_of, sheet_of
from receivables.post.tables import Letter, LetterState
from receivables.sms.words import text_of
from receivables.wording.queries import Key
from receivables.wording.rules import OwnText, filled_for

#: Words are judged by a page or two, not by a thousand invoices.
_MOST_LINES = 50


def debtors_to_try(
    session: Session, supplier_id: SupplierId, language: str, *, most: int = 20
) -> list[Debtor]:
    """Those who owe most, whoever is written to in that language first."""
    supplier = parties.supplier(session, supplier_id)
    owed: dict[DebtorId, int] = {}
    for item in open_items(session, supplier_id):
        owed[item.debtor_id] = owed.get(item.debtor_id, 0) + item.outstanding.minor
    largest = sorted(owed, key=lambda one: (-owed[one], one))[:most]
    debtors = [parties.debtor(session, supplier_id, one) for one in largest]
    return sorted(debtors, key=lambda one: language_with(supplier, one) != language)


def specimen(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    step: Step,
    key: Key,
    own: OwnText | None,
    *,
    link: str,
    today: date,
) -> ChannelMessage | None:
    """The message of a step to a debtor about what is open now, the overdue alone where there is
    any; None when nothing is. `own` None: our words.
    """
    items = open_items(session, supplier_id, debtor_id)
    lines = _lines(items, today)
    if not lines:
        return None
    contact = _contact(session, supplier_id, debtor_id)
    words = None
    if own is not None:
        words = OwnWords(subject=own.subject, opening=own.opening, closing=own.closing)
    is_formal = step.legal_effect is LegalEffect.FORMAL_NOTICE
    return ChannelMessage(
        execution_id=ExecutionId(new_id()),
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        contact_id=contact.id if contact else ContactId(new_id()),
        channel=key.channel,
        language=key.language,
        level=step.level,
        tone=step.tone,
        address=(contact.phone or "") if contact else "",
        lines=lines,
        link=link,
        formal_notice=is_formal,
        deadline_on=today + FORMAL_DEADLINE if is_formal else None,
        own=words,
    )


def _lines(items: Sequence[OpenItem], today: date) -> tuple[MessageLine, ...]:
    if not items:
        return ()
    currency = items[0].outstanding.currency
    same = [one for one in items if one.outstanding.currency == currency]
    overdue = [one for one in same if one.due_on < today]
    return tuple(
        MessageLine(
            invoice_id=one.invoice_id, number=one.number, issued_on=one.issued_on,
            due_on=one.due_on, days_past_due=(today - one.due_on).days, amount=one.outstanding,
        )
        for one in (overdue or same)[:_MOST_LINES]
    )  # fmt: skip


def _contact(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> Contact | None:
    return next(iter(parties.contacts(session, supplier_id, debtor_id)), None)


def in_words(session: Session, message: ChannelMessage) -> OwnText:
    """The supplier's own words of a mail or a letter, filled."""
    assert message.own is not None, "there are words to fill"
    supplier = parties.supplier(session, message.supplier_id)
    debtor = parties.debtor(session, message.supplier_id, message.debtor_id)
    with reading_as(locale_for(message.language, debtor.country), supplier.zone):
        return filled_for(
            message.own, message.lines, Channel.EMAIL, supplier=supplier.name,
            debtor=debtor.name, contact=_person(session, message, debtor),
        )  # fmt: skip


def as_text(session: Session, message: ChannelMessage) -> str:
    """The text message as it would go out. Raises NoRoom."""
    supplier = parties.supplier(session, message.supplier_id)
    debtor = parties.debtor(session, message.supplier_id, message.debtor_id)
    return text_of(
        message, supplier_name=supplier.name, country=debtor.country, debtor_name=debtor.name,
        contact_name=_person(session, message, debtor),
    )  # fmt: skip


def as_letter(session: Session, message: ChannelMessage, *, written_at: datetime) -> bytes:
    """The letter with its slip, as it would be printed. Raises LetterTooLong."""
    supplier_id = message.supplier_id
    supplier = parties.supplier(session, supplier_id)
    debtor = parties.debtor(session, supplier_id, message.debtor_id)
    today = message.lines[0].due_on + timedelta(days=message.lines[0].days_past_due)
    claims = [
        claim_of(session, supplier_id, line.invoice_id, today)
        for line in message.lines
        if message.formal_notice
    ]
    row = _letter(message, written_at)
    contact = _contact(session, supplier_id, debtor.id) or Contact(name=debtor.name)
    page = page_of(row, supplier, debtor, contact, message.lines, claims, today)
    sheet = sheet_of(session, row, page, supplier, debtor, written_at=written_at)
    return set_pile([sheet], title=supplier.name, written_at=written_at).pdf


def _letter(message: ChannelMessage, written_at: datetime) -> Letter:
    """As `post.actions.hand_over` would keep it, and kept nowhere."""
    own = message.own
    words = (
        {} if own is None
        else {"subject": own.subject, "opening": own.opening, "closing": own.closing}
    )  # fmt: skip
    return Letter(
        id=LetterId(new_id()), supplier_id=message.supplier_id, debtor_id=message.debtor_id,
        language=message.language, level=message.level, tone=message.tone,
        formal_notice=message.formal_notice, registered=False, deadline_on=message.deadline_on,
        about={"invoices": [], "own": words}, amount=message.total, state=LetterState.DUE,
        created_at=written_at,
    )  # fmt: skip


def _person(session: Session, message: ChannelMessage, debtor: Debtor) -> str:
    contact = _contact(session, message.supplier_id, message.debtor_id)
    return person_name(contact.name, debtor.name) if contact else ""

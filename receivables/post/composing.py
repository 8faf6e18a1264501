"""The words and figures of a letter: fixed when its batch is made, set on paper from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables import i18n
from receivables.i18n import locale_for
from receivables.ids import InvoiceId
from receivables.interest.queries import Claim
from receivables.invoices.tables import Invoice
from receivables.letters.rendering import Sheet, prepare_letter
from receivables.money import Money
from receivables.parties.letterheads import letterhead
from receivables.parties.presentation import person_name
from receivables.parties.tables import Contact, Debtor, Supplier
from receivables.ports import Channel, MessageLine, OwnWords
from receivables.post.messages import InterestLine, LetterPage
from receivables.post.tables import Letter
from receivables.slips.letters import foot_of
from receivables.slips.presentation import slip_for_account, slip_for_invoice
from receivables.slips.rules import Slip
from receivables.wording.rules import filled_for

#: Days to pay that a formal notice gives where its step says none: a policy of ours, no law.
DEADLINE = timedelta(days=8)


def page_of(
    row: Letter,
    supplier: Supplier,
    debtor: Debtor,
    contact: Contact,
    lines: Sequence[MessageLine],
    claims: Sequence[Claim],
    today: date,
) -> LetterPage:
    """What the letter says, with the amounts of `lines` and the interest that `claims` ask for."""
    interest = tuple(
        InterestLine(
            number=claim.number,
            principal=segment.principal,
            first_day=segment.first_day,
            last_day=segment.last_day,
            percent=segment.percent,
            source=segment.source,
            amount=segment.amount,
        )
        for claim in claims
        if claim.claimed and claim.reckoning is not None
        for segment in claim.reckoning.demandable.segments
        if segment.amount
    )
    return LetterPage(
        level=row.level,
        tone=row.tone,
        supplier_name=supplier.name,
        debtor_name=debtor.name,
        contact_name=person_name(contact.name, debtor.name),
        lines=tuple(lines),
        total=Money.total((one.amount for one in lines), lines[0].amount.currency),
        interest=interest,
        compensation=_compensation(claims),
        claimed=_claimed(claims),
        deadline_on=_deadline(row, today),
        own=_own_words(row, supplier, debtor, contact, lines),
    )


def _own_words(
    row: Letter,
    supplier: Supplier,
    debtor: Debtor,
    contact: Contact,
    lines: Sequence[MessageLine],
) -> OwnWords:
    """The supplier's own words as they were decided, over what is asked for when it is printed."""
    own = OwnWords(**row.about.get("own", {}))
    if not own.opening:
        return own
    with i18n.reading_as(locale_for(row.language, debtor.country), supplier.zone):
        said = filled_for(
            own, lines, Channel.LETTER, supplier=supplier.name, debtor=debtor.name,
            contact=person_name(contact.name, debtor.name),
        )  # fmt: skip
    return OwnWords(subject=said.subject, opening=said.opening, closing=said.closing)


def _deadline(row: Letter, today: date) -> date | None:
    """Printed later than planned, a letter still gives the days that it would have given."""
    if row.deadline_on is None:
        return today + DEADLINE if row.formal_notice else None
    given = row.deadline_on - row.created_at.date()
    return max(row.deadline_on, today + given)


def _compensation(claims: Sequence[Claim]) -> tuple[tuple[str, Money, str], ...]:
    return tuple(
        (claim.number, claim.reckoning.compensation, claim.reckoning.compensation_source)
        for claim in claims
        if claim.claimed
        and claim.reckoning is not None
        and claim.reckoning.compensation is not None
    )


def _claimed(claims: Sequence[Claim]) -> tuple[Money, ...]:
    """Interest and fixed sums together, one amount per currency."""
    totals: dict[str, Money] = {}
    for claim in claims:
        for amount in claim.claimed:
            before = totals.get(amount.currency, Money.zero(amount.currency))
            totals[amount.currency] = before + amount
    return tuple(totals.values())


def kept(page: LetterPage) -> dict[str, Any]:
    """A page as it stands in the letter's row."""
    found: dict[str, Any] = msgspec.to_builtins(page)
    return found


def read_kept(about: dict[str, Any]) -> LetterPage:
    """The page of a letter that is in a batch."""
    return msgspec.convert(about["page"], LetterPage, strict=False)


def sheet_of(
    session: Session,
    row: Letter,
    page: LetterPage,
    supplier: Supplier,
    debtor: Debtor,
    *,
    written_at: datetime,
) -> Sheet:
    """The letter as the typesetter gets it, for a pile. Raises LetterTooLong."""
    locale = locale_for(row.language, debtor.country)
    slip = _slip(session, page, supplier, debtor)
    foot = None
    if slip is not None:
        with i18n.reading_as(locale, supplier.zone):
            foot = foot_of(slip, locale)
    return prepare_letter(
        "formal_notice" if row.formal_notice else "reminder_letter",
        head=letterhead(supplier, debtor, attention=page.contact_name),
        locale=locale,
        zone=supplier.zone,
        written_at=written_at,
        slip=foot,
        page=page,
    )


def _slip(session: Session, page: LetterPage, supplier: Supplier, debtor: Debtor) -> Slip | None:
    """The slip over what is asked for of the invoices: of the one, or of the account. Interest is
    not on it: it is charged by a note of its own.
    """
    if len(page.lines) == 1:
        line = page.lines[0]
        own = _own_reference(session, supplier, line.invoice_id)
        key = (line.invoice_id, line.number, own)
        return slip_for_invoice(supplier, supplier.country, key, page.total, debtor)
    numbers = ", ".join(line.number for line in page.lines)
    return slip_for_account(supplier, supplier.country, debtor.id, numbers, page.total, debtor)


def _own_reference(session: Session, supplier: Supplier, invoice_id: InvoiceId) -> str | None:
    return session.scalar(
        select(Invoice.payment_reference).where(
            Invoice.supplier_id == supplier.id, Invoice.id == invoice_id
        )
    )

"""What late interest has come to on an invoice, and the rates it follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.credit.queries import standing as standing_of
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.interest.laws import (
    Begins,
    DebtorKind,
    Law,
    NoLateInterestRule,
    law_of,
)
from receivables.interest.notes import ClaimNote, claimed_for, note_called, notes_for
from receivables.interest.notices import first_notice
from receivables.interest.owed import Movement, Spell
from receivables.interest.policies import Policy, agreed_with, decision_on, policy_of
from receivables.interest.rates import Rate, RateBook, RateMissing, shipped_rates
from receivables.interest.reckoning import Late, Reckoning, reckon
from receivables.interest.rules import Notice, NotInDefault, RuleTooYoung, Terms
from receivables.interest.tables import AfterPayment, ReferenceRate, Stance, SupplierRate
from receivables.invoices.queries import NoSuchInvoice, of_supplier
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, HoldReason, held_for
from receivables.ledger.queries import outstanding_of
from receivables.ledger.revenue import is_of_plan
from receivables.ledger.statements import Deduction, deductions
from receivables.ledger.tables import Reason
from receivables.money import Money
from receivables.parties.queries import debtor as debtor_of
from receivables.workdays import WEEKDAYS, Calendar

_SHIPPED = tuple(shipped_rates())


@dataclass(frozen=True, slots=True)
class KnownRate:
    """A row, who gave it, and when; None where it came with this version."""

    rate: Rate
    origin: Literal["shipped", "installation", "own"]
    recorded_at: datetime | None


def known_rates(session: Session, supplier_id: SupplierId | None) -> list[KnownRate]:
    """All rows that count for a supplier, or (None) for all: what came with this version, then
    what the operator loaded, then what the supplier added. The later corrects the earlier.
    """
    found = [KnownRate(rate, "shipped", None) for rate in _SHIPPED]
    loaded = session.scalars(select(ReferenceRate).order_by(ReferenceRate.id))
    found += [KnownRate(row.rate, "installation", row.recorded_at) for row in loaded]
    if supplier_id is not None:
        own = session.scalars(
            select(SupplierRate)
            .where(SupplierRate.supplier_id == supplier_id)
            .order_by(SupplierRate.id)
        )
        found += [KnownRate(row.rate, "own", row.recorded_at) for row in own]
    return found


def rate_book(session: Session, supplier_id: SupplierId | None) -> RateBook:
    """What one may reckon with."""
    return RateBook(one.rate for one in known_rates(session, supplier_id))


class ClaimState(StrEnum):
    """Whether interest is asked for, and if not, why."""

    NOT_LATE = "not_late"
    NO_RULE = "no_rule"
    """What the debtor's law says is not known here."""
    NEEDS_NOTICE = "needs_notice"
    """The law wants a reminder or a formal notice first."""
    RATE_MISSING = "rate_missing"
    """A rate of one of the days is not known, so nothing is said."""
    SILENT = "silent"
    """The law grants it; the supplier does not bring it up."""
    COULD_APPLY = "could_apply"
    """The supplier mentions it, and asks for nothing."""
    CLAIMED = "claimed"
    UNDECIDED = "undecided"
    """Paid late: somebody of the supplier's has to keep or waive it."""
    WAIVED = "waived"
    INSOLVENT = "insolvent"
    """Said only to who would claim it by a note: it is lodged with the liquidator instead."""
    OF_INTEREST = "of_interest"
    """The invoice is a note that claims interest: it bears none itself."""
    OF_PLAN = "of_plan"
    """The invoice is a note over what an instalment plan costs: it bears none either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Late interest and compensation on one invoice as of a day. Never part of what is
    outstanding on it: what is to be paid is claimed by a note of its own (`notes`), and
    `reckoning` says what has run up since.
    """

    invoice_id: InvoiceId
    number: str
    debtor_id: DebtorId
    on: date
    state: ClaimState
    law: Law | None = None
    reckoning: Reckoning | None = None
    missing: RateMissing | None = None
    needs: Begins | None = None
    #: What was claimed to be paid, the oldest first.
    notes: tuple[ClaimNote, ...] = ()

    @property
    def claimed(self) -> tuple[Money, ...]:
        """What is asked for beside the notes, one amount per currency; empty unless it is."""
        if self.state is not ClaimState.CLAIMED or self.reckoning is None:
            return ()
        return self.reckoning.totals


def claim_for(
    session: Session,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    on: date,
    *,
    holds: Iterable[Hold],
    spells: Sequence[Spell] = (),
    notice: Notice | None = None,
    calendar: Calendar = WEEKDAYS,
    book: RateBook | None = None,
) -> Claim:
    """What lateness has come to on an invoice by `on`, as the law of the debtor's country has it.

    `holds` are those of the debtor (`dunning.holding.holds_of`): interest on what is disputed is
    reckoned and not demanded. `spells` are the times in which a plan stood for the invoice.
    `notice` is the first reminder or formal notice that the law of some consumers wants, by
    default the one on record (`notices`); a mail that does not say what the law wants said is
    none. `book` spares reading the rates again.

    Interest ends on the day on which the debtor became insolvent: from then on it cannot be lodged
    as an ordinary claim. Source: Code de commerce L622-28; WER/CDE art. XX.112; SchKG/LP art. 209;
    InsO § 39 (1) 1, which ranks it behind all others.
    Raises NoSuchInvoice, also for a credit note.
    """
    invoice = of_supplier(session, supplier_id, invoice_id)
    if invoice.kind != "invoice":
        raise NoSuchInvoice(str(invoice_id))
    claim = Claim(
        invoice_id=invoice_id,
        number=invoice.number,
        debtor_id=invoice.debtor_id,
        on=on,
        state=ClaimState.NOT_LATE,
    )
    if note_called(session, supplier_id, invoice_id) is not None:
        return replace(claim, state=ClaimState.OF_INTEREST)
    if is_of_plan(session, invoice):
        return replace(claim, state=ClaimState.OF_PLAN)
    insolvent_on = standing_of(session, supplier_id, invoice.debtor_id).insolvent_on
    if insolvent_on is not None and insolvent_on < on:
        on = insolvent_on
        claim = replace(claim, on=on)
    if on <= invoice.due_on:
        return claim
    claim = replace(claim, notes=tuple(notes_for(session, supplier_id, invoice_id)))
    return _reckoned(
        session, claim, invoice, holds=holds, spells=spells, notice=notice, calendar=calendar,
        book=book,
    )  # fmt: skip


def _reckoned(
    session: Session,
    claim: Claim,
    invoice: Invoice,
    *,
    holds: Iterable[Hold],
    spells: Sequence[Spell],
    notice: Notice | None,
    calendar: Calendar,
    book: RateBook | None,
) -> Claim:
    """The claim with what has run up by its day, or with why nothing is reckoned."""
    policy = policy_of(session, invoice.supplier_id)
    try:
        terms = terms_of(session, invoice, policy)
    except NoLateInterestRule:
        return replace(claim, state=ClaimState.NO_RULE)
    claim = replace(claim, law=terms.law)
    try:
        found = reckon(
            _late(
                session,
                invoice,
                terms,
                holds,
                spells,
                notice or _noticed(session, invoice, terms),
            ),
            claim.on,
            with_compensation=policy.compensation,
            book=book or rate_book(session, invoice.supplier_id),
            calendar=calendar,
        )
    except RuleTooYoung:
        return replace(claim, state=ClaimState.NO_RULE)
    except NotInDefault as error:
        return replace(claim, state=ClaimState.NEEDS_NOTICE, needs=error.needs)
    except RateMissing as error:
        return replace(claim, state=ClaimState.RATE_MISSING, missing=error)
    state = _state(session, invoice, policy, found)
    return replace(claim, state=state, reckoning=found)


def terms_of(session: Session, invoice: Invoice, policy: Policy) -> Terms:
    """Between which parties an invoice is, and what they agreed. Raises NoLateInterestRule."""
    debtor = debtor_of(session, invoice.supplier_id, invoice.debtor_id)
    kind = DebtorKind(debtor.kind)
    agreed = agreed_with(session, invoice.supplier_id, invoice.debtor_id)
    if agreed is None and kind is DebtorKind.BUSINESS:
        agreed = policy.agreed
    return Terms(
        law=law_of(debtor.country, kind),
        contracted_on=invoice.issued_on,
        agreed=agreed,
        due_is_agreed=policy.due_is_agreed,
        creditor_is_small=policy.creditor_is_small,
    )


def _late(
    session: Session,
    invoice: Invoice,
    terms: Terms,
    holds: Iterable[Hold],
    spells: Sequence[Spell],
    notice: Notice | None,
) -> Late:
    corrections = _corrections(session, invoice)
    outstanding = outstanding_of(session, invoice.supplier_id, [invoice.id])[invoice.id]
    of_invoice = [one for one in holds if one.invoice_id == invoice.id]
    return Late(
        terms=terms,
        total=invoice.total,
        due_on=invoice.due_on,
        movements=tuple(
            Movement(one.on, one.amount, corrects=_origin(one) in corrections)
            for one in deductions(session, invoice.supplier_id, invoice.id)
        ),
        spells=tuple(spells),
        disputed=held_for(outstanding, of_invoice, HoldReason.DISPUTED),
        notice=notice,
        claimed=claimed_for(session, invoice.supplier_id, invoice.id, invoice.total.currency),
    )


def _noticed(session: Session, invoice: Invoice, terms: Terms) -> Notice | None:
    """What is on record, where the law asks for a notice at all."""
    if terms.law.begins is Begins.DUE_DATE:
        return None
    return first_notice(session, invoice.supplier_id, invoice.id)


def _corrections(session: Session, invoice: Invoice) -> set[str]:
    """The credit notes that name this invoice: what they take back was never owed."""
    ids = session.scalars(
        select(Invoice.id).where(
            Invoice.supplier_id == invoice.supplier_id,
            Invoice.debtor_id == invoice.debtor_id,
            Invoice.kind == "credit_note",
            Invoice.preceding_number == invoice.number,
        )
    )
    return {str(one) for one in ids}


def _origin(one: Deduction) -> str:
    """What set an allocation of credit off; empty for money."""
    if one.reason is not Reason.CASH_ALLOCATED or one.payment_id is not None:
        return ""
    return one.source.partition("/")[0]


def _state(session: Session, invoice: Invoice, policy: Policy, found: Reckoning) -> ClaimState:
    if not found.totals and not found.interest.total:
        return ClaimState.NOT_LATE
    if policy.stance is not Stance.CLAIM:
        is_silent = policy.stance is Stance.SILENT
        return ClaimState.SILENT if is_silent else ClaimState.COULD_APPLY
    decided = decision_on(session, invoice.supplier_id, invoice.id)
    if decided is not None:
        return ClaimState.WAIVED if decided is AfterPayment.WAIVE else ClaimState.CLAIMED
    if outstanding_of(session, invoice.supplier_id, [invoice.id])[invoice.id]:
        return ClaimState.CLAIMED
    if not found.totals:
        return ClaimState.CLAIMED  # by a note; nothing is left to decide
    return {
        AfterPayment.WAIVE: ClaimState.WAIVED,
        AfterPayment.KEEP: ClaimState.CLAIMED,
        AfterPayment.ASK: ClaimState.UNDECIDED,
    }[policy.after_payment]

"""What the law lets a plan cost: the rates for late payment between businesses, as known today."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.interest.laws import LAWS, DebtorKind, NoLateInterestRule, law_of
from receivables.interest.queries import rate_book
from receivables.interest.rates import RateBook, RateMissing
from receivables.interest.rules import RuleTooYoung, Terms, quote
from receivables.interest.tables import InterestClaim
from receivables.parties import queries as parties
from receivables.plans.costs import NOBODY, Bearer
from receivables.plans.rules import Policy
from receivables.plans.tables import Plan


def statutory_bp(country: str, day: date, book: RateBook) -> int | None:
    """The yearly rate of a country's law for late payment between businesses on a day, in basis
    points; None where it is not known.
    """
    try:
        terms = Terms(law=law_of(country, DebtorKind.BUSINESS), contracted_on=day)
        return int(quote(terms, day, begins_on=day, book=book).percent * 100)
    except (NoLateInterestRule, RateMissing, RuleTooYoung):
        return None


def most_known_bp(session: Session, supplier_id: SupplierId, clock: Clock) -> int:
    """The highest of those rates that is known today, of whatever country; 0 where none is."""
    today = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
    book = rate_book(session, supplier_id)
    countries = {country for country, kind in LAWS if kind is DebtorKind.BUSINESS}
    return max((statutory_bp(country, today, book) or 0 for country in countries), default=0)


def bearer_of(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    policy: Policy,
    today: date,
    *,
    fee_was_asked: bool,
) -> Bearer:
    """Of whom a plan may ask what it costs; nothing is looked up where nobody is asked."""
    if not any(one.fee or one.rate_bp for one in policy.terms.values()):
        return NOBODY
    debtor = parties.debtor(session, supplier_id, debtor_id)
    kind = DebtorKind(debtor.kind)
    if kind is DebtorKind.CONSUMER:
        return NOBODY
    book = rate_book(session, supplier_id)
    return Bearer(
        kind=kind,
        most_bp=statutory_bp(debtor.country, today, book),
        fee_was_asked=fee_was_asked,
    )


def not_bearing(
    session: Session, supplier_id: SupplierId, invoice_ids: Collection[InvoiceId]
) -> set[InvoiceId]:
    """Those of the invoices that are notes over interest or over what a plan costs: no interest
    is asked on them.
    """
    costs = session.scalars(
        select(Plan.costs_note_id).where(
            Plan.supplier_id == supplier_id, Plan.costs_note_id.in_(invoice_ids)
        )
    )
    claims = session.scalars(
        select(InterestClaim.note_id).where(
            InterestClaim.supplier_id == supplier_id, InterestClaim.note_id.in_(invoice_ids)
        )
    )
    return {*(one for one in costs if one is not None), *claims}

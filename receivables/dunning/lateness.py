"""Late interest with all that is known of an invoice: disputes and plans count, too."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.dunning.holding import holds_of
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.interest.claiming import claim_interest, credit_overclaimed
from receivables.interest.owed import Spell
from receivables.interest.queries import Claim, claim_for
from receivables.interest.rates import RateBook
from receivables.interest.rules import Notice
from receivables.invoices.queries import of_supplier
from receivables.ledger.holds import standing
from receivables.ledger.rules import share_out
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.plans.reading import PlanView, plans_in, views
from receivables.plans.states import PlanState
from receivables.workdays import HOLIDAYS, Calendar


def claim_of(
    session: Session,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    on: date,
    *,
    notice: Notice | None = None,
    calendar: Calendar = HOLIDAYS,
    book: RateBook | None = None,
) -> Claim:
    """What lateness has come to on an invoice by `on`; see `interest.queries.claim_for`.

    Raises NoSuchInvoice.
    """
    debtor_id = of_supplier(session, supplier_id, invoice_id).debtor_id
    return claim_for(
        session,
        supplier_id,
        invoice_id,
        on,
        holds=standing(holds_of(session, supplier_id, debtor_id), on),
        spells=spells_of(session, supplier_id, debtor_id, invoice_id, on),
        notice=notice,
        calendar=calendar,
        book=book,
    )


def claim_on(
    session: Session,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    until: date,
    *,
    notice: Notice | None = None,
    calendar: Calendar = HOLIDAYS,
    by: str,
    clock: Clock,
) -> list[InvoiceId]:
    """Claim what lateness has come to by `until`; see `interest.claiming.claim_interest`."""
    debtor_id = of_supplier(session, supplier_id, invoice_id).debtor_id
    return claim_interest(
        session,
        supplier_id=supplier_id,
        invoice_id=invoice_id,
        until=until,
        holds=standing(holds_of(session, supplier_id, debtor_id), until),
        spells=spells_of(session, supplier_id, debtor_id, invoice_id, until),
        notice=notice,
        calendar=calendar,
        by=by,
        clock=clock,
    )


def credit_back(
    session: Session,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    today: date,
    *,
    by: str,
    clock: Clock,
) -> InvoiceId:
    """Give back what was claimed too much; see `interest.claiming.credit_overclaimed`."""
    debtor_id = of_supplier(session, supplier_id, invoice_id).debtor_id
    return credit_overclaimed(
        session,
        supplier_id=supplier_id,
        invoice_id=invoice_id,
        holds=standing(holds_of(session, supplier_id, debtor_id), today),
        spells=spells_of(session, supplier_id, debtor_id, invoice_id, today),
        by=by,
        clock=clock,
    )


def spells_of(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_id: InvoiceId,
    today: date,
) -> tuple[Spell, ...]:
    """When plans stood for an invoice, and what of their instalments was to pay it."""
    plans = [
        plan
        for plan in plans_in(session, supplier_id, PlanState, debtor_id)
        if plan.activated_at is not None
    ]
    zone = supplier_of(session, supplier_id).zone
    return tuple(
        _spell(view, invoice_id, zone)
        for view in views(session, supplier_id, plans, today)
        if any(one.invoice_id == invoice_id for one in view.invoices)
    )


def _spell(view: PlanView, invoice_id: InvoiceId, zone: str) -> Spell:
    """Instalments pay the plan's invoices in their order, the oldest due first."""
    plan = view.plan
    assert plan.activated_at is not None, "it stood"
    parts = [one.instalment for one in view.standing.parts]
    currency = parts[0].amount.currency
    bases = [Money(one.base_minor, currency) for one in view.invoices]
    shares = share_out([one.amount for one in parts], bases)
    return Spell(
        first_day=local_date(plan.activated_at, zone),
        last_day=local_date(plan.ended_at, zone) if plan.ended_at else None,
        instalments=tuple(
            (parts[part].due_on, amount)
            for part, place, amount in shares
            if view.invoices[place].invoice_id == invoice_id
        ),
    )

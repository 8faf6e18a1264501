"""What a plan costs: a debit note once it stands, a credit note when it ends early.

The note is issued in the transaction in which the first payment has the plan begin. Until then the
invoices are due as they are and nothing more is owed, in the ledger as on every page, so a plan
that is signed and never begun leaves nothing to take back. From then on the note is one of the
plan's invoices, the last.
"""

from __future__ import annotations

import hashlib
from datetime import date

from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.ids import InvoiceId
from receivables.invoices.actions import NewInvoice
from receivables.invoices.debit_notes import debit_note
from receivables.invoices.queries import by_number, of_supplier
from receivables.ledger.issuing import issue
from receivables.ledger.revenue import standing
from receivables.ledger.tables import Account
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.plans.bearing import not_bearing
from receivables.plans.costs import Costs, Debt, earned
from receivables.plans.costs_letter import CostsLetter, locale_of, print_note, wordings
from receivables.plans.reading import PlanView
from receivables.plans.tables import Plan, PlanInvoice

#: UNTDID 1001: a credit note.
_CREDIT_NOTE = "381"


def costs_of_plan(plan: Plan) -> Costs | None:
    """What the plan costs as it was agreed; None where it costs nothing."""
    if not plan.fee_minor and not plan.interest_minor:
        return None
    currency = plan.total.currency
    return Costs(
        fee=Money(plan.fee_minor, currency),
        rate_bp=plan.rate_bp,
        interest=Money(plan.interest_minor, currency),
    )


def ask_for_costs(session: Session, seen: PlanView, *, number: str, clock: Clock) -> None:
    """A locked plan begins: what it costs is owed from now on, and is the last of its invoices.

    `number` is the plan's. Does nothing where the plan costs nothing.
    """
    plan, costs = seen.plan, costs_of_plan(seen.plan)
    if costs is None:
        return
    supplier = parties.supplier(session, plan.supplier_id)
    debtor = parties.debtor(session, plan.supplier_id, plan.debtor_id)
    # Due with the last instalment, and after every invoice: the oldest due are paid first.
    due_on = max(seen.rows[-1].due_on, *(one.due_on for one in seen.invoices))
    letter = CostsLetter.of(
        costs,
        supplier=supplier,
        debtor=debtor,
        number=_free_number(session, plan, number),
        plan_number=number,
        first_day=seen.rows[0].due_on,
        due_on=due_on,
    )
    locale = locale_of(supplier, debtor)
    pdf = print_note(letter, locale=locale, now=clock.now())
    new = debit_note(
        letter.number,
        wordings(letter, locale),
        issued_on=seen.standing.today,
        due_on=due_on,
        total=costs.total,
        pdf=pdf,
    )
    note_id = issue(
        session, supplier_id=plan.supplier_id, debtor_id=plan.debtor_id, new=new, clock=clock,
        revenue={Account.PLAN_COSTS: costs.total},
    )  # fmt: skip
    plan.costs_note_id = note_id
    row = PlanInvoice(
        plan_id=plan.id,
        invoice_id=note_id,
        supplier_id=plan.supplier_id,
        base_minor=costs.total.minor,
        due_on=due_on,
        stands=False,
        entries_before=[],
    )
    session.add(row)
    session.flush()


def _free_number(session: Session, plan: Plan, number: str) -> str:
    """The plan's with a place; one that an invoice of the supplier's bears is passed over."""
    place = 1
    while by_number(session, plan.supplier_id, f"{number}-{place}") is not None:
        place += 1
    return f"{number}-{place}"


def unearned(session: Session, seen: PlanView, day: date) -> Money:
    """What the note of a plan claims beyond its fee and the interest up to `day`. What credit
    notes of the supplier's own took off it was the interest first.
    """
    plan, nothing = seen.plan, Money.zero(seen.plan.total.currency)
    if plan.costs_note_id is None or not plan.interest_minor:
        return nothing
    note_id, currency = plan.costs_note_id, plan.total.currency
    barren = not_bearing(session, plan.supplier_id, [one.invoice_id for one in seen.invoices])
    debts = [
        Debt(
            due_on=one.due_on,
            amount=Money(one.base_minor, currency),
            bears=one.invoice_id not in barren,
        )
        for one in seen.invoices
        if one.invoice_id != note_id
    ]
    schedule = [(row.due_on, row.amount) for row in seen.rows]
    still_claimed = standing(session, plan.supplier_id, [note_id], currency)[Account.PLAN_COSTS]
    kept = Money(plan.fee_minor, currency) + earned(plan.rate_bp, debts, schedule, day)
    return max(nothing, still_claimed - kept)


def give_back_unearned(session: Session, seen: PlanView, *, clock: Clock) -> bool:
    """The plan is over, or paid: a credit note gives back the interest that was not earned; the
    fee stays. False where there is none.
    """
    plan, today = seen.plan, seen.standing.today
    amount = unearned(session, seen, today)
    if not amount:
        return False
    assert plan.costs_note_id is not None, "something was claimed"
    _credit(session, plan, plan.costs_note_id, amount, today, clock)
    return True


def _credit(
    session: Session, plan: Plan, note_id: InvoiceId, amount: Money, today: date, clock: Clock
) -> None:
    note = of_supplier(session, plan.supplier_id, note_id)
    place = 1
    while by_number(session, plan.supplier_id, f"{note.number}-C{place}") is not None:
        place += 1
    number = f"{note.number}-C{place}"
    new = NewInvoice(
        number=number,
        issued_on=today,
        due_on=today,
        total=amount,
        content_hash=hashlib.sha256(f"{number} {amount}".encode()).hexdigest(),
        is_credit_note=True,
        type_code=_CREDIT_NOTE,
        preceding_number=note.number,
    )
    issue(
        session, supplier_id=plan.supplier_id, debtor_id=plan.debtor_id, new=new, clock=clock,
        revenue={Account.PLAN_COSTS: amount},
    )  # fmt: skip

"""A debtor pays something of a plan in person: the first instalment, one, or all that remains."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.database import Scope
from receivables.i18n import reading_as
from receivables.ids import ContactId, DebtorId, InstalmentId, PaymentId, PlanId, SupplierId
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier
from receivables.payments.checkout import CheckoutPage, begin_checkout
from receivables.payments.errors import NothingToPay
from receivables.payments.saved import CardChange, begin_card_change
from receivables.payments.starting import LONGEST_CONSENT, Choice
from receivables.plans import consent
from receivables.plans.charges import parts_for
from receivables.plans.costing import costs_of_plan
from receivables.plans.queries import of_debtor, today_of
from receivables.plans.reading import PlanView, view
from receivables.plans.states import STANDING, PlanState
from receivables.runtime import Runtime


def pay_instalment(
    runtime: Runtime,
    *,
    attempt: PaymentId,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId | None,
    plan_id: PlanId,
    instalment_id: InstalmentId,
    locale: str,
    by: str = "system",
) -> CheckoutPage:
    """A hosted page for what is open of one instalment; it keeps the card for the next ones.

    Raises NoSuchPlan, NothingToPay when it is paid or the plan takes no payment, and what
    `begin_checkout` raises.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        seen = _payable(session, runtime, supplier_id, debtor_id, plan_id)
        if instalment_id not in {row.id for row in seen.rows}:
            raise NothingToPay
        part = seen.standing.part(instalment_id)
        first = seen.plan.state == PlanState.AWAITING_FIRST
        if first and part.instalment.place != 0:
            raise NothingToPay
        choice = Choice(
            attempt=attempt,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            contact_id=contact_id,
            parts=parts_for(session, seen, part.open),
            locale=locale,
            save_method=True,
            consent=_hosted_words(seen, supplier_of(session, supplier_id), locale),
            instalment_id=instalment_id,
        )
    return begin_checkout(runtime, choice, by=by)


def pay_rest(
    runtime: Runtime,
    *,
    attempt: PaymentId,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId | None,
    plan_id: PlanId,
    locale: str,
    by: str = "system",
) -> CheckoutPage:
    """A hosted page for all that remains. Raises as `pay_instalment`."""
    with runtime.reading(Scope(supplier_id)) as session:
        seen = _payable(session, runtime, supplier_id, debtor_id, plan_id)
        if seen.plan.state not in STANDING:
            raise NothingToPay
        choice = Choice(
            attempt=attempt,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            contact_id=contact_id,
            parts=parts_for(session, seen, seen.standing.outstanding),
            locale=locale,
        )
    return begin_checkout(runtime, choice, by=by)


def change_card(
    runtime: Runtime,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId | None,
    plan_id: PlanId,
    locale: str,
) -> str:
    """The address of a hosted page that saves another card; it comes back to the plan's page.

    Raises NoSuchPlan, NothingToPay where the plan charges nothing any more, and
    CardPaymentUnavailable.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        seen = _payable(session, runtime, supplier_id, debtor_id, plan_id)
        if seen.plan.state not in STANDING:
            raise NothingToPay
        words = _hosted_words(seen, supplier_of(session, supplier_id), locale)
    change = CardChange(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        contact_id=contact_id,
        currency=seen.plan.total.currency,
        locale=locale,
        path=f"/plans/{plan_id}/card",
        consent=words,
        replaces=seen.plan.saved_method_id,
    )
    return begin_card_change(runtime, change)


def _payable(
    session: Session,
    runtime: Runtime,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    plan_id: PlanId,
) -> PlanView:
    plan = of_debtor(session, supplier_id, debtor_id, plan_id)
    if plan.state not in {*STANDING, PlanState.AWAITING_FIRST}:
        raise NothingToPay
    return view(session, supplier_id, plan, today_of(session, supplier_id, runtime.clock))


def terms_of(seen: PlanView, supplier: Supplier) -> consent.Terms:
    """What the words of a plan's consent are about."""
    costs = costs_of_plan(seen.plan)
    return consent.Terms(
        supplier_name=supplier.name,
        supplier_email=supplier.contact_email,
        total=seen.plan.total if costs is None else seen.plan.total - costs.total,
        count=len(seen.rows),
        first=seen.rows[0].amount,
        last_on=seen.rows[-1].due_on,
        cure_days=seen.plan.cure_days,
        sepa_notice_days=seen.plan.sepa_notice_days,
        costs=costs,
    )


def _hosted_words(seen: PlanView, supplier: Supplier, locale: str) -> str:
    with reading_as(locale, supplier.zone):
        return consent.hosted_words(terms_of(seen, supplier))[:LONGEST_CONSENT]

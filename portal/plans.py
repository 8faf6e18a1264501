"""A debtor's plan: what is paid, what comes next; pay early, use another card, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.plan_choosing import shown_costs
from portal.plan_pages import CardPart, PlanInvoice, PlanLine, PlanPage, ScheduleRow
from portal.plan_words import TONES, default_words, paused_words, state_words
from portal.transfers import transfer_for_invoice
from receivables.i18n import day, reading_as
from receivables.i18n import translate as _
from receivables.ids import PlanId, new_id
from receivables.invoices.queries import of_debtor as of_debtor_by_number
from receivables.invoices.tables import Invoice
from receivables.links.actions import mark_seen
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.heads import TransferDetails
from receivables.payments.tables import SavedMethod
from receivables.plans import upkeep
from receivables.plans.composing import agreement_pdf
from receivables.plans.costing import costs_of_plan
from receivables.plans.errors import NoSuchPlan, PlanStepImpossible
from receivables.plans.folding import pays
from receivables.plans.keeping import notice_before
from receivables.plans.queries import of_debtor, plan_number, recent_of_debtor, today_of
from receivables.plans.reading import PlanView, view, views
from receivables.plans.states import DRAFT, STANDING, PlanState
from receivables.runtime import Runtime
from receivables.web.documents import attachment
from receivables.web.face import Face

#: A plan that is over stays on the account page this long.
_SHOWN_AFTER_ITS_END = timedelta(days=30)


def plan_lines(session: Session, asker: Asker, runtime: Runtime) -> tuple[PlanLine, ...]:
    """The debtor's plans for the account page, in the reader's words (within `reading_as`)."""
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    plans = [
        plan
        for plan in recent_of_debtor(
            session, supplier_id, debtor_id, since=_SHOWN_AFTER_ITS_END, clock=runtime.clock
        )
        if plan.state not in (PlanState.CANCELLED, PlanState.EXPIRED, PlanState.RESTRUCTURED)
    ]
    today = today_of(session, supplier_id, runtime.clock)
    return tuple(_line(seen) for seen in views(session, supplier_id, plans, today))


def _line(seen: PlanView) -> PlanLine:
    state = PlanState(seen.plan.state)
    tone, icon = TONES.get(state, ("plain", "close"))
    following = seen.standing.next if state in STANDING else None
    action = "" if seen.plan.paused_for else _action(seen, state)
    late = seen.standing.late if state in STANDING and action else ()
    return PlanLine(
        url=f"/plans/{seen.plan.id}",
        number=plan_number(seen.plan.id),
        tone=tone,
        icon=icon,
        state_words=state_words(state),
        outstanding=seen.standing.outstanding,
        next_on=following.instalment.due_on if following else None,
        next_amount=following.open if following else None,
        late=Money.total((part.open for part in late), seen.plan.total.currency),
        action=action,
    )


def _action(seen: PlanView, state: PlanState) -> str:
    if state is PlanState.APPROVED:
        return _("Read and sign")
    if state is PlanState.AWAITING_FIRST:
        return _("Pay the first instalment")
    if state is PlanState.IN_DEFAULT:
        return _("Pay the late instalment")
    if state in STANDING and seen.plan.saved_method_id is None:
        return _("Add a card")
    if any(row.needs == "confirmation" for row in seen.rows):
        return _("Confirm an instalment")
    return ""


def _rows(seen: PlanView, invoices: Sequence[PlanInvoice]) -> tuple[ScheduleRow, ...]:
    today, following = seen.standing.today, seen.standing.next
    to_invoices = pays(
        [part.instalment.amount for part in seen.standing.parts],
        [(one.number, one.outstanding) for one in invoices],
    )
    found = []
    for part, paid_by_it in zip(seen.standing.parts, to_invoices, strict=True):
        if not part.open:
            state = "paid"
        elif part.is_late(today):
            state = "late"
        elif part.instalment.due_on == today:
            state = "today"
        else:
            state = "next" if part is following else "coming"
        found.append(
            ScheduleRow(
                place=part.instalment.place + 1,
                due_on=part.instalment.due_on,
                amount=part.instalment.amount,
                open=part.open,
                state=state,
                pays=paid_by_it,
            )
        )
    return tuple(found)


def _sentences(
    seen: PlanView, state: PlanState, sign_by: date | None, cure_until: date | None
) -> tuple[str, ...]:
    plan = seen.plan
    if plan.paused_for and state in STANDING:
        return (paused_words(),)
    match state:
        case PlanState.PROPOSED:
            found = [_("Your request is with the supplier. Nothing is asked of you meanwhile.")]
            if plan.answer_due_on is not None:
                found.append(_("You get an answer by %(day)s.") % {"day": day(plan.answer_due_on)})
        case PlanState.APPROVED:
            found = [_("The supplier agrees. The plan begins with your signature and the first"
                       " instalment.")]  # fmt: skip
            if sign_by is not None:
                found.append(_("Please sign by %(day)s.") % {"day": day(sign_by)})
        case PlanState.AWAITING_FIRST:
            found = [_("You have signed. The plan stands once the first instalment is paid; until"
                       " then the invoices are due as they are.")]  # fmt: skip
        case PlanState.IN_DEFAULT if cure_until is not None:
            late = Money.total((one.open for one in seen.standing.late), plan.total.currency)
            found = [default_words(late, cure_until)]
        case PlanState.COMPLETED:
            found = [_("Everything is paid. Thank you!")]
        case PlanState.ACCELERATED:
            found = [_("The plan has ended since an instalment was not paid. What remains is due"
                       " with the original due dates.")]  # fmt: skip
        case PlanState.REFUSED | PlanState.CANCELLED:
            found = [plan.decision_note] if plan.decision_note else []
        case _:
            found = []
    return tuple(found)


def plan_page(
    session: Session, asker: Asker, plan_id: PlanId, runtime: Runtime, problem: str = ""
) -> PlanPage:
    """`problem` is why a payment could not begin. Raises NoSuchPlan for anything that is not this
    debtor's.
    """
    access = asker.access
    plan = of_debtor(session, access.supplier_id, access.debtor_id, plan_id)
    today = today_of(session, access.supplier_id, runtime.clock)
    seen = view(session, access.supplier_id, plan, today)
    state = PlanState(plan.state)
    stands = state in STANDING
    tone, icon = TONES.get(state, ("plain", "close"))
    invoices = _invoices(session, seen)
    rows = _rows(seen, invoices)
    payable = next((row for row in rows if row.open), None)
    may_pay = stands or state is PlanState.AWAITING_FIRST
    sign_by = plan.expires_at.date() if plan.expires_at else None
    return PlanPage(
        head=head_with_person(asker, parties.supplier(session, access.supplier_id)),
        id=plan.id,
        number=plan_number(plan.id),
        state=state.value,
        tone=tone,
        icon=icon,
        state_words=state_words(state),
        sentences=_sentences(seen, state, sign_by, upkeep.kept(session, seen, today).cure_until),
        total=plan.total,
        costs=shown_costs(costs_of_plan(plan)),
        paid=seen.standing.paid,
        outstanding=seen.standing.outstanding,
        invoices=invoices,
        schedule=rows,
        card=_card(session, seen, today) if stands else None,
        payable=payable if may_pay else None,
        transfer=_transfer(session, asker, plan.id, invoices, payable) if may_pay else None,
        can_pay_rest=stands and sum(1 for row in rows if row.open) > 1,
        can_change_card=stands and payable is not None,
        can_sign=state is PlanState.APPROVED,
        can_cancel=state in DRAFT,
        agreement_url=f"/plans/{plan.id}/agreement.pdf" if plan.accepted_at else "",
        attempt_id=new_id(),
        problem=problem,
    )


def _transfer(
    session: Session,
    asker: Asker,
    plan_id: PlanId,
    invoices: Sequence[PlanInvoice],
    payable: ScheduleRow | None,
) -> TransferDetails | None:
    """Under the reference of the plan's first open invoice, which the money then goes to."""
    first = next((one for one in invoices if one.outstanding), None)
    if payable is None or first is None:
        return None
    access = asker.access
    invoice = of_debtor_by_number(session, access.supplier_id, access.debtor_id, first.number)
    return transfer_for_invoice(asker, invoice, payable.open, plan_id=plan_id)


def _invoices(session: Session, seen: PlanView) -> tuple[PlanInvoice, ...]:
    numbers = {
        row.id: row.number
        for row in session.execute(
            select(Invoice.id, Invoice.number).where(
                Invoice.supplier_id == seen.plan.supplier_id,
                Invoice.id.in_([one.invoice_id for one in seen.invoices]),
            )
        )
    }
    currency = seen.plan.total.currency
    return tuple(
        PlanInvoice(
            number=numbers[one.invoice_id],
            due_on=one.due_on,
            outstanding=Money(one.base_minor, currency),
        )
        for one in seen.invoices
    )


def _card(session: Session, seen: PlanView, today: date) -> CardPart | None:
    method = session.scalar(
        select(SavedMethod).where(
            SavedMethod.supplier_id == seen.plan.supplier_id,
            SavedMethod.id == seen.plan.saved_method_id,
        )
    )
    if method is None:
        return None
    return CardPart(
        label=method.label,
        usable=upkeep.usable_method(session, seen.plan, today) is not None,
        notice_days=notice_before(method.kind, seen.plan.sepa_notice_days).days,
    )


@get("/plans/{plan_id:uuid}", sync_to_thread=True)
def show_plan(
    plan_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    with (
        reading_as(asker.reader.locale, asker.reader.zone),
        runtime.reading(asker.scope) as session,
    ):
        page = plan_page(session, asker, PlanId(plan_id), runtime)
    return face.page("plan_view.html", asker.reader, page=page)


@post("/plans/{plan_id:uuid}/cancel", sync_to_thread=True)
def take_back(
    plan_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """A plan that does not stand yet is taken back by whoever asked for it."""
    access = asker.access
    try:
        with runtime.transaction(asker.scope, by=asker.by) as session:
            mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
            of_debtor(session, access.supplier_id, access.debtor_id, PlanId(plan_id))
            upkeep.cancel(
                session,
                supplier_id=access.supplier_id,
                plan_id=PlanId(plan_id),
                debtor_id=access.debtor_id,
                clock=runtime.clock,
            )
    except PlanStepImpossible:
        return Redirect(f"/plans/{plan_id}", status_code=303)
    return Redirect("/", status_code=303)


@get("/plans/{plan_id:uuid}/agreement.pdf", sync_to_thread=True)
def download_agreement(
    plan_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[bytes]:
    """The agreement as it was signed. Raises NoSuchPlan before that."""
    access = asker.access
    with runtime.reading(asker.scope) as session:
        plan = of_debtor(session, access.supplier_id, access.debtor_id, PlanId(plan_id))
        today = today_of(session, access.supplier_id, runtime.clock)
        content = agreement_pdf(
            session,
            view(session, access.supplier_id, plan, today),
            parties.supplier(session, access.supplier_id),
            parties.debtor(session, access.supplier_id, access.debtor_id),
        )
    if content is None:
        raise NoSuchPlan(PlanId(plan_id))
    return attachment(f"{plan_number(plan.id)}.pdf", "application/pdf", content)

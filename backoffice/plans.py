"""Plans: the queue with its term, one plan with everything about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.paging import one_of
from backoffice.plan_pages import (
    OfficePlanPage,
    PlanConsented,
    PlanCovers,
    PlanPart,
    PlanRow,
    PlanSaid,
    PlansPage,
    Show,
    StepName,
)
from backoffice.plan_words import (
    TONES,
    message_words,
    needs_words,
    pause_words,
    reason_words,
    state_words,
)
from backoffice.timeline import timeline
from receivables import history
from receivables.i18n import day
from receivables.i18n import translate as _
from receivables.ids import PlanId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.payments.tables import SavedMethod
from receivables.plans import upkeep
from receivables.plans.cover_watch import cover_of
from receivables.plans.events import PlanEvent
from receivables.plans.queries import consents_of, find, listed, plan_number
from receivables.plans.reading import PlanView, view, views
from receivables.plans.states import DRAFT, STANDING, PlanState
from receivables.plans.tables import Plan

_SHOWS: Mapping[Show, tuple[PlanState, ...]] = {
    "queue": (PlanState.PROPOSED,),
    "drafts": (PlanState.APPROVED, PlanState.AWAITING_FIRST),
    "standing": (PlanState.ACTIVE, PlanState.CURED),
    "trouble": (PlanState.IN_DEFAULT, PlanState.ACCELERATED),
    "over": (
        PlanState.COMPLETED,
        PlanState.REFUSED,
        PlanState.CANCELLED,
        PlanState.RESTRUCTURED,
        PlanState.EXPIRED,
    ),
}


@get("/plans", sync_to_thread=True)
def show_plans(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    show = one_of(str(request.query_params.get("show", "")), tuple(_SHOWS))
    with asker.reading() as session:
        page = plans_page(session, asker, show)
    return asker.page("plans.html", page)


def plans_page(session: Session, asker: Asker, show: Show) -> PlansPage:
    supplier_id = asker.supplier_id
    plans = listed(session, supplier_id, _SHOWS[show])
    if show == "queue":
        plans = sorted(plans, key=lambda plan: (plan.answer_due_on or asker.today, plan.id))
    counted = session.execute(
        select(Plan.state, func.count()).where(Plan.supplier_id == supplier_id).group_by(Plan.state)
    )
    counts = {row[0]: row[1] for row in counted}
    return PlansPage(
        head=asker.head(session, "plans"),
        notice=asker.notice(),
        show=show,
        counts=tuple(
            (name, sum(counts.get(state, 0) for state in states)) for name, states in _SHOWS.items()
        ),
        rows=plan_rows(session, asker, plans),
    )


def plan_rows(session: Session, asker: Asker, plans: Sequence[Plan]) -> tuple[PlanRow, ...]:
    seen = views(session, asker.supplier_id, plans, asker.today)
    names = parties.debtor_names(session, asker.supplier_id, [plan.debtor_id for plan in plans])
    return tuple(plan_row(one, names[one.plan.debtor_id]) for one in seen)


def plan_row(seen: PlanView, debtor_name: str) -> PlanRow:
    plan, today = seen.plan, seen.standing.today
    state = PlanState(plan.state)
    tone, icon = TONES.get(state, ("plain", "close"))
    following = seen.standing.next if state in STANDING else None
    next_on = following.instalment.due_on if following else None
    if state is PlanState.PROPOSED:
        next_on = plan.answer_due_on
    why = list(reason_words(plan.reasons)) if state in DRAFT else []
    if plan.paused_for and state in STANDING:
        why.append(pause_words(plan.paused_for))
    why += [words for row in seen.rows if (words := needs_words(row.needs)) and state in STANDING]
    return PlanRow(
        id=plan.id,
        number=plan_number(plan.id),
        debtor_id=plan.debtor_id,
        debtor_name=debtor_name,
        tone=tone,
        icon=icon,
        state_words=state_words(state),
        total=plan.total,
        outstanding=seen.standing.outstanding,
        parts=len(seen.rows),
        next_on=next_on,
        is_late=next_on is not None and next_on < today,
        why=tuple(dict.fromkeys(why)),
    )


@get("/plans/{plan_id:uuid}", sync_to_thread=True)
def show_plan(plan_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = plan_page(session, asker, PlanId(plan_id))
    return asker.page("plan.html", page)


def seen_plan(session: Session, asker: Asker, plan_id: PlanId) -> tuple[PlanView, PlanRow]:
    """Raises NoSuchPlan."""
    plan = find(session, asker.supplier_id, plan_id)
    seen = view(session, asker.supplier_id, plan, asker.today)
    name = parties.debtor(session, asker.supplier_id, plan.debtor_id).name
    return seen, plan_row(seen, name)


def plan_page(session: Session, asker: Asker, plan_id: PlanId) -> OfficePlanPage:
    seen, row = seen_plan(session, asker, plan_id)
    plan = seen.plan
    happenings = [
        one
        for one in history.of_debtor(session, asker.supplier_id, plan.debtor_id, most=300)
        if isinstance(one.event, PlanEvent) and one.event.plan_id == plan_id
    ]
    return OfficePlanPage(
        head=asker.head(session, "plans"),
        notice=asker.notice(),
        row=row,
        version=plan.version,
        replaces_id=plan.replaces_id,
        sentences=_sentences(session, seen),
        card=_card(session, plan),
        note=plan.decision_note,
        insurer_agreement=plan.insurer_agreement,
        parts=_parts(seen),
        covers=_covers(session, asker.supplier_id, seen),
        said=tuple(
            PlanSaid(
                words=message_words(one.kind),
                decided_on=one.decided_on,
                state=one.state,
                reason=one.reason,
            )
            for one in reversed(seen.messages)
        ),
        consents=_consents(session, asker, plan_id),
        timeline=timeline(session, asker.supplier_id, happenings),
        steps=_steps(seen),
    )


def _card(session: Session, plan: Plan) -> str:
    return (
        session.scalar(
            select(SavedMethod.label).where(
                SavedMethod.supplier_id == plan.supplier_id, SavedMethod.id == plan.saved_method_id
            )
        )
        or ""
    )


def _sentences(session: Session, seen: PlanView) -> tuple[str, ...]:
    plan, state = seen.plan, PlanState(seen.plan.state)
    found = []
    if state is PlanState.PROPOSED and plan.answer_due_on:
        found.append(
            _("Please answer by %(day)s: until then the invoices are not reminded of.")
            % {"day": day(plan.answer_due_on)}
        )
    if state is PlanState.IN_DEFAULT:
        until = upkeep.kept(session, seen, seen.standing.today).cure_until
        if until is not None:
            found.append(
                _("Not paid by %(day)s, the plan ends and the remainder falls due.")
                % {"day": day(until)}
            )
    covered = cover_of(session, seen)
    if covered is not None:
        found.append(
            _("Insured: the insurer’s extension period ends on %(day)s.")
            % {"day": day(covered.ends_on)}
        )
    if seen.standing.beside.minor < 0:
        found.append(_("Something that was paid before the plan was taken back: see the ledger."))
    return tuple(found)


def _parts(seen: PlanView) -> tuple[PlanPart, ...]:
    stands = seen.plan.state in STANDING
    return tuple(
        PlanPart(
            place=part.instalment.place + 1,
            due_on=part.instalment.due_on,
            amount=part.instalment.amount,
            paid=part.paid,
            is_late=stands and part.is_late(seen.standing.today),
            charge_on=row.charge_on if stands else None,
            tries=row.tries,
            needs=needs_words(row.needs) if stands and part.open else "",
        )
        for part, row in zip(seen.standing.parts, seen.rows, strict=True)
    )


def _covers(session: Session, supplier_id: SupplierId, seen: PlanView) -> tuple[PlanCovers, ...]:
    numbers = {
        row.id: row.number
        for row in session.execute(
            select(Invoice.id, Invoice.number).where(
                Invoice.supplier_id == supplier_id,
                Invoice.id.in_([one.invoice_id for one in seen.invoices]),
            )
        )
    }
    return tuple(
        PlanCovers(
            invoice_id=one.invoice_id,
            number=numbers[one.invoice_id],
            due_on=one.due_on,
            base=Money(one.base_minor, seen.plan.total.currency),
        )
        for one in seen.invoices
    )


def _consents(session: Session, asker: Asker, plan_id: PlanId) -> tuple[PlanConsented, ...]:
    found = []
    for one in consents_of(session, asker.supplier_id, plan_id):
        signer = parties.contact(session, asker.supplier_id, one.contact_id)
        found.append(
            PlanConsented(
                by=signer.name if signer else "",
                at=one.agreed_at,
                address=one.address,
                user_agent=one.user_agent,
                version=one.version,
                text_hash=one.text_hash,
                text=tuple(one.text.split("\n\n")),
            )
        )
    return tuple(found)


def _steps(seen: PlanView) -> tuple[tuple[StepName, str], ...]:
    state = PlanState(seen.plan.state)
    if state is PlanState.PROPOSED:
        return (("approve", _("Approve")), ("refuse", _("Refuse")))
    if state in DRAFT:
        return (("cancel", _("Cancel")),)
    if state not in STANDING:
        return ()
    paused: tuple[StepName, str] = (
        ("resume", _("Let it go on")) if seen.plan.paused_for else ("pause", _("Pause"))
    )
    return (paused, ("restructure", _("Restructure")), ("cancel", _("Cancel")))

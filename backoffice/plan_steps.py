"""Steps on a plan: each shows what it does before it is taken."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.plan_pages import PlanStepPage, StepName
from backoffice.plan_words import reason_words
from backoffice.plans import seen_plan
from receivables.i18n import day, money
from receivables.i18n import translate as _
from receivables.ids import PlanId
from receivables.ledger.queries import open_items
from receivables.plans import actions, upkeep
from receivables.plans.errors import (
    InsurerMustAgree,
    NoSuchPlan,
    PlanNotOffered,
    PlanStepImpossible,
)
from receivables.plans.moving import PauseReason
from receivables.plans.queries import asked, items_of
from receivables.plans.reading import PlanView
from receivables.plans.rules import Frequency, Reason, Wish
from receivables.plans.states import STANDING, PlanState
from receivables.web.forms import FormBody, field

log = structlog.get_logger(__name__)

_NAMES: tuple[StepName, ...] = ("approve", "refuse", "cancel", "pause", "resume", "restructure")


def _known(step: str, plan_id: UUID) -> StepName:
    """Raises NoSuchPlan for a step there is not."""
    for name in _NAMES:
        if name == step:
            return name
    raise NoSuchPlan(PlanId(plan_id))


@get("/plans/{plan_id:uuid}/{step:str}", sync_to_thread=True)
def preview_step(
    plan_id: FromPath[UUID], step: FromPath[str], collector: NamedDependency[Asker]
) -> Response[str]:
    """What the step would do; nothing is changed by looking."""
    known = _known(step, plan_id)
    with collector.reading() as session:
        page = step_page(session, collector, PlanId(plan_id), known)
    return collector.page("plan_step.html", page)


def step_page(
    session: Session, asker: Asker, plan_id: PlanId, step: StepName, *, error: str = ""
) -> PlanStepPage:
    seen, row = seen_plan(session, asker, plan_id)
    options = _options(session, asker, seen) if step == "restructure" else ()
    beyond = Reason.BEYOND_COVER in seen.plan.reasons or (
        step == "restructure" and _is_insured(session, asker, seen)
    )
    return PlanStepPage(
        head=asker.head(session, "plans"),
        notice=asker.notice(),
        row=row,
        step=step,
        title=_titles()[step][0],
        button=_titles()[step][1],
        effects=_effects(seen, step),
        asks_note=step in ("approve", "refuse", "cancel", "restructure"),
        note_required=step == "refuse",
        asks_insurer=beyond and step in ("approve", "restructure"),
        options=options,
        error=error,
    )


def _titles() -> dict[StepName, tuple[str, str]]:
    return {
        "approve": (_("Approve the plan"), _("Approve")),
        "refuse": (_("Refuse the plan"), _("Refuse")),
        "cancel": (_("Cancel the plan"), _("Cancel the plan")),
        "pause": (_("Pause the plan"), _("Pause")),
        "resume": (_("Let the plan go on"), _("Let it go on")),
        "restructure": (_("Restructure the plan"), _("Offer it")),
    }


def _effects(seen: PlanView, step: StepName) -> tuple[str, ...]:
    values = {
        "left": money(seen.standing.outstanding),
        "total": money(seen.plan.total),
        "first": money(seen.rows[0].amount),
        "last": day(seen.rows[-1].due_on),
        "count": len(seen.rows),
        "oldest": day(min(one.due_on for one in seen.invoices)),
    }
    match step:
        case "approve":
            texts = [
                _("The debtor gets a mail and has 7 days to sign; %(first)s are due at once then."),
                _("The last of %(count)s instalments would fall on %(last)s if it were signed"
                  " today."),
                _("Reminders of these invoices wait once the first instalment has come."),
            ]  # fmt: skip
        case "refuse":
            texts = [
                _("The debtor gets a mail with your reason."),
                _("The invoices are reminded of again, with their own due dates."),
            ]
        case "cancel":
            texts = [
                _("Nothing is charged any more, and what was paid is kept."),
                _("%(left)s stay due as on the invoices, the oldest since %(oldest)s."),
                _("The debtor gets a mail. Another plan can be agreed at any time."),
            ]
        case "pause":
            texts = [
                _("Nothing is charged or reminded of until you let it go on."),
                _("The debtor sees on the plan’s page that it is paused."),
            ]
        case "resume":
            texts = [
                _("What fell due meanwhile is charged once it has been announced."),
                _("Late instalments are counted from their own due dates."),
            ]
        case _:
            texts = [
                _("The debtor is offered another version over the %(left)s that remain, and has"
                  " 7 days to sign it."),
                _("This version stands until the first instalment of the other has come."),
            ]  # fmt: skip
    return tuple(text % values for text in texts)


def _is_insured(session: Session, asker: Asker, seen: PlanView) -> bool:
    items = items_of(session, asker.supplier_id, seen.plan.debtor_id, except_plan=seen.plan.id)
    basis = asked(
        session, asker.supplier_id, seen.plan.debtor_id, items,
        except_plan=seen.plan.id, today=asker.today,
    )  # fmt: skip
    return basis.standing.cover is not None


def _options(session: Session, asker: Asker, seen: PlanView) -> tuple[tuple[int, str], ...]:
    """What a restructuring could be, in the plan's own rhythm."""
    plan = seen.plan
    if plan.state not in STANDING:
        return ()
    still_open = {
        item.invoice_id for item in open_items(session, asker.supplier_id, plan.debtor_id)
    }
    covered = {one.invoice_id for one in seen.invoices} & still_open
    items = [
        item
        for item in items_of(session, asker.supplier_id, plan.debtor_id, except_plan=plan.id)
        if item.invoice_id in covered
    ]
    if not items:
        return ()
    basis = asked(
        session, asker.supplier_id, plan.debtor_id, items, except_plan=plan.id, today=asker.today
    )
    wish = Wish(parts=2, frequency=Frequency(plan.frequency), day=plan.day)
    return tuple(
        (
            one.wish.parts,
            _("%(count)s instalments: %(first)s, then %(each)s, until %(last)s")
            % {
                "count": one.wish.parts,
                "first": money(one.schedule[0].amount),
                "each": money(one.schedule[1].amount),
                "last": day(one.last_on),
            },
        )
        for one in basis.options(wish)
    )


@post("/plans/{plan_id:uuid}/{step:str}", sync_to_thread=True)
def take_step(
    plan_id: FromPath[UUID],
    step: FromPath[str],
    data: FormBody,
    collector: NamedDependency[Asker],
) -> Response[Any]:
    """303 to the plan; the preview again with what is missing."""
    known, wanted = _known(step, plan_id), PlanId(plan_id)
    note = field(data, "note")
    error = _("Please say why: the debtor is told.") if known == "refuse" and not note else ""
    if not error:
        try:
            with collector.transaction() as session:
                notice, shown = _take(session, collector, wanted, known, data)
        except PlanStepImpossible:
            return collector.back(f"/plans/{plan_id}", "plan_moved_on")
        except InsurerMustAgree:
            error = _("Please name the insurer’s agreement: the plan goes beyond its period.")
        except PlanNotOffered as refused:
            error = ", ".join(reason_words(refused.reasons)).capitalize() + "."
        else:
            log.info("plan.step", plan=str(plan_id), step=known, by=str(collector.me.staff_id))
            return collector.back(f"/plans/{shown}", notice)
    with collector.reading() as session:
        page = step_page(session, collector, wanted, known, error=error)
    return collector.page("plan_step.html", page, status=422)


def _take(
    session: Session, asker: Asker, plan_id: PlanId, step: StepName, data: FormBody
) -> tuple[str, PlanId]:
    """The notice, and the plan to show."""
    clock, supplier_id = asker.runtime.clock, asker.supplier_id
    note, agreement = field(data, "note"), field(data, "insurer")
    seen_plan(session, asker, plan_id)
    match step:
        case "approve":
            actions.approve(
                session, supplier_id=supplier_id, plan_id=plan_id, staff_id=asker.me.staff_id,
                note=note, insurer_agreement=agreement, clock=clock,
            )  # fmt: skip
            return "plan_approved", plan_id
        case "refuse":
            actions.refuse(
                session, supplier_id=supplier_id, plan_id=plan_id, staff_id=asker.me.staff_id,
                note=note, clock=clock,
            )  # fmt: skip
            return "plan_refused", plan_id
        case "cancel":
            upkeep.cancel(session, supplier_id=supplier_id, plan_id=plan_id, note=note, clock=clock)
            return "plan_cancelled", plan_id
        case "pause":
            upkeep.pause(session, supplier_id, plan_id, PauseReason.STAFF, clock=clock)
            return "plan_paused", plan_id
        case "resume":
            upkeep.resume(session, supplier_id=supplier_id, plan_id=plan_id, clock=clock)
            return "plan_resumed", plan_id
        case _:
            typed = field(data, "parts")
            parts = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
            seen, _row = seen_plan(session, asker, plan_id)
            offered = upkeep.restructure(
                session, supplier_id=supplier_id, plan_id=plan_id, staff_id=asker.me.staff_id,
                wish=Wish(parts=parts, frequency=Frequency(seen.plan.frequency),
                          day=seen.plan.day),
                note=note, insurer_agreement=agreement, clock=clock,
            )  # fmt: skip
            assert offered.state == PlanState.APPROVED, "staff offer it themselves"
            return "plan_restructured", offered.id

"""Promise a date: choose invoices and a day within what may be promised, then see what it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.asking import Asked, asked_by_form, asked_by_link
from portal.promise_pages import (
    InvoiceChoice,
    PromiseError,
    PromiseFormPage,
    PromiseLine,
    PromisePage,
)
from receivables.clock import local_date
from receivables.dunning.holding import holds_of
from receivables.dunning.queries import last_levels
from receivables.dunning.steps import DEFAULT
from receivables.ids import InvoiceId, PromiseId
from receivables.intake.csv_cells import amount as read_amount
from receivables.intake.csv_cells import day as read_day
from receivables.ledger.rules import days_past_due
from receivables.links.actions import mark_seen
from receivables.links.tokens import masked
from receivables.money import NotAnAmount
from receivables.parties.queries import supplier as supplier_of
from receivables.promises import queries
from receivables.promises.actions import NewPromise
from receivables.promises.actions import promise as give_promise
from receivables.promises.errors import (
    NothingChosen,
    NotPromisable,
    PromisedForThePast,
    PromisedTooLate,
    PromisesNothing,
    PromisesTooMuch,
)
from receivables.promises.facts import promisable, terms
from receivables.promises.queries import PromiseView
from receivables.promises.rules import (
    MOST_WORKING_DAYS,
    Promisable,
    PromiseState,
    Source,
    Terms,
)
from receivables.runtime import Runtime
from receivables.web.face import Face
from receivables.web.forms import FormBody, field
from receivables.workdays import WEEKDAYS

#: A step of this level or above is a formal notice: its deadline is not moved by a promise.
FORMAL_NOTICE_LEVEL = 4
_LEVELS = {step.name: step.level for step in DEFAULT}

#: What the account shows: those whose day has not passed, and those that came to nothing.
_SHOWN = (PromiseState.ACTIVE, PromiseState.BROKEN, PromiseState.KEPT_IN_PART)
_MOST_SHOWN = 3


def formally_noticed(session: Session, asker: Asker) -> list[InvoiceId]:
    """The invoices a formal notice was sent for."""
    levels = last_levels(session, asker.access.supplier_id, asker.access.debtor_id)
    return [invoice_id for invoice_id, level in levels.items() if level >= FORMAL_NOTICE_LEVEL]


def _facts(session: Session, asker: Asker, today: date) -> tuple[Terms, list[Promisable]]:
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    policy = terms(session, supplier_id, debtor_id, today=today, calendar=WEEKDAYS)
    items = promisable(
        session,
        supplier_id,
        debtor_id,
        after_formal_notice=formally_noticed(session, asker),
        held_by_others=holds_of(session, supplier_id, debtor_id),
    )
    return policy, items


def _form(
    session: Session,
    asker: Asker,
    today: date,
    asked: Asked,
    *,
    choice: Literal["all", "other"] = "all",
    typed_amount: str = "",
    typed_day: str = "",
    **error: Any,
) -> PromiseFormPage:
    policy, items = _facts(session, asker, today)
    found = asked.among(items, "/promise")
    able = [item for item in found.items if policy.refusal(item) is None]
    chosen = [
        item for item in able if asked.numbers is None or item.number in asked.numbers
    ] or able
    return PromiseFormPage(
        head=head_with_person(asker, supplier_of(session, asker.access.supplier_id)),
        currency=found.currency,
        others=found.others,
        invoices=tuple(_choice(item, policy, asked.numbers) for item in found.items),
        today=today,
        latest=policy.latest_of(chosen) if chosen else None,
        working_days=MOST_WORKING_DAYS[policy.payer_class] or 0,
        choice=choice,
        typed_amount=typed_amount,
        typed_day=typed_day,
        **error,
    )


def _choice(item: Promisable, policy: Terms, numbers: frozenset[str] | None) -> InvoiceChoice:
    refusal = policy.refusal(item)
    late = item.due_on < policy.today
    return InvoiceChoice(
        number=item.number,
        due_on=item.due_on,
        days_past_due=days_past_due(item.due_on, policy.today),
        payable=item.payable,
        chosen=refusal is None and (late if numbers is None else item.number in numbers),
        latest=None if refusal else policy.latest(item),
        refused=refusal.value if refusal else None,
    )


@get("/promise", sync_to_thread=True)
def show_promise_form(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    today = local_date(runtime.clock.now(), asker.access.zone)
    with runtime.reading(asker.scope) as session:
        page = _form(session, asker, today, asked_by_link(request))
    return face.page("promise.html", asker.reader, page=page)


@post("/promise", sync_to_thread=True)
def take_promise(
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to what was agreed; or the form again with what cannot be."""
    face.limiter.count("promise", str(asker.access.debtor_id))
    try:
        promise_id = _give(asker, runtime, data)
    except _REFUSALS as refused:
        said = _said_of(refused)
    else:
        return Redirect(f"/promises/{promise_id}", status_code=303)
    today = local_date(runtime.clock.now(), asker.access.zone)
    with runtime.reading(asker.scope) as session:
        page = _form(
            session,
            asker,
            today,
            asked_by_form(data),
            choice="other" if field(data, "choice") == "other" else "all",
            typed_amount=field(data, "amount"),
            typed_day=field(data, "day"),
            **said,
        )
    return face.page("promise.html", asker.reader, page=page, status=422)


class _NotADay(NothingChosen):
    """What was typed is no day."""


_REFUSALS = (
    NotAnAmount,
    NothingChosen,
    NotPromisable,
    PromisedForThePast,
    PromisedTooLate,
    PromisesNothing,
    PromisesTooMuch,
)


def _said_of(refused: Exception) -> dict[str, Any]:
    """Which words, and what they speak of."""
    error: PromiseError = "nothing_chosen"
    more: dict[str, Any] = {}
    if isinstance(refused, _NotADay):
        error = "not_a_day"
    elif isinstance(refused, NotAnAmount | PromisesNothing):
        error = "not_an_amount"
    elif isinstance(refused, PromisesTooMuch):
        error, more = "too_much", {"most": refused.payable}
    elif isinstance(refused, PromisedTooLate):
        error = "too_late"
    elif isinstance(refused, PromisedForThePast):
        error = "past"
    elif isinstance(refused, NotPromisable):
        error, more = "not_promisable", {"number": refused.number}
    return {"error": error, **more}


def _give(asker: Asker, runtime: Runtime, data: FormBody) -> PromiseId:
    """Raises one of _REFUSALS."""
    access, asked = asker.access, asked_by_form(data)
    promised_on = read_day(field(data, "day"))
    if promised_on is None:
        raise _NotADay(field(data, "day"))
    with runtime.transaction(asker.scope, by=asker.by) as session:
        mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
        noticed = formally_noticed(session, asker)
        held = holds_of(session, access.supplier_id, access.debtor_id)
        chosen = asked.chosen(promisable(session, access.supplier_id, access.debtor_id))
        amount = None
        if field(data, "choice") == "other":
            amount = read_amount(field(data, "amount"), asked.currency, None)
        return give_promise(
            session,
            supplier_id=access.supplier_id,
            debtor_id=access.debtor_id,
            new=NewPromise(
                invoice_ids=chosen,
                amount=amount,
                promised_on=promised_on,
                source=Source.DEBTOR,
                contact_id=access.contact_id,
            ),
            after_formal_notice=noticed,
            held_by_others=held,
            clock=runtime.clock,
        )


@get("/promises/{promise_id:uuid}", sync_to_thread=True)
def show_promise(
    promise_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    """What was agreed and how it stands; nobody else's."""
    access = asker.access
    with runtime.reading(asker.scope) as session:
        view = queries.promise(
            session, access.supplier_id, PromiseId(promise_id), debtor_id=access.debtor_id
        )
        supplier = supplier_of(session, access.supplier_id)
    page = PromisePage(
        head=head_with_person(asker, supplier),
        promise=_line(view),
        made_at=view.made_at,
        mailed_to=masked(access.contact_email),
    )
    return face.page("promised.html", asker.reader, page=page)


def _line(view: PromiseView) -> PromiseLine:
    return PromiseLine(
        id=view.id,
        amount=view.amount,
        received=view.received,
        promised_on=view.promised_on,
        judged_on=view.judged_on,
        state=view.state.value,
        numbers=view.numbers,
    )


def promise_lines(session: Session, asker: Asker) -> Sequence[PromiseLine]:
    """For the account's fragment `_promises.html`: what is promised, and what came to nothing."""
    found = queries.promises(
        session,
        asker.access.supplier_id,
        debtor_id=asker.access.debtor_id,
        states=_SHOWN,
        limit=20,
    )
    active = [one for one in found if one.state is PromiseState.ACTIVE]
    over = [one for one in found if one.state is not PromiseState.ACTIVE]
    return tuple(_line(view) for view in (*active, *over[:_MOST_SHOWN]))

"""Calls: whom to call, what to say, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.channel_pages import AttemptRow, CallPage, CallRow, CallsPage
from backoffice.promise_refusals import PROMISE_REFUSALS, said_of_promise
from receivables.calls import actions, queries
from receivables.calls.actions import Logged
from receivables.calls.queries import CallView
from receivables.calls.rules import Outcome
from receivables.calls.script import Situation, script_of
from receivables.dunning.holding import holds_of
from receivables.i18n import locale_for
from receivables.ids import CallId
from receivables.intake.csv_cells import amount as read_amount
from receivables.intake.csv_cells import day as read_day
from receivables.ledger.rules import days_past_due
from receivables.money import Money
from receivables.parties.phones import shown
from receivables.parties.presentation import person_name
from receivables.promises.queries import promises
from receivables.promises.rules import MOST_DAYS_BY_STAFF, PromiseState
from receivables.web.forms import FormBody, field


@get("/calls", sync_to_thread=True)
def show_calls(asker: NamedDependency[Asker]) -> Response[str]:
    """Calls due today, the one with most money at stake first."""
    with asker.reading() as session:
        held = holds_of(session, asker.supplier_id)
        found = queries.open_calls(session, asker.supplier_id, asker.today, holds=held)
        page = CallsPage(
            head=asker.head(session, "reminders"),
            notice=asker.notice(),
            rows=tuple(_row(one, asker) for one in found),
        )
    return asker.page("calls.html", page)


def _row(one: CallView, asker: Asker) -> CallRow:
    return CallRow(
        id=one.id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        contact_name=person_name(one.contact_name, one.debtor_name),
        phone=shown(one.phone) if one.phone else "",
        level=one.level,
        amount=one.amount,
        invoices=len(one.lines),
        days_past_due=max(
            (days_past_due(line.due_on, asker.today) for line in one.lines), default=0
        ),
        due_on=one.due_on,
        tries=one.tries,
    )


@get("/calls/{call_id:uuid}", sync_to_thread=True)
def show_call(call_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = _page(session, asker, CallId(call_id), {})
    return asker.page("call.html", page)


def _page(
    session: Session, asker: Asker, call_id: CallId, typed: Mapping[str, Any], **error: Any
) -> CallPage:
    """Raises NoSuchCall."""
    supplier_id, today = asker.supplier_id, asker.today
    debtor_id = queries.debtor_of(session, supplier_id, call_id)
    held = holds_of(session, supplier_id, debtor_id)
    one = queries.call(session, supplier_id, call_id, today, holds=held)
    return CallPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        call=_row(one, asker),
        is_open=one.state == "open",
        dial=f"tel:{one.phone}" if one.phone else "",
        lines=one.lines,
        script=_script(session, asker, one) if one.lines else (),
        language=locale_for(one.language, one.country)[:2],
        attempts=tuple(
            AttemptRow(
                outcome=tried.outcome,  # type: ignore[arg-type]  # constrained
                note=tried.note,
                called_at=tried.called_at,
            )
            for tried in queries.attempts(session, supplier_id, call_id)
        ),
        today=today,
        latest=today + timedelta(days=MOST_DAYS_BY_STAFF),
        typed_outcome=field(typed, "outcome"),
        typed_note=field(typed, "note"),
        typed_day=field(typed, "day"),
        typed_amount=field(typed, "amount"),
        **{"error": "", **error},
    )


def _script(session: Session, asker: Asker, one: CallView) -> Any:
    return script_of(
        Situation(
            supplier_name=asker.me.supplier_name,
            staff_name=asker.me.name,
            debtor_name=one.debtor_name,
            contact_name=person_name(one.contact_name, one.debtor_name),
            language=one.language,
            country=one.country,
            level=one.level,
            lines=one.lines,
            today=asker.today,
            broken_promise=_broken(session, asker, one),
        )
    )


def _broken(session: Session, asker: Asker, one: CallView) -> Money | None:
    """The last promise about these invoices, if it was broken."""
    numbers = {line.number for line in one.lines}
    latest = promises(session, asker.supplier_id, debtor_id=one.debtor_id, limit=5)
    for given in latest:
        if numbers & set(given.numbers):
            broken = given.state in (PromiseState.BROKEN, PromiseState.KEPT_IN_PART)
            return given.amount - given.received if broken else None
    return None


@post("/calls/{call_id:uuid}", sync_to_thread=True)
def take_call(
    call_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """303 to the next call, or to the form of a dispute; or the form again with what is wrong."""
    wanted_id = CallId(call_id)
    outcome = next((one for one in Outcome if one == field(data, "outcome")), None)
    said: dict[str, Any] = {"error": "no_outcome"}
    if outcome is Outcome.PROMISE and read_day(field(data, "day")) is None:
        said = {"error": "not_a_day"}
    elif outcome is not None:
        try:
            then = _log(collector, wanted_id, outcome, data)
        except PROMISE_REFUSALS as refused:
            said = said_of_promise(refused)
        else:
            return collector.back(then, "call_logged")
    with collector.reading() as session:
        page = _page(session, collector, wanted_id, data, **said)
    return collector.page("call.html", page, status=422)


def _log(collector: Asker, call_id: CallId, outcome: Outcome, data: FormBody) -> str:
    """Where to go next. Raises one of PROMISE_REFUSALS, NoSuchCall and CallOver."""
    supplier_id = collector.supplier_id
    with collector.transaction() as session:
        debtor_id = queries.debtor_of(session, supplier_id, call_id)
        held = holds_of(session, supplier_id, debtor_id)
        one = queries.call(session, supplier_id, call_id, collector.today, holds=held)
        typed = field(data, "amount")
        promised = outcome is Outcome.PROMISE
        actions.log(
            session,
            supplier_id,
            call_id,
            Logged(
                outcome=outcome,
                number=one.phone,
                note=field(data, "note"),
                promised_on=read_day(field(data, "day")) if promised else None,
                promised=read_amount(typed, one.amount.currency, None)
                if promised and typed
                else None,
            ),
            held_by_others=tuple(held),
            clock=collector.runtime.clock,
        )
    if outcome is Outcome.DISPUTE and one.lines:
        return f"/invoices/{one.lines[0].invoice_id}/dispute"
    return "/calls"


@post("/calls/{call_id:uuid}/needless", sync_to_thread=True)
def drop_call(call_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    with collector.transaction() as session:
        actions.drop_needless(
            session, collector.supplier_id, CallId(call_id), clock=collector.runtime.clock
        )
    return collector.back("/calls", "call_dropped")

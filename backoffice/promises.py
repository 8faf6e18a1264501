"""Promises: what is promised and by when, what is at risk, what was broken and waits for a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.paging import PAGE_SIZE, Wanted, one_of, wanted
from backoffice.promise_pages import (
    NewPromisePage,
    PromisedInvoice,
    PromiseRow,
    PromisesPage,
)
from backoffice.promise_refusals import PROMISE_REFUSALS, said_of_promise
from receivables.dunning.holding import holds_of
from receivables.ids import DebtorId, PromiseId
from receivables.intake.csv_cells import amount as read_amount
from receivables.intake.csv_cells import day as read_day
from receivables.ledger.rules import days_past_due
from receivables.parties import queries as parties
from receivables.promises import actions, queries
from receivables.promises.errors import (
    NothingChosen,
)
from receivables.promises.facts import promisable
from receivables.promises.queries import PromiseView
from receivables.promises.rules import MOST_DAYS_BY_STAFF, PromiseState, Source, is_at_risk
from receivables.web.forms import FormBody, field, fields
from receivables.workdays import WEEKDAYS

Filter = Literal["active", "at_risk", "to_call", "broken", "kept", "all"]
_STATES: Mapping[Filter, tuple[PromiseState, ...]] = {
    "active": (PromiseState.ACTIVE,),
    "at_risk": (PromiseState.ACTIVE,),
    "to_call": (),
    "broken": (PromiseState.BROKEN, PromiseState.KEPT_IN_PART),
    "kept": (PromiseState.KEPT,),
    "all": (),
}
#: Active promises that are looked through for those at risk.
_LOOKED_THROUGH = 500


@get("/promises", sync_to_thread=True)
def show_promises(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = promises_page(session, asker, asked)
    return asker.page("promises.html", page)


def promises_page(session: Session, asker: Asker, asked: Wanted) -> PromisesPage:
    show = one_of(asked.show, tuple(_STATES))
    by_hand = show == "to_call"
    if show == "at_risk":
        rows = at_risk(session, asker)
        total, rows = len(rows), rows[asked.skip : asked.skip + PAGE_SIZE]
    else:
        found = queries.promises(
            session,
            asker.supplier_id,
            states=_STATES[show],
            to_deal_with=by_hand,
            limit=PAGE_SIZE,
            offset=asked.skip,
        )
        rows = promise_rows(asker, found)
        total = queries.count_promises(
            session, asker.supplier_id, states=_STATES[show], to_deal_with=by_hand
        )
    return PromisesPage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        show=show,
        rows=tuple(rows),
        pager=asked.pager(len(rows), total),
    )


def at_risk(session: Session, asker: Asker) -> Sequence[PromiseRow]:
    """Active promises due by the next working day whose money is not here, soonest first."""
    found = queries.promises(
        session, asker.supplier_id, states=(PromiseState.ACTIVE,), limit=_LOOKED_THROUGH
    )
    return tuple(row for row in promise_rows(asker, found) if row.at_risk)


def promise_rows(asker: Asker, found: Sequence[PromiseView]) -> tuple[PromiseRow, ...]:
    return tuple(
        PromiseRow(
            id=one.id,
            debtor_id=one.debtor_id,
            debtor_name=one.debtor_name,
            contact_name=one.contact_name,
            amount=one.amount,
            received=one.received,
            promised_on=one.promised_on,
            judged_on=one.judged_on,
            state=one.state.value,
            source=one.source,  # type: ignore[arg-type]  # constrained
            note=one.note,
            at_risk=one.state is PromiseState.ACTIVE
            and is_at_risk(
                one.amount,
                one.received,
                promised_on=one.promised_on,
                today=asker.today,
                country=asker.me.supplier_country,
                calendar=WEEKDAYS,
            ),
            needs_person=one.needs_person,
            made_at=one.made_at,
            numbers=one.numbers,
        )
        for one in found
    )


def debtor_promises(session: Session, asker: Asker, debtor_id: DebtorId) -> tuple[PromiseRow, ...]:
    """For the debtor's page, fragment `_debtor_promises.html` (`promises`, `debtor_id`)."""
    found = queries.promises(session, asker.supplier_id, debtor_id=debtor_id, limit=10)
    return promise_rows(asker, found)


@post("/promises/{promise_id:uuid}/cancel", sync_to_thread=True)
def cancel_promise(promise_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """Take a promise back: its invoices are asked for again."""
    with collector.transaction() as session:
        debtor_id = actions.cancel(
            session,
            collector.supplier_id,
            PromiseId(promise_id),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}", "promise_cancelled")


@post("/promises/{promise_id:uuid}/dealt-with", sync_to_thread=True)
def deal_with_promise(promise_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """Somebody has followed a broken promise up."""
    with collector.transaction() as session:
        actions.deal_with(
            session,
            collector.supplier_id,
            PromiseId(promise_id),
            clock=collector.runtime.clock,
        )
    return collector.back("/promises?show=to_call", "promise_dealt_with")


@get("/debtors/{debtor_id:uuid}/promise", sync_to_thread=True)
def show_new_promise(
    debtor_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    collector: NamedDependency[Asker],
) -> Response[str]:
    """The form for what was promised on the telephone."""
    currency = str(request.query_params.get("currency", ""))
    with collector.reading() as session:
        page = _form(session, collector, DebtorId(debtor_id), currency, None, {})
    return collector.page("new_promise.html", page)


def _form(
    session: Session,
    asker: Asker,
    debtor_id: DebtorId,
    currency: str,
    numbers: frozenset[str] | None,
    typed: Mapping[str, Any],
    **error: Any,
) -> NewPromisePage:
    """Raises NoSuchDebtor."""
    supplier_id, today = asker.supplier_id, asker.today
    debtor = parties.debtor(session, supplier_id, debtor_id)
    held = holds_of(session, supplier_id, debtor_id)
    items = promisable(session, supplier_id, debtor_id, held_by_others=held)
    currencies = list(dict.fromkeys(item.outstanding.currency for item in items))
    currency = currency if currency in currencies else next(iter(currencies), currency)
    here = f"/debtors/{debtor_id}/promise"
    return NewPromisePage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        currency=currency,
        others=tuple(
            (one, f"{here}?{urlencode({'currency': one})}") for one in currencies if one != currency
        ),
        invoices=tuple(
            PromisedInvoice(
                number=item.number,
                due_on=item.due_on,
                days_past_due=days_past_due(item.due_on, today),
                payable=item.payable,
                promised_before=item.promised_before,
                chosen=item.due_on < today if numbers is None else item.number in numbers,
            )
            for item in items
            if item.outstanding.currency == currency and item.payable
        ),
        contacts=tuple(
            (one.id, one.name) for one in parties.contacts(session, supplier_id, debtor_id)
        ),
        today=today,
        latest=today + timedelta(days=MOST_DAYS_BY_STAFF),
        typed_amount=field(typed, "amount"),
        typed_day=field(typed, "day"),
        typed_note=field(typed, "note"),
        source="staff" if field(typed, "source") == "staff" else "call",
        **{"error": "", **error},
    )


@post("/debtors/{debtor_id:uuid}/promise", sync_to_thread=True)
def take_new_promise(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """303 to the debtor; or the form again with what is wrong."""
    owed_by, promised_on = DebtorId(debtor_id), read_day(field(data, "day"))
    said: dict[str, Any] = {"error": "not_a_day"}
    if promised_on is not None:
        try:
            _give(collector, owed_by, promised_on, data)
        except PROMISE_REFUSALS as refused:
            said = said_of_promise(refused)
        else:
            return collector.back(f"/debtors/{debtor_id}", "promise_noted")
    numbers = frozenset(fields(data, "invoice"))
    with collector.reading() as session:
        page = _form(session, collector, owed_by, field(data, "currency"), numbers, data, **said)
    return collector.page("new_promise.html", page, status=422)


def _give(collector: Asker, debtor_id: DebtorId, promised_on: date, data: FormBody) -> None:
    """Raises one of PROMISE_REFUSALS, and NoSuchDebtor."""
    currency, numbers = field(data, "currency"), frozenset(fields(data, "invoice"))
    supplier_id, typed = collector.supplier_id, field(data, "amount")
    with collector.transaction() as session:
        parties.debtor(session, supplier_id, debtor_id)
        people = {str(one.id): one.id for one in parties.contacts(session, supplier_id, debtor_id)}
        chosen = [
            item.invoice_id
            for item in promisable(session, supplier_id, debtor_id)
            if item.number in numbers and item.outstanding.currency == currency
        ]
        if not chosen:
            raise NothingChosen("no open invoice")
        actions.promise(
            session,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            new=actions.NewPromise(
                invoice_ids=chosen,
                amount=read_amount(typed, currency, None) if typed else None,
                promised_on=promised_on,
                source=Source.STAFF if field(data, "source") == "staff" else Source.CALL,
                note=field(data, "note")[:500],
                contact_id=people.get(field(data, "contact")),
            ),
            held_by_others=holds_of(session, supplier_id, debtor_id),
            clock=collector.runtime.clock,
        )

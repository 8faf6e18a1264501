""" "I have already paid": say when and with which reference, and be left alone while we look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.asking import Asked, asked_by_form, asked_by_link
from portal.promise_pages import ClaimError, ClaimFormPage, ClaimLine, ClaimPage, InvoiceChoice
from receivables.clock import local_date
from receivables.ids import PaidClaimId
from receivables.intake.csv_cells import amount as read_amount
from receivables.intake.csv_cells import day as read_day
from receivables.ledger.queries import OpenItem, open_items
from receivables.ledger.rules import days_past_due
from receivables.links.actions import mark_seen
from receivables.money import NotAnAmount
from receivables.parties.queries import supplier as supplier_of
from receivables.promises import claim_queries
from receivables.promises.claim_queries import ClaimView
from receivables.promises.claiming import NewClaim, claim_paid
from receivables.promises.errors import (
    AlreadyClaimed,
    NothingChosen,
    PaidOnImpossible,
    PromisesNothing,
)
from receivables.promises.rules import OLDEST_PAYMENT, ClaimState
from receivables.runtime import Runtime
from receivables.web.face import Face
from receivables.web.forms import FormBody, field

#: What the account shows: what is being looked for, and what was not found.
_SHOWN = (ClaimState.OPEN, ClaimState.TO_APPROVE, ClaimState.NOT_FOUND, ClaimState.LAPSED)
_MOST_SHOWN = 5


def _form(
    session: Session,
    asker: Asker,
    today: date,
    asked: Asked,
    *,
    typed: FormBody | None = None,
    **error: Any,
) -> ClaimFormPage:
    items = open_items(session, asker.access.supplier_id, asker.access.debtor_id)
    found = asked.among(items, "/already-paid")
    return ClaimFormPage(
        head=head_with_person(asker, supplier_of(session, asker.access.supplier_id)),
        currency=found.currency,
        others=found.others,
        invoices=tuple(_choice(item, today, asked.numbers) for item in found.items),
        today=today,
        earliest=today - OLDEST_PAYMENT,
        typed_amount=field(typed or {}, "amount"),
        typed_day=field(typed or {}, "day"),
        reference=field(typed or {}, "reference"),
        note=field(typed or {}, "note"),
        **error,
    )


def _choice(item: OpenItem, today: date, numbers: frozenset[str] | None) -> InvoiceChoice:
    return InvoiceChoice(
        number=item.number,
        due_on=item.due_on,
        days_past_due=days_past_due(item.due_on, today),
        payable=item.outstanding,
        chosen=item.due_on < today if numbers is None else item.number in numbers,
    )


@get("/already-paid", sync_to_thread=True)
def show_claim_form(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    today = local_date(runtime.clock.now(), asker.access.zone)
    with runtime.reading(asker.scope) as session:
        page = _form(session, asker, today, asked_by_link(request))
    return face.page("already_paid.html", asker.reader, page=page)


class _NotADay(PaidOnImpossible):
    """What was typed is no day."""


_REFUSALS = (NotAnAmount, NothingChosen, PromisesNothing, PaidOnImpossible, AlreadyClaimed)


@post("/already-paid", sync_to_thread=True)
def take_claim(
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to what was said; or the form again with what cannot be."""
    face.limiter.count("promise", str(asker.access.debtor_id))
    try:
        claim_id = _say(asker, runtime, data)
    except _REFUSALS as refused:
        said = _said_of(refused)
    else:
        return Redirect(f"/already-paid/{claim_id}", status_code=303)
    today = local_date(runtime.clock.now(), asker.access.zone)
    with runtime.reading(asker.scope) as session:
        page = _form(session, asker, today, asked_by_form(data), typed=data, **said)
    return face.page("already_paid.html", asker.reader, page=page, status=422)


def _said_of(refused: Exception) -> dict[str, Any]:
    error: ClaimError = "nothing_chosen"
    if isinstance(refused, _NotADay):
        error = "not_a_day"
    elif isinstance(refused, PaidOnImpossible):
        error = "impossible_day"
    elif isinstance(refused, NotAnAmount | PromisesNothing):
        error = "not_an_amount"
    elif isinstance(refused, AlreadyClaimed):
        return {"error": "already", "number": refused.number}
    return {"error": error}


def _say(asker: Asker, runtime: Runtime, data: FormBody) -> PaidClaimId:
    """Raises one of _REFUSALS."""
    access, asked = asker.access, asked_by_form(data)
    paid_on = read_day(field(data, "day"))
    if paid_on is None:
        raise _NotADay(field(data, "day"))
    with runtime.transaction(asker.scope, by=asker.by) as session:
        mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
        chosen = asked.chosen(open_items(session, access.supplier_id, access.debtor_id))
        return claim_paid(
            session,
            supplier_id=access.supplier_id,
            debtor_id=access.debtor_id,
            new=NewClaim(
                invoice_ids=chosen,
                amount=read_amount(field(data, "amount"), asked.currency, None),
                paid_on=paid_on,
                reference=field(data, "reference")[:140],
                note=field(data, "note")[:1000],
                contact_id=access.contact_id,
            ),
            clock=runtime.clock,
        )


@get("/already-paid/{claim_id:uuid}", sync_to_thread=True)
def show_claim(
    claim_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    access = asker.access
    with runtime.reading(asker.scope) as session:
        view = claim_queries.claim(
            session, access.supplier_id, PaidClaimId(claim_id), debtor_id=access.debtor_id
        )
        supplier = supplier_of(session, access.supplier_id)
    page = ClaimPage(
        head=head_with_person(asker, supplier), claim=_line(view), said_at=view.said_at
    )
    return face.page("said_to_be_paid.html", asker.reader, page=page)


def _line(view: ClaimView) -> ClaimLine:
    return ClaimLine(
        id=view.id,
        amount=view.amount,
        paid_on=view.paid_on,
        reference=view.reference,
        state=view.state.value,
        held_until=view.held_until,
        numbers=view.numbers,
    )


def claim_lines(session: Session, asker: Asker) -> Sequence[ClaimLine]:
    """For the account's fragment `_claims.html`: what is looked for, and what was not found."""
    found = claim_queries.claims(
        session,
        asker.access.supplier_id,
        debtor_id=asker.access.debtor_id,
        states=_SHOWN,
        limit=_MOST_SHOWN,
    )
    return tuple(_line(view) for view in found)

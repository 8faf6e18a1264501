"""Said to be paid: find the money and book it, or ask the debtor for a proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.paging import PAGE_SIZE, Wanted, one_of, wanted
from backoffice.promise_pages import ClaimPage, ClaimRow, ClaimsPage
from receivables.i18n import number_of
from receivables.ids import PaidClaimId
from receivables.intake.csv_cells import amount as read_amount
from receivables.intake.csv_cells import day as read_day
from receivables.ledger.queries import open_items
from receivables.money import Money, NotAnAmount
from receivables.promises import claim_queries, claiming
from receivables.promises.claim_queries import ClaimView
from receivables.promises.errors import (
    AlreadyBooked,
    PaidOnImpossible,
    PromisesNothing,
    PromisesTooMuch,
)
from receivables.promises.rules import ClaimState
from receivables.web.forms import FormBody, field

Filter = Literal["waiting", "not_found", "found", "all"]
_STATES: Mapping[Filter, tuple[ClaimState, ...]] = {
    "waiting": (ClaimState.OPEN, ClaimState.TO_APPROVE),
    "not_found": (ClaimState.NOT_FOUND, ClaimState.LAPSED, ClaimState.REFUSED),
    "found": (ClaimState.MATCHED,),
    "all": (),
}
LIST = "/said-to-be-paid"


class NoReference(PaidOnImpossible):
    """What the bank calls the money must be named: booked twice it would be recognised by it."""


@get("/said-to-be-paid", sync_to_thread=True)
def show_claims(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = claims_page(session, asker, asked)
    return asker.page("claims.html", page)


def claims_page(session: Session, asker: Asker, asked: Wanted) -> ClaimsPage:
    show = one_of(asked.show, tuple(_STATES))
    found = claim_queries.claims(
        session, asker.supplier_id, states=_STATES[show], limit=PAGE_SIZE, offset=asked.skip
    )
    total = claim_queries.count_claims(session, asker.supplier_id, states=_STATES[show])
    return ClaimsPage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        show=show,
        rows=tuple(claim_row(one) for one in found),
        pager=asked.pager(len(found), total),
    )


def claim_row(one: ClaimView) -> ClaimRow:
    return ClaimRow(
        id=one.id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        contact_name=one.contact_name,
        amount=one.amount,
        paid_on=one.paid_on,
        reference=one.reference,
        note=one.note,
        state=one.state.value,
        held_until=one.held_until,
        said_at=one.said_at,
        numbers=one.numbers,
    )


@get("/said-to-be-paid/{claim_id:uuid}", sync_to_thread=True)
def show_claim(claim_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = _page(session, asker, PaidClaimId(claim_id), None)
    return asker.page("claim.html", page)


def _page(
    session: Session,
    asker: Asker,
    claim_id: PaidClaimId,
    typed: FormBody | None,
    **error: Any,
) -> ClaimPage:
    """Raises NoSuchClaim. The form says what the debtor said until somebody typed otherwise."""
    view = claim_queries.claim(session, asker.supplier_id, claim_id)
    outstanding = Money.total(
        (
            item.outstanding
            for item in open_items(session, asker.supplier_id, view.debtor_id)
            if item.number in view.numbers and item.outstanding.currency == view.amount.currency
        ),
        view.amount.currency,
    )
    suggested = min(view.amount, outstanding)
    return ClaimPage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        claim=claim_row(view),
        outstanding=outstanding,
        today=asker.today,
        typed_amount=number_of(suggested) if typed is None else field(typed, "amount"),
        typed_day=view.paid_on.isoformat() if typed is None else field(typed, "day"),
        typed_reference=view.reference if typed is None else field(typed, "reference"),
        **{"error": "", **error},
    )


@post("/said-to-be-paid/{claim_id:uuid}/match", sync_to_thread=True)
def match_claim(
    claim_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Book the money; 303 to the list, or the page with what is wrong."""
    said: dict[str, Any]
    try:
        _match(collector, PaidClaimId(claim_id), data)
    except NoReference:
        said = {"error": "no_reference"}
    except PaidOnImpossible:
        said = {"error": "impossible_day"}
    except (NotAnAmount, PromisesNothing):
        said = {"error": "not_an_amount"}
    except AlreadyBooked:
        said = {"error": "booked"}
    except PromisesTooMuch as refused:
        said = {"error": "too_much", "most": refused.payable}
    else:
        return collector.back(LIST, "claim_matched")
    with collector.reading() as session:
        page = _page(session, collector, PaidClaimId(claim_id), data, **said)
    return collector.page("claim.html", page, status=422)


def _match(collector: Asker, claim_id: PaidClaimId, data: FormBody) -> None:
    booked_on, reference = read_day(field(data, "day")), field(data, "reference")[:60]
    if booked_on is None:
        raise PaidOnImpossible(field(data, "day"))
    if not reference:
        raise NoReference("no reference")
    with collector.transaction() as session:
        currency = claim_queries.claim(session, collector.supplier_id, claim_id).amount.currency
        claiming.match(
            session,
            collector.supplier_id,
            claim_id,
            amount=read_amount(field(data, "amount"), currency, None),
            reference=reference,
            booked_on=booked_on,
            clock=collector.runtime.clock,
        )


@post("/said-to-be-paid/{claim_id:uuid}/not-found", sync_to_thread=True)
def mark_not_found(claim_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """The debtor is asked for a proof, by mail."""
    with collector.transaction() as session:
        claiming.not_found(
            session,
            collector.supplier_id,
            PaidClaimId(claim_id),
            clock=collector.runtime.clock,
        )
    return collector.back(LIST, "claim_not_found")


@post("/said-to-be-paid/{claim_id:uuid}/approve", sync_to_thread=True)
def approve_claim(claim_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """Believe a second declaration for five working days."""
    with collector.transaction() as session:
        claiming.approve(
            session,
            collector.supplier_id,
            PaidClaimId(claim_id),
            clock=collector.runtime.clock,
        )
    return collector.back(LIST, "claim_approved")


@post("/said-to-be-paid/{claim_id:uuid}/refuse", sync_to_thread=True)
def refuse_claim(claim_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """Do not believe it; the debtor is asked for a proof first."""
    with collector.transaction() as session:
        claiming.refuse(
            session,
            collector.supplier_id,
            PaidClaimId(claim_id),
            clock=collector.runtime.clock,
        )
    return collector.back(LIST, "claim_not_found")

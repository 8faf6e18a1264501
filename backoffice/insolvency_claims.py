"""A claim to lodge with a liquidator: its term, its statement as PDF, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.solvency_pages import ClaimPage
from monitoring.insolvency import claims
from monitoring.insolvency.claims import ClaimLine, DayNotPossible, NoSuchClaim
from monitoring.insolvency.deadlines import Basis
from monitoring.insolvency.statement import print_statement, statement_of
from receivables.credit.queries import standing
from receivables.i18n import translate as _
from receivables.ids import DebtorId, InsolvencyClaimId
from receivables.intake.csv_cells import day as read_day
from receivables.parties import queries as parties
from receivables.web.forms import FormBody, field


@get("/debtors/{debtor_id:uuid}/claim", sync_to_thread=True)
def show_claim(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = claim_page(session, asker, DebtorId(debtor_id))
    return asker.page("insolvency_claim.html", page)


def claim_page(
    session: Session,
    asker: Asker,
    debtor_id: DebtorId,
    typed: Mapping[str, Any] | None = None,
    error: str = "",
) -> ClaimPage:
    """Raises NoSuchDebtor, and NoSuchClaim where nothing is or was to be lodged."""
    debtor = parties.debtor(session, asker.supplier_id, debtor_id)
    claim = _latest(session, asker, debtor_id)
    cover = standing(session, asker.supplier_id, debtor_id).cover
    values = {
        "lodge_until": claim.lodge_until.isoformat() if claim.lodge_until else "",
        "retains_title": "yes" if claim.retains_title else "",
        "securities": claim.securities,
        "lodged_on": asker.today.isoformat(),
        "reason": "",
    }
    if typed is not None:
        values |= {name: field(typed, name) for name in values if name in typed}
    found = statement_of(session, asker.supplier_id, claim, today=asker.today)
    return ClaimPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        claim_id=claim.claim_id,
        state=claim.state,
        opened_on=claim.opened_on,
        lodge_until=claim.lodge_until,
        days_left=(claim.lodge_until - asker.today).days if claim.lodge_until else None,
        basis=basis_words(claim.basis),
        lodged_on=claim.lodged_on,
        values=values,
        insurer_waits=claim.insurer_waits,
        policy_number=cover.policy_number if cover else "",
        label=claim.label,
        court=claim.court,
        published_on=claim.published_on,
        link=claim.link,
        totals=tuple(one.total for one in found.totals),
        today=asker.today,
        error=error,
    )


def _latest(session: Session, asker: Asker, debtor_id: DebtorId) -> ClaimLine:
    found = claims.claims_of(session, asker.supplier_id, debtor_id)
    if not found:
        raise NoSuchClaim(str(debtor_id))
    return found[0]


def basis_words(basis: Basis) -> str:
    return {
        Basis.PUBLICATION: _("as published"),
        Basis.LAW: _("counted from the publication, as the law has it"),
        Basis.LATER: _("the call to creditors is still to be published"),
        Basis.UNKNOWN: _("not published: please read the judgment, or ask the liquidator"),
    }[basis]


@get("/debtors/{debtor_id:uuid}/claim.pdf", sync_to_thread=True)
def take_statement(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[bytes]:
    """The statement as the books stand today. Raises NoSuchDebtor and NoSuchClaim."""
    with asker.reading() as session:
        claim = _latest(session, asker, DebtorId(debtor_id))
        found = statement_of(session, asker.supplier_id, claim, today=asker.today)
    pdf = print_statement(found, now=asker.runtime.clock.now())
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="claim-{claim.opened_on}.pdf"'},
    )


@post("/debtors/{debtor_id:uuid}/claim", sync_to_thread=True)
def describe_claim(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Keep the term as it was read, and the securities. Raises NoSuchDebtor, NoSuchClaim and
    ClaimIsClosed.
    """
    text = field(data, "lodge_until").strip()
    until = read_day(text) if text else None
    if text and until is None:
        return _refused(collector, DebtorId(debtor_id), data, "lodge_until")
    with collector.transaction() as session:
        claim = _latest(session, collector, DebtorId(debtor_id))
        claims.describe(
            session,
            supplier_id=collector.supplier_id,
            claim_id=claim.claim_id,
            lodge_until=until,
            retains_title=field(data, "retains_title") == "yes",
            securities=field(data, "securities"),
            staff_id=collector.me.staff_id,
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}/claim", "insolvency_claim_saved")


@post("/debtors/{debtor_id:uuid}/claim/{outcome:str}", sync_to_thread=True)
def decide_claim(
    debtor_id: FromPath[UUID],
    outcome: FromPath[str],
    data: FormBody,
    collector: NamedDependency[Asker],
) -> Response[Any]:
    """Lodged, given up, or the insurer was told. Raises NoSuchClaim and ClaimIsClosed."""
    clock, me = collector.runtime.clock, collector.me.staff_id
    claim_id = InsolvencyClaimId(_id(field(data, "claim")))
    whose: dict[str, Any] = {
        "supplier_id": collector.supplier_id, "claim_id": claim_id, "staff_id": me, "clock": clock,
    }  # fmt: skip
    lodged_on = read_day(field(data, "lodged_on"))
    if outcome == "lodge" and lodged_on is None:
        return _refused(collector, DebtorId(debtor_id), data, "lodged_on")
    try:
        with collector.transaction() as session:
            if outcome == "lodge" and lodged_on is not None:
                claims.lodge(session, lodged_on=lodged_on, today=collector.today, **whose)
            elif outcome == "give-up":
                claims.give_up(session, reason=field(data, "reason"), **whose)
            elif outcome == "insurer":
                claims.insurer_told(session, **whose)
            else:
                raise NotFoundException
    except DayNotPossible:
        return _refused(collector, DebtorId(debtor_id), data, "lodged_on")
    return collector.back(f"/debtors/{debtor_id}/claim", "insolvency_claim_saved")


def _id(text: str) -> UUID:
    """Raises NoSuchClaim for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchClaim(text[:40]) from None


def _refused(asker: Asker, debtor_id: DebtorId, data: FormBody, error: str) -> Response[str]:
    with asker.reading() as session:
        page = claim_page(session, asker, debtor_id, data, error)
    return asker.page("insolvency_claim.html", page, status=422)

"""Read what a plan means, sign it behind a code, and go to pay the first instalment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.plan_choosing import (
    Given,
    basis_of,
    eligible,
    from_form,
    from_query,
    invoice_rows,
    refused_page,
    rows_of,
    shown_costs,
)
from portal.plan_pages import PlanSignPage
from portal.plan_words import queue_words
from portal.step_up import require_step_up
from receivables.i18n import reading_as
from receivables.ids import PaymentId, PlanId, new_id
from receivables.links.actions import mark_seen
from receivables.parties import queries as parties
from receivables.payments.errors import PaymentAlreadySettled, PaymentInProgress
from receivables.plans import actions, consent
from receivables.plans.errors import PlanChanged, PlanNotOffered, PlanStepImpossible
from receivables.plans.paying import pay_instalment
from receivables.plans.queries import Asked, asked, items_of, of_debtor, today_of
from receivables.plans.reading import view
from receivables.plans.rules import Decision, Policy, Quote, Reason, Refusal, Wish
from receivables.plans.states import PlanState
from receivables.plans.tables import Plan
from receivables.runtime import Runtime
from receivables.web.face import Face
from receivables.web.forms import FormBody, field
from receivables.workdays import WEEKDAYS, working_days_later


def _terms(session: Session, asker: Asker, quoted: Quote, agreed: Policy | Plan) -> consent.Terms:
    supplier = parties.supplier(session, asker.access.supplier_id)
    return consent.Terms(
        supplier_name=supplier.name,
        supplier_email=supplier.contact_email,
        total=quoted.total,
        count=len(quoted.schedule),
        first=quoted.schedule[0].amount,
        last_on=quoted.last_on,
        cure_days=agreed.cure_days,
        sepa_notice_days=agreed.sepa_notice_days,
        costs=quoted.costs,
    )


def _sign_page(
    session: Session,
    asker: Asker,
    basis: Asked,
    quoted: Quote,
    agreed: Policy | Plan,
    *,
    action: str,
    pairs: Sequence[tuple[str, str]],
    back_url: str,
    may_sign: bool,
    **trouble: bool,
) -> PlanSignPage:
    terms = _terms(session, asker, quoted, agreed)
    answer_by = None
    if not may_sign:
        country = parties.debtor(session, asker.access.supplier_id, asker.access.debtor_id).country
        answer_by = working_days_later(
            basis.today, basis.policy.answer_days, country=country, calendar=WEEKDAYS
        )
    return PlanSignPage(
        head=head_with_person(asker, parties.supplier(session, asker.access.supplier_id)),
        action=action,
        fields=(
            *pairs, ("shown", actions.fingerprint(quoted)), ("attempt", str(new_id())),
        ),
        invoices=invoice_rows(quoted.items, quoted.items),
        schedule=rows_of(quoted, basis.today),
        to_pay=quoted.to_pay,
        costs=shown_costs(quoted.costs),
        first=quoted.schedule[0].amount,
        plain_words=consent.plain_words(terms),
        legal_words=consent.legal_words(terms),
        may_sign=may_sign,
        why_a_person=() if may_sign else queue_words(quoted.reasons, basis.policy),
        answer_by=answer_by,
        back_url=back_url,
        **trouble,
    )  # fmt: skip


def _page_to_sign(
    asker: Asker, face: Face, runtime: Runtime, given: Given, *, status: int = 200,
    **trouble: bool,
) -> Response[str]:  # fmt: skip
    with (
        reading_as(asker.reader.locale, asker.reader.zone),
        runtime.reading(asker.scope) as session,
    ):
        _, basis = basis_of(session, asker, runtime, given)
        quoted = basis.quote(given.wish)
        if isinstance(quoted, Refusal):
            refused = refused_page(session, asker, basis, quoted.reasons, given)
            return face.page("plan_refused.html", asker.reader, page=refused, status=422)
        by_policy = quoted.decision is Decision.AUTO
        page = _sign_page(
            session, asker, basis, quoted, basis.policy,
            action="/plan/sign" if by_policy else "/plan/ask", pairs=given.pairs,
            back_url=given.url("/plan"), may_sign=by_policy, **trouble,
        )  # fmt: skip
    return face.page("plan_sign.html", asker.reader, page=page, status=status)


@get("/plan/sign", sync_to_thread=True)
def read_plan(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """What would be agreed; where it can be signed at once, only after a code."""
    given = from_query(request)
    with runtime.reading(asker.scope) as session:
        _, basis = basis_of(session, asker, runtime, given)
        quoted = basis.quote(given.wish) if basis.items else None
    if isinstance(quoted, Quote) and quoted.decision is Decision.AUTO:
        require_step_up(asker, face, request)
    return _page_to_sign(asker, face, runtime, given)


@post("/plan/ask", sync_to_thread=True)
def ask_for_plan(
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Put the wish before a person of the supplier's; 303 to its page."""
    given = from_form(data)
    face.limiter.count("pay", str(asker.access.debtor_id))
    try:
        with runtime.transaction(asker.scope, by=asker.by) as session:
            plan = _propose(session, asker, runtime, given)
    except PlanNotOffered:
        return _page_to_sign(asker, face, runtime, given, status=422)
    return Redirect(f"/plans/{plan.id}", status_code=303)


def _propose(session: Session, asker: Asker, runtime: Runtime, given: Given) -> Plan:
    access = asker.access
    mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
    _, chosen = eligible(items_of(session, access.supplier_id, access.debtor_id), given)
    if not chosen:
        raise PlanNotOffered([Reason.NOTHING_OPEN])
    return actions.propose(
        session,
        supplier_id=access.supplier_id,
        debtor_id=access.debtor_id,
        contact_id=access.contact_id,
        invoice_ids=[item.invoice_id for item in chosen],
        wish=given.wish,
        clock=runtime.clock,
    )


@post("/plan/sign", sync_to_thread=True)
def sign_plan(
    data: FormBody,
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Sign what the policy allows; 303 to the page that takes the first instalment."""
    given = from_form(data)
    require_step_up(asker, face, request, given.url("/plan/sign"))
    face.limiter.count("pay", str(asker.access.debtor_id))
    if not field(data, "agree"):
        return _page_to_sign(asker, face, runtime, given, status=422, not_agreed=True)
    try:
        with (
            reading_as(asker.reader.locale, asker.reader.zone),
            runtime.transaction(asker.scope, by=asker.by) as session,
        ):
            plan = _propose(session, asker, runtime, given)
            if plan.state != PlanState.APPROVED:
                # The policy said yes when the page was made, and no longer: it has been asked for.
                return Redirect(f"/plans/{plan.id}", status_code=303)
            _accept(session, asker, runtime, request, plan, field(data, "shown"))
    except (PlanNotOffered, PlanChanged):
        return _page_to_sign(asker, face, runtime, given, status=409, was_changed=True)
    return _to_first_payment(asker, runtime, plan.id, field(data, "attempt"))


def _accept(
    session: Session,
    asker: Asker,
    runtime: Runtime,
    request: Request[Any, Any, Any],
    plan: Plan,
    shown: str,
) -> None:
    access = asker.access
    today = today_of(session, access.supplier_id, runtime.clock)
    quoted = actions.quote_again(session, plan, today)
    actions.accept(
        session,
        supplier_id=access.supplier_id,
        debtor_id=access.debtor_id,
        contact_id=access.contact_id,
        plan_id=plan.id,
        shown=shown,
        given=actions.GivenConsent(
            text=consent.full_text(_terms(session, asker, quoted, plan)),
            locale=asker.reader.locale,
            address=request.client.host if request.client else "",
            user_agent=request.headers.get("user-agent", ""),
        ),
        clock=runtime.clock,
    )


def _to_first_payment(
    asker: Asker, runtime: Runtime, plan_id: PlanId, attempt: str
) -> Response[Any]:
    access = asker.access
    with runtime.reading(asker.scope) as session:
        plan = of_debtor(session, access.supplier_id, access.debtor_id, plan_id)
        first = view(
            session, access.supplier_id, plan, today_of(session, access.supplier_id, runtime.clock)
        ).rows[0]
    try:
        page = pay_instalment(
            runtime,
            attempt=attempt_of(attempt),
            supplier_id=access.supplier_id,
            debtor_id=access.debtor_id,
            contact_id=access.contact_id,
            plan_id=plan_id,
            instalment_id=first.id,
            locale=asker.reader.locale,
            by=asker.by,
        )
    except (PaymentAlreadySettled, PaymentInProgress) as standing:
        return Redirect(f"/payments/{standing.payment_id}/thanks", status_code=303)
    return Redirect(page.url, status_code=303)


def attempt_of(text: str) -> PaymentId:
    """The attempt made with the page; a form without one starts its own."""
    try:
        return PaymentId(UUID(text))
    except ValueError:
        return PaymentId(new_id())


def _approved_page(
    asker: Asker, face: Face, runtime: Runtime, plan_id: PlanId, *, status: int = 200,
    **trouble: bool,
) -> Response[Any]:  # fmt: skip
    """What a person agreed to, as it would be signed today."""
    access = asker.access
    with (
        reading_as(asker.reader.locale, asker.reader.zone),
        runtime.reading(asker.scope) as session,
    ):
        plan = of_debtor(session, access.supplier_id, access.debtor_id, plan_id)
        if plan.state != PlanState.APPROVED:
            return Redirect(f"/plans/{plan_id}", status_code=303)
        today = today_of(session, access.supplier_id, runtime.clock)
        given = Given(numbers=frozenset(), currency=plan.total.currency, wish=Wish(parts=2))
        try:
            quoted = actions.quote_again(session, plan, today)
        except PlanNotOffered as error:
            _, basis = basis_of(session, asker, runtime, given)
            refused = refused_page(session, asker, basis, error.reasons, given)
            return face.page("plan_refused.html", asker.reader, page=refused, status=409)
        basis = asked(session, access.supplier_id, access.debtor_id, quoted.items, today=today)
        page = _sign_page(
            session, asker, basis, quoted, plan, action=f"/plans/{plan_id}/sign",
            pairs=(), back_url=f"/plans/{plan_id}", may_sign=True, **trouble,
        )  # fmt: skip
    return face.page("plan_sign.html", asker.reader, page=page, status=status)


@get("/plans/{plan_id:uuid}/sign", sync_to_thread=True)
def read_approved(
    plan_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    with runtime.reading(asker.scope) as session:
        # What is not theirs does not exist, before anybody is asked for a code.
        of_debtor(session, asker.access.supplier_id, asker.access.debtor_id, PlanId(plan_id))
    require_step_up(asker, face, request)
    return _approved_page(asker, face, runtime, PlanId(plan_id))


@post("/plans/{plan_id:uuid}/sign", sync_to_thread=True)
def sign_approved(
    plan_id: FromPath[UUID],
    data: FormBody,
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Sign what a person agreed to; 303 to the page that takes the first instalment."""
    known = PlanId(plan_id)
    require_step_up(asker, face, request, f"/plans/{plan_id}/sign")
    face.limiter.count("pay", str(asker.access.debtor_id))
    if not field(data, "agree"):
        return _approved_page(asker, face, runtime, known, status=422, not_agreed=True)
    access = asker.access
    try:
        with (
            reading_as(asker.reader.locale, asker.reader.zone),
            runtime.transaction(asker.scope, by=asker.by) as session,
        ):
            mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
            plan = of_debtor(session, access.supplier_id, access.debtor_id, known)
            _accept(session, asker, runtime, request, plan, field(data, "shown"))
    except PlanStepImpossible:
        return Redirect(f"/plans/{plan_id}", status_code=303)
    except (PlanNotOffered, PlanChanged):
        return _approved_page(asker, face, runtime, known, status=409, was_changed=True)
    return _to_first_payment(asker, runtime, known, field(data, "attempt"))

"""Paying something of a plan in person, and keeping another card for what is to come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from portal.access import Asker
from portal.plan_signing import attempt_of
from portal.plans import plan_page
from portal.step_up import require_step_up
from receivables.errors import ReceivablesError
from receivables.i18n import money, reading_as
from receivables.i18n import translate as _
from receivables.ids import PlanId
from receivables.links.actions import mark_seen
from receivables.payments.errors import (
    CardPaymentUnavailable,
    NothingToPay,
    PaymentAboveMaximum,
    PaymentAlreadySettled,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    PaymentInProgress,
)
from receivables.payments.saved import returned_from_change
from receivables.plans.paying import change_card, pay_instalment, pay_rest
from receivables.plans.queries import of_debtor, today_of
from receivables.plans.reading import view
from receivables.runtime import Runtime
from receivables.web.face import Face
from receivables.web.forms import FormBody, field

#: A payment page cannot be opened, and the plan's page says what to do instead.
_PROBLEMS = (
    CardPaymentUnavailable,
    PaymentAboveMaximum,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
)


def problem_words(error: ReceivablesError) -> str:
    """Why paying could not begin, and what to do; in the reader's words (within `reading_as`)."""
    match error:
        case PaymentExceedsOutstanding():
            return _(
                "What is owed has become less since this page was made: it shows what is left now."
                " Please look at it once more, and pay that."
            )
        case PaymentBelowMinimum(minimum=amount):
            return _(
                "A card payment cannot be for less than %(amount)s. Please pay it by bank transfer"
                " as shown below."
            ) % {"amount": money(amount)}
        case PaymentAboveMaximum(maximum=amount):
            return _(
                "A card payment cannot be for more than %(amount)s. Please pay it by bank transfer"
                " as shown below."
            ) % {"amount": money(amount)}
        case _:
            return _(
                "Payments by card are not possible at the moment. Please pay by bank transfer as"
                " shown below, or try again later."
            )


def _said(
    error: ReceivablesError, asker: Asker, face: Face, runtime: Runtime, plan_id: PlanId
) -> Response[str]:
    """The plan as it stands now, with what became of the wish to pay."""
    with (
        reading_as(asker.reader.locale, asker.reader.zone),
        runtime.reading(asker.scope) as session,
    ):
        page = plan_page(session, asker, plan_id, runtime, problem_words(error))
    status = 503 if isinstance(error, CardPaymentUnavailable) else 409
    return face.page("plan_view.html", asker.reader, page=page, status=status)


@post("/plans/{plan_id:uuid}/pay", sync_to_thread=True)
def pay_plan(
    plan_id: FromPath[UUID],
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to a hosted page: for the first open instalment, or (`what` = "rest") for everything."""
    access = asker.access
    face.limiter.count("pay", str(access.debtor_id))
    whose: dict[str, Any] = {
        "attempt": attempt_of(field(data, "attempt")),
        "supplier_id": access.supplier_id,
        "debtor_id": access.debtor_id,
        "contact_id": access.contact_id,
        "plan_id": PlanId(plan_id),
        "locale": asker.reader.locale,
        "by": asker.by,
    }
    with runtime.transaction(asker.scope, by=asker.by) as session:
        mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
        plan = of_debtor(session, access.supplier_id, access.debtor_id, PlanId(plan_id))
        today = today_of(session, access.supplier_id, runtime.clock)
        following = view(session, access.supplier_id, plan, today).standing.next
    try:
        if field(data, "what") == "rest":
            page = pay_rest(runtime, **whose)
        elif following is not None:
            page = pay_instalment(
                runtime, instalment_id=following.instalment.instalment_id, **whose
            )
        else:
            raise NothingToPay
    except (PaymentAlreadySettled, PaymentInProgress) as standing:
        return Redirect(f"/payments/{standing.payment_id}/thanks", status_code=303)
    except NothingToPay:
        return Redirect(f"/plans/{plan_id}", status_code=303)
    except _PROBLEMS as problem:
        return _said(problem, asker, face, runtime, PlanId(plan_id))
    return Redirect(page.url, status_code=303)


@post("/plans/{plan_id:uuid}/card", sync_to_thread=True)
def use_another_card(
    plan_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to a hosted page that keeps a card; nothing is taken there."""
    require_step_up(asker, face, request, f"/plans/{plan_id}")
    access = asker.access
    face.limiter.count("pay", str(access.debtor_id))
    try:
        url = change_card(
            runtime,
            supplier_id=access.supplier_id,
            debtor_id=access.debtor_id,
            contact_id=access.contact_id,
            plan_id=PlanId(plan_id),
            locale=asker.reader.locale,
        )
    except NothingToPay:
        url = f"/plans/{plan_id}"
    except CardPaymentUnavailable as problem:
        return _said(problem, asker, face, runtime, PlanId(plan_id))
    return Redirect(url, status_code=303)


@get("/plans/{plan_id:uuid}/card", sync_to_thread=True)
def back_with_card(
    plan_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Back from that page: what was kept there is taken down, as its message would be."""
    access = asker.access
    with runtime.reading(asker.scope) as session:
        of_debtor(session, access.supplier_id, access.debtor_id, PlanId(plan_id))
    page_id = str(request.query_params.get("cs", ""))
    if page_id:
        returned_from_change(runtime, access.supplier_id, access.debtor_id, page_id, by=asker.by)
    return Redirect(f"/plans/{plan_id}", status_code=303)

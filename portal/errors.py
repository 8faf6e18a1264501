"""A broken rule becomes a status and words for a debtor: one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from portal.access import NoAccess, no_link_page, read_visit, stranger
from portal.pages import ErrorPage, PortalHead
from portal.step_up import StepUpNeeded
from receivables.errors import NoSuch, ReceivablesError, TemporarilyUnavailable
from receivables.money import Money
from receivables.parties.contacts import AddressKnown
from receivables.payments.errors import PaymentAlreadySettled, PaymentInProgress
from receivables.web.face import Face, FormRefused, Reader, status_of
from receivables.web.limits import TooManyTries

log = structlog.get_logger(__name__)

Reason = Literal[
    "", "form_too_old", "exceeds_outstanding", "below_minimum", "already_paid", "in_progress"
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an error means to the reader."""

    status: int
    reason: Reason = ""
    amount: Money | None = None
    retry_seconds: int | None = None


#: The first class that fits decides.
_STATUS: tuple[tuple[type[ReceivablesError], int, Reason], ...] = (
    (FormRefused, 403, "form_too_old"),
    (NoSuch, 404, ""),
    (PaymentAlreadySettled, 409, "already_paid"),
    (PaymentInProgress, 409, "in_progress"),
    (AddressKnown, 409, ""),
    (TooManyTries, 429, ""),
    (TemporarilyUnavailable, 503, ""),
)

_PAGES = frozenset({403, 404, 409, 413, 429, 500, 503})


def verdict_on(error: Exception) -> Verdict:
    """How an error is answered; what has no row of its own is a fault of ours."""
    for kind, status, reason in _STATUS:
        if isinstance(error, kind):
            retry = error.retry_after_seconds if isinstance(error, TooManyTries) else None
            return Verdict(status, reason, retry_seconds=30 if status == 503 else retry)
    if isinstance(error, HTTPException):
        status = status_of(error)
        # What a person cannot have meant to ask for does not exist.
        return Verdict(404 if status in (400, 405) else status)
    return Verdict(500)


def _page_of(status: int) -> int:
    """Whose words fit."""
    return status if status in _PAGES else 404 if status < 500 else 500


def _to_confirm(request: Request[Any, Any, Any], error: StepUpNeeded) -> Response[Any]:
    """A fragment cannot hold that page: then the whole window goes there."""
    if request.headers.get("hx-request") == "true":
        return Response("", status_code=401, headers={"HX-Redirect": error.url})
    return Redirect(error.url, status_code=303)


def answer_with(face: Face) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """The handler of every error of this face."""

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if isinstance(error, NoAccess):
            return no_link_page(face, request)
        if isinstance(error, StepUpNeeded):
            return _to_confirm(request, error)
        verdict = verdict_on(error)
        code = str(request.scope["state"].get("request_id", ""))[-12:]
        if verdict.status >= 500 and verdict.status != 503:
            log.error("portal.error", request=code, exc_info=error)
        elif isinstance(error, FormRefused):
            log.warning("portal.form_refused", request=code, reason=str(error))
        visit = read_visit(face, request.cookies, face.runtime.clock.now())
        reader = stranger(face, request)
        if visit is not None:
            reader = Reader(reader.locale, reader.zone, visit.binding)
        page = ErrorPage(
            head=PortalHead(supplier=None, debtor_name=None, path=None),
            status=verdict.status,
            code=code if verdict.status >= 500 else "",
            reason=verdict.reason,
            amount=verdict.amount,
            retry_seconds=verdict.retry_seconds,
        )
        headers = {}
        if verdict.retry_seconds:
            headers["Retry-After"] = str(verdict.retry_seconds)
        template = f"errors/{_page_of(verdict.status)}.html"
        return face.page(template, reader, page=page, status=verdict.status, headers=headers)

    return answer

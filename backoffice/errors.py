"""What staff see when a rule was broken: one table from error to status and words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import quote

import structlog
from litestar import MediaType, Request, Response
from litestar.response import Redirect
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backoffice.access import Asker, NotSignedIn, RoleTooLow, path_of, stranger
from backoffice.pages import ErrorPage, OfficeHead, SignInPage
from backoffice.sign_in import sign_in_page
from monitoring.alerts.actions import AlreadyAcknowledged
from monitoring.effects.actions import AlreadyDecided
from monitoring.insolvency.actions import PublicationDecided
from monitoring.insolvency.claims import ClaimIsClosed
from monitoring.portfolio.actions import NothingToDecide
from monitoring.portfolio.deeds import AlreadyUndone
from receivables.bank.errors import CameBack, EntryTaken, NotOneDebtors
from receivables.calls.actions import CallOver
from receivables.dunning.letting_out import NotWaiting
from receivables.dunning.outcomes import NotUnknown
from receivables.errors import NoSuch, TemporarilyUnavailable
from receivables.ledger.receiving import TransferSpent
from receivables.post.actions import LetterMoved
from receivables.promises.errors import ClaimDecided
from receivables.web.face import SAFE_METHODS, Face, FormRefused, status_of
from receivables.web.limits import TooManyTries

log = structlog.get_logger(__name__)

Reason = Literal["", "form_too_old", "already_done"]

STATUS: dict[type[Exception], tuple[int, Reason]] = {
    NoSuch: (404, ""),
    RoleTooLow: (403, ""),
    FormRefused: (403, "form_too_old"),
    AlreadyAcknowledged: (409, "already_done"),
    AlreadyDecided: (409, "already_done"),
    ClaimIsClosed: (409, "already_done"),
    PublicationDecided: (409, "already_done"),
    NotUnknown: (409, "already_done"),
    NotWaiting: (409, "already_done"),
    ClaimDecided: (409, "already_done"),
    CallOver: (409, "already_done"),
    NothingToDecide: (409, "already_done"),
    AlreadyUndone: (409, "already_done"),
    LetterMoved: (409, "already_done"),
    EntryTaken: (409, "already_done"),
    CameBack: (409, "already_done"),
    TransferSpent: (409, "already_done"),
    NotOneDebtors: (404, ""),
    TooManyTries: (429, ""),
    RecursionError: (400, ""),  # a body nested deeper than anything of ours
    TemporarilyUnavailable: (503, ""),
    OperationalError: (503, ""),
    PoolTimeout: (503, ""),
}

_PAGES = frozenset((403, 404, 409, 413, 429, 500, 503))


def answer_with(face: Face) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if isinstance(error, NotSignedIn):
            return _to_sign_in(face, request)
        status, reason = next(
            (found for kind, found in STATUS.items() if isinstance(error, kind)),
            (status_of(error), ""),
        )
        if status >= 500:
            log.error("answer.failed", status=status, error=type(error).__name__, exc_info=error)
        else:
            log.info("answer.refused", status=status, error=type(error).__name__)
        return _page(face, request, error, status, reason)

    return answer


def _to_sign_in(face: Face, request: Request[Any, Any, Any]) -> Response[Any]:
    target = path_of(request)
    target = target if face.is_own_path(target) else "/"
    address = f"/sign-in?next={quote(target, safe='/')}"
    if request.headers.get("hx-request") == "true":
        return Response("", status_code=401, headers={"HX-Redirect": address})
    if _wants_json(request):
        return Response({"error": "not signed in"}, status_code=401)
    if request.method not in SAFE_METHODS:
        page = SignInPage(email="", next="/", error="")
        return sign_in_page(face, request, page, status=401)
    if request.headers.get("sec-fetch-site", "none") in ("cross-site", "same-site"):
        return _ask_once_more(target)
    return Redirect(address, status_code=303)


def _ask_once_more(target: str) -> Response[str]:
    """A link in a webmail brings no strict cookie along: this page of ours asks again, with it."""
    return Response(
        "", media_type=MediaType.HTML, headers={"Refresh": f"0;url={quote(target, safe='/?=&%')}"}
    )


def _wants_json(request: Request[Any, Any, Any]) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")


def _page(
    face: Face, request: Request[Any, Any, Any], error: Exception, status: int, reason: Reason
) -> Response[Any]:
    retry = error.retry_after_seconds if isinstance(error, TooManyTries) else None
    headers = {"Retry-After": str(retry)} if retry is not None else {}
    if _wants_json(request):
        return Response({"error": reason or "refused"}, status_code=status, headers=headers)
    asker: Asker | None = getattr(request.state, "asker", None)
    shown = status if status in _PAGES else 500 if status >= 500 else 404
    page = ErrorPage(
        head=_head_of(asker),
        status=status,
        code=str(request.scope["state"].get("request_id", ""))[:12] if status >= 500 else "",
        reason=reason,
        retry_seconds=retry,
    )
    reader = asker.reader if asker else stranger(face, request, "")
    return face.page(f"errors/{shown}.html", reader, page=page, status=status, headers=headers)


def _head_of(asker: Asker | None) -> OfficeHead | None:
    """Without figures: the page of an error must not depend on the database."""
    if asker is None:
        return None
    return OfficeHead(
        supplier_name=asker.me.supplier_name,
        staff_name=asker.me.name,
        role="reader",
        section="",
        open_alerts=0,
        path="/",
    )

"""Confirm who is asking: a code by mail before what moves identity or binds.

A handler calls `require_step_up` first; whoever is not confirmed is led to `/confirm`, and from
there to where they wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from portal.access import Asker, head_with_person, visit_cookie
from portal.pages import PortalHead
from receivables.errors import ReceivablesError
from receivables.links import step_up
from receivables.links.actions import mark_seen
from receivables.links.step_up import MOST_CODES, Outcome, TooManyCodes
from receivables.links.tokens import masked
from receivables.parties.queries import supplier as supplier_of
from receivables.runtime import Runtime
from receivables.web.face import SAFE_METHODS, Face
from receivables.web.forms import FormBody, field
from receivables.web.limits import TooManyTries

#: What was wrong with the last try. `over` also says that there was no code to try.
Trouble = Literal["", "no_code", "wrong", "over", "too_many_tries", "too_many_codes"]


class StepUpNeeded(ReceivablesError):
    """This visit has not shown that the registered mailbox is theirs, or not lately.

    `next_path` is the page to come back to.
    """

    def __init__(self, next_path: str) -> None:
        self.next_path = next_path
        super().__init__("a code is needed")

    @property
    def url(self) -> str:
        return confirm_url(self.next_path)


def confirm_url(next_path: str) -> str:
    return f"/confirm?next={quote(next_path, safe='/')}"


def require_step_up(
    asker: Asker,
    face: Face,
    request: Request[Any, Any, Any],
    next_path: str | None = None,
) -> None:
    """Raises StepUpNeeded unless this visit was confirmed within the last quarter of an hour.

    `next_path` is where the person comes back to: for a POST the GET page its form stood on,
    since what was typed is not kept. None is this very page. Opens a transaction of its own.
    """
    now = face.runtime.clock.now()
    visit = asker.visit
    with face.runtime.reading(asker.scope) as session:
        if step_up.is_confirmed(
            session, visit.supplier_id, visit.grant_id, visit.visit_id, now=now
        ):
            return
    if next_path is None:
        assert request.method in SAFE_METHODS, "a form cannot be sent again: name its page"
        next_path = asker.head.path or "/"
    raise StepUpNeeded(next_path if face.is_own_path(next_path) else "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUpPage:
    """`GET /confirm?next=` -> confirm.html.

    Its forms are `POST /confirm/code` (sends a code) and, with `good_until`, `POST /confirm`
    with `code`; both send `next`.
    """

    head: PortalHead
    #: A path of ours.
    next: str
    masked_address: str
    #: Until when the code that was sent is good; None before one was asked for.
    good_until: datetime | None
    trouble: Trouble = ""
    #: With `wrong`.
    tries_left: int = 0
    #: With `too_many_codes`: when the next may be asked for, where that is known.
    again_at: datetime | None = None
    most_codes: int = MOST_CODES


@get("/confirm", sync_to_thread=True)
def show_confirm(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """The page that asks for the code; 303 onwards when it is not needed any more."""
    target = _own_path(face, str(request.query_params.get("next", "")))
    visit, now = asker.visit, runtime.clock.now()
    with runtime.reading(asker.scope) as session:
        if step_up.is_confirmed(
            session, visit.supplier_id, visit.grant_id, visit.visit_id, now=now
        ):
            return Redirect(target, status_code=303)
    return _page(asker, face, target)


def _own_path(face: Face, path: str) -> str:
    return path if face.is_own_path(path) else "/"


def _page(
    asker: Asker, face: Face, target: str, *, status: int = 200, **trouble: Any
) -> Response[str]:
    """The page as it stands now."""
    runtime, visit = face.runtime, asker.visit
    with runtime.reading(asker.scope) as session:
        good_until = step_up.waiting_code(
            session, visit.supplier_id, visit.grant_id, visit.visit_id, now=runtime.clock.now()
        )
        head = head_with_person(asker, supplier_of(session, visit.supplier_id))
    page = StepUpPage(
        head=replace(head, path=confirm_url(target)),
        next=target,
        masked_address=masked(asker.access.contact_email),
        good_until=good_until,
        **trouble,
    )
    return face.page("confirm.html", asker.reader, page=page, status=status)


@post("/confirm/code", sync_to_thread=True)
def send_code(
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Mail a code to the registered address, and to no other."""
    target = _own_path(face, field(data, "next"))
    access, visit = asker.access, asker.visit
    try:
        face.limiter.count("step-up mail by address", access.contact_email.lower())
        with runtime.transaction(asker.scope, by=asker.by) as session:
            mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
            step_up.ask_code(session, access, visit.visit_id, clock=runtime.clock)
    except TooManyCodes as error:
        return _page(
            asker, face, target, status=429, trouble="too_many_codes", again_at=error.again_at
        )
    except TooManyTries:
        return _page(asker, face, target, status=429, trouble="too_many_codes")
    return Redirect(confirm_url(target), status_code=303)


@post("/confirm", sync_to_thread=True)
def take_code(
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to where the person wanted, with a new cookie; or the page with what was wrong."""
    target = _own_path(face, field(data, "next"))
    code = step_up.read_code(field(data, "code"))
    if code is None:
        return _page(asker, face, target, status=422, trouble="no_code")
    try:
        face.limiter.count("step-up code", str(asker.access.contact_id))
    except TooManyTries:
        return _page(asker, face, target, status=429, trouble="too_many_tries")
    outcome = _tried(asker, runtime, code)
    if outcome.visit_id is None:
        left = outcome.tries_left
        trouble = "wrong" if outcome.result == "wrong" and left else "over"
        return _page(asker, face, target, status=422, trouble=trouble, tries_left=left)
    # A new name at each step up (ASVS 5.0 V7.2.4): an older copy of the cookie is not confirmed.
    visit = replace(asker.visit, visit_id=outcome.visit_id, seen_at=runtime.clock.now())
    return Redirect(target, status_code=303, cookies=[visit_cookie(face, visit)])


def _tried(asker: Asker, runtime: Runtime, code: str) -> Outcome:
    with runtime.transaction(asker.scope, by=asker.by) as session:
        return step_up.confirm(
            session,
            asker.access,
            asker.visit.visit_id,
            code,
            secrets=runtime.settings.links.secrets,
            clock=runtime.clock,
        )

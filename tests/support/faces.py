"""Browsers for tests: clients over ASGI that keep cookies and know where a form's token is."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from litestar.testing import TestClient
from litestar.types import ASGIApp
from sqlalchemy import select

import backoffice.app
import portal.app
from backoffice.access import session_cookie
from receivables.database import SYSTEM
from receivables.ids import StaffId
from receivables.parties import sessions
from receivables.parties.passwords import verify
from receivables.parties.tables import Staff
from receivables.runtime import Runtime
from receivables.web.face import Face
from tests.support.builders import PASSWORD, password_hash
from tests.support.on_this_thread import OnThisThread

_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


class Browser(OnThisThread, TestClient[Any]):
    """A browser on one face: follows no redirect by itself, sends the Origin with every form."""

    def __init__(self, app: Any, origin: str) -> None:
        with warnings.catch_warnings():
            # It would rather have a host with a dot; cookies of localhost come back all the same.
            warnings.simplefilter("ignore", UserWarning)
            super().__init__(app, base_url=origin, raise_server_exceptions=False)
        self.follow_redirects = False
        self.origin = origin
        #: A page that everybody may see and that costs little: all have the same form token.
        self.plain = "/"

    def token(self, page: str | None = None) -> str:
        """The form token of a page."""
        page = page or self.plain
        found = _TOKEN.search(self.get(page).text)
        assert found, f"no form on {page}"
        return html.unescape(found[1])

    def submit(
        self, path: str, data: dict[str, Any] | None = None, *, page: str | None = None, **sent: Any
    ) -> httpx.Response:
        """Send a form as the browser would that has just loaded `page`."""
        fields = {"_csrf_token": self.token(page), **(data or {})}
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return self.post(path, data=fields, headers=headers, **sent)


@contextmanager
def browser(app: Any, origin: str) -> Iterator[Browser]:
    with Browser(app, origin) as opened:
        yield opened


Made = tuple[Face, ASGIApp]

_MADE: dict[object, Made] = {}
#: Those nobody has open: an application is started and stopped by one client at a time.
_FREE: dict[object, list[Made]] = {}


def portal_app(runtime: Runtime) -> ASGIApp:
    """The portal on this runtime: good until the next one is asked for."""
    face = portal.app.face_of(runtime)
    if _key(face) not in _MADE:
        _MADE[_key(face)] = face, portal.app.app_of(face)
    return moved(_MADE[_key(face)], face)


def backoffice_app(runtime: Runtime) -> ASGIApp:
    """The backoffice on this runtime: good until the next one is asked for."""
    face = backoffice.app.face_of(runtime)
    if _key(face) not in _MADE:
        _MADE[_key(face)] = face, backoffice.app.app_of(face)
    return moved(_MADE[_key(face)], face)


def _key(face: Face) -> object:
    return face.name, face.runtime.settings.web


def moved(made: Made, to: Face) -> ASGIApp:
    """An application is made once and then moved: to make one takes a tenth of a second.

    Nothing is counted yet in the one that is given.
    """
    face, app = made
    face.runtime, face.limiter = to.runtime, to.limiter
    return app


@contextmanager
def _opened(face: Face, app_of: Callable[[Face], ASGIApp]) -> Iterator[Browser]:
    free = _FREE.setdefault(_key(face), [])
    made = free.pop() if free else (face, app_of(face))
    with Browser(moved(made, face), face.origin) as opened:
        yield opened
    free.append(made)


@contextmanager
def backoffice_client(runtime: Runtime, staff_id: StaffId | None = None) -> Iterator[Browser]:
    """A browser on the backoffice, signed in as `staff_id` if that is named.

    As the form does it, but for the work of checking a password, which is much on purpose.
    """
    face = backoffice.app.face_of(runtime)
    with _opened(face, backoffice.app.app_of) as opened:
        # The first page tells the whole house, which takes six times as long.
        opened.plain = "/search"
        if staff_id is not None:
            _let_in(opened, face, email_of(runtime, staff_id))
        yield opened


@contextmanager
def portal_client(runtime: Runtime) -> Iterator[Browser]:
    """A browser on the portal that has followed no link yet."""
    with _opened(portal.app.face_of(runtime), portal.app.app_of) as opened:
        yield opened


def _let_in(opened: Browser, face: Face, email: str) -> None:
    token = sessions.sign_in(
        face.runtime, email=email, password=PASSWORD, address="testclient",
        user_agent="testclient", verify=_fits,
    )  # fmt: skip
    given = [("set-cookie", session_cookie(face, token).to_header(header=""))]
    asked = httpx.Request("POST", f"{face.origin}/sign-in")
    opened.cookies.extract_cookies(httpx.Response(303, headers=given, request=asked))


def _fits(password: str, known: str | None) -> bool:
    return known == password_hash() or verify(password, known)


def sign_in(opened: Browser, email: str, password: str = PASSWORD) -> httpx.Response:
    return opened.submit("/sign-in", {"email": email, "password": password}, page="/sign-in")


def email_of(runtime: Runtime, staff_id: StaffId) -> str:
    with runtime.reading(SYSTEM) as session:
        return session.scalars(select(Staff.email).where(Staff.id == staff_id)).one()

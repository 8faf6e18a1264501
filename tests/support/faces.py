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

from receivables.database import SYSTEM
from receivables.ids import StaffId
from receivables.parties.tables import Staff
from receivables.runtime import Runtime
from receivables.web.face import Face
from tests.support.builders import PASSWORD

_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


class Browser(TestClient[Any]):
    """A browser on one face: follows no redirect by itself, sends the Origin with every form."""

    def __init__(self, app: Any, origin: str) -> None:
        with warnings.catch_warnings():
            # It would rather have a host with a dot; cookies of localhost come back all the same.
            warnings.simplefilter("ignore", UserWarning)
            super().__init__(app, base_url=origin, raise_server_exceptions=False)
        self.follow_redirects = False
        self.origin = origin

    def token(self, page: str = "/") -> str:
        """The form token of a page."""
        found = _TOKEN.search(self.get(page).text)
        assert found, f"no form on {page}"
        return html.unescape(found[1])

    def submit(
        self, path: str, data: dict[str, Any] | None = None, *, page: str = "/", **sent: Any
    ) -> httpx.Response:
        """Send a form as the browser would that has just loaded `page`."""
        fields = {"_csrf_token": self.token(page), **(data or {})}
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return self.post(path, data=fields, headers=headers, **sent)


@contextmanager
def browser(app: Any, origin: str) -> Iterator[Browser]:
    with Browser(app, origin) as opened:
        yield opened


_MADE: dict[object, tuple[Face, ASGIApp]] = {}


def portal_app(runtime: Runtime) -> ASGIApp:
    """The portal on this runtime: good until the next one is asked for."""
    import portal.app

    return _moved(portal.app.face_of, portal.app.app_of, runtime)


def backoffice_app(runtime: Runtime) -> ASGIApp:
    """The backoffice on this runtime: good until the next one is asked for."""
    import backoffice.app

    return _moved(backoffice.app.face_of, backoffice.app.app_of, runtime)


def _moved(
    face_of: Callable[[Runtime], Face], app_of: Callable[[Face], ASGIApp], runtime: Runtime
) -> ASGIApp:
    """An application is made once and then moved: to make one takes a tenth of a second.

    Nothing is counted yet in the one that is given.
    """
    face = face_of(runtime)
    key = (face.name, runtime.settings.web)
    if key not in _MADE:
        _MADE[key] = face, app_of(face)
    made, app = _MADE[key]
    made.runtime, made.limiter = face.runtime, face.limiter
    return app


@contextmanager
def backoffice_client(runtime: Runtime, staff_id: StaffId | None = None) -> Iterator[Browser]:
    """A browser on the backoffice, signed in through the form as `staff_id` if that is named."""
    with browser(backoffice_app(runtime), runtime.settings.web.backoffice_url) as opened:
        if staff_id is not None:
            sign_in(opened, email_of(runtime, staff_id))
        yield opened


@contextmanager
def portal_client(runtime: Runtime) -> Iterator[Browser]:
    """A browser on the portal that has followed no link yet."""
    with browser(portal_app(runtime), runtime.settings.web.portal_url) as opened:
        yield opened


def sign_in(opened: Browser, email: str, password: str = PASSWORD) -> httpx.Response:
    return opened.submit("/sign-in", {"email": email, "password": password}, page="/sign-in")


def email_of(runtime: Runtime, staff_id: StaffId) -> str:
    with runtime.reading(SYSTEM) as session:
        return session.scalars(select(Staff.email).where(Staff.id == staff_id)).one()

"""Who asks in the backoffice, and what they may do.

A handler names what it needs by its dependency: `asker` (anybody signed in), `collector` (works
on invoices and debtors) or `owner` (also the team and the rules).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.notices import notice_cookie, notice_of, read_notice
from backoffice.pages import Notice, OfficeHead, Role, Section
from backoffice.pushers import Subscribable
from monitoring.alerts.queries import count_alerts, latest_news
from receivables import i18n
from receivables.clock import local_date
from receivables.database import SYSTEM, Scope
from receivables.errors import ReceivablesError, TemporarilyUnavailable
from receivables.i18n import LANGUAGES, locale_for
from receivables.ids import SupplierId
from receivables.parties.sessions import SignedIn, hash_of, touch, who_is
from receivables.runtime import Runtime
from receivables.web.face import SAFE_METHODS, Face, Reader

log = structlog.get_logger(__name__)

#: What each role may do, the least first; each may do what those before it may.
ROLES: tuple[Role, ...] = ("reader", "collector", "owner")


class NotSignedIn(ReceivablesError):
    """No session, or one that has ended."""


class RoleTooLow(ReceivablesError):
    """What was asked for needs more rights than the person has."""

    def __init__(self, role: str, needed: str) -> None:
        self.role, self.needed = role, needed
        super().__init__(f"a {role} may not do what needs the role {needed}")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, how their pages are written, and the ways into the database in their name."""

    face: Face
    me: SignedIn
    reader: Reader
    #: Where the page can be had again, for the language switcher.
    path: str
    brought: tuple[str, dict[str, str]] | None = None

    @property
    def runtime(self) -> Runtime:
        return self.face.runtime

    @property
    def supplier_id(self) -> SupplierId:
        return self.me.supplier_id

    @property
    def today(self) -> date:
        return local_date(self.runtime.clock.now(), self.me.supplier_zone)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Look at the supplier's data; sentences made within are in the reader's language."""
        with (
            i18n.reading_as(self.reader.locale, self.reader.zone),
            self.runtime.reading(Scope(self.supplier_id)) as session,
        ):
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Change the supplier's data, in this person's name."""
        scope, by = Scope(self.supplier_id), f"staff:{self.me.staff_id}"
        with self.runtime.transaction(scope, by=by) as session:
            yield session

    def head(self, session: Session, section: Section, *, search: str = "") -> OfficeHead:
        """What stands around the page."""
        news = latest_news(session, self.supplier_id)
        pusher = self.runtime.pusher
        key = pusher.current_key if isinstance(pusher, Subscribable) else None
        return OfficeHead(
            supplier_name=self.me.supplier_name,
            staff_name=self.me.name,
            role=role_of(self.me),
            section=section,
            open_alerts=count_alerts(session, self.supplier_id, only_open=True),
            path=self.path,
            search=search,
            news=str(news) if news else "",
            vapid_key=key.public if key else "",
            vapid_key_id=key.key_id if key else "",
        )

    def notice(self) -> Notice | None:
        return notice_of(self.brought)

    def page(self, template: str, page: Any, *, status: int = 200, **context: Any) -> Response[str]:
        cookies = [self.face.forget("notice")] if self.brought else []
        return self.face.page(
            template, self.reader, page=page, status=status, cookies=cookies, **context
        )

    def back(self, url: str, notice: str, **values: str) -> Redirect:
        """303 to a page of ours that will say what was done."""
        cookie = notice_cookie(self.face, notice, values)
        return Redirect(url, status_code=303, cookies=[cookie])


def role_of(me: SignedIn) -> Role:
    return next(role for role in ROLES if role == me.role)


def binding_of(face: Face, cookies: Mapping[str, str]) -> str:
    """What a form token is bound to: the session, or before one the visit."""
    token = cookies.get(face.cookie_name("session"), "")
    return hash_of(token) if token else cookies.get(face.cookie_name("visit"), "")


def check_every_form(face: Face) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """Before every request: an unsafe one must come from a page of ours. Raises FormRefused."""

    async def check(request: Request[Any, Any, Any]) -> None:
        if request.method not in SAFE_METHODS:
            await face.check_form(request, binding_of(face, request.cookies))

    return check


def signed_in(face: Face, cookies: Mapping[str, str]) -> SignedIn | None:
    """Whose session the cookie opens, while it lasts."""
    token = cookies.get(face.cookie_name("session"), "")
    if not token:
        return None
    with face.runtime.reading(SYSTEM) as session:
        return who_is(session, token, now=face.runtime.clock.now())


def _keep_alive(face: Face, me: SignedIn) -> None:
    """Note that the session is in use; a busy database must not keep anybody from reading."""
    try:
        with face.runtime.transaction(Scope(me.supplier_id)) as session:
            touch(session, me.token_hash, now=face.runtime.clock.now())
    except TemporarilyUnavailable as error:
        log.warning("session.not_touched", error=type(error).__name__)


def provide_asker(face: Face) -> Callable[..., Asker]:
    """The dependency `asker`. Raises NotSignedIn."""

    def asker(request: Request[Any, Any, Any]) -> Asker:
        me = signed_in(face, request.cookies)
        if me is None:
            raise NotSignedIn("no session")
        if me.stale:
            _keep_alive(face, me)
        found = Asker(
            face=face,
            me=me,
            reader=Reader(
                locale_for(me.language, me.supplier_country), me.supplier_zone, me.token_hash
            ),
            path=path_of(request),
            brought=read_notice(face, request.cookies),
        )
        request.state.asker = found
        return found

    return asker


def provide_at_least(needed: Role) -> Callable[..., Asker]:
    """The dependencies `collector` and `owner`. Raise RoleTooLow."""

    def with_role(asker: NamedDependency[Asker]) -> Asker:
        if ROLES.index(role_of(asker.me)) < ROLES.index(needed):
            raise RoleTooLow(asker.me.role, needed)
        return asker

    return with_role


def path_of(request: Request[Any, Any, Any]) -> str:
    """The address within the face, to come back to; the start page after anything unsafe."""
    if request.method not in SAFE_METHODS:
        return "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def stranger(face: Face, request: Request[Any, Any, Any], binding: str) -> Reader:
    """A reader of whom we know nothing but what the browser says."""
    chosen = request.cookies.get(face.cookie_name("language"), "")
    accepted = [
        part.split(";")[0].strip()[:2].lower()
        for part in request.headers.get("accept-language", "").split(",")
    ]
    language = next((one for one in (chosen, *accepted) if one in LANGUAGES), "en")
    return Reader(locale_for(language, "CH"), "UTC", binding)


def session_cookie(face: Face, token: str) -> Cookie:
    """Strict: no other site's page can make the browser bring it along."""
    return face.cookie("session", token, strict=True)

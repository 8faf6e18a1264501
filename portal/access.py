"""Who is asking: a link becomes a cookie, a cookie becomes an `Access`.

Following a link writes nothing and may be done any number of times: mail scanners follow links
too. The cookie names the grant; the grant is looked up on every request, so revoking it works
at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.known import ACCESS_AND_KNOWN, keep_known
from portal.pages import ExpiredLinkPage, LinkSentPage, NoLinkPage, PortalHead
from receivables.database import SYSTEM, Scope
from receivables.errors import NoSuch, ReceivablesError
from receivables.i18n import LANGUAGES, locale_for
from receivables.ids import GrantId, SupplierId, VisitId
from receivables.links.actions import send_new_link
from receivables.links.queries import Access, ExpiredLink, LiveLink, access_by, follow
from receivables.parties.heads import SupplierCard, SupplierHead
from receivables.parties.presentation import head_of, initials_of
from receivables.parties.tables import Supplier
from receivables.runtime import Runtime
from receivables.web.face import SAFE_METHODS, Face, Reader
from receivables.web.forms import FormBody, field
from receivables.web.limits import subject_of

#: Signed out after so long without a request, and at the latest after so long (ASVS 5.0 V7.3).
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=24)
#: Where a link in a mail may lead besides the account: pages that write nothing when looked at.
ERRANDS = frozenset(("already-paid", "contacts", "dispute"))
#: Invoices that such a link may name.
MOST_NAMED = 50
#: The cookie is written anew at most this often.
REFRESH_EVERY = timedelta(minutes=5)


class NoAccess(ReceivablesError):
    """Nobody we know: no cookie, one that has run out, or a grant that is closed."""


class NoSuchLink(NoSuch):
    """Garbage, revoked, another installation's: all the same to whoever follows it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the cookie says; `visit_id` makes each browser's visit and its forms its own.

    It is random, so that another holder of the same link cannot open the same visit.
    """

    supplier_id: SupplierId
    grant_id: GrantId
    visit_id: VisitId
    opened_at: datetime
    seen_at: datetime

    def text(self) -> str:
        ids = f"{self.supplier_id.hex}.{self.grant_id.hex}.{self.visit_id.hex}"
        return f"{ids}.{int(self.opened_at.timestamp())}.{int(self.seen_at.timestamp())}"

    @property
    def binding(self) -> str:
        return f"{self.grant_id.hex}.{self.visit_id.hex}"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and how their pages are to be written."""

    access: Access
    visit: Visit
    reader: Reader
    head: PortalHead
    #: Whether the answer should carry a fresh cookie.
    stale: bool

    @property
    def scope(self) -> Scope:
        return Scope(self.access.supplier_id)

    @property
    def by(self) -> str:
        return f"contact:{self.access.contact_id}"


def new_visit_id() -> VisitId:
    return VisitId(uuid4())


def read_visit(face: Face, cookies: dict[str, str], now: datetime) -> Visit | None:
    """The visit a signed cookie stands for, while it lasts."""
    value = face.cookies.verify(cookies.get(face.cookie_name("visit"), ""))
    if value is None:
        return None
    parts = value.split(".")
    if len(parts) != 5:
        return None  # signed by an earlier version of ours
    supplier, grant, own, opened, seen = parts
    visit = Visit(
        SupplierId(UUID(supplier)),
        GrantId(UUID(grant)),
        VisitId(UUID(own)),
        datetime.fromtimestamp(int(opened), UTC),
        datetime.fromtimestamp(int(seen), UTC),
    )
    over = now >= visit.seen_at + IDLE or now >= visit.opened_at + ABSOLUTE
    return None if over else visit


def visit_cookie(face: Face, visit: Visit) -> Any:
    return face.cookie("visit", face.cookies.sign(visit.text()), lasts=ABSOLUTE)


def stranger(face: Face, request: Request[Any, Any, Any], country: str = "CH") -> Reader:
    """A reader of whom we know nothing but what the browser says."""
    language = _chosen_language(face, request) or _accepted_language(request) or "en"
    binding = request.cookies.get(face.cookie_name("stranger")) or ""
    return Reader(locale_for(language, country), "UTC", binding)


def _chosen_language(face: Face, request: Request[Any, Any, Any]) -> str | None:
    language = request.cookies.get(face.cookie_name("language"), "")
    return language if language in LANGUAGES else None


def _accepted_language(request: Request[Any, Any, Any]) -> str | None:
    for part in request.headers.get("accept-language", "").split(","):
        language = part.split(";")[0].strip()[:2].lower()
        if language in LANGUAGES:
            return language
    return None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever holds the cookie of a visit. Whether its grant still opens anything is asked of the
    database on every request, in the same look at it as what the page shows.
    """

    face: Face
    visit: Visit
    #: The language this browser was told to use; None when nobody chose one.
    language: str | None
    path: str
    now: datetime

    @contextmanager
    def reading(self) -> Iterator[tuple[Session, Asker]]:
        """A consistent look at the data of the supplier, and who asks. Raises NoAccess."""
        runtime = self.face.runtime
        with (
            runtime.database.in_turn(),
            runtime.reading(Scope(self.visit.supplier_id)) as session,
        ):
            yield session, self._asker(session)

    def _asker(self, session: Session) -> Asker:
        visit = self.visit
        found = access_by(
            session, ACCESS_AND_KNOWN, visit.supplier_id, visit.grant_id, now=self.now
        )
        if found is None:
            raise NoAccess("the grant is closed")
        access, told = found
        keep_known(session, access.debtor_id, told)
        return Asker(
            access=access,
            visit=visit,
            reader=Reader(
                locale_for(self.language or access.language, access.country),
                access.zone,
                visit.binding,
            ),
            head=PortalHead(
                supplier=head_of_access(access), debtor_name=access.debtor_name, path=self.path
            ),
            stale=self.now >= visit.seen_at + REFRESH_EVERY,
        )


def visitor_of(face: Face, request: Request[Any, Any, Any]) -> Visitor:
    """Raises NoAccess without a cookie of ours that still lasts. Asks no database."""
    now = face.runtime.clock.now()
    visit = read_visit(face, request.cookies, now)
    if visit is None:
        raise NoAccess("no visit")
    return Visitor(face, visit, _chosen_language(face, request), _path_with_query(request), now)


def provide_visitor(face: Face) -> Callable[..., Visitor]:
    """The dependency `visitor`, for pages: who asks and what they see is one look at the data,
    in one thread. Raises NoAccess.
    """

    def visitor(request: Request[Any, Any, Any]) -> Visitor:
        return visitor_of(face, request)

    return visitor


def provide_asker(face: Face) -> Callable[..., Asker]:
    """The dependency `asker`: who asks, found out before the handler runs. Raises NoAccess."""

    def asker(request: Request[Any, Any, Any]) -> Asker:
        with visitor_of(face, request).reading() as (_, asker):
            return asker

    return asker


def _path_with_query(request: Request[Any, Any, Any]) -> str:
    if request.method not in SAFE_METHODS:
        return "/"
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def head_of_access(access: Access) -> SupplierHead:
    """The supplier's face on a page, from what the grant's look-up already knows."""
    return SupplierHead(
        name=access.supplier_name,
        initials=initials_of(access.supplier_name),
        brand_css_url=f"/brand/{access.accent.lstrip('#').lower()}.css",
    )


def head_with_person(asker: Asker, supplier: Supplier | SupplierCard) -> PortalHead:
    """The head of a page that also says whom to ask."""
    brand = asker.head.supplier.brand_css_url if asker.head.supplier else None
    return replace(asker.head, supplier=replace(head_of(supplier), brand_css_url=brand))


async def check_every_form(face: Face, request: Request[Any, Any, Any]) -> None:
    """Before every request: an unsafe one must come from a page of ours."""
    if request.method in SAFE_METHODS:
        return
    visit = read_visit(face, request.cookies, face.runtime.clock.now())
    binding = visit.binding if visit else request.cookies.get(face.cookie_name("stranger"), "")
    await face.check_form(request, binding)


@get("/l/{token:str}", sync_to_thread=True)
def follow_link(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to the account with a cookie; the page of an expired link; or 404 for all else."""
    return _followed(token, "/", request, face, runtime)


@get("/l/{token:str}/{errand:str}", sync_to_thread=True)
def follow_link_to(
    token: FromPath[str],
    errand: FromPath[str],
    request: Request[Any, Any, Any],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """The same, to one of ERRANDS instead, about the invoices that the address names."""
    if errand not in ERRANDS:
        raise NoSuchLink("no such errand")
    numbers = request.query_params.getall("invoice", [])[:MOST_NAMED]
    about = urlencode([("invoice", str(number)) for number in numbers])
    return _followed(token, f"/{errand}?{about}" if about else f"/{errand}", request, face, runtime)


def _followed(
    token: str,
    target: str,
    request: Request[Any, Any, Any],
    face: Face,
    runtime: Runtime,
) -> Response[Any]:
    now = runtime.clock.now()
    subject = subject_of(request.client.host if request.client else "")
    face.limiter.check("unknown link", subject)
    with runtime.reading(SYSTEM) as session:
        link = follow(session, token, links=runtime.settings.links, now=now)
    if isinstance(link, LiveLink):
        visit = Visit(link.supplier_id, link.grant_id, new_visit_id(), now, now)
        return Redirect(target, status_code=303, cookies=[visit_cookie(face, visit)])
    if isinstance(link, ExpiredLink):
        return _expired(face, request, link, token)
    face.limiter.count("unknown link", subject)
    raise NoSuchLink("no such link")


def _expired(
    face: Face, request: Request[Any, Any, Any], link: ExpiredLink, token: str
) -> Response[str]:
    language = _chosen_language(face, request) or link.language
    binding = secrets.token_urlsafe(24)
    reader = Reader(locale_for(language, link.country), "UTC", binding)
    page = ExpiredLinkPage(
        head=_head_of_expired(link), token=token, masked_address=link.masked_address
    )
    return face.page(
        "expired.html",
        reader,
        page=page,
        status=410,
        cookies=[face.cookie("stranger", binding), face.forget("visit")],
    )


def _head_of_expired(link: ExpiredLink) -> PortalHead:
    supplier = SupplierHead(
        name=link.supplier_name,
        initials=initials_of(link.supplier_name),
        brand_css_url=f"/brand/{link.accent.lstrip('#').lower()}.css",
    )
    return PortalHead(supplier=supplier, debtor_name=None, path=None)


@post("/links/renew", sync_to_thread=True)
def renew_link(
    data: FormBody,
    request: Request[Any, Any, Any],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Mail a new link to the registered address; the answer never says whether one was sent."""
    now = runtime.clock.now()
    subject = subject_of(request.client.host if request.client else "")
    face.limiter.count("new link by address", subject)
    with runtime.transaction(SYSTEM) as session:
        link = follow(session, field(data, "token"), links=runtime.settings.links, now=now)
        if isinstance(link, ExpiredLink):
            lifetime = runtime.settings.links.lifetime
            send_new_link(session, link, lifetime=lifetime, clock=runtime.clock)
    if link is None:
        raise NoSuchLink("no such link")
    if isinstance(link, LiveLink):
        return Redirect(f"/l/{field(data, 'token')}", status_code=303)
    language = _chosen_language(face, request) or link.language
    reader = Reader(locale_for(language, link.country), "UTC", "")
    page = LinkSentPage(head=_head_of_expired(link), masked_address=link.masked_address)
    return face.page("link_sent.html", reader, page=page)


@post("/language", sync_to_thread=True)
def choose_language(data: FormBody, face: NamedDependency[Face]) -> Redirect:
    """Remember the reader's choice in their browser."""
    language, back = field(data, "language"), field(data, "next")
    target = back if face.is_own_path(back) else "/"
    if language not in LANGUAGES:
        return Redirect(target, status_code=303)
    cookie = face.cookie("language", language, lasts=timedelta(days=365))
    return Redirect(target, status_code=303, cookies=[cookie])


def no_link_page(face: Face, request: Request[Any, Any, Any]) -> Response[str]:
    """What somebody sees who has no visit: where the way in is."""
    page = NoLinkPage(head=PortalHead(supplier=None, debtor_name=None, path=None))
    reader = stranger(face, request)
    return face.page("no_link.html", reader, page=page, status=401, cookies=[face.forget("visit")])

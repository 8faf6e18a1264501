"""A face: one complete ASGI application with its own templates, cookies, CSRF and error pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp, ControllerRouterHandler

from receivables import i18n
from receivables.errors import ReceivablesError
from receivables.rendering import forms_of, make_environment
from receivables.runtime import Runtime
from receivables.web.armour import Armour, ArmourSettings
from receivables.web.limits import Limiter
from receivables.web.signing import Signer
from receivables.web.static import FOLDER, static_url

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))

#: The largest form or upload a face accepts, in bytes.
LARGEST_BODY = 30 * 1024 * 1024


class FormRefused(ReceivablesError):
    """A form did not come from a page of ours, or the page is too old; sent again it works."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page, as far as words, formats and forms go.

    `binding` is what a form token is bound to: the session, or the visit before one.
    """

    locale: str
    zone: str
    binding: str


@cache
def _environment(templates: Path) -> Environment:
    """The templates of a face; compiled once a process, however many faces it makes."""
    environment = make_environment([templates])
    environment.globals["static_url"] = static_url
    return environment


@dataclass(slots=True)
class Face:
    """What the handlers of one face share. `name` is "portal" or "backoffice"."""

    name: str
    runtime: Runtime
    origin: str
    templates: Path
    environment: Environment = field(init=False)
    limiter: Limiter = field(init=False)
    cookies: Signer = field(init=False)
    forms: Signer = field(init=False)

    def __post_init__(self) -> None:
        web = self.runtime.settings.web
        self.environment = _environment(self.templates)
        self.limiter = Limiter(web.rate_limit_storage)
        self.cookies = Signer(web.secrets, f"{self.name} cookie")
        self.forms = Signer(web.secrets, f"{self.name} form")

    @property
    def https(self) -> bool:
        return self.origin.startswith("https:")

    def cookie_name(self, name: str) -> str:
        """`__Host-` keeps other hosts from setting it; plain http is this machine only."""
        return f"__Host-{self.name}-{name}" if self.https else f"{self.name}-{name}"

    def cookie(
        self, name: str, value: str, *, lasts: timedelta | None = None, strict: bool = False
    ) -> Cookie:
        """A cookie of this face; without `lasts` it goes when the browser closes."""
        return Cookie(
            key=self.cookie_name(name),
            value=value,
            path="/",
            max_age=None if lasts is None else int(lasts.total_seconds()),
            secure=self.https,
            httponly=True,
            samesite="strict" if strict else "lax",
        )

    def forget(self, name: str) -> Cookie:
        return self.cookie(name, "", lasts=timedelta(0))

    def render(self, template: str, reader: Reader, **context: Any) -> str:
        """A template for one reader, in full."""
        values = {"locale": reader.locale, **context}
        with (
            i18n.reading_as(reader.locale, reader.zone),
            forms_of(lambda: self.forms.token(reader.binding)),
        ):
            return self.environment.get_template(template).render(values)

    def page(
        self,
        template: str,
        reader: Reader,
        *,
        status: int = 200,
        cookies: Sequence[Cookie] = (),
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response[str]:
        """A page or a fragment as an answer."""
        return Response(
            self.render(template, reader, **context),
            media_type=MediaType.HTML,
            status_code=status,
            cookies=list(cookies),
            headers={"Vary": "HX-Request", **(headers or {})},
        )

    async def check_form(self, request: Request[Any, Any, Any], binding: str) -> None:
        """Refuse an unsafe request that no page of ours has sent. Raises FormRefused.

        A token that is bound to nothing would be anybody's.
        """
        fetch_site = request.headers.get("sec-fetch-site")
        if fetch_site not in (None, "same-origin", "none"):
            raise FormRefused(f"sent from {fetch_site}")
        origin = request.headers.get("origin")
        if origin is not None and origin != "null" and origin.lower() != self.origin.lower():
            raise FormRefused(f"sent from {origin}")
        if not binding:
            raise FormRefused("no page of ours was open")
        token = request.headers.get("x-csrf-token")
        if token is None:
            content_type = request.headers.get("content-type", "")
            if not content_type.startswith(
                ("application/x-www-form-urlencoded", "multipart/form-data")
            ):
                raise FormRefused("no token")
            token = str((await request.form()).get("_csrf_token", ""))
        if not self.forms.token_fits(token, binding):
            raise FormRefused("the token is not this session's")

    def is_own_path(self, path: str) -> bool:
        """Whether `path` leads to a page of this face and nowhere else."""
        if not path.startswith("/") or path.startswith(("//", "/\\")):
            return False
        if any(ord(character) < 33 or character == "\\" for character in path):
            return False
        parts = urlsplit(path)
        return not parts.scheme and not parts.netloc


async def no_session(_request: Request[Any, Any, Any]) -> None:
    """Stands in place of a face's own `before_request` where a machine asks, with neither cookie
    nor form token.
    """


@get("/favicon.ico", sync_to_thread=False, before_request=no_session)
def show_icon() -> Redirect:
    """Where the icon is; asked for by browsers that show a file of ours, which names none."""
    return Redirect(static_url("icon-192.png"), status_code=308)


def make_app(
    face: Face,
    handlers: Sequence[ControllerRouterHandler],
    *,
    dependencies: Mapping[str, Any],
    before_request: Callable[[Request[Any, Any, Any]], Any],
    exception_handlers: Mapping[int | type[Exception], Callable[..., Response[Any]]],
    on_startup: Sequence[Callable[..., Any]] = (),
) -> ASGIApp:
    """The face as an ASGI application, in its armour."""
    app = Litestar(
        route_handlers=[
            # One router: registered one by one, the first of two handlers of one path would be
            # wrapped for its thread twice, and answer with a coroutine (Litestar 2.25).
            Router(path="/", route_handlers=list(handlers)),
            show_icon,
            _static_files(face),
        ],
        dependencies=dict(dependencies),
        before_request=before_request,
        exception_handlers=dict(exception_handlers),
        openapi_config=None,
        logging_config=None,
        debug=False,
        request_max_body_size=LARGEST_BODY,
        on_startup=list(on_startup),
    )
    settings = ArmourSettings(
        face=face.name, origin=face.origin, form_targets=face.runtime.settings.web.form_targets
    )
    return Armour(app, settings)


def _static_files(face: Face) -> ControllerRouterHandler:
    """Compressed, unlike pages: a page that holds a secret must not be (BREACH)."""
    packed = CompressionConfig(backend="gzip", minimum_size=500, gzip_compress_level=6)
    return create_static_files_router(
        path="/static",
        directories=[FOLDER],
        name=f"{face.name}-static",
        middleware=[DefineMiddleware(CompressionMiddleware, config=packed)],
    )


def status_of(error: Exception) -> int:
    """The HTTP status of an error the framework raised; 500 for anything else."""
    if isinstance(error, HTTPException):
        return error.status_code
    return HTTPStatus.INTERNAL_SERVER_ERROR

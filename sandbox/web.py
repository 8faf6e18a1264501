"""What the sandbox's pages have in common: templates, headers, a stylesheet beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing from elsewhere, nothing inline.
STRICT_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: What the far ends' pages look alike by: a layout and a stylesheet.
LOOK = Path(__file__).parent / "look"


class Pages:
    """The templates of one package, in the look of all; its own `sandbox.css` comes first."""

    def __init__(self, folder: Path, title: str) -> None:
        self._folder, self._title = folder, title
        self._templates = Environment(
            loader=FileSystemLoader([folder / "templates", LOOK]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(
        self,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response[str]:
        """A template as a response."""
        text = self._templates.get_template(template).render(sandbox=self._title, **context)
        return Response(
            text, status_code=status, media_type=MediaType.HTML, headers=dict(headers or {})
        )

    def stylesheet(self) -> HTTPRouteHandler:
        """Serves `sandbox.css`."""
        own = self._folder / "sandbox.css"
        text = (own if own.exists() else LOOK / "sandbox.css").read_text()

        @get("/sandbox.css", media_type=MediaType.CSS, sync_to_thread=False)
        def sandbox_css() -> str:
            return text

        return sandbox_css


class SafeHeaders:
    """Puts headers on every answer, errors included; a page's own policy comes first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                present = {name.lower() for name, _ in headers}
                if b"content-security-policy" not in present:
                    headers.append((b"content-security-policy", STRICT_CSP.encode()))
                headers.append((b"x-content-type-options", b"nosniff"))
                headers.append((b"referrer-policy", b"no-referrer"))
                headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_with_headers)


def to(url: str) -> Response[None]:
    """The answer to a change: look at `url` now."""
    return Response(None, status_code=303, headers={"location": url}, media_type=MediaType.TEXT)

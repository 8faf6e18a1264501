"""Around each face: headers on every answer, HEAD answered, foreign hosts refused, logs without
secrets.

A raw ASGI wrapper, because the framework's own hooks miss some answers (404, 405, 500, static
files). It knows nothing of sessions.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from receivables.ids import new_id

log = structlog.get_logger("access")

#: Parts of a path that would open something: kept out of the logs.
_SECRET_PATHS = re.compile(r"^(/l/|/digests/off/)[^/]+")

#: Bytes; no page of ours makes a browser send as much.
LONGEST_ADDRESS = 8 * 1024
LARGEST_HEAD = 16 * 1024


@dataclass(frozen=True, slots=True)
class ArmourSettings:
    """`origin` is the face's own address; `form_targets` are origins its forms may lead to."""

    face: str
    origin: str
    form_targets: tuple[str, ...] = ()
    camera: bool = False

    @property
    def https(self) -> bool:
        return self.origin.startswith("https:")

    def headers(self) -> dict[bytes, bytes]:
        """What every answer of the face carries, unless the answer says otherwise."""
        policy = "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "connect-src 'self'",
                "manifest-src 'self'",
                "worker-src 'self'",
                " ".join(("form-action 'self'", *self.form_targets)),
                "base-uri 'none'",
                "object-src 'none'",
                "frame-ancestors 'none'",
            )
        )
        headers = {
            b"content-security-policy": policy.encode(),
            b"x-content-type-options": b"nosniff",
            b"x-frame-options": b"DENY",
            b"x-xss-protection": b"0",
            b"x-permitted-cross-domain-policies": b"none",
            b"referrer-policy": b"no-referrer",
            b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            b"cross-origin-opener-policy": b"same-origin",
            b"cross-origin-resource-policy": b"same-origin",
            b"cache-control": b"no-store, max-age=0",
            b"x-robots-tag": b"noindex, nofollow",
        }
        if self.https:
            headers[b"strict-transport-security"] = b"max-age=31536000; includeSubDomains"
        return headers


class Armour:
    """The face as the internet meets it."""

    def __init__(self, app: ASGIApp, settings: ArmourSettings) -> None:
        self._app = app
        self._settings = settings
        self._headers = settings.headers()
        self._host = urlsplit(settings.origin).netloc.lower()
        #: Whether the server has more to answer than it can; set by whoever serves.
        self.is_crowded: Callable[[], bool] = lambda: False

    def refusal_headers(self) -> list[tuple[bytes, bytes]]:
        """What an answer carries that is written where no request was understood."""
        return [(b"content-type", b"text/plain; charset=utf-8"), *self._headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = new_id().hex
        started = time.perf_counter()
        status = 500
        headers = dict(scope["headers"])
        was_head = scope["method"] == "HEAD"
        if was_head:
            scope["method"] = "GET"  # answered like a GET without its body
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._dress(scope, status, message["headers"], request_id)
            elif was_head and message["type"] == "http.response.body":
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        path = scope["path"]
        if not self._is_ours(headers.get(b"host", b"").decode("latin-1"), path):
            await _refuse(dressed, 421, b"This address is not served here.\n")
        elif self.is_crowded():
            await _refuse(dressed, 503, b"Too much is asked at once. Please try again.\n", _SOON)
        elif len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            await _refuse(dressed, 414, b"This address is too long.\n")
        elif sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
            await _refuse(dressed, 431, b"This request has too much in its head.\n")
        else:
            # No name of ours holds a NUL, and PostgreSQL takes none: it is read as what stands
            # for unreadable characters.
            scope["path"] = path.replace("\0", "\ufffd")
            scope["query_string"] = scope["query_string"].replace(b"%00", b"%EF%BF%BD")
            await self._app(scope, receive, dressed)
        if not path.startswith("/static/"):
            log.info(
                "request", face=self._settings.face, method="HEAD" if was_head else scope["method"],
                path=_SECRET_PATHS.sub(r"\1-", path), status=status, request_id=request_id,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )  # fmt: skip

    def _is_ours(self, host: str, path: str) -> bool:
        return host.lower() == self._host or (path == "/health" and _is_a_machines(host))

    def _dress(
        self, scope: Scope, status: int, given: object, request_id: str
    ) -> list[tuple[bytes, bytes]]:
        answer = [(name.lower(), value) for name, value in given]  # type: ignore[attr-defined]
        named = {name for name, _ in answer}
        # A file that is missing now (during a deployment, say) may be there soon.
        is_kept = status < 400 and scope["path"].startswith("/static/")
        if is_kept and scope["query_string"].startswith(b"v="):
            answer = [pair for pair in answer if pair[0] != b"cache-control"]
            answer.append((b"cache-control", b"public, max-age=31536000, immutable"))
            named.add(b"cache-control")
        answer.extend(pair for pair in self._headers.items() if pair[0] not in named)
        answer.append((b"x-request-id", request_id.encode()))
        return answer


def _is_a_machines(host: str) -> bool:
    """Whether a request names no host but a machine: what asks whether we are fit goes by address.

    Names are refused there, too, since another's name may be made to lead here.
    """
    name = re.sub(r":\d{1,5}\Z", "", host) if host.count(":") == 1 or "]" in host else host
    if name in ("", "localhost"):
        return True
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


_SOON = ((b"retry-after", b"5"),)


async def _refuse(
    send: Callable[[Message], object],
    status: int,
    body: bytes,
    more: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    head = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})  # type: ignore[misc]
    await send({"type": "http.response.body", "body": body, "more_body": False})  # type: ignore[misc]

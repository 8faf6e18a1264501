"""How sources are asked over HTTP: busy, down and refusing told apart, whoever the source is.

The addresses are the operator's (settings), never a supplier's: no redirect is followed and
nothing of the environment (proxies, .netrc) is believed.
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import msgspec

from monitoring.feeds.contract import SourceBusy, SourceDown, SourceRefuses
from receivables.authorities import public_authorities

#: How long we wait when a busy source names no time, and at most when it does.
USUAL_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
ANSWER_LIMIT = 4 * 1024 * 1024
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)

Answer = TypeVar("Answer")


class _Token(msgspec.Struct):
    token: str


class SourceClient:
    """Asks one source. Every call may raise SourceBusy, SourceDown or SourceRefuses.

    `transport` is for tests.
    """

    def __init__(
        self,
        url: str,
        *,
        auth: tuple[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=url,
            auth=auth,
            timeout=_TIMEOUT,
            transport=transport,
            verify=public_authorities(),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def _headers(self) -> dict[str, str]:
        return {}

    def _send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The answer, read no further than a source has reason to speak."""
        request = self._http.build_request(method, path, headers=self._headers(), **sent)
        try:
            response = self._http.send(request, stream=True)
            try:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > ANSWER_LIMIT:
                        raise SourceDown(f"answered more than {ANSWER_LIMIT} bytes")
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise SourceDown(f"{type(error).__name__}: {error}") from error
        return httpx.Response(
            response.status_code,
            headers=_without_coding(response.headers),
            content=bytes(body),
            request=request,
        )


class TokenClient(SourceClient):
    """Asks a source that gives a token for a name and a password, and takes it for a while."""

    def __init__(
        self,
        url: str,
        *,
        username: str,
        password: str,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(url, transport=transport)
        self._credentials = {"username": username, "password": password}
        self._token: str | None = None

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _asked(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The answer to a call with a token that holds."""
        if self._token is None:
            self._authenticate()
        response = self._send(method, path, **sent)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            # Tokens expire; a fresh one that does not help either is our fault.
            self._authenticate()
            response = self._send(method, path, **sent)
        return response

    def _ask(self, method: str, path: str, kind: type[Answer], **sent: Any) -> Answer:
        return understood(self._asked(method, path, **sent), kind)

    def _authenticate(self) -> None:
        self._token = None
        response = self._send("POST", "/authenticate", json=self._credentials)
        self._token = understood(response, _Token).token


def understood(response: httpx.Response, kind: type[Answer]) -> Answer:
    """The body of an answer as `kind`. Raises SourceBusy, SourceDown, SourceRefuses."""
    check(response)
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SourceDown(f"unreadable answer: {error}") from error


def check(response: httpx.Response) -> None:
    """Raises SourceBusy, SourceDown or SourceRefuses for an answer that is none."""
    status = response.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS or (
        status == httpx.codes.SERVICE_UNAVAILABLE and "retry-after" in response.headers
    ):
        raise SourceBusy(_pause(response.headers))
    if status >= 500:
        raise SourceDown(f"answered {status}")
    if not response.is_success:
        raise SourceRefuses(f"answered {status}")


def _without_coding(headers: httpx.Headers) -> list[tuple[str, str]]:
    """The headers of a body that is already unpacked."""
    gone = {"content-encoding", "content-length", "transfer-encoding"}
    return [(name, value) for name, value in headers.items() if name.lower() not in gone]


def _pause(headers: httpx.Headers) -> timedelta:
    """Retry-After as seconds or as a date (RFC 9110, section 10.2.3), within reason."""
    text = headers.get("retry-after", "")
    if text.isascii() and text.isdecimal() and len(text) < 8:
        wanted = timedelta(seconds=int(text))
    else:
        wanted = _until(text, headers.get("date", "")) or USUAL_PAUSE
    return max(timedelta(seconds=1), min(wanted, LONGEST_PAUSE))


def _until(moment: str, now: str) -> timedelta | None:
    """By the source's own clock: what it calls a moment, and what it calls now."""
    try:
        return parsedate_to_datetime(moment) - parsedate_to_datetime(now)
    except (ValueError, TypeError):
        return None

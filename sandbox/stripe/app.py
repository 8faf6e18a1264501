"""The sandbox as an ASGI application: a thin shell, and the rail that keeps it on this machine."""

import asyncio
import ipaddress
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.stripe import webhooks
from sandbox.stripe.config import SandboxConfig
from sandbox.stripe.control import Control
from sandbox.stripe.pages import Pages, page_headers
from sandbox.stripe.problems import ApiProblem
from sandbox.stripe.sandbox import StripeSandbox
from sandbox.stripe.wire import Request, Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_STATIC = Path(__file__).parent / "static"
_LARGEST_BODY = 1_000_000

#: Open connections by the caller's address, kept by the server that can cut them.
drop_registry: dict[tuple[str, int], asyncio.Transport] = {}


def create_app(
    config: SandboxConfig, send: webhooks.Send = webhooks.send_over_http
) -> "SandboxApp":
    """`send` carries webhooks; a test may give a function instead of HTTP."""
    return SandboxApp(StripeSandbox(config, send))


class SandboxApp:
    """`sandbox` is the same thing as a Python object."""

    def __init__(self, sandbox: StripeSandbox) -> None:
        self.sandbox = sandbox
        self._pages = Pages(sandbox)
        self._control = Control(sandbox, self._pages)

    def handle(self, request: Request) -> Response:
        """Answers any request, API and pages alike. Never raises for a wrong one."""
        path = request.path
        if path.startswith("/v1/"):
            return self.sandbox.respond(request)
        try:
            if path.startswith("/c/pay/"):
                view = self._pages.pay if request.method == "POST" else self._pages.checkout
                return view(path.removeprefix("/c/pay/"), request)
            if path.startswith("/c/authenticate/"):
                bank = self._pages.answer_bank if request.method == "POST" else self._pages.bank
                return bank(path.removeprefix("/c/authenticate/"), request)
            if path == "/" or path.startswith("/_control"):
                return self._control.handle(request)
            return _static(path)
        except ApiProblem as problem:
            text = f"{problem}\n".encode()
            return Response(problem.status, text, {"content-type": "text/plain; charset=utf-8"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Webhooks are delivered for as long as the server runs."""
        courier = threading.Thread(
            target=self.sandbox.webhooks.run, args=(self.sandbox.expire_due,), daemon=True
        )
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                courier.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                self.sandbox.webhooks.stop()
                await asyncio.to_thread(courier.join)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_loopback(scope):
            await _answer(send, Response(403, b"Loopback only.\n", page_headers()))
            return
        body = await _body(receive)
        if body is None:
            await _answer(send, Response(413, b"Too large.\n", page_headers()))
            return
        request = Request(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]},
            body=body,
        )
        answer = await asyncio.to_thread(partial(self.handle, request))
        if answer.dropped:
            await _drop(scope, send)
        else:
            await _answer(send, answer)


def _is_loopback(scope: Scope) -> bool:
    """Where both the caller and the name it asked for are this machine.

    The name is looked at because a page elsewhere may point a name of its own to 127.0.0.1.
    """
    client = scope.get("client")
    if client is not None and not ipaddress.ip_address(client[0]).is_loopback:
        return False
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
    return host in ("127.0.0.1", "localhost", "[::1]", "stripe.sandbox", "")


async def _body(receive: Receive) -> bytes | None:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > _LARGEST_BODY:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


async def _answer(send: Send, answer: Response) -> None:
    headers = answer.headers | {"content-length": str(len(answer.body))}
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": answer.body})


async def _drop(scope: Scope, send: Send) -> None:
    """Closes the connection without an answer.

    A server other than ours is left with an answer that never ends: it cuts the line as well.
    """
    transport = drop_registry.get(tuple(scope.get("client") or ()))
    if transport is not None:
        transport.abort()
        return
    headers = [(b"content-length", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def _static(path: str) -> Response:
    name = path.removeprefix("/static/")
    if path.startswith("/static/") and name in ("sandbox.css",):
        content = (_STATIC / name).read_bytes()
        return Response(200, content, {"content-type": "text/css; charset=utf-8"})
    if path == "/favicon.ico":  # every browser asks; there is none
        return Response(204, b"", {})
    return Response(404, b"Not found.\n", {"content-type": "text/plain; charset=utf-8"})

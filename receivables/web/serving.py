"""Serves a face with uvicorn, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import h11
import uvicorn
from litestar.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from receivables.web.armour import Armour

#: Handlers run here; more threads than this only wait for one another.
HANDLER_THREADS = 8
#: Connections, or requests being answered; beyond it a face says that it has too much to do.
MOST_AT_ONCE = 400

_NO_HTTP = b"This is no request that could be read.\n"


class FaceProtocol(H11Protocol):
    """Says in the face's own armour, too, that what came is no HTTP: no application sees that."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (uvicorn calls it)
        app = self.config.app
        armoured = app.refusal_headers() if isinstance(app, Armour) else []
        answer = h11.Response(
            status_code=400,
            reason=b"Bad Request",
            headers=[
                *armoured,
                (b"content-length", b"%d" % len(_NO_HTTP)),
                (b"connection", b"close"),
            ],
        )
        for event in (answer, h11.Data(data=_NO_HTTP), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class FaceServer:
    """One face on one address. `trusted_proxies` are the hosts whose X-Forwarded-For counts."""

    def __init__(
        self, app: ASGIApp, *, host: str, port: int, trusted_proxies: Sequence[str] = ()
    ) -> None:
        self._listener = socket.create_server((host, port), reuse_port=False, backlog=512)
        # Connections inherit it. asyncio would set it only on sockets made with the protocol's
        # number; without it an answer in two packets waits 40 ms for the reader's delayed ACK.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=list(trusted_proxies),
                http=FaceProtocol,
                ws="none",
                timeout_keep_alive=15,
                timeout_graceful_shutdown=15,
                h11_max_incomplete_event_size=32 * 1024,
                lifespan="on",
            )
        )
        if isinstance(app, Armour):
            app.is_crowded = self._is_crowded
        self._thread = threading.Thread(target=self._run, name=f"face-{port}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Answer what has been asked, then stop."""
        self._server.should_exit = True
        self._thread.join(timeout=20)

    @property
    def is_up(self) -> bool:
        return self._server.started

    def _is_crowded(self) -> bool:
        state = self._server.server_state
        return max(len(state.connections), len(state.tasks)) >= MOST_AT_ONCE

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(HANDLER_THREADS, thread_name_prefix="handler"))
        await self._server.serve(sockets=[self._listener])

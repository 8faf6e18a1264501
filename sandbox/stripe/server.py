"""The sandbox on a loopback port, in a thread with its own event loop."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.stripe.app import SandboxApp, create_app, drop_registry
from sandbox.stripe.config import SandboxConfig

_START_WITHIN_SECONDS = 10.0


class _Droppable(H11Protocol):
    """Lets the application cut a connection, which ASGI has no word for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        if self.client is not None:
            drop_registry[self.client] = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            drop_registry.pop(self.client, None)
        super().connection_lost(exc)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(config: SandboxConfig, *, port: int) -> Iterator[SandboxApp]:
    """Serves on 127.0.0.1 until the block ends; webhooks are delivered meanwhile.

    Raises RuntimeError when the port cannot be had.
    """
    app = create_app(config)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            http=_Droppable,
            log_level="critical",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=_run, args=(server,), name="stripe-sandbox", daemon=True)
    thread.start()
    try:
        _await_start(server, thread, port)
        yield app
    finally:
        server.should_exit = True
        thread.join()
        app.sandbox.close()


def _run(server: uvicorn.Server) -> None:
    # A taken port ends uvicorn with SystemExit, which a thread must not print.
    try:
        server.run()
    except SystemExit:
        return


def _await_start(server: uvicorn.Server, thread: threading.Thread, port: int) -> None:
    waited = threading.Event()
    for _ in range(int(_START_WITHIN_SECONDS / 0.01)):
        if server.started:
            return
        if not thread.is_alive():
            break
        waited.wait(0.01)
    raise RuntimeError(f"the sandbox could not listen on port {port}")

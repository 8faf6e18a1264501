"""Serves one of the sandbox's applications from a thread, on loopback only."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any, Literal

import uvicorn

#: How long a server may take to come up before we say that it does not.
START_SECONDS = 15.0


class Served:
    """A running server; `url` is where it is reached. A context manager, or call `close`."""

    def __init__(self, server: uvicorn.Server, listener: socket.socket, *, secure: bool) -> None:
        self._server = server
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True
        )
        self.port: int = listener.getsockname()[1]
        self.url = f"http{'s' if secure else ''}://127.0.0.1:{self.port}"
        self._thread.start()
        give_up = time.monotonic() + START_SECONDS
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > give_up:
                raise RuntimeError(f"the server at {self.url} did not start")
            time.sleep(0.01)

    def close(self) -> None:
        """Stop serving; requests that still run are cut after a second."""
        self._server.should_exit = True
        self._thread.join(timeout=10)

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(
    app: Any,
    *,
    port: int = 0,
    certificate: tuple[str, str] | None = None,
    lifespan: Literal["auto", "off"] = "auto",
) -> Served:
    """Serve an ASGI application on 127.0.0.1; port 0 takes a free one.

    `certificate` is the files of a certificate chain and its key, and makes it https.
    """
    listener = socket.create_server(("127.0.0.1", port))
    files = (
        {}
        if certificate is None
        else dict(zip(("ssl_certfile", "ssl_keyfile"), certificate, strict=True))
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan=lifespan,
        server_header=False,
        timeout_graceful_shutdown=1,
        ws="none",
        interface="asgi3",
        **files,  # type: ignore[arg-type]
    )
    return Served(uvicorn.Server(config), listener, secure=certificate is not None)

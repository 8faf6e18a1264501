"""What stands before a face in production: TLS, and plain http led to it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def tls_proxy(plain: int, secure: int, inside: int, tls: ssl.SSLContext) -> Iterator[None]:
    """Listens on `plain` and `secure` for what is served at `inside`, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy", daemon=True)
    thread.start()

    async def lead_over(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        there = f"https://localhost:{secure}/"
        writer.write(
            f"HTTP/1.1 301 Moved\r\nLocation: {there}\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", inside)
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    async def listen() -> list[asyncio.Server]:
        return [
            await asyncio.start_server(lead_over, "localhost", plain),
            await asyncio.start_server(pass_on, "localhost", secure, ssl=tls),
        ]

    servers = asyncio.run_coroutine_threadsafe(listen(), loop).result(timeout=10)
    try:
        yield
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()

"""A small load generator on loopback, and the CPU time another process has used."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int, *, waited_for: bool = False) -> float:
    """User and system time of a process so far, with `waited_for` also of its children that have
    ended. Source: proc(5), fields 14 to 17 of stat.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    wanted = fields[11:15] if waited_for else fields[11:13]
    return sum(map(int, wanted)) / _TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Run:
    """What a number of equal requests cost."""

    requests: int
    seconds: float
    cpu_ms_per_request: float
    p50_ms: float
    p99_ms: float
    body_bytes: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def request_bytes(port: int, cookie: str, path: str = "/") -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\n"
    return (head + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode()


async def ask(port: int, request: bytes) -> tuple[bytes, bytes]:
    """One request on a connection of its own: head and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = await _exchange(reader, writer, request)
    writer.close()
    return answer


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[bytes, bytes]:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    return head, await reader.readexactly(length)


async def run(port: int, pid: int, request: bytes, *, requests: int, connections: int = 8) -> Run:
    """`connections` clients that ask, wait for the answer and ask again."""
    waits: list[float] = []
    sizes: list[int] = []
    left = requests

    async def client() -> None:
        nonlocal left
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while left > 0:
            left -= 1
            started = time.perf_counter()
            head, body = await _exchange(reader, writer, request)
            waits.append(time.perf_counter() - started)
            sizes.append(len(body))
            assert head.startswith(b"HTTP/1.1 200"), head
        writer.close()

    cpu, started = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    seconds, cpu = time.perf_counter() - started, cpu_seconds(pid) - cpu
    waits.sort()
    return Run(
        requests=len(waits),
        seconds=seconds,
        cpu_ms_per_request=cpu / len(waits) * 1000,
        p50_ms=waits[len(waits) // 2] * 1000,
        p99_ms=waits[len(waits) * 99 // 100] * 1000,
        body_bytes=max(sizes),
    )

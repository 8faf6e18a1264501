"""The portal's account page with twenty invoices, beside what it could cost at least.

`python -m benchmarks.pages`: three servers at once, asked in turns, so that a busy machine is
busy for all of them. CPU time per request is the figure to trust; the clock on the wall is not.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import event

from benchmarks.load import Run, ask, request_bytes, run
from benchmarks.serve_page import ready_page
from benchmarks.stage import INVOICES, Stage, set_up
from receivables.boot import build_runtime
from tests.support.brokers import free_port

#: What is measured, and how often a round asks for it.
REQUESTS = {"bare": 3000, "template": 1000, "account": 600}
TITLES = {
    "bare": "bare Litestar, one line of text",
    "template": "the same template, no database",
    "account": "the account page as served",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as name, ExitStack() as stack:
        stage = set_up(Path(name))
        ports = {what: free_port() for what in REQUESTS}
        pids = {
            what: stack.enter_context(_served(what, stage, port)) for what, port in ports.items()
        }
        runs = asyncio.run(_measure(stage, ports, pids, rounds))
        statements = _statements(stage)
    _report(runs, statements)
    return 0


@contextmanager
def _served(what: str, stage: Stage, port: int) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.serve_page", what, str(stage.folder), str(port)]
    log = (stage.folder / f"{what}.log").open("w")
    with log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server:
        assert server.stdout is not None
        if server.stdout.readline() != "ready\n":
            raise RuntimeError((stage.folder / f"{what}.log").read_text()[-2000:])
        try:
            yield server.pid
        finally:
            server.terminate()


async def _measure(
    stage: Stage, ports: dict[str, int], pids: dict[str, int], rounds: int
) -> dict[str, list[Run]]:
    requests = {what: request_bytes(port, "") for what, port in ports.items()}
    cookie = await sign_in(ports["account"], stage.token)
    requests["account"] = request_bytes(ports["account"], cookie)
    for what, port in ports.items():
        await run(port, pids[what], requests[what], requests=100)
    measured: dict[str, list[Run]] = {what: [] for what in ports}
    for _ in range(rounds):
        for what, port in ports.items():
            result = await run(port, pids[what], requests[what], requests=REQUESTS[what])
            measured[what].append(result)
    return measured


async def sign_in(port: int, token: str) -> str:
    """Follow the link of a reminder; the cookie it leaves."""
    head, _ = await ask(port, request_bytes(port, "", f"/l/{token}"))
    lines = head.decode().split("\r\n")
    return "; ".join(
        line.split(":", 1)[1].split(";")[0].strip()
        for line in lines
        if line.lower().startswith("set-cookie:")
    )


def _statements(stage: Stage) -> list[str]:
    """Every statement the page's handler sends, in order, without BEGIN."""
    sent: list[str] = []
    runtime = build_runtime(stage.settings(1))

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(runtime.database.engine, "before_cursor_execute", note)
    with_database = ready_page(runtime, stage)
    assert with_database
    runtime.database.close()
    return [statement for statement in sent if not statement.startswith("BEGIN")]


def _report(runs: dict[str, list[Run]], statements: list[str]) -> None:
    def middle(what: str, figure: str) -> float:
        return float(median(getattr(each, figure) for each in runs[what]))

    account = middle("account", "cpu_ms_per_request")
    print(f"\n### The account page with {INVOICES} invoices (SQLite, one process, 8 clients)\n")
    print("| | CPU-ms a request | of the page's | requests/s | p50 ms | p99 ms | body |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for what, title in TITLES.items():
        cpu = middle(what, "cpu_ms_per_request")
        print(
            f"| {title} | {cpu:.2f} | {cpu / account:.0%} | {middle(what, 'per_second'):.0f}"
            f" | {middle(what, 'p50_ms'):.1f} | {middle(what, 'p99_ms'):.1f}"
            f" | {middle(what, 'body_bytes') / 1000:.1f} kB |"
        )
    print(f"\nSQL statements of the page: {len(statements)}. Aims: 2.0 CPU-ms, 6 statements.")


if __name__ == "__main__":
    sys.exit(main())

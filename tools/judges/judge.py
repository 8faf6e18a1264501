"""Puts the portal before the outside judges and reads what they say: `tools/judge.sh`.

A real portal with a debtor and twenty invoices; over plain http on this machine for Lighthouse,
and behind a proxy that speaks TLS, as in production, for the observatory. The judges' exit codes
say nothing about scores: their JSON is read.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.load import ask, request_bytes
from benchmarks.pages import sign_in
from benchmarks.stage import Stage, set_up
from portal.app import create_app
from receivables import logs
from receivables.boot import build_runtime
from receivables.settings import Settings
from receivables.web.serving import FaceServer
from sandbox.certificates import make_certificate
from tests.support.brokers import free_port
from tests.support.chromium import find_chromium

ROOT = Path(__file__).parent.parent.parent
HOME = ROOT / ".judge"

#: The least each category may score, in percent.
LIGHTHOUSE = {"performance": 95, "accessibility": 100, "best-practices": 100}
#: 100 is an A+; headers beyond the usual ones give more.
OBSERVATORY = 100


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="quittance-judge-") as name, ExitStack() as stack:
        folder = Path(name)
        logs.configure(file=folder / "portal.log")
        stage = set_up(folder)
        port = free_port()
        stack.enter_context(_portal(stage.settings(port), port))
        cookie = asyncio.run(sign_in(port, stage.token))
        _, account = asyncio.run(ask(port, request_bytes(port, cookie)))
        pages = {"account": "/", "invoice": _first_invoice(account.decode())}
        verdicts = [
            _html_validate(folder, _saved(folder, port, cookie, pages)),
            *(_lighthouse(folder, port, cookie, name, path) for name, path in pages.items()),
            _observatory(stage, stack),
        ]
    for said, good in verdicts:
        print(("ok      " if good else "FAILED  ") + said)
    failed = sum(not good for _, good in verdicts)
    print(f"{len(verdicts) - failed} passed, {failed} failed")
    return 1 if failed else 0


Verdict = tuple[str, bool]


@contextmanager
def _portal(settings: Settings, port: int) -> Iterator[None]:
    runtime = build_runtime(settings)
    server = FaceServer(create_app(runtime), host="127.0.0.1", port=port)
    server.start()
    try:
        yield
    finally:
        server.stop()
        runtime.database.close()


def _first_invoice(page: str) -> str:
    start = page.index('href="/invoices/') + len('href="')
    return page[start : page.index('"', start)]


def _saved(folder: Path, port: int, cookie: str, pages: dict[str, str]) -> Path:
    """The served pages beside every template's page in every language, as files."""
    gallery = folder / "gallery"
    subprocess.run(
        [sys.executable, ROOT / "tools" / "gallery.py", gallery],
        check=True, cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    for name, path in pages.items():
        _, body = asyncio.run(ask(port, request_bytes(port, cookie, path)))
        (gallery / f"served-{name}.html").write_bytes(body)
    return gallery


def _html_validate(folder: Path, gallery: Path) -> Verdict:
    rules = folder / "htmlvalidate.json"
    shutil.copy(ROOT / "tools" / "judges" / "htmlvalidate.json", rules)
    # A mail's HTML is of another century, on purpose: mail programs are, too. A fragment is no
    # document; it is judged in the pages that hold it.
    pages = [
        str(page)
        for page in sorted(gallery.rglob("*.html"))
        if page.parent.name != "mail" and "<html" in page.read_text(encoding="utf-8")
    ]
    program = str(HOME / "node_modules/.bin/html-validate")
    command = [program, "--config", str(rules), "--formatter", "json"]
    # Into a file: what does not fit a pipe, it leaves out.
    said = folder / "htmlvalidate-said.json"
    with said.open("w") as output:
        subprocess.run([*command, *pages], stdout=output, cwd=HOME, check=False)
    found = [
        f"{Path(page['filePath']).relative_to(gallery)}:{each['line']} {each['ruleId']}:"
        f" {each['message']}"
        for page in json.loads(said.read_text())
        for each in page["messages"]
    ]
    for each in found[:40]:
        print(each)
    return f"html-validate: {len(found)} findings in {len(pages)} pages", not found


def _lighthouse(folder: Path, port: int, cookie: str, name: str, path: str) -> Verdict:
    report, headers = folder / f"{name}.json", folder / "headers.json"
    headers.write_text(json.dumps({"Cookie": cookie}))
    subprocess.run(
        [
            HOME / "node_modules/.bin/lighthouse", f"http://localhost:{port}{path}", "--quiet",
            "--no-enable-error-reporting", "--output=json", f"--output-path={report}",
            f"--only-categories={','.join(LIGHTHOUSE)}", f"--extra-headers={headers}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        ],
        check=True, cwd=HOME, env={**os.environ, "CHROME_PATH": _chrome()},
    )  # fmt: skip
    said: dict[str, Any] = json.loads(report.read_text())
    scores = {each: round(said["categories"][each]["score"] * 100) for each in LIGHTHOUSE}
    for category, least in LIGHTHOUSE.items():
        if scores[category] < least:
            print(f"{name}, {category}: {', '.join(_imperfect(said, category))}")
    figures = ", ".join(f"{each} {score}" for each, score in scores.items())
    good = all(scores[each] >= least for each, least in LIGHTHOUSE.items())
    return f"Lighthouse, {name}: {figures}", good


def _imperfect(said: dict[str, Any], category: str) -> list[str]:
    weighed = [ref["id"] for ref in said["categories"][category]["auditRefs"] if ref["weight"]]
    return [each for each in weighed if (said["audits"][each]["score"] or 0) < 1]


def _chrome() -> str:
    with sync_playwright() as playwright:
        found: str | None = find_chromium(playwright)
    assert found, "no Chromium"
    return found


def _observatory(stage: Stage, stack: ExitStack) -> Verdict:
    plain, secure, inside = free_port(), free_port(), free_port()
    origin = f"https://localhost:{secure}"
    settings = stage.settings(inside)
    web = replace(settings.web, portal_url=origin, form_targets=("https://checkout.stripe.com",))
    settings = replace(settings, web=web)
    stack.enter_context(_portal(settings, inside))
    certificate = make_certificate(stage.folder / "tls", ["localhost"])
    stack.enter_context(_proxy(plain, secure, inside, certificate.server_context()))
    answer = subprocess.run(
        ["node", ROOT / "tools/judges/observatory.mjs", str(plain), str(secure)],
        capture_output=True, text=True, cwd=HOME, check=True,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(certificate.authority)},
    )  # fmt: skip
    said = json.loads(answer.stdout)
    for each in said["failed"]:
        print(f"observatory: {each}")
    good = said["score"] >= OBSERVATORY and not said["failed"]
    return f"header observatory: {said['grade']}, {said['score']}", good


@contextmanager
def _proxy(plain: int, secure: int, inside: int, tls: ssl.SSLContext) -> Iterator[None]:
    """What stands before a face in production: TLS, and plain http led to it."""
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


if __name__ == "__main__":
    sys.exit(main())

"""Puts both faces before the outside judges and reads what they say: `tools/judge.sh`.

Every page that a person sees before html-validate; the portal's most used over plain http on this
machine before Lighthouse; both faces behind a proxy that speaks TLS, as in production, before the
observatory. The judges' exit codes say nothing about scores: their JSON is read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from litestar.types import ASGIApp
from playwright.sync_api import sync_playwright

import backoffice.app
import portal.app
from benchmarks.stage import Stage, set_up
from receivables import logs
from receivables.boot import build_runtime
from receivables.runtime import Runtime
from receivables.web.serving import FaceServer
from sandbox.certificates import make_certificate
from tests.support.brokers import free_port
from tests.support.chromium import find_chromium
from tests.support.visitors import Visitors, visitors
from tests.support.visits import PORTAL, FaceName
from tools.judges.pages import save_errors, save_visits
from tools.judges.proxy import tls_proxy

ROOT = Path(__file__).parent.parent.parent
HOME = ROOT / ".judge"

#: The least each category may score, in percent.
LIGHTHOUSE = {"performance": 95, "accessibility": 100, "best-practices": 100}
#: On a busy machine Chromium may end its recording before the page begins.
ATTEMPTS = 3
#: What Lighthouse looks at: by name, a visit.
LOOKED_AT = {
    "account": ("/", "debtor"),
    "invoice": ("/invoices/2026-RECHNUNG-000412", "debtor"),
    "dispute": ("/disputes/{dispute_asked}", "debtor"),
    "plan": ("/plans/{plan}", "payer"),
}
#: 100 is an A+; headers beyond the usual ones give more.
OBSERVATORY = 100

Verdict = tuple[str, bool]


def main() -> int:
    chrome = _chrome()
    with tempfile.TemporaryDirectory(prefix="quittance-judge-") as name, ExitStack() as stack:
        folder = Path(name)
        logs.configure(file=folder / "faces.log")
        stage = set_up(folder)
        runtime = build_runtime(stage.settings(1))
        stack.callback(runtime.database.close)
        pages, rooms = folder / "pages", folder / "rooms"
        pages.mkdir()
        rooms.mkdir()
        with visitors(rooms, java_script_enabled=False) as everybody:
            saved = save_visits(everybody, pages) | save_errors(runtime, pages)
            verdicts = [_html_validate(folder, saved)]
            verdicts += [_lighthouse(folder, everybody, chrome, each) for each in LOOKED_AT]
        verdicts += [_observatory(stage, runtime, face) for face in ("portal", "backoffice")]
    for said, good in verdicts:
        print(("ok      " if good else "FAILED  ") + said)
    failed = sum(not good for _, good in verdicts)
    print(f"{len(verdicts) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _html_validate(folder: Path, pages: dict[Path, str]) -> Verdict:
    rules = folder / "htmlvalidate.json"
    shutil.copy(ROOT / "tools" / "judges" / "htmlvalidate.json", rules)
    program = str(HOME / "node_modules/.bin/html-validate")
    command = [program, "--config", str(rules), "--formatter", "json"]
    # Into a file: what does not fit a pipe, it leaves out.
    said = folder / "htmlvalidate-said.json"
    with said.open("w") as output:
        subprocess.run([*command, *pages], stdout=output, cwd=HOME, check=False)
    found = [
        f"{pages[Path(page['filePath'])]}: line {each['line']}, {each['ruleId']}: {each['message']}"
        for page in json.loads(said.read_text())
        for each in page["messages"]
    ]
    for each in found[:40]:
        print(each)
    return f"html-validate: {len(found)} findings in {len(pages)} pages", not found


def _lighthouse(folder: Path, everybody: Visitors, chrome: str, name: str) -> Verdict:
    visit = next(each for each in PORTAL if (each.path, each.who) == LOOKED_AT[name])
    report, headers = folder / f"{name}.json", folder / "headers.json"
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in everybody.be(visit.who))
    headers.write_text(json.dumps({"Cookie": cookies}))
    command = [
        HOME / "node_modules/.bin/lighthouse", everybody.address(visit), "--quiet",
        "--no-enable-error-reporting", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(LIGHTHOUSE)}", f"--extra-headers={headers}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": chrome}
    for _ in range(ATTEMPTS):
        if not subprocess.run(command, cwd=HOME, env=environment, check=False).returncode:
            break
    else:
        return f"Lighthouse, {name}: recorded nothing in {ATTEMPTS} attempts", False
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


def _observatory(stage: Stage, runtime: Runtime, face: FaceName) -> Verdict:
    plain, secure, inside = free_port(), free_port(), free_port()
    certificate = make_certificate(stage.folder / f"tls-{face}", ["localhost"])
    app = _as_in_production(runtime, face, f"https://localhost:{secure}")
    with (
        _served(app, inside),
        tls_proxy(plain, secure, inside, certificate.server_context()),
    ):
        answer = subprocess.run(
            ["node", ROOT / "tools/judges/observatory.mjs", str(plain), str(secure)],
            capture_output=True, text=True, cwd=HOME, check=True,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(certificate.authority)},
        )  # fmt: skip
    said = json.loads(answer.stdout)
    for each in said["failed"]:
        print(f"observatory, {face}: {each}")
    good = said["score"] >= OBSERVATORY and not said["failed"]
    return f"header observatory, {face}: {said['grade']}, {said['score']}", good


def _as_in_production(runtime: Runtime, face: FaceName, origin: str) -> ASGIApp:
    web = replace(
        runtime.settings.web, portal_url=origin, backoffice_url=origin,
        form_targets=("https://checkout.stripe.com",),
    )  # fmt: skip
    behind = replace(runtime, settings=replace(runtime.settings, web=web))
    create_app = portal.app.create_app if face == "portal" else backoffice.app.create_app
    return create_app(behind)


@contextmanager
def _served(app: ASGIApp, port: int) -> Iterator[None]:
    server = FaceServer(app, host="127.0.0.1", port=port)
    server.start()
    try:
        yield
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())

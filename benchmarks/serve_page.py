"""The process that is measured: `python -m benchmarks.serve_page WHAT FOLDER PORT`.

`bare` is Litestar answering a line of text; `template` is the account's template with values
that are ready; `account` is the portal as it is served, with session, database, headers, log.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from litestar import Litestar, MediaType, Response, get
from litestar.types import ASGIApp

from benchmarks.stage import Stage
from portal.access import Visit, Visitor, new_visit_id
from portal.account import account_page
from portal.account_pages import AccountPage
from portal.app import create_app, face_of
from receivables import logs
from receivables.boot import build_runtime
from receivables.runtime import Runtime
from receivables.web.face import Face, Reader
from receivables.web.serving import FaceServer
from receivables.workshop import Workshop


@get("/", media_type=MediaType.TEXT, sync_to_thread=False)
def answer() -> str:
    return "as little as it gets"


def bare() -> ASGIApp:
    return Litestar([answer], openapi_config=None, logging_config=None)


def template_alone(runtime: Runtime, stage: Stage) -> ASGIApp:
    face = Face("portal", runtime, "http://localhost", Path("portal/templates"))
    page, reader = ready_page(runtime, stage)

    @get("/", sync_to_thread=True)
    def render() -> Response[str]:
        return face.page("account.html", reader, page=page)

    return Litestar([render], openapi_config=None, logging_config=None)


def ready_page(runtime: Runtime, stage: Stage) -> tuple[AccountPage, Reader]:
    """The account's values, read once."""
    now = runtime.clock.now()
    visit = Visit(stage.supplier_id, stage.grant_id, new_visit_id(), now, now)
    with Visitor(face_of(runtime), visit, None, "/", now).reading() as (session, asker):
        return account_page(session, asker, runtime), asker.reader


def main(what: str, folder: str, port: str) -> int:
    logs.configure()
    stage = Stage.load(Path(folder))
    runtime = build_runtime(stage.settings(int(port)))
    made: dict[str, Callable[[], ASGIApp]] = {
        "bare": bare,
        "template": lambda: template_alone(runtime, stage),
        "account": lambda: create_app(runtime),
    }
    # The relay runs beside the page in every installation; the others get none of its work.
    workshop = Workshop(runtime, workers=True) if what == "account" else None
    server = FaceServer(made[what](), host="127.0.0.1", port=int(port))
    if workshop:
        workshop.start()
    server.start()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    while not server.is_up:
        stopping.wait(0.01)
    print("ready", flush=True)
    stopping.wait()
    server.stop()
    if workshop:
        workshop.stop()
    runtime.database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

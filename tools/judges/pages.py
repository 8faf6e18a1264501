"""Every page that a person sees, saved as it was sent: each visit, each page of a broken rule."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.testing import RequestFactory

import backoffice.app
import backoffice.errors
import portal.app
import portal.errors
from monitoring.alerts.actions import AlreadyAcknowledged
from receivables.errors import NoSuch, TemporarilyUnavailable
from receivables.ids import AlertId, PaymentId
from receivables.payments.errors import PaymentInProgress
from receivables.runtime import Runtime
from receivables.web.face import FormRefused
from receivables.web.limits import TooManyTries
from tests.support.visitors import Visitors
from tests.support.visits import BACKOFFICE, PORTAL, Visit

#: The debtor is German, the payer French, the owner English.
OTHER = "it"

_ID = UUID(int=1)
#: One for each page of `errors/`.
BROKEN: tuple[Exception, ...] = (
    FormRefused("too old"),
    NoSuch("nothing"),
    PaymentInProgress(PaymentId(_ID)),
    AlreadyAcknowledged(AlertId(_ID)),
    HTTPException(status_code=413),
    TooManyTries("codes", 60),
    TemporarilyUnavailable("the database"),
    RuntimeError("a fault of ours"),
)


def save_visits(everybody: Visitors, folder: Path) -> dict[Path, str]:
    """Where each page is, and which it is: as its reader gets it, and in another language where
    nobody does anything first. The browser runs no script, so that a change is answered with a
    page and not with a part of one.
    """
    saved: dict[Path, str] = {}
    for visit in (*PORTAL, *BACKOFFICE):
        _save(everybody, visit, folder, str(visit), saved)
    everybody.speak(OTHER)
    for visit in (*PORTAL, *BACKOFFICE):
        if visit.act is None:
            _save(everybody, visit, folder, f"{visit}, {OTHER}", saved)
            assert f'<html lang="{OTHER}' in everybody.document(), visit
    return saved


def _save(
    everybody: Visitors, visit: Visit, folder: Path, name: str, saved: dict[Path, str]
) -> None:
    everybody.go(visit)
    file = folder / f"{visit.face}-{len(saved)}.html"
    file.write_text(everybody.document(), encoding="utf-8")
    saved[file] = name


def save_errors(runtime: Runtime, folder: Path) -> dict[Path, str]:
    """The same of what a face answers when a rule is broken."""
    bare = Litestar(openapi_config=None, logging_config=None)
    request = RequestFactory(bare).get("/", headers={"Accept-Language": "de"})
    saved: dict[Path, str] = {}
    for face, answer_with in (
        (portal.app.face_of(runtime), portal.errors.answer_with),
        (backoffice.app.face_of(runtime), backoffice.errors.answer_with),
    ):
        for error in BROKEN:
            answer = answer_with(face)(request, error)
            file = folder / f"{face.name}-error-{answer.status_code}.html"
            file.write_text(answer.content, encoding="utf-8")
            saved[file] = f"{face.name}, {answer.status_code}"
        words = {page.stem for page in (face.templates / "errors").glob("[0-9]*.html")}
        assert words == {file.stem[-3:] for file in saved}, "a page of errors/ is not judged"
    return saved

"""Is this process fit to serve? One page for machines, the same in both faces; no secrets."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alembic.config import Config
from alembic.script import ScriptDirectory
from litestar import Request, Response, get
from litestar.di import NamedDependency
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from receivables.database import SYSTEM
from receivables.errors import TemporarilyUnavailable
from receivables.jobs import Job, JobState
from receivables.runtime import Runtime
from receivables.web.face import Face, no_session

_MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


@get("/health", sync_to_thread=True, before_request=no_session)
def show_health(
    request: Request[Any, Any, Any],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[dict[str, Any]]:
    """200 while pages can be served; 503 without a database, or with one of another version.

    Which part it is stands in the backoffice, behind the office door, for who asks it by its name;
    anybody else learns whether the process is fit, which is what a load balancer asks.
    """
    report = health(runtime)
    fit = report["database"] == "up" and report["migrations"] != "behind"
    told = report if tells_parts(face, request.headers.get("host", "")) else {}
    return Response({"fit": fit, **told}, status_code=200 if fit else 503)


def tells_parts(face: Face, host: str) -> bool:
    return face.name == "backoffice" and host.lower() == urlsplit(face.origin).netloc.lower()


def health(runtime: Runtime) -> dict[str, Any]:
    """What one may know from outside: parts that are up, and how late the work is."""
    report: dict[str, Any] = {
        "database": "down",
        "migrations": "unknown",
        "relay": any(each.name == "relay" and each.is_alive() for each in threading.enumerate()),
        "oldest_due_job_seconds": None,
        "broker": _broker(runtime.settings.broker.url),
        "card_payment": runtime.gateway is not None,
    }
    try:
        with runtime.reading(SYSTEM) as session:
            report["migrations"] = migration_state(session, _heads())
            report["oldest_due_job_seconds"] = _oldest_due(session, runtime)
    except (SQLAlchemyError, TemporarilyUnavailable):
        return report
    return {**report, "database": "up"}


def migration_state(session: Session, heads: tuple[str, ...]) -> str:
    """Whether the schema is that of this version: current, behind, or unknown (never migrated)."""
    if not heads or not inspect(session.connection()).has_table("alembic_version"):
        return "unknown"
    standing = set(session.scalars(text("SELECT version_num FROM alembic_version")))
    return "current" if standing == set(heads) else "behind"


def _heads() -> tuple[str, ...]:
    if not (_MIGRATIONS / "env.py").exists():
        return ()
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return tuple(ScriptDirectory.from_config(config).get_heads())


def _oldest_due(session: Session, runtime: Runtime) -> int:
    """How long the work that has waited longest has waited; 0 when nothing is late."""
    now = runtime.clock.now()
    oldest = session.scalar(
        select(func.min(Job.available_at)).where(
            Job.state.in_((JobState.PENDING, JobState.SENT)), Job.available_at <= now
        )
    )
    return 0 if oldest is None else int((now - oldest).total_seconds())


def _broker(url: str | None) -> str:
    return "in this process" if url is None else url.split(":", 1)[0]

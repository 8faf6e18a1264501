"""Work that gave up: what, why, and running it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.settings_pages import JobRow, JobsPage
from receivables.broker import ACTORS
from receivables.errors import NoSuch
from receivables.ids import JobId, SupplierId
from receivables.jobs import Job, JobState, run_again


class NoSuchJob(NoSuch):
    """The supplier has no such dead job."""


def dead_jobs(session: Session, supplier_id: SupplierId) -> Sequence[Job]:
    """The supplier's jobs that failed for good, the newest first."""
    return session.scalars(
        select(Job)
        .where(Job.supplier_id == supplier_id, Job.state == JobState.DEAD)
        .order_by(Job.available_at.desc(), Job.id)
    ).all()


def _count(session: Session, supplier_id: SupplierId, *states: JobState, since: datetime) -> int:
    statement = select(func.count()).where(
        Job.supplier_id == supplier_id, Job.state.in_(states), Job.available_at >= since
    )
    return session.scalar(statement) or 0


@get("/settings/jobs", sync_to_thread=True)
def show_jobs(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = jobs_page(session, asker)
    return asker.page("jobs.html", page)


def jobs_page(session: Session, asker: Asker) -> JobsPage:
    supplier_id = asker.supplier_id
    midnight = datetime.combine(asker.today, time(), ZoneInfo(asker.me.supplier_zone))
    ever = datetime.min.replace(year=1970, tzinfo=midnight.tzinfo)
    waiting = (JobState.PENDING, JobState.SENT, JobState.RUNNING)
    return JobsPage(
        head=asker.head(session, "settings"),
        notice=asker.notice(),
        dead=tuple(
            JobRow(
                id=job.id,
                name=job.actor,
                queue=ACTORS[job.actor].queue_name if job.actor in ACTORS else "",
                attempts=job.attempts,
                died_at=job.available_at,
                error=job.error or "",
            )
            for job in dead_jobs(session, supplier_id)
        ),
        waiting=_count(session, supplier_id, *waiting, since=ever),
        done_today=_count(session, supplier_id, JobState.DONE, since=midnight),
    )


@post("/settings/jobs/{job_id:uuid}/again", sync_to_thread=True)
def again(job_id: FromPath[UUID], owner: NamedDependency[Asker]) -> Redirect:
    with owner.transaction() as session:
        mine = {job.id for job in dead_jobs(session, owner.supplier_id)}
        if job_id not in mine:
            raise NoSuchJob(str(job_id))
        run_again(session, JobId(job_id), now=owner.runtime.clock.now())
    return owner.back("/settings/jobs", "job_again")

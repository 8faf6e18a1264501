"""When the gazettes are read, and when what they said is deleted."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import func, select

from monitoring.feeds import bodacc, shab
from monitoring.insolvency.actions import delete_expired
from monitoring.sources.gazettes import read_bodacc, read_shab
from monitoring.tables import FeedState
from receivables.broker import Work, actor, scheduled
from receivables.clock import local_date
from receivables.parties.queries import suppliers

#: The longest a go may take: fifty publications at one a second, and the lists before them.
_READING_TIME = timedelta(minutes=4)
#: Between two goes at what is still to be fetched.
_BREATH = timedelta(minutes=1)


@scheduled("*/15 * * * *", queue_name="monitoring")
def read_gazettes(work: Work) -> None:
    """Have each gazette read that the installation names and nobody has read for a while."""
    settings, now = work.runtime.settings.gazettes, work.runtime.clock.now()
    named = ((bodacc.SOURCE.key, settings.bodacc_url, read_french),
             (shab.SOURCE.key, settings.shab_url, read_swiss))  # fmt: skip
    with work.finish() as session:
        for key, url, reading in named:
            if url is None:
                continue
            latest = session.scalar(
                select(func.max(FeedState.last_success_at)).where(FeedState.feed == key)
            )
            if latest is None or now - latest >= settings.every:
                reading.enqueue(session, now=now, dedup=f"{key}:{now:%Y-%m-%dT%H:%M}")


@actor(queue_name="monitoring", max_retries=2, time_limit=_READING_TIME)
def read_french(work: Work) -> None:
    """Ask the BODACC; what was understood stays, whatever interrupts us."""
    url = work.runtime.settings.gazettes.bodacc_url
    if url is None:
        return
    client = bodacc.BodaccClient(url)
    try:
        read_bodacc(work.runtime, client)
    finally:
        client.close()


@actor(queue_name="monitoring", max_retries=2, time_limit=_READING_TIME)
def read_swiss(work: Work) -> None:
    """Read the SHAB; what there is more than one go can fetch comes in the next, soon."""
    url = work.runtime.settings.gazettes.shab_url
    if url is None:
        return
    client = shab.ShabClient(url)
    try:
        is_more = read_shab(work.runtime, client, wait=time.sleep)
    finally:
        client.close()
    if is_more:
        with work.finish() as session:
            now = work.runtime.clock.now()
            again_at = now + _BREATH
            read_swiss.enqueue(
                session, now=now, available_at=again_at, dedup=f"shab:{again_at:%Y-%m-%dT%H:%M}"
            )


@scheduled("40 2 * * *", queue_name="monitoring")
def delete_what_is_no_longer_public(work: Work) -> None:
    """Every night: what the registers themselves no longer show."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier in suppliers(session):
            delete_expired(session, supplier_id=supplier.id, today=local_date(now, supplier.zone))

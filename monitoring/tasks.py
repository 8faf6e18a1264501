"""What monitoring does by itself: judges what arrived, asks the bureau. `telling` tells people."""

from __future__ import annotations

import monitoring.alerts.tasks
import monitoring.effects.tasks
import monitoring.feeds.tasks
import monitoring.portfolio.tasks
import monitoring.sources.tasks
import monitoring.telling.tasks
import monitoring.webhooks.tasks
from monitoring.alerts import judging
from monitoring.feeds.bureau import BureauClient
from monitoring.readings import Accepted, Said
from monitoring.sources.polling import poll
from monitoring.taking import record_accepted
from receivables.broker import Work, actor, scheduled
from receivables.ids import SupplierId
from receivables.parties.queries import suppliers

assert monitoring.effects.tasks  # imported for its actors
assert monitoring.feeds.tasks  # imported for its actors
assert monitoring.sources.tasks  # imported for its actors
assert monitoring.portfolio.tasks  # imported for its actors
assert monitoring.telling.tasks  # imported for its actors
assert monitoring.alerts.tasks  # imported for its actors
assert monitoring.webhooks.tasks  # imported for its actors


def _supplier(work: Work) -> SupplierId:
    assert work.claimed.supplier_id is not None, "monitoring is a supplier's"
    return work.claimed.supplier_id


@actor(queue_name="monitoring")
def judge(work: Work, said: list[Said]) -> None:
    """Judge what sources say of some debtors by now."""
    with work.finish() as session:
        judging.judge(session, supplier_id=_supplier(work), said=said, clock=work.runtime.clock)


@actor(queue_name="monitoring")
def record_lines(work: Work, accepted: list[Accepted]) -> None:
    """Record some readings of a long file, which was accepted as a whole."""
    with work.finish() as session:
        record_accepted(
            session, supplier_id=_supplier(work), accepted=accepted, clock=work.runtime.clock
        )


@scheduled("*/5 * * * *", queue_name="monitoring")
def poll_bureau(work: Work) -> None:
    """Ask the bureau for every supplier, where the installation has one to ask."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        if work.runtime.settings.bureau.url is None:
            return
        for supplier in suppliers(session):
            poll_supplier.enqueue(
                session,
                now=now,
                supplier_id=supplier.id,
                dedup=f"poll:{supplier.id}:{now:%Y-%m-%dT%H:%M}",
            )


@actor(queue_name="monitoring", max_retries=2)
def poll_supplier(work: Work) -> None:
    """Ask the bureau for one supplier; what was understood stays, whatever interrupts us."""
    bureau = work.runtime.settings.bureau
    if bureau.url is None:
        return
    client = BureauClient(
        bureau.url, username=bureau.username or "", password=bureau.password or ""
    )
    try:
        poll(work.runtime, _supplier(work), client)
    finally:
        client.close()

"""Making health checks, and forgetting old ones."""

from __future__ import annotations

from datetime import timedelta

from monitoring.portfolio import actions
from monitoring.portfolio.faults import CustomersRefused
from monitoring.portfolio.making import make
from monitoring.portfolio.queries import NoSuchCheck
from receivables.broker import Work, actor, scheduled
from receivables.ids import PortfolioCheckId, SupplierId


@actor(
    queue_name="monitoring",
    time_limit=timedelta(minutes=20),
    max_retries=3,
    throws=(NoSuchCheck,),
)
def make_check(work: Work, of_supplier: SupplierId, check_id: PortfolioCheckId) -> None:
    """Make a check that somebody asked for, or its report anew after a decision."""
    try:
        make(work.runtime, of_supplier, check_id)
    except CustomersRefused as refused:
        with work.finish() as session:
            actions.refuse(session, of_supplier, check_id, refused.faults)
    else:
        with work.reading() as session:
            given = actions.gather(session, of_supplier, check_id)
        report = actions.reckon(given)
        with work.finish() as session:
            actions.conclude(session, of_supplier, check_id, report, clock=work.runtime.clock)


assert make_check.name == actions.MAKE


@scheduled("7 * * * *", queue_name="monitoring")
def forget_checks(work: Work) -> None:
    """Checks whose day of deletion has come."""
    with work.finish() as session:
        actions.expire(session, clock=work.runtime.clock)

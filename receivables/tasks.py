"""Every actor of the domain, so that a worker knows them all; and the housekeeping."""

from __future__ import annotations

import structlog

from receivables import checks
from receivables.bank import matching_tasks as bank
from receivables.broker import Work, scheduled
from receivables.collection import tasks as collection
from receivables.disputes import tasks as disputes
from receivables.dunning import carrying_tasks as dunning_carrying
from receivables.dunning import tasks as dunning
from receivables.lifecycle import tasks as lifecycle
from receivables.links import tasks as links
from receivables.parties.sessions import forget_ended
from receivables.payers import tasks as payers
from receivables.payments import tasks as payments
from receivables.plans import tasks as plans
from receivables.post import tasks as post
from receivables.promises import tasks as promises
from receivables.sms import tasks as sms
from receivables.uploads import tasks as uploads
from receivables.worklist import tasks as worklist

__all__ = [
    "bank",
    "check_promises",
    "collection",
    "disputes",
    "dunning",
    "dunning_carrying",
    "lifecycle",
    "links",
    "payers",
    "payments",
    "plans",
    "post",
    "promises",
    "sms",
    "tidy",
    "uploads",
    "worklist",
]

log = structlog.get_logger(__name__)


@scheduled("*/5 * * * *")
def check_promises(work: Work) -> None:
    """Put every invariant to the live database; a finding is an alarm in the log."""
    with work.reading() as session:
        for finding in checks.findings(session, now=work.runtime.clock.now()):
            log.error("promise.broken", promise=finding.promise, what=finding.what)


@scheduled("17 3 * * *")
def tidy(work: Work) -> None:
    """Forget what nobody can use any more."""
    with work.finish() as session:
        forget_ended(session, now=work.runtime.clock.now())

"""Periodic work that would find nothing, as there is nothing of what it looks at.

Most of what is scheduled looks whether something waits, and in the world of one test there is
nothing of most things. To find that out by performing each job is a good part of what a day costs.
So the world closes such a job as it would have ended: done at the first attempt, nothing changed.
In the long runs all of them are performed; `test_idle_work.py` performs each and looks what it
left. Work that is put on record once a day is fired as ever, and only closed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import cast

from sqlalchemy import ColumnElement, Table, bindparam, exists, literal, or_, select, update
from sqlalchemy.orm import Session

import monitoring.alerts.tasks
import monitoring.feeds.tasks
import monitoring.portfolio.tasks
import monitoring.sources.tasks
import monitoring.tasks
import monitoring.telling.tasks
import monitoring.webhooks.tasks
import receivables.collection.tasks
import receivables.disputes.tasks
import receivables.dunning.tasks
import receivables.lifecycle.tasks
import receivables.links.tasks
import receivables.payments.tasks
import receivables.plans.tasks
import receivables.promises.tasks
import receivables.sms.tasks
import receivables.tasks
import receivables.worklist.tasks
from monitoring.alerts.tables import Alert
from monitoring.feeds.sources import PAYMENTS
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.portfolio.tables import PortfolioCheck
from monitoring.sources.freshness import connected
from monitoring.tables import FeedState, FeedSubject, ScoreReading
from monitoring.telling.tables import PushSend
from monitoring.webhooks.tables import WebhookMessage
from receivables.broker import Actor
from receivables.collection.tables import CollectionFile
from receivables.credit.tables import StandingRow
from receivables.disputes.tables import Dispute
from receivables.dunning.tables import Reminder
from receivables.ids import JobId
from receivables.jobs import Job, JobState
from receivables.lifecycle.tables import LifecycleSettings, ReceivedStatus
from receivables.links.tables import StepUp
from receivables.parties.tables import StaffSession, Supplier
from receivables.payments.return_tables import Refund
from receivables.payments.tables import Payment, SavedMethod
from receivables.plans.tables import Plan, PlanMessage
from receivables.promises.tables import PaidClaim, Promise
from receivables.settings import Settings
from receivables.sms.tables import TextMessage
from receivables.worklist.tables import TaskMark


def _any(table: type) -> ColumnElement[bool]:
    return exists(select(literal(1)).select_from(table))


_ROWS: dict[Actor, ColumnElement[bool]] = {
    monitoring.alerts.tasks.look_at_limits: exists().where(StandingRow.limit_minor.is_not(None)),
    monitoring.feeds.tasks.listen_to_sources: or_(
        _any(FeedState), _any(FeedSubject), _any(SolvencyEvent),
        exists().where(ScoreReading.source != PAYMENTS.key),
    ),
    monitoring.portfolio.tasks.forget_checks: _any(PortfolioCheck),
    monitoring.sources.tasks.delete_what_is_no_longer_public: _any(SolvencyEvent),
    monitoring.telling.tasks.look_for_pushes: _any(PushSend),
    monitoring.telling.tasks.look_for_unheeded: _any(Alert),
    monitoring.webhooks.tasks.look_for_messages: _any(WebhookMessage),
    receivables.collection.tasks.forget_files: _any(CollectionFile),
    receivables.disputes.tasks.look_at_calendar: _any(Dispute),
    receivables.dunning.tasks.mark_unanswered: exists().where(Reminder.state == "sending"),
    receivables.lifecycle.tasks.look_at_each: or_(
        _any(LifecycleSettings), _any(ReceivedStatus), exists().where(Supplier.country == "FR")
    ),
    receivables.links.tasks.forget_codes: _any(StepUp),
    receivables.payments.tasks.expire_methods: _any(SavedMethod),
    # What was never sent cannot have been answered.
    receivables.payments.tasks.backfill: _any(Payment),
    receivables.payments.tasks.reconcile: exists().where(Payment.next_check_at.is_not(None)),
    receivables.payments.tasks.reconcile_refunds: exists().where(Refund.next_check_at.is_not(None)),
    receivables.plans.tasks.keep_plans: _any(Plan),
    receivables.plans.tasks.expire_waiting: _any(Plan),
    receivables.plans.tasks.mark_unanswered: exists().where(PlanMessage.state == "sending"),
    receivables.promises.tasks.judge_day: or_(_any(Promise), _any(PaidClaim)),
    receivables.sms.tasks.mark_unanswered: _any(TextMessage),
    receivables.tasks.tidy: _any(StaffSession),
    receivables.worklist.tasks.forget_old_marks: _any(TaskMark),
}  # fmt: skip
_ASKED: dict[Actor, Callable[[Settings], bool]] = {
    monitoring.feeds.tasks.ask_companies_house: lambda to: to.companies_house.url is not None,
    monitoring.feeds.tasks.listen_to_sources: lambda to: bool(connected(to)),
    monitoring.feeds.tasks.poll_creditsafe: lambda to: to.creditsafe.url is not None,
    monitoring.sources.tasks.read_gazettes: lambda to: bool(
        to.gazettes.bodacc_url or to.gazettes.shab_url
    ),
    monitoring.tasks.poll_bureau: lambda to: to.bureau.url is not None,
}

_THERE = select(*(there.label(str(place)) for place, there in enumerate(_ROWS.values())))
_JOBS = cast("Table", Job.__table__)
_CLOSE = (
    update(_JOBS)
    .where(_JOBS.c.id.in_(bindparam("closed", expanding=True)))
    .values(state=JobState.DONE, attempts=1, lease_until=None, token=None)
)

_KNOWN = {one.name for one in (*_ROWS, *_ASKED)}


def idle_actors(session: Session, settings: Settings) -> set[str]:
    """The names of the actors that would find nothing now; needs a system transaction."""
    there = session.execute(_THERE).one()
    found = {one for one, is_there in zip(_ROWS, there, strict=True) if is_there}
    found |= {one for one, is_asked in _ASKED.items() if is_asked(settings)}
    return {one.name for one in (*_ROWS, *_ASKED) if one not in found}


def close_idle(
    session: Session,
    due: Sequence[tuple[JobId, str]],
    settings: Settings,
    *,
    leaving: Collection[str] = (),
) -> Collection[JobId]:
    """Close the jobs among those handed over that would find nothing, and return them; those of
    the actors in `leaving` as well, whatever they would find.
    """
    idle = set(leaving)
    if any(name in _KNOWN for _, name in due):
        idle |= idle_actors(session, settings)
    closed = {job_id for job_id, name in due if name in idle}
    if closed:
        session.execute(_CLOSE, {"closed": list(closed)})
    return closed

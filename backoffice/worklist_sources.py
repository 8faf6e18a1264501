"""Every task of the house: those of the subjects, and the alerts that only this face may see."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backoffice.worklist_words import ALERT
from monitoring import queries as watched
from monitoring.feeds.scales import name_of
from monitoring.severities import Severity
from monitoring.wording import headline
from receivables.clock import local_date
from receivables.worklist.queries import EVERY, Sources
from receivables.worklist.rules import Task
from receivables.worklist.sources.asking import Asked

#: Nobody has more open alerts than a person reads; who has sees the latest.
_MOST_ALERTS = 1000
#: These are wanted on the day they are raised.
_SOON = (Severity.HIGH, Severity.CRITICAL)


def alerts(session: Session, asked: Asked) -> list[Task]:
    """Alerts that nobody has looked at."""
    found = watched.alerts(session, asked.supplier_id, only_open=True, limit=_MOST_ALERTS)
    return [
        Task(
            kind=ALERT,
            subject_id=one.alert_id,
            debtor_id=one.debtor_id,
            since=one.raised_at,
            due_on=local_date(one.raised_at, asked.zone) if one.severity in _SOON else None,
            facts={"source": name_of(one.source), "what": headline(one)},
        )
        for one in found
    ]


SOURCES: Sources = {**EVERY, (ALERT,): alerts}

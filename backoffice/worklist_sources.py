"""Every task of the house: those of the subjects, and the alerts that only this face may see."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backoffice.solvency_effects import cause_words
from backoffice.worklist_words import ALERT, DECIDED, EFFECT, INSURER, LODGE, PUBLICATION
from monitoring.alerts import queries as watched
from monitoring.alerts.decided import decided_with_a_day
from monitoring.alerts.severities import Severity
from monitoring.alerts.wording import headline
from monitoring.effects.queries import proposals
from monitoring.effects.words import effect_words
from monitoring.feeds.scales import name_of
from monitoring.insolvency.claims import claims_of
from monitoring.insolvency.queries import candidates
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


def decided(session: Session, asked: Asked) -> list[Task]:
    """What was decided about alerts and is to be done by a day."""
    return [
        Task(
            kind=DECIDED,
            subject_id=one.alert_id,
            debtor_id=one.debtor_id,
            since=one.decided_at,
            due_on=one.due_on,
            staff_id=one.decided_by,
            facts={"decision": one.decision, "note": one.note},
        )
        for one in decided_with_a_day(session, asked.supplier_id)
    ]


def lodging(session: Session, asked: Asked) -> list[Task]:
    """Claims to lodge with liquidators, and insurers who are still to be told."""
    tasks = []
    for one in claims_of(session, asked.supplier_id, only_waiting=True):
        if one.state == "open":
            tasks.append(
                Task(
                    kind=LODGE,
                    subject_id=one.claim_id,
                    debtor_id=one.debtor_id,
                    since=one.created_at,
                    due_on=one.lodge_until,
                    facts={"lodge_until": one.lodge_until},
                )
            )
        if one.insurer_waits:
            tasks.append(
                Task(
                    kind=INSURER,
                    subject_id=one.claim_id,
                    debtor_id=one.debtor_id,
                    since=one.created_at,
                    due_on=local_date(one.created_at, asked.zone),
                )
            )
    return tasks


def effects(session: Session, asked: Asked) -> list[Task]:
    """What solvency calls for, and nobody has decided."""
    return [
        Task(
            kind=EFFECT,
            subject_id=one.proposal_id,
            debtor_id=one.debtor_id,
            since=one.made_at,
            facts={"what": effect_words(one.effect), "why": cause_words(one.cause)},
        )
        for one in proposals(session, asked.supplier_id, only_open=True)
    ]


def doubtful(session: Session, asked: Asked) -> list[Task]:
    """Publications that only a name speaks for, or that are about a person."""
    return [
        Task(
            kind=PUBLICATION,
            subject_id=one.id,
            debtor_id=one.debtor_id,
            since=one.received_at,
            facts={
                "source": name_of(one.source),
                "published_on": one.published_on,
                "label": one.label,
            },
        )
        for one in candidates(session, asked.supplier_id)
    ]


SOURCES: Sources = {
    **EVERY, (ALERT,): alerts, (DECIDED,): decided, (LODGE, INSURER): lodging, (EFFECT,): effects,
    (PUBLICATION,): doubtful,
}  # fmt: skip

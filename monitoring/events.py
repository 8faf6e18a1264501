"""What can happen in monitoring. None of it is ever shown to a debtor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import AlertId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChanged(Event):
    """A source says something else about a debtor than before; `change` is a ChangeKind."""

    kind: ClassVar[str] = "score.changed"

    source: str
    as_of_on: date
    change: str
    band_before: str
    band_after: str
    score_before: int | None
    score_after: int | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Event):
    """Something that somebody asked to be told of; `rule` is a RuleKind."""

    kind: ClassVar[str] = "alert.raised"

    alert_id: AlertId
    rule: str
    severity: str
    source: str
    band_before: str | None
    band_after: str | None
    score_before: int | None
    score_after: int | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAcknowledged(Event):
    """Somebody looked at an alert and decided; `decision` is a Decision."""

    kind: ClassVar[str] = "alert.acknowledged"

    alert_id: AlertId
    decision: str
    note: str
    #: Until when it is to be done; None when nothing is left to do.
    due_on: date | None = None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSnoozed(Event):
    """Somebody looked at an alert and put it off until a day."""

    kind: ClassVar[str] = "alert.snoozed"

    alert_id: AlertId
    until: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRetracted(Event):
    """The source took back what an alert was about."""

    kind: ClassVar[str] = "alert.retracted"

    alert_id: AlertId
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedWentSilent(Event):
    """A source gives no longer what it should; `silence` is a `heartbeat.Silence`."""

    kind: ClassVar[str] = "feed.silent"

    source: str
    silence: str
    since: datetime


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpeaksAgain(Event):
    """A source that had been silent since then gives again what it should."""

    kind: ClassVar[str] = "feed.speaks"

    source: str
    since: datetime

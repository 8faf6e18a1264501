"""Is a source alive? One that has gone silent, empty or late looks just like good news.

Silent: it was asked and no asking succeeded for two days. Empty: it answers, and has nothing to
say where it usually has. Late: what it gives is older than its rhythm allows; of a file nobody
brings, the rhythm is that of the files before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from monitoring.feeds.contract import Source, Way

#: So many days with answers make a habit, and so many deliveries a rhythm.
LEAST_DAYS, LEAST_DELIVERIES = 5, 3
#: Nobody is alarmed about less than a week of what comes by itself.
LEAST_QUIET = timedelta(days=7)
#: A source that answers about every company every day.
ALWAYS_QUIET = timedelta(days=2)


class Silence(StrEnum):
    SILENT = "silent"
    EMPTY = "empty"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What is known of a source's life, for one supplier.

    `answers` counts by day what it said; `deliveries` are the days on which a file came.
    """

    first_asked_at: datetime | None = None
    last_success_at: datetime | None = None
    watched: int = 0
    answers: Mapping[date, int] = field(default_factory=dict)
    newest_on: date | None = None
    deliveries: Sequence[date] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and since when nothing was heard: as long as that is the same, so is the
    trouble.
    """

    silence: Silence
    since: datetime


def trouble_of(source: Source, pulse: Pulse, *, now: datetime) -> Trouble | None:
    """What is wrong with a source now; None while it gives what may be expected of it."""
    if source.way is Way.OWN:
        return None
    heard_at = pulse.last_success_at or pulse.first_asked_at
    if source.silent_after is not None and heard_at is not None:
        if now - heard_at > source.silent_after:
            return Trouble(Silence.SILENT, heard_at)
        if pulse.last_success_at is None:
            return None
    return _empty(source, pulse, now) or _late(source, pulse, now)


def _empty(source: Source, pulse: Pulse, now: datetime) -> Trouble | None:
    if source.way is not Way.ASKED or not pulse.watched:
        return None
    days = sorted(day for day, count in pulse.answers.items() if count)
    if source.answers_always and pulse.first_asked_at is not None:
        last_at = _start_of(days[-1]) + timedelta(days=1) if days else pulse.first_asked_at
        return Trouble(Silence.EMPTY, last_at) if now - last_at > ALWAYS_QUIET else None
    if len(days) < LEAST_DAYS:
        return None
    usual = max(after - before for before, after in pairwise(days))
    quiet = now.date() - days[-1]
    if quiet > max(LEAST_QUIET, 2 * usual):
        return Trouble(Silence.EMPTY, _start_of(days[-1]))
    return None


def _late(source: Source, pulse: Pulse, now: datetime) -> Trouble | None:
    newest = pulse.newest_on or max(pulse.deliveries, default=None)
    allowed = source.late_after or rhythm_of(pulse.deliveries)
    if newest is None or allowed is None or now.date() - newest <= allowed:
        return None
    return Trouble(Silence.LATE, _start_of(newest))


def rhythm_of(deliveries: Sequence[date]) -> timedelta | None:
    """How long the next delivery may take: twice as long as usual, a week at least. None while
    there were too few to tell.
    """
    days = sorted(set(deliveries))
    if len(days) < LEAST_DELIVERIES:
        return None
    usual = median((after - before).days for before, after in pairwise(days))
    return max(LEAST_QUIET, timedelta(days=2 * usual))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)

"""When somebody else is told of an alert that nobody looks at: pure, from plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitoring.alerts.rules import Severity
from monitoring.telling.choices import DIGEST_AT, Person, Where, local_instant
from receivables.ids import StaffId

#: Source: SPEC 2.7, "Acknowledge": working hours to the deputy, hours to the administrators.
DEPUTY_AFTER = timedelta(hours=4)
ADMIN_AFTER = timedelta(hours=24)
#: Source: the same, "Web push".
UNOPENED_AFTER = timedelta(hours=1)
#: The hours that count as worked, in the supplier's zone. Ours: a day's usual ten.
WORKING = (time(8, 0), time(18, 0))


class Step(StrEnum):
    """Who is told next."""

    DEPUTY = "deputy"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheeded:
    """An alert that is neither acknowledged nor taken back nor put off."""

    severity: Severity
    #: When it was raised, or came back.
    since: datetime
    deputy_told_at: datetime | None = None
    admin_told_at: datetime | None = None


def steps_due(alert: Unheeded, now: datetime, where: Where) -> list[Step]:
    """What is due and was not done: only critical alerts are carried further."""
    if alert.severity is not Severity.CRITICAL:
        return []
    due = []
    if alert.deputy_told_at is None and now >= worked_later(alert.since, DEPUTY_AFTER, where):
        due.append(Step.DEPUTY)
    if alert.admin_told_at is None and now >= alert.since + ADMIN_AFTER:
        due.append(Step.ADMIN)
    return due


def worked_later(start: datetime, length: timedelta, where: Where) -> datetime:
    """When so much working time has passed since `start`."""
    day = start.astimezone(ZoneInfo(where.zone)).date()
    left = length
    while True:
        if where.calendar.is_working_day(day, where.country):
            begins = max(start, local_instant(day, WORKING[0], where.zone))
            ends = local_instant(day, WORKING[1], where.zone)
            if begins + left <= ends:
                return begins + left
            left -= max(ends - begins, timedelta(0))
        day += timedelta(days=1)


def heirs(
    step: Step,
    told: Iterable[StaffId],
    people: Iterable[Person],
    deputies: Mapping[StaffId, StaffId],
) -> list[StaffId]:
    """Who is told in place of those who were: their deputies, or else the administrators."""
    here = {person.staff_id: person for person in people}
    admins = [person.staff_id for person in here.values() if person.is_admin]
    if step is Step.ADMIN:
        return admins
    found = dict.fromkeys(
        deputies[one] for one in told if one in deputies and deputies[one] in here
    )
    return list(found) or admins


def returns_at(day: date, where: Where) -> datetime:
    """When an alert that was put off until a day comes back: when digests go."""
    return local_instant(day, DIGEST_AT, where.zone)

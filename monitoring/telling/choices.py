"""Who is told of an alert, when and by which way: pure, from what people chose.

Five paces: at once; in the person's waking hours; in the digest of the next working day; in that
of the week; not at all. Where a colleague looks after a debtor, others hear of it only as far as
they chose to. Days and hours are counted in the supplier's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitoring.alerts.rules import Severity
from receivables.ids import StaffId
from receivables.workdays import Calendar


class Pace(StrEnum):
    """How soon somebody is told."""

    NOW = "now"
    """At once, at any hour."""
    WAKING = "waking"
    """At once within the person's hours, otherwise when they begin."""
    DAILY = "daily"
    """In the digest of the next working day."""
    WEEKLY = "weekly"
    """In the digest at the beginning of the next week."""
    NOT = "not"
    """It stands in the list of alerts, and nobody is woken."""


class Portfolio(StrEnum):
    """Whose debtor it is, as one person sees it."""

    MINE = "mine"
    """I look after the debtor, or nobody in particular does."""
    OTHERS = "others"
    """A colleague looks after the debtor."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose for one severity; the list in the office shows every alert anyway."""

    pace: Pace
    mail: bool = True
    push: bool = False

    @property
    def wakes(self) -> bool:
        """Whether the person hears of it by itself."""
        return self.pace is not Pace.NOT and (self.mail or self.push)


Choices = Mapping[tuple[Portfolio, Severity], Choice]

_SOON = (Pace.NOW, Pace.WAKING)
_NOTHING = Choice(Pace.NOT)
#: Source: SPEC 2.7, "Delivery".
USUAL: Choices = {
    (Portfolio.MINE, Severity.CRITICAL): Choice(Pace.NOW, push=True),
    (Portfolio.MINE, Severity.HIGH): Choice(Pace.WAKING, push=True),
    (Portfolio.MINE, Severity.MEDIUM): Choice(Pace.DAILY),
    (Portfolio.MINE, Severity.LOW): Choice(Pace.DAILY),
    (Portfolio.MINE, Severity.INFO): Choice(Pace.WEEKLY),
    **{(Portfolio.OTHERS, severity): _NOTHING for severity in Severity},
}
#: The hours of high alerts, and when digests go. Source: the same.
WAKING = (time(7, 0), time(20, 0))
DIGEST_AT = time(7, 30)
#: So many alerts an hour are told one by one; the rest of a flood comes together.
MOST_SINGLY = 20
#: What a flood brings is collected for so long, and then for an hour each time.
FLOOD_COLLECTS = timedelta(minutes=10)
FLOOD_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One member of staff who can sign in."""

    staff_id: StaffId
    is_admin: bool
    choices: Choices = field(default_factory=dict)
    waking: tuple[time, time] = WAKING
    wants_digests: bool = True
    #: When this person was last told of alerts of a flood together; None: not lately.
    flooded_at: datetime | None = None
    #: How many alerts this person was told one by one within the last hour.
    told_lately: int = 0

    def chose(self, portfolio: Portfolio, severity: Severity) -> Choice:
        return self.choices.get((portfolio, severity), USUAL[portfolio, severity])


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What telling needs to know of an alert. `owner` looks after its debtor, if anybody does."""

    severity: Severity
    owner: StaffId | None = None
    #: It is about the monitoring itself, which administrators mend.
    for_admins: bool = False
    #: It is one of many that a single notice tells of.
    in_mass: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """The supplier's zone and working days."""

    zone: str
    country: str
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Slot:
    """The digest something is told in: `number` counts those of a flood, 0 for the others."""

    kind: str
    on: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """One person is told: by mail or push or both at `due_at`, or in a digest."""

    staff_id: StaffId
    due_at: datetime
    mail: bool
    push: bool
    slot: Slot | None = None


def tellings(news: News, people: Sequence[Person], *, now: datetime, where: Where) -> list[Telling]:
    """Who is told of an alert, and when. Of a critical one at least the administrators hear."""
    heard = [(person, choice) for person, choice in _chosen(news, people) if choice.wakes]
    if _must_be_heard(news, heard):
        must = Choice(Pace.NOW if news.severity is Severity.CRITICAL else Pace.WAKING, push=True)
        others = [(person, choice) for person, choice in heard if not person.is_admin]
        heard = [*others, *((person, must) for person in people if person.is_admin)]
    found = (_telling(news, person, choice, now, where) for person, choice in heard)
    return [telling for telling in found if telling is not None]


def _must_be_heard(news: News, heard: Iterable[tuple[Person, Choice]]) -> bool:
    """Whether nobody would hear soon of what somebody has to hear of."""
    if news.severity is not Severity.CRITICAL and not news.for_admins:
        return False
    return not any(choice.pace in _SOON for _, choice in heard)


def _chosen(news: News, people: Iterable[Person]) -> list[tuple[Person, Choice]]:
    known = {person.staff_id for person in people}
    owner = news.owner if news.owner in known else None
    chosen = []
    for person in people:
        if news.for_admins and not person.is_admin:
            continue
        is_mine = owner is None or owner == person.staff_id
        portfolio = Portfolio.MINE if is_mine else Portfolio.OTHERS
        chosen.append((person, person.chose(portfolio, news.severity)))
    return chosen


def _telling(
    news: News, person: Person, choice: Choice, now: datetime, where: Where
) -> Telling | None:
    at_once = choice.pace in _SOON
    too_many = person.told_lately >= MOST_SINGLY and news.severity is not Severity.CRITICAL
    if at_once and not news.in_mass and not too_many:
        due_at = now if choice.pace is Pace.NOW else in_waking_hours(now, person.waking, where.zone)
        return Telling(person.staff_id, due_at, choice.mail, choice.push)
    if at_once:
        slot = flood_slot(person, now, where)
        return Telling(person.staff_id, slot.due_at, mail=True, push=False, slot=slot)
    if not choice.mail or not person.wants_digests:
        return None
    slot = digest_slot(choice.pace, now, where)
    return Telling(person.staff_id, slot.due_at, mail=True, push=False, slot=slot)


def local_instant(day: date, at: time, zone: str) -> datetime:
    """That hour of that day in a zone, in UTC. Of an hour that the clocks skip, the next one; of
    one that they repeat, the first (PEP 495).
    """
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def in_waking_hours(now: datetime, waking: tuple[time, time], zone: str) -> datetime:
    """`now` within the hours, otherwise when they begin next; equal ends mean the whole day."""
    begins, ends = waking
    local = now.astimezone(ZoneInfo(zone))
    at = local.time().replace(tzinfo=None)
    is_awake = begins <= at < ends if begins < ends else at >= begins or at < ends
    if is_awake or begins == ends:
        return now
    day = local.date()
    while (wakes := local_instant(day, begins, zone)) <= now:
        day += timedelta(days=1)
    return wakes


def digest_slot(pace: Pace, now: datetime, where: Where) -> Slot:
    """The next digest of a pace: of the next working day, or of the next week's first."""
    today = now.astimezone(ZoneInfo(where.zone)).date()
    if pace is Pace.DAILY:
        day = _workday(today, where)
        if local_instant(day, DIGEST_AT, where.zone) <= now:
            day = _workday(day + timedelta(days=1), where)
        return Slot("daily", day, local_instant(day, DIGEST_AT, where.zone))
    monday = today - timedelta(days=today.weekday())
    while local_instant(day := _workday(monday, where), DIGEST_AT, where.zone) <= now:
        monday += timedelta(weeks=1)
    return Slot("weekly", day, local_instant(day, DIGEST_AT, where.zone))


def _workday(day: date, where: Where) -> date:
    """That day, or the first working day after it."""
    while not where.calendar.is_working_day(day, where.country):
        day += timedelta(days=1)
    return day


def flood_slot(person: Person, now: datetime, where: Where) -> Slot:
    """What is collected goes soon, and an hour after what was collected before at the earliest."""
    due_at = now + FLOOD_COLLECTS
    if person.flooded_at is not None:
        due_at = max(due_at, person.flooded_at + FLOOD_PAUSE)
    return Slot("flood", due_at.astimezone(ZoneInfo(where.zone)).date(), due_at)

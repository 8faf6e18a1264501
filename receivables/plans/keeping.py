"""What is to be done about a standing plan on a day: reminders, notice, cure, acceleration.

Decided anew from the ledger and from what was sent, so a run that is made twice does the same,
and a day that was missed is caught up with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from receivables.ids import InstalmentId
from receivables.plans.folding import InstalmentStanding, PlanStanding
from receivables.plans.states import PlanState
from receivables.workdays import Calendar, working_days_later


def working_days_before(day: date, count: int, *, country: str, calendar: Calendar) -> date:
    """The `count`-th working day before `day`."""
    while count > 0:
        day -= timedelta(days=1)
        count -= calendar.is_working_day(day, country)
    return day


#: Nobody is charged or written to at night.
_FROM, _UNTIL = time(8), time(20)


def day_of_work(now: datetime, zone: str) -> date | None:
    """The supplier's day on which work may be done at this instant; None outside of the hours."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if _FROM <= local.time() < _UNTIL else None


class Act(StrEnum):
    """What a run may do about a plan."""

    ANNOUNCE_CHARGE = "announce_charge"
    REMIND_COMING = "remind_coming"
    REMIND_LATE = "remind_late"
    GIVE_NOTICE = "give_notice"
    WARN = "warn"
    CURE = "cure"
    ACCELERATE = "accelerate"
    COMPLETE = "complete"


#: A card is charged this many days after its notice at the earliest.
#: Source: what the debtor agrees to when they save a card (`consent.py`).
NOTICE_BEFORE_CHARGE = timedelta(days=2)


def notice_before(kind: str, sepa_notice_days: int) -> timedelta:
    """How long before a charge of a saved method of this kind the debtor is told."""
    return timedelta(days=sepa_notice_days) if kind == "sepa_debit" else NOTICE_BEFORE_CHARGE


#: Business days from an instalment's due date: ours; the law asks only for a notice that names
#: the days to cure.
_COMING, _LATE, _DEFAULT = 3, 2, 5

#: After so many instalments that were late beyond notice and then paid, the debtor is warned;
#: the next one ends the plan.
LATES_BEFORE_WARNING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something about one instalment that the debtor was told, and when."""

    act: Act
    instalment_id: InstalmentId | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of a standing plan when it is looked at."""

    state: PlanState
    standing: PlanStanding
    told: Sequence[Told]
    #: A usable card or bank account is charged when an instalment falls due.
    charges: bool
    #: Money for it is at the bank, or may be: nothing is held against the debtor meanwhile.
    money_on_its_way: bool
    cure_days: int
    country: str
    #: How long before a charge the debtor is told.
    notice: timedelta = NOTICE_BEFORE_CHARGE
    #: Instalments that we are to charge and that no bank has refused: if they are late, it is
    #: our doing, or the gateway's.
    ours: frozenset[InstalmentId] = frozenset()
    #: The day of the first notice of the default that lasts, where one does.
    default_since: date | None = None

    def told_on(self, act: Act, instalment_id: InstalmentId | None = None) -> date | None:
        return next(
            (
                one.on
                for one in self.told
                if one.act is act and one.instalment_id in (instalment_id, None)
            ),
            None,
        )

    def running_notice(self, instalment_id: InstalmentId) -> date | None:
        """The day of the notice whose days to cure are running. A default that was cured took its
        notices with it: what is open again, because money went back, is given notice of anew.
        """
        if self.state is not PlanState.IN_DEFAULT:
            return None
        given = (
            one.on
            for one in self.told
            if one.act is Act.GIVE_NOTICE
            and one.instalment_id == instalment_id
            and (self.default_since is None or one.on >= self.default_since)
        )
        return max(given, default=None)

    @property
    def noticed(self) -> tuple[InstalmentStanding, ...]:
        """Instalments that were late beyond notice."""
        return tuple(
            part
            for part in self.standing.parts
            if self.told_on(Act.GIVE_NOTICE, part.instalment.instalment_id) is not None
        )

    @property
    def cured(self) -> int:
        """How many of them were paid after all."""
        return sum(1 for part in self.noticed if not part.open)

    @property
    def cure_until(self) -> date | None:
        """The last day to pay what was given notice of; None when nothing waits."""
        return self._cure_until([part for part in self.noticed if part.open])

    @property
    def held_until(self) -> date | None:
        """The same of what the debtor has to see to."""
        return self._cure_until(
            [
                part
                for part in self.noticed
                if part.open and part.instalment.instalment_id not in self.ours
            ]
        )

    def _cure_until(self, parts: Sequence[InstalmentStanding]) -> date | None:
        days = [self.running_notice(part.instalment.instalment_id) for part in parts]
        first = min((day for day in days if day is not None), default=None)
        return None if first is None else first + timedelta(days=self.cure_days)


@dataclass(frozen=True, slots=True)
class ToDo:
    """One act, and the instalment it is about."""

    act: Act
    instalment_id: InstalmentId | None = None


def due_acts(kept: Kept, today: date, calendar: Calendar) -> list[ToDo]:
    """What is to be done about the plan today, in order."""
    if not kept.standing.outstanding and kept.standing.beside.minor >= 0:
        return [ToDo(Act.COMPLETE)]
    found = _state_acts(kept, today, calendar)
    if any(one.act is Act.ACCELERATE for one in found):
        return found
    return [*found, *_messages(kept, today, calendar)]


def _state_acts(kept: Kept, today: date, calendar: Calendar) -> list[ToDo]:
    acts: list[ToDo] = []
    cure_until = kept.cure_until
    if kept.state is PlanState.IN_DEFAULT and cure_until is None:
        acts.append(ToDo(Act.CURE))
    enough = kept.cured >= LATES_BEFORE_WARNING and cure_until is None
    if enough and kept.told_on(Act.WARN) is None:
        acts.append(ToDo(Act.WARN))
    if kept.money_on_its_way:
        return acts
    held_until = kept.held_until
    if kept.state is PlanState.IN_DEFAULT and held_until is not None and today > held_until:
        return [ToDo(Act.ACCELERATE)]
    for part in kept.standing.late:
        instalment = part.instalment
        if instalment.instalment_id in kept.ours:
            continue
        default_on = _later(kept, instalment.due_on, _DEFAULT, calendar)
        if today < default_on or kept.running_notice(instalment.instalment_id):
            continue
        if kept.told_on(Act.WARN) is not None and kept.cured >= LATES_BEFORE_WARNING:
            return [ToDo(Act.ACCELERATE)]
        acts.append(ToDo(Act.GIVE_NOTICE, instalment.instalment_id))
    return acts


def _later(kept: Kept, day: date, count: int, calendar: Calendar) -> date:
    return working_days_later(day, count, country=kept.country, calendar=calendar)


def _messages(kept: Kept, today: date, calendar: Calendar) -> list[ToDo]:
    found = []
    for part in kept.standing.parts:
        act = _message_about(kept, part, today, calendar) if part.open else None
        if act is not None:
            found.append(ToDo(act, part.instalment.instalment_id))
    return found


def _message_about(
    kept: Kept, part: InstalmentStanding, today: date, calendar: Calendar
) -> Act | None:
    instalment = part.instalment
    due_on, told = instalment.due_on, instalment.instalment_id
    if today <= due_on:
        if kept.charges:
            soon, act = due_on - kept.notice, Act.ANNOUNCE_CHARGE
        else:
            soon = working_days_before(due_on, _COMING, country=kept.country, calendar=calendar)
            act = Act.REMIND_COMING
        return act if today >= soon and kept.told_on(act, told) is None else None
    if kept.charges and kept.told_on(Act.ANNOUNCE_CHARGE, told) is None:
        # Missed while nobody was at work: it is announced now, and charged after its notice.
        return Act.ANNOUNCE_CHARGE
    if kept.money_on_its_way or told in kept.ours:
        return None
    if kept.told_on(Act.GIVE_NOTICE, told) is not None:
        return None
    if today >= _later(kept, due_on, _DEFAULT, calendar):
        return None
    late_on = _later(kept, due_on, _LATE, calendar)
    if today >= late_on and kept.told_on(Act.REMIND_LATE, told) is None:
        return Act.REMIND_LATE
    return None

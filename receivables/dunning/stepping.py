"""Which step an invoice takes on a day, and whose words a message uses. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.dunning.first_reminder import is_mild, opens_for
from receivables.dunning.items import AGAIN, Account, Item, Line, dunnable
from receivables.dunning.reasons import Reason
from receivables.dunning.steps import FORMAL_DEADLINE, LegalEffect, Scenario, Step
from receivables.interest.laws import wants_first_reminder
from receivables.workdays import Calendar

#: What was sent so long ago has arrived, or never will: another may follow it.
_OLD_AFTER = timedelta(days=14)


def step_day(
    step: Step, due_on: date, country: str, calendar: Calendar, payer: PayerClass = PayerClass.N
) -> date:
    """When a step falls: after the due date rolled to the next working day, before it to the
    one before, so that nobody is asked early or warned late.
    """
    offset = step.offset_for(payer)
    assert offset is not None, "the step is for this class"
    day = due_on + timedelta(days=offset)
    stride = timedelta(days=-1 if offset < 0 else 1)
    while not calendar.is_working_day(day, country):
        day += stride
    return day


def most_level(last_level: int | None) -> int:
    """The highest level whose words a debtor may get next: one above the last.

    Somebody who was never reminded gets the first reminder, however late it is.
    """
    return max(last_level or 0, 0) + 1


def _ahead(step: Step) -> int:
    """By how much a step may be above what is allowed: a person's step is taken in its own words
    only, an automatic one also in those of the level below.
    """
    return 0 if step.is_manual else 1


def next_step(
    scenario: Scenario,
    item: Item,
    today: date,
    *,
    country: str,
    calendar: Calendar,
    account: Account | None = None,
    until: date | None = None,
) -> Line:
    """The step an invoice takes today, if any, and the lower ones that it stands for.

    Of several that were missed only the highest is taken; after a broken promise the next one is
    taken though its day has not come. A courtesy is not caught up with once the invoice is due,
    nor sent when its day came before the invoice did. With `account` nothing is taken that is
    more than its last words allow, or that a law keeps back until a first reminder and its days;
    with `until` what falls due by then is taken with today's.
    """
    course = _course(scenario, item.due_on, country, calendar, _whom(account, country))
    steps, days, places = course.steps, course.days, course.places
    # What comes before a step that was taken is over, taken or not.
    behind = max((places.get(name, -1) for name in item.taken), default=-1)
    allowed: Sequence[Step] = steps[behind + 1 :]
    if account is not None:
        most = most_level(account.last_level)
        allowed = [step for step in allowed if step.level <= most + _ahead(step)]
    amount = dunnable(item)
    opens = opens_for(account, item, calendar=calendar) if course.wants_first else date.min
    is_open = opens is not None and opens <= today
    if not is_open:
        allowed = [step for step in allowed if is_mild(step)]
    if _is_too_early(item, steps[behind] if behind >= 0 else None, today):
        allowed = []
    chosen, reason = _open_step(item, allowed, days, today, until)
    if chosen is None and item.is_promise_broken(today):
        overdue = (step for step in allowed if step.offset_days > 0)
        chosen, reason = next(overdue, None), Reason.PROMISE_BROKEN
    again = False
    may_repeat = behind >= 0 and item.taken_on != today and (is_open or is_mild(steps[behind]))
    if chosen is None and account is not None and may_repeat:
        chosen, reason = _lagging(item, steps[behind], account.last_level), Reason.CAUGHT_UP
        again = chosen is not None
    if chosen is None and course.wants_first and item.notice is None:
        chosen, reason = _never_said(item, steps[: behind + 1], today), Reason.CAUGHT_UP
        again = chosen is not None
    beyond = steps if chosen is None else steps[places[chosen.name] + 1 :]
    later = [days[step.name] for step in beyond if days[step.name] > today]
    if not is_open:
        later = [day for step in beyond if (day := _day_open(step, days, opens)) and day > today]
    next_on = min(later, default=None)
    if chosen is None:
        kept_back = () if is_open else [one for one in steps[behind + 1 :] if not is_mild(one)]
        is_barred = any(days[one.name] <= today for one in kept_back)
        is_barred = is_barred or bool(kept_back and not later)
        reason = _why_none(steps, item, account, is_barred=is_barred, comes_later=bool(later))
        return Line(item=item, amount=amount, reason=reason, next_on=next_on)
    superseded = () if again else steps[behind + 1 : places[chosen.name]]
    return Line(
        item=item, amount=amount, reason=reason, step=chosen, superseded=superseded,
        next_on=next_on, again=again,
    )  # fmt: skip


def _why_none(
    steps: Sequence[Step],
    item: Item,
    account: Account | None,
    *,
    is_barred: bool,
    comes_later: bool,
) -> Reason:
    """Why an invoice takes no step: it is with others, a law keeps one back, or none is due."""
    left = item.taken - item.declined
    if left_by := {one.name for one in steps if one.hands_over and one.name in left}:
        waits = account is not None and not left_by.isdisjoint(account.waiting)
        return Reason.HANDOVER_WAITS if waits else Reason.HANDED_OVER
    if is_barred:
        return Reason.FIRST_REMINDER
    return Reason.NOT_YET if comes_later else Reason.NO_STEP_LEFT


def _never_said(item: Item, taken: Sequence[Step], today: date) -> Step | None:
    """The mild step of an item that was reminded of without what the law wants said (before that
    was known here, or by another system): once more, now with it, when the other is old.
    """
    if item.taken_on is None or item.due_on >= today or today < item.taken_on + _OLD_AFTER:
        return None
    free = (
        step
        for step in reversed(taken)
        if is_mild(step) and step.offset_days > 0 and not step.is_manual
    )
    return next((step for step in free if step.name + AGAIN not in item.taken), None)


def _day_open(step: Step, days: Mapping[str, date], opens: date | None) -> date | None:
    """When a step can be taken: not before the law lets it; None while nobody knows when."""
    if is_mild(step):
        return days[step.name]
    return None if opens is None else max(days[step.name], opens)


#: Of whom a step's conditions speak: kind, country, payer class, solvency class.
_Whom = tuple[str, str, PayerClass, SolvencyClass]


def _whom(account: Account | None, country: str) -> _Whom:
    if account is None:
        return "business", country[:2], PayerClass.N, SolvencyClass.NONE
    return account.kind, account.country, account.payer, account.standing.solvency_class


@dataclass(frozen=True, slots=True)
class _Course:
    """The steps for one kind of debtor, with their days and where each stands among them."""

    steps: tuple[Step, ...]
    days: Mapping[str, date]
    places: Mapping[str, int]
    #: The law wants a free first reminder of such a debtor.
    wants_first: bool


@lru_cache(maxsize=16_384)
def _course(
    scenario: Scenario, due_on: date, place: str, calendar: Calendar, whom: _Whom
) -> _Course:
    """Remembered, since due dates recur."""
    kind, country, payer, solvency = whom
    steps = tuple(
        step
        for step in scenario
        if step.offset_for(payer) is not None
        and step.conditions.hold_for(kind=kind, country=country, payer=payer, solvency=solvency)
    )
    return _Course(
        steps,
        {step.name: step_day(step, due_on, place, calendar, payer) for step in steps},
        {step.name: at for at, step in enumerate(steps)},
        wants_first_reminder(country, kind),
    )


def _open_step(
    item: Item,
    allowed: Sequence[Step],
    days: Mapping[str, date],
    today: date,
    until: date | None,
) -> tuple[Step | None, Reason]:
    """The highest step whose day has come, or that is near enough to be taken along.

    A person's step stands for no message: what goes by itself goes first.
    """
    highest_first = allowed[::-1]
    by_itself = [step for step in highest_first if not step.is_manual]
    for step in (*by_itself, *(step for step in highest_first if step.is_manual)):
        day = days[step.name]
        if day < item.due_on and not (today <= item.due_on and day >= item.issued_on):
            continue
        if day <= today:
            return step, Reason.STEP_DUE if day == today else Reason.CAUGHT_UP
        # Nobody is told that something is overdue before it is.
        is_said_in_time = step.offset_days < 0 or item.due_on < today
        near = until is not None and day <= until and is_said_in_time
        if near and not step.is_manual and step.legal_effect is LegalEffect.NONE:
            return step, Reason.GATHERED
    return None, Reason.NOT_YET


def _is_too_early(item: Item, last: Step | None, today: date) -> bool:
    """A run that is made again changes nothing, and a formal notice is given its days."""
    if item.taken_on is None or last is None:
        return False
    if last.legal_effect is LegalEffect.FORMAL_NOTICE:
        return today <= item.taken_on + FORMAL_DEADLINE
    return today == item.taken_on


def _lagging(item: Item, last: Step, last_level: int | None) -> Step | None:
    """The last step of an item if it was taken in lower words, once its own are allowed."""
    lags = last.name in item.lagging and last.name + AGAIN not in item.taken
    return last if lags and last.level <= most_level(last_level) else None


def capped(scenario: Scenario, lines: Iterable[Line], last_level: int | None) -> Step:
    """The step whose words a message uses: its highest item's, one above the last at most."""
    taken = [line.step for line in lines if line.step is not None]
    most = most_level(last_level)
    fitting = [step for step in taken if step.level <= most]
    highest = max(step.level for step in taken)
    if fitting and highest <= most:
        return max(fitting, key=lambda step: (step.level, scenario.place(step.name)))
    milder = [step for step in scenario if step.level <= most and not step.is_manual]
    return max(milder, key=lambda step: (step.level, scenario.place(step.name)))

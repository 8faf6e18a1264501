"""Days of the story: working days, and when a step of the reminders' scenario falls."""

from __future__ import annotations

from datetime import date, timedelta

#: The product's scenario: days after the due date, and how firm the words are.
STEPS = {"courtesy": -7, "r1": 3, "r2": 10}
LEVELS = {"courtesy": 0, "r1": 1, "r2": 2}

_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5


def on_or_after(day: date) -> date:
    """The day itself when people work on it, else the next on which they do."""
    while not is_working_day(day):
        day += _DAY
    return day


def on_or_before(day: date) -> date:
    while not is_working_day(day):
        day -= _DAY
    return day


def next_working_day(today: date) -> date:
    return on_or_after(today + _DAY)


def step_day(step: str, due_on: date) -> date:
    """When a step falls: nobody is asked early or warned late because of a weekend."""
    offset = STEPS[step]
    day = due_on + timedelta(days=offset)
    return on_or_before(day) if offset < 0 else on_or_after(day)

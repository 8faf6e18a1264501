"""One debtor's life under a scenario, day by day, without a database: what is decided is lived."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from receivables.dunning.items import AGAIN, Item, Line, Made, Verdict
from receivables.dunning.limits import NO_HOUSE, House
from receivables.dunning.rules import decide
from receivables.dunning.steps import DEFAULT, Scenario
from receivables.ports.channels import Channel
from receivables.workdays import WEEKDAYS, Calendar
from tests.support.dunning_cases import account


@dataclass
class Life:
    """Applies each day's verdict as sending does: steps taken, level, history."""

    items: list[Item]
    scenario: Scenario = DEFAULT
    calendar: Calendar = WEEKDAYS
    house: House = NO_HOUSE
    country: str = "CH"
    heard_on: date | None = None
    last_level: int | None = None
    made: list[Made] = field(default_factory=list)
    #: Day, step and level of each message.
    sent: list[tuple[date, str, int]] = field(default_factory=list)
    tasks: list[tuple[date, str]] = field(default_factory=list)

    def decide(self, today: date) -> Verdict:
        of = account(
            *self.items, country=self.country, last_level=self.last_level,
            made=tuple(self.made), heard_on=self.heard_on,
            reachable=frozenset({Channel.SMS, Channel.CALL}),
        )  # fmt: skip
        return decide(self.scenario, of, today, calendar=self.calendar, house=self.house)

    def live(self, today: date, *, does_tasks: bool = True) -> Verdict:
        """One day: what is decided is sent, and people do their steps at once."""
        verdict = self.decide(today)
        for line in verdict.taking:
            self._take(line, today)
            assert line.step is not None, "a step is taken"
            lags = verdict.step is not None and line.step.level > verdict.step.level
            self._lag(line.item, line.step.name, lags=lags)
        if verdict.step is not None:
            self.sent.append((today, verdict.step.name, verdict.step.level))
            for channel in (verdict.channel, *verdict.beside):
                self.made.append(Made(on=today, channel=channel))
            self.last_level = max(self.last_level or 0, verdict.step.level)
        for task in verdict.tasks:
            for line in task.lines:
                self._take(line, today)
            if does_tasks:
                self.tasks.append((today, task.step.name))
                self.last_level = max(self.last_level or 0, task.step.level)
        return verdict

    def live_from(self, first: date, days: int, *, off: Collection[int] = ()) -> None:
        """Many days in a row; on those in `off` the engine is down."""
        for day in range(days):
            if day not in off:
                self.live(first + timedelta(days=day))

    def pay(self, number: str) -> None:
        self.items = [one for one in self.items if one.number != number]

    def _take(self, line: Line, today: date) -> None:
        names = {line.taken_as, *(one.name for one in line.superseded)}
        self._replace(line.item, taken=self._now(line.item).taken | names, taken_on=today)

    def _lag(self, item: Item, step: str, *, lags: bool) -> None:
        now = self._now(item)
        lagging = now.lagging | {step} if lags else now.lagging
        open_again = frozenset(one for one in lagging if one + AGAIN not in now.taken)
        self._replace(item, lagging=open_again)

    def _now(self, item: Item) -> Item:
        return next(one for one in self.items if one.invoice_id == item.invoice_id)

    def _replace(self, item: Item, **changes: object) -> None:
        self.items = [
            replace(one, **changes) if one.invoice_id == item.invoice_id else one  # type: ignore[arg-type]
            for one in self.items
        ]

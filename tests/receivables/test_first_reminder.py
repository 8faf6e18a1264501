"""The free first reminder to a Belgian consumer: nothing firmer, dearer or sooner than the law."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.dunning.first_reminder import is_mild, opens_on
from receivables.dunning.items import Account, Item, Verdict
from receivables.dunning.limits import House
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import decide
from receivables.dunning.steps import (
    CONSUMERS,
    DEFAULT,
    OURS,
    STRICT,
    THREE_MAILS,
    LegalEffect,
    Scenario,
    Tone,
    scenario_for,
)
from receivables.interest.rules import Notice
from receivables.ports.channels import Channel
from receivables.workdays import HOLIDAYS
from tests.support.dunning_cases import FRIDAY, account, item

DAY = timedelta(days=1)
BELGIAN = {
    "country": "BE", "kind": "consumer",
    "reachable": frozenset({Channel.SMS, Channel.CALL, Channel.LETTER, Channel.REGISTERED}),
}  # fmt: skip


# The last day on which nothing may be added. Third working days by hand: weekends, and the
# Belgian holidays of 1 and 11 November 2026, 25 December 2026, 1 January 2027, 29 March 2027.
@pytest.mark.parametrize(
    ("on", "by", "last_day"),
    [
        (date(2026, 11, 2), "electronic", date(2026, 11, 16)),
        (date(2026, 2, 14), "electronic", date(2026, 2, 28)),  # a Saturday counts like any day
        (date(2028, 2, 15), "electronic", date(2028, 2, 29)),
        (date(2026, 11, 2), "post", date(2026, 11, 18)),  # Monday; 5 November; 14 days with it
        (date(2026, 11, 6), "post", date(2026, 11, 25)),  # Friday; 9, 10, then not the 11th: 12
        (date(2026, 12, 23), "post", date(2027, 1, 11)),  # 24, 28, 29 December
        (date(2026, 12, 30), "post", date(2027, 1, 18)),  # 31 December, 4 and 5 January
        (date(2027, 3, 26), "post", date(2027, 4, 14)),  # Friday before Easter: 30, 31, 1
    ],
)  # fmt: skip
def test_the_fourteen_days_begin_the_day_after_a_mail_and_on_the_third_working_day_after_a_letter(
    on, by, last_day
):
    assert opens_on(Notice(on, by), "BE", calendar=HOLIDAYS) == last_day + DAY


def test_consumers_have_a_scenario_of_their_own_until_their_supplier_says_otherwise():
    def chosen(kind: str, solvency: SolvencyClass = SolvencyClass.NONE) -> Scenario:
        return scenario_for(OURS, kind=kind, country="BE", payer=PayerClass.N, solvency=solvency)

    assert chosen("consumer") is chosen("consumer", SolvencyClass.E) is CONSUMERS
    assert chosen("business") is DEFAULT
    first = CONSUMERS.step("r1")
    assert first is not None
    assert first.legal_effect is LegalEffect.FIRST_REMINDER_B2C
    assert [step.name for step in CONSUMERS] == [step.name for step in DEFAULT]
    # A mail of the first reminder's own day leaves its fourteen days before the second.
    second = CONSUMERS.step("r2")
    assert second is not None
    assert second.offset_days > first.offset_days + 14


@dataclass
class Belgian:
    """A Belgian consumer's life, day by day: what is decided is sent, and put on record."""

    items: list[Item]
    scenario: Scenario
    last_level: int | None = None
    #: What was sent, with what was known then.
    sent: list[tuple[date, Verdict]] = field(default_factory=list)

    def account(self) -> Account:
        return account(*self.items, last_level=self.last_level, **BELGIAN)

    def live(self, today: date, *, posted: bool = False) -> None:
        verdict = decide(self.scenario, self.account(), today, calendar=HOLIDAYS,
                         house=House(shown=None))  # fmt: skip
        self.sent.append((today, verdict))
        done = [(line, verdict.step) for line in verdict.taking]
        done += [(line, task.step) for task in verdict.tasks for line in task.lines]
        for line, spoken in done:
            assert spoken is not None
            names = {line.taken_as, *(one.name for one in line.superseded)}
            notice = line.item.notice
            if spoken.level <= 1 and line.item.due_on < today:
                notice = notice or Notice(today, "post" if posted else "electronic")
            self._replace(line.item, notice=notice, taken_on=today, names=names)
        if verdict.step is not None:
            self.last_level = max(self.last_level or 0, verdict.step.level)

    def _replace(self, old: Item, *, names: set[str], **changes: object) -> None:
        self.items = [
            replace(one, taken=one.taken | names, **changes)  # type: ignore[arg-type]
            if one.invoice_id == old.invoice_id
            else one
            for one in self.items
        ]


def steeper(scenario: Scenario, days: list[int]) -> Scenario:
    """The same steps on other days after the due date, as a supplier might put them."""
    later = sorted(days)
    demands = [step for step in scenario if step.offset_days > 0]
    moved = {step.name: later[at] for at, step in enumerate(demands)}
    return replace(
        scenario,
        steps=tuple(
            replace(step, offset_days=moved.get(step.name, step.offset_days), class_offsets=())
            for step in scenario
        ),
    )


@settings(max_examples=60, deadline=None)
@given(
    scenario=st.sampled_from([CONSUMERS, DEFAULT, STRICT, THREE_MAILS]),
    days=st.lists(st.integers(1, 50), min_size=6, max_size=6),
    due=st.lists(st.integers(0, 30), min_size=1, max_size=3),
    off=st.sets(st.integers(0, 89), max_size=60),
    posted=st.booleans(),
)
def test_no_belgian_consumer_meets_interest_cost_or_firmness_before_the_first_reminder_is_over(
    scenario, days, due, off, posted
):
    life = Belgian(
        [item(number, due_on=FRIDAY + late * DAY) for number, late in enumerate(due, 1)],
        steeper(scenario, days),
    )
    for day in range(90):
        if day not in off:
            life.live(FRIDAY + day * DAY, posted=posted)

    given_at: dict[str, date] = {}
    for today, verdict in life.sent:
        spoken = [(verdict.step, verdict.lines)] if verdict.step else []
        spoken += [(task.step, task.lines) for task in verdict.tasks]
        for step, lines in spoken:
            for line in lines:
                notice = line.item.notice
                over = opens_on(notice, "BE", calendar=HOLIDAYS)
                if over is None or today < over:
                    assert is_mild(step), f"{step.name} of {line.item.number} on {today}"
                    assert (step.level, step.shows_interest) <= (1, False)
                    assert step.tone in (Tone.HELPFUL, Tone.FRIENDLY)
                if is_mild(step) and line.item.due_on < today:
                    assert line.item.number not in given_at, "one is free; there is one"
                    given_at[line.item.number] = today
    # And it does not stay silent: whoever is late for long enough had the first reminder.
    if not off and scenario is CONSUMERS:
        assert len(given_at) == len(due)


def test_a_firm_step_waits_and_says_why_and_since_when_it_may_come():
    late = item(due_on=FRIDAY - 60 * DAY, taken=frozenset({"courtesy", "r1"}))

    unknown = decide(CONSUMERS, account(late, **BELGIAN), FRIDAY, calendar=HOLIDAYS,
                     house=House(shown=None))  # fmt: skip
    reminded = replace(late, notice=Notice(FRIDAY - 5 * DAY, "electronic"))
    waiting = decide(CONSUMERS, account(reminded, **BELGIAN), FRIDAY, calendar=HOLIDAYS,
                     house=House(shown=None))  # fmt: skip

    assert (unknown.step, unknown.tasks) == (None, ())
    assert unknown.held[0].reason is waiting.held[0].reason is Reason.FIRST_REMINDER
    assert (unknown.held[0].next_on, waiting.held[0].next_on) == (None, FRIDAY + 10 * DAY)
    # Elsewhere nobody waits for it.
    elsewhere = account(late, last_level=1, **{**BELGIAN, "country": "FR"})
    french = decide(CONSUMERS, elsewhere, FRIDAY, calendar=HOLIDAYS, house=House(shown=None))
    assert french.step is not None or french.tasks


def test_who_was_reminded_without_the_laws_words_gets_them_once_before_anything_firmer():
    old = item(due_on=FRIDAY - 60 * DAY, taken=frozenset({"courtesy", "r1", "r2"}),
               taken_on=FRIDAY - 14 * DAY)  # fmt: skip
    life = Belgian([old], CONSUMERS, last_level=2)
    lately = Belgian([replace(old, taken_on=FRIDAY - 13 * DAY)], CONSUMERS, last_level=2)

    life.live(FRIDAY)
    lately.live(FRIDAY)

    (_, verdict), (_, waits) = life.sent[0], lately.sent[0]
    assert verdict.step is CONSUMERS.step("r1")
    assert [line.taken_as for line in verdict.lines] == ["r1+"]
    assert (waits.step, waits.held[0].reason) == (None, Reason.FIRST_REMINDER)
    # Its fourteen days run until Friday the 20th; the Monday after, the next step is taken.
    for day in range(1, 18):
        life.live(FRIDAY + day * DAY)
    taken = [(day, one.step.name) for day, one in life.sent if one.step is not None]
    assert taken == [(FRIDAY, "r1"), (FRIDAY + 17 * DAY, "r3")]


def test_without_the_suppliers_company_number_the_first_reminder_waits():
    of = account(item(due_on=FRIDAY - 5 * DAY), **BELGIAN)

    def on(house: House) -> Verdict:
        return decide(CONSUMERS, of, FRIDAY, calendar=HOLIDAYS, house=house)

    assert on(House(shown=None, names_itself=False)).reason is Reason.NO_COMPANY_NUMBER
    assert on(House(shown=None)).step is CONSUMERS.step("r1")


def test_another_invoice_is_asked_for_apart_from_the_one_that_has_its_first_reminder():
    first = item(1, due_on=FRIDAY - 5 * DAY)
    over = item(2, due_on=FRIDAY - 40 * DAY, taken=frozenset({"courtesy", "r1", "r2", "call"}),
                notice=Notice(FRIDAY - 36 * DAY, "electronic"))  # fmt: skip
    of = account(first, over, last_level=2, **BELGIAN)

    verdict = decide(CONSUMERS, of, FRIDAY, calendar=HOLIDAYS, house=House(shown=None))

    assert verdict.step is CONSUMERS.step("r1")
    assert [line.item.number for line in verdict.lines] == ["2026-1"]
    assert [line.reason for line in verdict.held] == [Reason.FIRST_REMINDER]
    # Nor is the new one listed where the old one is asked for firmly.
    told = replace(first, taken=frozenset({"courtesy", "r1"}), taken_on=FRIDAY,
                   notice=Notice(FRIDAY, "electronic"))  # fmt: skip
    later = account(told, over, last_level=2, **BELGIAN)
    verdict = decide(CONSUMERS, later, FRIDAY + 6 * DAY, calendar=HOLIDAYS,
                     house=House(shown=None))  # fmt: skip
    assert verdict.step is CONSUMERS.step("r3")
    assert [line.item.number for line in verdict.lines] == ["2026-2"]

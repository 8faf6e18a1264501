"""The ten acceptance tests of the scenario engine, each by its number, and what must always hold.

Those that need a database or a mail server stand where the sending is tested: (1) and (9) in
test_dunning_sending, (2), (8) and (10) in test_dunning; here they are held as pure decisions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.credit.rules import PayerClass, Standing
from receivables.dunning.items import Made
from receivables.dunning.limitation import limitation_on
from receivables.dunning.limits import DEFAULT_LIMITS, House, missed_days, needs_release
from receivables.dunning.rules import Reason, decide, step_day
from receivables.dunning.steps import DEFAULT, Conditions, Step
from receivables.ledger.holds import Hold, HoldReason
from receivables.parties.presentation import language_for
from receivables.ports.channels import Channel
from receivables.workdays import HOLIDAYS, WEEKDAYS, region_of
from tests.support.dunning_cases import FRIDAY, account, chf, item
from tests.support.dunning_life import Life

DAY = timedelta(days=1)


def step(name: str) -> Step:
    found = DEFAULT.step(name)
    assert found is not None
    return found


def test_1_what_is_paid_between_planning_and_sending_is_not_sent() -> None:
    day = FRIDAY + 3 * DAY
    assert decide(DEFAULT, account(item()), day, calendar=WEEKDAYS).step is not None

    paid = decide(DEFAULT, account(item(amount="0.00")), day, calendar=WEEKDAYS)

    assert (paid.step, paid.reason) == (None, Reason.TOLERANCE)


def test_2_a_run_that_is_made_ten_times_in_a_day_makes_one_message() -> None:
    life = Life([item()])

    for _ in range(10):
        life.live(FRIDAY + 3 * DAY)

    assert [name for _, name, _ in life.sent] == ["r1"]


def test_3_an_engine_down_over_two_steps_sends_the_higher_one_level_up() -> None:
    # The courtesy was sent; D+3 and D+10 were missed.
    life = Life([item(taken=frozenset({"courtesy"}))], last_level=0)

    verdict = life.live(FRIDAY + 11 * DAY)

    (line,) = verdict.lines
    assert verdict.step is not None
    assert line.step is not None
    assert (line.step.name, [one.name for one in line.superseded]) == ("r2", ["r1"])
    assert verdict.step.level == 1, "one above the courtesy"
    assert len(life.sent) == 1


@pytest.mark.parametrize(
    ("place", "day"),
    [
        ("BE", date(2026, 5, 4)),
        ("FR", date(2026, 5, 4)),
        ("DE", date(2026, 5, 4)),
        ("CH-ZH", date(2026, 5, 4)),
        ("CH-GR", date(2026, 5, 1)),
    ],
)
def test_4_friday_the_first_of_may_rolls_to_monday_unless_it_is_worked_there(
    place: str, day: date
) -> None:
    assert step_day(step("r1"), date(2026, 4, 28), place, HOLIDAYS) == day


def test_4_the_region_is_known_from_the_postcode_where_it_lies_in_one_region_alone() -> None:
    assert region_of("CH", "7000") == "GR"
    assert region_of("CH", "8001") == "ZH"
    assert region_of("CH", "1290") == "", "Geneva and Vaud share these"
    assert region_of("DE", "80331") == "BY"
    assert region_of("FR", "67000") == "6AE"
    assert region_of("CH", "D-80331") == region_of("GB", "SW1A 1AA") == ""
    # Epiphany is a holiday in Bavaria, and a day like others in Hamburg.
    assert not HOLIDAYS.is_working_day(date(2026, 1, 6), "DE-BY")
    assert HOLIDAYS.is_working_day(date(2026, 1, 6), "DE-HH")


def test_5_of_a_thousand_three_hundred_in_dispute_seven_hundred_are_asked_for() -> None:
    contested = Hold(invoice_id=item().invoice_id, reason=HoldReason.DISPUTED, amount=chf("300.00"))
    verdict = decide(
        DEFAULT, account(item(amount="1000.00", holds=(contested,))), FRIDAY + 3 * DAY,
        calendar=WEEKDAYS,
    )  # fmt: skip

    assert verdict.total == chf("700.00")
    assert [line.item.disputed for line in verdict.disputed] == [chf("300.00")]


def test_6_five_invoices_at_levels_1_1_2_3_3_make_one_mail() -> None:
    today = FRIDAY + 3 * DAY
    invoices = [
        item(1, due_on=today - 3 * DAY),
        item(2, due_on=today - 3 * DAY),
        item(3, due_on=today - 10 * DAY, taken=frozenset({"courtesy", "r1"})),
        item(4, due_on=today - 24 * DAY, taken=frozenset({"courtesy", "r1", "r2", "call"})),
        item(5, due_on=today - 24 * DAY, taken=frozenset({"courtesy", "r1", "r2", "call"})),
    ]

    verdict = decide(DEFAULT, account(*invoices, last_level=2), today, calendar=WEEKDAYS)

    assert verdict.step is not None
    assert verdict.step.name == "r3"
    assert len(verdict.lines) == 5
    assert verdict.tasks == ()


def test_7_paying_the_oldest_does_not_start_the_others_again() -> None:
    life = Life([item(1), item(2, due_on=FRIDAY + 7 * DAY)])
    life.live_from(FRIDAY, 14)
    assert life.last_level == 2

    life.pay("2026-1")
    life.live_from(FRIDAY + 14 * DAY, 30)

    assert [level for *_, level in life.sent] == sorted(level for *_, level in life.sent)
    assert "r1" not in [name for day, name, _ in life.sent if day >= FRIDAY + 14 * DAY]


def test_9_a_credit_that_covers_all_leaves_nothing_to_ask() -> None:
    covered = account(item(), unapplied=chf("100.00"))

    verdict = decide(DEFAULT, covered, FRIDAY + 3 * DAY, calendar=WEEKDAYS)

    assert (verdict.step, verdict.reason) == (None, Reason.CREDIT_COVERS)


def test_10_a_french_debtor_of_a_german_supplier_reads_french() -> None:
    assert language_for(contact="fr", debtor=None, country="DE", supplier="de") == "fr"


def test_the_default_scenario_runs_from_the_courtesy_to_the_handover() -> None:
    life = Life([item(issued_on=FRIDAY - 30 * DAY)])

    life.live_from(FRIDAY - 10 * DAY, 80)

    assert [((day - FRIDAY).days, name) for day, name, _ in life.sent] == [
        (-7, "courtesy"), (3, "r1"), (10, "r2"), (24, "r3"),
    ]  # fmt: skip
    assert [((day - FRIDAY).days, name) for day, name in life.tasks] == [
        (17, "call"), (34, "formal"), (45, "handover"),
    ]  # fmt: skip
    assert life.decide(FRIDAY + 80 * DAY).reason is Reason.HANDED_OVER


@pytest.mark.parametrize(
    ("payer", "courtesy", "first"),
    [
        (PayerClass.A, None, 5), (PayerClass.B, -7, 3), (PayerClass.D, -10, 3),
        (PayerClass.E, -10, 3), (PayerClass.N, -7, 3),
    ],
)  # fmt: skip
def test_the_payers_class_moves_the_courtesy_and_the_first_reminder(
    payer: PayerClass, courtesy: int | None, first: int
) -> None:
    of = account(item(issued_on=FRIDAY - 60 * DAY), standing=Standing(payer_class=payer))
    found = {}
    for days in range(-20, 8):
        verdict = decide(DEFAULT, of, FRIDAY + days * DAY, calendar=WEEKDAYS)
        if verdict.step is not None:
            found.setdefault(verdict.step.name, days)

    # D+5 of a Friday is a Wednesday; D+1 is a Saturday and rolls to Monday.
    assert found.get("courtesy") == courtesy
    assert found["r1"] == first


def test_a_debtor_who_was_never_written_to_hears_every_word_in_turn() -> None:
    life = Life([item(due_on=FRIDAY - 100 * DAY)])

    life.live_from(FRIDAY, 60)

    assert [name for _, name, _ in life.sent] == ["r1", "r2", "r3"]
    assert [name for _, name in life.tasks] == ["formal", "handover"]
    (noticed, _), (handed_over, _) = life.tasks
    assert handed_over > noticed + 8 * DAY, "the notice's days are over first"
    days = [day for day, *_ in life.sent]
    assert all(later - day >= 5 * DAY for day, later in pairwise(days))


def test_what_falls_due_within_two_working_days_goes_along() -> None:
    thursday = FRIDAY + 6 * DAY
    today, monday = item(1, due_on=thursday - 3 * DAY), item(2, due_on=thursday + 1 * DAY)

    verdict = decide(DEFAULT, account(today, monday), thursday, calendar=WEEKDAYS)

    assert {line.item.number: line.reason for line in verdict.lines} == {"2026-1": Reason.STEP_DUE}
    later = replace(monday, due_on=thursday - 2 * DAY)
    verdict = decide(DEFAULT, account(today, later), thursday, calendar=WEEKDAYS)
    assert {line.item.number: line.reason for line in verdict.lines} == {
        "2026-1": Reason.STEP_DUE, "2026-2": Reason.GATHERED,
    }  # fmt: skip


def test_a_text_message_goes_with_the_second_reminder_unless_that_is_one_too_many() -> None:
    reminded = item(taken=frozenset({"courtesy", "r1"}))
    day = FRIDAY + 10 * DAY

    def beside(*made: date) -> tuple[Channel, ...]:
        of = account(
            reminded, last_level=1, reachable=frozenset({Channel.SMS}),
            made=tuple(Made(on=one, channel=Channel.EMAIL) for one in made),
        )  # fmt: skip
        verdict = decide(DEFAULT, of, day, calendar=WEEKDAYS)
        assert verdict.step is not None
        return verdict.beside

    assert beside(day - 8 * DAY) == (Channel.SMS,)
    assert beside(day - 6 * DAY) == ()


@pytest.mark.parametrize(
    ("house", "demand", "courtesy"),
    [
        (House(bank_known_until=FRIDAY - 1 * DAY, shown=None), Reason.BANK_DATA_OLD, None),
        (House(bank_known_until=FRIDAY, shown=None), None, None),
        (
            House(absences=[(FRIDAY, FRIDAY + 9 * DAY)], shown=None),
            Reason.SUPPLIER_ABSENT, Reason.SUPPLIER_ABSENT,
        ),
        (
            House(importing=Reason.IMPORT_RUNNING, shown=None),
            Reason.IMPORT_RUNNING, Reason.IMPORT_RUNNING,
        ),
    ],
)  # fmt: skip
def test_old_bank_data_holds_demands_and_an_absence_or_an_import_holds_everything(
    house: House, demand: Reason | None, courtesy: Reason | None
) -> None:
    # Friday's statement is two working days old on Tuesday, Thursday's is older.
    tuesday = FRIDAY + 4 * DAY
    overdue = account(item())
    coming = account(item(due_on=tuesday + 7 * DAY))

    asked = decide(DEFAULT, overdue, tuesday, calendar=WEEKDAYS, house=house)
    warned = decide(DEFAULT, coming, tuesday, calendar=WEEKDAYS, house=house)

    assert (asked.step is None) is (demand is not None)
    assert demand is None or asked.reason is demand
    assert (warned.step is None) is (courtesy is not None)
    assert courtesy is None or warned.reason is courtesy


def test_the_third_reminder_waits_for_the_afternoon_on_which_it_can_be_objected_to() -> None:
    day = FRIDAY + 24 * DAY
    of = account(item(taken=frozenset({"courtesy", "r1", "r2", "call"})), last_level=2)

    hidden = decide(DEFAULT, of, day, calendar=WEEKDAYS, house=House(shown=frozenset()))
    shown = decide(DEFAULT, of, day, calendar=WEEKDAYS, house=House(shown=frozenset({day})))

    assert (hidden.step, hidden.reason) == (None, Reason.NOT_SHOWN_YET)
    assert shown.step is not None


def test_a_step_is_only_for_debtors_of_whom_its_conditions_are_true() -> None:
    r1 = replace(step("r1"), conditions=Conditions(kinds=frozenset({"consumer"})))
    steps = tuple(r1 if one.name == "r1" else one for one in DEFAULT.steps)
    scenario = replace(DEFAULT, steps=steps)
    day = FRIDAY + 3 * DAY

    business = decide(scenario, account(item()), day, calendar=WEEKDAYS)
    consumer = decide(scenario, account(item(), kind="consumer"), day, calendar=WEEKDAYS)

    assert business.reason is Reason.NOT_YET
    assert consumer.step == r1


def test_a_far_greater_batch_than_usual_or_one_after_days_without_a_run_waits() -> None:
    usual = [20, 24, 0, 22, 21, 23]

    assert needs_release(44, usual, missed=0) is None
    assert needs_release(45, usual, missed=0) is Reason.UNUSUAL_BATCH
    assert needs_release(45, usual[:4], missed=0) is None, "nobody knows yet what is usual"
    assert needs_release(1, usual, missed=4) is Reason.AFTER_OUTAGE
    assert needs_release(1, usual, missed=3) is None
    friday, thursday = date(2026, 11, 6), date(2026, 11, 12)
    assert missed_days(friday, thursday, country="CH", calendar=WEEKDAYS) == 3


@pytest.mark.parametrize(
    ("country", "kind", "last_day"),
    [
        ("DE", "business", date(2026, 12, 31)), ("FR", "business", date(2028, 2, 28)),
        ("FR", "consumer", date(2025, 2, 28)), ("CH", "business", date(2028, 2, 28)),
        ("XX", "business", None),
    ],
)  # fmt: skip
def test_a_person_is_warned_before_a_claim_can_no_longer_be_enforced(
    country: str, kind: str, last_day: date | None
) -> None:
    assert limitation_on(date(2023, 2, 28), country, kind) == last_day


offsets = st.lists(st.integers(-15, 40), min_size=1, max_size=6)


@given(
    dues=offsets,
    off=st.sets(st.integers(0, 89), max_size=40),
    paid=st.dictionaries(st.integers(0, 89), st.integers(1, 6), max_size=3),
    heard=st.one_of(st.none(), st.integers(0, 60)),
)
@settings(max_examples=30, deadline=None)
def test_on_random_histories_the_limits_hold_the_level_climbs_by_one_and_a_day_lives_once(
    dues: list[int], off: set[int], paid: dict[int, int], heard: int | None
) -> None:
    invoices = [
        item(number, due_on=FRIDAY + days * DAY, issued_on=FRIDAY - 60 * DAY)
        for number, days in enumerate(dues, 1)
    ]
    life = Life(invoices)
    for days in range(90):
        today = FRIDAY + (days - 20) * DAY
        if days in paid:
            life.pay(f"2026-{paid[days]}")
        if days == heard:
            life.heard_on = today
        if days in off:
            continue
        before, sent = life.last_level, len(life.sent)
        assert life.decide(today) == life.decide(today)
        verdict = life.live(today)
        for *_, level in life.sent[sent:]:
            assert level <= max(before or 0, 0) + 1
        for task in verdict.tasks:
            assert task.step.level <= max(before or 0, 0) + 1
        if verdict.step is not None:
            assert WEEKDAYS.is_working_day(today, "CH")
        again = life.live(today)
        assert again.step is None
        assert again.tasks == ()
    _limits_held(life)


def _limits_held(life: Life) -> None:
    days = [day for day, *_ in life.sent]
    assert all(later - day >= 5 * DAY for day, later in pairwise(days))
    limits = DEFAULT_LIMITS
    for first in {one.on for one in life.made}:
        within = [one.on for one in life.made if one.on >= first]
        assert sum(on < first + 7 * DAY for on in within) <= limits.most_in_7_days
        assert sum(on < first + 30 * DAY for on in within) <= limits.most_in_30_days
    if life.heard_on is not None:
        quiet = {life.heard_on + n * DAY for n in range(4)}
        assert not quiet & {day for day in days if day > life.heard_on}

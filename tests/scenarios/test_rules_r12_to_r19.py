"""The rules that users' complaints taught, R-12 to R-19, each by its number.

Here each is held as it was asked for, most of them as pure decisions; what else follows from it
is tested where the subject is.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backoffice.scenario_words import when_words
from monitoring.alerts.rules import Severity
from monitoring.telling.choices import News, Person, Where, tellings
from receivables.dunning.queries import preview
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import decide, step_day
from receivables.dunning.steps import DEFAULT
from receivables.dunning.tables import Reminder, ReminderItem, ReminderState
from receivables.dunning.windows import run_day, window_for
from receivables.i18n import LANGUAGES, reading_as, translate
from receivables.ids import StaffId
from receivables.money import Money
from receivables.parties.presentation import language_for
from receivables.payments.rules import (
    TRANSITIONS,
    PaymentState,
    Report,
    transition,
)
from receivables.payments.tables import Payment
from receivables.ports import MailRefused
from receivables.ports.channels import Channel
from receivables.wording.rules import OwnText, Wrong, faults
from receivables.workdays import HOLIDAYS, WEEKDAYS
from tests.support.dunning import FRIDAY as DUE
from tests.support.dunning import Dunning
from tests.support.dunning_cases import FRIDAY, account, item
from tests.support.dunning_life import Life
from tests.support.world import World

DAY = timedelta(days=1)


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


def test_r12_a_step_of_an_invoice_is_taken_once_and_the_database_says_so(dunning: Dunning) -> None:
    dunning.world.invoice("100.00 CHF", due_on=DUE)
    assert (dunning.run(), dunning.run()) == (1, 0)

    with dunning.world.runtime.reading(dunning.scope) as session:
        values = dict(session.execute(select(ReminderItem.__table__)).mappings().first() or {})
        message = dict(session.execute(select(Reminder.__table__)).mappings().one())
    again = {**message, "id": UUID(int=7), "run_on": message["run_on"] + DAY}
    with dunning.world.runtime.transaction(dunning.scope) as session:
        session.execute(Reminder.__table__.insert(), again)  # type: ignore[attr-defined]
        twice = ReminderItem.__table__.insert()  # type: ignore[attr-defined]
        with pytest.raises(IntegrityError):
            session.execute(twice, {**values, "reminder_id": again["id"]})
        session.rollback()


def test_r13_an_offset_is_shown_in_words_and_a_positive_one_is_after_the_due_date() -> None:
    with reading_as("en"):
        said = [when_words(days) for days in (-7, 0, 1, 34)]
    assert said == [
        "7 days before the due date", "on the due date", "1 day after the due date",
        "34 days after the due date",
    ]  # fmt: skip
    for step in DEFAULT:
        day = step_day(step, FRIDAY, "CH", WEEKDAYS)
        assert (day > FRIDAY) == (step.offset_days > 0)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=5), st.integers(0, 10**7))
def test_r14_nothing_is_asked_for_where_credit_covers_what_is_open(
    owed: list[int], credit: int
) -> None:
    items = [item(place, outstanding=Money(one, "CHF")) for place, one in enumerate(owed, 1)]
    of = account(*items, unapplied=Money(credit, "CHF"))

    verdict = decide(DEFAULT, of, FRIDAY + 3 * DAY, calendar=WEEKDAYS)

    if sum(owed) - credit <= 200:
        assert verdict.step is None
    elif max(owed) > 200:
        assert verdict.step is not None


def test_r15_every_message_ends_somewhere_and_every_step_left_out_has_its_reason(
    dunning: Dunning,
) -> None:
    world = dunning.world
    alive, dead = world.debtor(), world.debtor(email="gone@nowhere.example")
    for debtor_id in (alive, dead):
        world.invoice("100.00 CHF", debtor_id=debtor_id, due_on=DUE)
    world.invoice("1.50 CHF", debtor_id=alive, due_on=DUE)
    world.runtime.mailer.answers = [  # type: ignore[attr-defined]
        None, MailRefused(550, "5.1.1 no such user", address_is_dead=True),
    ]  # fmt: skip
    dunning.run()
    world.clock.advance(timedelta(hours=1))
    world.run_jobs()

    assert sorted(state for state, _ in dunning.states()) == ["failed", "sent"]
    assert {state for state, _ in dunning.states()} <= {
        ReminderState.SENT, ReminderState.FAILED, ReminderState.SKIPPED, ReminderState.VETOED,
    }  # fmt: skip
    with world.runtime.reading(dunning.scope) as session:
        held = preview(session, dunning.supplier_id, dunning.today + DAY).held
    assert len(held) == 3
    assert {one.reason for one in held} >= {Reason.TOLERANCE, Reason.ADDRESS_DEAD}


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York", "Asia/Kolkata"])
def test_r16_days_are_the_suppliers_and_hours_the_debtors_on_every_day_of_two_years(
    zone: str,
) -> None:
    here = ZoneInfo("Europe/Zurich")
    for number in range(730):
        morning = datetime(2026, 1, 1, 8, 5, tzinfo=here) + number * DAY
        now = morning.astimezone(UTC)
        assert run_day(now, "Europe/Zurich") == morning.date(), "a calendar date, clocks or not"
        window = window_for(now, supplier_zone="Europe/Zurich", debtor_zone=zone)
        assert window is not None
        opens = window.opens.astimezone(ZoneInfo(zone))
        assert (opens.hour, opens.minute) == (9, 0)
    assert run_day(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "Europe/Zurich") is None
    # 22 reminders in a day, because cron ran every quarter of an hour.
    life = Life([item()])
    for _ in range(22):
        life.live(FRIDAY + 3 * DAY)
    assert len(life.sent) == 1
    assert not HOLIDAYS.is_working_day(date(2026, 5, 1), "DE")


def test_r17_a_message_is_in_the_readers_language_and_what_is_missing_is_an_error() -> None:
    def language(**known: str | None) -> str:
        of = {"contact": None, "debtor": None, "country": "ZZ", "supplier": "de", **known}
        return language_for(**of)  # type: ignore[arg-type]

    assert language(contact="it", debtor="fr", country="NL") == "it"
    assert language(debtor="fr", country="NL") == "fr"
    assert language(country="NL") == "nl"
    assert language() == "de"
    for code in set(LANGUAGES) - {"en"}:
        with reading_as(code):
            assert translate("By bank transfer") != "By bank transfer", code
    text = OwnText(subject="About {invoice_numbr}", opening="Good day,", closing="Thank you")
    assert Wrong.UNKNOWN_VARIABLE in {one.wrong for one in faults(Channel.EMAIL, text)}


def test_r18_a_payment_moves_by_the_state_of_its_object_once_whatever_arrives_how_often() -> None:
    for state in PaymentState:
        for report in Report:
            after = transition(state, report)
            if after is not None:
                assert transition(after, report) in (None, after) or report is Report.FAILED
    assert all(before is not PaymentState.SETTLED for before, _ in TRANSITIONS)
    unique = {
        tuple(column.name for column in one.columns)
        for one in Payment.__table__.indexes | Payment.__table__.constraints  # type: ignore[attr-defined]
        if getattr(one, "unique", False) or type(one).__name__ == "UniqueConstraint"
    }
    assert any("stripe_payment_intent_id" in names for names in unique), unique


@pytest.mark.parametrize("severity", list(Severity))
def test_r19_only_critical_and_high_alerts_are_told_at_once_the_others_in_one_digest(
    severity: Severity,
) -> None:
    person = Person(staff_id=StaffId(UUID(int=1)), is_admin=True)
    where = Where("Europe/Zurich", "CH", WEEKDAYS)
    now = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)

    told = tellings(News(severity=severity), [person], now=now, where=where)

    at_once = [one for one in told if one.slot is None]
    assert bool(at_once) == (severity in (Severity.CRITICAL, Severity.HIGH))
    slots = {
        one.slot
        for _ in range(30)
        for one in tellings(News(severity=severity), [person], now=now, where=where)
    }
    assert len(slots) == 1, "thirty alerts of a day are one digest"

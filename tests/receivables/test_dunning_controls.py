"""What people decide about reminders: scenarios, stops, absences, vetoes, what waits for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from receivables.dunning import controls
from receivables.dunning.explaining import before_and_after, why
from receivables.dunning.letting_out import NotWaiting, decline, let_out
from receivables.dunning.queries import preview
from receivables.dunning.reasons import Reason
from receivables.dunning.scenarios import FaultyScenario, save_scenarios, scenarios_of
from receivables.dunning.steps import DEFAULT, OURS, THREE_MAILS, Conditions, Mode
from receivables.ids import DebtorId, InvoiceId
from tests.support.dunning import FRIDAY, MONDAY, Dunning
from tests.support.world import World

DAY = timedelta(days=1)


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


@pytest.fixture
def debtor(dunning: Dunning) -> DebtorId:
    return dunning.world.debtor()


@pytest.fixture
def invoice(dunning: Dunning, debtor: DebtorId) -> InvoiceId:
    """Its first reminder falls on this Monday."""
    return dunning.world.invoice("10.00 CHF", debtor_id=debtor, due_on=FRIDAY)


def test_a_supplier_without_scenarios_has_the_default_and_keeps_what_they_edit(
    dunning: Dunning,
) -> None:
    runtime, supplier_id, clock = dunning.world.runtime, dunning.supplier_id, dunning.world.clock
    consumers = Conditions(kinds=frozenset({"consumer"}), countries=frozenset({"CH", "LI"}))
    wanted = (replace(THREE_MAILS, conditions=consumers), DEFAULT)

    with runtime.transaction(dunning.scope) as session:
        assert scenarios_of(session, supplier_id) == OURS
        save_scenarios(session, supplier_id, wanted, clock=clock)
    with runtime.transaction(dunning.scope) as session:
        assert scenarios_of(session, supplier_id) == wanted
        steps = tuple(replace(one, name="r1") for one in DEFAULT.steps)
        with pytest.raises(FaultyScenario):
            save_scenarios(session, supplier_id, [replace(DEFAULT, steps=steps)], clock=clock)


def test_a_stop_has_a_reason_and_an_end_and_holds_the_message_until_then(
    dunning: Dunning, debtor: DebtorId, invoice: InvoiceId
) -> None:
    clock, supplier_id = dunning.world.clock, dunning.supplier_id
    with dunning.world.runtime.transaction(dunning.scope) as session:
        for reason, until in (("", MONDAY), ("Asked us to", None), ("Asked", MONDAY + 91 * DAY)):
            with pytest.raises(controls.StopRefused):
                controls.stop(
                    session, supplier_id, debtor, reason=reason, until=until, by_owner=False,
                    by="staff:1", clock=clock,
                )  # fmt: skip
        controls.stop(
            session, supplier_id, debtor, invoice_id=invoice, reason="Asked us to",
            until=MONDAY + DAY, by_owner=False, by="staff:1", clock=clock,
        )  # fmt: skip

    assert dunning.run() == 0
    with dunning.world.runtime.reading(dunning.scope) as session:
        assert why(session, supplier_id, invoice, MONDAY).reason is Reason.ITEM_STOPPED
        after = why(session, supplier_id, invoice, MONDAY + 2 * DAY)
    assert (after.step, after.reason) == ("r1", Reason.CAUGHT_UP)


def test_a_message_is_vetoed_until_half_past_eight_and_its_step_is_over(
    dunning: Dunning, debtor: DebtorId, invoice: InvoiceId
) -> None:
    world, supplier_id = dunning.world, dunning.supplier_id
    tomorrow = MONDAY + DAY
    other = world.invoice("20.00 CHF", due_on=FRIDAY + DAY)
    with world.runtime.transaction(dunning.scope) as session:
        with pytest.raises(controls.VetoTooLate):
            controls.veto(session, supplier_id, MONDAY, by="staff:1", clock=world.clock)
        controls.veto(
            session, supplier_id, tomorrow, debtor_id=debtor, by="staff:1", clock=world.clock
        )
        shown = preview(session, supplier_id, tomorrow)
        told = why(session, supplier_id, invoice, tomorrow)
    assert {one.debtor_id: one.is_vetoed for one in shown.messages}[debtor] is True
    assert (told.reason, told.because) == (Reason.CAUGHT_UP, Reason.VETOED)

    world.clock.advance(DAY)
    dunning.live_a_day()

    assert sorted(dunning.states()) == [("sent", "step_due"), ("vetoed", "vetoed")]
    assert len(world.mail) == 1
    assert (invoice, "r1", "taken", False) in dunning.items()
    assert (other, "r1", "taken", False) in dunning.items()
    dunning.run()
    assert len(dunning.reminders()) == 2


def test_nothing_goes_out_while_the_supplier_is_away(dunning: Dunning, invoice: InvoiceId) -> None:
    clock, supplier_id = dunning.world.clock, dunning.supplier_id
    with dunning.world.runtime.transaction(dunning.scope) as session:
        absence = controls.plan_absence(
            session, supplier_id, MONDAY, MONDAY + 4 * DAY, reason="Closed", by="staff:1",
            clock=clock,
        )  # fmt: skip
        assert why(session, supplier_id, invoice, MONDAY + DAY).because is None
        assert why(session, supplier_id, invoice, MONDAY + DAY).reason is Reason.SUPPLIER_ABSENT

    assert dunning.run() == 0
    with dunning.world.runtime.transaction(dunning.scope) as session:
        controls.cancel_absence(session, supplier_id, absence, clock=clock)
    assert dunning.run() == 1


@pytest.mark.once("days pass hour by hour")
def test_a_formal_notice_waits_for_a_person_and_then_goes_by_post_and_by_mail(
    dunning: Dunning,
) -> None:
    world, supplier_id = dunning.world, dunning.supplier_id
    debtor = world.debtor()
    formal = DEFAULT.step("formal")
    assert formal is not None
    # A scenario that is short: the notice follows the first reminder.
    soon = replace(formal, offset_days=10, level=2)
    short = replace(DEFAULT, name="short", steps=(*DEFAULT.steps[:2], soon))
    with world.runtime.transaction(dunning.scope) as session:
        save_scenarios(session, supplier_id, [short], clock=world.clock)
    invoice = world.invoice("10.00 CHF", debtor_id=debtor, due_on=FRIDAY)
    dunning.live_a_day()
    for _ in range(7):
        world.clock.advance(DAY)
        dunning.live_a_day()

    waiting = [one for one in dunning.reminders() if one.state == "waiting"]
    assert {(one.step, one.channel) for one in waiting} == {
        ("formal", "registered"), ("formal", "email"),
    }  # fmt: skip
    lead = next(one for one in waiting if one.beside is None)
    assert len(world.mail) == 1
    with world.runtime.transaction(dunning.scope) as session:
        let_out(session, supplier_id, lead.id, clock=world.clock)
        with pytest.raises(NotWaiting):
            let_out(session, supplier_id, lead.id, clock=world.clock)
    world.run_jobs()

    states = {one.channel: one.state for one in dunning.reminders() if one.step == "formal"}
    assert states == {"registered": "sending", "email": "sent"}
    assert len(world.mail) == 2
    with world.runtime.reading(dunning.scope) as session:
        told = why(session, supplier_id, invoice, dunning.today)
    assert (told.step, told.state) == ("formal", "to_post"), "nobody is sending it"


def test_a_step_a_person_declines_is_over(dunning: Dunning, invoice: InvoiceId) -> None:
    world = dunning.world
    cautious = tuple(
        replace(one, max_auto_amount=5) if one.name == "r1" else one for one in DEFAULT.steps
    )
    with world.runtime.transaction(dunning.scope) as session:
        save_scenarios(
            session, dunning.supplier_id, [replace(DEFAULT, steps=cautious)], clock=world.clock
        )
    dunning.live_a_day()
    assert dunning.states() == [("waiting", Reason.ABOVE_AUTO_AMOUNT)]

    with world.runtime.transaction(dunning.scope) as session:
        decline(session, dunning.supplier_id, dunning.only().id, clock=world.clock)
    world.clock.advance(DAY)
    dunning.live_a_day()

    assert dunning.states() == [("vetoed", Reason.DECLINED)]
    assert not world.mail


def test_a_changed_scenario_is_compared_on_the_open_invoices_before_it_is_kept(
    dunning: Dunning, debtor: DebtorId, invoice: InvoiceId
) -> None:
    later = tuple(
        replace(one, offset_days=6, class_offsets=()) if one.name == "r1" else one
        for one in DEFAULT.steps
    )
    with dunning.world.runtime.reading(dunning.scope) as session:
        change = before_and_after(
            session, dunning.supplier_id, (replace(DEFAULT, steps=later),), [MONDAY]
        )
        same = before_and_after(session, dunning.supplier_id, (DEFAULT,), [MONDAY])

    (difference,) = change.differences
    assert (difference.debtor_id, difference.before.step) == (debtor, "r1")
    assert (difference.after.step, difference.after.reason) == ("", Reason.NOT_YET)
    assert same.differences == ()


def test_what_is_shown_on_the_afternoon_may_go_on_the_morning_after(dunning: Dunning) -> None:
    world, supplier_id = dunning.world, dunning.supplier_id
    careful = tuple(
        replace(one, mode=Mode.AUTO_WITH_VETO) if one.name == "r1" else one for one in DEFAULT.steps
    )
    with world.runtime.transaction(dunning.scope) as session:
        save_scenarios(session, supplier_id, [replace(DEFAULT, steps=careful)], clock=world.clock)
    world.invoice("10.00 CHF", due_on=FRIDAY)
    dunning.live_a_day()
    assert not dunning.reminders(), "nobody has seen it yet"

    # Four in the afternoon, and nine o'clock of the next day.
    world.clock.advance(timedelta(hours=7))
    dunning.live_a_day()
    world.clock.advance(timedelta(hours=17))
    dunning.live_a_day()

    assert dunning.states() == [("sent", Reason.STEP_DUE)]
    assert dunning.only().run_on == date(2026, 11, 3)

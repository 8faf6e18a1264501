"""Staff see what goes out tomorrow and why, object to it, change scenarios and stop reminders."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from receivables.database import Scope
from receivables.dunning.scenarios import scenarios_of
from receivables.dunning.tasks import show_tomorrow
from receivables.ports.channels import Channel
from receivables.runtime import Runtime
from tests.support.browsing import Browser, backoffice_browser, text_of
from tests.support.builders import PASSWORD
from tests.support.dunning import FRIDAY, Dunning
from tests.support.world import World

assert show_tomorrow  # imported for its actors

DAY = timedelta(days=1)


@pytest.fixture
def dunning(runtime: Runtime) -> Dunning:
    return Dunning(World(runtime))


def _office(dunning: Dunning, role: str = "owner") -> Browser:
    email = f"{role}@rochat.example"
    dunning.world.staff(email=email, role=role)
    face = backoffice_browser(dunning.world.runtime)
    signed_in = face.submit(face.get("/sign-in"), "/sign-in", email=email, password=PASSWORD)
    assert signed_in.status_code == 303
    return face


def test_tomorrows_messages_are_seen_with_their_reasons_and_taken_out(dunning: Dunning) -> None:
    world = dunning.world
    debtor = world.debtor(name="Atelier Dubois Sàrl")
    world.invoice("120.00 CHF", debtor_id=debtor, due_on=FRIDAY, number="R-1")
    world.invoice("80.00 CHF", debtor_id=debtor, due_on=date(2026, 12, 20), number="R-2")
    office = _office(dunning, "collector")
    on = "2026-11-03"

    page = office.get(f"/reminders/tomorrow?on={on}")
    words = text_of(page)
    assert "An earlier day was missed and is caught up on." in words
    assert "Its next step falls on" in words

    out = office.submit(page, "/reminders/veto", on=on, debtor=str(debtor), currency="CHF")
    assert out.status_code == 303
    after = office.get(f"/reminders/tomorrow?on={on}")
    assert "A colleague took it out of the preview." in text_of(after)
    world.clock.advance(DAY)
    dunning.live_a_day()
    assert not world.mail
    # At a quarter past nine nothing of that day can be taken out any more.
    gone = _office(dunning).get(f"/reminders/tomorrow?on={on}")
    assert "/reminders/veto" not in gone.text


def test_a_batch_after_an_outage_is_let_out_on_one_page(dunning: Dunning) -> None:
    world = dunning.world
    dunning.live_a_day()
    for number in range(3):
        world.invoice("10.00 CHF", due_on=FRIDAY, number=f"H-{number}")
    world.clock.advance(9 * DAY)
    dunning.live_a_day()
    assert not world.mail
    office = _office(dunning, "collector")

    page = office.get("/reminders/tomorrow")
    assert "No run was made for days" in text_of(page)
    assert "Let all 3 messages out" in text_of(page)
    assert office.submit(page, "/reminders/let-out", reason="after_outage").status_code == 303
    world.run_jobs()

    assert len(world.mail) == 3


def test_a_step_is_compared_with_today_before_it_is_saved(dunning: Dunning) -> None:
    world = dunning.world
    world.invoice("120.00 CHF", debtor_id=world.debtor(name="Dubois"), due_on=FRIDAY)
    office = _office(dunning)
    listed = text_of(office.get("/reminders/scenarios"))
    assert "34 days after the due date" in listed
    assert "7 days before the due date" in listed
    assert "the free first reminder to a consumer" in listed

    address, action = "/reminders/scenarios/step?scenario=0&step=r1", "/reminders/scenarios/step"
    values = {
        "name": "r1", "days": "6", "side": "after", "classes": "A:-", "level": "1",
        "tone": "friendly", "mode": "auto", "audience": "primary", "legal_effect": "none",
        "channel": ["sms", "email", ""], "min_amount": "", "max_auto_amount": "",
    }  # fmt: skip
    compared = office.submit(office.get(address), action, do="compare", **values)
    assert compared.status_code == 200
    assert "Dubois" in text_of(compared)
    assert "Reminder 1, CHF 120.00" in text_of(compared)
    with world.runtime.reading(Scope(dunning.supplier_id)) as session:
        before, _consumers = scenarios_of(session, dunning.supplier_id)
    assert before.steps[1].offset_days == 3, "comparing keeps nothing"

    # Fourteen days would put it behind the second reminder, whose level is higher.
    late = {**values, "days": "14"}
    wrong = office.submit(office.get(address), action, do="save", **late)
    assert wrong.status_code == 422
    assert "Levels cannot fall" in text_of(wrong)
    saved = office.submit(office.get(address), action, do="save", **values)
    assert saved.status_code == 303
    with world.runtime.reading(Scope(dunning.supplier_id)) as session:
        after, _consumers = scenarios_of(session, dunning.supplier_id)
    changed = after.step("r1")
    assert changed is not None
    assert (changed.offset_days, changed.class_offsets[0][1]) == (6, None)
    assert changed.channels == (Channel.SMS, Channel.EMAIL), "in the order in which they were named"
    assert "text message, else e-mail" in text_of(office.get("/reminders/scenarios"))


def test_reminders_are_stopped_for_an_invoice_and_planned_around_an_absence(
    dunning: Dunning,
) -> None:
    world = dunning.world
    debtor = world.debtor()
    invoice = world.invoice("120.00 CHF", debtor_id=debtor, due_on=FRIDAY, number="S-1")
    office = _office(dunning, "collector")
    address = f"/debtors/{debtor}/stops"

    open_end = office.submit(
        office.get(address), address, invoice=str(invoice), kind="manual", reason="Asked", until=""
    )
    assert open_end.status_code == 422
    assert "Only an owner" in text_of(open_end)
    done = office.submit(
        office.get(address), address, invoice=str(invoice), kind="manual", reason="Asked",
        until="2026-11-20",
    )  # fmt: skip
    assert done.status_code == 303
    assert dunning.run() == 0
    why_not = text_of(office.get(f"/invoices/{invoice}/why?on=2026-11-03"))
    assert "No message is about it on this day." in why_not
    assert "Demands about this invoice are stopped." in why_not
    afterwards = text_of(office.get(f"/invoices/{invoice}/why?on=2026-11-23"))
    assert "Reminder 1 over CHF 120.00 goes on this day" in afterwards
    assert "S-1" in text_of(office.get(address))

    hours = office.get("/reminders/hours")
    planned = office.submit(
        hours, "/reminders/absences", first="2026-12-24", last="2027-01-03", reason="Holidays"
    )
    assert planned.status_code == 303
    assert "Holidays" in text_of(office.get("/reminders/hours"))
    owner = _office(dunning)
    page = owner.get("/reminders/hours")
    kept = owner.submit(
        page, "/reminders/hours", opens="10:00", closes="12:00", least_days_between="7",
        most_in_7_days="1", most_in_30_days="4", quiet_days="3", gather_days="2",
    )  # fmt: skip
    assert kept.status_code == 303
    assert 'value="10:00"' in owner.get("/reminders/hours").text


def test_another_scenario_is_made_for_some_debtors_moved_and_taken_out(dunning: Dunning) -> None:
    world, office = dunning.world, _office(dunning)
    page, action = "/reminders/scenarios/whom?scenario=new", "/reminders/scenarios/whom"

    def names() -> list[str]:
        with world.runtime.reading(Scope(dunning.supplier_id)) as session:
            return [one.name for one in scenarios_of(session, dunning.supplier_id)]

    new = {"scenario": "new", "name": "People", "preset": "three_mails", "kind": "consumer",
           "countries": "be, fr", "do": "save"}  # fmt: skip
    for wrong in ({"countries": "Belgium"}, {"name": "default"}, {"name": " "}):
        refused = office.submit(office.get(page), action, **{**new, **wrong})
        assert refused.status_code == 422, wrong
    assert names() == ["default", "consumers"]
    assert office.submit(office.get(page), action, **new).status_code == 303
    assert "consumers, BE FR" in text_of(office.get("/reminders/scenarios"))
    with world.runtime.reading(Scope(dunning.supplier_id)) as session:
        people, default, _consumers = scenarios_of(session, dunning.supplier_id)
    assert (people.conditions.countries, default.conditions.kinds) == ({"BE", "FR"}, {"business"})
    assert [step.name for step in people.steps] == ["courtesy", "r1", "r2"]

    place = f"{action}?scenario=1"
    office.submit(
        office.get(place), action, scenario="1", name="default", countries="", do="earlier"
    )
    assert names() == ["default", "People", "consumers"]
    office.submit(office.get(place), action, scenario="1", name="People", countries="", do="remove")
    assert names() == ["default", "consumers"]
    assert office.get(f"{action}?scenario=7").status_code == 404

"""Whom dunning writes to, when, and what the message says."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from receivables import history
from receivables.broker import ACTORS
from receivables.database import SYSTEM
from receivables.dunning.planning import plan
from receivables.dunning.rules import Reason
from receivables.ledger.queries import open_items
from receivables.links.queries import LiveLink, follow
from receivables.money import Money
from tests.support.builders import money
from tests.support.dunning import FRIDAY, MONDAY, Dunning
from tests.support.threads import at_once
from tests.support.world import World


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


def test_a_reminder_reaches_the_debtor_with_amount_link_and_bank_details(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor(email="anne@dubois.example", country="CH", language="fr")
    dunning.world.invoice("1950.00 CHF", debtor_id=debtor_id, due_on=FRIDAY, number="2026-0412")

    dunning.live_a_day()

    (mail,) = dunning.world.mail
    assert (mail.to_address, mail.from_name) == ("anne@dubois.example", "Menuiserie Rochat SA")
    assert mail.reply_to == "claire.favre@rochat.example"
    assert mail.language == "fr-CH"
    assert "2026-0412" in mail.subject
    for body in (mail.text, mail.html):
        assert "950.00" in body
        assert "/l/" in body
    assert "CH93 0076 2011 6238 5295 7" in mail.text
    assert dunning.states() == [("sent", Reason.STEP_DUE)]


def test_the_link_in_a_mail_opens_that_contacts_account(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)

    dunning.live_a_day()

    (token,) = set(re.findall(r"http://localhost:8000/l/([\w-]{43})", dunning.world.mail[0].text))
    runtime = dunning.world.runtime
    with runtime.reading(SYSTEM) as session:
        link = follow(session, token, links=runtime.settings.links, now=dunning.world.clock.now())
    assert isinstance(link, LiveLink)
    assert link.debtor_id == debtor_id


def test_letting_a_day_pass_twice_sends_nothing_twice(dunning: Dunning) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)

    for _ in range(10):
        dunning.run()
        dunning.world.run_jobs()
    dunning.live_a_day()

    assert len(dunning.world.mail) == 1


@pytest.mark.once("weeks pass hour by hour")
def test_the_whole_scenario_follows_the_calendar(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=date(2026, 11, 20))
    sent: list[tuple[date, str]] = []

    for _ in range(50):
        dunning.live_a_day()
        sent += [(dunning.today, one.step) for one in dunning.reminders()[len(sent) :]]
        dunning.world.clock.advance(timedelta(days=1))

    assert sent == [
        (date(2026, 11, 13), "courtesy"), (date(2026, 11, 23), "r1"), (date(2026, 11, 30), "r2"),
        (date(2026, 12, 7), "call"),
    ]  # fmt: skip
    # The call is in a colleague's hands, and what comes after it waits for an afternoon's preview.
    assert [state for state, _ in dunning.states()] == ["sent", "sent", "sent", "sending"]
    assert len(dunning.world.mail) == 3
    links = {re.search(r"/l/([\w-]+)", mail.text)[1] for mail in dunning.world.mail}  # type: ignore[index]
    assert len(links) == 1


def test_the_schedule_makes_one_run_a_day_from_eight_in_the_suppliers_morning(
    world: World,
) -> None:
    supplier_id = world.supplier(zone="America/New_York", country="US")
    debtor_id = world.debtor(supplier_id=supplier_id, country="US")
    world.invoice("10.00 CHF", supplier_id=supplier_id, debtor_id=debtor_id, due_on=FRIDAY)
    world.fire_schedules()

    world.advance(hours=4)
    assert not world.mail
    world.advance(hours=2)
    assert len(world.mail) == 1
    world.advance(hours=8)

    with world.runtime.reading(SYSTEM) as session:
        runs = session.scalars(text("SELECT dedup FROM jobs WHERE dedup LIKE 'dun:%'")).all()
    assert runs == [f"dun:{supplier_id}:2026-11-02"]
    assert len(world.mail) == 1


def test_an_engine_that_was_down_over_two_steps_sends_one_message_one_level_up(
    dunning: Dunning,
) -> None:
    debtor_id = dunning.world.debtor()
    first = dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=date(2026, 11, 6))
    dunning.live_a_day()
    assert [one.step for one in dunning.reminders()] == ["courtesy"]

    dunning.world.clock.advance(timedelta(days=4 + 10 + 1))
    dunning.live_a_day()

    assert [one.step for one in dunning.reminders()] == ["courtesy", "r1"]
    # More than three working days without a run: a person looks before anything goes out.
    assert dunning.states()[1] == ("waiting", Reason.AFTER_OUTAGE)
    assert len(dunning.world.mail) == 1
    dunning.let_out()
    assert dunning.items() == {
        (first, "courtesy", "taken", False),
        (first, "r2", "taken", False),
        (first, "r1", "superseded", False),
    }
    dunning.world.clock.advance(timedelta(days=1))
    dunning.live_a_day()
    assert len(dunning.world.mail) == 2


def test_five_invoices_of_one_debtor_make_one_mail(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    for days in (3, 3, 10, 10, 40):
        due_on = MONDAY - timedelta(days=days)
        dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=due_on)

    dunning.live_a_day()

    assert len(dunning.world.mail) == 1
    assert dunning.only().amount == money("50.00 CHF")


def test_two_currencies_are_two_messages(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.world.invoice("20.00 EUR", debtor_id=debtor_id, due_on=FRIDAY)

    dunning.live_a_day()

    assert sorted(str(one.amount) for one in dunning.reminders()) == ["CHF 10.00", "EUR 20.00"]


@pytest.mark.once("fifty mails are compared; the run itself is made on both elsewhere")
def test_of_fifty_debtors_nobody_reads_about_another(dunning: Dunning) -> None:
    marks: dict[str, tuple[str, ...]] = {}
    for place in range(50):
        email, number = f"box{place:02}@firm{place:02}.example", f"RE-{place:02}-{7919 * place}"
        debtor_id = dunning.world.debtor(
            name=f"Firma {place:02} Sàrl", email=email, contact_name=f"Person {place:02}"
        )
        dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY, number=number)
        marks[email] = (number, f"Firma {place:02}", f"Person {place:02}")

    dunning.live_a_day()

    assert len(dunning.world.mail) == 50
    links = set()
    for mail in dunning.world.mail:
        whole = f"{mail.subject}\n{mail.text}\n{mail.html}\n{mail.to_name}"
        found = {email for email, parts in marks.items() if any(part in whole for part in parts)}
        assert found == {mail.to_address}
        assert marks[mail.to_address][0] in whole
        links |= {(mail.to_address, token) for token in re.findall(r"/l/([\w-]{43})", whole)}
    assert len(links) == len({token for _, token in links}) == 50


def test_what_the_mail_asks_for_is_what_can_be_paid(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    first = dunning.world.invoice("100.00 CHF", debtor_id=debtor_id, due_on=date(2026, 10, 20))
    dunning.world.invoice("70.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.pay(debtor_id, "30.00 CHF")
    dunning.start_paying(debtor_id, first, "25.00 CHF")

    dunning.live_a_day()

    with dunning.world.runtime.reading(dunning.scope) as session:
        items = open_items(session, dunning.supplier_id, debtor_id)
    payable = Money.total((item.outstanding for item in items), "CHF") - money("25.00 CHF")
    assert dunning.only().amount == payable == money("115.00 CHF")
    assert "115.00" in dunning.world.mail[0].text


def test_the_language_is_the_debtors_whoever_the_supplier_is(dunning: Dunning) -> None:
    for language, country in [("de", "CH"), ("fr", "FR"), ("en", "GB"), (None, "DE")]:
        debtor_id = dunning.world.debtor(language=language, country=country)
        dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)

    dunning.live_a_day()
    # Nine o'clock has come in London, too.
    dunning.world.advance(hours=1)

    assert {mail.language for mail in dunning.world.mail} == {"de-CH", "fr-FR", "en-GB", "de-DE"}


def test_the_timeline_of_an_invoice_and_of_its_debtor_say_that_it_was_reminded(
    dunning: Dunning,
) -> None:
    debtor_id = dunning.world.debtor()
    invoice_id = dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)

    dunning.live_a_day()

    with dunning.world.runtime.reading(dunning.scope) as session:
        of_invoice = history.of_invoice(session, dunning.supplier_id, invoice_id)
        of_debtor = history.of_debtor(session, dunning.supplier_id, debtor_id)
    assert [one.event.kind for one in of_invoice][-1] == "invoice.reminded"
    assert [one.event.kind for one in of_debtor][:2] == ["reminder.sent", "reminder.due"]


def test_tomorrow_can_be_asked_for_and_writes_nothing(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=date(2026, 10, 31))
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=date(2027, 1, 31))

    with dunning.world.runtime.reading(dunning.scope) as session:
        (today,) = plan(session, dunning.supplier_id, MONDAY)
        (tomorrow,) = plan(session, dunning.supplier_id, MONDAY + timedelta(days=1))

    assert today.verdict.reason is Reason.NOT_YET
    assert tomorrow.verdict.step is not None
    assert [line.reason for line in tomorrow.verdict.lines] == [Reason.STEP_DUE]
    assert [line.reason for line in tomorrow.verdict.held] == [Reason.NOT_YET]
    dunning.world.clock.advance(timedelta(days=1))
    dunning.live_a_day()
    assert dunning.only().amount == tomorrow.verdict.total


def test_two_runs_at_once_plan_one_message(dunning: Dunning) -> None:
    for _ in range(8):
        dunning.world.invoice("10.00 CHF", due_on=FRIDAY)

    assert not at_once(dunning.run, dunning.run, dunning.run)
    dunning.world.run_jobs()

    assert len(dunning.reminders()) == 8
    assert len(dunning.world.mail) == 8


def test_the_actors_of_dunning_say_where_they_run() -> None:
    assert ACTORS["dunning.send_reminder"].queue_name == "mail"
    assert ACTORS["dunning.send_thanks"].queue_name == "mail"

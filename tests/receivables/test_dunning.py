from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from receivables import history
from receivables.broker import ACTORS
from receivables.database import SYSTEM, Scope
from receivables.dunning import tasks
from receivables.dunning.actions import claim, dun_supplier
from receivables.dunning.outcomes import (
    NoSuchReminder,
    NotUnknown,
    confirm_sent,
    give_up,
    mark_sent,
    mark_unanswered,
    put_off,
)
from receivables.dunning.planning import plan
from receivables.dunning.rules import Reason
from receivables.dunning.tables import Reminder, ReminderItem
from receivables.ids import DebtorId, InvoiceId, PaymentId, ReminderId, SupplierId, new_id
from receivables.ledger.actions import settle
from receivables.ledger.queries import open_items
from receivables.links.queries import LiveLink, follow
from receivables.money import Money
from receivables.payments.tables import Payment, PaymentPart
from receivables.ports import MailDeferred, MailRefused, MailUnknown
from tests.support.builders import money
from tests.support.outbox import RecordingMailer
from tests.support.world import World

assert tasks  # imported for its actors

#: The world's first day, a Monday, and the Friday before: its D+3 is that Monday.
MONDAY = date(2026, 11, 2)
FRIDAY = date(2026, 10, 30)


class Dunning:
    """One supplier's dunning, a step at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.supplier_id: SupplierId = world.supplier()
        self.scope = Scope(self.supplier_id)
        # The first firing only notes the next, a quarter of an hour on.
        world.fire_schedules()
        world.clock.advance(timedelta(minutes=15))

    @property
    def today(self) -> date:
        return self.world.clock.now().date()

    def run(self) -> int:
        """Make today's run; nothing is sent yet."""
        with self.world.runtime.transaction(self.scope) as session:
            return dun_supplier(session, self.supplier_id, self.today, clock=self.world.clock)

    def live_a_day(self) -> None:
        """Today's run and everything it leads to, as the schedule does it."""
        self.world.fire_schedules()
        self.world.run_jobs()

    def reminders(self) -> list[Reminder]:
        with self.world.runtime.reading(self.scope) as session:
            return list(session.scalars(select(Reminder).order_by(Reminder.id)))

    def states(self) -> list[tuple[str, str]]:
        return [(one.state, one.reason) for one in self.reminders()]

    def only(self) -> Reminder:
        (one,) = self.reminders()
        return one

    def items(self) -> set[tuple[InvoiceId, str, str, bool]]:
        with self.world.runtime.reading(self.scope) as session:
            return {
                (one.invoice_id, one.step, one.state, one.released_at is not None)
                for one in session.scalars(select(ReminderItem))
            }

    def pay(self, debtor_id: DebtorId, amount: str) -> PaymentId:
        """Money of the debtor arrives and is put against the oldest invoices."""
        payment_id = PaymentId(new_id())
        now = self.world.clock.now()
        with self.world.runtime.transaction(self.scope) as session:
            session.add(
                Payment(
                    id=payment_id, supplier_id=self.supplier_id, debtor_id=debtor_id,
                    amount=money(amount), state="settled", state_since=now, method="Visa ···· 4242",
                    fingerprint="", request={}, livemode=False, created_at=now, sent_at=now,
                    expires_at=now,
                )
            )  # fmt: skip
            session.flush()
            settle(
                session, supplier_id=self.supplier_id, debtor_id=debtor_id, payment_id=payment_id,
                parts=(), amount=money(amount), booked_on=now.date(), clock=self.world.clock,
            )  # fmt: skip
        return payment_id

    def start_paying(self, debtor_id: DebtorId, invoice_id: InvoiceId, amount: str) -> PaymentId:
        """The debtor opens a checkout for an invoice and does nothing more."""
        payment_id = PaymentId(new_id())
        now = self.world.clock.now()
        with self.world.runtime.transaction(self.scope) as session:
            session.add(
                Payment(
                    id=payment_id, supplier_id=self.supplier_id, debtor_id=debtor_id,
                    amount=money(amount), state="open", state_since=now, fingerprint="",
                    request={}, livemode=False, created_at=now, sent_at=now,
                    expires_at=now + timedelta(hours=1),
                )
            )  # fmt: skip
            session.flush()
            session.add(
                PaymentPart(
                    payment_id=payment_id, invoice_id=invoice_id, supplier_id=self.supplier_id,
                    amount_minor=money(amount).minor, live=True,
                )
            )  # fmt: skip
        return payment_id

    def abandon(self, payment_id: PaymentId) -> None:
        """The checkout expires."""
        with self.world.runtime.transaction(self.scope) as session:
            session.execute(
                PaymentPart.__table__.update()  # type: ignore[attr-defined]
                .where(PaymentPart.payment_id == payment_id)
                .values(live=False)
            )
            session.execute(
                Payment.__table__.update()  # type: ignore[attr-defined]
                .where(Payment.id == payment_id)
                .values(state="expired")
            )


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
    ]  # fmt: skip
    assert len(dunning.world.mail) == 3
    links = {re.search(r"/l/([\w-]+)", mail.text)[1] for mail in dunning.world.mail}  # type: ignore[index]
    assert len(links) == 1


def test_the_schedule_makes_one_run_a_day_from_eight_in_the_suppliers_morning(
    world: World,
) -> None:
    supplier_id = world.supplier(zone="America/New_York", country="US")
    world.invoice("10.00 CHF", supplier_id=supplier_id, due_on=FRIDAY)
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


def test_paid_between_planning_and_sending_sends_nothing(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.run()

    dunning.pay(debtor_id, "10.00 CHF")
    dunning.world.run_jobs()

    assert not dunning.world.mail
    assert dunning.states() == [("skipped", Reason.SETTLED)]


def test_partly_paid_between_planning_and_sending_asks_for_the_rest(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    paid = dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=date(2026, 10, 20))
    kept = dunning.world.invoice("40.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.run()

    dunning.pay(debtor_id, "25.00 CHF")
    dunning.world.run_jobs()

    assert dunning.only().amount == money("25.00 CHF")
    assert dunning.only().step == "r1"
    assert (paid, "r2", "taken", True) in dunning.items()
    assert (kept, "r1", "taken", False) in dunning.items()


def test_a_credit_note_that_covers_all_stops_the_reminder(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY, number="A-1")
    dunning.run()

    dunning.world.invoice(
        "10.00 CHF", debtor_id=debtor_id, is_credit_note=True, preceding_number="A-1"
    )
    dunning.world.run_jobs()

    assert not dunning.world.mail


def test_while_somebody_is_paying_they_are_not_reminded_and_later_they_are(
    dunning: Dunning,
) -> None:
    debtor_id = dunning.world.debtor()
    invoice_id = dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.run()
    attempt = dunning.start_paying(debtor_id, invoice_id, "10.00 CHF")
    dunning.world.run_jobs()
    assert dunning.states() == [("skipped", Reason.PAYMENT_ON_ITS_WAY)]

    dunning.abandon(attempt)
    dunning.world.clock.advance(timedelta(days=1))
    dunning.live_a_day()

    assert len(dunning.world.mail) == 1
    assert [state for state, _ in dunning.states()] == ["skipped", "sent"]


def test_the_language_is_the_debtors_whoever_the_supplier_is(dunning: Dunning) -> None:
    for language, country in [("de", "CH"), ("fr", "FR"), ("en", "GB"), (None, "DE")]:
        debtor_id = dunning.world.debtor(language=language, country=country)
        dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)

    dunning.live_a_day()

    assert {mail.language for mail in dunning.world.mail} == {"de-CH", "fr-FR", "en-GB", "de-DE"}


def test_a_message_put_off_by_the_server_is_sent_later_the_same_day(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailDeferred(451, "greylisted")] * 3

    dunning.live_a_day()
    assert dunning.only().state == "due"
    dunning.world.advance(hours=4)

    assert dunning.only().state == "sent"
    assert dunning.only().attempts == 4
    assert len(dunning.world.mail) == 1


def test_a_server_that_is_down_all_day_costs_a_day_and_no_step(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailDeferred(None, "no connection")] * 200
    dunning.live_a_day()
    dunning.world.advance(hours=20)
    assert not dunning.world.mail

    mailer.answers = []
    dunning.world.advance(hours=24)

    assert len(dunning.world.mail) == 1
    assert dunning.states() == [("skipped", Reason.OVERTAKEN), ("sent", Reason.STEP_DUE)]


def test_an_address_that_does_not_exist_is_not_written_to_again(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    debtor_id = dunning.world.debtor()
    invoice_id = dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    mailer.answers = [MailRefused(550, "5.1.1 no such user", address_is_dead=True)]

    for _ in range(10):
        dunning.live_a_day()
        dunning.world.clock.advance(timedelta(days=1))

    assert [state for state, _ in dunning.states()] == ["failed"]
    assert not dunning.world.mail
    assert (invoice_id, "r1", "taken", True) in dunning.items()
    with dunning.world.runtime.reading(dunning.scope) as session:
        (planned,) = plan(session, dunning.supplier_id, dunning.today)
    assert planned.verdict.reason is Reason.ADDRESS_DEAD


def test_a_refusal_that_is_not_about_the_address_ends_the_step(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailRefused(554, "5.7.1 not wanted")]

    dunning.live_a_day()

    assert dunning.only().state == "failed"
    assert "5.7.1 not wanted" in dunning.only().reason
    assert dunning.run() == 0


def test_a_message_nobody_answered_for_is_shown_and_never_sent_again(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailUnknown("the line broke after DATA")]

    for _ in range(3):
        dunning.live_a_day()
        dunning.world.clock.advance(timedelta(days=1))

    assert dunning.states() == [("unknown", Reason.NO_ANSWER)]
    assert not dunning.world.mail


def lose_one(dunning: Dunning, mailer: RecordingMailer) -> ReminderId:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailUnknown("the line broke after DATA")]
    dunning.live_a_day()
    return dunning.only().id


def test_a_person_can_say_that_an_unknown_message_was_sent(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    reminder_id = lose_one(dunning, mailer)

    with dunning.world.runtime.transaction(dunning.scope, by="staff:1") as session:
        confirm_sent(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)

    assert dunning.only().state == "sent"
    with (
        dunning.world.runtime.transaction(dunning.scope) as session,
        pytest.raises(NotUnknown),
    ):
        give_up(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)


def test_a_person_can_say_that_it_was_not_and_the_next_run_sends_it(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    reminder_id = lose_one(dunning, mailer)

    with dunning.world.runtime.transaction(dunning.scope, by="staff:1") as session:
        give_up(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)
    dunning.world.clock.advance(timedelta(days=1))
    dunning.live_a_day()

    assert [state for state, _ in dunning.states()] == ["failed", "sent"]
    assert len(dunning.world.mail) == 1


def test_another_supplier_has_no_such_reminder(dunning: Dunning, mailer: RecordingMailer) -> None:
    reminder_id = lose_one(dunning, mailer)
    other = dunning.world.supplier(name="Autre SA")

    with dunning.world.runtime.transaction(Scope(other)) as session:
        with pytest.raises(NoSuchReminder):
            give_up(session, other, reminder_id, clock=dunning.world.clock)
        assert not mark_sent(session, other, reminder_id, clock=dunning.world.clock)


def claim_one(dunning: Dunning) -> ReminderId:
    """Plan and claim a message, and then die."""
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    dunning.run()
    reminder_id = dunning.only().id
    runtime = dunning.world.runtime
    with runtime.transaction(dunning.scope) as session:
        message = claim(
            session, dunning.supplier_id, reminder_id,
            settings=runtime.settings, clock=runtime.clock,
        )  # fmt: skip
    assert message is not None
    return reminder_id


def sweep(dunning: Dunning) -> int:
    with dunning.world.runtime.transaction(SYSTEM) as session:
        return mark_unanswered(session, clock=dunning.world.clock)


def test_what_a_dead_worker_left_under_way_becomes_visible_and_is_not_sent(
    dunning: Dunning,
) -> None:
    claim_one(dunning)

    dunning.world.run_jobs()
    assert sweep(dunning) == 0
    dunning.world.clock.advance(timedelta(minutes=2, seconds=1))
    assert sweep(dunning) == 1

    assert dunning.states() == [("unknown", Reason.NO_ANSWER)]
    assert not dunning.world.mail


def test_a_worker_that_was_only_slow_still_says_what_became_of_it(dunning: Dunning) -> None:
    reminder_id = claim_one(dunning)
    dunning.world.clock.advance(timedelta(minutes=3))
    sweep(dunning)

    with dunning.world.runtime.transaction(dunning.scope) as session:
        assert mark_sent(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)
        assert not mark_sent(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)
        assert put_off(session, dunning.supplier_id, reminder_id) is None

    assert dunning.only().state == "sent"


def test_thanks_say_what_was_paid_and_what_remains_once(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor(email="anne@dubois.example")
    dunning.world.invoice("100.00 CHF", debtor_id=debtor_id, number="2026-0412")
    payment_id = dunning.pay(debtor_id, "60.00 CHF")
    thank(dunning, debtor_id, payment_id)

    dunning.world.run_jobs()

    (mail,) = dunning.world.mail
    assert mail.message_id == f"thanks-{payment_id}@quittance.example"
    assert mail.to_address == "anne@dubois.example"
    assert "60.00" in mail.text
    assert "40.00" in mail.text
    assert "2026-0412" in mail.text


def thank(dunning: Dunning, debtor_id: DebtorId, payment_id: PaymentId) -> None:
    """What payments records once the money is ours."""
    settled = tasks.PaymentSettled(
        supplier_id=dunning.supplier_id, debtor_id=debtor_id, payment_id=payment_id,
        amount=money("60.00 CHF"), method="Visa ···· 4242",
    )  # fmt: skip
    with dunning.world.runtime.transaction(dunning.scope) as session:
        history.record(session, settled, clock=dunning.world.clock)


def test_nobody_is_thanked_for_money_that_did_not_come(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    invoice_id = dunning.world.invoice("60.00 CHF", debtor_id=debtor_id)
    thank(dunning, debtor_id, dunning.start_paying(debtor_id, invoice_id, "60.00 CHF"))

    dunning.world.run_jobs()

    assert not dunning.world.mail


def test_thanks_come_again_after_trouble_under_the_same_id(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("60.00 CHF", debtor_id=debtor_id)
    payment_id = dunning.pay(debtor_id, "60.00 CHF")
    mailer.answers = [MailDeferred(None, "no connection"), MailUnknown("the line broke")]
    thank(dunning, debtor_id, payment_id)

    dunning.world.run_jobs()
    dunning.world.advance(hours=2)

    assert [mail.message_id for mail in mailer.sent] == [f"thanks-{payment_id}@quittance.example"]


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


def at_once(*steps: Callable[[], object]) -> list[BaseException]:
    """Run all steps from one start line; returns what they raised."""
    gate = threading.Barrier(len(steps))
    raised: list[BaseException] = []

    def step_through(step: Callable[[], object]) -> None:
        gate.wait()
        try:
            step()
        except Exception as error:  # noqa: BLE001  (kept for the assertion)
            raised.append(error)

    threads = [threading.Thread(target=step_through, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_two_runs_at_once_plan_one_message(dunning: Dunning) -> None:
    for _ in range(8):
        dunning.world.invoice("10.00 CHF", due_on=FRIDAY)

    assert not at_once(dunning.run, dunning.run, dunning.run)
    dunning.world.run_jobs()

    assert len(dunning.reminders()) == 8
    assert len(dunning.world.mail) == 8


def test_two_workers_at_one_reminder_send_one_mail(dunning: Dunning) -> None:
    for _ in range(6):
        dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    dunning.run()
    runtime = dunning.world.runtime
    ids = [one.id for one in dunning.reminders()]

    def send_all() -> None:
        for reminder_id in ids:
            with runtime.transaction(dunning.scope) as session:
                message = claim(
                    session, dunning.supplier_id, reminder_id,
                    settings=runtime.settings, clock=runtime.clock,
                )  # fmt: skip
            if message is not None:
                runtime.mailer.send(message)
                with runtime.transaction(dunning.scope) as session:
                    mark_sent(session, dunning.supplier_id, reminder_id, clock=runtime.clock)

    assert not at_once(send_all, send_all, send_all)

    assert len(dunning.world.mail) == 6
    assert {one.state for one in dunning.reminders()} == {"sent"}


def test_the_actors_of_dunning_say_where_they_run() -> None:
    assert ACTORS["dunning.send_reminder"].queue_name == "mail"
    assert ACTORS["dunning.send_thanks"].queue_name == "mail"

from __future__ import annotations

from datetime import date, timedelta

from receivables.database import Scope
from receivables.dunning import tasks
from receivables.dunning.queries import last_steps, preview, reminder_count, reminders
from receivables.dunning.rules import Reason
from receivables.dunning.tables import ReminderState
from receivables.ports import MailRefused, MailUnknown
from tests.support.builders import money
from tests.support.outbox import RecordingMailer
from tests.support.world import World

assert tasks  # imported for its actors

FRIDAY = date(2026, 10, 30)
TUESDAY = date(2026, 11, 3)


def test_the_preview_names_every_open_invoice_with_a_reason(world: World) -> None:
    supplier_id = world.supplier()
    written = world.debtor(email="anne@dubois.example", name="Dubois Sàrl")
    world.invoice("10.00 CHF", debtor_id=written, due_on=FRIDAY, number="A-1")
    world.invoice("5.00 CHF", debtor_id=written, due_on=FRIDAY + timedelta(days=90), number="A-2")
    nobody = world.debtor(email=None, name="Sans adresse SA")
    world.invoice("7.00 CHF", debtor_id=nobody, due_on=FRIDAY, number="B-1")

    with world.runtime.reading(Scope(supplier_id)) as session:
        tomorrow = preview(session, supplier_id, TUESDAY)

    (message,) = tomorrow.messages
    assert (message.recipient, message.debtor_name) == ("anne@dubois.example", "Dubois Sàrl")
    assert (message.step, message.numbers) == ("r1", ("A-1",))
    assert (message.amount, message.reason) == (money("10.00 CHF"), Reason.CAUGHT_UP)
    held = {line.number: (line.reason, line.next_on) for line in tomorrow.held}
    assert held == {
        "A-2": (Reason.NOT_YET, date(2027, 1, 21)),
        "B-1": (Reason.NO_CONTACT, date(2026, 11, 9)),
    }


def test_reminders_are_listed_by_what_became_of_them(world: World, mailer: RecordingMailer) -> None:
    supplier_id = world.supplier()
    invoices = [
        world.invoice("10.00 CHF", due_on=FRIDAY, number=f"A-{place}") for place in range(3)
    ]
    mailer.answers = [None, MailUnknown("the line broke"), MailRefused(554, "not wanted")]
    world.fire_schedules()

    world.advance(hours=1)

    with world.runtime.reading(Scope(supplier_id)) as session:
        shown = {
            state: reminders(session, supplier_id, states=[state])
            for state in (ReminderState.SENT, ReminderState.UNKNOWN, ReminderState.FAILED)
        }
        assert [len(of_state) for of_state in shown.values()] == [1, 1, 1]
        numbers = {number for of_state in shown.values() for number in of_state[0].numbers}
        assert numbers == {"A-0", "A-1", "A-2"}
        assert "not wanted" in shown[ReminderState.FAILED][0].reason
        assert reminder_count(session, supplier_id) == 3
        assert reminder_count(session, supplier_id, states=[ReminderState.UNKNOWN]) == 1
        assert set(last_steps(session, supplier_id).values()) == {"r1"}
        assert len(last_steps(session, supplier_id)) == 2
        assert set(last_steps(session, supplier_id)) < set(invoices)
        assert len(reminders(session, supplier_id, skip=2)) == 1


def test_another_suppliers_reminders_are_not_listed(world: World) -> None:
    supplier_id = world.supplier()
    world.invoice("10.00 CHF", due_on=FRIDAY)
    other = world.supplier(name="Autre SA")
    world.fire_schedules()
    world.advance(hours=1)

    with world.runtime.reading(Scope(other)) as session:
        assert reminders(session, other) == []
        assert last_steps(session, other) == {}
        assert preview(session, other, TUESDAY).held == ()
    with world.runtime.reading(Scope(supplier_id)) as session:
        assert reminder_count(session, supplier_id) == 1

"""What the network says of a text: written down once, and what it has for a consequence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.bounces.queries import to_mend
from receivables.bounces.rules import SOFT_LIMIT
from receivables.database import SYSTEM, Scope
from receivables.dunning.scenarios import save_scenarios
from receivables.dunning.steps import THREE_MAILS, Scenario
from receivables.history import EventRow
from receivables.ids import ExecutionId, TextMessageId, new_id
from receivables.outgoing import OutgoingClient
from receivables.parties.phones import set_phone
from receivables.parties.queries import contacts
from receivables.ports import Channel, TextReport
from receivables.runtime import Runtime
from receivables.sms import actions
from receivables.sms.delivery import note_report
from receivables.sms.gateway import HttpTexter, SmsGateway
from receivables.sms.tables import TextMessage, TextState
from receivables.worklist.queries import asked_of, of_debtor
from receivables.worklist.rules import Kind
from sandbox.phone.reports import signature_of
from tests.support.browsing import Browser, portal_browser
from tests.support.channels import MOBILE, RecordingTexter, message_to
from tests.support.dunning import FRIDAY, Dunning
from tests.support.world import World

ARRIVED = TextReport("SM1", delivered=True)
DEAD = TextReport("SM1", delivered=False, code="30005", number_is_dead=True)
SWITCHED_OFF = TextReport("SM1", delivered=False, code="30003")
KEY = "a key of the tests"
UNDER_WAY = TextReport("SM1", delivered=None)


def _kinds(session: Session) -> list[str]:
    rows = session.scalars(select(EventRow.kind).order_by(EventRow.id))
    return [one for one in rows if one.startswith(("text.", "contact.supp"))]


def test_the_first_report_of_how_it_ended_stands_and_a_number_that_is_dead_is_left_alone(
    world: World,
) -> None:
    supplier_id = world.supplier()
    debtor_id = world.debtor()
    invoice_id = world.invoice("10.00 CHF", debtor_id=debtor_id)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        (contact,) = contacts(session, supplier_id, debtor_id)
        set_phone(session, supplier_id, contact.id, typed=MOBILE, country="CH", clock=world.clock)
    message = message_to(world, supplier_id, debtor_id, [invoice_id], Channel.SMS)

    def sent(*, known: bool = True) -> TextMessageId:
        with world.runtime.transaction(Scope(supplier_id)) as session:
            one = replace(message, execution_id=ExecutionId(new_id()))
            claimed = actions.claim(session, one, clock=world.clock)
            assert claimed is not None
            if known:
                actions.mark_sent(
                    session, supplier_id, claimed[0], gateway_id="SM1", clock=world.clock
                )
            return claimed[0]

    def told(text_id: TextMessageId, *reports: TextReport) -> list[bool]:
        with world.runtime.transaction(SYSTEM) as session:
            return [note_report(session, text_id, one, clock=world.clock) for one in reports]

    assert told(sent(), UNDER_WAY, ARRIVED, ARRIVED, DEAD) == [False, True, False, False]
    never_answered = sent(known=False)
    assert told(never_answered, ARRIVED) == [True]
    for _ in range(SOFT_LIMIT - 1):
        assert told(sent(), SWITCHED_OFF, ARRIVED) == [True, False]
    with world.runtime.transaction(SYSTEM) as session:
        found = session.get_one(TextMessage, never_answered)
        assert (found.state, found.gateway_id) == (TextState.SENT, "SM1"), "found again by it"
        assert not to_mend(session, supplier_id), "one that is switched off is no dead number"
        with pytest.raises(actions.NoSuchText):
            note_report(
                session, never_answered, replace(ARRIVED, gateway_id="x"), clock=world.clock
            )
    assert told(sent(), DEAD) == [True]
    with world.runtime.reading(SYSTEM) as session:
        (dead,) = to_mend(session, supplier_id)
        assert (dead.channel, dead.address) == (Channel.SMS, MOBILE)
        assert _kinds(session) == [
            "text.sent", "text.delivered", "text.sent", "text.delivered",
            *["text.sent", "text.undelivered"] * (SOFT_LIMIT - 1),
            "text.sent", "contact.suppressed", "text.undelivered",
        ]  # fmt: skip


@pytest.mark.once("days pass hour by hour")
def test_a_reminder_whose_text_did_not_arrive_is_shown_and_goes_by_mail_the_next_day(
    runtime: Runtime,
) -> None:
    texter = RecordingTexter()
    dunning = Dunning(World(replace(runtime, texter=texter)))
    world, supplier_id = dunning.world, dunning.supplier_id
    debtor_id = world.debtor()
    with world.runtime.transaction(dunning.scope) as session:
        (contact,) = contacts(session, supplier_id, debtor_id)
        set_phone(session, supplier_id, contact.id, typed=MOBILE, country="CH", clock=world.clock)
        by_text = replace(THREE_MAILS.steps[1], channels=(Channel.SMS, Channel.EMAIL))
        scenario = Scenario(name="texts", steps=(by_text,))
        save_scenarios(session, supplier_id, (scenario,), clock=world.clock)
    world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.live_a_day()
    assert [(one.channel, one.state) for one in dunning.reminders()] == [("sms", "sent")]

    with world.runtime.transaction(SYSTEM) as session:
        (text,) = session.scalars(select(TextMessage))
        assert note_report(session, text.id, DEAD, clock=world.clock)
    world.run_jobs()

    assert [(one.channel, one.state) for one in dunning.reminders()] == [("sms", "failed")]
    with world.runtime.reading(dunning.scope) as session:
        asked = asked_of(session, supplier_id, clock=world.clock)
        assert [one.task.kind for one in of_debtor(session, asked, debtor_id)] == [
            Kind.FAILED_MESSAGE
        ]
    world.clock.advance(timedelta(days=1))
    dunning.live_a_day()
    assert [(one.channel, one.state) for one in dunning.reminders()] == [
        ("sms", "failed"), ("email", "sent"),
    ]  # fmt: skip


def test_the_door_takes_what_the_gateway_signed_and_nothing_else(world: World) -> None:
    supplier_id, debtor_id = world.supplier(), world.debtor()
    invoice_id = world.invoice("10.00 CHF", debtor_id=debtor_id)
    message = message_to(world, supplier_id, debtor_id, [invoice_id], Channel.SMS)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        claimed = actions.claim(session, message, clock=world.clock)
        assert claimed is not None
        actions.mark_sent(session, supplier_id, claimed[0], gateway_id="SM1", clock=world.clock)
    url = f"{world.runtime.settings.web.portal_url}/webhooks/texts"
    gateway = SmsGateway("https://gateway.example/", "AC", KEY, "Rochat", url)
    client = OutgoingClient()
    face = portal_browser(replace(world.runtime, texter=HttpTexter(gateway, client=client)))
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}

    def knock(text_id: object, key: str = KEY, browser: Browser = face) -> tuple[int, str]:
        path = f"/webhooks/texts?text={text_id}"
        signature = signature_of(f"{url}?text={text_id}", fields, key)
        answer = browser.post(path, fields, **{"X-Twilio-Signature": signature})
        return answer.status_code, answer.text

    assert knock(claimed[0], "another")[0] == 400
    assert knock(claimed[0]) == (200, "taken")
    assert knock(claimed[0]) == (200, "known")
    assert knock(new_id())[0] == 404
    assert knock("none")[0] == 400
    assert knock(claimed[0], browser=portal_browser(world.runtime))[0] == 404, "there is no gateway"
    client.close()

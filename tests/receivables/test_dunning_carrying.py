"""Steps that no e-mail carries: a text beside the second reminder, then a call to make."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from receivables.calls.tables import Call
from receivables.database import Scope
from receivables.dunning.queries import reminders
from receivables.parties.phones import set_phone
from receivables.parties.queries import contacts
from receivables.ports import Channel
from receivables.runtime import Runtime
from receivables.wording.actions import save_text
from receivables.wording.queries import Key
from receivables.wording.rules import OwnText
from tests.support.channels import RecordingTexter
from tests.support.dunning import FRIDAY, Dunning
from tests.support.world import World

MOBILE = "+41795550140"


@pytest.mark.once("days pass hour by hour")
def test_the_second_reminder_goes_by_mail_and_text_and_then_somebody_calls(
    runtime: Runtime,
) -> None:
    texter = RecordingTexter()
    dunning = Dunning(World(replace(runtime, texter=texter)))
    world, supplier_id = dunning.world, dunning.supplier_id
    debtor_id = world.debtor()
    with world.runtime.transaction(Scope(supplier_id)) as session:
        (contact,) = contacts(session, supplier_id, debtor_id)
        set_phone(session, supplier_id, contact.id, typed=MOBILE, country="CH", clock=world.clock)
        own = OwnText(opening="{contact}, {total} ouverts depuis le {oldest_due}.")
        save_text(
            session, supplier_id, Key("r2", Channel.SMS, "fr"), own, activate=True,
            link_length=75, clock=world.clock,
        )  # fmt: skip
    world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)

    for _ in range(15):
        dunning.live_a_day()
        world.clock.advance(timedelta(days=1))

    assert [(one.step, one.channel, one.state) for one in dunning.reminders()] == [
        ("r1", "email", "sent"), ("r2", "email", "sent"), ("r2", "sms", "sent"),
        ("call", "call", "sending"),
    ]  # fmt: skip
    with world.runtime.reading(dunning.scope) as session:
        (listed, *_) = reminders(session, supplier_id)
        assert (listed.step, listed.state) == ("call", "to_call"), "nobody has called yet"
    assert [text.to for text in texter.sent] == [MOBILE]
    words = "Anne Dubois, 10.00 CHF ouverts depuis le 30 oct. 2026. http"
    assert texter.sent[0].body.startswith(words)
    assert len(world.mail) == 2
    lead, beside = [one for one in dunning.reminders() if one.step == "r2"]
    assert lead.execution_id == beside.execution_id
    with world.runtime.reading(dunning.scope) as session:
        call = session.scalars(select(Call)).one()
    assert call.execution_id == dunning.reminders()[-1].execution_id

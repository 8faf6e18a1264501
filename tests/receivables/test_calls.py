"""Calls: planned by the engine, made by people, with what was promised in the same breath."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from receivables.bounces.queries import closed_channels
from receivables.calls import actions, queries
from receivables.calls.actions import Logged
from receivables.calls.rules import MOST_TRIES, Outcome, next_try
from receivables.calls.script import Situation, script_of
from receivables.database import SYSTEM, Scope
from receivables.dunning.holding import holds_of
from receivables.history import EventRow
from receivables.i18n import LANGUAGES
from receivables.ids import CallId, DebtorId, SupplierId
from receivables.money import Money
from receivables.parties.phones import set_phone
from receivables.ports import Channel, ChannelMessage
from receivables.promises.errors import PromisedForThePast
from receivables.promises.queries import promises
from receivables.workdays import WEEKDAYS
from tests.receivables.test_sms import message
from tests.support.channels import MOBILE, message_to
from tests.support.world import World


def test_a_call_in_vain_is_tried_again_the_next_working_day_three_times_in_all() -> None:
    friday = date(2026, 11, 6)

    def after(outcome: Outcome, tries: int) -> date | None:
        return next_try(outcome, tries, friday, country="CH", calendar=WEEKDAYS)

    assert after(Outcome.NOT_REACHED, 1) == date(2026, 11, 9)
    assert after(Outcome.NOT_REACHED, MOST_TRIES) is None
    assert all(after(one, 1) is None for one in Outcome if one is not Outcome.NOT_REACHED)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", range(6))
def test_every_script_names_who_calls_what_about_and_by_when(language: str, level: int) -> None:
    one = message(level)
    script = script_of(
        Situation(
            supplier_name="Rochat SA", staff_name="Claire Favre", debtor_name="Dubois Sàrl",
            contact_name="Anne Dubois", language=language, country="CH", level=level,
            lines=one.lines, today=date(2026, 11, 9),
        )
    )  # fmt: skip

    said = " ".join(sentence for part in script for sentence in part.sentences)
    assert len(script) == 6
    for word in ("Rochat SA", "Claire Favre", "Anne Dubois", "RE-2026-000123456", "16"):
        assert word in said
    assert "%" not in said


def test_a_broken_promise_is_named() -> None:
    situation = Situation(
        supplier_name="Rochat SA", staff_name="Claire Favre", debtor_name="Dubois Sàrl",
        contact_name="", language="en", country="CH", level=2, lines=message(lines=2).lines,
        today=date(2026, 11, 9), broken_promise=Money(12_000, "CHF"),
    )  # fmt: skip

    said = " ".join(sentence for part in script_of(situation) for sentence in part.sentences)

    assert "You had promised us CHF\N{NO-BREAK SPACE}120.00" in said
    assert "2 invoices" in said


def _planned(world: World) -> tuple[SupplierId, DebtorId, CallId, ChannelMessage]:
    supplier_id = world.supplier()
    debtor_id = world.debtor()
    invoice_id = world.invoice("120.00 CHF", debtor_id=debtor_id, due_in_days=-17)
    one = message_to(world, supplier_id, debtor_id, [invoice_id], Channel.CALL)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        set_phone(
            session, supplier_id, one.contact_id, typed=MOBILE, country="CH", clock=world.clock
        )
        call_id = actions.hand_over(session, one, clock=world.clock)
        assert actions.hand_over(session, one, clock=world.clock) is None
    assert call_id is not None
    return supplier_id, debtor_id, call_id, one


def _log(world: World, supplier_id: SupplierId, call_id: CallId, logged: Logged) -> None:
    with world.runtime.transaction(Scope(supplier_id)) as session:
        actions.log(
            session,
            supplier_id,
            call_id,
            logged,
            held_by_others=tuple(holds_of(session, supplier_id)),
            clock=world.clock,
        )


def _open(world: World, supplier_id: SupplierId) -> list[queries.CallView]:
    with world.runtime.reading(Scope(supplier_id)) as session:
        holds = holds_of(session, supplier_id)
        return queries.open_calls(session, supplier_id, world.clock.now().date(), holds=holds)


def _kinds(world: World) -> list[str]:
    with world.runtime.reading(SYSTEM) as session:
        rows = session.scalars(select(EventRow.kind).order_by(EventRow.id))
        return [one for one in rows if one.startswith(("call.", "promise.", "contact.supp"))]


def test_a_promise_on_the_telephone_is_given_with_the_call_or_not_at_all(world: World) -> None:
    supplier_id, debtor_id, call_id, _one = _planned(world)
    (planned,) = _open(world, supplier_id)
    assert (planned.amount, planned.phone) == (Money(12_000, "CHF"), MOBILE)

    today = world.clock.now().date()
    with pytest.raises(PromisedForThePast):
        _log(world, supplier_id, call_id, Logged(
            outcome=Outcome.PROMISE, promised_on=today - timedelta(days=1)))  # fmt: skip
    assert _kinds(world) == ["call.planned"]

    _log(world, supplier_id, call_id, Logged(
        outcome=Outcome.PROMISE, number=MOBILE, note="After the 15th",
        promised_on=today + timedelta(days=9), promised=Money(10_000, "CHF")))  # fmt: skip

    assert _kinds(world) == ["call.planned", "promise.made", "call.made", "call.closed"]
    assert _open(world, supplier_id) == []
    with world.runtime.reading(Scope(supplier_id)) as session:
        (promised,) = promises(session, supplier_id, debtor_id=debtor_id, limit=5)
        assert (promised.source, promised.amount.minor) == ("call", 10_000)
        spoken = queries.last_human_contact(session, supplier_id, [debtor_id])
        assert spoken == {debtor_id: world.clock.now()}
    with pytest.raises(actions.CallOver):
        _log(world, supplier_id, call_id, Logged(outcome=Outcome.REACHED))


def test_calls_in_vain_are_no_human_contact_and_are_given_up_after_three(world: World) -> None:
    supplier_id, debtor_id, call_id, _one = _planned(world)

    for _ in range(MOST_TRIES):
        assert len(_open(world, supplier_id)) == 1
        _log(world, supplier_id, call_id, Logged(outcome=Outcome.NOT_REACHED))
        assert _open(world, supplier_id) == []
        world.clock.advance(timedelta(days=1))

    assert _kinds(world) == ["call.planned", *["call.made"] * 3, "call.closed"]
    with world.runtime.reading(Scope(supplier_id)) as session:
        assert queries.last_human_contact(session, supplier_id, [debtor_id]) == {}
        assert len(queries.attempts(session, supplier_id, call_id)) == 3


def test_a_wrong_number_is_neither_called_nor_texted_again(world: World) -> None:
    supplier_id, _debtor_id, call_id, one = _planned(world)

    _log(world, supplier_id, call_id, Logged(outcome=Outcome.WRONG_NUMBER, number=MOBILE))

    with world.runtime.reading(Scope(supplier_id)) as session:
        assert closed_channels(session, supplier_id) == {
            one.contact_id: frozenset((Channel.CALL, Channel.SMS))
        }

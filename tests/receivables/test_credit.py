"""A debtor's standing: what is known of them, and what nobody said."""

from __future__ import annotations

from datetime import date

from receivables.credit import actions
from receivables.credit.queries import standing, standings
from receivables.credit.rules import Cover, PayerClass, SolvencyClass, Standing
from receivables.database import Scope
from receivables.history import of_debtor
from tests.support.builders import money
from tests.support.world import World

ON = date(2026, 11, 2)


def _kinds(world, supplier_id, debtor_id):
    with world.runtime.reading(Scope(supplier_id)) as session:
        return [one.event.kind for one in reversed(of_debtor(session, supplier_id, debtor_id))]


def test_nobody_said_a_word_of_a_new_debtor(world: World):
    supplier_id, debtor_id = world.supplier(), world.debtor()

    with world.runtime.reading(Scope(supplier_id)) as session:
        assert standing(session, supplier_id, debtor_id) == Standing()
        assert standings(session, supplier_id) == {}


def test_everything_that_is_written_down_is_read_again(world: World):
    supplier_id, debtor_id = world.supplier(), world.debtor()
    whose = {"supplier_id": supplier_id, "debtor_id": debtor_id, "clock": world.clock}
    cover = Cover(policy_number="P-77", extension_days=60)

    with world.runtime.transaction(Scope(supplier_id)) as session:
        actions.set_payer_class(session, payer_class=PayerClass.C, reason="pays late", **whose)
        actions.set_solvency_class(session, solvency_class=SolvencyClass.B, **whose)
        actions.set_limit(session, limit=money("5000.00 CHF"), **whose)
        actions.set_cover(session, cover=cover, **whose)
        actions.stop_demands(session, reason="in talks", until=ON, **whose)
        actions.block_self_service(session, until=ON, **whose)
        actions.note_insolvency(session, insolvent_on=ON, **whose)

    expected = Standing(
        payer_class=PayerClass.C, solvency_class=SolvencyClass.B, limit=money("5000.00 CHF"),
        cover=cover, stop_reason="in talks", stopped_until=ON, self_service_blocked_until=ON,
        insolvent_on=ON,
    )  # fmt: skip
    with world.runtime.reading(Scope(supplier_id)) as session:
        assert standing(session, supplier_id, debtor_id) == expected
        assert standings(session, supplier_id) == {debtor_id: expected}
    assert len(_kinds(world, supplier_id, debtor_id)) == 7


def test_what_says_nothing_new_is_no_event(world: World):
    supplier_id, debtor_id = world.supplier(), world.debtor()
    whose = {"supplier_id": supplier_id, "debtor_id": debtor_id, "clock": world.clock}

    for _ in range(2):
        with world.runtime.transaction(Scope(supplier_id)) as session:
            actions.set_payer_class(session, payer_class=PayerClass.A, **whose)
            actions.set_limit(session, limit=None, **whose)
            actions.set_cover(session, cover=None, **whose)
            actions.resume_demands(session, **whose)
            actions.retract_insolvency(session, **whose)

    assert _kinds(world, supplier_id, debtor_id) == ["credit.payer_class_changed"]


def test_a_block_is_never_made_shorter(world: World):
    supplier_id, debtor_id = world.supplier(), world.debtor()

    for until in (date(2027, 11, 2), date(2026, 12, 1)):
        with world.runtime.transaction(Scope(supplier_id)) as session:
            actions.block_self_service(
                session, supplier_id=supplier_id, debtor_id=debtor_id, until=until,
                clock=world.clock,
            )  # fmt: skip

    with world.runtime.reading(Scope(supplier_id)) as session:
        found = standing(session, supplier_id, debtor_id)
    assert found.self_service_blocked_until == date(2027, 11, 2)


def test_a_stop_ends_with_its_last_day_and_an_insolvency_never():
    stopped = Standing(stop_reason="holiday", stopped_until=ON)

    assert stopped.is_stopped(ON)
    assert not stopped.is_stopped(date(2026, 11, 3))
    assert Standing(stop_reason="in talks").is_stopped(date(2030, 1, 1))
    assert Standing(insolvent_on=ON).is_stopped(date(2030, 1, 1))
    assert not Standing().is_stopped(ON)


def test_a_debtor_may_help_themselves_the_day_after_the_block():
    blocked = Standing(self_service_blocked_until=ON)

    assert not blocked.may_help_themselves(ON)
    assert blocked.may_help_themselves(date(2026, 11, 3))

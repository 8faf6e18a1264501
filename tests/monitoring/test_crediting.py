"""Monitoring writes the class, and nothing else, where plans and limits read it."""

from __future__ import annotations

from receivables.credit.queries import standing
from receivables.credit.rules import SolvencyClass
from receivables.database import Scope
from tests.monitoring.conftest import Watch


def _solvency(watch, debtor_id):
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        return standing(session, watch.supplier_id, debtor_id).solvency_class


def test_the_first_thing_a_source_says_is_the_class(watch: Watch):
    debtor_id = watch.debtor()

    watch.falls(debtor_id, 90)

    assert _solvency(watch, debtor_id) is SolvencyClass.A


def test_a_fall_is_the_new_class_and_a_withdrawal_is_none(watch: Watch):
    debtor_id = watch.debtor()

    watch.falls(debtor_id, 90, 10)
    assert _solvency(watch, debtor_id) is SolvencyClass.E

    watch.world.advance(days=1)
    watch.falls(debtor_id, None)
    assert _solvency(watch, debtor_id) is SolvencyClass.NONE

"""How grave publications are, and which of several is told: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerts.happenings import Happening, is_told, rule_of, severity_of
from monitoring.alerts.limits import Level, percent_used, reached
from monitoring.alerts.severities import Exposure, RuleKind, Severity
from monitoring.insolvency.kinds import OPENINGS, EventKind
from receivables.money import Money

DAY = date(2026, 11, 2)
OWES = Exposure((Money(500, "EUR"),), (Money(100_000, "EUR"),))
OWES_NOTHING = Exposure((), (Money(100_000, "EUR"),))
OWES_MUCH = Exposure((Money(50_000, "EUR"),), (Money(100_000, "EUR"),))
LEVELS = [Level(percent, 5) for percent in (50, 70, 90, 100)]


def published(kind: EventKind, *, after: int = 0, source: str = "bodacc", **given) -> Happening:
    return Happening(
        kind=kind, source=source, country=given.pop("country", "FR"),
        published_on=DAY + timedelta(days=after), **given,
    )  # fmt: skip


@pytest.mark.parametrize("exposure", [OWES_NOTHING, OWES, OWES_MUCH], ids=["none", "some", "much"])
@pytest.mark.parametrize("shift", [-2, 0, 2])
def test_an_opening_is_critical_whatever_is_owed_and_wished(exposure: Exposure, shift: int):
    for kind in sorted(OPENINGS - {EventKind.SAFEGUARD}):
        assert severity_of(published(kind), exposure, shift=shift) is Severity.CRITICAL


@pytest.mark.parametrize(
    ("kind", "country", "severity"),
    [
        (EventKind.SAFEGUARD, "FR", Severity.HIGH),
        (EventKind.PETITION, "GB", Severity.HIGH),
        (EventKind.PETITION, "DE", Severity.CRITICAL),
        (EventKind.SUSPENDED, "CH", Severity.HIGH),
        (EventKind.CLAIMS_LIST, "CH", Severity.MEDIUM),
        (EventKind.CLOSED, "CH", Severity.INFO),
        (EventKind.VOLUNTARY_WINDING_UP, "GB", Severity.MEDIUM),
        (EventKind.STRUCK_OFF, "GB", Severity.HIGH),
        (EventKind.ACCOUNTS_OVERDUE, "GB", Severity.LOW),
        (EventKind.HUMAN_READ, "CH", None),
        (EventKind.ANNULLED, "FR", None),
        (EventKind.OTHER, "FR", None),
    ],
)
def test_each_event_is_as_grave_as_the_field_takes_it(kind, country, severity):
    assert severity_of(published(kind, country=country), OWES) is severity


def test_what_is_owed_moves_what_is_no_opening_and_never_a_safeguard_below_high():
    struck_off, safeguard = published(EventKind.STRUCK_OFF), published(EventKind.SAFEGUARD)

    assert severity_of(struck_off, OWES_NOTHING) is Severity.MEDIUM
    assert severity_of(struck_off, OWES_MUCH) is Severity.CRITICAL
    assert severity_of(safeguard, OWES_NOTHING) is Severity.HIGH


def test_every_event_that_raises_something_has_a_rule_that_asks_for_it():
    for kind in EventKind:
        assert (rule_of(kind) is None) == (severity_of(published(kind), OWES) is None)
    assert rule_of(EventKind.STRUCK_OFF) is RuleKind.STATUS


def test_a_second_source_tells_the_same_within_ten_days_and_something_new_after():
    first = published(EventKind.LIQUIDATION)
    again = published(EventKind.LIQUIDATION, source="creditsafe", after=10)

    assert is_told(again, [first])
    assert is_told(first, [again])
    assert not is_told(replace(again, published_on=DAY + timedelta(days=11)), [first])


def test_what_is_graver_or_names_a_term_for_claims_is_told_again():
    petition = published(EventKind.PETITION, source="gazette", country="GB")
    opened = published(EventKind.LIQUIDATION, source="companies_house", after=3)
    called = replace(opened, source="shab", claims_until=DAY + timedelta(days=40))

    assert not is_told(opened, [petition])
    assert is_told(petition, [opened])
    assert not is_told(called, [opened])
    assert is_told(opened, [called])


def test_one_source_that_goes_on_has_something_else_to_say():
    provisional = published(EventKind.PROVISIONAL_OPENING, source="shab", country="CH")
    suspended = published(EventKind.SUSPENDED, source="shab", country="CH", after=5)

    assert not is_told(suspended, [provisional])
    assert is_told(replace(provisional, published_on=DAY + timedelta(days=1)), [provisional])


def test_a_limit_is_used_by_what_is_owed_in_its_own_currency():
    assert percent_used([Money(99_99, "EUR"), Money(900_00, "CHF")], Money(100_00, "EUR")) == 99
    assert percent_used([], Money(0, "EUR")) == 0
    assert percent_used([Money(1, "EUR")], Money(0, "EUR")) > 100


@pytest.mark.parametrize(
    ("percent", "told", "stands"),
    [(49, 0, 0), (50, 0, 50), (95, 50, 90), (86, 90, 90), (85, 90, 90), (84, 90, 70), (10, 100, 0)],
)
def test_a_level_is_told_from_below_and_armed_again_a_margin_below(percent, told, stands):
    assert reached(percent, LEVELS, told) == stands


@given(st.lists(st.integers(0, 130), max_size=30))
def test_a_use_that_wavers_by_less_than_the_margin_is_told_once(walk):
    """Between two tellings of a level the use was the margin below it."""
    told, last = 0, {}
    for place, percent in enumerate(walk):
        level = reached(percent, LEVELS, told)
        if level > told:
            assert percent >= level
            if level in last:
                assert min(walk[last[level] : place]) < level - 5
            last[level] = place
        told = level

"""What sets off alerts besides scores: publications, used limits, silent sources, mass changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitoring.alerts import actions, using
from monitoring.alerts.judging import exposures
from monitoring.alerts.queries import AlertLine, alerts, mass_members
from monitoring.alerts.rehearsal import rehearse
from monitoring.alerts.rules import Rule
from monitoring.alerts.severities import RuleKind, Severity
from monitoring.alerts.wording import explained, headline
from monitoring.events import FeedSpeaksAgain, FeedWentSilent
from monitoring.insolvency.actions import delete_expired
from monitoring.insolvency.kinds import EventKind
from monitoring.readings import Accepted, record_readings
from receivables.credit.actions import set_limit
from receivables.database import Scope
from receivables.history import record
from receivables.ids import DebtorId, WatchRuleId, new_id
from receivables.ledger.queries import exposure_of
from receivables.money import Money
from tests.monitoring.conftest import TODAY, Watch, new_reading
from tests.support.publications import Published, published
from tests.support.publications import Reader as Readers

SIREN = ("SIREN", "552100554")


def take(watch: Watch, *publications: Published) -> None:
    reader = Readers.__new__(Readers)
    reader.runtime, reader.clock = watch.runtime, watch.runtime.clock
    reader.supplier_id = watch.supplier_id
    reader.take(*publications)
    watch.world.run_jobs()


def said(lines: Sequence[AlertLine]) -> list[tuple[str, str, str]]:
    """Kind, severity and headline, the oldest first."""
    return [(one.kind.value, one.severity.value, headline(one)) for one in reversed(lines)]


def test_two_sources_that_publish_one_opening_raise_one_critical_alert(watch):
    watch.debtor(owes="100.00 EUR", identifiers=(SIREN,), country="FR", city="Lyon")

    take(watch, published("a", label="Jugement d'ouverture"))
    take(watch, published("b", source="creditsafe", published_on=date(2026, 10, 31)))

    assert said(watch.alerts()) == [("S-INSOLV", "critical", "Liquidation opened")]
    (line,) = watch.alerts()
    assert "Jugement d'ouverture" in explained(line)
    assert watch.only_alert().reasons[0].kind is RuleKind.INSOLVENCY


def test_what_was_published_by_mistake_is_taken_back_where_everybody_sees_it(watch):
    watch.debtor(owes="100.00 EUR", identifiers=(SIREN,), country="FR", city="Lyon")
    take(watch, published("a"))
    take(watch, published("b", source="creditsafe"))

    take(watch, published("x", EventKind.ANNULLED, replaces="a"))

    by_source = {one.source: one.retracted_at is not None for one in watch.alerts()}
    assert by_source == {"bodacc": True, "creditsafe": False}, "the other source still says it"


def test_an_alert_outlives_what_was_published_and_says_no_more_of_it(watch):
    watch.debtor(owes="100.00 EUR", identifiers=(SIREN,), country="FR", city="Lyon")
    take(watch, published("a"))

    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        gone = delete_expired(session, supplier_id=watch.supplier_id, today=date(2099, 1, 1))

    (line,) = watch.alerts()
    assert (gone, headline(line)) == (1, "A publication that is no longer public")


def look(watch: Watch, *, everybody: bool = False) -> None:
    clock = watch.runtime.clock
    since = None if everybody else clock.now() - timedelta(minutes=30)
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        using.look_at_uses(session, supplier_id=watch.supplier_id, since=since, clock=clock)


def test_a_limit_that_fills_is_told_at_each_level_once(watch):
    debtor_id = watch.debtor(owes="60.00 CHF")
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        set_limit(
            session, supplier_id=watch.supplier_id, debtor_id=debtor_id,
            limit=Money(100_00, "CHF"), clock=watch.runtime.clock,
        )  # fmt: skip
    look(watch)
    look(watch)
    watch.world.invoice("45.00 CHF", debtor_id=debtor_id, supplier_id=watch.supplier_id)
    look(watch)
    watch.world.invoice("1.00 CHF", debtor_id=debtor_id, supplier_id=watch.supplier_id)
    look(watch, everybody=True)

    assert said(watch.alerts()) == [
        ("X-USE", "info", "60 % of the limit used"),
        ("X-USE", "high", "Over the limit: 105 % used"),
    ]


def test_a_limit_that_was_used_before_anybody_asked_is_no_news(watch):
    debtor_id = watch.debtor(owes="60.00 CHF")
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        set_limit(
            session, supplier_id=watch.supplier_id, debtor_id=debtor_id,
            limit=Money(100_00, "CHF"), clock=watch.runtime.clock,
        )  # fmt: skip

    look(watch, everybody=True)
    look(watch)

    assert watch.alerts() == []


def test_a_silent_source_is_told_once_and_taken_back_when_it_speaks(watch):
    since = watch.runtime.clock.now() - timedelta(days=3)
    silent = FeedWentSilent(
        supplier_id=watch.supplier_id, source="bodacc", silence="silent", since=since
    )
    for _ in range(2):
        with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
            record(session, silent, clock=watch.runtime.clock)
        watch.world.run_jobs()

    (line,) = watch.alerts()
    assert (line.kind, line.severity, line.debtor_id) == (RuleKind.DEAD, Severity.HIGH, None)

    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        speaks = FeedSpeaksAgain(supplier_id=watch.supplier_id, source="bodacc", since=since)
        record(session, speaks, clock=watch.runtime.clock)
    watch.world.run_jobs()

    assert watch.alerts()[0].retracted_at is not None


def record_many(watch: Watch, debtors: Sequence[DebtorId], score: int, days_ago: int) -> None:
    accepted = [
        Accepted(debtor_id, new_reading(score, on=TODAY - timedelta(days=days_ago)))
        for debtor_id in debtors
    ]
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        record_readings(
            session, supplier_id=watch.supplier_id, accepted=accepted, clock=watch.runtime.clock
        )
    watch.world.run_jobs()


def test_many_changes_of_one_source_are_told_in_one_notice_which_grows(watch):
    debtors = [watch.debtor() for _ in range(30)]
    ada = watch.staff(name="Ada")
    record_many(watch, debtors, 70, 1)

    record_many(watch, debtors[:15], 45, 0)
    record_many(watch, debtors[15:25], 45, 0)
    record_many(watch, debtors[25:], 45, 0)

    (notice,) = [one for one in watch.alerts() if one.kind is RuleKind.MASS]
    members = Counter(one.mass_alert_id for one in watch.alerts() if one.debtor_id)
    assert members == {None: 15, notice.alert_id: 15}
    assert headline(notice).endswith("changed 15 debtors at once")
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        waiting = alerts(session, watch.supplier_id, only_open=True)
        inside = mass_members(session, watch.supplier_id, notice.alert_id)
        actions.acknowledge(
            session, supplier_id=watch.supplier_id, alert_id=notice.alert_id,
            staff_id=ada, decision=actions.Decision.FALSE_ALARM, note="",
            clock=watch.runtime.clock,
        )  # fmt: skip
        open_still = alerts(session, watch.supplier_id, only_open=True)
        decided = mass_members(session, watch.supplier_id, notice.alert_id)
    assert {one.kind for one in inside} == {RuleKind.THRESHOLD}
    assert len(waiting) == 16, "the notice stands for those in it"
    assert {one.mass_alert_id for one in open_still} == {None}
    assert len(open_still) == 15
    assert all(one.acknowledged_at for one in decided)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"limit": Money(100_00, "CHF")}, {"limit": Money(70_00, "CHF")}, ("S-LIMIT", "medium")),
        ({"limit": Money(100_00, "CHF")}, {"limit": Money(71_00, "CHF")}, None),
        ({"limit": Money(100_00, "CHF")}, {"limit": Money(0, "CHF")}, ("S-LIMIT", "high")),
        ({"status": "active"}, {"status": "dissolved"}, ("S-STATUS", "medium")),
        ({"days_beyond_terms": 5}, {"days_beyond_terms": 20}, ("S-DBT", "low")),
        ({"source": "payments", "scale": "A-E"}, {"source": "payments", "scale": "A-E"}, None),
    ],
    ids=["limit cut", "limit kept", "limit gone", "dissolved", "pays later", "pays as before"],
)
def test_a_reading_is_judged_by_all_it_says(watch, before, after, expected):
    """One step less grave than by itself: nothing is owed."""
    debtor_id = watch.debtor()
    watch.record(debtor_id, replace(new_reading(70, on=TODAY - timedelta(days=1)), **before))
    watch.record(debtor_id, replace(new_reading(70), **after))
    watch.world.run_jobs()

    found = [(one.kind.value, one.severity.value) for one in watch.alerts()]
    assert found == ([expected] if expected else [])


def test_what_all_debtors_owe_is_the_sum_of_what_each_does(watch):
    debtors = [watch.debtor(owes=owes) for owes in ("60.00 CHF", "45.50 EUR", "10.00 CHF")]
    watch.world.invoice("4.00 CHF", debtor_id=debtors[0], supplier_id=watch.supplier_id)

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        found = exposures(session, watch.supplier_id, debtors)
        each = [exposure_of(session, watch.supplier_id, debtor_id) for debtor_id in debtors]

    assert [list(found[debtor_id].amounts) for debtor_id in debtors] == each
    assert found[debtors[0]].totals == (Money(74_00, "CHF"), Money(45_50, "EUR"))


def test_what_a_rule_would_have_told_is_told_without_saving_anything(watch):
    debtor_id = watch.debtor(
        owes="60.00 CHF", identifiers=(SIREN,), country="FR", city="Lyon", name="Dubois"
    )
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        set_limit(
            session, supplier_id=watch.supplier_id, debtor_id=debtor_id,
            limit=Money(100_00, "CHF"), clock=watch.runtime.clock,
        )  # fmt: skip
    take(watch, published("a"), published("b", source="creditsafe"))
    watch.falls(debtor_id, 70, 62, 44)
    before = len(watch.alerts())

    def tried(kind: RuleKind, threshold: int = 0, window_days: int = 0) -> list[str]:
        rule = Rule(
            rule_id=WatchRuleId(new_id()), kind=kind, threshold=threshold, scale="0-100",
            window_days=window_days, effective_at=watch.runtime.clock.now(),
        )  # fmt: skip
        with watch.runtime.reading(Scope(watch.supplier_id)) as session:
            found = rehearse(
                session, supplier_id=watch.supplier_id, rule=rule, clock=watch.runtime.clock
            )
        assert found.count == len(found.listed)
        assert {name for _, name in found.listed} <= {"Dubois"}
        return [headline(fired) for fired, _ in found.listed]

    assert tried(RuleKind.INSOLVENCY) == ["Liquidation opened"]
    assert tried(RuleKind.USE, 60) == ["60 % of the limit used"]
    assert tried(RuleKind.USE, 61) == []
    assert tried(RuleKind.DROP, 8, 30) == ["Solvency fell from B to C", "Score fell from 70 to 62"]
    assert tried(RuleKind.DROP, 27, 30) == []
    assert tried(RuleKind.PAYER_CLASS, 1) == []
    assert len(watch.alerts()) == before

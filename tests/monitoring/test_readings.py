"""Recording and judging: what comes twice, late or in another order changes nothing."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from monitoring import standing
from monitoring.alerts import actions, rulebook
from monitoring.alerts.actions import AlreadyAcknowledged, Decision
from monitoring.alerts.judging import judge
from monitoring.alerts.queries import (
    AlertTail,
    NoSuchAlert,
    alert,
    alerts_since,
    count_alerts,
    latest_news,
)
from monitoring.alerts.rules import DEFAULT_RULES, RuleKind, Severity
from monitoring.bands import Band
from monitoring.readings import Said
from monitoring.tables import Alert, ScoreReading
from monitoring.watching import sources, watch_rules
from receivables.database import Scope
from receivables.history import of_debtor
from receivables.ids import AlertId
from receivables.money import Money
from tests.monitoring.conftest import TODAY, Watch, new_reading


def test_a_fall_becomes_one_alert_with_what_was_at_stake(watch):
    debtor_id = watch.debtor(owes="1000.00 CHF", name="Dubois SA")
    watch.debtor(owes="3000.00 CHF")

    watch.falls(debtor_id, 70, 30)

    details = watch.only_alert()
    line = details.line
    assert (line.debtor_name, line.kind, line.band_before, line.band_after) == (
        "Dubois SA", RuleKind.CLASS, Band.B, Band.D,
    )  # fmt: skip
    assert (line.score_before, line.score_after, line.as_of_on) == (70, 30, TODAY)
    assert line.exposure == (Money(1000_00, "CHF"),)
    assert line.share == 0.25
    assert line.severity is Severity.CRITICAL
    assert [one.kind for one in details.reasons] == [
        "S-CLASS", "S-THR", "S-DROP", "S-DROP",
    ]  # fmt: skip


def test_a_debtor_who_owes_nothing_raises_a_milder_alert(watch):
    watch.falls(watch.debtor(), 70, 30)

    assert watch.only_alert().line.severity is Severity.MEDIUM


def test_the_same_reading_twice_is_known_the_second_time(watch):
    debtor_id = watch.debtor()

    assert watch.record(debtor_id, new_reading(70)) is True
    assert watch.record(debtor_id, new_reading(70)) is False


def test_a_correction_of_the_same_day_is_one_more_row_and_the_last_one_stands(watch):
    debtor_id = watch.debtor()
    watch.record(debtor_id, new_reading(70))

    watch.record(debtor_id, new_reading(45))

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        said = standing.history(session, watch.supplier_id, debtor_id, "bureau")
        now = standing.bands(session, watch.supplier_id)[debtor_id]
    assert [one.score for one in said] == [70, 45]
    assert (now.band, now.previous_band) == (Band.C, Band.B)


def test_a_source_that_numbers_its_readings_decides_their_order_within_a_day(watch):
    debtor_id = watch.debtor()
    watch.record(debtor_id, new_reading(30, reference="e2", sequence=2))
    watch.record(debtor_id, new_reading(70, reference="e1", sequence=1))

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        now = standing.bands(session, watch.supplier_id)[debtor_id]
    assert now.score == 30


@pytest.mark.parametrize("seed", range(5))
def test_a_duplicated_and_shuffled_feed_ends_where_the_orderly_one_does(watch, seed):
    scores = [78, 74, 52, 49, 55, 38, 41, 19]
    feed = [
        new_reading(score, on=TODAY - timedelta(days=3 * (len(scores) - place)),
                    reference=f"e{place}", sequence=place)
        for place, score in enumerate(scores)
    ]  # fmt: skip
    arrivals = feed * 3
    random.Random(seed).shuffle(arrivals)
    debtor_id = watch.debtor(owes="100.00 CHF")

    for arrived in arrivals:
        watch.record(debtor_id, arrived)
        watch.world.run_jobs()

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        said = standing.history(session, watch.supplier_id, debtor_id, "bureau")
    raised = watch.alerts()
    assert [one.score for one in said] == scores
    assert len({one.as_of_on for one in raised}) == len(raised)
    assert max(raised, key=lambda one: one.as_of_on).score_after == 19


def test_raw_scores_of_two_sources_are_never_held_against_each_other(watch):
    debtor_id = watch.debtor()
    watch.record(debtor_id, new_reading(80, source="first", on=TODAY - timedelta(days=1)))
    watch.record(debtor_id, new_reading(20, source="second"))
    watch.world.run_jobs()

    assert watch.alerts() == []


def test_a_withdrawn_score_is_told(watch):
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, None)

    line = watch.only_alert().line
    assert (line.band_before, line.band_after, line.score_after) == (Band.B, Band.NONE, None)


def test_an_improvement_is_in_the_history_and_raises_nothing(watch):
    debtor_id = watch.debtor()

    watch.falls(debtor_id, 30, 70)

    assert watch.alerts() == []
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        history = of_debtor(session, watch.supplier_id, debtor_id)
    (happened,) = (one for one in history if one.event.kind == "score.changed")
    assert happened.event.shown_to_debtor is False


def test_a_late_first_reading_makes_the_second_a_fall(watch):
    debtor_id = watch.debtor(owes="10.00 CHF")
    watch.record(debtor_id, new_reading(30))
    watch.world.run_jobs()
    assert watch.alerts() == []

    watch.record(debtor_id, new_reading(70, on=TODAY - timedelta(days=9)))
    watch.world.run_jobs()

    assert watch.only_alert().line.score_after == 30


def test_judging_again_raises_nothing_new(watch):
    debtor_id = watch.debtor(owes="10.00 CHF")
    watch.falls(debtor_id, 70, 30)

    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        again = judge(
            session, supplier_id=watch.supplier_id, said=[Said(debtor_id, "bureau")],
            clock=watch.runtime.clock,
        )  # fmt: skip

    assert again == []


def test_two_workers_who_judge_at_once_raise_one_alert(watch):
    debtor_id = watch.debtor(owes="10.00 CHF")
    watch.record(debtor_id, new_reading(70, on=TODAY - timedelta(days=1)))
    watch.record(debtor_id, new_reading(30))
    ready = threading.Barrier(2)
    raised: list[AlertId] = []

    def judge_once() -> None:
        ready.wait()
        with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
            raised.extend(
                judge(
                    session,
                    supplier_id=watch.supplier_id,
                    said=[Said(debtor_id, "bureau")],
                    clock=watch.runtime.clock,
                )
            )

    workers = [threading.Thread(target=judge_once) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(raised) == 1
    assert len(watch.alerts()) == 1


def test_what_nobody_asked_about_raises_nothing(watch):
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        for rule in watch_rules(session, watch.supplier_id, now=watch.runtime.clock.now()):
            rulebook.change_rule(
                session, supplier_id=watch.supplier_id, rule_id=rule.rule_id, is_on=False,
                threshold=rule.threshold, window_days=rule.window_days, clock=watch.runtime.clock,
            )  # fmt: skip

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 5)

    assert watch.alerts() == []


def test_a_changed_rule_holds_for_what_arrives_from_now_on(watch):
    debtor_id = watch.debtor(owes="10.00 CHF")
    watch.falls(debtor_id, 64, 62)
    watch.runtime.clock.advance(timedelta(minutes=1))
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        lines = watch_rules(session, watch.supplier_id, now=watch.runtime.clock.now())
        (threshold,) = [one for one in lines if one.kind is RuleKind.THRESHOLD]
        rulebook.change_rule(
            session, supplier_id=watch.supplier_id, rule_id=threshold.rule_id, is_on=True,
            threshold=63, window_days=None, clock=watch.runtime.clock,
        )  # fmt: skip
    watch.record(debtor_id, new_reading(61, reference="later"))
    watch.world.run_jobs()
    assert watch.alerts() == []

    watch.record(debtor_id, new_reading(70, reference="up"))
    watch.record(debtor_id, new_reading(60, reference="down"))
    watch.world.run_jobs()

    assert watch.only_alert().line.kind is RuleKind.THRESHOLD


@pytest.mark.parametrize(("threshold", "window"), [(0, 30), (101, 30), (10, 0), (10, None)])
def test_a_rule_refuses_numbers_that_make_no_sense(watch, threshold, window):
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        lines = watch_rules(session, watch.supplier_id, now=watch.runtime.clock.now())
        drop = next(one for one in lines if one.kind is RuleKind.DROP)
        with pytest.raises(rulebook.RuleOutOfRange):
            rulebook.change_rule(
                session, supplier_id=watch.supplier_id, rule_id=drop.rule_id, is_on=True,
                threshold=threshold, window_days=window, clock=watch.runtime.clock,
            )  # fmt: skip


def test_a_rule_counts_how_often_it_fired(watch):
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 55)

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        lines = watch_rules(session, watch.supplier_id, now=watch.runtime.clock.now())
    fired = {
        (one.kind, one.window_days): one.fired_last_90_days
        for one in lines
        if one.fired_last_90_days
    }
    assert fired == {(RuleKind.DROP, 30): 1, (RuleKind.CLASS, None): 1}
    assert [(one.kind, one.threshold) for one in lines] == [
        (one.kind, one.threshold) for one in DEFAULT_RULES
    ]


def test_a_decision_is_kept_with_name_and_time_and_the_first_one_stands(watch):
    first, second = watch.staff(name="Ada"), watch.staff(name="Bo")
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    alert_id = watch.only_alert().line.alert_id
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        actions.acknowledge(
            session, supplier_id=watch.supplier_id, alert_id=alert_id, staff_id=first,
            decision=Decision.PREPAYMENT, note=" from now on ", clock=watch.runtime.clock,
        )  # fmt: skip

    with (
        watch.runtime.transaction(Scope(watch.supplier_id)) as session,
        pytest.raises(AlreadyAcknowledged),
    ):
        actions.acknowledge(
            session, supplier_id=watch.supplier_id, alert_id=alert_id, staff_id=second,
            decision=Decision.KEEP, note="", clock=watch.runtime.clock,
        )  # fmt: skip

    decided = watch.only_alert().acknowledgement
    assert decided is not None
    assert (decided.staff_name, decided.decision, decided.note) == (
        "Ada", "prepayment", "from now on",
    )  # fmt: skip
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        assert count_alerts(session, watch.supplier_id, only_open=True) == 0
        assert count_alerts(session, watch.supplier_id) == 1


def test_an_alert_that_was_taken_back_stays_visible_and_is_not_open(watch):
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    alert_id = watch.only_alert().line.alert_id

    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        taken_back = {
            "supplier_id": watch.supplier_id, "alert_id": alert_id, "reason": "wrong company",
            "clock": watch.runtime.clock,
        }  # fmt: skip
        assert actions.retract(session, **taken_back) is True
        assert actions.retract(session, **taken_back) is False

    assert watch.only_alert().line.retracted_at == watch.runtime.clock.now()
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        assert count_alerts(session, watch.supplier_id, only_open=True) == 0


def test_a_supplier_sees_no_reading_and_no_alert_of_another(watch):
    other = Watch(watch.world, watch.world.supplier(name="Another AG"))
    debtor_id = watch.debtor(owes="10.00 CHF")
    watch.falls(debtor_id, 70, 30)
    alert_id = watch.only_alert().line.alert_id
    stranger = other.staff()

    assert other.alerts() == []
    with other.runtime.transaction(Scope(other.supplier_id)) as session:
        assert standing.bands(session, other.supplier_id) == {}
        assert standing.histories(session, other.supplier_id, debtor_id) == {}
        assert standing.latest_readings(session, other.supplier_id) == []
        assert sources(session, other.supplier_id) == []
        assert alerts_since(session, other.supplier_id, None) == []
        with pytest.raises(NoSuchAlert):
            alert(session, other.supplier_id, alert_id)
        with pytest.raises(NoSuchAlert):
            actions.acknowledge(
                session, supplier_id=other.supplier_id, alert_id=alert_id, staff_id=stranger,
                decision=Decision.KEEP, note="", clock=watch.runtime.clock,
            )  # fmt: skip
    assert watch.only_alert().acknowledgement is None


def test_row_level_security_alone_hides_readings_and_alerts(watch):
    if watch.runtime.database.kind != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    other = watch.world.supplier(name="Another AG")
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)

    with watch.runtime.reading(Scope(other)) as session:
        assert session.scalar(select(func.count()).select_from(ScoreReading)) == 0
        assert session.scalar(select(func.count()).select_from(Alert)) == 0


def test_the_portfolio_is_counted_by_band(watch):
    watch.falls(watch.debtor(), 90)
    watch.falls(watch.debtor(), 65, 70)
    watch.falls(watch.debtor(), 30, None)
    watch.debtor()

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        counts = standing.band_counts(session, watch.supplier_id)
    assert counts == {
        Band.A: 1, Band.B: 1, Band.C: 0, Band.D: 0, Band.E: 0, Band.NONE: 2,
    }  # fmt: skip


def test_a_change_of_band_long_ago_is_not_mentioned(watch):
    debtor_id = watch.debtor()
    watch.falls(debtor_id, 70, 50, 51)

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        lately = standing.bands(session, watch.supplier_id, [debtor_id], since=TODAY - timedelta(1))
        today = standing.bands(session, watch.supplier_id, [debtor_id], since=TODAY)
    assert (lately[debtor_id].previous_band, lately[debtor_id].band) == (Band.B, Band.C)
    assert today[debtor_id].previous_band is Band.C


def test_a_page_that_follows_alerts_hears_of_each_once(watch):
    staff_id = watch.staff()
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        tail = AlertTail(watch.supplier_id, latest_news(session, watch.supplier_id))
        assert tail.news(session) == []
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    newest = watch.alerts()[0].alert_id
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        actions.acknowledge(
            session, supplier_id=watch.supplier_id, alert_id=newest, staff_id=staff_id,
            decision=Decision.CALL, note="", clock=watch.runtime.clock,
        )  # fmt: skip

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        heard = [(one.kind, one.alert_id) for one in tail.news(session)]
        again = tail.news(session)

    assert heard == [("alert.raised", heard[0][1]), ("alert.acknowledged", newest)]
    assert again == []


def test_a_reading_without_a_reference_is_known_by_its_content():
    first = new_reading(70)

    assert first.key == new_reading(70).key
    assert first.key != new_reading(71).key
    assert replace(first, reference="r1").key == "r1"

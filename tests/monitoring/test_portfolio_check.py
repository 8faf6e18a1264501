"""A health check from the file to the report, and until it is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from monitoring.bands import Band
from monitoring.portfolio import actions, making, queries
from monitoring.portfolio.report_values import Report
from monitoring.portfolio.rules import Confidence, Flaw
from monitoring.portfolio.tables import (
    PortfolioCheck,
    PortfolioCluster,
    PortfolioCustomer,
    PortfolioDeed,
    PortfolioView,
)
from receivables.credit.actions import note_insolvency, set_cover, set_limit
from receivables.credit.rules import Cover
from receivables.database import SYSTEM, Scope
from receivables.ids import PortfolioCheckId
from receivables.parties.actions import identify
from receivables.settings import BureauSettings
from sandbox.bureau.app import create_app
from sandbox.bureau.service import Bureau
from sandbox.serving import serve
from tests.monitoring.conftest import TODAY, Watch, new_reading
from tests.monitoring.test_bureau import company
from tests.support.builders import money

FILE = """\
number;name;country;register number;postcode;city;balance;overdue;limit;terms;turnover;rating
1;Brasserie Dupont SA;BE;0403.170.701;1000;Bruxelles;12000.00;200.00;10000;60;90000;C
2;Dupont Brasserie;BE;BE0403170701;1000;Bruxelles;500.00;0;;30;;
3;Atelier du Lac;FR;732 829 320;69001;Lyon;4000.00;0;;30;;81
4;Nobody knows;BE;0403.170.700;9000;Gent;100.00;0;;30;;
"""


class Checks:
    """Checks of one supplier."""

    def __init__(self, watch: Watch) -> None:
        self.watch, self.supplier_id = watch, watch.supplier_id
        self.runtime, self.clock = watch.runtime, watch.world.clock

    def ask(self, content: str | bytes | None = FILE, **given: int) -> PortfolioCheckId:
        sent = content.encode() if isinstance(content, str) else content
        with self.runtime.transaction(Scope(self.supplier_id)) as session:
            check_id = actions.ask_for(
                session, supplier_id=self.supplier_id, content=sent, file_name="book.csv",
                locale="en_GB", clock=self.clock, **given,
            )  # fmt: skip
        self.watch.world.run_jobs()
        return check_id

    def row(self, check_id: PortfolioCheckId) -> PortfolioCheck:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return queries.of_supplier(session, self.supplier_id, check_id)

    def content(self, check_id: PortfolioCheckId) -> bytes | None:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return session.scalar(
                select(PortfolioCheck.content).where(PortfolioCheck.id == check_id)
            )

    def report(self, check_id: PortfolioCheckId) -> Report:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return queries.report_of(session, self.supplier_id, check_id)


@pytest.fixture
def checks(watch: Watch) -> Checks:
    return Checks(watch)


def test_a_file_becomes_a_report_and_a_merge_moves_its_totals_and_back(checks: Checks) -> None:
    debtor_id = checks.watch.debtor(name="Brasserie Dupont", country="BE")
    with checks.runtime.transaction(Scope(checks.supplier_id)) as session:
        identify(session, checks.supplier_id, debtor_id, [("KBO", "0403170701")])
    checks.watch.record(debtor_id, new_reading(15))

    check_id = checks.ask()

    report = checks.report(check_id)
    assert (report.coverage.customers, report.coverage.exact) == (4, 3)
    assert report.coverage.unidentified == 1
    # The two lines of one number are our debtor, whose class we watch; the others the file's own.
    assert dict(report.counts) == {
        Band.A: 1, Band.B: 0, Band.C: 0, Band.D: 0, Band.E: 2, Band.NONE: 1,
    }  # fmt: skip
    assert dict(report.flaws)[Flaw.WRONG_NUMBER] == 1
    assert report.duplicates.clusters == 1
    [part] = report.slices
    assert part.exposure == money("16600.00 CHF")
    assert (part.customers, part.largest.lines[0].exposure) == (4, money("12000.00 CHF"))
    assert part.over_limit.count == 1

    def decide(decision: actions.Decision) -> Report:
        with checks.runtime.transaction(Scope(checks.supplier_id)) as session:
            actions.decide_cluster(
                session, supplier_id=checks.supplier_id, check_id=check_id, place=1,
                decision=decision, clock=checks.clock,
            )  # fmt: skip
        return checks.report(check_id)

    together = decide("merged")
    assert together.coverage.customers == 3
    assert together.slices[0].largest.lines[0].exposure == money("12500.00 CHF")
    assert together.slices[0].exposure == part.exposure
    assert decide("").slices == report.slices


def test_the_own_book_is_checked_as_it_stands_and_held_against_the_last_check(
    checks: Checks,
) -> None:
    watch, scope = checks.watch, Scope(checks.supplier_id)
    good = watch.debtor(owes="900.00 CHF", name="Good SA")
    bad = watch.debtor(owes="100.00 CHF", name="Bad SA")
    person = watch.debtor(owes="50.00 EUR", name="Anna Muster", kind="consumer")
    watch.record(good, new_reading(85))
    with checks.runtime.transaction(scope) as session:
        whose = {"supplier_id": checks.supplier_id, "clock": checks.clock}
        set_limit(session, **whose, debtor_id=good, limit=money("500.00 CHF"))  # type: ignore[arg-type]
        set_cover(
            session, **whose, debtor_id=good,  # type: ignore[arg-type]
            cover=Cover(policy_number="P-1", extension_days=60),
        )  # fmt: skip

    first = checks.report(checks.ask(None))

    own = first.slice_of("CHF")
    assert own is not None
    assert (own.exposure, own.insured) == (money("1000.00 CHF"), money("900.00 CHF"))
    assert [line.debtor_id for line in own.over_limit.lines] == [str(good)]
    assert (first.coverage.persons, len(first.slices), first.change) == (1, 2, None)
    assert person

    with checks.runtime.transaction(scope) as session:
        note_insolvency(session, **whose, debtor_id=bad, insolvent_on=TODAY)  # type: ignore[arg-type]
    watch.record(good, new_reading(30, on=TODAY + timedelta(days=1)))
    checks.clock.advance(timedelta(days=1))
    second = checks.report(checks.ask(None))

    assert second.change is not None
    assert [(one.name, one.before, one.after) for one in second.change.fell] == [
        ("Good SA", Band.A, Band.D)
    ]
    assert [line.name for line in second.slices[0].red.lines] == ["Bad SA"]


def test_a_file_that_is_none_is_refused_in_words_and_not_kept(checks: Checks) -> None:
    check_id = checks.ask(b"\x00\x01 this is no table")
    check = checks.row(check_id)
    assert (check.state, checks.content(check_id)) == ("refused", None)
    assert queries.faults_of(check)[0].how


def test_after_its_day_nothing_of_a_check_is_left_but_that_there_was_one(checks: Checks) -> None:
    staff_id = checks.watch.staff()
    kept, gone = checks.ask(keep_days=90), checks.ask(keep_days=30)
    with checks.runtime.transaction(Scope(checks.supplier_id)) as session:
        for _ in range(2):
            actions.note_view(
                session, supplier_id=checks.supplier_id, check_id=gone, staff_id=staff_id,
                what="page", clock=checks.clock,
            )  # fmt: skip
    assert checks.content(gone) is None, "the file went as soon as it was read"

    checks.watch.world.fire_schedules()
    checks.clock.advance(timedelta(days=31))
    checks.watch.world.fire_schedules()
    checks.watch.world.run_jobs()

    with checks.runtime.reading(SYSTEM) as session:
        for table in (PortfolioCustomer, PortfolioCluster, PortfolioView, PortfolioDeed):
            found = session.scalars(select(table.check_id).distinct()).all()
            assert gone not in found, table
        assert session.scalar(select(func.count()).select_from(PortfolioCheck)) == 1
    assert checks.row(kept).state == "ready"


def test_a_guess_is_a_question_until_a_person_answers_it(checks: Checks) -> None:
    debtor_id = checks.watch.debtor(name="Metallbau Zürcher AG", country="CH")
    with checks.runtime.transaction(Scope(checks.supplier_id)) as session:
        identify(session, checks.supplier_id, debtor_id, [("UID", "CHE109322551")])
    checks.watch.record(debtor_id, new_reading(45))
    check_id = checks.ask(
        "number;name;country;register number;balance\n"
        "1;Confiserie Bachmann;CH;CHE-109.322.551;700.00\n"
    )
    assert checks.report(check_id).coverage.review == 1

    def say(*, is_it: bool) -> None:
        with checks.runtime.transaction(Scope(checks.supplier_id)) as session:
            actions.decide_identity(
                session, supplier_id=checks.supplier_id, check_id=check_id, place=1,
                is_it=is_it, clock=checks.clock,
            )  # fmt: skip

    say(is_it=True)

    report = checks.report(check_id)
    assert (report.coverage.review, report.coverage.exact) == (0, 1)
    assert dict(report.counts)[Band.C] == 1
    with checks.runtime.reading(Scope(checks.supplier_id)) as session:
        assert not queries.count_of(session, checks.supplier_id, check_id, Confidence.REVIEW)
    with pytest.raises(actions.NothingToDecide):
        say(is_it=False)


def test_the_bureau_is_asked_about_companies_nobody_scored_and_missed_when_it_is_silent(
    checks: Checks,
) -> None:
    uid = "CHE-109.322.551"
    content = f"number;name;country;register number;balance\n1;Confiserie;CH;{uid};700.00\n"
    silent = checks.row(checks.ask(content))
    assert (silent.state, silent.unasked) == ("ready", 1)

    bureau = Bureau([company("CHE109322551", score=33)])
    with serve(create_app(bureau)) as served:
        settings = replace(
            checks.runtime.settings,
            bureau=BureauSettings(url=served.url, username="quittance", password="sandbox"),
        )
        checks.runtime = replace(checks.runtime, settings=settings)
        checks.watch.world.runtime = checks.runtime
        check_id = checks.ask(content)
    bureau.store.close()

    report = checks.report(check_id)
    assert checks.row(check_id).unasked == 0
    assert dict(report.counts)[Band.D] == 1
    assert report.scores[0].newest_on is not None


def test_a_worker_that_dies_before_the_report_leaves_nothing_twice(checks: Checks) -> None:
    with checks.runtime.transaction(Scope(checks.supplier_id)) as session:
        check_id = actions.ask_for(
            session, supplier_id=checks.supplier_id, content=FILE.encode(), locale="en_GB",
            clock=checks.clock,
        )  # fmt: skip
    making.make(checks.runtime, checks.supplier_id, check_id)
    assert checks.row(check_id).state == "running"

    checks.watch.world.run_jobs()

    assert checks.report(check_id).coverage.customers == 4
    assert checks.row(check_id).total == 4

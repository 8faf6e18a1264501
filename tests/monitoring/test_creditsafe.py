"""Creditsafe over real HTTP: rules switched on, events turned into readings, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from monitoring import standing
from monitoring.bands import Band
from monitoring.feeds.contract import SourceBusy, SourceDown, SourceRefuses
from monitoring.feeds.creditsafe import ONE_BY_ONE, CreditsafeClient
from monitoring.feeds.creditsafe_report import band_of_common
from monitoring.feeds.creditsafe_rules import About, about, kind_of_status
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.sources.polling import poll
from monitoring.tables import FeedState
from receivables.database import Scope
from receivables.ids import DebtorId
from receivables.money import Money
from receivables.settings import SourceAccount
from sandbox.creditsafe import Company, RunningCreditsafe, start
from tests.monitoring.conftest import Watch
from tests.support.world import World

SIREN, KBO = "732829320", "0403170701"


def company(number: str, country: str, common: str = "B", local: str = "62") -> Company:
    return Company(
        company_id=f"{country}-0-{number}", country=country, reg_no=number,
        vat_no=f"{country}{number}", name=f"{number} SA", common=common, local=local, limit=40_000,
    )  # fmt: skip


class CreditsafeWatch(Watch):
    """A supplier whose debtors Creditsafe watches."""

    def __init__(self, world: World, running: RunningCreditsafe) -> None:
        super().__init__(world)
        self.far, self.url = running.creditsafe, running.url

    def client(self, transport: httpx.BaseTransport | None = None) -> CreditsafeClient:
        return CreditsafeClient(
            self.url, username="quittance", password="sandbox", clock=self.world.clock,
            transport=transport,
        )  # fmt: skip

    def poll(self, transport: httpx.BaseTransport | None = None) -> None:
        client = self.client(transport)
        poll(self.runtime, self.supplier_id, client)
        client.close()
        self.world.run_jobs()

    def bands(self, debtor_id: DebtorId) -> list[str]:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            said = standing.history(session, self.supplier_id, debtor_id, "creditsafe")
        return [one.band.value for one in said]

    def state(self) -> FeedState:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return session.get_one(FeedState, (self.supplier_id, "creditsafe"))


@pytest.fixture
def watch(world: World) -> Iterator[CreditsafeWatch]:
    companies = [company(SIREN, "FR"), company(KBO, "BE")]
    with start(companies, now=world.clock.now) as running:
        yield CreditsafeWatch(world, running)


def test_a_rating_that_falls_is_a_reading_in_its_band_and_told(watch):
    debtor_id = watch.debtor(owes="100.00 CHF", identifiers=(("SIREN", SIREN),))
    watch.poll()
    assert watch.bands(debtor_id) == ["B"]
    (portfolio,) = watch.far.portfolios.values()
    assert (portfolio.name, portfolio.companies) == (str(watch.supplier_id), [f"FR-0-{SIREN}"])
    assert portfolio.rules == {"FR": [101, 102, 105, 1801, 1802]}

    watch.world.clock.advance(timedelta(hours=3))
    assert watch.far.rate(f"FR-0-{SIREN}", common="D", local="24", limit=5000) == 2
    watch.poll()
    watch.poll()

    assert watch.bands(debtor_id) == ["B", "D"]
    line = watch.only_alert().line
    assert (line.source, line.band_before, line.band_after) == ("creditsafe", Band.B, Band.D)
    assert sum(watch.state().answers.values()) == 4  # the hour before is read twice


def test_a_status_that_changes_is_an_event_of_the_debtor(watch):
    debtor_id = watch.debtor(identifiers=(("KBO", KBO),))
    watch.poll()
    watch.world.clock.advance(timedelta(hours=1))
    watch.far.rate(f"BE-0-{KBO}", status="Bankrupt", common="E", local="0")

    watch.poll()

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        (event,) = session.query(SolvencyEvent).all()
        assert (event.debtor_id, event.event, event.state, event.label) == (
            debtor_id, "liquidation", "stands", "Bankrupt",
        )  # fmt: skip


def test_pages_are_read_to_the_end_and_what_interrupts_them_loses_nothing(watch):
    watch.far.page_limit = 2
    debtor_id = watch.debtor(identifiers=(("SIREN", SIREN),))
    watch.poll()
    for common in ("C", "D", "C", "B", "A"):
        watch.world.clock.advance(timedelta(minutes=10))
        watch.far.rate(f"FR-0-{SIREN}", common=common)

    watch.poll(Interrupting(after_pages=1))
    assert watch.state().last_error.startswith("ReadTimeout")
    assert watch.state().cursor.endswith("|1")
    watch.poll()

    # Each page is told with how the company stands by now: three readings, and no change since.
    assert watch.bands(debtor_id) == ["B", "A", "A", "A"]
    assert watch.state().last_error == ""
    assert sum(watch.state().answers.values()) == 5


class Interrupting(httpx.HTTPTransport):
    """Answers so many pages of events, then no more."""

    def __init__(self, *, after_pages: int) -> None:
        super().__init__()
        self.left = after_pages

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/notificationEvents"):
            if self.left == 0:
                raise httpx.ReadTimeout("no answer", request=request)
            self.left -= 1
        return super().handle_request(request)


def test_many_changes_at_once_are_looked_up_together(watch):
    ids = [f"FR-0-{number}" for number in range(ONE_BY_ONE + 1)]
    watch.far.companies |= {one: replace(company(one[5:], "FR"), company_id=one) for one in ids}
    portfolio = watch.far.add_portfolio("many")
    portfolio.companies += ids
    watch.far.switch_on(portfolio, "FR", [101])
    for one in ids:
        watch.far.rate(one, common="C")
    counting = Counting()
    client = watch.client(counting)

    heard = client.poll("many", "")

    client.close()
    # A token, our portfolio, its events, its companies: none is asked about alone.
    assert (heard.answers, heard.more, counting.asked) == (len(ids), False, 4)
    assert {reading.band for told in heard.told for reading in told.readings} == {Band.C}


class Counting(httpx.HTTPTransport):
    asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return super().handle_request(request)


def test_the_schedule_asks_for_every_supplier_and_listens(watch):
    settings = replace(
        watch.runtime.settings, creditsafe=SourceAccount(watch.url, "quittance", "sandbox")
    )
    world = World(replace(watch.runtime, settings=settings))
    debtor_id = watch.debtor(identifiers=(("SIREN", SIREN),))

    world.fire_schedules()
    world.advance(minutes=15)

    assert watch.bands(debtor_id) == ["B"]
    assert watch.state().last_success_at is not None


def test_trouble_is_told_apart_and_an_expired_token_is_replaced(watch):
    client = watch.client()
    assert client.identify([("SIREN", SIREN)]) == f"FR-0-{SIREN}"
    watch.far.end_sessions()
    assert client.identify([("VAT", f"BE{KBO}")]) == f"BE-0-{KBO}"
    # Nobody is known in a country outside of the contract; the next number is asked all the same.
    assert client.identify([("CRN", "01234567"), ("VAT", "IT00000000000")]) is None

    for status, error in ((429, SourceBusy), (500, SourceDown), (403, SourceRefuses)):
        watch.far.troubles.answer(status, 1, retry_after=90)
        with pytest.raises(error):
            client.poll(str(watch.supplier_id), "")
    watch.far.troubles.is_empty = True
    assert client.poll(str(watch.supplier_id), "").answers == 0
    client.close()


@pytest.mark.parametrize(
    ("common", "words", "status", "band"),
    [
        ("a", "", "Active", "A"),
        ("E", "High risk", "Active", "E"),
        ("E", "Not Rated", "Active", "none"),
        ("E", "Not Rated", "Non-trading", "E"),
        ("E", "0", "In Liquidation", "E"),
        ("", "", "Active", "none"),
        ("F", "", "Active", "none"),
    ],
)
def test_the_common_value_is_the_band_and_not_rated_is_no_opinion(common, words, status, band):
    assert band_of_common(common, words, status) == band


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Active - Accounts Filed", None), ("Bankrupt", "liquidation"),
        ("Creditors' voluntary liquidation", "liquidation"),
        ("Members' voluntary liquidation", "voluntary_winding_up"),
        ("In Administration", "reorganisation"), ("Redressement judiciaire", "reorganisation"),
        ("In Liquidation", "human_read"), ("Dissolved", "dissolved"), ("Struck off", "struck_off"),
        ("Non-Active", "inactive"), ("Insolvent", "liquidation"),
    ],
)  # fmt: skip
def test_a_status_that_leaves_open_whether_creditors_are_paid_is_for_a_person(status, kind):
    assert kind_of_status(status) == kind


def test_rules_are_known_by_code_where_global_and_by_name_elsewhere():
    assert about(101, "whatever") is About.SCORE
    assert about(1404, "Protesti / protests") is About.JUDGEMENT
    assert about(1406, "Company Status") is About.STATUS
    assert about(2202, "New Accounts Filed") is About.ACCOUNTS
    assert about(107, "Director(s)") is About.OTHER


def test_a_reading_carries_the_limit_and_the_scale_of_its_country(watch):
    client = watch.client()
    (told,) = client.subscribe("a portfolio", [f"FR-0-{SIREN}"])
    client.close()

    (reading,) = told.readings
    assert (reading.scale, reading.score, reading.limit) == (
        "creditsafe-FR", 62, Money(40_000_00, "EUR"),
    )  # fmt: skip

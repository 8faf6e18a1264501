"""Companies House over real HTTP: each company once a day, each case and set of accounts once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitoring.feeds.companies_house import CompaniesHouseClient
from monitoring.feeds.contract import SourceRefuses
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.sources.polling import look
from monitoring.tables import FeedState
from receivables.database import Scope
from receivables.intake.identifiers import british_number, identifier
from sandbox.companieshouse import KEY, Company, RunningHouse, start
from tests.support.world import World

FIRST, SECOND = "01234567", "SC123456"


def case(kind: str, number: int = 1, **dates: str) -> dict[str, object]:
    listed = [{"type": name.replace("_", "-"), "date": day} for name, day in dates.items()]
    return {"type": kind, "number": number, "dates": listed}


class HouseWatch:
    """A supplier with British debtors."""

    def __init__(self, world: World, running: RunningHouse) -> None:
        self.world, self.house, self.url = world, running.house, running.url
        self.supplier_id = world.supplier()

    def client(self, key: str = KEY) -> CompaniesHouseClient:
        return CompaniesHouseClient(self.url, key=key, clock=self.world.clock)

    def look(self, *, most: int = 50) -> None:
        client = self.client()
        look(self.world.runtime, self.supplier_id, client, most=most)
        client.close()

    def events(self) -> list[tuple[str, str]]:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            rows = session.query(SolvencyEvent).order_by(SolvencyEvent.reference)
            return [(row.event, row.reference) for row in rows]

    def state(self) -> FeedState:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            return session.get_one(FeedState, (self.supplier_id, "companies_house"))


@pytest.fixture
def watch(world: World) -> Iterator[HouseWatch]:
    with start([Company(FIRST, "First Ltd")], now=world.clock.now) as running:
        yield HouseWatch(world, running)


def test_each_company_is_asked_once_a_day_and_told_once(watch):
    for number in (FIRST, SECOND):
        watch.world.debtor(supplier_id=watch.supplier_id, identifiers=(("CRN", number),))
    watch.house.companies[FIRST].accounts = {
        "overdue": True, "next_due": "2026-09-30", "next_made_up_to": "2025-12-31",
    }  # fmt: skip
    watch.look(most=1)
    assert watch.house.asked == 1
    watch.look(most=1)
    watch.look()
    assert watch.house.asked == 2
    assert watch.events() == [("accounts_overdue", f"{FIRST}:accounts:2025-12-31")]

    watch.world.clock.advance(timedelta(hours=24))
    watch.house.companies[FIRST].status = "liquidation"
    watch.house.companies[FIRST].cases = [
        case("creditors-voluntary-liquidation", wound_up_on="2026-11-02")
    ]
    watch.look()

    assert watch.house.asked == 5
    assert watch.events() == [
        ("accounts_overdue", f"{FIRST}:accounts:2025-12-31"),
        ("liquidation", f"{FIRST}:case:1:creditors-voluntary-liquidation"),
    ]
    assert sum(watch.state().answers.values()) == 4


def test_beyond_the_limit_we_wait_and_go_on_where_we_stopped(watch):
    for place in range(4):
        number = f"0000000{place}"
        watch.house.companies[number] = Company(number, f"{place} Ltd")
        watch.world.debtor(supplier_id=watch.supplier_id, identifiers=(("CRN", number),))
    watch.house.troubles.answer(429, 1, retry_after=300)
    watch.look()
    assert watch.state().paused_until == watch.world.clock.now() + timedelta(minutes=5)
    watch.look()
    assert watch.house.asked == 0

    watch.world.clock.advance(timedelta(minutes=5))
    watch.look(most=3)
    watch.look(most=3)

    assert watch.house.asked == 4
    assert (watch.state().last_error, sum(watch.state().answers.values())) == ("", 4)


def test_a_wrong_key_is_for_a_person_to_look_at(watch):
    client = watch.client("wrong")
    with pytest.raises(SourceRefuses, match="401"):
        client.look(FIRST)
    client.close()


@pytest.mark.parametrize(
    ("cases", "status", "kinds"),
    [
        ([case("compulsory-liquidation", petitioned_on="2026-10-01")], "active", ["petition"]),
        (
            [case("compulsory-liquidation", petitioned_on="2026-10-01", wound_up_on="2026-10-20")],
            "liquidation", ["liquidation"],
        ),
        ([case("in-administration", administration_started_on="2026-10-20")], "administration",
         ["reorganisation"]),
        (
            [case("in-administration", administration_started_on="2019-01-02",
                  administration_ended_on="2020-01-02")], "active", ["closed"],
        ),
        ([case("members-voluntary-liquidation", wound_up_on="2026-10-20")], "liquidation",
         ["voluntary_winding_up"]),
        ([case("corporate-voluntary-arrangement", voluntary_arrangement_started_on="2026-10-20")],
         "voluntary-arrangement", ["reorganisation"]),
        ([case("a-new-kind-of-case")], "insolvency-proceedings", ["human_read"]),
        ([], "receivership", ["human_read"]),
        ([], "dissolved", ["dissolved"]),
        ([], "active", []),
        ([], "open", []),
    ],
)  # fmt: skip
def test_cases_and_statuses_are_the_events_they_mean(watch, cases, status, kinds):
    watch.house.companies[FIRST].cases, watch.house.companies[FIRST].status = cases, status
    client = watch.client()

    told = client.look(FIRST)

    client.close()
    assert [one.kind for one in told.published] == [EventKind(kind) for kind in kinds]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234567", FIRST),
        (" sc 123456 ", SECOND),
        ("OC301234", "OC301234"),
        ("R0000123", "R0000123"),
        ("123456789", None),
        ("12", None),
        ("GB123456789", None),
        ("", None),
    ],
)
def test_a_company_number_is_written_as_the_register_writes_it(text, number):
    assert british_number(text) == number


def test_an_invoice_to_britain_names_its_company_by_that_number():
    named = identifier("1234567", country="GB")

    assert (named.scheme, named.value) == ("CRN", FIRST)
    assert identifier("1234567", country="IE").scheme == "OTHER"

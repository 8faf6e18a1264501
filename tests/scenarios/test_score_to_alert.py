"""From the bureau to the person: a score is lowered, polled, judged, told by mail and by push,
and decided on in the backoffice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from monitoring.alerts.rulebook import set_up_rules
from monitoring.standing import latest_readings
from monitoring.telling.browsers import Browser as PushBrowser
from monitoring.telling.browsers import save_subscription
from receivables.database import Scope
from receivables.ids import DebtorId, StaffId, SupplierId
from receivables.ports import PushTarget
from receivables.runtime import Runtime
from receivables.settings import BureauSettings
from sandbox import bureau
from tests.support.browsing import Browser, backoffice_browser, text_of
from tests.support.builders import PASSWORD
from tests.support.outbox import RecordingPusher
from tests.support.world import World

NUMBER = "CHE107787577"


class Watched:
    """A supplier, two colleagues, one debtor, and the bureau that scores it at 82."""

    def __init__(self, world: World, bureau: bureau.Bureau) -> None:
        self.world, self.bureau = world, bureau
        self.supplier_id: SupplierId = world.supplier()
        self.claire: StaffId = world.staff(email="claire@rochat.example", name="Claire Favre")
        self.marc: StaffId = world.staff(
            email="marc@rochat.example", name="Marc Rey", role="collector", language="de"
        )
        self.debtor_id: DebtorId = world.debtor(
            name="Atelier Dubois Sàrl", identifiers=[("UID", NUMBER)]
        )
        world.invoice("18400.00 CHF", debtor_id=self.debtor_id, due_in_days=30)
        with world.runtime.transaction(Scope(self.supplier_id)) as session:
            set_up_rules(session, supplier_id=self.supplier_id, clock=world.clock)
            save_subscription(
                session, supplier_id=self.supplier_id, staff_id=self.claire, clock=world.clock,
                browser=PushBrowser(
                    target=PushTarget("https://fcm.googleapis.com/fcm/send/1", "p", "a", "k"),
                    user_agent="Chromium",
                ),
            )  # fmt: skip

    @property
    def pushed(self) -> list[str]:
        """Where each notification leads."""
        pusher = self.world.runtime.pusher
        assert isinstance(pusher, RecordingPusher)
        return [payload.navigate for _, payload in pusher.pushed]

    def poll(self) -> None:
        """The next round of questions to the bureau, and what follows."""
        self.world.advance(minutes=5)

    @property
    def scores(self) -> list[int | None]:
        """What we have on record of the debtor, latest first."""
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            return [one.score for one in latest_readings(session, self.supplier_id)]

    def office(self) -> Browser:
        runtime = self.world.runtime
        face = backoffice_browser(runtime)
        page = face.get("/sign-in")
        answer = face.submit(page, "/sign-in", email="claire@rochat.example", password=PASSWORD)
        assert answer.status_code == 303
        return face


@pytest.fixture
def watched(runtime: Runtime) -> Iterator[Watched]:
    company = bureau.Company(
        "HS1", NUMBER, "CH", "Atelier Dubois Sàrl", 82, 40_000, "CHF", "active", date(2026, 10, 1)
    )
    with bureau.start([company], now=runtime.clock.now) as running:
        asked = BureauSettings(url=running.url, username="quittance", password="sandbox")
        settings = replace(runtime.settings, bureau=asked)
        watched = Watched(World(replace(runtime, settings=settings)), running.bureau)
        # A schedule that is seen for the first time only notes when it is due.
        watched.poll()
        watched.poll()
        assert watched.scores == [82]
        yield watched


def test_a_fallen_score_becomes_an_alert_told_once_and_decided_on(watched: Watched) -> None:
    world = watched.world
    assert world.mail == []

    watched.bureau.rate(NUMBER, 31)
    watched.poll()

    assert sorted(mail.to_address for mail in world.mail) == [
        "claire@rochat.example",
        "marc@rochat.example",
    ]
    english = next(mail for mail in world.mail if mail.to_address.startswith("claire"))
    german = next(mail for mail in world.mail if mail.to_address.startswith("marc"))
    assert "18’400.00" in english.subject
    assert "Atelier Dubois Sàrl" in german.subject
    assert english.subject != german.subject
    link = re.search(r"http://localhost:8001(/monitoring/alerts/\S+)", english.text)
    assert link, english.text
    assert [one.removeprefix("http://localhost:8001") for one in watched.pushed] == [link[1]]

    office = watched.office()
    assert "Atelier Dubois Sàrl" in text_of(office.get("/monitoring"))
    page = office.get(link[1])
    assert "82" in text_of(page)
    assert "31" in text_of(page)
    answer = office.submit(
        page, f"{link[1]}/acknowledge", decision="prepayment", note="Called them."
    )
    assert answer.status_code == 303
    assert "Called them." in text_of(office.get(link[1]))
    assert "Atelier Dubois Sàrl" not in text_of(office.get("/monitoring"))


def test_a_bureau_that_says_the_same_again_wakes_nobody_again(watched: Watched) -> None:
    world = watched.world
    watched.bureau.rate(NUMBER, 31)
    watched.poll()
    told = len(world.mail), len(watched.pushed)
    assert told == (2, 1)

    watched.bureau.rate(NUMBER, 31)
    for _ in range(3):
        watched.poll()

    assert (len(world.mail), len(watched.pushed)) == told


def test_a_rising_score_is_no_alert(watched: Watched) -> None:
    watched.bureau.rate(NUMBER, 95)
    watched.poll()

    assert watched.scores[0] == 95
    assert watched.world.mail == []
    assert watched.pushed == []

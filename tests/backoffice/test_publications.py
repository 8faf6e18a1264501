"""The page of publications: a person says whose a doubtful one is."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from monitoring.insolvency.tables import SolvencyEvent
from receivables.database import Scope
from tests.support.browsing import text_of
from tests.support.failing import furnish_failing
from tests.support.office import Office


@pytest.fixture
def failing(bare: Office) -> Office:
    furnish_failing(bare)
    return bare


def state(office: Office) -> str:
    with office.world.runtime.reading(Scope(office.supplier_id)) as session:
        return session.scalars(
            select(SolvencyEvent.state).where(SolvencyEvent.id == office.ids["publication"])
        ).one()


def test_what_only_a_name_speaks_for_waits_with_what_speaks_for_and_against_it(failing):
    with failing.signed_in() as browser:
        waiting = text_of(browser.get("/monitoring/publications"))
        known = text_of(browser.get("/monitoring/publications?show=standing"))

    assert "Tannwald Holz AG" in waiting
    assert "Sonnenbau AG" not in waiting
    assert "The name is the same but for its legal form or its spelling." in waiting
    assert "The place is another one." in waiting
    assert "No register number to compare" in waiting
    assert "Sonnenbau AG" in known
    assert "Tannwald" not in known


@pytest.mark.parametrize(
    ("answer", "becomes", "says"),
    [
        ("confirm", "stands", "it is about this customer"),
        ("dismiss", "dismissed", "it is about somebody else"),
    ],
)
def test_a_person_decides_once(failing, answer, becomes, says):
    address = f"/monitoring/publications/{failing.ids['publication']}/{answer}"
    with failing.signed_in() as browser:
        answered = browser.submit(address, {})

        assert (answered.status_code, answered.headers["location"]) == (
            303,
            "/monitoring/publications",
        )
        assert says in text_of(browser.get("/monitoring/publications"))
        assert browser.submit(address, {}).status_code == 409
    assert state(failing) == becomes


def test_a_doubtful_publication_waits_among_the_tasks_until_somebody_decides(failing):
    said = "SHAB/FOSC, 2 November 2026: Vorläufige Konkursanzeige Tannwald Holz GmbH."
    with failing.signed_in() as browser:
        assert said in text_of(browser.get("/today?show=all"))
        browser.submit(f"/monitoring/publications/{failing.ids['publication']}/dismiss", {})
        assert said not in text_of(browser.get("/today?show=all"))

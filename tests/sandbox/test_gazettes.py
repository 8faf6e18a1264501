"""The gazettes as they are asked and as one publishes on them by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from sandbox.gazettes import Company, RunningGazettes, start

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
RHONE = Company(number="552100554", country="FR", name="Ateliers du Rhône", city="Lyon")
AARE = Company(number="CHE109322551", country="CH", name="Holzbau & Söhne AG", city="Bern")
RECORDS = "/api/explore/v2.1/catalog/datasets/annonces-commerciales/records"
LIST = "/api/v1/publications/xml"


@pytest.fixture
def running() -> Iterator[RunningGazettes]:
    with start([RHONE, AARE], now=lambda: NOW) as gazettes:
        yield gazettes


def test_what_is_published_by_hand_is_told_and_can_be_taken_back(running: RunningGazettes) -> None:
    with httpx.Client(base_url=running.url) as hand:
        page = f"/companies/{RHONE.number}"
        assert hand.post(page, data={"what": "liquidation"}).headers["location"] == page
        assert hand.post(page, data={"what": "KK01"}).status_code == 400
        assert "liquidation judiciaire" in hand.get(page).text
        hand.post("/notices/1/take-back")
        where = f'(registre="{RHONE.number}") AND (familleavis="collective")'
        told = hand.get(RECORDS, params={"where": where, "limit": "100"}).json()

    first, annulment = told["results"]
    assert (told["total_count"], first["registre"]) == (2, ["552 100 554", "552100554"])
    assert (first["typeavis"], annulment["typeavis"]) == ("annonce", "annulation")
    assert '"numeroAnnonce": 1' in annulment["parutionavisprecedent"]


def test_the_apis_refuse_what_the_real_ones_refuse(running: RunningGazettes) -> None:
    running.gazettes.publish(AARE.number, "KK02")
    with httpx.Client(base_url=running.url) as asking:
        assert asking.get(LIST, params={"rubrics": "KK"}).status_code == 401
        beyond = {"where": "", "limit": "100", "offset": "9950"}
        assert asking.get(RECORDS, params=beyond).status_code == 400
        wrong = asking.get(RECORDS, params={"where": 'familleavis="bankrupt"'})
        assert (wrong.status_code, wrong.json()["total_count"]) == (200, 0)
        listed = asking.get(LIST, params={"publicationStates": "PUBLISHED", "rubrics": "KK"})
        assert "<total>1</total>" in listed.text
        assert listed.text.count("<id>") == 2
        running.gazettes.refuse(1, retry_after=7)
        assert asking.get(LIST).headers["retry-after"] == "7"

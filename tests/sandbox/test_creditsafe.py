"""Creditsafe and Companies House as they are asked, fail on demand, and are changed by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from sandbox import companieshouse
from sandbox.creditsafe import Company, Creditsafe, start

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
RHONE = Company(
    company_id="FR-0-552100554", country="FR", reg_no="552100554", vat_no="",
    name="Ateliers & Fils",
    common="B", local="62", limit=20_000,
)  # fmt: skip


def test_a_rating_changed_by_hand_is_an_event_of_the_portfolios_that_ask_for_it(tmp_path: Path):
    file = tmp_path / "creditsafe.json"
    with start([RHONE], path=file, now=lambda: NOW) as running:
        far = running.creditsafe
        asks, does_not = far.add_portfolio("asks"), far.add_portfolio("does not")
        for portfolio in (asks, does_not):
            far.add_company(portfolio, RHONE.company_id)
        far.switch_on(asks, "FR", [101])
        with httpx.Client(base_url=running.url.removesuffix("/v1")) as hand:
            page = f"/companies/{RHONE.company_id}"
            sent = {"common": "D", "local": "30", "limit": "many", "status": "Active"}
            assert hand.post(page, data=sent).headers["location"] == page
            assert "Ateliers &amp; Fils" in hand.get("/").text
            assert 'value="30"' in hand.get(page).text
            hand.post("/_control/trouble", json={"status": 503})
            assert hand.post("/v1/authenticate", json={}).status_code == 503
            assert hand.post("/v1/authenticate", json={}).status_code == 401

    kept = Creditsafe([RHONE], path=file)
    assert [one["ruleCode"] for one in kept.events] == [101]
    assert kept.events[0]["company"]["portfolioName"] == "asks"
    assert kept.companies[RHONE.company_id].common == "D"


def test_companies_house_lets_six_hundred_in_in_five_minutes():
    now = [NOW]
    house = companieshouse.House(now=lambda: now[0])

    assert not any(house.is_over_limit() for _ in range(600))
    assert house.is_over_limit()
    now[0] += timedelta(minutes=5)
    assert not house.is_over_limit()

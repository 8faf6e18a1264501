"""Alerts that are about no score: each has its line in the list and a page of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

from monitoring.alerts.queries import alerts
from monitoring.alerts.raising import MASS_ALERTS, NewAlert, raise_alerts
from monitoring.alerts.severities import RuleKind, Severity
from receivables.database import Scope
from receivables.ids import DebtorId
from tests.support.office import Office

TODAY = date(2026, 11, 2)


def new(kind: RuleKind, subject: str, **given: Any) -> NewAlert:
    values = {"severity": Severity.HIGH, "source": "bodacc", "as_of_on": TODAY, **given}
    return NewAlert(kind=kind, subject=subject, **values)


def test_an_alert_of_every_kind_has_a_line_and_a_page(office: Office) -> None:
    about = DebtorId(office.ids["debtor"])
    opened = {"event": "liquidation", "label": "Jugement", "claims_until": None}
    used = {"percent": 93, "limit": 500_00, "currency": "CHF"}
    raised = [
        new(RuleKind.INSOLVENCY, "a", debtor_id=about, detail=opened),
        new(RuleKind.USE, "b", debtor_id=about, detail=used, threshold=90, source="payments"),
        new(RuleKind.DEAD, "c", detail={"silence": "silent", "since": "2026-10-30T12:00:00+00:00"}),
    ]
    raised += [
        new(RuleKind.STATUS, f"many {nth}", debtor_id=about, detail={"status": "dissolved"},
            source="bureau")
        for nth in range(MASS_ALERTS + 1)
    ]  # fmt: skip
    with office.runtime.transaction(Scope(office.supplier_id)) as session:
        raise_alerts(session, supplier_id=office.supplier_id, new=raised, clock=office.world.clock)
        lines = {one.kind: one for one in alerts(session, office.supplier_id)}

    with office.signed_in() as browser:
        listed = browser.get("/monitoring").text.replace("\xa0", " ")
        pages = {
            kind: browser.get(f"/monitoring/alerts/{line.alert_id}").text.replace("\xa0", " ")
            for kind, line in lines.items()
        }

    for said in ("Liquidation opened", "93 % of the limit used", "is silent", "21 debtors at once"):
        assert said in listed
    assert "Status: dissolved" not in listed, "its notice stands for it"
    assert "Published by" in pages[RuleKind.INSOLVENCY]
    assert "The limit is" in pages[RuleKind.USE]
    assert "is not seen" in pages[RuleKind.DEAD]
    assert pages[RuleKind.MASS].count("Status: dissolved") == MASS_ALERTS + 1
    assert "One of many that changed at once" in pages[RuleKind.STATUS]

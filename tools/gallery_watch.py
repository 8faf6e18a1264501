"""Realistic pages of the backoffice: monitoring and settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from gallery_people import (
    ALERTS,
    BANDS,
    CHART,
    COLUMNS,
    HEAD,
    NAMES,
    section,
    some_id,
)
from gallery_values import ID, NOW, TODAY, chf

from backoffice.pages import (
    Notice,
)
from backoffice.settings_pages import (
    JobRow,
    JobsPage,
    NotificationsPage,
    StaffRow,
    TeamPage,
)
from backoffice.watch_pages import (
    Acknowledgement,
    AlertPage,
    AlertsPage,
    Delivery,
    ReadingRow,
    ReadingsPage,
    ReadingsReport,
    SourceStatus,
    WatchRule,
    WatchRulesPage,
)
from receivables.web.parts import Pager


def pages() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """File name, template, what it gets."""
    yield (
        "alerts",
        "alerts.html",
        {
            "page": AlertsPage(
                head=section("monitoring"),
                notice=None,
                show="open",
                alerts=ALERTS,
                pager=Pager(first=1, last=3, total=3),
                sources=(
                    SourceStatus(
                        name="Bureau Helvetia",
                        watched=58,
                        last_reading_at=NOW,
                        last_success_at=NOW,
                        trouble="",
                    ),
                    SourceStatus(
                        name="Readings from files",
                        watched=12,
                        last_reading_at=NOW - timedelta(days=3),
                        last_success_at=None,
                        trouble="No answer for 48 hours",
                    ),
                ),
            )
        },
    )
    alert_page = AlertPage(
        head=section("monitoring"),
        notice=None,
        alert=ALERTS[0],
        as_of_on=TODAY,
        received_at=NOW,
        threshold=1,
        overdue=(chf("4210.00"),),
        share=Decimal("0.065"),
        open_count=4,
        chart=CHART,
        acknowledgement=None,
        timeline=(),
        deliveries=(
            Delivery(staff_name="Claire Favre", channel="email", state="sent", at=NOW),
            Delivery(staff_name="Claire Favre", channel="push", state="gone", at=None),
        ),
    )
    yield "alert", "alert.html", {"page": alert_page}
    yield (
        "alert-done",
        "alert.html",
        {
            "page": replace(
                alert_page,
                chart=None,
                alert=replace(ALERTS[2], score_after=None, band_after="none", acknowledged_at=NOW),
                acknowledgement=Acknowledgement(
                    staff_name="Claire Favre",
                    at=NOW,
                    decision="prepayment",
                    note="Spoke to Mr Dubois: pays in advance until March.",
                ),
            )
        },
    )
    yield "alert-row", "_alert.html", {"alert": ALERTS[1]}
    yield "bell", "_bell.html", {"head": HEAD}
    rules = (
        WatchRule(
            id=some_id(1),
            rule="S-THR",
            is_on=True,
            threshold=40,
            window_days=None,
            fired_last_90_days=4,
        ),
        WatchRule(
            id=some_id(2),
            rule="S-DROP",
            is_on=True,
            threshold=10,
            window_days=30,
            fired_last_90_days=1,
        ),
        WatchRule(
            id=some_id(3),
            rule="S-CLASS",
            is_on=False,
            threshold=1,
            window_days=None,
            fired_last_90_days=0,
        ),
    )
    yield (
        "rules",
        "watch_rules.html",
        {
            "page": WatchRulesPage(
                head=section("monitoring"),
                notice=None,
                rules=rules,
                error_in=some_id(2),
                error="Please give a number of points from 1 to 1000.",
            )
        },
    )
    yield (
        "readings",
        "readings.html",
        {
            "page": ReadingsPage(
                head=section("monitoring"),
                notice=None,
                columns=COLUMNS,
                report=ReadingsReport(
                    name="scores-november.csv",
                    taken=58,
                    known=4,
                    faults=(
                        (
                            17,
                            "no debtor has the number CHE-000.000.001",
                            "Check the number, or import an invoice of theirs first.",
                        ),
                    ),
                    alerts_raised=3,
                ),
                latest=tuple(
                    ReadingRow(
                        debtor_id=some_id(i),
                        debtor_name=name,
                        source="Bureau Helvetia",
                        score=None if i == 4 else 72 - i * 7,
                        band=BANDS[i % 6][1],
                        as_of_on=TODAY,
                        received_at=NOW,
                    )
                    for i, name in enumerate(NAMES[:6])
                ),
            )
        },
    )
    yield (
        "notifications",
        "notifications.html",
        {
            "page": NotificationsPage(
                head=section("settings"),
                notice=None,
                email="c.favre@rochat.example",
                vapid_key="BPk",
                vapid_key_id="1",
                subscriptions=((some_id(1), "Chromium on Linux", NOW - timedelta(days=12)),),
            )
        },
    )
    yield (
        "team",
        "team.html",
        {
            "page": TeamPage(
                head=section("settings"),
                notice=None,
                staff=(
                    StaffRow(
                        id=some_id(1),
                        name="Claire Favre",
                        email="c.favre@rochat.example",
                        role="owner",
                        last_seen_at=NOW,
                        is_you=True,
                    ),
                    StaffRow(
                        id=some_id(2),
                        name="Luc Rochat",
                        email="l.rochat@rochat.example",
                        role="reader",
                        last_seen_at=None,
                        is_you=False,
                    ),
                ),
            )
        },
    )
    yield (
        "jobs",
        "jobs.html",
        {
            "page": JobsPage(
                head=section("settings"),
                notice=Notice(kind="failed", text="It failed again."),
                waiting=2,
                done_today=418,
                dead=(
                    JobRow(
                        id=ID,
                        name="deliver_by_push",
                        queue="push",
                        attempts=8,
                        died_at=NOW,
                        error="The push service answered 403: not the key of this subscription.",
                    ),
                ),
            )
        },
    )

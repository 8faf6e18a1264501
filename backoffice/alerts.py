"""Alerts: the list, one of them, the decision about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.charts import score_charts
from backoffice.figures import overdue_of
from backoffice.pages import AlertLine
from backoffice.paging import PAGE_SIZE, Wanted, one_of, wanted
from backoffice.timeline import timeline
from backoffice.watch_pages import (
    Acknowledgement,
    AlertPage,
    AlertsPage,
    Delivery,
    SourceStatus,
)
from backoffice.watch_timeline import decision_words
from monitoring import watching
from monitoring.alerts import queries
from monitoring.alerts.severities import RuleKind
from monitoring.alerts.wording import explained, headline
from monitoring.feeds.scales import name_of
from monitoring.telling.preferences import openers
from receivables import history
from receivables.ids import AlertId
from receivables.ledger.queries import open_items

__all__ = ["alert_line", "decision_words"]

_SHOWN: tuple[Literal["open", "all"], ...] = ("open", "all")

#: A mass change may be of thousands: the page lists the gravest.
_MOST_MEMBERS = 200

#: How a delivery stands, as its page says it.
_DELIVERY = {
    "pending": "waiting",
    "sending": "waiting",
    "delivered": "sent",
    "failed": "failed",
    "unneeded": "gone",
}


def alert_line(line: queries.AlertLine) -> AlertLine:
    """An alert as lists and the stream show it."""
    return AlertLine(
        id=line.alert_id,
        debtor_id=line.debtor_id,
        debtor_name=line.debtor_name,
        rule=line.kind.value,
        severity=line.severity.value,
        source=name_of(line.source),
        band_before=line.band_before.value if line.band_before else None,
        band_after=line.band_after.value if line.band_after else None,
        headline=headline(line),
        exposure=line.exposure,
        raised_at=line.raised_at,
        acknowledged_at=line.acknowledged_at,
        retracted_at=line.retracted_at,
        snoozed_until=line.snoozed_until,
    )


@get("/monitoring", sync_to_thread=True)
def show_alerts(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = alerts_page(session, asker, asked)
    return asker.page("alerts.html", page)


def alerts_page(session: Session, asker: Asker, asked: Wanted) -> AlertsPage:
    supplier_id = asker.supplier_id
    show = one_of(asked.show, _SHOWN)
    only_open = show == "open"
    rows = queries.alerts(
        session, supplier_id, only_open=only_open, limit=PAGE_SIZE, offset=asked.skip
    )
    total = queries.count_alerts(session, supplier_id, only_open=only_open)
    return AlertsPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        show=show,
        alerts=tuple(alert_line(row) for row in rows),
        sources=tuple(
            SourceStatus(
                name=name_of(source.name),
                watched=source.watched,
                last_reading_at=source.last_reading_at,
                last_success_at=source.last_success_at,
                trouble=source.trouble,
            )
            for source in watching.sources(session, supplier_id)
        ),
        pager=asked.pager(len(rows), total),
    )


@get("/monitoring/alerts/{alert_id:uuid}", sync_to_thread=True)
def show_alert(alert_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = alert_page(session, asker, AlertId(alert_id))
    return asker.page("alert.html", page)


def alert_page(session: Session, asker: Asker, alert_id: AlertId, *, error: str = "") -> AlertPage:
    """Raises NoSuchAlert."""
    supplier_id = asker.supplier_id
    details = queries.alert(session, supplier_id, alert_id)
    line = details.line
    about = line.debtor_id
    items = open_items(session, supplier_id, about) if about else []
    charts = score_charts(session, supplier_id, about) if about else []
    happened = history.of_debtor(session, supplier_id, about, most=8) if about else []
    told = details.acknowledgement
    is_mass = line.kind is RuleKind.MASS
    members = queries.mass_members(session, supplier_id, alert_id) if is_mass else []
    return AlertPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        alert=alert_line(line),
        as_of_on=line.as_of_on,
        received_at=details.received_at,
        explained=explained(line),
        overdue=overdue_of(items, asker.today),
        share=None
        if line.share is None
        else Decimal(line.share.numerator) / line.share.denominator,
        open_count=len(items),
        chart=next((chart for chart in charts if chart.source == name_of(line.source)), None),
        deliveries=tuple(
            Delivery(
                staff_name=one.staff_name,
                purpose=one.purpose,  # type: ignore[arg-type]  # the table's own check
                channel="push" if one.channel == "push" else "email",
                state=_DELIVERY[one.state],  # type: ignore[arg-type]  # the table's own check
                at=one.delivered_at or one.due_at,
            )
            for one in details.deliveries
        ),
        acknowledgement=None
        if told is None
        else Acknowledgement(
            staff_name=told.staff_name,
            at=told.at,
            decision=told.decision,  # type: ignore[arg-type]  # written from a Decision
            note=told.note,
            due_on=line.due_on,
        ),
        error=error,
        first_day=asker.today,
        is_opened=asker.me.staff_id in openers(session, supplier_id, alert_id),
        timeline=timeline(session, supplier_id, happened),
        members=tuple(alert_line(one) for one in members[:_MOST_MEMBERS]),
        more_members=max(0, len(members) - _MOST_MEMBERS),
        mass_alert_id=line.mass_alert_id,
    )

"""What somebody does about an alert: decide with a day, put off, or simply have seen it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backoffice.access import Asker
from backoffice.alerts import alert_page
from backoffice.preview import read_day
from monitoring.alerts import actions, queries
from monitoring.alerts.actions import Decision, SnoozeImpossible
from monitoring.telling.preferences import note_opened
from receivables.i18n import translate as _
from receivables.ids import AlertId
from receivables.web.forms import FormBody, field


@post("/monitoring/alerts/{alert_id:uuid}/acknowledge", sync_to_thread=True)
def acknowledge(
    alert_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """A decision; with a day it is a task until then."""
    chosen = field(data, "decision")
    decision = Decision(chosen) if chosen in set(Decision) else Decision.KEEP
    typed = field(data, "due_on")
    due_on = read_day(typed)
    if typed and (due_on is None or due_on < collector.today):
        return _refused(collector, AlertId(alert_id), _("Please give a day from today on."))
    with collector.transaction() as session:
        actions.acknowledge(
            session,
            supplier_id=collector.supplier_id,
            alert_id=AlertId(alert_id),
            staff_id=collector.me.staff_id,
            decision=decision,
            note=field(data, "note"),
            due_on=due_on,
            clock=collector.runtime.clock,
        )
    return collector.back(f"/monitoring/alerts/{alert_id}", "acknowledged")


@post("/monitoring/alerts/{alert_id:uuid}/snooze", sync_to_thread=True)
def snooze(
    alert_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Out of sight until that morning."""
    try:
        with collector.transaction() as session:
            actions.snooze(
                session,
                supplier_id=collector.supplier_id,
                alert_id=AlertId(alert_id),
                until=read_day(field(data, "until")),
                clock=collector.runtime.clock,
            )
    except SnoozeImpossible:
        words = _("Please give a day from tomorrow on, within three months.")
        return _refused(collector, AlertId(alert_id), words)
    return collector.back(f"/monitoring/alerts/{alert_id}", "alert_put_off")


def _refused(asker: Asker, alert_id: AlertId, words: str) -> Response[str]:
    with asker.reading() as session:
        page = alert_page(session, asker, alert_id, error=words)
    return asker.page("alert.html", page, status=422)


@post("/monitoring/alerts/{alert_id:uuid}/opened", status_code=204, sync_to_thread=True)
def note_that_it_is_open(alert_id: FromPath[UUID], asker: NamedDependency[Asker]) -> None:
    """The page tells that somebody has it before them: reading it changes nothing by itself."""
    with asker.transaction() as session:
        line = queries.alert(session, asker.supplier_id, AlertId(alert_id)).line
        note_opened(
            session,
            supplier_id=asker.supplier_id,
            alert_id=line.alert_id,
            staff_id=asker.me.staff_id,
            clock=asker.runtime.clock,
        )

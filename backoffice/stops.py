"""Stops: demands on a debtor or about one invoice held by a person, absences, hours and limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.dunning_pages import AbsenceRow, HoursPage, StopRow, StopsPage
from backoffice.preview import read_day
from receivables.dunning import controls, holding_queries
from receivables.dunning.house import hours_of, limits_of
from receivables.dunning.limits import Limits
from receivables.dunning.windows import Hours
from receivables.i18n import translate as _
from receivables.ids import AbsenceId, DebtorId, DunningStopId, InvoiceId
from receivables.ledger.queries import open_items
from receivables.parties import queries as parties
from receivables.web.forms import FormBody, field

_KINDS = ("manual", "deceased", "ceased")

_LIMITS = ("least_days_between", "most_in_7_days", "most_in_30_days", "quiet_days", "gather_days")


@get("/debtors/{debtor_id:uuid}/stops", sync_to_thread=True)
def show_stops(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = stops_page(session, asker, DebtorId(debtor_id))
    return asker.page("stops.html", page)


def stops_page(
    session: Session,
    asker: Asker,
    debtor_id: DebtorId,
    *,
    typed: Mapping[str, str] | None = None,
    error: str = "",
) -> StopsPage:
    """Raises NoSuch for a debtor of somebody else's."""
    supplier_id = asker.supplier_id
    debtor = parties.debtor(session, supplier_id, debtor_id)
    return StopsPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        stops=tuple(
            StopRow(
                id=one.id,
                what=one.number or _kind_words(one.kind),
                reason=one.reason,
                since=one.since,
                until=one.until,
            )
            for one in holding_queries.stops_of(session, supplier_id, debtor_id)
        ),
        invoices=tuple(
            (str(one.invoice_id), one.number) for one in open_items(session, supplier_id, debtor_id)
        ),
        kinds=tuple((kind, _kind_words(kind)) for kind in _KINDS),
        values=typed or {"invoice": "", "kind": "manual", "reason": "", "until": ""},
        today=asker.today,
        latest=asker.today + controls.LONGEST_STOP,
        may_leave_open=asker.me.role == "owner",
        error=error,
    )


def _kind_words(kind: str) -> str:
    return {
        "manual": _("Everything of this debtor"),
        "deceased": _("The debtor has died"),
        "ceased": _("The company does not exist any more"),
    }[kind]


@post("/debtors/{debtor_id:uuid}/stops", sync_to_thread=True)
def take_stop(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Hold demands until a day; the form again where that cannot be meant."""
    typed = {name: field(data, name) for name in ("invoice", "kind", "reason", "until")}
    try:
        until = read_day(typed["until"])
        if typed["until"] and until is None:
            raise controls.StopRefused("until")
        with collector.transaction() as session:
            controls.stop(
                session,
                collector.supplier_id,
                DebtorId(debtor_id),
                invoice_id=_invoice_of(session, collector, DebtorId(debtor_id), typed["invoice"]),
                kind=typed["kind"] if typed["kind"] in _KINDS else "manual",
                reason=typed["reason"],
                until=until,
                by_owner=collector.me.role == "owner",
                by=f"staff:{collector.me.staff_id}",
                clock=collector.runtime.clock,
            )
    except controls.StopRefused as wrong:
        with collector.reading() as session:
            page = stops_page(
                session, collector, DebtorId(debtor_id), typed=typed, error=wrong.field
            )
        return collector.page("stops.html", page, status=422)
    return collector.back(f"/debtors/{debtor_id}/stops", "dunning_stopped")


def _invoice_of(session: Session, asker: Asker, debtor_id: DebtorId, text: str) -> InvoiceId | None:
    """The open invoice that was chosen; None for all. Raises StopRefused for another."""
    if not text:
        return None
    mine = {str(one.invoice_id): one for one in open_items(session, asker.supplier_id, debtor_id)}
    if text not in mine:
        raise controls.StopRefused("invoice")
    return mine[text].invoice_id


@post("/debtors/{debtor_id:uuid}/stops/{stop_id:uuid}/lift", sync_to_thread=True)
def lift_stop(
    debtor_id: FromPath[UUID], stop_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Redirect:
    with collector.transaction() as session:
        controls.lift(
            session, collector.supplier_id, DebtorId(debtor_id), DunningStopId(stop_id),
            by=f"staff:{collector.me.staff_id}", clock=collector.runtime.clock,
        )  # fmt: skip
    return collector.back(f"/debtors/{debtor_id}/stops", "dunning_resumed")


@get("/reminders/hours", sync_to_thread=True)
def show_hours(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = hours_page(session, asker)
    return asker.page("hours.html", page)


def hours_page(
    session: Session, asker: Asker, *, typed: Mapping[str, str] | None = None, error: str = ""
) -> HoursPage:
    supplier_id = asker.supplier_id
    hours, limits = hours_of(session, supplier_id), limits_of(session, supplier_id)
    values = {
        "opens": hours.opens.isoformat("minutes"),
        "closes": hours.closes.isoformat("minutes"),
        **{name: str(getattr(limits, name)) for name in _LIMITS},
    }
    return HoursPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        values={**values, **(typed or {})},
        absences=tuple(
            AbsenceRow(id=one.id, first_on=one.first_on, last_on=one.last_on, reason=one.reason)
            for one in holding_queries.absences_of(session, supplier_id, asker.today)
        ),
        today=asker.today,
        may_edit=asker.me.role == "owner",
        error=error,
    )


@post("/reminders/hours", sync_to_thread=True)
def take_hours(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """Other hours and limits from now on; the form again where they cannot be meant."""
    typed = {name: field(data, name) for name in ("opens", "closes", *_LIMITS)}
    try:
        hours = Hours(_time(typed["opens"]), _time(typed["closes"]))
        limits = Limits(**{name: _whole(name, typed[name]) for name in _LIMITS})
        with owner.transaction() as session:
            controls.change_settings(
                session, owner.supplier_id, hours, limits, clock=owner.runtime.clock
            )
    except controls.StopRefused as wrong:
        with owner.reading() as session:
            page = hours_page(session, owner, typed=typed, error=wrong.field)
        return owner.page("hours.html", page, status=422)
    return owner.back("/reminders/hours", "hours_saved")


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise controls.StopRefused("hours") from None


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise controls.StopRefused(name)
    return int(text)


@post("/reminders/absences", sync_to_thread=True)
def take_absence(data: FormBody, collector: NamedDependency[Asker]) -> Response[Any]:
    """Days on which nothing goes out by itself."""
    first, last = read_day(field(data, "first")), read_day(field(data, "last"))
    try:
        if first is None or last is None:
            raise controls.StopRefused("absence")
        _plan(collector, first, last, field(data, "reason"))
    except controls.StopRefused:
        with collector.reading() as session:
            page = hours_page(session, collector, error="absence")
        return collector.page("hours.html", page, status=422)
    return collector.back("/reminders/hours", "absence_planned")


def _plan(collector: Asker, first: date, last: date, reason: str) -> None:
    with collector.transaction() as session:
        controls.plan_absence(
            session, collector.supplier_id, first, last, reason=reason,
            by=f"staff:{collector.me.staff_id}", clock=collector.runtime.clock,
        )  # fmt: skip


@post("/reminders/absences/{absence_id:uuid}/cancel", sync_to_thread=True)
def cancel_absence(absence_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    with collector.transaction() as session:
        controls.cancel_absence(
            session, collector.supplier_id, AbsenceId(absence_id), clock=collector.runtime.clock
        )
    return collector.back("/reminders/hours", "absence_cancelled")

"""Tomorrow's messages with the reason for each, and the way to object to them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.dunning_pages import MessageRow, RunningOutRow, TomorrowPage, VetoRow
from backoffice.dunning_words import reason_words
from receivables.dunning import controls, letting_out, queries
from receivables.dunning.house import house_of
from receivables.dunning.limitation import near_limitation
from receivables.dunning.reasons import Reason
from receivables.dunning.tables import ReminderState
from receivables.dunning.windows import run_day, veto_is_open
from receivables.i18n import short_day
from receivables.i18n import translate as _
from receivables.ids import DebtorId, ReminderId, VetoId
from receivables.web.forms import FormBody, field
from receivables.workdays import HOLIDAYS

#: Further ahead too much changes for a list to mean anything.
_AHEAD = timedelta(days=30)


@get("/reminders/tomorrow", sync_to_thread=True)
def show_tomorrow(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = read_day(str(request.query_params.get("on", "")))
    first = next_day(asker)
    on = asked if asked is not None and asker.today <= asked <= asker.today + _AHEAD else first
    with asker.reading() as session:
        page = tomorrow_page(session, asker, on)
    return asker.page("tomorrow.html", page)


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def next_day(asker: Asker) -> date:
    """The next working day whose messages can still be objected to, else the one after."""
    now, zone = asker.runtime.clock.now(), asker.me.supplier_zone
    day = asker.today
    if run_day(now, zone) is not None or not veto_is_open(now, zone, day):
        day += timedelta(days=1)
    while not HOLIDAYS.is_working_day(day, asker.me.supplier_country):
        day += timedelta(days=1)
    return day


def tomorrow_page(session: Session, asker: Asker, on: date) -> TomorrowPage:
    supplier_id = asker.supplier_id
    found = queries.preview(session, supplier_id, on)
    waiting = queries.reminders(
        session, supplier_id, states=(ReminderState.WAITING,), leads_only=True, most=200
    )
    reasons = [one.reason for one in waiting]
    return TomorrowPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        on=on,
        may_veto=veto_is_open(asker.runtime.clock.now(), asker.me.supplier_zone, on),
        messages=tuple(_row(one) for one in found.messages),
        tasks=tuple(_row(one) for one in found.tasks),
        held=tuple(_left(one) for one in found.held),
        vetoes=tuple(
            VetoRow(id=one.id, debtor_name=one.debtor_name, currency=one.currency, at=one.at)
            for one in queries.vetoes_of(session, supplier_id, on)
        ),
        waiting=tuple(_row(one) for one in waiting),
        batches=tuple(
            (why, reason_words(why), reasons.count(why))
            for why in (Reason.AFTER_OUTAGE, Reason.UNUSUAL_BATCH)
            if why in reasons
        ),
        held_back=_held_back(session, asker, on),
        running_out=tuple(
            RunningOutRow(
                invoice_id=one.invoice_id, number=one.number, amount=one.outstanding,
                last_day=one.limitation_on,
            )
            for one in near_limitation(session, supplier_id, asker.today)
        ),
    )  # fmt: skip


def _held_back(session: Session, asker: Asker, on: date) -> str:
    """What holds for every debtor on a day, in words; empty where nothing does."""
    house = house_of(session, asker.supplier_id, on)
    why = house.holds_all(on) or house.holds_demands(on, HOLIDAYS)
    return reason_words(why) if why is not None else ""


def _row(one: queries.ReminderView) -> MessageRow:
    words = [reason_words(one.reason)]
    if one.waits:
        words.append(reason_words(one.waits))
    if one.is_vetoed:
        words = [reason_words(Reason.VETOED)]
    return MessageRow(
        id=one.id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        recipient=one.recipient,
        step=one.step,
        channel=one.channel,
        numbers=one.numbers,
        amount=one.amount,
        why=" ".join(words),
        is_vetoed=one.is_vetoed,
        waits=bool(one.waits),
    )


def _left(one: queries.LeftAlone) -> MessageRow:
    words = reason_words(one.reason)
    if one.reason is Reason.NOT_YET and one.next_on is not None:
        words = _("Its next step falls on %(day)s.") % {"day": short_day(one.next_on)}
    return MessageRow(
        id=None,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        recipient=one.recipient,
        step="",
        channel="",
        numbers=(one.number,),
        amount=one.amount,
        why=words,
    )


@post("/reminders/veto", sync_to_thread=True)
def take_veto(data: FormBody, collector: NamedDependency[Asker]) -> Redirect:
    """Take one message, one debtor's, or all of a day out."""
    on = read_day(field(data, "on")) or next_day(collector)
    debtor, currency = field(data, "debtor"), field(data, "currency")
    try:
        with collector.transaction() as session:
            controls.veto(
                session,
                collector.supplier_id,
                on,
                debtor_id=DebtorId(UUID(debtor)) if debtor else None,
                currency=currency[:3] or None,
                by=f"staff:{collector.me.staff_id}",
                clock=collector.runtime.clock,
            )
    except controls.VetoTooLate:
        return collector.back(_address(on), "veto_too_late")
    return collector.back(_address(on), "vetoed")


@post("/reminders/veto/{veto_id:uuid}/withdraw", sync_to_thread=True)
def withdraw_veto(
    veto_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Redirect:
    on = read_day(field(data, "on")) or next_day(collector)
    try:
        with collector.transaction() as session:
            controls.withdraw_veto(
                session, collector.supplier_id, VetoId(veto_id), clock=collector.runtime.clock
            )
    except controls.VetoTooLate:
        return collector.back(_address(on), "veto_too_late")
    return collector.back(_address(on), "veto_withdrawn")


def _address(on: date) -> str:
    return f"/reminders/tomorrow?on={on.isoformat()}"


@post("/reminders/{reminder_id:uuid}/let-out", sync_to_thread=True)
def let_out(reminder_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """A person lets one waiting message out."""
    with collector.transaction() as session:
        letting_out.let_out(
            session, collector.supplier_id, ReminderId(reminder_id), clock=collector.runtime.clock
        )
    return collector.back("/reminders/tomorrow", "let_out")


@post("/reminders/{reminder_id:uuid}/decline", sync_to_thread=True)
def decline(reminder_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """A person decides against one."""
    with collector.transaction() as session:
        letting_out.decline(
            session, collector.supplier_id, ReminderId(reminder_id), clock=collector.runtime.clock
        )
    return collector.back("/reminders/tomorrow", "declined")


@post("/reminders/let-out", sync_to_thread=True)
def let_out_batch(data: FormBody, collector: NamedDependency[Asker]) -> Redirect:
    """A person has looked through a held batch and lets all of it out."""
    reason = Reason.UNUSUAL_BATCH
    if field(data, "reason") == Reason.AFTER_OUTAGE:
        reason = Reason.AFTER_OUTAGE
    with collector.transaction() as session:
        letting_out.let_out_all(
            session, collector.supplier_id, reason, clock=collector.runtime.clock
        )
    return collector.back("/reminders/tomorrow", "let_out")

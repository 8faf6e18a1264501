"""Reminders: what comes next and why, what was sent, what nobody knows the outcome of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.billing_pages import ReminderRow, RemindersPage
from backoffice.dashboard import next_sending_day
from backoffice.dunning_words import reason_words
from backoffice.paging import PAGE_SIZE, Wanted, wanted
from receivables.dunning import outcomes, queries
from receivables.dunning.rules import Reason
from receivables.dunning.tables import ReminderState
from receivables.i18n import short_day
from receivables.i18n import translate as _
from receivables.ids import ReminderId
from receivables.web.forms import FormBody, field

#: What the list of sent messages holds: all that is decided.
_OVER = (
    ReminderState.SENT,
    ReminderState.SKIPPED,
    ReminderState.FAILED,
    ReminderState.VETOED,
    ReminderState.SENDING,
)


@get("/reminders", sync_to_thread=True)
def show_reminders(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = reminders_page(session, asker, asked)
    return asker.page("reminders.html", page)


def reminders_page(session: Session, asker: Asker, asked: Wanted) -> RemindersPage:
    supplier_id = asker.supplier_id
    preview = queries.preview(session, supplier_id, next_sending_day(asker))
    sent = queries.reminders(session, supplier_id, states=_OVER, skip=asked.skip, most=PAGE_SIZE)
    total = queries.reminder_count(session, supplier_id, states=_OVER)
    unknown = queries.reminders(session, supplier_id, states=(ReminderState.UNKNOWN,))
    return RemindersPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        tomorrow=preview.on,
        unknown=tuple(_row(one) for one in unknown),
        planned=tuple(_row(one) for one in preview.messages),
        held=tuple(_held(one) for one in preview.held),
        sent=tuple(_row(one) for one in sent),
        pager=asked.pager(len(sent), total),
    )


def _row(one: queries.ReminderView) -> ReminderRow:
    return ReminderRow(
        id=one.id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        recipient=one.recipient,
        language=one.language,
        step=one.step,
        state=one.state,
        at=one.at,
        numbers=one.numbers,
        amount=one.amount,
        reason="" if one.state == ReminderState.SENT else reason_words(one.reason),
    )


def _held(one: queries.LeftAlone) -> ReminderRow:
    words = reason_words(one.reason)
    if one.reason is Reason.NOT_YET and one.next_on is not None:
        words = _("Its next step falls on %(day)s.") % {"day": short_day(one.next_on)}
    return ReminderRow(
        id=None,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        recipient=one.recipient,
        language=one.language,
        step="",
        state=None,
        at=None,
        numbers=(one.number,),
        amount=one.amount,
        reason=words,
    )


@post("/reminders/{reminder_id:uuid}/resolve", sync_to_thread=True)
def resolve(
    reminder_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Redirect:
    """Somebody found out what became of it."""
    arrived = field(data, "outcome") == "sent"
    settle = outcomes.confirm_sent if arrived else outcomes.give_up
    with collector.transaction() as session:
        settle(
            session,
            collector.supplier_id,
            ReminderId(reminder_id),
            clock=collector.runtime.clock,
        )
    return collector.back("/reminders", "reminder_sent" if arrived else "reminder_not_sent")

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
        step=one.step,  # type: ignore[arg-type]  # a Step's name
        state=one.state,  # type: ignore[arg-type]  # a ReminderState, none of them due
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


def reason_words(reason: str) -> str:
    """A Reason as a sentence; anything else is a mail server's own words."""
    sentences: dict[str, str] = {
        Reason.STEP_DUE: _("Its day has come."),
        Reason.PROMISE_BROKEN: _("A promise was broken, so the next step is taken at once."),
        Reason.CAUGHT_UP: _("An earlier day was missed and is caught up on."),
        Reason.LISTED: _("Overdue, and listed since the debtor is written to anyway."),
        Reason.COMING: _("Not due yet, listed for information."),
        Reason.NOT_YET: _("Its next step falls on a later day."),
        Reason.NO_STEP_LEFT: _("Every step has been taken; a person has to decide."),
        Reason.PAYMENT_ON_ITS_WAY: _("A payment is on its way."),
        Reason.HANDED_OVER: _("It was handed over for collection."),
        Reason.DISPUTED: _("The debtor contests it."),
        Reason.ON_PLAN: _("An instalment plan stands for it."),
        Reason.PLAN_PROPOSED: _("An instalment plan is being agreed."),
        Reason.SAID_TO_BE_PAID: _("The debtor says that it is paid."),
        Reason.PROMISED: _("The debtor promised a date."),
        Reason.CHARGED_BACK: _("The payer’s bank took the payment back and has not decided yet."),
        Reason.GRACE: _("A dispute was decided lately; the debtor has a few days."),
        Reason.TOLERANCE: _("Too little is left to write about."),
        Reason.INSOLVENT: _("Insolvency proceedings are open against the debtor."),
        Reason.STOPPED: _("Demands on this debtor are stopped."),
        Reason.CREDIT_COVERS: _("The debtor's credit covers it."),
        Reason.NO_CONTACT: _("We have no address to write to."),
        Reason.ADDRESS_DEAD: _("Mail to the address does not arrive."),
        Reason.NOT_A_WORKING_DAY: _("Nobody works on that day."),
        Reason.SETTLED: _("Paid or credited before it was sent."),
        Reason.OVERTAKEN: _("Its day passed before it could be sent."),
        Reason.NO_ANSWER: _("The mail server did not say whether it took it."),
        Reason.NOT_SENT: _("A colleague found out that it was not sent."),
    }
    return sentences.get(reason, reason)


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

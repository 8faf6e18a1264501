"""What staff do about a dispute: take it, hand it on, write, propose, decide, close."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal
from uuid import UUID

import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.dispute_pages import DecidePage, EffectRow
from backoffice.disputes import dispute_page, measures_page
from receivables.disputes import actions, deciding, queries, rules
from receivables.disputes.errors import MessageMissing, StepNotPossible, UpheldTooMuch
from receivables.disputes.reasons import Department
from receivables.disputes.states import UNDECIDED, Step
from receivables.disputes.steps import Words
from receivables.disputes.wording import outcome_words
from receivables.i18n import money, reading_as
from receivables.i18n import translate as _
from receivables.ids import DisputeId, StaffId
from receivables.intake.csv_cells import amount as read_amount
from receivables.money import Money, NotAnAmount
from receivables.parties import queries as parties
from receivables.parties.actions import NoSuchStaff
from receivables.uploads.actions import check, keep
from receivables.uploads.faults import FilesRefused
from receivables.uploads.kinds import LARGEST_BODY, MOST_FILES
from receivables.web.forms import FormBody, UploadBody, field, uploads
from receivables.workdays import WEEKDAYS

log = structlog.get_logger(__name__)

LONGEST_MESSAGE = 4000


def _page_again(
    asker: Asker, dispute_id: UUID, *, status: int = 422, **given: Any
) -> Response[str]:
    with asker.reading() as session:
        page = dispute_page(session, asker, DisputeId(dispute_id), **given)
    return asker.page("dispute.html", page, status=status)


def _done(
    asker: Asker, dispute_id: UUID, notice: str, act: Callable[[Session], None]
) -> Response[Any]:
    """Do it and go back to the page; one that moved on meanwhile shows how it stands."""
    url = f"/disputes/{dispute_id}"
    try:
        with asker.transaction() as session:
            act(session)
    except StepNotPossible:
        return asker.back(url, "dispute_moved_on")
    except MessageMissing:
        with reading_as(asker.reader.locale, asker.reader.zone):
            error = _("Please write something.")
        return _page_again(asker, dispute_id, error=error)
    log.info("dispute.changed", dispute=str(dispute_id), by=str(asker.me.staff_id), what=notice)
    return asker.back(url, notice)


@post("/disputes/{dispute_id:uuid}/take", sync_to_thread=True)
def take(dispute_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """Answer for it from now on."""

    def act(session: Session) -> None:
        actions.take_over(
            session,
            collector.supplier_id,
            DisputeId(dispute_id),
            collector.me.staff_id,
            clock=collector.runtime.clock,
        )

    return _done(collector, dispute_id, "dispute_taken", act)


@post("/disputes/{dispute_id:uuid}/assign", sync_to_thread=True)
def assign(
    dispute_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Have another person or department answer for it."""
    wanted, department = field(data, "owner"), field(data, "department")

    def act(session: Session) -> None:
        view = queries.one(session, collector.supplier_id, DisputeId(dispute_id))
        staff = {
            str(one.staff_id): one.staff_id
            for one in parties.team(session, collector.supplier_id)
            if not one.disabled
        }
        owner_id: StaffId | None = staff.get(wanted)
        if wanted and owner_id is None:
            raise NoSuchStaff(wanted)
        actions.assign(
            session,
            collector.supplier_id,
            view.id,
            owner_id=owner_id,
            department=Department(department)
            if department in set(Department)
            else Department(view.department),
            clock=collector.runtime.clock,
        )

    return _done(collector, dispute_id, "dispute_assigned", act)


@post("/disputes/{dispute_id:uuid}/write", request_max_body_size=LARGEST_BODY, sync_to_thread=True)
def write(
    dispute_id: FromPath[UUID], data: UploadBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Ask the debtor, write to them, or leave a note for colleagues."""
    with collector.reading() as session:
        view = queries.one(session, collector.supplier_id, DisputeId(dispute_id))
    message, kind = field(data, "message")[:LONGEST_MESSAGE], field(data, "kind")
    sent = uploads(data, "files")[: MOST_FILES + 1]
    for _file in sent:
        collector.face.limiter.count("upload", str(collector.me.staff_id))
    try:
        files = check(
            [(one.filename[:500], one.file.read()) for one in sent],
            collector.runtime.settings.uploads,
        )
    except FilesRefused as refusal:
        return _page_again(collector, dispute_id, message=message, refusal=refusal)
    clock = collector.runtime.clock

    def act(session: Session) -> None:
        kept = keep(
            session,
            supplier_id=collector.supplier_id,
            debtor_id=view.debtor_id,
            files=files,
            clock=clock,
        )
        words = Words(message, kept)
        if kind == "question":
            actions.ask_debtor(session, collector.supplier_id, view.id, words, clock=clock)
        elif kind == "message":
            actions.reply(session, collector.supplier_id, view.id, words, clock=clock)
        else:
            actions.note(
                session,
                collector.supplier_id,
                view.id,
                words,
                clock=clock,
                asks_colleague=kind == "colleague",
            )

    notices = {"question": "dispute_asked", "message": "dispute_written"}
    return _done(collector, dispute_id, notices.get(kind, "dispute_noted"), act)


def _typed(data: Mapping[str, Any], view: queries.DisputeView) -> dict[int, str]:
    """What is to be upheld of each invoice, as it was typed; a button for all or nothing decides
    before the fields."""
    choice = field(data, "choice")
    typed = {}
    for index, item in enumerate(view.items):
        if not item.is_open:
            continue
        if choice == "all":
            typed[index] = f"{item.disputed.decimal:f}"
        elif choice == "nothing":
            typed[index] = "0"
        else:
            typed[index] = field(data, f"upheld-{index}") or "0"
    return typed


def _decide_page(
    session: Session,
    asker: Asker,
    view: queries.DisputeView,
    step: Literal["decide", "propose"],
    typed: Mapping[int, str],
    *,
    message: str = "",
    error: str = "",
) -> DecidePage:
    """The effects. Raises NotAnAmount, UpheldTooMuch and StepNotPossible."""
    if view.state not in UNDECIDED:
        raise StepNotPossible(view.state, step)
    items = [(index, view.items[index]) for index in typed]
    upheld = {index: read_amount(typed[index], view.currency, None) for index, _item in items}
    verdict = rules.verdict([(item.disputed, upheld[index]) for index, item in items])
    outcome = {
        Step.ACCEPT: "accepted",
        Step.ACCEPT_IN_PART: "accepted_in_part",
        Step.REJECT: "rejected",
    }[verdict.step]
    nothing = Money.zero(view.currency)
    return DecidePage(
        head=asker.head(session, "disputes"),
        notice=None,
        id=view.id,
        reference=view.reference,
        debtor_name=view.debtor_name,
        step=step,
        outcome=outcome,
        outcome_words=outcome_words(outcome),
        effects=tuple(
            EffectRow(
                index=index,
                number=item.number,
                due_on=item.due_on,
                outstanding=item.outstanding,
                disputed=item.disputed,
                upheld_text=typed[index],
                upheld=upheld[index],
                asked_again=max(min(item.disputed, item.outstanding) - upheld[index], nothing),
            )
            for index, item in items
        ),
        upheld=verdict.upheld,
        grace_until=rules.grace_until(
            asker.today, country=asker.me.supplier_country, calendar=WEEKDAYS
        ),
        needs_words=outcome != "accepted",
        message=message,
        error=error,
    )


def _step(data: Mapping[str, Any]) -> Literal["decide", "propose"]:
    return "propose" if field(data, "step") == "propose" else "decide"


def _wrong_amount(asker: Asker, error: NotAnAmount | UpheldTooMuch) -> str:
    with reading_as(asker.reader.locale, asker.reader.zone):
        if isinstance(error, UpheldTooMuch):
            return _("Please type an amount from 0 to %(amount)s.") % {
                "amount": money(error.disputed)
            }
        return _("Please type amounts in figures.")


@get("/disputes/{dispute_id:uuid}/decide", sync_to_thread=True)
def preview_decision(
    dispute_id: FromPath[UUID], request: Request[Any, Any, Any], collector: NamedDependency[Asker]
) -> Response[Any]:
    """What a decision would do; nothing is decided yet."""
    data = dict(request.query_params)
    try:
        with collector.reading() as session:
            view = queries.one(session, collector.supplier_id, DisputeId(dispute_id))
            page = _decide_page(session, collector, view, _step(data), _typed(data, view))
    except (NotAnAmount, UpheldTooMuch) as error:
        return _page_again(collector, dispute_id, error=_wrong_amount(collector, error))
    except StepNotPossible:
        return collector.back(f"/disputes/{dispute_id}", "dispute_moved_on")
    return collector.page("dispute_decide.html", page)


@post("/disputes/{dispute_id:uuid}/decide", sync_to_thread=True)
def decide(
    dispute_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Do what the page before has said."""
    step, message = _step(data), field(data, "message")[:LONGEST_MESSAGE]
    with collector.reading() as session:
        view = queries.one(session, collector.supplier_id, DisputeId(dispute_id))
    typed = _typed(data, view)
    verb = deciding.propose if step == "propose" else deciding.decide
    try:
        upheld = {
            view.items[index].invoice_id: read_amount(text, view.currency, None)
            for index, text in typed.items()
        }
        with collector.transaction() as session:
            verb(
                session,
                collector.supplier_id,
                view.id,
                upheld,
                Words(message),
                clock=collector.runtime.clock,
            )
    except (NotAnAmount, UpheldTooMuch) as error:
        return _page_again(collector, dispute_id, error=_wrong_amount(collector, error))
    except StepNotPossible:
        return collector.back(f"/disputes/{dispute_id}", "dispute_moved_on")
    except MessageMissing:
        with collector.reading() as session:
            error_text = _("Please tell the customer why.")
            page = _decide_page(session, collector, view, step, typed, error=error_text)
        return collector.page("dispute_decide.html", page, status=422)
    log.info("dispute.decided", dispute=str(dispute_id), by=str(collector.me.staff_id), step=step)
    notice = "dispute_proposed" if step == "propose" else "dispute_decided"
    return collector.back(f"/disputes/{dispute_id}", notice)


@post("/disputes/{dispute_id:uuid}/close", sync_to_thread=True)
def close(dispute_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """The credit note came another way."""

    def act(session: Session) -> None:
        deciding.close(
            session, collector.supplier_id, DisputeId(dispute_id), clock=collector.runtime.clock
        )

    return _done(collector, dispute_id, "dispute_closed", act)


@post("/disputes/policy", sync_to_thread=True)
def set_policy(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """Within how many days an invoice is to be contested; an empty field: no such time."""
    text = field(data, "delay_days")
    if text and not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= 3650):
        with owner.reading() as session:
            page = measures_page(session, owner)
        return owner.page("dispute_measures.html", page, status=422)
    with owner.transaction() as session:
        actions.set_policy(session, owner.supplier_id, delay_days=int(text) if text else None)
    return owner.back("/disputes/measures", "dispute_policy")

"""Disputes: the inbox, one with its conversation, how well they are dealt with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.dispute_pages import (
    CodesRow,
    DisputeMeasuresPage,
    DisputeRow,
    DisputesPage,
    FileRow,
    Filter,
    ItemRow,
    MeasureRow,
    MessageRow,
    OfficeDisputePage,
    RefusedRow,
)
from backoffice.paging import PAGE_SIZE, one_of, wanted
from receivables.disputes import inbox, queries
from receivables.disputes.conversation import MessageView, conversation, file
from receivables.disputes.einvoice import as_json, codes_of
from receivables.disputes.inbox import Group, Row
from receivables.disputes.reasons import Department
from receivables.disputes.states import UNDECIDED, State
from receivables.disputes.wording import (
    department_words,
    outcome_words,
    reason_words,
    state_words,
    term_words,
)
from receivables.i18n import translate as _
from receivables.ids import DisputeId, StaffId, UploadId
from receivables.invoices import queries as invoices
from receivables.parties import queries as parties
from receivables.uploads.faults import FilesRefused, words_of
from receivables.uploads.kinds import ACCEPTED
from receivables.uploads.tables import UploadState
from receivables.web.documents import attachment
from receivables.web.parts import Pager

SHOWN: tuple[inbox.Show, ...] = (
    "undecided",
    "waiting_us",
    "waiting_debtor",
    "awaiting_credit_note",
    "ended",
    "all",
)
SORTS: tuple[inbox.Sort, ...] = ("urgency", "number", "amount", "age")


@get("/disputes", sync_to_thread=True)
def show_disputes(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = disputes_page(session, asker, request)
    return asker.page("disputes.html", page)


def disputes_page(session: Session, asker: Asker, request: Request[Any, Any, Any]) -> DisputesPage:
    asked, query = wanted(request), request.query_params
    department = str(query.get("department", ""))
    department = department if department in set(Department) else ""
    owner, owner_id = _owner(asker, str(query.get("owner", "")))
    overdue = str(query.get("overdue", "")) == "yes"
    show, sort = one_of(asked.show, SHOWN), one_of(asked.sort, SORTS)
    found = inbox.rows(
        session,
        asker.supplier_id,
        inbox.Filter(
            show=show,
            department=department,
            owner_id=owner_id,
            only_unowned=owner == "nobody",
            only_overdue=overdue,
            sort=sort,
        ),
        now=asker.runtime.clock.now(),
    )
    rows = found[asked.skip : asked.skip + PAGE_SIZE]
    kept = {
        "show": show,
        "department": department,
        "owner": owner,
        "overdue": "yes" if overdue else "",
        "sort": sort,
    }
    return DisputesPage(
        head=asker.head(session, "disputes"),
        notice=asker.notice(),
        show=show,
        sort=sort,
        department=department,
        owner=owner,
        overdue=overdue,
        departments=departments(),
        staff=staff_of(session, asker),
        rows=tuple(dispute_row(row) for row in rows),
        pager=_pager(kept, asked.page, asked.skip, len(rows), len(found)),
    )


def _owner(asker: Asker, text: str) -> tuple[str, StaffId | None]:
    """Whose disputes are wanted: as the address says it, and as an id."""
    if text == "me":
        return text, asker.me.staff_id
    if text == "nobody":
        return text, None
    try:
        return str(UUID(text)), StaffId(UUID(text))
    except ValueError:
        return "", None


def _pager(kept: Mapping[str, str], page: int, skip: int, shown: int, total: int) -> Pager:
    def url(number: int) -> str:
        asked = {name: value for name, value in {**kept, "page": str(number)}.items() if value}
        return f"/disputes?{urlencode(asked)}"

    last = skip + shown if shown else 0
    return Pager(
        first=skip + 1 if shown else 0,
        last=last,
        total=total,
        previous_url=url(page - 1) if page > 1 else None,
        next_url=url(page + 1) if last and last < total else None,
    )


def departments() -> tuple[Filter, ...]:
    return tuple((one.value, department_words(one)) for one in Department)


def staff_of(session: Session, asker: Asker) -> tuple[Filter, ...]:
    """Who may answer for a dispute."""
    return tuple(
        (str(one.staff_id), one.name)
        for one in parties.team(session, asker.supplier_id)
        if not one.disabled and one.role != "reader"
    )


def dispute_row(row: Row) -> DisputeRow:
    view = row.view
    return DisputeRow(
        id=view.id,
        reference=view.reference,
        debtor_id=view.debtor_id,
        debtor_name=view.debtor_name,
        numbers=view.numbers,
        reason=reason_words(view.reason),
        department=department_words(view.department),
        owner_name=view.owner_name,
        state=view.state,
        state_words=_state_words(view),
        is_urgent=view.is_urgent,
        is_late=view.is_late,
        disputed=view.disputed,
        created_at=view.created_at,
        due_words=term_words(row.due[0]) if row.due else "",
        due_on=row.due[1] if row.due else None,
        is_overdue=row.is_overdue,
    )


def _state_words(view: queries.DisputeView) -> str:
    """As both sides read it; staff also see that it waits for a colleague."""
    if view.state is State.WAITING_INTERNAL:
        return _("Waiting for a colleague")
    return state_words(view.state, view.outcome)


@get("/disputes/{dispute_id:uuid}", sync_to_thread=True)
def show_dispute(dispute_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = dispute_page(session, asker, DisputeId(dispute_id))
    return asker.page("dispute.html", page)


def dispute_page(
    session: Session,
    asker: Asker,
    dispute_id: DisputeId,
    *,
    message: str = "",
    refusal: FilesRefused | None = None,
    error: str = "",
) -> OfficeDisputePage:
    """Raises NoSuchDispute."""
    view = queries.one(session, asker.supplier_id, dispute_id)
    said = conversation(session, asker.supplier_id, view.id, with_notes=True)
    return OfficeDisputePage(
        head=asker.head(session, "disputes"),
        notice=asker.notice(),
        row=dispute_row(inbox.row_of(view, now=asker.runtime.clock.now())),
        items=tuple(_item(session, asker, item, index) for index, item in enumerate(view.items)),
        reason_words=reason_words(view.reason),
        codes=tuple(
            CodesRow(
                number=one.number,
                peppol=f"{one.response} · {one.clarification}",
                french=one.french.value,
            )
            for one in codes_of(view)
        ),
        proposed=view.proposed,
        upheld=view.upheld,
        outcome_words=outcome_words(view.outcome) if view.outcome else "",
        grace_until=max((one.grace_until for one in view.items if one.grace_until), default=None),
        owner=str(view.owner_id or ""),
        staff=staff_of(session, asker),
        departments=departments(),
        messages=tuple(_message(one) for one in said),
        is_undecided=view.state in UNDECIDED,
        may_close=view.state is State.AWAITING_CREDIT_NOTE,
        message=message,
        accept=ACCEPTED,
        refused=tuple(
            RefusedRow(name=fault.name, what=words_of(fault)[0], how=words_of(fault)[1])
            for fault in (refusal.faults if refusal else ())
        ),
        error=error,
    )


def _item(session: Session, asker: Asker, item: queries.ItemView, index: int) -> ItemRow:
    lines: Sequence[str] = ()
    if item.line_places:
        rows = invoices.lines(session, asker.supplier_id, item.invoice_id)
        lines = [row.description for row in rows if row.place in item.line_places]
    return ItemRow(
        index=index,
        invoice_id=item.invoice_id,
        number=item.number,
        due_on=item.due_on,
        disputed=item.disputed,
        proposed=item.proposed,
        upheld=item.upheld,
        outstanding=item.outstanding,
        payable=item.undisputed,
        lines=tuple(lines),
        is_open=item.is_open,
    )


def _message(message: MessageView) -> MessageRow:
    return MessageRow(
        kind="note"
        if message.is_internal
        else "debtor"
        if message.side == "debtor"
        else "supplier",
        author=message.author,
        paragraphs=tuple(line for line in message.body.splitlines() if line.strip()),
        at=message.at,
        files=tuple(
            FileRow(
                name=one.name,
                size_bytes=one.size_bytes,
                url=f"/dispute-files/{one.id}",
                state=UploadState(one.state).value,
            )
            for one in message.files
        ),
    )


@get("/disputes/{dispute_id:uuid}/codes.json", sync_to_thread=True)
def show_codes(
    dispute_id: FromPath[UUID], asker: NamedDependency[Asker]
) -> Response[dict[str, Any]]:
    """The dispute for other software, with the codes of an e-invoice's life."""
    with asker.reading() as session:
        view = queries.one(session, asker.supplier_id, DisputeId(dispute_id))
    return Response(as_json(view))


@get("/dispute-files/{upload_id:uuid}", sync_to_thread=True)
def download_dispute_file(
    upload_id: FromPath[UUID], asker: NamedDependency[Asker]
) -> Response[bytes]:
    with asker.reading() as session:
        found = file(session, asker.supplier_id, UploadId(upload_id))
    return attachment(found.name, found.media_type, found.content)


@get("/disputes/measures", sync_to_thread=True)
def show_measures(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = measures_page(session, asker)
    return asker.page("dispute_measures.html", page)


def measures_page(session: Session, asker: Asker) -> DisputeMeasuresPage:
    found = inbox.measures(
        session, asker.supplier_id, now=asker.runtime.clock.now(), today=asker.today
    )
    return DisputeMeasuresPage(
        head=asker.head(session, "disputes"),
        notice=asker.notice(),
        since=found.since,
        rate=found.rate,
        open_count=found.open_count,
        open_age_days=found.open_age_days,
        decided_after_days=found.decided_after_days,
        whole=_measure(found.whole, _("All")),
        by_reason=tuple(_measure(one, reason_words(one.name)) for one in found.by_reason),
        by_department=tuple(
            _measure(one, department_words(one.name)) for one in found.by_department
        ),
        delay_days=queries.delay_days(session, asker.supplier_id),
    )


def _measure(group: Group, name: str) -> MeasureRow:
    return MeasureRow(
        name=name,
        count=group.count,
        disputed=group.disputed,
        upheld=group.upheld,
        share_founded=group.share_founded,
    )

"""A debtor's collection file: made, taken away, and the invoices handed over, or taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.collection_pages import (
    CollectionInvoice,
    CollectionPage,
    FileShown,
    HandoverStep,
)
from backoffice.held import held_today
from receivables.collection import actions, making, queries
from receivables.collection.rules import safe_name
from receivables.dunning.handing_over import (
    ReasonMissing,
    invoices_of,
    keep_ourselves,
    waiting_handovers,
)
from receivables.dunning.outcomes import NoSuchReminder
from receivables.handover import actions as handover
from receivables.handover.errors import (
    DisputedInvoices,
    NothingToHandOver,
    NothingToTakeBack,
    OnPlan,
    RecipientMissing,
)
from receivables.handover.queries import of_debtor as handed_over
from receivables.i18n import LANGUAGES
from receivables.ids import DebtorId, InvoiceId, ReminderId
from receivables.ledger.holds import HoldReason, held_for
from receivables.ledger.queries import open_items
from receivables.ledger.rules import days_past_due
from receivables.parties import queries as parties
from receivables.web.forms import FormBody, field, fields

_TYPES: Mapping[queries.What, str] = {"zip": "application/zip", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in a form that was refused, and why it was."""

    error: str = ""
    numbers: tuple[str, ...] = ()
    recipient: str = ""
    note: str = ""
    invoices: Collection[UUID] = ()


@get("/debtors/{debtor_id:uuid}/collection", sync_to_thread=True)
def show_collection(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = collection_page(session, asker, DebtorId(debtor_id), Typed())
    return asker.page("collection.html", page)


def collection_page(
    session: Session, asker: Asker, debtor_id: DebtorId, typed: Typed
) -> CollectionPage:
    """Raises NoSuchDebtor."""
    debtor = parties.debtor(session, asker.supplier_id, debtor_id)
    supplier = parties.supplier(session, asker.supplier_id)
    gone = {
        one.invoice_id: one
        for one in handed_over(session, asker.supplier_id, debtor_id)
        if one.stands
    }
    holds = held_today(session, asker, debtor_id)
    waiting = waiting_handovers(session, asker.supplier_id, debtor_id)
    asked = {one.id: invoices_of(session, asker.supplier_id, one.id) for one in waiting}
    wanted = {invoice_id for about in asked.values() for invoice_id in about}
    rows = []
    for item in open_items(session, asker.supplier_id, debtor_id):
        handed = gone.get(item.invoice_id)
        own = holds.get(item.invoice_id, ())
        late = days_past_due(item.due_on, asker.today)
        rows.append(
            CollectionInvoice(
                id=item.invoice_id,
                number=item.number,
                due_on=item.due_on,
                days_past_due=late,
                outstanding=item.outstanding,
                disputed=held_for(item.outstanding, own, HoldReason.DISPUTED) or None,
                handed_to=handed.recipient if handed else "",
                handed_at=handed.handed_over_at if handed else None,
                chosen=_is_chosen(item.invoice_id, typed, wanted, is_late=late > 0),
            )
        )
    return CollectionPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        language=supplier.language,
        file=_file(session, asker, debtor_id),
        steps=tuple(
            HandoverStep(
                id=one.id,
                amount=one.amount,
                numbers=tuple(asked[one.id].values()),
                since=one.created_at,
            )
            for one in waiting
        ),
        ours=tuple(row for row in rows if row.handed_at is None),
        theirs=tuple(row for row in rows if row.handed_at is not None),
        typed_recipient=typed.recipient,
        typed_note=typed.note,
        error=typed.error,
        numbers=typed.numbers,
    )


def _is_chosen(
    invoice_id: InvoiceId, typed: Typed, wanted: Collection[InvoiceId], *, is_late: bool
) -> bool:
    """What was ticked; before that what the scenario asks for, or else whatever is late."""
    if typed.invoices or typed.error in ("recipient", "nothing"):
        return invoice_id in typed.invoices
    return invoice_id in wanted if wanted else is_late


def _file(session: Session, asker: Asker, debtor_id: DebtorId) -> FileShown | None:
    found = queries.latest(session, asker.supplier_id, debtor_id)
    if found is None:
        return None
    return FileShown(
        state=found.state,
        language=found.locale[:2],
        asked_at=found.asked_at,
        made_at=found.made_at,
        file_count=found.file_count,
        zip_bytes=found.zip_bytes,
        zip_sha256=found.zip_sha256,
        pdf_bytes=found.pdf_bytes,
    )


@post("/debtors/{debtor_id:uuid}/collection", sync_to_thread=True)
def ask_collection(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Have the file made: at once, or where it is large by a job. Raises NoSuchDebtor."""
    language, clock = field(data, "language"), collector.runtime.clock
    with collector.transaction() as session:
        file_id, by_job = actions.ask_for(
            session,
            supplier_id=collector.supplier_id,
            debtor_id=DebtorId(debtor_id),
            language=language if language in LANGUAGES else collector.me.language,
            clock=clock,
        )
    if not by_job:
        made = making.make(collector.runtime, collector.supplier_id, file_id)
        with collector.transaction() as session:
            actions.conclude(session, collector.supplier_id, file_id, made, clock=clock)
    notice = "collection_asked" if by_job else "collection_made"
    return collector.back(f"/debtors/{debtor_id}/collection", notice)


@get("/debtors/{debtor_id:uuid}/collection.zip", sync_to_thread=True)
def take_zip(debtor_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """The whole; that somebody took it is on record. Raises NoSuchFile."""
    return _taken(collector, DebtorId(debtor_id), "zip")


@get("/debtors/{debtor_id:uuid}/collection.pdf", sync_to_thread=True)
def take_pdf(debtor_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """The same to be read. Raises NoSuchFile."""
    return _taken(collector, DebtorId(debtor_id), "pdf")


def _taken(collector: Asker, debtor_id: DebtorId, what: queries.What) -> Response[Any]:
    with collector.reading() as session:
        debtor = parties.debtor(session, collector.supplier_id, debtor_id)
        file = queries.ready(session, collector.supplier_id, debtor_id)
        name = safe_name(f"{debtor.number} {debtor.name}", "debtor").replace(".", "-")
    # Who took it is on record before the first byte goes out.
    with collector.transaction() as session:
        actions.note_taken(session, file, what, clock=collector.runtime.clock)
    size = file.zip_bytes if what == "zip" else file.pdf_bytes
    return Stream(
        queries.read_parts(collector.runtime, file, what),
        media_type=_TYPES[what],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{name}.{what}')}",
            "Content-Length": str(size),
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        },
    )


@post("/debtors/{debtor_id:uuid}/collection/hand-over", sync_to_thread=True)
def hand_over(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Leave invoices to somebody who collects them; the page again where something is missing."""
    chosen = _chosen(data)
    recipient, note = field(data, "recipient")[:200], field(data, "note")[:500]
    typed = Typed(recipient=recipient, note=note, invoices=chosen)
    try:
        with collector.transaction() as session:
            actions.hand_over(
                session,
                supplier_id=collector.supplier_id,
                debtor_id=DebtorId(debtor_id),
                invoice_ids=chosen,
                recipient=recipient,
                note=note,
                disputed_confirmed=field(data, "confirmed") == "yes",
                clock=collector.runtime.clock,
            )
    except RecipientMissing:
        return _refused(collector, DebtorId(debtor_id), replace(typed, error="recipient"))
    except NothingToHandOver:
        return _refused(collector, DebtorId(debtor_id), replace(typed, error="nothing"))
    except OnPlan as refused:
        typed = replace(typed, error="on_plan", numbers=refused.numbers)
        return _refused(collector, DebtorId(debtor_id), typed)
    except DisputedInvoices as refused:
        typed = replace(typed, error="disputed", numbers=refused.numbers)
        return _refused(collector, DebtorId(debtor_id), typed)
    return collector.back(f"/debtors/{debtor_id}/collection", "handed_over")


@post("/debtors/{debtor_id:uuid}/collection/keep", sync_to_thread=True)
def keep(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """The scenario asks to hand over, and a person says no, and why. Raises NoSuchReminder,
    NotWaiting.
    """
    try:
        step = UUID(field(data, "step"))
    except ValueError:
        raise NoSuchReminder(field(data, "step")[:50]) from None
    try:
        with collector.transaction() as session:
            keep_ourselves(
                session,
                collector.supplier_id,
                DebtorId(debtor_id),
                ReminderId(step),
                why=field(data, "why"),
                clock=collector.runtime.clock,
            )
    except ReasonMissing:
        return _refused(collector, DebtorId(debtor_id), Typed("why"))
    return collector.back(f"/debtors/{debtor_id}", "not_handed_over")


@post("/debtors/{debtor_id:uuid}/collection/take-back", sync_to_thread=True)
def take_back(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Collect invoices ourselves again. Raises NoSuchDebtor."""
    try:
        with collector.transaction() as session:
            parties.debtor(session, collector.supplier_id, DebtorId(debtor_id))
            handover.take_back(
                session,
                supplier_id=collector.supplier_id,
                debtor_id=DebtorId(debtor_id),
                invoice_ids=_chosen(data),
                why=field(data, "why")[:500],
                clock=collector.runtime.clock,
            )
    except NothingToTakeBack:
        return _refused(collector, DebtorId(debtor_id), Typed("nothing_back"))
    return collector.back(f"/debtors/{debtor_id}/collection", "taken_back")


def _chosen(data: Mapping[str, Any]) -> set[InvoiceId]:
    """The invoices that were ticked; what is no id is none."""
    found = set()
    for text in fields(data, "invoice"):
        try:
            found.add(InvoiceId(UUID(text)))
        except ValueError:
            continue
    return found


def _refused(collector: Asker, debtor_id: DebtorId, typed: Typed) -> Response[str]:
    with collector.reading() as session:
        page = collection_page(session, collector, debtor_id, typed)
    return collector.page("collection.html", page, status=422)

"""Statuses of e-invoices: what platforms said, what they are told, files of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.importing import fault_in_words
from backoffice.lifecycle_words import outcome_words, status_name, why_words
from backoffice.paging import PAGE_SIZE, Wanted, one_of, wanted
from backoffice.status_pages import (
    InvoiceStatusesPage,
    ReceivedRow,
    SentRow,
    Show,
    StatusesPage,
    StatusReport,
)
from receivables.ids import InvoiceId, SentStatusId
from receivables.invoices import queries as invoices
from receivables.lifecycle import faults, queries
from receivables.lifecycle.actions import stated_of
from receivables.lifecycle.importing import StatusLine, import_messages
from receivables.lifecycle.queries import ReceivedView, SentView
from receivables.lifecycle.reading import LARGEST_MB
from receivables.lifecycle.reporting import choose_emission, emission
from receivables.lifecycle.tables import Outcome
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.web.forms import FormBody, UploadBody, field, uploads

_SHOWN: tuple[Show, ...] = ("received", "unmatched", "sent")


@get("/statuses", sync_to_thread=True)
def show_statuses(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = _page(session, asker, wanted(request))
    return asker.page("statuses.html", page)


@post("/statuses", status_code=200, sync_to_thread=True)
def take_statuses(
    data: UploadBody, request: Request[Any, Any, Any], collector: NamedDependency[Asker]
) -> Response[str]:
    """Read and take the messages; the answer is the page with what became of each."""
    collector.face.limiter.count("upload", str(collector.me.staff_id))
    files = [
        # One byte more than may be is enough to be refused for it.
        (sent.filename[:200], sent.file.read(LARGEST_MB * 1_000_000 + 1))
        for sent in uploads(data, "files")
    ]
    lines = list(
        import_messages(
            collector.runtime,
            collector.supplier_id,
            files,
            by=f"staff:{collector.me.staff_id}",
        )
    )
    with collector.reading() as session:
        reports = tuple(_report(line) for line in lines)
        page = _page(session, collector, wanted(request), reports)
    return collector.page("statuses.html", page)


@post("/statuses/telling", sync_to_thread=True)
def choose_telling(data: FormBody, owner: NamedDependency[Asker]) -> Redirect:
    """Whether the platform is told what is cashed."""
    emits = field(data, "tells") == "yes"
    with owner.transaction() as session:
        choose_emission(session, owner.supplier_id, emits=emits, clock=owner.runtime.clock)
    return owner.back("/statuses", "statuses_told" if emits else "statuses_not_told")


@get("/statuses/{status_id:uuid}/file", sync_to_thread=True)
def download_status(status_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[bytes]:
    """The message as it goes out."""
    with asker.reading() as session:
        name, content = queries.message_of(session, asker.supplier_id, SentStatusId(status_id))
    return Response(
        content,
        media_type="application/xml",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@get("/invoices/{invoice_id:uuid}/statuses", sync_to_thread=True)
def show_invoice_statuses(
    invoice_id: FromPath[UUID], asker: NamedDependency[Asker]
) -> Response[str]:
    """Raises NoSuchInvoice."""
    supplier_id, key = asker.supplier_id, InvoiceId(invoice_id)
    with asker.reading() as session:
        invoice = invoices.of_supplier(session, supplier_id, key)
        came = queries.received(session, supplier_id, invoice_id=key, limit=PAGE_SIZE)
        went = queries.sent(session, supplier_id, invoice_id=key, limit=PAGE_SIZE)
        page = InvoiceStatusesPage(
            head=asker.head(session, "invoices"),
            notice=asker.notice(),
            invoice_id=invoice.id,
            number=invoice.number,
            received=tuple(_received_row(one) for one in came),
            sent=tuple(_sent_row(one) for one in went),
        )
    return asker.page("invoice_statuses.html", page)


def _page(
    session: Session, asker: Asker, asked: Wanted, reports: tuple[StatusReport, ...] = ()
) -> StatusesPage:
    supplier_id, show = asker.supplier_id, one_of(asked.show, _SHOWN)
    came: Sequence[ReceivedView] = ()
    went: Sequence[SentView] = ()
    if show == "sent":
        went = queries.sent(session, supplier_id, limit=PAGE_SIZE, offset=asked.skip)
        total = queries.count_sent(session, supplier_id)
    else:
        alone = show == "unmatched"
        came = queries.received(
            session, supplier_id, not_matched=alone, limit=PAGE_SIZE, offset=asked.skip
        )
        total = queries.count_received(session, supplier_id, not_matched=alone)
    return StatusesPage(
        head=asker.head(session, "invoices"),
        notice=asker.notice(),
        show=show,
        received=tuple(_received_row(one) for one in came),
        sent=tuple(_sent_row(one) for one in went),
        pager=asked.pager(len(came) + len(went), total),
        unmatched=queries.count_received(session, supplier_id, not_matched=True),
        tells=emission(session, parties.supplier(session, supplier_id)).emits,
        writes=asker.runtime.statuses is not None,
        may_choose=asker.me.role == "owner",
        largest_bytes=LARGEST_MB * 1_000_000,
        reports=reports,
    )


def _named(status: int) -> str:
    name = status_name(status)
    return name if name == str(status) else f"{status} {name}"


def _received_row(one: ReceivedView) -> ReceivedRow:
    stated = stated_of(one.row)
    return ReceivedRow(
        number=one.row.number,
        invoice_id=one.row.invoice_id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        status=_named(one.row.status),
        words=tuple(line for line in stated.words.split("\n") if line != str(one.row.status)),
        outcome=outcome_words(one.row.outcome),
        needs_look=one.row.outcome == Outcome.NOT_MATCHED,
        dispute_id=one.row.dispute_id,
        claim_id=one.row.claim_id,
        stated_at=one.row.stated_at,
    )


def _sent_row(one: SentView) -> SentRow:
    amount = one.row.amount
    went_back = amount.minor < 0
    return SentRow(
        id=one.row.id,
        number=one.number,
        invoice_id=one.row.invoice_id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        amount=-amount if went_back else amount,
        went_back=went_back,
        shares=tuple(
            (rate, Money(-minor if went_back else minor, amount.currency))
            for rate, minor in one.row.shares
        ),
        cashed_on=one.row.cashed_on,
        state=one.row.state,  # type: ignore[arg-type]  # constrained
        why=why_words(one.row.why),
        made_at=one.row.created_at,
    )


def _report(line: StatusLine) -> StatusReport:
    return StatusReport(
        name=line.file,
        outcome=line.outcome,
        statuses=tuple(
            (one.stated.number, _named(one.stated.status), outcome_words(one.outcome))
            for one in line.statuses
        ),
        faults=tuple(fault_in_words(each, faults.MESSAGES) for each in line.faults),
    )

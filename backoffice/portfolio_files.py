"""A health check to take away: the report as PDF, its customers, and the lists made from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.portfolio import document_of, note_seen
from monitoring.portfolio import listing, queries
from monitoring.portfolio.deeds import counted
from monitoring.portfolio.printing import print_document
from monitoring.portfolio.proposals import to_insure
from receivables.i18n import reading_as
from receivables.ids import PortfolioCheckId

_SAFE = {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}


@get("/monitoring/checks/{check_id:uuid}/report.pdf", sync_to_thread=True)
def take_pdf(check_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[Any]:
    """The report to be printed; that somebody took it is on record. Raises NoSuchCheck."""
    wanted = PortfolioCheckId(check_id)
    with asker.reading() as session:
        check = queries.ready(session, asker.supplier_id, wanted)
        document = document_of(session, asker, check)
    note_seen(asker, wanted, "pdf")
    with reading_as(asker.reader.locale, asker.reader.zone):
        pdf = print_document(document, made_at=asker.runtime.clock.now(), zone=asker.reader.zone)
    return _file(pdf, "application/pdf", f"portfolio-{document.as_of_on}.pdf")


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(
        content, media_type=media_type, headers={"Content-Disposition": disposition, **_SAFE}
    )


def _listed(
    asker: Asker, check_id: UUID, name: str, made: Callable[[Session, PortfolioCheckId], bytes]
) -> Response[bytes]:
    wanted = PortfolioCheckId(check_id)
    with asker.reading() as session:
        queries.ready(session, asker.supplier_id, wanted)
        content = made(session, wanted)
    note_seen(asker, wanted, "csv")
    return _file(content, "text/csv; charset=utf-8", name)


@get("/monitoring/checks/{check_id:uuid}/customers.csv", sync_to_thread=True)
def take_customers(check_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[Any]:
    """Every customer with class, date and source. Raises NoSuchCheck."""

    def made(session: Session, wanted: PortfolioCheckId) -> bytes:
        return listing.customers_csv(counted(session, asker.supplier_id, wanted))

    return _listed(asker, check_id, "portfolio-customers.csv", made)


@get("/monitoring/checks/{check_id:uuid}/prepayment.csv", sync_to_thread=True)
def take_prepayment(check_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[Any]:
    """Who is to pay in advance, for the ERP. Raises NoSuchCheck."""

    def made(session: Session, wanted: PortfolioCheckId) -> bytes:
        return listing.prepayment_csv(counted(session, asker.supplier_id, wanted))

    return _listed(asker, check_id, "portfolio-prepayment.csv", made)


@get("/monitoring/checks/{check_id:uuid}/insurer.csv", sync_to_thread=True)
def take_insurer(check_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[Any]:
    """For whom cover is asked. Raises NoSuchCheck."""

    def made(session: Session, wanted: PortfolioCheckId) -> bytes:
        customers = counted(session, asker.supplier_id, wanted)
        places = [one.place for one in to_insure(customers)]
        rows = queries.rows(session, asker.supplier_id, wanted, places=places)
        return listing.insurer_csv(customers, {row.checked.place: row.said for row in rows})

    return _listed(asker, check_id, "portfolio-insurer.csv", made)

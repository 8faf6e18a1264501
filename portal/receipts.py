"""What a debtor can print or hand to a bookkeeper: receipts and the statement of account."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.access import Asker
from portal.slips import slip_of_account
from receivables.i18n import reading_as
from receivables.i18n import translate as _
from receivables.ids import PaymentId
from receivables.payments import queries as payments
from receivables.payments.account_statement import account_statement_of, print_account_statement
from receivables.payments.receipt import print_receipt, receipt_of
from receivables.runtime import Runtime
from receivables.slips.letters import foot_of
from receivables.web.documents import attachment

_PDF = "application/pdf"


@get("/payments/{payment_id:uuid}/receipt.pdf", sync_to_thread=True)
def download_receipt(
    payment_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[bytes]:
    """404 for anybody else's payment, and for one that has not settled."""
    access = asker.access
    with runtime.reading(asker.scope) as session:
        payment = payments.of_debtor(
            session, access.supplier_id, access.debtor_id, PaymentId(payment_id)
        )
        receipt = receipt_of(session, payment)
    pdf = print_receipt(receipt, locale=asker.reader.locale, now=runtime.clock.now())
    return attachment(receipt.file_name, _PDF, pdf)


@get("/statement.pdf", sync_to_thread=True)
def download_statement(
    asker: NamedDependency[Asker], runtime: NamedDependency[Runtime]
) -> Response[bytes]:
    access, now = asker.access, runtime.clock.now()
    with runtime.reading(asker.scope) as session:
        statement = account_statement_of(session, access.supplier_id, access.debtor_id, now=now)
        slip = slip_of_account(session, asker, runtime)
    with reading_as(asker.reader.locale, asker.reader.zone):
        name = _("Statement of account")
        foot = foot_of(slip, asker.reader.locale) if slip is not None else None
    pdf = print_account_statement(statement, locale=asker.reader.locale, now=now, slip=foot)
    return attachment(f"{name} {statement.on.isoformat()}.pdf", _PDF, pdf)

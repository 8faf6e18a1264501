"""The receipt of a payment, as its debtor would get it."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backoffice.access import Asker
from receivables.ids import PaymentId
from receivables.parties import queries as parties
from receivables.parties.presentation import locale_with
from receivables.payments import queries as payments
from receivables.payments.receipt import print_receipt, receipt_of
from receivables.web.documents import attachment


@get("/payments/{payment_id:uuid}/receipt.pdf", sync_to_thread=True)
def download_receipt(payment_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[bytes]:
    """In the debtor's language, whoever asks: it is made to be sent on. 404 before it settles."""
    with asker.reading() as session:
        payment = payments.of_supplier(session, asker.supplier_id, PaymentId(payment_id))
        receipt = receipt_of(session, payment)
        supplier = parties.supplier(session, asker.supplier_id)
        debtor = parties.debtor(session, asker.supplier_id, payment.debtor_id)
    locale = locale_with(supplier, debtor)
    pdf = print_receipt(receipt, locale=locale, now=asker.runtime.clock.now())
    return attachment(receipt.file_name, "application/pdf", pdf)

"""Many bank transfers booked at once: the same entries and events as one by one, in a few
statements. For transfers that are put whole against what they name, as most are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record_all
from receivables.ids import DebtorId, EntryId, InvoiceId, SupplierId, new_id
from receivables.ledger.actions import lock_invoices
from receivables.ledger.events import TransferBooked
from receivables.ledger.queries import outstanding_of
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money

_ADD: Final = insert(cast("Table", Entry.__table__))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money on the supplier's account, all of it for `parts`; `source` and `reference` are as
    `receiving.receive_transfer` has them.
    """

    debtor_id: DebtorId
    source: str
    parts: Mapping[InvoiceId, Money]
    reference: str
    booked_on: date


def hold_outstanding(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> dict[InvoiceId, Money]:
    """What is outstanding on these invoices, and stays so until the transaction ends, but for
    what it does itself.
    """
    lock_invoices(session, supplier_id, invoice_ids)
    return outstanding_of(session, supplier_id, invoice_ids)


def receive_transfers(
    session: Session, supplier_id: SupplierId, transfers: Sequence[Transfer], *, clock: Clock
) -> None:
    """Book transfers whose parts are known to be outstanding, all together: the caller has asked
    `hold_outstanding`. The database refuses all of them when one takes a receivable below zero.
    """
    if not transfers:
        return
    now = clock.now()
    rows: list[dict[str, Any]] = []
    booked: list[TransferBooked] = []
    for transfer in transfers:
        assert "/" not in transfer.source and len(transfer.source) <= 62, transfer.source
        for invoice_id, amount in transfer.parts.items():
            assert amount.minor > 0, f"{amount} cannot be posted"
            rows.append(
                {
                    "id": EntryId(new_id()),
                    "supplier_id": supplier_id,
                    "debit_account": Account.BANK,
                    "debit_subject": supplier_id,
                    "credit_account": Account.RECEIVABLE,
                    "credit_subject": invoice_id,
                    "amount_minor": amount.minor,
                    "currency": amount.currency,
                    "reason": Reason.TRANSFER_BOOKED,
                    "source": f"{transfer.source}/{invoice_id}",
                    "payment_id": None,
                    "booked_on": transfer.booked_on,
                    "created_at": now,
                }
            )
            booked.append(
                TransferBooked(
                    supplier_id=supplier_id,
                    debtor_id=transfer.debtor_id,
                    invoice_id=invoice_id,
                    amount=amount,
                    reference=transfer.reference,
                )
            )
    session.execute(_ADD, rows)
    record_all(session, supplier_id, booked, clock=clock)

"""Disputes: contested in whole or in part, decided, withdrawn, and closed by a credit note."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hypothesis.stateful import precondition, rule
from sqlalchemy.orm import Session

from receivables.disputes import deciding
from receivables.disputes.opening import Claim, Opening, open_dispute
from receivables.disputes.queries import holds
from receivables.disputes.reasons import Reason
from receivables.disputes.steps import Words
from receivables.ids import DebtorId, DisputeId, InvoiceId
from receivables.money import Money
from tests.support.ledger_machine import AMOUNTS, ROLLS, Machine, Roll

_ITEMS = """
SELECT d.id, d.state, i.invoice_id, i.disputed_minor, i.upheld_minor, i.credited_minor, i.is_open
  FROM disputes d JOIN dispute_items i ON i.dispute_id = d.id
"""


@dataclass
class Contest:
    """One dispute over one invoice."""

    debtor: DebtorId
    invoice: InvoiceId
    disputed: int
    state: str = "submitted"
    upheld: int | None = None
    credited: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in ("submitted", "awaiting_credit_note")

    @property
    def held(self) -> int:
        """What is not asked for: what is contested, then what is still to be credited."""
        if self.state == "awaiting_credit_note":
            return max((self.upheld or 0) - self.credited, 0)
        return self.disputed if self.is_open else 0


class Contesting(Machine):
    def __init__(self) -> None:
        super().__init__()
        self.disputes: dict[DisputeId, Contest] = {}

    def contested(self, key: InvoiceId) -> int:
        return sum(one.held for one in self.disputes.values() if one.invoice == key)

    @precondition(lambda self: self.model.invoices)
    @rule(how=ROLLS, part=AMOUNTS)
    def contest(self, how: Roll, part: int) -> None:
        """A part of what is owed, or all of it."""
        taken = {one.invoice for one in self.disputes.values() if one.is_open}
        found = [key for key, one in self.model.invoices.items() if one.owed and key not in taken]
        if not found:
            return
        key = self.chosen(found, how.which)
        invoice, made = self.model.invoices[key], []
        whole = part >= invoice.owed
        claim = Claim(
            number=invoice.number,
            scope="whole" if whole else "amount",
            amount=None if whole else Money(part, "CHF"),
        )
        opening = Opening(
            supplier_id=self.supplier_id, debtor_id=DebtorId(invoice.debtor), contact_id=None,
            reason=Reason.PRICE, claims=[claim],
        )  # fmt: skip
        self.do(
            lambda session: made.append(open_dispute(session, opening, clock=self.clock)),
            how.fate,
            once=True,
        )
        disputed = min(part, invoice.owed)
        self.disputes[made[-1]] = Contest(DebtorId(invoice.debtor), InvoiceId(key), disputed)
        self.then()
        assert self._holds(invoice.debtor) == sum(
            one.held for one in self.disputes.values() if one.debtor == invoice.debtor
        )

    def _holds(self, debtor_id: DebtorId) -> int:
        """What the product holds back for disputes."""
        with self.house.database.reading(self.scope) as session:
            found = holds(session, self.supplier_id, debtor_id)
        return sum(hold.amount.minor for hold in found if hold.amount and hold.reason == "disputed")

    def _undecided(self) -> list[DisputeId]:
        return [key for key, one in self.disputes.items() if one.state == "submitted"]

    @precondition(lambda self: self._undecided())
    @rule(how=ROLLS, part=AMOUNTS)
    def decide(self, how: Roll, part: int) -> None:
        """All of it, a part, or nothing: an odd amount above it is a rejection."""
        key = self.chosen(self._undecided(), how.which)
        one = self.disputes[key]
        upheld = min(part, one.disputed) if part <= one.disputed or part % 2 == 0 else 0

        def act(session: Session) -> None:
            deciding.decide(
                session, self.supplier_id, key, {one.invoice: Money(upheld, "CHF")},
                Words("Checked."), clock=self.clock,
            )  # fmt: skip

        self.do(act, how.fate, once=True)
        one.upheld = upheld
        one.state = "awaiting_credit_note" if upheld else "rejected"
        self.then()

    @precondition(lambda self: self._undecided())
    @rule(how=ROLLS)
    def withdraw(self, how: Roll) -> None:
        key = self.chosen(self._undecided(), how.which)
        one = self.disputes[key]
        self.do(
            lambda session: deciding.withdraw(
                session, self.supplier_id, one.debtor, key, clock=self.clock
            ),
            how.fate,
            once=True,
        )
        one.state, one.upheld = "withdrawn", 0
        self.then()

    def credit_note_came(self, debtor_id: DebtorId, total: int, named: InvoiceId | None) -> None:
        """It is for the invoice it names; one that names none, for the only one it fits."""
        waiting = [
            one
            for one in self.disputes.values()
            if one.state == "awaiting_credit_note"
            and one.debtor == debtor_id
            and (one.invoice == named if named else one.held == total)
        ]
        if len(waiting) == 1:
            waiting[0].credited += total
            if not waiting[0].held:
                waiting[0].state = "closed"

    def everything_else_holds(self, written: frozenset[str]) -> None:
        super().everything_else_holds(written)
        if not written & {"disputes", "dispute_items"}:
            return
        found = {
            UUID(key): (state, UUID(invoice), disputed, upheld, credited, bool(is_open))
            for key, state, invoice, disputed, upheld, credited, is_open in self.driver.execute(
                _ITEMS
            )
        }
        assert found == {
            key: (one.state, one.invoice, one.disputed, one.upheld, one.credited, one.is_open)
            for key, one in self.disputes.items()
        }

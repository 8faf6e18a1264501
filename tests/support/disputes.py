"""Disputes for tests: opened, handled and looked at through the product's own actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from receivables.database import Scope
from receivables.disputes import actions, deciding, queries
from receivables.disputes.opening import Claim, Opening, open_dispute
from receivables.disputes.queries import DisputeView
from receivables.disputes.reasons import Reason
from receivables.disputes.steps import NO_WORDS, Words
from receivables.ids import DebtorId, DisputeId, InvoiceId, StaffId, SupplierId, UploadId
from receivables.invoices import queries as invoices
from receivables.ledger.holds import Hold
from receivables.parties.queries import contacts
from receivables.uploads.actions import CheckedFile, keep
from receivables.uploads.reading import SafeFile
from tests.support.builders import money
from tests.support.world import World


@dataclass
class Case:
    """One dispute of one debtor in a world, with the hands of both sides."""

    world: World
    supplier_id: SupplierId
    debtor_id: DebtorId
    dispute_id: DisputeId

    def view(self) -> DisputeView:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            return queries.one(session, self.supplier_id, self.dispute_id)

    @property
    def state(self) -> str:
        return self.view().state.value

    def holds(self) -> list[Hold]:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            return queries.holds(session, self.supplier_id, self.debtor_id)

    def _staff(self, act, *args, by: StaffId | None = None, **kwargs) -> None:
        doer = f"staff:{by}" if by else "system"
        with self.world.runtime.transaction(Scope(self.supplier_id), by=doer) as session:
            act(session, self.supplier_id, self.dispute_id, *args, clock=self.world.clock, **kwargs)
        self.world.run_jobs()

    def _debtor(self, act, *args) -> None:
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            act(
                session, self.supplier_id, self.debtor_id, self.dispute_id, *args,
                clock=self.world.clock,
            )  # fmt: skip
        self.world.run_jobs()

    def take_over(self, staff_id: StaffId) -> None:
        self._staff(actions.take_over, staff_id, by=staff_id)

    def ask(self, body: str = "Which order was it?") -> None:
        self._staff(actions.ask_debtor, Words(body))

    def reply(self, body: str = "We have it.") -> None:
        self._staff(actions.reply, Words(body))

    def note(self, body: str = "Ask the warehouse.", *, asks_colleague: bool = False) -> None:
        self._staff(actions.note, Words(body), asks_colleague=asks_colleague)

    def propose(self, **upheld: str) -> None:
        self._staff(deciding.propose, self.upheld(**upheld), Words("What about this?"))

    def decide(self, body: str = "Checked.", **upheld: str) -> None:
        """`A_1="150.00 CHF"` upholds that of the invoice A-1."""
        self._staff(deciding.decide, self.upheld(**upheld), Words(body) if body else NO_WORDS)

    def close(self) -> None:
        self._staff(deciding.close)

    def upheld(self, **given: str):
        ids = {item.number: item.invoice_id for item in self.view().items}
        return {ids[key.replace("_", "-")]: money(text) for key, text in given.items()}

    def answer(self, body: str = "Order 17.") -> None:
        self._debtor(actions.debtor_writes, Words(body))

    def agree(self) -> None:
        self._debtor(deciding.agree)

    def withdraw(self) -> None:
        self._debtor(deciding.withdraw)

    def reopen(self, body: str = "No, look again.") -> None:
        self._debtor(deciding.reopen, Words(body))

    def letters(self) -> list[str]:
        """Subjects of the mails to the debtor so far."""
        return [mail.subject for mail in self.world.mail if mail.from_name != "Quittance"]

    def memos(self) -> list[str]:
        """Subjects of the mails to the staff so far."""
        return [mail.subject for mail in self.world.mail if mail.from_name == "Quittance"]


def contest(
    world: World,
    debtor_id: DebtorId,
    *claims: Claim | str,
    reason: Reason = Reason.PRICE,
    body: str = "",
    supplier_id: SupplierId | None = None,
    files: Sequence = (),
) -> Case:
    """A dispute over these invoices, each a Claim or the number of one disputed whole."""
    supplier_id = supplier_id or world.supplier_id
    assert supplier_id is not None
    given = [one if isinstance(one, Claim) else Claim(number=one) for one in claims]
    with world.runtime.reading(Scope(supplier_id)) as session:
        contact_id = contacts(session, supplier_id, debtor_id)[0].id
    with world.runtime.transaction(Scope(supplier_id), by=f"contact:{contact_id}") as session:
        dispute_id = open_dispute(
            session,
            Opening(
                supplier_id=supplier_id, debtor_id=debtor_id, contact_id=contact_id,
                reason=reason, claims=given, words=Words(body, tuple(files)),
            ),
            clock=world.clock,
        )  # fmt: skip
    world.run_jobs()
    return Case(world, supplier_id, debtor_id, dispute_id)


def credit(world: World, debtor_id: DebtorId, amount: str, of: str | None) -> InvoiceId:
    """A credit note arrives, for the invoice `of` if one is named."""
    made = world.invoice(
        amount, debtor_id=debtor_id, is_credit_note=True, preceding_number=of, due_in_days=0
    )
    world.run_jobs()
    return made


def contest_with_a_file(
    world: World, supplier_id: SupplierId, debtor_id: DebtorId, number: str
) -> tuple[DisputeId, UploadId]:
    """A dispute over a small part of an invoice, with a text as its evidence."""
    file = CheckedFile(SafeFile("evidence.txt", "text/plain", b"words"), is_scanned=True)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        currency = invoices.of_debtor(session, supplier_id, debtor_id, number).total.currency
        (upload_id,) = keep(
            session, supplier_id=supplier_id, debtor_id=debtor_id, files=[file], clock=world.clock
        )
    claim = Claim(number=number, scope="amount", amount=money(f"1.00 {currency}"))
    case = contest(world, debtor_id, claim, supplier_id=supplier_id, files=[upload_id])
    return case.dispute_id, upload_id


def let_pass(world: World, *, days: int, step: int = 24) -> None:
    """Days go by, `step` hours at a time; the work is done in between."""
    for _ in range(days * 24 // step):
        world.clock.advance(timedelta(hours=step))
        world.fire_schedules()
        world.run_jobs()

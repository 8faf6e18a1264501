"""Entries of a camt statement: batches taken apart, reversals the way they went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from receivables.bank.camt_details import Detail, Side, bank_code_of
from receivables.bank.camt_nodes import Node
from receivables.bank.faults import Faults, fault
from receivables.bank.parsed import STATUSES, Format, ParsedEntry
from receivables.bank.parsing import KNOWN_CURRENCIES, compact_account, cut, rounded_money
from receivables.intake.faults import Fault
from receivables.intake.findings import day_of
from receivables.money import Money

_DIRECTIONS: Final = ("CRDT", "DBIT")
#: What versions 1 and earlier drafts of banks write for yes.
_YES: Final = ("true", "1")


def rounded(node: Node, where: str, amount: Money) -> Fault:
    """The finding that an amount has decimals that nobody can pay."""
    return fault("rounded", where, text=node.text, currency=node.currency, amount=amount)


@dataclass(slots=True, kw_only=True)
class EntryReader:
    """Reads the entries of one statement; faults and findings go where the statement's go."""

    format: Format
    statement: int
    #: The account's number and holder, to tell the other side of a payment from our own.
    account: str
    holder: str | None
    currency: str | None
    faults: Faults
    findings: list[Fault]
    count: int = 0

    def read(self, node: Node, details: Sequence[Detail]) -> Iterator[ParsedEntry]:
        """The booking, or the transactions of the batch that it is; nothing when it is faulty."""
        where, before = f"line {node.line}, Ntry", len(self.faults.found)
        whole = self._whole(node, where)
        if whole is None or len(self.faults.found) > before:
            return
        self.count += 1
        if len(details) == 1:
            yield self._with_detail(whole, details[0])
            return
        parts = self._parts(whole, details) if details else []
        if parts:
            yield from parts
        elif details:
            yield self._with_all(whole, details)
        else:
            yield whole

    def _whole(self, node: Node, where: str) -> ParsedEntry | None:
        amount = self._amount(node.first("Amt"), where)
        direction = self._direction(node.said("CdtDbtInd"), where)
        booked_on = self._day(node.first("BookgDt"), f"{where}/BookgDt")
        value_on = self._day(node.first("ValDt"), f"{where}/ValDt")
        if amount is None or direction is None:
            return None
        reference = cut(node.said("AcctSvcrRef") or node.said("NtryRef"), 100)
        return ParsedEntry(
            statement=self.statement,
            entry=self.count,
            where=where,
            booked_on=booked_on,
            value_on=value_on,
            amount=amount,
            credit_debit=direction,
            is_reversal=node.said("RvslInd") in _YES,
            status=self._status(node),
            booking_text=cut(node.said("AddtlNtryInf")),
            bank_reference=reference,
            bank_code=bank_code_of(node),
            entry_reference=reference,
        )

    def _status(self, node: Node) -> str:
        """Up to version 7 a text, then a code; what a bank writes of its own is not booked.

        A statement holds bookings, should it not say so.
        """
        said = node.said("Sts") or node.said("Sts", "Cd")
        if said is None and node.first("Sts", "Prtry") is None:
            return "PDNG" if self.format is Format.CAMT_052 else "BOOK"
        return said if said in STATUSES else "INFO"

    def _amount(self, node: Node | None, where: str) -> Money | None:
        if node is None or not node.text:
            self.faults.note("missing", where, field="Amt")
            return None
        if node.currency not in KNOWN_CURRENCIES:
            self.faults.note("bad-currency", f"{where}/Amt", text=node.currency)
            return None
        found = rounded_money(node.text, node.currency)
        if found is None or found[0].minor < 0:
            self.faults.note("bad-amount", f"{where}/Amt", text=node.text, currency=node.currency)
            return None
        amount, was_rounded = found
        if was_rounded:
            self.findings.append(rounded(node, f"{where}/Amt", amount))
        return amount

    def _direction(self, said: str | None, where: str) -> str | None:
        if said in _DIRECTIONS:
            return said
        self.faults.note("bad-direction", f"{where}/CdtDbtInd", text=said or "")
        return None

    def _day(self, node: Node | None, where: str) -> date | None:
        said = (node.said("Dt") or node.said("DtTm")) if node is not None else None
        if not said:
            return None
        day = day_of(said)
        if day is None:
            self.faults.note("bad-date", where, text=said)
        return day

    def _parts(self, whole: ParsedEntry, details: Sequence[Detail]) -> list[ParsedEntry]:
        """The batch's transactions, when they all state an amount and add up to it."""
        parts: list[ParsedEntry] = []
        total = 0
        for number, detail in enumerate(details, start=1):
            where = f"line {detail.line}, TxDtls"
            node = detail.amount
            if node is None or node.currency != whole.amount.currency:
                break
            amount = self._amount(node, where)
            direction = detail.direction or whole.credit_debit
            if amount is None or direction not in _DIRECTIONS:
                break
            total += amount.minor if direction == whole.credit_debit else -amount.minor
            part = replace(
                whole,
                part=number,
                where=where,
                amount=amount,
                credit_debit=direction,
                bank_reference=None,
                batch_of=whole.bank_reference or whole.where,
                entry_amount=whole.amount,
                entry_credit_debit=whole.credit_debit,
            )
            parts.append(self._with_detail(part, detail))
        if len(parts) == len(details) and total == whole.amount.minor:
            return parts
        self.findings.append(fault("batch-sum", whole.where, amount=whole.amount))
        return []

    def _with_detail(self, entry: ParsedEntry, detail: Detail) -> ParsedEntry:
        party = self._other_side(entry, detail)
        reference = entry.bank_reference or detail.bank_reference
        return replace(
            entry,
            end_to_end_id=detail.end_to_end_id,
            structured_reference=", ".join(detail.references) or None,
            unstructured=detail.unstructured,
            booking_text=detail.text or entry.booking_text,
            counterparty=party.name,
            counterparty_account=compact_account(party.account),
            bank_reference=reference,
            entry_reference=entry.entry_reference or (reference if entry.part == 0 else None),
            bank_code=detail.bank_code or entry.bank_code,
            return_reason=detail.return_reason,
        )

    def _with_all(self, entry: ParsedEntry, details: Sequence[Detail]) -> ParsedEntry:
        """The booking with what all its transactions say, for a person and for the references:
        a payer or an id only where it is one and the same.
        """
        sides = {self._other_side(entry, each) for each in details}
        ids = {each.end_to_end_id for each in details}
        references = dict.fromkeys(each for detail in details for each in detail.references)
        words = dict.fromkeys(each.unstructured for each in details if each.unstructured)
        party = sides.pop() if len(sides) == 1 else Side(None, None)
        return replace(
            entry,
            end_to_end_id=ids.pop() if len(ids) == 1 else None,
            structured_reference=", ".join(references) or None,
            unstructured=cut(" ".join(words)),
            counterparty=party.name,
            counterparty_account=compact_account(party.account),
        )

    def _other_side(self, entry: ParsedEntry, detail: Detail) -> Side:
        """Who is not the holder of the account.

        The payer of money in, the payee of money out; the parties of a reversal stand as in the
        payment that it reverses. Money out may name a debtor alone, or us as its creditor: a
        direct debit that came back.
        """
        if entry.is_credit != entry.is_reversal:
            return self._unless_ours(detail.debtor)
        return self._unless_ours(detail.creditor) or self._unless_ours(detail.debtor)

    def _unless_ours(self, side: Side) -> Side:
        if side.account is not None and self.account:
            return Side(None, None) if compact_account(side.account) == self.account else side
        ours = side.name is not None and side.name == self.holder
        return Side(None, None) if ours else side

"""Taking in what a file said: a whole file or nothing of it, and twice changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.ids import DebtorId, InvoiceId
from receivables.intake.faults import Fault, Refused, fault
from receivables.intake.matching import (
    address_of,
    is_same_company,
    language_of,
    number_for,
    register_numbers,
)
from receivables.intake.parsed import DueDateSource, FileReport, Format, ParsedInvoice
from receivables.intake.queries import Standing, find_debtor, free_number
from receivables.invoices.actions import NewDocument, NewInvoice, NewLine
from receivables.invoices.tables import Invoice
from receivables.ledger.issuing import issue
from receivables.money import Money
from receivables.parties.actions import NewDebtor, add_contact, identify, register_debtor
from receivables.parties.tables import Supplier

#: What the columns of an invoice hold.
_LONGEST_NUMBER = 80


@dataclass(frozen=True, slots=True)
class TakenInvoice:
    """One invoice of a file that was taken; `is_new` is False when it was on record already."""

    invoice_id: InvoiceId
    debtor_id: DebtorId
    parsed: ParsedInvoice
    is_credit_note: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file's invoices, in its order; `warnings` are for a person to read."""

    invoices: tuple[TakenInvoice, ...]
    warnings: tuple[str, ...]


def take_in(
    session: Session,
    supplier: Supplier,
    report: FileReport,
    content: bytes,
    standing: Standing,
    clock: Clock,
    one_more: Callable[[], None] = lambda: None,
) -> Taken:
    """Put a file's invoices on record and in the ledger, with their debtors. `one_more` is called
    after each; `standing` knows the numbers of the file.

    Raises Refused with every reason, before anything is written.
    """
    if report.faults:
        raise Refused(report.faults)
    known = standing.under(each.number for each in report.invoices)
    faults = [found for each in report.invoices for found in _objections(each, supplier, known)]
    if faults:
        raise Refused(faults)
    document = _document(report, content)
    taken: list[TakenInvoice] = []
    for each in report.invoices:
        if each.number in known:
            taken.append(_known(each, known[each.number]))
        else:
            taken.append(_take_one(session, supplier, each, document, clock))
            standing.wrote(each.number)
        one_more()
    return Taken(tuple(taken), tuple(dict.fromkeys(_warnings(report, supplier))))


def is_credit(parsed: ParsedInvoice) -> bool:
    """Whether it lowers what is owed: a credit note, or an invoice below zero."""
    return parsed.is_credit_note or parsed.payable.minor < 0


def amount_of(parsed: ParsedInvoice) -> Money:
    """What it asks for or credits, as a positive amount."""
    return -parsed.payable if parsed.payable.minor < 0 else parsed.payable


def content_hash(parsed: ParsedInvoice) -> str:
    """SHA-256 over what makes two invoices of one number the same.

    The due date counts where the document states it: what we read from terms in words, or
    assume, may come out better tomorrow, and the same file must then still be the same.
    """
    explicit = parsed.due_date_source is DueDateSource.EXPLICIT
    says = (
        parsed.number,
        is_credit(parsed),
        parsed.issue_date,
        parsed.due_date if explicit else None,
        amount_of(parsed),
        parsed.buyer.name,
    )
    return hashlib.sha256(msgspec.json.encode(says)).hexdigest()


def _objections(
    parsed: ParsedInvoice, supplier: Supplier, known: Mapping[str, Invoice]
) -> list[Fault]:
    where = f"invoice {parsed.number}"
    if len(parsed.number) > _LONGEST_NUMBER:
        length = len(parsed.number)
        return [fault("too-long", where, field="The number", length=length, limit=_LONGEST_NUMBER)]
    if _is_own_purchase(parsed, supplier):
        return [fault("own-purchase", where, name=parsed.buyer.name)]
    standing = known.get(parsed.number)
    if standing is not None and standing.content_hash != content_hash(parsed):
        difference = _difference(parsed, standing)
        return [fault("number-taken", where, number=parsed.number, difference=difference)]
    return []


def _is_own_purchase(parsed: ParsedInvoice, supplier: Supplier) -> bool:
    buys = is_same_company(parsed.buyer.name, supplier.name)
    return buys and not is_same_company(parsed.seller.name, supplier.name)


def _difference(parsed: ParsedInvoice, standing: Invoice) -> str:
    """What tells the two apart, for a person."""
    pairs = (
        (str(standing.total), str(amount_of(parsed))),
        (f"issued on {standing.issued_on}", f"issued on {parsed.issue_date}"),
        (f"due on {standing.due_on}", f"due on {parsed.due_date}"),
    )
    told = [f"{before} there, {now} here" for before, now in pairs if before != now]
    return "; ".join(told) or "its debtor or kind is another"


def _warnings(report: FileReport, supplier: Supplier) -> list[str]:
    """A seller of another name is told and not refused: trade names differ from those on record."""
    return [
        f"the seller is {each.seller.name!r}, not {supplier.name!r}"
        for each in report.invoices
        if each.seller.name and not is_same_company(each.seller.name, supplier.name)
    ]


def _document(report: FileReport, content: bytes) -> NewDocument | None:
    """The file, to be kept with its invoice; a list of many is no document of any one."""
    if report.format in (Format.CSV, Format.XLSX):
        return None
    is_pdf = b"%PDF-" in content[:1024]
    return NewDocument(
        name=report.file.replace("\\", "/").rpartition("/")[2][-200:] or "invoice",
        media_type="application/pdf" if is_pdf else "application/xml",
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _known(parsed: ParsedInvoice, standing: Invoice) -> TakenInvoice:
    is_credit_note = standing.kind == "credit_note"
    return TakenInvoice(standing.id, standing.debtor_id, parsed, is_credit_note, is_new=False)


def _take_one(
    session: Session,
    supplier: Supplier,
    parsed: ParsedInvoice,
    document: NewDocument | None,
    clock: Clock,
) -> TakenInvoice:
    debtor_id = _debtor(session, supplier, parsed, clock)
    stated = parsed.due_date_source is DueDateSource.EXPLICIT
    new = NewInvoice(
        number=parsed.number,
        issued_on=parsed.issue_date,
        due_on=parsed.due_date if stated else max(parsed.due_date, parsed.issue_date),
        total=amount_of(parsed),
        content_hash=content_hash(parsed),
        is_credit_note=is_credit(parsed),
        type_code=parsed.type_code[:3],
        due_date_source=parsed.due_date_source,
        payment_reference=_clipped(parsed.payment_reference, 140),
        account=_clipped(parsed.account, 60),
        preceding_number=_clipped(parsed.preceding_invoice, 80),
        note=parsed.note,
        lines=[
            NewLine(
                position=line.position[:40],
                description=line.description,
                quantity=line.quantity,
                unit=_clipped(line.unit, 20),
                net=line.net,
            )
            for line in parsed.lines
        ],
        document=document,
    )
    invoice_id = issue(session, supplier_id=supplier.id, debtor_id=debtor_id, new=new, clock=clock)
    return TakenInvoice(invoice_id, debtor_id, parsed, is_credit(parsed), is_new=True)


def _clipped(text: str | None, longest: int) -> str | None:
    return text[:longest] if text else None


def _debtor(session: Session, supplier: Supplier, parsed: ParsedInvoice, clock: Clock) -> DebtorId:
    """The debtor the buyer is, registered if need be; what is new about them is added."""
    buyer, email = parsed.buyer, address_of(parsed.buyer)
    found = find_debtor(session, supplier.id, buyer, country=supplier.country)
    if found is None:
        new = NewDebtor(
            number=free_number(session, supplier.id, number_for(buyer)),
            name=buyer.name[:200],
            country=buyer.country or supplier.country,
            language=language_of(buyer),
            street=_clipped(buyer.street, 120),
            postcode=_clipped(buyer.postcode, 16),
            city=_clipped(buyer.city, 80),
            email=email,
            identifiers=register_numbers(buyer),
        )
        return register_debtor(session, supplier_id=supplier.id, new=new, clock=clock)
    identify(session, supplier.id, found.id, found.numbers_to_add)
    if email is not None:
        add_contact(
            session,
            supplier_id=supplier.id,
            debtor_id=found.id,
            email=email,
            name=buyer.name[:120],
            language=None,
            clock=clock,
        )
    return found.id

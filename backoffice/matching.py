"""Bank lines that wait for a person: proposals with their reasons, choosing, undoing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.matching_pages import (
    ChoosePage,
    DebtorFound,
    LineRow,
    MatchingPage,
    Proposal,
    ProposedPart,
    ReturnRow,
    TakenRow,
    WaitingRow,
)
from backoffice.matching_words import clue_words
from backoffice.paging import PAGE_SIZE, Wanted, like, wanted
from backoffice.return_pages import FormError
from backoffice.unapplied import open_to_allocate, read_typed
from receivables.bank import matching, matching_queries
from receivables.bank.books import Books
from receivables.bank.clues import Match
from receivables.bank.errors import EntryTaken, NoSuchMatch, NotEnoughCame
from receivables.bank.matching_tables import BankMatch
from receivables.bank.policies import matching_policy
from receivables.bank.references import printed_account, recognise
from receivables.bank.returning import find_undone
from receivables.bank.rules import matches
from receivables.bank.tables import BankEntry
from receivables.ids import BankEntryId, BankMatchId, DebtorId, InvoiceId, SupplierId
from receivables.ledger.actions import Overpaid
from receivables.ledger.queries import open_items
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.tables import Debtor
from receivables.payments.making_way import make_way
from receivables.web.forms import FormBody, field

log = structlog.get_logger(__name__)

#: How many debtors a search shows, how many returns, and how many that were taken lately.
_FOUND, _RETURNS, _LATELY = 8, 20, 30


@get("/bank/matching", sync_to_thread=True)
def show_matching(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = matching_page(session, asker, asked)
    return asker.page("matching.html", page)


def matching_page(session: Session, asker: Asker, asked: Wanted) -> MatchingPage:
    supplier_id = asker.supplier_id
    entries, total = matching_queries.waiting(
        session, supplier_id, direction="CRDT", most=PAGE_SIZE, skip=asked.skip
    )
    back, _ = matching_queries.waiting(session, supplier_id, direction="DBIT", most=_RETURNS)
    taken = matching_queries.taken(session, supplier_id, most=_LATELY)
    return MatchingPage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        rows=_waiting(session, supplier_id, entries),
        pager=asked.pager(len(entries), total),
        returns=tuple(_return(session, supplier_id, entry) for entry in back),
        taken=_taken(session, supplier_id, taken),
    )


def _waiting(
    session: Session, supplier_id: SupplierId, entries: Sequence[BankEntry]
) -> tuple[WaitingRow, ...]:
    if not entries:
        return ()
    books = matching_queries.books_of(session, supplier_id)
    policy = matching_policy(session, supplier_id)
    found = {entry.id: matches(matching_queries.line_of(entry), books, policy) for entry in entries}
    debtors = {match.debtor_id for several in found.values() for match in several}
    names = parties.debtor_names(session, supplier_id, list(debtors))
    return tuple(
        WaitingRow(
            line=_line(entry),
            proposals=tuple(_proposal(match, entry, books, names) for match in found[entry.id]),
        )
        for entry in entries
    )


def _line(entry: BankEntry) -> LineRow:
    structured = entry.structured_reference or ""
    reference = recognise(structured)
    return LineRow(
        entry_id=entry.id,
        on=entry.booked_on,
        amount=entry.amount,
        name=entry.counterparty or "",
        account=printed_account(entry.counterparty_account or ""),
        reference=reference.printed if reference is not None else structured,
        text=entry.unstructured or "",
    )


def _proposal(
    match: Match, entry: BankEntry, books: Books, names: Mapping[DebtorId, str]
) -> Proposal:
    return Proposal(
        debtor_id=match.debtor_id,
        debtor_name=names[match.debtor_id],
        parts=tuple(
            ProposedPart(
                invoice_id=invoice_id,
                number=books.owed_on(invoice_id).number,
                amount=amount,
                typed=f"{amount.decimal}",
            )
            for invoice_id, amount in match.parts.items()
        ),
        left=match.surplus(entry.amount),
        why=tuple(clue_words(clue) for clue in match.clues),
    )


def _return(session: Session, supplier_id: SupplierId, entry: BankEntry) -> ReturnRow:
    received = matching_queries.receipts_like(session, supplier_id, entry)
    line = matching_queries.line_of(entry)
    undone = find_undone(line, entry.booked_on, received, says_so=True)
    if undone is None:
        return ReturnRow(line=_line(entry), receipt_id=None, came_on=None, debtor_name="")
    receipt = next(one for one in received if one.key == undone.key)
    debtor_id = session.scalar(
        select(BankMatch.debtor_id).where(
            BankMatch.supplier_id == supplier_id, BankMatch.id == undone.key
        )
    )
    assert debtor_id is not None, "a receipt is a debtor's"
    names = parties.debtor_names(session, supplier_id, [debtor_id])
    return ReturnRow(
        line=_line(entry),
        receipt_id=undone.key,
        came_on=receipt.on,
        debtor_name=names[debtor_id],
    )


def _taken(
    session: Session, supplier_id: SupplierId, rows: Sequence[tuple[BankMatch, BankEntry]]
) -> tuple[TakenRow, ...]:
    debtors = [match.debtor_id for match, _ in rows if match.debtor_id is not None]
    names = parties.debtor_names(session, supplier_id, debtors)
    return tuple(
        TakenRow(
            match_id=match.id,
            line=_line(entry),
            kind=match.kind,  # type: ignore[arg-type]  # the table's own three
            debtor_id=match.debtor_id,
            debtor_name=names[match.debtor_id] if match.debtor_id is not None else "",
            by_person=match.by_person,
        )
        for match, entry in rows
    )


@get("/bank/matching/{line_id:uuid}", sync_to_thread=True)
def show_choice(
    line_id: FromPath[UUID], request: Request[Any, Any, Any], asker: NamedDependency[Asker]
) -> Response[str]:
    with asker.reading() as session:
        page = choose_page(
            session, asker, BankEntryId(line_id), wanted(request).q,
            _id(str(request.query_params.get("debtor", ""))), {},
        )  # fmt: skip
    return asker.page("matching_choose.html", page)


def choose_page(
    session: Session,
    asker: Asker,
    entry_id: BankEntryId,
    q: str,
    debtor_id: UUID | None,
    typed: Mapping[InvoiceId, str],
    error: FormError = "",
) -> ChoosePage:
    """Raises NoSuchBankEntry and NoSuchDebtor."""
    supplier_id = asker.supplier_id
    entry = matching.entry_of(session, supplier_id, entry_id)
    chosen = parties.debtor(session, supplier_id, DebtorId(debtor_id)) if debtor_id else None
    items = open_items(session, supplier_id, chosen.id) if chosen else []
    return ChoosePage(
        head=asker.head(session, "payments"),
        line=_line(entry),
        q=q,
        found=_found(session, supplier_id, q) if q else (),
        debtor=DebtorFound(id=chosen.id, name=chosen.name, number=chosen.number)
        if chosen
        else None,
        rows=tuple(
            open_to_allocate(item, typed.get(item.invoice_id, ""))
            for item in items
            if item.outstanding.currency == entry.amount.currency
        ),
        error=error,
    )


def _found(session: Session, supplier_id: SupplierId, q: str) -> tuple[DebtorFound, ...]:
    pattern = like(q)
    rows = session.execute(
        select(Debtor.id, Debtor.name, Debtor.number)
        .where(
            Debtor.supplier_id == supplier_id,
            Debtor.name.ilike(pattern, escape="\\") | Debtor.number.ilike(pattern, escape="\\"),
        )
        .order_by(Debtor.name, Debtor.id)
        .limit(_FOUND)
    )
    return tuple(DebtorFound(id=row.id, name=row.name, number=row.number) for row in rows)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@post("/bank/matching/{line_id:uuid}", sync_to_thread=True)
def take_choice(
    line_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """A proposal that is right, or a choice; open payment pages are closed first."""
    supplier_id, entry = collector.supplier_id, BankEntryId(line_id)
    debtor_id = _id(field(data, "debtor"))
    with collector.reading() as session:
        line = matching.entry_of(session, supplier_id, entry)
        items = open_items(session, supplier_id, DebtorId(debtor_id)) if debtor_id else []
        currency = line.amount.currency
    typed = {item.invoice_id: field(data, f"amount-{item.invoice_id}") for item in items}
    read = {one: read_typed(text, currency) for one, text in typed.items() if text.strip()}
    parts: dict[InvoiceId, Money] = {one: amount for one, amount in read.items() if amount}
    error: FormError = "not_an_amount" if None in read.values() else ""
    if debtor_id is None:
        error = "nothing"
    if not error and debtor_id is not None:
        make_way(collector.runtime, supplier_id, list(parts))
        try:
            with collector.transaction() as session:
                matching.choose(
                    session, supplier_id, entry, debtor_id=DebtorId(debtor_id), parts=parts,
                    clock=collector.runtime.clock,
                )  # fmt: skip
        except (Overpaid, NotEnoughCame):
            error = "too_much"
        else:
            log.info("bank.matched", entry=str(entry), by=str(collector.me.staff_id))
            return collector.back("/bank/matching", "bank_matched")
    with collector.reading() as session:
        page = choose_page(session, collector, entry, "", debtor_id, typed, error)
    return collector.page("matching_choose.html", page, status=422)


@post("/bank/matching/{line_id:uuid}/aside", sync_to_thread=True)
def put_aside(line_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """Not a debtor's payment."""
    with collector.transaction() as session:
        matching.set_aside(
            session, collector.supplier_id, BankEntryId(line_id), clock=collector.runtime.clock
        )
    return collector.back("/bank/matching", "bank_set_aside")


@post("/bank/matching/{line_id:uuid}/return", sync_to_thread=True)
def take_return(
    line_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Redirect:
    """It is that receipt that came back. Raises NoSuchMatch and EntryTaken."""
    receipt_id = _id(field(data, "receipt"))
    if receipt_id is None:
        raise NoSuchMatch("no receipt was named")
    with collector.transaction() as session:
        taken = matching.give_back(
            session, collector.supplier_id, BankEntryId(line_id), BankMatchId(receipt_id),
            by_person=True, clock=collector.runtime.clock,
        )  # fmt: skip
        if not taken:
            raise EntryTaken(str(line_id))
    return collector.back("/bank/matching", "bank_returned")


@post("/bank/matches/{match_id:uuid}/undo", sync_to_thread=True)
def undo_match(match_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """By reversing entries; the line waits again. Raises NoSuchMatch, CameBack, TransferSpent."""
    with collector.transaction() as session:
        matching.undo(
            session, collector.supplier_id, BankMatchId(match_id), clock=collector.runtime.clock
        )
    log.info("bank.undone", match=str(match_id), by=str(collector.me.staff_id))
    return collector.back("/bank/matching", "bank_undone")

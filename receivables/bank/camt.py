"""camt.052, camt.053 and camt.054 of ISO 20022, in any version, read piece by piece.

Source: ISO 20022 message definitions camt.05x.001.01 to .14 (Bank-to-Customer Cash Management);
Swiss Payment Standards, Implementation Guidelines for Cash Management.
"""

from __future__ import annotations

import re
from datetime import date
from typing import BinaryIO, Final, cast

from lxml import etree

from receivables.bank.balancing import Sum
from receivables.bank.camt_details import Detail, account_at, detail_of, party_name
from receivables.bank.camt_entries import EntryReader, rounded
from receivables.bank.camt_nodes import Node, local_name
from receivables.bank.faults import Faults, fault, refuse
from receivables.bank.parsed import (
    NO_CURRENCY,
    Balance,
    Format,
    ParsedStatement,
    Reading,
)
from receivables.bank.parsing import KNOWN_CURRENCIES, compact_account, cut, rounded_money
from receivables.intake.faults import Fault
from receivables.intake.findings import day_of

_FORMATS: Final = {
    "BkToCstmrAcctRpt": Format.CAMT_052,
    "BkToCstmrStmt": Format.CAMT_053,
    "BkToCstmrDbtCdtNtfctn": Format.CAMT_054,
}
_VERSION_IN_NAME: Final = re.compile(r"V\d\d\Z")
_STATEMENTS: Final = frozenset({"Stmt", "Rpt", "Ntfctn"})
_PIECES: Final = ("{*}TxDtls", "{*}Ntry", "{*}Stmt", "{*}Rpt", "{*}Ntfctn")

#: Balances by their codes, the best first: booked, else what the day before closed with.
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_SO_FAR: Final = ("CLBD", "ITBD")

_HEAD: Final = 1 << 16
_BEFORE_ROOT: Final = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)


def recognise(head: bytes) -> Format:
    """Which message a document is, from its beginning.

    Raises Refused when it is none of ours, is broken already, or has a DOCTYPE.
    """
    _refuse_doctype(head)
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, load_dtd=False
    )
    root = ""
    try:
        parser.feed(head)
        for _, element in parser.read_events():
            name = local_name(cast("etree._Element", element).tag)
            root = root or name
            format = _FORMATS.get(_VERSION_IN_NAME.sub("", name))
            if format is not None:
                return format
    except etree.XMLSyntaxError as error:
        if not root:
            raise _broken(error) from None
    raise refuse("other-xml", f"/{root}", root=root or "?")


def _refuse_doctype(head: bytes) -> None:
    head = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe")
    place = 0
    while match := _BEFORE_ROOT.match(head, place):
        place = match.end()
    if head[place : place + 9].upper() == b"<!DOCTYPE":
        raise refuse("xml-doctype", "/")


def read(source: BinaryIO) -> Reading:
    """The entries of a document as they come; then its format and statements.

    Raises Refused with every fault, at the end.
    """
    format = recognise(source.read(_HEAD))
    source.seek(0)
    return (yield from _Document(format).read(source))


class _Document:
    def __init__(self, format: Format) -> None:
        self._format = format
        self._faults = Faults()
        self._statements: list[ParsedStatement] = []
        self._begin()

    def _begin(self) -> None:
        self._sum = Sum()
        self._findings: list[Fault] = []
        self._details: list[Detail] = []
        self._entries: EntryReader | None = None

    def read(self, source: BinaryIO) -> Reading:
        pieces = etree.iterparse(
            source,
            events=("end",),
            tag=_PIECES,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            for _, element in pieces:
                name = local_name(element.tag)
                if name == "TxDtls":
                    self._details.append(detail_of(Node(element)))
                elif name == "Ntry":
                    details, self._details = self._details, []
                    reader = self._reader(element)
                    for entry in reader.read(Node(element, without="TxDtls"), details):
                        if entry.part <= 1:
                            self._sum.add(entry.as_booked())
                        yield entry
                else:
                    self._end(element)
                _forget(element)
        except etree.XMLSyntaxError as error:
            raise _broken(error) from None
        _refuse_internal_subset(pieces.root)
        if not self._statements:
            self._faults.note("missing", "/Document", field="The statement (Stmt, Rpt, Ntfctn)")
        self._faults.refuse_if_any()
        return self._format, self._statements

    def _reader(self, entry: etree._Element) -> EntryReader:
        """The reader for the entries of the statement that `entry` is in, whose account stands
        before them.
        """
        if self._entries is None:
            _refuse_internal_subset(entry)
            above = entry.getparent()
            account = None if above is None else above.find("{*}Acct")
            node = None if account is None else Node(account)
            self._entries = EntryReader(
                format=self._format,
                statement=len(self._statements),
                account=compact_account(account_at(node)) or "",
                holder=party_name(node.first("Ownr")) if node is not None else None,
                currency=self._currency(node),
                faults=self._faults,
                findings=self._findings,
            )
        return self._entries

    def _currency(self, account: Node | None) -> str | None:
        said = account.said("Ccy") if account is not None else None
        if said is None or account is None:
            return None
        if said not in KNOWN_CURRENCIES:
            self._faults.note("bad-currency", f"line {account.line}, Acct/Ccy", text=said)
            return None
        return said

    def _end(self, element: etree._Element) -> None:
        """Put the statement together from what stands around its entries."""
        node = Node(element, without="Ntry")
        where = f"line {node.line}, {local_name(element.tag)}"
        account = compact_account(account_at(node.first("Acct")))
        closing_codes = _SO_FAR if self._format is Format.CAMT_052 else _CLOSING
        opening = self._balance(node, _OPENING)
        closing = self._balance(node, closing_codes)
        currency = (
            self._currency(node.first("Acct"))
            or self._sum.currency
            or next((each.amount.currency for each in (opening, closing) if each), NO_CURRENCY)
        )
        if not account:
            self._findings.append(fault("no-account", where))
        if self._format is Format.CAMT_052:
            self._findings.append(fault("intraday", where))
        for each in (opening, closing):
            if each and each.amount.currency != currency:
                self._findings.append(
                    fault("balance-currency", where, currency=each.amount.currency, own=currency)
                )
        if objection := self._sum.objection(opening, closing, where):
            self._findings.append(objection)
        self._statements.append(
            ParsedStatement(
                format=self._format,
                account=account or "",
                currency=currency,
                number=cut(node.said("ElctrncSeqNb") or node.said("Id"), 60),
                first_on=self._period(node, "FrDtTm", "FrDt") or (opening.on if opening else None),
                last_on=(closing.on if closing else None)
                or self._period(node, "ToDtTm", "ToDt")
                or _day(node.said("CreDtTm")),
                opening=opening,
                closing=closing,
                entry_count=self._sum.count,
                findings=tuple(self._findings),
            )
        )
        self._begin()

    def _period(self, node: Node, *names: str) -> date | None:
        said = (node.said("FrToDt", name) for name in names)
        return next((day for each in said if (day := _day(each))), None)

    def _balance(self, node: Node, codes: tuple[str, ...]) -> Balance | None:
        """The first balance with the best of `codes`; a later one is of a following page."""
        for code in codes:
            for each in node.every("Bal"):
                if (each.said("Tp", "CdOrPrtry", "Cd") or each.said("Tp", "Cd")) == code:
                    return self._balance_in(each)
        return None

    def _balance_in(self, node: Node) -> Balance | None:
        where, stated = f"line {node.line}, Bal", node.first("Amt")
        if stated is None:
            self._faults.note("missing", where, field="Amt")
            return None
        if stated.currency not in KNOWN_CURRENCIES:
            self._faults.note("bad-currency", f"{where}/Amt", text=stated.currency)
            return None
        found = rounded_money(stated.text, stated.currency)
        if found is None:
            self._faults.note(
                "bad-amount", f"{where}/Amt", text=stated.text, currency=stated.currency
            )
            return None
        amount, was_rounded = found
        if was_rounded:
            self._findings.append(rounded(stated, f"{where}/Amt", amount))
        if node.said("CdtDbtInd") == "DBIT":
            amount = -amount
        return Balance(amount, _day(node.said("Dt", "Dt") or node.said("Dt", "DtTm")))


def _day(text: str | None) -> date | None:
    return day_of(text) if text else None


def _forget(element: etree._Element) -> None:
    """Let go of a piece that was read, and of its place, so that memory stays as it is."""
    above = element.getparent()
    element.clear()
    if above is not None:
        above.remove(element)


def _refuse_internal_subset(element: etree._Element | None) -> None:
    """A DOCTYPE behind so many blanks that the beginning did not show it."""
    if element is not None and element.getroottree().docinfo.internalDTD is not None:
        raise refuse("xml-doctype", "/")


def _broken(error: etree.XMLSyntaxError) -> Exception:
    line, _ = error.position
    reason = " ".join((error.msg or "unknown reason").split())
    if "encoding" in reason or "not proper UTF-8" in reason:
        return refuse("bad-text", f"line {line}", encoding="declared (UTF-8 unless it says so)")
    return refuse("xml-broken", f"line {line}", reason=reason)

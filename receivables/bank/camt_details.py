"""What one transaction of a camt entry says: who, how much, and what for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from receivables.bank.camt_nodes import Node
from receivables.bank.parsing import cut


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two parties, as far as it is named."""

    name: str | None
    account: str | None

    def __bool__(self) -> bool:
        return self.name is not None or self.account is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One TxDtls; `amount` is the node that states it, if one does."""

    line: int
    amount: Node | None
    direction: str | None
    end_to_end_id: str | None
    references: tuple[str, ...]
    unstructured: str | None
    text: str | None
    debtor: Side
    creditor: Side
    bank_reference: str | None
    bank_code: str | None
    return_reason: str | None


def account_at(node: Node | None) -> str | None:
    """The account of an Acct, DbtrAcct or CdtrAcct: IBAN, or whatever number there is.

    Version 1 calls another number PrtryAcct, and knows BBAN and UPIC.
    """
    if node is None:
        return None
    for path in (("IBAN",), ("Othr", "Id"), ("PrtryAcct", "Id"), ("BBAN",), ("UPIC",)):
        said = node.said("Id", *path)
        if said:
            return said
    return None


def party_name(node: Node | None) -> str | None:
    """The name of a Dbtr or Cdtr; from version 8 on it stands in Pty, or Agt for a bank."""
    if node is None:
        return None
    for path in (("Nm",), ("Pty", "Nm"), ("Agt", "FinInstnId", "Nm")):
        said = node.said(*path)
        if said:
            return cut(said, 200)
    return None


def detail_of(node: Node) -> Detail:
    """What a TxDtls says."""
    amount = (
        node.first("Amt")
        or node.first("AmtDtls", "TxAmt", "Amt")
        or node.first("AmtDtls", "InstdAmt", "Amt")
    )
    parties = node.first("RltdPties")
    return Detail(
        line=node.line,
        amount=amount,
        direction=node.said("CdtDbtInd"),
        end_to_end_id=cut(node.said("Refs", "EndToEndId"), 140),
        references=tuple(_references(node)),
        unstructured=cut(" ".join(_unstructured(node))),
        text=cut(node.said("AddtlTxInf")),
        debtor=_side(parties, "Dbtr"),
        creditor=_side(parties, "Cdtr"),
        bank_reference=cut(node.said("Refs", "AcctSvcrRef"), 100),
        bank_code=bank_code_of(node),
        return_reason=_return_reason(node),
    )


def _references(node: Node) -> list[str]:
    """The creditor's references, in whatever version; each once, in their order."""
    said = [
        *node.all_said("RmtInf", "Strd", "CdtrRefInf", "Ref"),
        *node.all_said("RmtInf", "Strd", "CdtrRefInf", "CdtrRef"),
    ]
    return list(dict.fromkeys(text for each in said if (text := cut(each, 140))))


def _unstructured(node: Node) -> list[str]:
    """The payer's words, and the numbers of the documents they say they pay."""
    return [
        *node.all_said("RmtInf", "Ustrd"),
        *node.all_said("RmtInf", "Strd", "RfrdDocInf", "Nb"),
        *node.all_said("RmtInf", "Strd", "RfrdDocInf", "RfrdDocNb"),
        *node.all_said("RmtInf", "Strd", "AddtlRmtInf"),
    ]


def _side(parties: Node | None, kind: str) -> Side:
    if parties is None:
        return _NOBODY
    name = party_name(parties.first(kind)) or party_name(parties.first(f"Ultmt{kind}"))
    return Side(name, account_at(parties.first(f"{kind}Acct")))


_NOBODY: Final = Side(None, None)


def bank_code_of(node: Node) -> str | None:
    """The kind of booking: the standard's three codes, or the bank's own."""
    domain = node.first("BkTxCd", "Domn")
    if domain is not None:
        codes = (domain.said("Cd"), domain.said("Fmly", "Cd"), domain.said("Fmly", "SubFmlyCd"))
        if any(codes):
            return cut("/".join(code or "" for code in codes), 60)
    return cut(node.said("BkTxCd", "Prtry", "Cd"), 60)


def _return_reason(node: Node) -> str | None:
    """Why it came back: a code of ISO 20022 before the bank's words."""
    for path in (("Rsn", "Cd"), ("Rsn", "Prtry"), ("RtrRsn", "Cd"), ("AddtlInf",)):
        said = node.said("RtrInf", *path)
        if said:
            return cut(said, 140)
    return None

"""The EPC QR code for SEPA transfers, which banking apps outside of Switzerland read.

Source: European Payments Council, EPC069-12 "Quick response code: guidelines to enable data
capture for the initiation of a SEPA credit transfer", version 002 of the code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from stdnum import iban as ibans

from receivables.bank.references import Reference, ReferenceKind, scor
from receivables.errors import ReceivablesError
from receivables.money import Money

LARGEST = Decimal("999999999.99")
LONGEST_NAME, LONGEST_TEXT = 70, 140
#: Bytes of a code, all lines together.
LONGEST = 331


class NotAnEpcCode(ReceivablesError):
    """A text that no bank would take as an EPC code; `line` counts from one."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EpcCode:
    """What an EPC code says: a creditor reference, or words."""

    name: str
    account: str
    amount: Money
    reference: Reference | None = None
    words: str = ""
    bic: str = ""


def build(code: EpcCode) -> str:
    """The text of the code. Raises NotAnEpcCode for what no bank would take."""
    structured = code.reference is not None and code.reference.kind is ReferenceKind.SCOR
    assert structured or code.reference is None, "only ISO 11649 travels structured"
    lines = [
        "BCD",
        "002",
        "1",  # UTF-8
        "SCT",
        code.bic,
        code.name,
        code.account,
        f"EUR{code.amount.decimal:.2f}",
        "",  # purpose
        code.reference.value if code.reference is not None else "",
        code.words,
    ]
    while not lines[-1]:
        lines.pop()
    text = "\n".join(lines)
    parse(text)
    return text


def parse(text: str) -> EpcCode:
    """What a code says. Raises NotAnEpcCode."""
    lines = text.replace("\r\n", "\n").split("\n")
    lines += [""] * (12 - len(lines))
    if lines[:4] != ["BCD", "002", "1", "SCT"]:
        raise NotAnEpcCode(1, "it does not begin as an EPC code of version 002")
    bic, name, account, amount, _purpose, structured, words = lines[4:11]
    if not 0 < len(name) <= LONGEST_NAME:
        raise NotAnEpcCode(6, f"a name has 1 to {LONGEST_NAME} characters")
    if not ibans.is_valid(account, check_country=False) or " " in account:
        raise NotAnEpcCode(7, f"{account!r} is no IBAN")
    if not re.fullmatch(r"EUR(0|[1-9]\d{0,8})\.\d\d", amount) or not Decimal(amount[3:]):
        raise NotAnEpcCode(8, f"{amount!r} is no amount in euro")
    if structured and words:
        raise NotAnEpcCode(11, "structured and unstructured remittance exclude each other")
    reference = scor(structured) if structured else None
    if structured and (reference is None or reference.value != structured):
        raise NotAnEpcCode(10, f"{structured!r} is no creditor reference")
    if len(words) > LONGEST_TEXT:
        raise NotAnEpcCode(11, f"more than {LONGEST_TEXT} characters")
    if len(text.encode()) > LONGEST:
        raise NotAnEpcCode(1, f"more than {LONGEST} bytes")
    return EpcCode(
        name=name, account=account, amount=Money.parse(amount[3:], "EUR"), reference=reference,
        words=words, bic=bic,
    )  # fmt: skip

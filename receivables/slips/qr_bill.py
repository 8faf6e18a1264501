"""The Swiss QR code: what is written in it, and reading that again.

Source: Swiss Implementation Guidelines QR-bill (SIX), as of version 2.3: structured addresses only
(since 22 November 2025) and the larger set of characters. The text of version 2.4 (in force since
November 2026, said to restrict bills in euro) was not to be had: what it changes is not in here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from stdnum import iban as ibans

from receivables.bank.references import Reference, is_qr_iban, recognise
from receivables.errors import ReceivablesError
from receivables.money import Money

#: Source: guidelines, table 7: amount of at most 12 characters, 0.01 to 999999999.99.
LARGEST = Decimal("999999999.99")
#: Unstructured message and billing information together.
LONGEST_MESSAGE = 140
_CURRENCIES = ("CHF", "EUR")
#: Source: guidelines 2.3, section 4.1.1: Basic Latin, Latin-1 Supplement, Latin Extended-A, and
#: the Romanian letters and the euro sign beside them.
ALLOWED = re.compile("[\x20-\x7e\xa0-\u017f\u0218-\u021b\u20ac]*")


class NotAQrBill(ReceivablesError):
    """A text that no bank would take as a Swiss QR code; `line` counts from one."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A structured address; what is not known is empty, but for name, postcode, town, country."""

    name: str
    street: str = ""
    house_number: str = ""
    postcode: str
    town: str
    country: str

    def lines(self) -> tuple[str, ...]:
        """As it is printed, without the country where that is Switzerland or Liechtenstein."""
        street = f"{self.street} {self.house_number}".strip()
        town = f"{self.postcode} {self.town}"
        if self.country not in ("CH", "LI"):
            town = f"{self.country}-{town}"
        return tuple(line for line in (self.name, street, town) if line)


@dataclass(frozen=True, slots=True, kw_only=True)
class QrBill:
    """What a Swiss QR code says. Without an amount the payer fills it in."""

    account: str
    creditor: Address
    amount: Money | None
    currency: Literal["CHF", "EUR"]
    debtor: Address | None = None
    #: None: no reference.
    reference: Reference | None = None
    message: str = ""
    billing: str = ""
    alternatives: tuple[str, ...] = field(default=())


#: Longest: name, street, house number, postcode, town. Source: guidelines, table 7.
_LONGEST = {"name": 70, "street": 70, "house_number": 16, "postcode": 16, "town": 35}


def build(bill: QrBill) -> str:
    """The text of the code. Raises NotAQrBill for what no bank would take."""
    lines = [
        "SPC",
        "0200",
        "1",
        bill.account,
        *_address_lines(bill.creditor),
        *[""] * 7,  # the ultimate creditor: for future use, always empty
        f"{bill.amount.decimal:.2f}" if bill.amount is not None else "",
        bill.currency,
        *(_address_lines(bill.debtor) if bill.debtor is not None else [""] * 7),
        bill.reference.kind if bill.reference is not None else "NON",
        bill.reference.value if bill.reference is not None else "",
        bill.message,
        "EPD",
    ]
    if bill.billing or bill.alternatives:
        lines += [bill.billing, *bill.alternatives]
    text = "\n".join(lines)
    parse(text)
    return text


def _address_lines(address: Address) -> list[str]:
    return [
        "S",
        address.name,
        address.street,
        address.house_number,
        address.postcode,
        address.town,
        address.country,
    ]


def parse(text: str) -> QrBill:
    """What a code says; `build` makes the same text of it again.

    Raises NotAQrBill, also for the combined addresses that were allowed until November 2025.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) < 31:
        raise NotAQrBill(len(lines), "it ends too early")
    if len(lines) > 34:
        raise NotAQrBill(35, "there is more than two alternative schemes")
    if not ALLOWED.fullmatch("".join(lines)):
        place = next(n for n, line in enumerate(lines, 1) if not ALLOWED.fullmatch(line))
        raise NotAQrBill(place, "it has a character that is not allowed")
    _expect(lines, 1, "SPC")
    _expect(lines, 3, "1")
    if not re.fullmatch(r"02\d\d", lines[1]):
        raise NotAQrBill(2, f"version {lines[1]!r} is unknown")
    creditor = _address(lines, 5)
    if creditor is None:
        raise NotAQrBill(5, "nobody is to be paid")
    if any(lines[11:18]):
        raise NotAQrBill(12, "the ultimate creditor is not in use")
    _expect(lines, 31, "EPD")
    currency = lines[19]
    if currency not in _CURRENCIES:
        raise NotAQrBill(20, f"currency {currency!r}")
    bill = QrBill(
        account=_account(lines[3]),
        creditor=creditor,
        amount=_amount(lines[18], currency),
        currency="CHF" if currency == "CHF" else "EUR",
        debtor=_address(lines, 21),
        reference=_reference(lines),
        message=lines[29],
        billing=lines[31] if len(lines) > 31 else "",
        alternatives=tuple(lines[32:]),
    )
    _check_lengths(bill)
    return bill


def _expect(lines: Sequence[str], place: int, wanted: str) -> None:
    if lines[place - 1] != wanted:
        raise NotAQrBill(place, f"{wanted} is missing")


#: The same few accounts stand on every slip.
@lru_cache(maxsize=1000)
def _account(text: str) -> str:
    if (
        text[:2] not in ("CH", "LI")
        or len(text) != 21
        or not ibans.is_valid(text, check_country=False)
    ):
        raise NotAQrBill(4, f"{text!r} is no Swiss or Liechtenstein IBAN")
    return text


def _amount(text: str, currency: str) -> Money | None:
    if not text:
        return None
    if not re.fullmatch(r"(0|[1-9]\d{0,8})\.\d\d", text) or not 0 < Decimal(text) <= LARGEST:
        raise NotAQrBill(19, f"{text!r} is no amount")
    return Money.parse(text, currency)


def _address(lines: Sequence[str], first: int) -> Address | None:
    kind, name, street, house_number, postcode, town, country = lines[first - 1 : first + 6]
    if not any((kind, name, street, house_number, postcode, town, country)):
        return None
    if kind != "S":
        raise NotAQrBill(first, f"address of kind {kind!r}: only structured ones are taken")
    if not (name and postcode and town and re.fullmatch("[A-Z]{2}", country)):
        raise NotAQrBill(first, "an address needs name, postcode, town and country")
    parts = {
        "name": name,
        "street": street,
        "house_number": house_number,
        "postcode": postcode,
        "town": town,
    }
    for place, (part, value) in enumerate(parts.items(), first + 1):
        if len(value) > _LONGEST[part]:
            raise NotAQrBill(place, f"{part} is longer than {_LONGEST[part]} characters")
    return Address(**parts, country=country)


def _reference(lines: Sequence[str]) -> Reference | None:
    kind, value, is_qr = lines[27], lines[28], is_qr_iban(lines[3])
    if kind == "NON":
        if value or is_qr:
            raise NotAQrBill(28, "a QR-IBAN needs a QR reference" if is_qr else "NON has none")
        return None
    if kind not in ("QRR", "SCOR") or (kind == "QRR") is not is_qr:
        raise NotAQrBill(28, f"reference {kind!r} does not go with this account")
    read = recognise(value)
    if read is None or read != Reference(read.kind, value) or read.kind != kind:
        raise NotAQrBill(29, f"{value!r} is no {kind} reference")
    return read


def _check_lengths(bill: QrBill) -> None:
    if len(bill.message) + len(bill.billing) > LONGEST_MESSAGE:
        raise NotAQrBill(30, f"message and billing exceed {LONGEST_MESSAGE} characters")
    for place, scheme in enumerate(bill.alternatives, 33):
        if len(scheme) > 100:
            raise NotAQrBill(place, "an alternative scheme exceeds 100 characters")

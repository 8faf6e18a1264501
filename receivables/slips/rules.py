"""Which slip an account takes, and what stands on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from stdnum import iban as ibans

from receivables.bank.own_references import reference_of_debtor, reference_of_invoice
from receivables.bank.references import (
    Reference,
    ReferenceKind,
    is_qr_iban,
    printed_iban,
    recognise,
)
from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money
from receivables.slips import epc, qr_bill
from receivables.slips.qr_bill import Address, QrBill


class Scheme(StrEnum):
    SWISS = "swiss"
    """QR-bill: a Swiss or Liechtenstein account, CHF or EUR."""
    EPC = "epc"
    """SEPA credit transfer: any other IBAN, EUR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditor:
    """Who is paid, and where."""

    name: str
    iban: str
    street: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class Payee:
    """What an account takes: a scheme, and the structured references that go with it."""

    scheme: Scheme
    references: ReferenceKind


#: The same few accounts stand on every page, and whether one is sound takes a while.
@lru_cache(maxsize=1000)
def payee_of(iban: str, currency: str) -> Payee | None:
    """None where no slip exists: no valid IBAN, or a currency that no code is made for."""
    compact = iban.replace(" ", "").upper()
    if not ibans.is_valid(compact, check_country=False):
        return None
    if compact[:2] in ("CH", "LI"):
        if currency not in ("CHF", "EUR"):
            return None
        is_qr = is_qr_iban(compact)
        return Payee(Scheme.SWISS, ReferenceKind.QRR if is_qr else ReferenceKind.SCOR)
    if currency != "EUR":
        return None
    # A Belgian bank shows an OGM to its customers as such; elsewhere it is a row of digits.
    return Payee(Scheme.EPC, ReferenceKind.OGM if compact[:2] == "BE" else ReferenceKind.SCOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What the payer is to quote: a structured reference, or words where the invoice asks for
    words. With a reference, `words` go along where there is room.
    """

    reference: Reference | None
    words: str = ""

    @property
    def shown(self) -> str:
        """As people read and type it."""
        return self.reference.printed if self.reference is not None else self.words


def quoted_for_invoice(payee: Payee, invoice_id: InvoiceId, number: str, own: str | None) -> Quoted:
    """The invoice's own reference where the account takes it, else one made from its id.

    A SEPA transfer carries any words, so own words stay what they are: the debtor has them on
    paper already.
    """
    own = " ".join((own or "").split())
    read = recognise(own) if own else None
    if read is not None and (read.kind is payee.references or payee.scheme is Scheme.EPC):
        return Quoted(reference=read, words=number)
    if own and read is None and payee.scheme is Scheme.EPC and len(own) <= epc.LONGEST_TEXT:
        return Quoted(reference=None, words=own)
    made = reference_of_invoice(payee.references, invoice_id)
    return Quoted(reference=made, words=f"{number}, {own}" if own else number)


def quoted_for_account(payee: Payee, debtor_id: DebtorId, words: str) -> Quoted:
    """For several invoices at once: the reference of the debtor's account."""
    return Quoted(reference=reference_of_debtor(payee.references, debtor_id), words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A payment slip: the text of its code, and what of it people read."""

    scheme: Scheme
    payload: str
    creditor: Address
    iban: str
    amount: Money
    quoted: Quoted
    debtor: Address | None

    @property
    def iban_shown(self) -> str:
        return printed_iban(self.iban)


#: The page that shows a slip is followed by its picture.
@lru_cache(maxsize=1000)
def slip(
    creditor: Creditor, amount: Money, quoted: Quoted, debtor: Address | None = None
) -> Slip | None:
    """The slip over what is due now; None where nothing is, or none can be made."""
    payee = payee_of(creditor.iban, amount.currency)
    if payee is None or not 0 < amount.decimal <= qr_bill.LARGEST:
        return None
    account = creditor.iban.replace(" ", "").upper()
    address = _as_address(creditor)
    quoted = replace(quoted, words=_fitted(quoted.words, qr_bill.LONGEST_MESSAGE))
    try:
        if payee.scheme is Scheme.EPC:
            payload = epc.build(_epc_code(address.name, account, amount, quoted))
        else:
            bill = QrBill(
                account=account,
                creditor=address,
                amount=amount,
                currency="CHF" if amount.currency == "CHF" else "EUR",
                debtor=debtor,
                reference=quoted.reference,
                message=quoted.words,
            )
            payload = qr_bill.build(bill)
    except (qr_bill.NotAQrBill, epc.NotAnEpcCode):
        return None
    return Slip(
        scheme=payee.scheme, payload=payload, creditor=address, iban=account, amount=amount,
        quoted=quoted, debtor=debtor,
    )  # fmt: skip


def _epc_code(name: str, account: str, amount: Money, quoted: Quoted) -> epc.EpcCode:
    """An OGM or a QRR travels as words, as its country writes it: only ISO 11649 has a field."""
    reference = quoted.reference
    if reference is not None and reference.kind is not ReferenceKind.SCOR:
        return epc.EpcCode(name=name, account=account, amount=amount, words=reference.printed)
    words = quoted.words if reference is None else ""
    return epc.EpcCode(name=name, account=account, amount=amount, reference=reference, words=words)


@lru_cache(maxsize=1000)  # as with accounts: few are paid
def _as_address(creditor: Creditor) -> Address:
    street, house_number = split_street(creditor.street, creditor.country)
    return Address(
        name=_fitted(creditor.name, 70), street=street, house_number=house_number,
        postcode=_fitted(creditor.postcode, 16), town=_fitted(creditor.city, 35),
        country=creditor.country,
    )  # fmt: skip


def debtor_address(
    name: str, street: str | None, postcode: str | None, city: str | None, country: str
) -> Address | None:
    """The payer's address for a slip; None while it is not known in full."""
    if not (name and postcode and city):
        return None
    first, house_number = split_street(street or "", country)
    return Address(
        name=_fitted(name, 70), street=first, house_number=house_number,
        postcode=_fitted(postcode, 16), town=_fitted(city, 35), country=country,
    )  # fmt: skip


_STREET_THEN_NUMBER = re.compile(r"(\D.*?)[ ,]+(\d{1,5} ?[a-zA-Z]?(?:[-/]\d{1,4} ?[a-zA-Z]?)?)")
#: Where the house number comes last.
_NUMBER_LAST = frozenset({"CH", "LI", "DE", "AT", "BE", "NL", "IT"})


def split_street(line: str, country: str) -> tuple[str, str]:
    """Street and house number. Where it is not clear, all of it is the street: the guidelines
    allow that.
    """
    plain = _fitted(line, 70)
    found = _STREET_THEN_NUMBER.fullmatch(plain) if country in _NUMBER_LAST else None
    return (found[1], found[2]) if found else (plain, "")


def _fitted(text: str, longest: int) -> str:
    """One line of characters that every code may hold, cut where it is too long."""
    plain = " ".join(text.split())
    if not qr_bill.ALLOWED.fullmatch(plain):
        plain = "".join(letter for letter in plain if qr_bill.ALLOWED.fullmatch(letter))
    return plain[:longest].rstrip()

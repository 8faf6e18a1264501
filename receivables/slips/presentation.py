"""Bank details with a payment slip: what a page, a mail or a letter shows of paying by transfer."""

from __future__ import annotations

from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money
from receivables.parties.heads import SupplierCard, TransferDetails
from receivables.parties.presentation import transfer_to
from receivables.parties.tables import Debtor, Supplier
from receivables.slips import rules
from receivables.slips.rules import Creditor, Quoted, Slip


def slip_for_invoice(
    supplier: Supplier | SupplierCard,
    country: str,
    invoice: tuple[InvoiceId, str, str | None],
    amount: Money,
    debtor: Debtor | None = None,
) -> Slip | None:
    """The slip of one invoice (its id, its number, and the reference it asks for itself) over
    what is due of it now. None where nothing is, or where the supplier's account takes no slip.
    """
    payee = rules.payee_of(supplier.iban, amount.currency)
    if payee is None:
        return None
    return _slip(supplier, country, rules.quoted_for_invoice(payee, *invoice), amount, debtor)


def slip_for_account(
    supplier: Supplier | SupplierCard,
    country: str,
    debtor_id: DebtorId,
    words: str,
    amount: Money,
    debtor: Debtor | None = None,
) -> Slip | None:
    """The slip of several invoices, under the reference of the debtor's account."""
    payee = rules.payee_of(supplier.iban, amount.currency)
    if payee is None:
        return None
    quoted = rules.quoted_for_account(payee, debtor_id, words)
    return _slip(supplier, country, quoted, amount, debtor)


def _slip(
    supplier: Supplier | SupplierCard,
    country: str,
    quoted: Quoted,
    amount: Money,
    debtor: Debtor | None,
) -> Slip | None:
    creditor = Creditor(
        name=supplier.name, iban=supplier.iban, street=supplier.street,
        postcode=supplier.postcode, city=supplier.city, country=country,
    )  # fmt: skip
    address = None
    if debtor is not None:
        address = rules.debtor_address(
            debtor.name, debtor.street, debtor.postcode, debtor.city, debtor.country
        )
    return rules.slip(creditor, amount, quoted, address)


def details_of(
    slip: Slip | None,
    supplier: Supplier | SupplierCard,
    *,
    otherwise: str,
    image: str = "",
    letter: str = "",
) -> TransferDetails | None:
    """The slip's numbers as text, with the addresses of its picture and its letter; without a
    slip the plain account, where `otherwise` is to be quoted.
    """
    if slip is None:
        return transfer_to(supplier, otherwise)
    return TransferDetails(
        beneficiary=supplier.name,
        iban=slip.iban_shown,
        reference=slip.quoted.shown,
        amount=slip.amount,
        slip_image=image or None,
        slip_letter=letter or None,
    )

"""How a supplier and a debtor are addressed: heads, bank details, the language of a message."""

from __future__ import annotations

from receivables.i18n import LANGUAGE_OF_COUNTRY, LANGUAGES, locale_for
from receivables.parties.heads import ContactPerson, SupplierCard, SupplierHead, TransferDetails
from receivables.parties.tables import Contact, Debtor, Supplier


def head_of(supplier: Supplier | SupplierCard) -> SupplierHead:
    """The supplier's face in a mail; a page of the portal adds its style sheet."""
    return SupplierHead(
        name=supplier.name,
        initials=initials_of(supplier.name),
        contact=ContactPerson(
            name=supplier.contact_name,
            email=supplier.contact_email,
            phone=supplier.contact_phone or None,
        ),
        imprint=f"{supplier.name}, {supplier.street}, {supplier.postcode} {supplier.city}",
    )


def initials_of(name: str) -> str:
    """Two letters that stand for a name where there is no logo."""
    words = [word for word in name.split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or name[:1].upper()


def transfer_to(supplier: Supplier | SupplierCard, reference: str) -> TransferDetails | None:
    """What to type into a bank's form; None for a supplier without an account."""
    if not supplier.iban:
        return None
    compact = supplier.iban.replace(" ", "")
    grouped = " ".join(compact[place : place + 4] for place in range(0, len(compact), 4))
    return TransferDetails(beneficiary=supplier.name, iban=grouped, reference=reference)


def person_name(contact_name: str, debtor_name: str) -> str:
    """Whom to greet; empty where the contact is the company's mailbox and no person."""
    return "" if contact_name == debtor_name else contact_name


def language_with(supplier: Supplier, debtor: Debtor, contact: Contact | None = None) -> str:
    """The language in which a supplier writes to a debtor, or to one of its people."""
    return language_for(
        contact=contact.language if contact else None,
        debtor=debtor.language,
        country=debtor.country,
        supplier=supplier.language,
    )


def locale_with(supplier: Supplier, debtor: Debtor, contact: Contact | None = None) -> str:
    """That language, with the dates, numbers and money of the debtor's country."""
    return locale_for(language_with(supplier, debtor, contact), debtor.country)


def language_for(*, contact: str | None, debtor: str | None, country: str, supplier: str) -> str:
    """The language to write in: the person's, the customer's, the country's, the supplier's.

    A language we do not speak is passed over; never that of whoever pressed a button.
    """
    for language in (contact, debtor, LANGUAGE_OF_COUNTRY.get(country), supplier):
        if language in LANGUAGES:
            return language
    return "en"

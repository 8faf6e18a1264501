"""Who writes to whom in a printed letter."""

from __future__ import annotations

from babel import Locale

from receivables.letters.rendering import Letterhead
from receivables.parties.tables import Debtor, Supplier


def letterhead(supplier: Supplier, debtor: Debtor, *, attention: str = "") -> Letterhead:
    """The head of a letter to a debtor; `attention` is the person at a company it is for."""
    return Letterhead(
        sender_name=supplier.name,
        sender_country=supplier.country,
        sender_lines=(supplier.street, f"{supplier.postcode} {supplier.city}"),
        imprint=f"{supplier.name}, {supplier.street}, {supplier.postcode} {supplier.city}",
        recipient=_address(supplier, debtor, attention),
        customer_number=debtor.number,
        contact_name=supplier.contact_name,
        contact_phone=supplier.contact_phone,
        contact_email=supplier.contact_email,
    )


def _address(supplier: Supplier, debtor: Debtor, attention: str) -> tuple[str, ...]:
    """Country last, in capitals, and only abroad.

    Source: Swiss Post and Deutsche Post on addressing mail abroad; both take English.
    """
    place = " ".join(part for part in (debtor.postcode, debtor.city) if part)
    country = ""
    if debtor.country != supplier.country:
        names = Locale("en").territories
        country = names.get(debtor.country, debtor.country).upper()
    lines = (debtor.name, attention, debtor.street or "", place, country)
    return tuple(line for line in lines if line)

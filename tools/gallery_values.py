"""What the samples of both faces share: a day, a supplier, amounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from portal.pages import PortalHead
from receivables.money import Money
from receivables.parties.heads import ContactPerson, SupplierHead, TransferDetails

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
#: What stands in a link; nothing opens with it.
OLD_LINK = "8QdL2nq6vXh0c1mJ.Zk3b"
ID = UUID("01932f6e-0000-7000-8000-00000000a001")


def chf(text: str) -> Money:
    return Money.parse(text, "CHF")


def eur(text: str) -> Money:
    return Money.parse(text, "EUR")


SUPPLIER = SupplierHead(
    name="Menuiserie Rochat SA",
    initials="MR",
    contact=ContactPerson(
        name="Claire Favre", email="c.favre@rochat.example", phone="021 555 01 40"
    ),
    imprint="Menuiserie Rochat SA, Rue du Lac 14, 1020 Renens, CHE-114.872.365",
)
LONG_SUPPLIER = replace(
    SUPPLIER,
    name="Donaudampfschifffahrts-Elektrizitäten AG",
    initials="DE",
    imprint="Donaudampfschifffahrts-Elektrizitäten AG, Hauptbetriebswerkbauweg 112, 8005 Zürich",
)
TRANSFER = TransferDetails(
    beneficiary="Menuiserie Rochat SA, 1020 Renens",
    iban="CH93 0076 2011 6238 5295 7",
    bic="POFICHBEXXX",
    reference="RF18 5390 0754 7034",
)
HEAD = PortalHead(supplier=SUPPLIER, debtor_name="Atelier Dubois Sàrl", path="/")
BARE = PortalHead(supplier=SUPPLIER, debtor_name=None, path="/")

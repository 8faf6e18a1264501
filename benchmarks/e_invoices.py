"""E-invoices of one supplier, drawn from a seed: what an accounting system hands over in a month.

Half are UBL and half CII; one in twenty is a credit note for an invoice before it. One debtor in
five invoices, as in the demo's story, few of them buying a great deal and most once or twice, so
that the first invoices register debtors and the later ones find them. One to eight lines each,
6 kB a file on average, with all that EN 16931 asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from string import Template
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.e_invoice_templates import CII, CII_LINE, UBL, UBL_LINE
from receivables.money import Money
from sandbox.story.register_numbers import payment_reference, swiss_uid

CURRENCY: Final = "CHF"
FIRST_DAY: Final = date(2026, 9, 1)
_VAT: Final = Decimal("8.1")
_NAMES: Final = (
    "Dubois Favre Rochat Blanc Martin Keller Meier Steiner Gerber Moser Ferrari Girard Lambert"
    " Brunner Widmer Roth Bachmann Leroy Moreau Vogel"
).split()
_TRADES: Final = (
    "Atelier Boulangerie Cabinet Garage Hôtel Pharmacie Librairie Menuiserie Fiduciaire Peinture"
).split()
_TOWNS: Final = (
    ("1003", "Lausanne"), ("1204", "Genève"), ("3011", "Bern"), ("1950", "Sion"),
    ("2000", "Neuchâtel"),
)  # fmt: skip
_GOODS: Final = (
    "Fenêtre en chêne, deux vantaux", "Pose et étanchéité", "Étagère sur mesure", "Porte palière",
    "Réparation d'un parquet", "Comptoir d'accueil en frêne", "Déplacement", "Vitrage isolant",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Buyer:
    number: str
    name: str
    street: str
    postcode: str
    city: str
    registration: str
    email: str


def e_invoices(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file; the same seed gives the same files."""
    random = Random(seed)  # noqa: S311  (drawn, not secret)
    buyers = [_buyer(random, place) for place in range(max(5, count // 5))]
    weights = [1 / (rank + 3) ** 0.8 for rank in range(len(buyers))]
    issued: list[tuple[str, _Buyer]] = []
    for place in range(count):
        number = f"2026-{place + 1:06d}"
        credited = random.choice(issued) if issued and random.random() < 0.05 else None
        buyer = credited[1] if credited else random.choices(buyers, weights)[0]
        values = _values(random, number, buyer, FIRST_DAY + timedelta(days=place * 30 // count))
        is_ubl = random.random() < 0.5
        write = _ubl if is_ubl else _cii
        yield (
            f"{number}.{'ubl' if is_ubl else 'cii'}.xml",
            write(random, values, credited[0] if credited else None),
        )
        if credited is None:
            issued.append((number, buyer))


def _buyer(random: Random, place: int) -> _Buyer:
    postcode, city = random.choice(_TOWNS)
    name = f"{random.choice(_TRADES)} {random.choice(_NAMES)} {place + 1} Sàrl"
    return _Buyer(
        number=f"K{place + 1:05d}", name=name, street=f"Rue du Lac {random.randrange(1, 90)}",
        postcode=postcode, city=city, registration=swiss_uid(90_000_000 + 3 * place),
        email=f"compta{place + 1}@buyer.example",
    )  # fmt: skip


def _values(random: Random, number: str, buyer: _Buyer, issued_on: date) -> dict[str, str]:
    due_on = issued_on + timedelta(days=random.choice([10, 30, 30, 30, 60]))
    return {
        "number": number,
        "issued_on": issued_on.isoformat(),
        "due_on": due_on.isoformat(),
        "issued_102": f"{issued_on:%Y%m%d}",
        "due_102": f"{due_on:%Y%m%d}",
        "reference": payment_reference("CH", random.randrange(10**8)),
        "buyer_number": buyer.number,
        "buyer": buyer.name,
        "buyer_street": buyer.street,
        "buyer_postcode": buyer.postcode,
        "buyer_city": buyer.city,
        "buyer_registration": buyer.registration,
        "buyer_email": buyer.email,
    }


def _lines(random: Random) -> list[tuple[str, int, Money]]:
    """What was sold, how many, at what price."""
    return [
        (
            random.choice(_GOODS),
            random.randrange(1, 9),
            Money(random.randrange(500, 90_000), CURRENCY),
        )
        for _ in range(random.choice([1, 1, 2, 2, 3, 4, 6, 8]))
    ]


def _ubl(random: Random, values: Mapping[str, str], credited: str | None) -> bytes:
    root = "Invoice" if credited is None else "CreditNote"
    asked = {
        "root": root,
        "type_code": "380" if credited is None else "381",
        "quantity_name": "InvoicedQuantity" if credited is None else "CreditedQuantity",
    }
    due = f"<cbc:DueDate>{values['due_on']}</cbc:DueDate>" if credited is None else ""
    preceding = (
        ""
        if credited is None
        else "<cac:BillingReference><cac:InvoiceDocumentReference>"
        f"<cbc:ID>{credited}</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>"
    )
    return _filled(UBL, UBL_LINE, random, {**values, **asked}, due=due, preceding=preceding)


def _cii(random: Random, values: Mapping[str, str], credited: str | None) -> bytes:
    asked = {"type_code": "380" if credited is None else "381"}
    preceding = (
        ""
        if credited is None
        else "<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>"
        f"{credited}</ram:IssuerAssignedID></ram:InvoiceReferencedDocument>"
    )
    return _filled(CII, CII_LINE, random, {**values, **asked}, preceding=preceding)


def _filled(
    document: Template, line: Template, random: Random, values: Mapping[str, str], **markup: str
) -> bytes:
    """The document with its lines and sums; values are escaped, markup is not."""
    sold = _lines(random)
    safe = {name: escape(value) for name, value in values.items()}
    nets = [Money(price.minor * count, CURRENCY) for _, count, price in sold]
    net = Money.total(nets, CURRENCY)
    tax = Money(int((net.minor * _VAT / 100).quantize(1, ROUND_HALF_UP)), CURRENCY)
    lines = "".join(
        line.substitute(
            safe, position=str(place), description=escape(what), count=str(count),
            price=_amount(price), line_net=_amount(line_net),
        )
        for place, ((what, count, price), line_net) in enumerate(zip(sold, nets, strict=True), 1)
    )  # fmt: skip
    return document.substitute(
        safe, **markup, lines=lines, net=_amount(net), tax=_amount(tax), total=_amount(net + tax)
    ).encode()


def _amount(money: Money) -> str:
    return format(money.decimal, "f")

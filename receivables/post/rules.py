"""What is printed of a letter now, and what the post's own lists look like."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from receivables.ids import InvoiceId
from receivables.ledger.holds import Hold, held_amount, standing
from receivables.money import Money
from receivables.ports import MessageLine
from receivables.spreadsheets import harmless

#: A letter over less is not worth its stamp. The same as dunning's tolerance, in the currency's
#: own units.
TOLERANCE = "2.00"
#: Letters of one batch: more than a folding machine takes in a morning.
MOST_LETTERS = 1000


def asked_for_now(
    lines: Sequence[MessageLine],
    outstanding: Mapping[InvoiceId, Money],
    holds: Iterable[Hold],
    today: date,
) -> tuple[MessageLine, ...]:
    """The lines of a letter as they stand on the day it is printed: never more than was decided,
    and nothing of what was paid, contested or promised meanwhile. Empty when too little is left.
    """
    held = list(standing(holds, today))
    now = []
    for line in lines:
        owed = outstanding.get(line.invoice_id, Money.zero(line.amount.currency))
        mine = [one for one in held if one.invoice_id == line.invoice_id]
        left = min(line.amount, owed - held_amount(owed, mine))
        if left.minor > 0:
            days = (today - line.due_on).days
            now.append(replace(line, amount=left, days_past_due=days))
    if not now:
        return ()
    currency = now[0].amount.currency
    total = Money.total((line.amount for line in now), currency)
    return tuple(now) if total > Money.parse(TOLERANCE, currency) else ()


class Post(StrEnum):
    """Whose list of registered letters."""

    SWISS_POST = "swiss_post"
    BPOST = "bpost"
    LA_POSTE = "la_poste"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One registered letter, as a list names it. `place` is its place in the print batch, which
    finds it again when the post's numbers come back.
    """

    place: int
    reference: str
    name: str
    attention: str
    street: str
    postcode: str
    city: str
    country: str
    tracking: str
    pages: int


@dataclass(frozen=True, slots=True)
class PostList:
    """How a post wants its list: which of our values stands under which heading.

    The headings are our own mapping: each post publishes its columns to contract customers and
    changes them, and each lets a customer map a file's columns once. So what counts is that every
    value a post asks for has a column of its own, in its language and in one encoding.
    """

    columns: tuple[tuple[str, str], ...]
    delimiter: str
    #: What goes under "product"; the sender's contract decides what it is called there.
    product: str


#: Swiss Post, "Letters with barcode" (recorded delivery): addresses as in the address file of its
#: online service "Label for letters with barcode". bpost, "Registered mail": e-MassPost. La Poste,
#: "Lettre recommandée avec avis de réception": the fields of an address by NF Z 10-011 (name,
#: complement, street, postcode and place).
LISTS: Mapping[Post, PostList] = {
    Post.SWISS_POST: PostList(
        (
            ("Referenz", "reference"), ("Produkt", "product"), ("Firma/Name", "name"),
            ("Zusatz", "attention"), ("Strasse", "street"), ("PLZ", "postcode"), ("Ort", "city"),
            ("Land", "country"), ("Sendungsnummer", "tracking"),
        ),
        ";", "RM",
    ),
    Post.BPOST: PostList(
        (
            ("Reference", "reference"), ("Product", "product"), ("Addressee", "name"),
            ("Department", "attention"), ("Street", "street"), ("Postal code", "postcode"),
            ("Municipality", "city"), ("Country", "country"), ("Barcode", "tracking"),
        ),
        ";", "REGISTERED",
    ),
    Post.LA_POSTE: PostList(
        (
            ("Référence client", "reference"), ("Produit", "product"), ("Raison sociale", "name"),
            ("Complément", "attention"), ("Voie", "street"), ("Code postal", "postcode"),
            ("Localité", "city"), ("Pays", "country"), ("Numéro de recommandé", "tracking"),
        ),
        ";", "LRAR",
    ),
}  # fmt: skip


def post_list(letters: Iterable[Registered], post: Post) -> bytes:
    """The list of registered letters for a post: CSV in UTF-8 with a mark of its encoding, since
    spreadsheets of Western Europe otherwise read accents wrongly.
    """
    wanted = LISTS[post]
    written = io.StringIO()
    writer = csv.writer(written, delimiter=wanted.delimiter, lineterminator="\r\n")
    writer.writerow(heading for heading, _ in wanted.columns)
    for letter in letters:
        values = {
            "reference": letter.reference, "product": wanted.product, "name": letter.name,
            "attention": letter.attention, "street": letter.street, "postcode": letter.postcode,
            "city": letter.city, "country": letter.country, "tracking": letter.tracking,
        }  # fmt: skip
        writer.writerow(harmless(values[value]) for _, value in wanted.columns)
    return written.getvalue().encode("utf-8-sig")


def manifest(letters: Iterable[Registered]) -> bytes:
    """What is in a batch, letter by letter in the order of its pages: to check a pile by."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        ("place", "reference", "name", "street", "postcode", "city", "country", "pages", "tracking")
    )
    for one in letters:
        writer.writerow(
            (
                one.place, harmless(one.reference), harmless(one.name), harmless(one.street),
                harmless(one.postcode), harmless(one.city), one.country, one.pages,
                harmless(one.tracking),
            )
        )  # fmt: skip
    return written.getvalue().encode("utf-8-sig")

"""How suppliers and customers are written down before the story gives them a year of business."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sandbox.story.values import HeroKind, StoryStaff


class Manner(Enum):
    """How somebody pays: days after the due date, first and last of the range."""

    PROMPT = (-9, 1)
    USUAL = (-2, 9)
    LATE = (9, 27)
    WORSENING = (-4, 48)
    """From the first to the second in the course of the year."""
    PARTS = (4, 30)
    """In two transfers, the second weeks after the first."""


class Size(Enum):
    """What an invoice comes to, in whole units: least, usual, most."""

    SMALL = (40, 260, 1_400)
    MEDIUM = (380, 1_900, 8_800)
    LARGE = (3_200, 8_200, 36_000)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A customer in one line; `contact` is a person, `mailbox` the part before the domain.

    `open` says what is unpaid today, a letter an invoice: L due later than in a week, S within a
    week, D in the last two days, A four to nine days ago, B up to a month ago, O longer ago.
    """

    name: str
    language: str
    street: str
    postcode: str
    city: str
    contact: str
    mailbox: str
    domain: str
    manner: Manner
    size: Size
    score: int
    open: str = ""
    terms_days: int = 30
    country: str = ""
    currencies: tuple[str, ...] = ()
    has_vat: bool = True
    #: "business" or "consumer".
    kind: str = "business"
    hero: HeroKind | None = None


@dataclass(frozen=True, slots=True)
class HeroInvoice:
    """An open invoice that the story needs: due so many days after the next working day."""

    hero: HeroKind
    due_in_days: int
    amount_minor: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierSketch:
    """A supplier before its year: `works` is what its invoices are for, `prefix` begins them."""

    name: str
    country: str
    zone: str
    language: str
    currency: str
    street: str
    postcode: str
    city: str
    account: str
    contact: tuple[str, str, str]
    accent: str
    least_payment_minor: int
    staff: tuple[StoryStaff, ...]
    prefix: str
    debtor_prefix: str
    works: tuple[str, ...]
    history: int
    customers: tuple[Sketch, ...]
    hero_invoices: tuple[HeroInvoice, ...]


def staff(name: str, email: str, role: str, language: str) -> StoryStaff:
    """Somebody with the password of the demo, which the page of the demo tells."""
    return StoryStaff(name, email, role, language, password="demo-quittance-2026")  # noqa: S106  (told to everybody)

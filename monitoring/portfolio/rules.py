"""What a health check knows of a customer, and what the supplier assumes, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from monitoring.bands import Band
from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.money import Money
from receivables.payers.rules import worst_of

#: A check of so many customers is what we offer to anybody; more are taken all the same.
USUAL_CUSTOMERS = 2_500
#: No file of a supplier's is larger.
MOST_CUSTOMERS = 200_000


class Confidence(StrEnum):
    """How sure we are which company a customer is."""

    EXACT = "exact"
    STRONG = "strong"
    REVIEW = "review"
    """A person has to say."""
    NONE = "none"
    SKIPPED = "skipped"
    """A natural person: nobody is looked up without a reason."""

    @property
    def is_identified(self) -> bool:
        return self in (Confidence.EXACT, Confidence.STRONG)


#: From which certainty on. Source: our own proposal for the health check, exact 0.98, strong
#: 0.90, review 0.75.
FLOORS = (
    (0.98, Confidence.EXACT),
    (0.90, Confidence.STRONG),
    (0.75, Confidence.REVIEW),
)


def confidence_of(certainty: float) -> Confidence:
    return next((one for floor, one in FLOORS if certainty >= floor), Confidence.NONE)


class How(StrEnum):
    """By what a customer was identified."""

    REGISTER = "register"
    VAT = "vat"
    NAME = "name"
    PERSON = "person"
    """Somebody of the supplier's said so."""
    NOTHING = "nothing"


class Status(StrEnum):
    """What a source says of the company itself."""

    UNKNOWN = "unknown"
    ACTIVE = "active"
    INSOLVENT = "insolvent"
    DISSOLVED = "dissolved"

    @property
    def is_over(self) -> bool:
        return self in (Status.INSOLVENT, Status.DISSOLVED)


class Flaw(StrEnum):
    """What is wrong with what the supplier keeps of a customer."""

    NO_NUMBER = "no_number"
    WRONG_NUMBER = "wrong_number"
    """It does not pass the check of its register."""
    NUMBER_OF_ANOTHER = "number_of_another"
    """It is a company's, but one of another name."""
    NO_COUNTRY = "no_country"
    NO_PLACE = "no_place"
    NO_EMAIL = "no_email"
    NO_BALANCE = "no_balance"
    NO_LIMIT = "no_limit"
    NO_TERMS = "no_terms"
    OVERDUE_ABOVE_OPEN = "overdue_above_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which company a customer is; `number` is "" where only a name is known."""

    confidence: Confidence = Confidence.NONE
    certainty: float = 0.0
    how: How = How.NOTHING
    scheme: str = ""
    number: str = ""
    #: Our own debtor, and what it is called; where the customer is one.
    debtor_id: UUID | None = None
    known_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """What the source that spoke last says of a company's solvency."""

    band: Band = Band.NONE
    status: Status = Status.UNKNOWN
    score: int | None = None
    source: str = ""
    as_of_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a customer owes and buys in one currency."""

    open: Money
    overdue: Money
    #: Of what is open: that an insurer answers for.
    insured: Money
    #: Invoiced in twelve months; None where nobody said.
    turnover: Money | None = None

    @property
    def currency(self) -> str:
        return self.open.currency

    @property
    def exposure(self) -> Money:
        """What would be lost at most; a customer in credit is no exposure."""
        return self.open if self.open.minor > 0 else Money.zero(self.open.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One customer as the report takes it."""

    #: Its line in the file, or its turn in the book; from 1.
    place: int
    number: str
    name: str
    country: str = ""
    city: str = ""
    is_person: bool = False
    identity: Identity = field(default_factory=Identity)
    rated: Rated = field(default_factory=Rated)
    payer_class: PayerClass = PayerClass.N
    balances: tuple[Balance, ...] = ()
    limit: Money | None = None
    is_insured: bool = False
    terms_days: int | None = None
    flaws: tuple[Flaw, ...] = ()
    #: How many further customers were merged into this one.
    merged: int = 0

    def balance(self, currency: str) -> Balance | None:
        return next((one for one in self.balances if one.currency == currency), None)

    @property
    def joint(self) -> str:
        """The worse of solvency and behaviour; "" where neither is known."""
        if self.rated.status.is_over:
            return "E"
        return worst_of(self.payer_class, SolvencyClass(self.rated.band.value))

    @property
    def key(self) -> str:
        """By what the same customer is found again in another check."""
        if self.identity.number and self.identity.confidence.is_identified:
            return f"{self.identity.scheme}:{self.identity.number}"
        return f"own:{self.number or self.name.casefold()}"


#: Examples, for a supplier to put its own in their place: of a hundred customers of a class, so
#: many fail within a year.
_PD_PERCENT = {
    Band.A: Decimal("0.3"),
    Band.B: Decimal("0.9"),
    Band.C: Decimal("2.5"),
    Band.D: Decimal(7),
    Band.E: Decimal(20),
    Band.NONE: Decimal(3),
}
#: Our own proposal: terms longer than these are out of line for the class.
_TERMS_DAYS = {Band.C: 30, Band.D: 14, Band.E: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What each kind of cover costs and covers, in percent; the defaults are examples."""

    #: What the supplier's own money costs it a year.
    capital: Decimal = Decimal(8)
    #: Premium on the turnover that is insured, what is paid of a loss, and what looking after the
    #: limit of one customer costs a year, in whole units of the currency.
    premium: Decimal = Decimal("0.25")
    insured_part: Decimal = Decimal(90)
    limit_fee: Decimal = Decimal(35)
    #: Fee on the turnover that is sold, the part that is paid at once, and interest on that.
    factoring_fee: Decimal = Decimal("0.9")
    advance: Decimal = Decimal(85)
    factoring_interest: Decimal = Decimal("5.5")
    #: On the turnover under letters of credit, confirmed.
    letter_fee: Decimal = Decimal("1.4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What the supplier believes of its customers and of itself, in percent."""

    pd: Mapping[Band, Decimal] = field(default_factory=lambda: dict(_PD_PERCENT))
    #: Of a failed customer's debt, so much is lost.
    lgd: Decimal = Decimal(60)
    #: What is left of a hundred of turnover to make good a loss with.
    margin: Decimal = Decimal(12)
    terms_days: Mapping[Band, int] = field(default_factory=lambda: dict(_TERMS_DAYS))
    prices: Prices = field(default_factory=Prices)
    #: Nobody has put their own numbers in yet.
    are_examples: bool = True

    def pd_of(self, rated: Rated) -> Decimal:
        """As a fraction; who has failed already has failed."""
        return Decimal(1) if rated.status.is_over else self.pd[rated.band] / 100


def portion(amount: Money, share: Decimal) -> Money:
    """`share` of an amount, rounded half up to one minor unit."""
    exact = Decimal(amount.minor) * share
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), amount.currency)


def share_of(part: Money, whole: Money) -> Decimal:
    """As a fraction to four digits; 0 of nothing."""
    if not whole:
        return Decimal(0)
    exact = Decimal(part.minor) / Decimal(whole.minor)
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)

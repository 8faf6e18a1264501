"""Which company a customer is: by register number, then VAT number, then name and place.

A number counts only where it passes the check digits of its register; a name is a hint, and from
a certainty of 0.75 to 0.90 a question to a person. Natural persons are not looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from rapidfuzz.fuzz import token_set_ratio

from monitoring.bands import Band
from monitoring.feeds.file import band_of_score
from monitoring.portfolio.company_numbers import company_numbers, vat_number
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.rules import (
    Balance,
    Checked,
    Confidence,
    Flaw,
    How,
    Identity,
    Rated,
    confidence_of,
)
from receivables.credit.rules import PayerClass
from receivables.intake.matching import plain_name
from receivables.money import Money

#: Names with less in common than this are not one company's, whatever the number says: the number
#: of a neighbouring line, or of the parent. Our own figure, from 0 to 100.
_SAME_NAME: Final = 45
_BY_REGISTER, _BY_VAT, _DOUBTFUL = 1.0, 0.98, 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A company we know already: one of the supplier's own debtors."""

    debtor_id: UUID
    name: str
    #: As `company_numbers` writes them.
    numbers: frozenset[str] = frozenset()
    vat: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """Known companies by their numbers."""

    by_number: Mapping[str, Known] = field(default_factory=dict)
    by_vat: Mapping[str, Known] = field(default_factory=dict)

    @classmethod
    def of(cls, companies: Iterable[Known]) -> Register:
        known = list(companies)
        return cls(
            {number: one for one in known for number in one.numbers},
            {one.vat: one for one in known if one.vat},
        )


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the engine found for a name and a place, and how sure it is, from 0 to 1."""

    known: Known
    score: float
    #: The engine would not say so without a person: a name alone proves nothing.
    is_question: bool = False


NOBODY = Register()


def identify(
    customer: Customer, register: Register = NOBODY, named: Named | None = None
) -> Identity:
    """Which company it is, and how sure that is."""
    if customer.is_person:
        return Identity(confidence=Confidence.SKIPPED)
    numbers = company_numbers(customer.register_number, customer.country)
    vat = vat_number(customer.vat, customer.country)
    if numbers:
        return _numbered(customer, numbers[0], How.REGISTER, register)
    if vat:
        inside = company_numbers(vat, customer.country)
        return _numbered(customer, inside[0] if inside else f"VAT {vat}", How.VAT, register)
    if named is not None:
        return _by_name(named)
    return Identity()


def _numbered(customer: Customer, number: str, how: How, register: Register) -> Identity:
    scheme, _, value = number.partition(" ")
    known = register.by_number.get(number) or register.by_vat.get(value)
    certainty = _BY_REGISTER if how is How.REGISTER else _BY_VAT
    found = Identity(
        confidence=Confidence.EXACT, certainty=certainty, how=how, scheme=scheme, number=value
    )
    if known is None:
        return found
    found = replace(found, debtor_id=known.debtor_id, known_as=known.name)
    if is_one_name(customer.shown_name, known.name):
        return found
    return replace(found, confidence=Confidence.REVIEW, certainty=_DOUBTFUL)


def _by_name(named: Named) -> Identity:
    confidence = Confidence.REVIEW if named.is_question else confidence_of(named.score)
    if confidence is Confidence.NONE:
        return Identity(certainty=round(named.score, 3), how=How.NAME)
    scheme, _, value = next(iter(sorted(named.known.numbers)), "").partition(" ")
    return Identity(
        confidence=confidence,
        certainty=round(named.score, 3),
        how=How.NAME,
        scheme=scheme,
        number=value,
        debtor_id=named.known.debtor_id,
        known_as=named.known.name,
    )


def is_one_name(name: str, other: str) -> bool:
    """Whether two names may be one company's, as loosely as a shared number allows."""
    left, right = plain_name(name), plain_name(other)
    if not left or not right:
        return True
    return float(token_set_ratio(left, right)) >= _SAME_NAME


def decided(identity: Identity, *, is_it: bool) -> Identity:
    """After a person said yes or no; a no keeps nothing of the guess."""
    if not is_it:
        return Identity(how=How.PERSON)
    return replace(identity, confidence=Confidence.EXACT, certainty=1.0, how=How.PERSON)


def flaws_of(customer: Customer, identity: Identity) -> tuple[Flaw, ...]:
    """What is missing or wrong in what the supplier keeps; a person needs no register number."""
    has_number = bool(customer.register_number or customer.vat)
    company = not customer.is_person
    valid = company_numbers(customer.register_number, customer.country) or vat_number(
        customer.vat, customer.country
    )
    found = {
        Flaw.NO_NUMBER: company and not has_number,
        Flaw.WRONG_NUMBER: company and has_number and not valid,
        Flaw.NUMBER_OF_ANOTHER: identity.how in (How.REGISTER, How.VAT)
        and identity.confidence is Confidence.REVIEW,
        Flaw.NO_COUNTRY: not customer.country,
        Flaw.NO_PLACE: not (customer.postcode or customer.city),
        Flaw.NO_EMAIL: not customer.email,
        Flaw.NO_BALANCE: customer.balance is None,
        Flaw.NO_LIMIT: customer.limit is None,
        Flaw.NO_TERMS: customer.terms is None,
        Flaw.OVERDUE_ABOVE_OPEN: customer.overdue is not None
        and customer.balance is not None
        and customer.overdue > customer.balance,
    }
    return tuple(flaw for flaw, is_so in found.items() if is_so)


#: What the report calls a class that stood in the file itself.
FILE_SOURCE: Final = "customers_file"


def rated_by_file(customer: Customer, *, as_of_on: date | None = None) -> Rated:
    """A column of classes from A to E, or of scores from 0 to 100 where more is better; anything
    else is no class of ours and left alone.
    """
    text = customer.rating.strip().upper()
    if text in ("A", "B", "C", "D", "E"):
        return Rated(band=Band(text), source=FILE_SOURCE, as_of_on=as_of_on)
    if text.isascii() and text.isdigit() and int(text) <= 100:
        return Rated(
            band=band_of_score(int(text)), score=int(text), source=FILE_SOURCE, as_of_on=as_of_on
        )
    return Rated()


def checked(
    customer: Customer,
    identity: Identity,
    rated: Rated,
    *,
    place: int,
    payer_class: PayerClass = PayerClass.N,
) -> Checked:
    """A line of a file as the report takes it."""
    balance = _balance(customer)
    return Checked(
        place=place,
        number=customer.number,
        name=customer.shown_name,
        country=customer.country,
        city=customer.city,
        is_person=customer.is_person,
        identity=identity,
        rated=rated,
        payer_class=payer_class,
        balances=(balance,) if balance is not None else (),
        limit=customer.limit,
        is_insured=customer.cover is not None and customer.cover.minor > 0,
        terms_days=customer.terms,
        flaws=flaws_of(customer, identity),
    )


def _balance(customer: Customer) -> Balance | None:
    """What the line says of money; None where it says neither balance nor turnover."""
    if customer.balance is None and customer.turnover is None:
        return None
    zero = Money.zero(customer.currency)
    return Balance(
        open=customer.balance or zero,
        overdue=customer.overdue or zero,
        insured=customer.cover or zero,
        turnover=customer.turnover,
    )

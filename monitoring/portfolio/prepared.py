"""Customers as columns of codes, so that millions of pairs can be compared at once.

Each field is brought into a form to compare by, and each distinct value becomes a number; -1 where
a customer has none. Whatever the two sides of a link are, they are prepared together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitoring.portfolio.company_numbers import numbers_of, vat_number
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.names import Name, Rarity, folded, parse_name, without_umlauts

Codes = NDArray[np.int32]

#: Domains at which anybody has an address. Source: the largest providers of our countries.
FREEMAIL: Final = frozenset(
    """gmail.com googlemail.com hotmail.com hotmail.fr hotmail.ch hotmail.de outlook.com outlook.fr
    outlook.de live.com live.fr msn.com yahoo.com yahoo.fr yahoo.de yahoo.it icloud.com me.com
    gmx.de gmx.ch gmx.at gmx.net web.de t-online.de freenet.de aol.com bluewin.ch sunrise.ch
    hispeed.ch orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr skynet.be telenet.be
    proximus.be scarlet.be ziggo.nl kpnmail.nl xs4all.nl planet.nl hetnet.nl home.nl libero.it
    virgilio.it tiscali.it alice.it pec.it legalmail.it protonmail.com proton.me pm.me""".split()
)

_STREET_WORDS: Final = {
    "str": "strasse", "st": "street", "av": "avenue", "ave": "avenue", "bd": "boulevard",
    "blvd": "boulevard", "bld": "boulevard", "pl": "place", "rte": "route", "ch": "chemin",
    "chem": "chemin", "imp": "impasse", "all": "allee", "rd": "road", "ln": "lane", "dr": "drive",
    "sq": "square", "fbg": "faubourg", "fg": "faubourg", "qu": "quai", "cres": "crescent",
    "crt": "court", "ct": "court", "cl": "close", "pk": "park", "chee": "chaussee",
    "chauss": "chaussee", "stwg": "steenweg", "stw": "steenweg", "pza": "piazza", "p": "place",
}  # fmt: skip
_STREET_STOP: Final = frozenset(
    "de du des la le les d l of the van der den zur zum am im an".split()
)
_WORDS: Final = re.compile(r"[a-z]+|\d+")
_HOUSE: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of all customers: the code of each, how often each code is there, its text."""

    codes: Codes
    counts: NDArray[np.int32]
    texts: list[str]

    @classmethod
    def of(cls, values: Iterable[str]) -> Field:
        known: dict[str, int] = {}
        codes = np.fromiter(
            (known.setdefault(value, len(known)) if value else -1 for value in values), np.int32
        )
        counts = np.bincount(codes[codes >= 0], minlength=len(known)).astype(np.int32)
        return cls(codes, counts, list(known))

    def frequency(self) -> NDArray[np.int32]:
        """How often each customer's value is there; 0 where it has none."""
        return (
            np.where(self.codes >= 0, self.counts[self.codes], 0)
            if len(self.counts)
            else (np.zeros(len(self.codes), np.int32))
        )

    @property
    def filled(self) -> int:
        return int((self.codes >= 0).sum())


@dataclass(frozen=True, slots=True)
class Prepared:
    """All customers, field by field. `names` are parsed, `spaced` their words;
    `name` codes them joined, `words` as sorted words, `stem` by their rarest
    word; `numbers` are the register numbers of each.
    """

    customers: Sequence[Customer]
    names: list[Name]
    spaced: list[str]
    rarity: Rarity
    numbers: list[dict[str, str]]
    name: Field
    words: Field
    stem: Field
    form: Field
    street: Field
    house: Field
    postcode: Field
    city: Field
    country: Field
    email: Field
    domain: Field
    phone: Field
    iban: Field
    given_name: Field
    surname: Field
    date_of_birth: Field
    personal_number: Field

    def __len__(self) -> int:
        return len(self.customers)


def prepare(customers: Sequence[Customer]) -> Prepared:
    """The customers, ready to be compared."""
    names = [parse_name(one.name or one.trade_name) for one in customers]
    rarity = Rarity({name.joined: name for name in names if name.tokens}.values())
    streets = [_street(one.street) for one in customers]
    emails = [_email(one.email) for one in customers]
    by: Callable[[Callable[[Customer], str]], Field] = lambda tell: Field.of(map(tell, customers))  # noqa: E731
    return Prepared(
        customers=customers,
        names=names,
        spaced=[" ".join(name.tokens) for name in names],
        rarity=rarity,
        numbers=[_numbers(one) for one in customers],
        name=Field.of(name.joined for name in names),
        words=Field.of(" ".join(sorted(name.tokens)) for name in names),
        stem=Field.of(_stem(name, rarity) for name in names),
        form=Field.of(
            name.form or _form(one.legal_form) for name, one in zip(names, customers, strict=True)
        ),
        street=Field.of(street for street, _house in streets),
        house=Field.of(house for _street, house in streets),
        postcode=by(lambda one: _compact(one.postcode)),
        city=by(lambda one: _city(one.city)),
        country=by(lambda one: one.country),
        email=Field.of(emails),
        domain=Field.of(
            _domain(email, one.website) for email, one in zip(emails, customers, strict=True)
        ),
        phone=by(lambda one: _phone(one.phone)),
        iban=by(lambda one: _compact(one.iban)),
        given_name=by(lambda one: _plain(one.given_name)),
        surname=by(lambda one: _plain(one.surname)),
        date_of_birth=by(lambda one: _day(one.date_of_birth)),
        personal_number=by(lambda one: _compact(one.personal_number)),
    )


def _form(text: str) -> str:
    """The legal form that a column of its own tells."""
    return parse_name(f"x {text}").form if text else ""


def _stem(name: Name, rarity: Rarity) -> str:
    """The word that says most; of several the first."""
    return max(name.tokens, key=rarity) if name.tokens else ""


def _numbers(customer: Customer) -> dict[str, str]:
    """Register -> number. A VAT number of a country where it tells no register is its own."""
    if not customer.register_number and not customer.vat:
        return {}
    # What the register's own column says counts before what a VAT number tells of it.
    country = customer.country
    told = (
        *numbers_of("", customer.vat, country),
        *numbers_of(customer.register_number, "", country),
    )
    found = dict(number.split(" ", 1) for number in told)
    vat = vat_number(customer.vat, customer.country) if customer.vat else ""
    if vat and vat[:2] not in ("FR", "BE", "CH", "IT"):
        found[f"VAT {vat[:2]}"] = vat
    return found


@lru_cache(maxsize=1 << 14)
def _street(text: str) -> tuple[str, str]:
    """The street's words in one form, and the house number."""
    if not text:
        return "", ""
    words = _WORDS.findall(folded(text))
    house = next((word for word in words if word.isdigit()), "")
    kept = []
    for word in words:
        if word.isdigit() or word in _STREET_STOP or len(word) == 1:
            continue
        if word.endswith("str") and len(word) > 3:
            word += "asse"
        kept.append(without_umlauts(_STREET_WORDS.get(word, word)))
    return "".join(kept), house


@lru_cache(maxsize=1 << 14)
def _city(text: str) -> str:
    words = [word for word in _WORDS.findall(folded(text)) if not word.isdigit()]
    if len(words) > 1 and words[-1] in ("cedex", "ch", "d", "f"):
        words.pop()
    return without_umlauts(
        "".join("saint" if word in ("st", "sankt", "sint") else word for word in words)
    )


def _compact(text: str) -> str:
    return "".join(filter(str.isalnum, text)).upper().lstrip("0") if text else ""


@lru_cache(maxsize=1 << 14)
def _plain(text: str) -> str:
    return without_umlauts("".join(filter(str.isalnum, folded(text)))) if text else ""


def _email(text: str) -> str:
    text = text.strip().lower()
    return text if "@" in text else ""


def _domain(email: str, website: str) -> str:
    """The domain of the customer's own; none where anybody has an address at it."""
    domain = email.partition("@")[2]
    if website and (not domain or domain in FREEMAIL):
        domain = re.sub(r"\A(https?://)?(www\.)?", "", website.strip().lower()).partition("/")[0]
    return "" if domain in FREEMAIL else domain


def _phone(text: str) -> str:
    """The last nine digits: what does not depend on how the country is written."""
    digits = "".join(filter(str.isdigit, text))
    return digits[-9:].lstrip("0") if len(digits) >= 6 else ""


def _day(text: str) -> str:
    """Year, month and day as eight digits where they are told apart; else the digits as given."""
    groups = re.findall(r"\d+", text)
    if len(groups) == 3 and len(groups[2]) == 4:
        groups.reverse()
    return "".join(group.zfill(2) for group in groups)

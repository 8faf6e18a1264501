"""Suppliers' customer files with the truth beside them, drawn from a seed.

What is drawn follows what files of real suppliers show, not what the search for duplicates can do;
the shares below are its whole description.

The companies: of Switzerland, France, Germany and Belgium, named after people, trades, places,
letters or nothing that means anything. One company in five bears one of eight thousand popular
names, so that the more companies there are, the more of them share one: of a hundred thousand, one
name in eleven is borne by several. One company in twenty belongs to a group: the same stem with
"Holding" or a country behind it, the same domain, half of them at one address, each with its own
number. One in twenty
shares its house with a stranger (a fiduciary's address), one in fifty its address of mail.

The file: one row in ten is a duplicate, mostly the second row of its company, sometimes the third
or fourth. A row states the register number in 40 % of cases (3 % of them mistyped), the VAT number
in 45 %, mail in 60 %, phone in 60 %, the street in 92 %, the postcode in 95 %.

How a duplicate differs: its legal form is written out, shortened or left out (half), its words in
capitals (a fifth) or without accents (a third), with a typing error (a sixth), in other order or
with a word left out or shortened (a tenth each). 8 % have moved: another street, mostly another
town. 40 % of those with a domain write from another address of it; 20 % have another phone number.
Streets are abbreviated, mistyped, or without their house number.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from tests.support import portfolio_words as vocabulary

COLUMNS: Final = (
    "number", "name", "street", "postcode", "city", "country", "vat", "register_number", "email",
    "phone", "balance", "overdue", "limit", "terms", "turnover", "currency",
)  # fmt: skip

#: Names that are borne by several, if the file is large enough.
_POPULAR: Final = 8_000


@dataclass(frozen=True, slots=True)
class Company:
    """A company as the register knows it."""

    words: tuple[str, ...]
    form: tuple[str, str]
    country: str
    street: str
    house: int
    postcode: str
    city: str
    register_number: str
    vat: str
    domain: str
    mail: str
    phone: str


@dataclass(slots=True)
class Portfolio:
    """Rows of a customers file, and for each the company it is (an index)."""

    rows: list[dict[str, str]] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)

    def as_csv(self) -> bytes:
        sheet = io.StringIO()
        writer = csv.DictWriter(sheet, COLUMNS)
        writer.writeheader()
        writer.writerows(self.rows)
        return sheet.getvalue().encode()

    def pairs(self) -> set[tuple[str, str]]:
        """Numbers of every two rows of one company, the smaller first."""
        rows_of: dict[int, list[str]] = {}
        for row, company in zip(self.rows, self.truth, strict=True):
            rows_of.setdefault(company, []).append(row["number"])
        return {
            (min(one, other), max(one, other))
            for numbers in rows_of.values()
            for at, one in enumerate(numbers)
            for other in numbers[:at]
        }


def make_portfolio(seed: int, rows: int) -> Portfolio:
    """A file of `rows` customers; the same seed and size give the same file."""
    random = Random(seed)
    companies = _companies(random, round(rows * 0.9))
    drawn: list[tuple[int, dict[str, str]]] = [
        (at, _row(random, company)) for at, company in enumerate(companies)
    ]
    while len(drawn) < rows:
        at = random.randrange(len(companies))
        for _ in range(random.choices((1, 2, 3), (80, 15, 5))[0]):
            drawn.append((at, _row(random, _altered(random, companies[at]), messy=True)))
    random.shuffle(drawn)
    portfolio = Portfolio()
    for number, (company, row) in enumerate(drawn[:rows], 10_000):
        portfolio.rows.append({"number": f"K{number}", **row})
        portfolio.truth.append(company)
    return portfolio


# Companies


def _companies(random: Random, count: int) -> list[Company]:
    made: list[Company] = []
    shared = [(one.country, one.words) for one in (_company(random) for _ in range(_POPULAR))]
    used: set[tuple[str, ...]] = set()
    while len(made) < count:
        company = _company(random)
        if company.words in used:
            # Names are shared where it is said below, not because we know so few words.
            company = _company(random, company.country, (_stem(random), *company.words[-2:]))
        used.add(company.words)
        if random.random() < 0.21:
            country, words = shared[int(_POPULAR * random.random() ** 1.3)]
            company = _company(random, country, words)
        if made and random.random() < 0.05:
            house = random.choice(made)
            company = replace(
                company, country=company.country, street=house.street, house=house.house,
                postcode=house.postcode, city=house.city,
            ) if house.country == company.country else company  # fmt: skip
        if made and random.random() < 0.02:
            company = replace(company, mail=random.choice(made).mail)
        made.append(company)
        if random.random() < 0.025:
            made.extend(_sisters(random, company))
    return made[:count]


def _company(random: Random, country: str | None = None, words: tuple[str, ...] = ()) -> Company:
    country = country or random.choices(("CH", "FR", "DE", "BE"), (40, 30, 20, 10))[0]
    postcode, _, city = random.choice(vocabulary.CITIES[country].split(",")).partition(" ")
    words = words or _words(random, country, city)
    suffix = random.choice(("", "", f"-{_ascii(city)}"))
    domain = "-".join(_ascii(word) for word in words[:3]) + f"{suffix}.{country.lower()}"
    register_number, vat = _numbers(random, country)
    return Company(
        words=words,
        form=random.choice(vocabulary.FORMS[country]),
        country=country,
        street=random.choice(vocabulary.STREETS[country].split(",")),
        house=random.randint(1, 140),
        postcode=postcode if random.random() < 0.5 else _near(random, postcode),
        city=city,
        register_number=register_number,
        vat=vat,
        domain="" if random.random() < 0.25 else domain,
        mail=f"{_ascii(words[0])}{random.randint(1, 999)}@{random.choice(vocabulary.FREEMAIL)}",
        phone=_phone(random, country),
    )


def _near(random: Random, postcode: str) -> str:
    return postcode[:-2] + f"{random.randint(0, 99):02}"


def _words(random: Random, country: str, city: str) -> tuple[str, ...]:
    trade = random.choice(vocabulary.TRADES[country].split(","))
    stem = _stem(random)
    surname = random.choice(vocabulary.SURNAMES) if random.random() < 0.6 else stem + random.choice(
        ("mann", "er", "ier", "ens", "ard", "eau"))  # fmt: skip
    kind = random.random()
    if kind < 0.28:
        return (surname, trade)
    if kind < 0.36:
        return (random.choice(("Jean", "Peter", "Marie", "Hans", "Luc", "Anna")), surname, trade)
    if kind < 0.44:
        return (surname, "&", random.choice((*vocabulary.SURNAMES, "Fils", "Söhne", "Partner")))
    if kind < 0.66:
        return (stem, trade)
    if kind < 0.78:
        return (stem,)
    if kind < 0.88:
        return ("".join(random.choices("ABCDEFGHIKLMNOPRSTUVWZ", k=random.randint(2, 4))), trade)
    if kind < 0.94:
        return (trade, city)
    return (random.choice(("Alpha", "Nova", "Delta", "Swiss", "Euro", "Alpen", "Rhône")), trade)


def _stem(random: Random) -> str:
    return "".join(random.choices(vocabulary.SYLLABLES, k=random.randint(2, 4))).capitalize()


def _sisters(random: Random, company: Company) -> Iterator[Company]:
    for word in random.sample(vocabulary.GROUP, random.randint(1, 2)):
        other = _company(random, company.country)
        at_home = random.random() < 0.5
        home = company if at_home else other
        yield replace(
            other, words=(*company.words, word), domain=company.domain, mail=company.mail,
            street=home.street, house=home.house, postcode=home.postcode, city=home.city,
            phone=company.phone if at_home and random.random() < 0.5 else other.phone,
        )  # fmt: skip


def _numbers(random: Random, country: str) -> tuple[str, str]:
    """A register number and a VAT number that pass their checks. Source: the registers' rules."""
    digits = [random.randint(0, 9) for _ in range(8)]
    if country == "FR":
        siren = "".join(map(str, digits)) + str(_luhn(digits))
        return siren, f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"
    if country == "BE":
        body = f"0{random.randint(2000000, 9999999)}"
        number = f"{body}{97 - int(body) % 97:02}"
        return f"{number[:4]}.{number[4:7]}.{number[7:]}", f"BE{number}"
    if country == "CH":
        weights = (5, 4, 3, 2, 7, 6, 5, 4)
        check = 11 - sum(a * b for a, b in zip(digits, weights, strict=True)) % 11
        if check == 10:
            return _numbers(random, country)
        text = "".join(map(str, digits)) + str(check % 11)
        uid = f"CHE-{text[:3]}.{text[3:6]}.{text[6:]}"
        return uid, f"{uid} MWST"
    digits[0] = max(1, digits[0])
    product = 10
    for digit in digits:
        total = (digit + product) % 10 or 10
        product = 2 * total % 11
    court = random.choice(("Köln", "München", "Hamburg", "Stuttgart"))
    vat = "DE" + "".join(map(str, digits)) + str((11 - product) % 10)
    return f"HRB {random.randint(1000, 199999)} {court}", vat


def _luhn(digits: list[int]) -> int:
    total = sum(
        sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit
        for place, digit in enumerate(reversed(digits))
    )
    return -total % 10


def _phone(random: Random, country: str) -> str:
    prefix = {"CH": "+41", "FR": "+33", "DE": "+49", "BE": "+32"}[country]
    area, middle = random.randint(20, 79), random.randint(100, 999)
    return f"{prefix} {area} {middle} {random.randint(10, 99)} {random.randint(10, 99)}"


# Rows


def _row(random: Random, company: Company, *, messy: bool = False) -> dict[str, str]:
    has = lambda chance: random.random() < chance  # noqa: E731 - reads as a sentence
    number = company.register_number if has(0.4) else ""
    if number and has(0.03):
        number = _mistyped(random, number, "0123456789")
    local = random.choice(("info", "info", "kontakt", "buchhaltung", "compta", "office"))
    mail = f"{local}@{company.domain}" if company.domain else company.mail
    house = f" {company.house}" if not messy or has(0.93) else ""
    street = f"{company.street}{house}"
    if company.country == "FR":
        street = f"{house.strip()} {company.street}".strip()
    if messy:
        street = _messy_street(random, street)
    balance = round(random.paretovariate(1.2) * 400, 2)
    return {
        "name": _messy_name(random, company) if messy else _name(company.words, company.form[0]),
        "street": street if has(0.92) else "",
        "postcode": company.postcode if has(0.95) else "",
        "city": company.city if has(0.97) else "",
        "country": company.country,
        "vat": company.vat if has(0.45) else "",
        "register_number": number,
        "email": mail if has(0.6) else "",
        "phone": _messy_phone(random, company.phone) if has(0.6) else "",
        "balance": f"{balance:.2f}",
        "overdue": f"{balance * random.choice((0, 0, 0.3, 1)):.2f}",
        "limit": str(random.choice((0, 1000, 5000, 10000, 50000))),
        "terms": str(random.choice((10, 30, 30, 60))),
        "turnover": f"{balance * random.randint(2, 20):.2f}",
        "currency": "CHF" if company.country == "CH" else "EUR",
    }


def _altered(random: Random, company: Company) -> Company:
    """The company as another clerk heard of it: moved, or with another phone."""
    if random.random() < 0.08:
        there = _company(random, company.country)
        same_town = random.random() < 0.3
        company = replace(
            company, street=there.street, house=there.house,
            postcode=company.postcode if same_town else there.postcode,
            city=company.city if same_town else there.city,
        )  # fmt: skip
    if random.random() < 0.2:
        company = replace(company, phone=_phone(random, company.country))
    if not company.domain and random.random() < 0.3:
        company = replace(
            company, mail=f"{_ascii(company.words[-1])}@{random.choice(vocabulary.FREEMAIL)}"
        )
    return company


def _name(words: tuple[str, ...], form: str) -> str:
    return " ".join((form, *words) if form == "SCI" else (*words, form))


def _messy_name(random: Random, company: Company) -> str:
    words = list(company.words)
    chance = random.random
    if len(words) > 1 and chance() < 0.1:
        random.shuffle(words)
        words = (
            [word for word in words if word != "&"]
            if words[0] == "&" or words[-1] == "&"
            else words
        )
    if len(words) > 1 and chance() < 0.1:
        place = len(words) - 1
        words = words[:place] if chance() < 0.5 else [*words[:place], words[place][:4] + "."]
    form = company.form[0] if chance() < 0.5 else random.choice((company.form[1], ""))
    name = " ".join((*words, form)).strip()
    if chance() < 1 / 6:
        name = _mistyped(random, name, "abcdefghijklmnoprstuvwz")
    if chance() < 1 / 3:
        name = (
            name.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
            if chance() < 0.5
            else name
        )
        name = "".join(
            one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one)
        )
    if chance() < 0.2:
        name = name.upper()
    return name


def _messy_street(random: Random, street: str) -> str:
    if random.random() < 0.3:
        for long, short in vocabulary.SHORT_STREETS:
            street = street.replace(long, short)
    if random.random() < 0.08:
        street = _mistyped(random, street, "abcdefghijklmnoprstuvwz")
    return street.upper() if random.random() < 0.1 else street


def _messy_phone(random: Random, phone: str) -> str:
    kind = random.random()
    if kind < 0.3:
        return "0" + phone.partition(" ")[2]
    return (
        phone.replace(" ", "") if kind < 0.5 else phone.replace("+", "00") if kind < 0.6 else phone
    )


def _mistyped(random: Random, text: str, letters: str) -> str:
    """One letter left out, doubled, swapped with its neighbour or replaced."""
    if len(text) < 4:
        return text
    at = random.randrange(1, len(text) - 1)
    kind = random.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + random.choice(letters) + text[at + 1 :]


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return "".join(one for one in plain if one.isascii() and one.isalnum()) or "x"

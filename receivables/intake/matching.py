"""Who a party of an invoice is, told from what the document says: values in, values out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from receivables.intake.parsed import Identifier, Party

#: Schemes that name a company, the most particular first.
SCHEMES = ("SIRET", "SIREN", "KBO", "UID", "CRN", "VAT", "GLN", "PEPPOL")

#: What the columns of a debtor hold.
_LONGEST_VALUE = 40

_LEGAL_FORMS = re.compile(
    r"\b(sa rl|sa|sarl|sas|sasu|eurl|snc|ag|gmbh|kg|mbh|sprl|srl|bv|bvba|nv|ltd|inc|llc|spa)\b"
)
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+\Z")


def register_numbers(party: Party) -> list[tuple[str, str]]:
    """Every number that names the company, the most particular first, also those that a longer
    one contains: a SIRET begins with the SIREN, a VAT number is made of the register's.
    """
    numbers = dict.fromkeys(
        (each.scheme, each.value)
        for stated in party.identifiers
        for each in (stated, *_contained(stated))
        if each.scheme in SCHEMES and len(each.value) <= _LONGEST_VALUE
    )
    return sorted(numbers, key=lambda pair: SCHEMES.index(pair[0]))


def _contained(stated: Identifier) -> Iterable[Identifier]:
    value = stated.value
    if stated.scheme == "SIRET":
        yield Identifier("SIREN", value[:9])
    elif stated.scheme == "VAT" and value.startswith("FR") and value[4:].isdigit():
        yield Identifier("SIREN", value[4:])
    elif stated.scheme == "VAT" and value.startswith("BE"):
        yield Identifier("KBO", value[2:])
    elif stated.scheme == "VAT" and value.startswith("CHE"):
        yield Identifier("UID", value[:12])


@lru_cache(maxsize=1024)
def plain_name(name: str) -> str:
    """A company's name to compare by: no accents, no case, no punctuation, no legal form."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    letters = "".join(one for one in folded if not unicodedata.combining(one))
    words = re.sub(r"[^a-z0-9]+", " ", letters.replace(".", ""))
    return " ".join(_LEGAL_FORMS.sub(" ", words).split())


def is_same_company(name: str, other: str) -> bool:
    """Whether two names are one company's, as far as names can tell."""
    return bool(plain_name(name)) and plain_name(name) == plain_name(other)


def number_for(party: Party) -> str:
    """The number a new debtor gets: the supplier's own, else the register's, else the name's."""
    own = party.identified("DEBTOR")
    if own:
        return own[:60]
    for scheme, value in register_numbers(party):
        if scheme not in ("GLN", "PEPPOL"):
            return value[:60]
    return plain_name(party.name).replace(" ", "-")[:50].upper() or "DEBTOR"


def address_of(party: Party) -> str | None:
    """Where to write to; None when what is there cannot be an address."""
    email = (party.email or "").strip()
    return email if len(email) <= 254 and _EMAIL.match(email) else None


def language_of(party: Party) -> str | None:
    """ISO 639-1, from `fr`, `fr-CH` or `FR`."""
    language = (party.language or "").strip()[:2].lower()
    return language if len(language) == 2 and language.isascii() and language.isalpha() else None

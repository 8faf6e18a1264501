"""Company numbers of a customers file: named by register, with their check digits tried.

A number is written "SIREN 552100554", "KBO 0403170701", "UID CHE278850327": two customers with
two numbers of one register are two companies. What a VAT number says of the register is used:
a French one holds the SIREN, a Belgian one is the KBO, a Swiss one the UID. Registers without
check digits (the German one, KvK, Companies House ...) count where the form is theirs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import ModuleType
from typing import Final

from stdnum import lei
from stdnum.be import vat as belgian
from stdnum.ch import uid as swiss
from stdnum.es import nif as spanish
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret
from stdnum.gb import vat as british
from stdnum.it import iva as italian

_NO_SIGN: Final = re.compile(r"[^0-9A-Z]+")
_UID: Final = re.compile(r"(CHE?)(\d{9})(MWST|TVA|IVA|HR|RC)?\Z")
_GERMAN: Final = re.compile(r"\b(HRA|HRB|GNR|PR|VR)\s*(\d{1,6})\s*([A-Z]{0,2})\b")
_AUSTRIAN: Final = re.compile(r"(?:FN)?(\d{1,6}[A-Z])\Z")
_VAT: Final = re.compile(
    r"(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|"
    r"XI)[0-9A-Z+*]{7,13}\Z"
)
#: Registers without check digits: country -> name, form.
_FORMS: Final = {
    "NL": ("KVK", re.compile(r"(?:KVK)?(\d{8})\Z")),
    "GB": ("CRN", re.compile(r"((?:[A-Z]{2}|\d\d)\d{6})\Z")),
    "LU": ("RCSL", re.compile(r"(?:RCS)?(?:LUXEMBOURG)?([A-Z]\d{3,7})\Z")),
    "IE": ("CRO", re.compile(r"(\d{5,6})\Z")),
}


def _compact(text: str) -> str:
    return _NO_SIGN.sub("", text.upper())


def _passes(module: ModuleType, number: str) -> bool:
    try:
        module.validate(number)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=1 << 14)
def company_numbers(text: str, country: str = "") -> tuple[str, ...]:
    """The register numbers that a text is, named by register; none where it fails its check.

    `country` (ISO 3166, or "") decides between registers that look alike.
    """
    number = _compact(text)
    if len(number) < 5:
        return ()
    if match := _UID.match(number):
        return (f"UID CHE{match[2]}",) if _passes(swiss, "CHE" + match[2]) else ()
    if number.isdigit():
        return _of_digits(number, country)
    if match := _GERMAN.search(text.upper()):
        court = _court(text.upper().replace(match[0], " "))
        return (f"HR {match[1]}{match[2]}{match[3]} {court}".strip(),)
    if number.startswith("RCS"):
        found = re.search(r"\d{9}", number)
        if found:
            return _of_digits(found[0], "FR")
    if len(number) == 20 and _passes(lei, number):
        return (f"LEI {number}",)
    if country == "AT" and (match := _AUSTRIAN.match(number)):
        return (f"FN {match[1]}",)
    if country in _FORMS and (match := _FORMS[country][1].match(number)):
        return (f"{_FORMS[country][0]} {match[1]}",)
    if country == "ES" and _passes(spanish, number):
        return (f"NIF {number}",)
    return _of_vat(number)


def _court(text: str) -> str:
    """The German court, without which a number of its register says little."""
    words = re.findall(r"[A-ZÄÖÜß]{3,}", text)
    return " ".join(word for word in words if word not in ("AMTSGERICHT", "REGISTERGERICHT"))


def _of_digits(number: str, country: str) -> tuple[str, ...]:
    if country in ("", "FR") and len(number) == 9 and _passes(siren, number):
        return (f"SIREN {number}",)
    if country in ("", "FR") and len(number) == 14 and _passes(siret, number):
        return (f"SIREN {number[:9]}",)
    if country in ("", "BE") and len(number) in (9, 10):
        padded = number.zfill(10)
        if padded[0] in "01" and _passes(belgian, padded):
            return (f"KBO {padded}",)
    if country in ("CH", "LI") and len(number) == 9 and _passes(swiss, "CHE" + number):
        return (f"UID CHE{number}",)
    if country in ("", "IT") and len(number) == 11 and _passes(italian, number):
        return (f"IVA {number}",)
    if country in _FORMS and (match := _FORMS[country][1].match(number)):
        return (f"{_FORMS[country][0]} {match[1]}",)
    return ()


def _of_vat(number: str) -> tuple[str, ...]:
    """The register number inside a VAT number that passes its check."""
    if not _VAT.match(number) or not vat_number(number):
        return ()
    country, rest = number[:2], number[2:]
    if country == "FR":
        return _of_digits(rest[2:], "FR")
    if country == "BE":
        return _of_digits(rest, "BE")
    return (f"IVA {rest}",) if country == "IT" else ()


@lru_cache(maxsize=1 << 14)
def vat_number(text: str, country: str = "") -> str:
    """The VAT number with its country's letters where it passes its check; else ""."""
    number = _compact(text)
    if match := _UID.match(number):
        return f"CHE{match[2]}" if _passes(swiss, "CHE" + match[2]) else ""
    if country and number.isdigit():
        number = country + number
    if not _VAT.match(number):
        return ""
    if number.startswith("GB"):
        return number if _passes(british, number) else ""
    return number if _passes(european, number) else ""


def numbers_of(register_number: str, vat: str, country: str) -> frozenset[str]:
    """Every register number that two columns of a customer tell."""
    found: tuple[str, ...] = ()
    if register_number:
        found = company_numbers(register_number, country)
    if vat:
        found += company_numbers(vat, country)
    return frozenset(found)


def looks_like_vat(value: str) -> bool:
    """Whether a text has the form and the check digits of a VAT number."""
    number = _compact(value)
    return bool(_UID.match(number) or _VAT.match(number)) and bool(vat_number(value))

"""Company numbers and accounts: named by kind where they pass the check of their kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Final

from stdnum import ean, iban
from stdnum.be import vat as belgian
from stdnum.ch import uid as swiss_uid
from stdnum.ch import vat as swiss_vat
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret
from stdnum.gb import vat as british
from stdnum.no import mva as norwegian

from receivables.intake.parsed import Identifier

#: Source: ISO/IEC 6523 ICD list, as maintained in the CEF code list of electronic identifiers.
_SCHEME_OF_ICD: Final = {
    "0002": "SIREN",
    "0009": "SIRET",
    "0088": "GLN",
    "0183": "UID",
    "0208": "KBO",
    "9956": "KBO",
    "9957": "VAT",
    "9925": "VAT",
    "9927": "VAT",
    "9930": "VAT",
    "9944": "VAT",
}


def _checked(module: ModuleType, value: str) -> str | None:
    try:
        return str(module.validate(value))
    except ValidationError:
        return None


def _vat(value: str) -> str | None:
    """A VAT number with its country's letters."""
    compact = "".join(value.upper().split())
    if compact.startswith("CHE"):
        # Many write the bare UID where the suffix MWST, TVA or IVA belongs.
        return _checked(swiss_vat, compact) or _checked(swiss_uid, compact)
    if compact.startswith("GB"):
        number = _checked(british, compact)
        return f"GB{number}" if number else None
    if compact.startswith("NO"):
        number = _checked(norwegian, compact)
        return f"NO{number}" if number else None
    return _checked(european, compact)


#: Eight figures, or letters for the part of the kingdom or the kind of company and the rest.
#: Source: Companies House, company number formats; there are no check digits.
_BRITISH: Final = re.compile(r"[A-Z]{2}\d{6}|\d{8}|[A-Z]\d{7}", re.ASCII)


def british_number(text: str) -> str | None:
    """A British company number as Companies House writes it, with the zeros people leave out."""
    written = re.sub(r"[^A-Z0-9]", "", text.upper())
    if written.isdecimal() and len(written) >= 6:
        written = written.zfill(8)
    return written if _BRITISH.fullmatch(written) else None


_CHECKS: Final[dict[str, Callable[[str], str | None]]] = {
    "SIREN": lambda value: _checked(siren, value),
    "SIRET": lambda value: _checked(siret, value),
    "KBO": lambda value: _checked(belgian, value),
    "UID": lambda value: _checked(swiss_uid, value),
    "CRN": british_number,
    "GLN": lambda value: _checked(ean, value) if len("".join(value.split())) == 13 else None,
    "VAT": _vat,
}

#: What a company number without a scheme is most likely to be, by the party's country.
_NATIONAL: Final = {
    "FR": ("SIREN", "SIRET"),
    "BE": ("KBO",),
    "CH": ("UID",),
    "LI": ("UID",),
    "GB": ("CRN",),
}


@lru_cache(maxsize=4096)
def identifier(value: str, *, scheme: str = "", country: str | None = None) -> Identifier:
    """The identifier `value`, whose `scheme` is a name of ours or an ICD code of ISO 6523.

    Without a scheme the party's `country` decides which kinds are tried. What passes no check is
    kept as OTHER: a wrong number is never a reason to refuse an invoice.
    """
    named = _SCHEME_OF_ICD.get(scheme, scheme)
    candidates = (named,) if named else _NATIONAL.get(country or "", ())
    for candidate in candidates:
        check = _CHECKS.get(candidate)
        normal = check(value) if check else None
        if normal is not None:
            return Identifier(candidate, normal)
    return Identifier(named if named == "DEBTOR" else "OTHER", value)


def electronic_address(value: str, icd: str) -> list[Identifier]:
    """The address of a party in an exchange network, and the company number it is made of."""
    result = [Identifier("PEPPOL", f"{icd}:{value}")]
    number = identifier(value, scheme=icd)
    if number.scheme != "OTHER":
        result.append(number)
    return result


def account(value: str) -> str:
    """An IBAN without spaces; anything else as it was written."""
    try:
        return str(iban.validate(value))
    except ValidationError:
        return value


def is_iban(value: str) -> bool:
    return bool(iban.is_valid(value))

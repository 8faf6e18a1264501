"""Register numbers, brought down to the one that names the company itself.

A publication names a SIREN, our books may hold the SIRET of a branch or a VAT number: all of them
contain the register's own number, and only that is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

#: What a Swiss VAT number ends in, by language: MWST, TVA, IVA, TPV.
_SWISS_VAT_ENDINGS = ("", "MWST", "TVA", "IVA", "TPV")


def register_number(scheme: str, value: str) -> tuple[str, str] | None:
    """The register's own number within an identifier: (SIREN, KBO, UID, CRN ..., value).

    A SIRET begins with the SIREN; a VAT number is made of it (FR), of the enterprise number (BE)
    or of the UID (CH). Other schemes stay what they are; None for what is no such number, and
    for the VAT number of a country whose register numbers otherwise.
    """
    written = re.sub(r"[^A-Z0-9]", "", value.upper())
    match scheme:
        case "SIREN" | "SIRET":
            return _matching(r"(\d{9})(?:\d{5})?", written, "SIREN")
        case "KBO":
            return _belgian(written.removeprefix("BE"))
        case "UID":
            return _matching(r"(?:CHE)?(\d{9})(?:MWST|TVA|IVA|TPV)?", written, "UID", "CHE")
        case "VAT":
            return _of_vat(written)
        case _:
            return (scheme, written) if written else None


def _of_vat(written: str) -> tuple[str, str] | None:
    if written.startswith("CHE"):
        return register_number("UID", written)
    if written.startswith("BE"):
        return _belgian(written.removeprefix("BE"))
    if written.startswith("FR"):
        return _matching(r"FR[A-Z0-9]{2}(\d{9})", written, "SIREN")
    return ("VAT", written) if written else None


def _belgian(digits: str) -> tuple[str, str] | None:
    """Old numbers were written without their leading zero."""
    return _matching(r"([01]\d{9})", digits.zfill(10) if len(digits) == 9 else digits, "KBO")


def _matching(pattern: str, text: str, scheme: str, prefix: str = "") -> tuple[str, str] | None:
    match = re.fullmatch(pattern, text, re.ASCII)
    return (scheme, prefix + match[1]) if match else None


def register_numbers(pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The register numbers within some identifiers."""
    found = (register_number(scheme, value) for scheme, value in pairs)
    return frozenset(one for one in found if one is not None)


def spellings(scheme: str, value: str) -> Iterator[tuple[str, str]]:
    """Every identifier, compact, that contains a register number; SIRETs are `sirets_of`."""
    yield scheme, value
    if scheme == "SIREN":
        # Source: Bulletin officiel des impôts, BOI-TVA-DECLA-20-10-20: key = (12 + 3 × SIREN
        # modulo 97) modulo 97.
        yield "VAT", f"FR{(12 + 3 * (int(value) % 97)) % 97:02d}{value}"
    elif scheme == "KBO":
        yield "VAT", f"BE{value}"
    elif scheme == "UID":
        yield from (("VAT", value + ending) for ending in _SWISS_VAT_ENDINGS)
        yield from (("UID", value + ending) for ending in _SWISS_VAT_ENDINGS[1:])


def sirets_of(siren: str) -> tuple[str, str]:
    """The first and the last SIRET that an establishment of a SIREN can have."""
    return siren + "00000", siren + "99999"

"""The PDF of a collection file: the whole on paper, as far as paper is any use."""

from __future__ import annotations

from receivables.collection.dossier import Dossier
from receivables.letters.rendering import LetterTooLong, render_letter

#: Rows of each table: the first that fits. What is left out stands in the lists of the ZIP, and
#: the page says so.
_ROWS = (250, 120, 60, 25, 10)


def print_file(dossier: Dossier, *, locale: str) -> bytes:
    """Raises LetterTooLong where even a few rows of each table do not fit."""
    for most in _ROWS[:-1]:
        try:
            return _print(dossier, locale, most)
        except LetterTooLong:
            continue
    return _print(dossier, locale, _ROWS[-1])


def _print(dossier: Dossier, locale: str, most: int) -> bytes:
    return render_letter(
        "collection_file",
        head=dossier.head,
        locale=locale,
        zone=dossier.zone,
        written_at=dossier.made_at,
        dossier=dossier,
        most=most,
    )

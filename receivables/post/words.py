"""Our words of a letter, as a beginning for a supplier's own: those of its template."""

from __future__ import annotations

from functools import cache
from html import unescape
from pathlib import Path

from jinja2 import Environment

from receivables.i18n import later, translate
from receivables.rendering import make_environment
from receivables.wording.rules import OwnText

#: Beside the heading "Formal notice", which stands whatever a supplier writes.
_OF_A_NOTICE = "{numbers}, {total}"
_OPENING_OF_A_NOTICE = later("The following invoices are due and unpaid in spite of our reminders.")


def letter_words(level: int, *, formal_notice: bool) -> OwnText:
    """What a letter of this level says around the invoices, in the current reader's words."""
    page = {"level": level}
    if formal_notice:
        subject, opening = _OF_A_NOTICE, translate(_OPENING_OF_A_NOTICE)
    else:
        subject, opening = _said("heading", page), _said("opening", page)
    return OwnText(subject=subject, opening=opening, closing=_said("answers"))


def _said(macro: str, *about: object) -> str:
    words = _environment().get_template("letter_parts.xml").module
    said = " ".join(unescape(str(getattr(words, macro)(*about))).split())
    return said.replace("{", "{{").replace("}", "}}")


@cache
def _environment() -> Environment:
    return make_environment([Path(__file__).parent / "templates"])

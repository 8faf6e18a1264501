"""Our words of a step, as a beginning for a supplier's own."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment

from receivables import i18n
from receivables.i18n import later, translate
from receivables.rendering import mail_environment
from receivables.wording.rules import OwnText

#: The subject of a step; the words around the invoices are those of the templates.
_SUBJECTS = {
    "courtesy": later("{supplier}: {numbers} due soon, {total}"),
    "r1": later("{supplier}: {numbers} still open, {total}"),
    "r2": later("{supplier}: second reminder, {numbers}, {total}"),
    "r3": later("{supplier}: last reminder, {numbers}, {total}"),
    "formal": later("{supplier}: formal notice, {numbers}, {total}"),
}


@cache
def our_words(step: str, language: str) -> OwnText:
    """What our message of a step says to somebody with several invoices."""
    environment = mail_environment()
    with i18n.reading_as(i18n.locale_for(language, "ZZ")):
        return OwnText(
            subject=translate(_SUBJECTS.get(step, _SUBJECTS["r1"])),
            opening=_say(environment, "opening", step),
            closing=_say(environment, "closing", step),
        )


def _say(environment: Environment, macro: str, step: str) -> str:
    words = environment.get_template("reminder/words.txt").module
    said = str(
        getattr(words, macro)({"step": step, "lines": [None, None], "last_reminded_on": None})
    )
    return " ".join(said.split()).replace("{", "{{").replace("}", "}}")

"""Our words of a step by each channel, as a beginning for a supplier's own."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment

from receivables import i18n
from receivables.dunning.composing import words_of
from receivables.dunning.steps import LegalEffect, Step
from receivables.i18n import later, translate
from receivables.ports.channels import Channel
from receivables.post.words import letter_words
from receivables.rendering import mail_environment
from receivables.sms.words import our_text
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
def our_words(step: Step, channel: Channel, language: str) -> OwnText:
    """What our message of a step says to somebody with several invoices."""
    spoken, environment = words_of(step.level), mail_environment()
    with i18n.reading_as(i18n.locale_for(language, "ZZ")):
        if channel is Channel.SMS:
            return OwnText(opening=our_text(step.level, is_due=step.offset_days > 0))
        if channel is Channel.LETTER:
            is_formal = step.legal_effect is LegalEffect.FORMAL_NOTICE
            return letter_words(step.level, formal_notice=is_formal)
        return OwnText(
            subject=translate(_SUBJECTS[spoken]),
            opening=_say(environment, "opening", spoken),
            closing=_say(environment, "closing", spoken),
        )


def _say(environment: Environment, macro: str, step: str) -> str:
    words = environment.get_template("reminder/words.txt").module
    said = str(
        getattr(words, macro)({"step": step, "lines": [None, None], "last_reminded_on": None})
    )
    return " ".join(said.split()).replace("{", "{{").replace("}", "}}")

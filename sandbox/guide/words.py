"""The languages of the page, and which of them a reader gets."""

from __future__ import annotations

from sandbox.guide import words_de, words_en, words_fr

Words = dict[str, str]

#: In the order of the switcher, with the name each gives itself.
LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch"}
WORDS: dict[str, Words] = {
    "en": words_en.WORDS,
    # French keeps its colons and semicolons on the line of the word before.
    "fr": {
        key: text.replace(" :", "\u00a0:").replace(" ;", "\u202f;")
        for key, text in words_fr.WORDS.items()
    },
    "de": words_de.WORDS,
}

#: What dates look like.
LOCALES = {"en": "en_GB", "fr": "fr_CH", "de": "de_CH"}


def language_of(asked: str, accept_language: str) -> str:
    """The language asked for, else the reader's favourite that we have, else English."""
    if asked in LANGUAGES:
        return asked
    wishes = []
    for place, wish in enumerate(accept_language.split(",")[:20]):
        tag, _, weight = wish.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, tag[:2].lower()))
        except ValueError:
            continue
    return next((tag for weight, _, tag in sorted(wishes) if weight < 0 and tag in LANGUAGES), "en")

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message

from receivables import i18n
from receivables.rendering import render_mail
from tests.support.sample_mails import mails

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(scope="module", autouse=True)
def tools() -> Iterator[None]:
    """The tools are scripts: what they import lies beside them."""
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path.remove(str(TOOLS))


@pytest.fixture(scope="module")
def texts(tools: None) -> Any:
    return import_module("texts")


@pytest.fixture(scope="module")
def template(texts: Any) -> Catalog:
    catalog: Catalog = texts.collected()
    return catalog


@pytest.fixture(scope="module", params=["de", "fr", "it", "nl"])
def catalogue(request: pytest.FixtureRequest, texts: Any) -> Catalog:
    catalog: Catalog = texts.read(request.param)
    return catalog


def forms(message: Message) -> list[tuple[str, str]]:
    """What the code says and what the reader reads, for each form of a plural."""
    if isinstance(message.id, tuple):
        assert isinstance(message.string, tuple)
        return list(zip(message.id, message.string, strict=True))
    return [(str(message.id), str(message.string))]


def pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    return [pair for message in catalogue if message.id for pair in forms(message)]


def test_every_language_we_offer_has_a_catalogue(texts: Any) -> None:
    assert set(texts.LANGUAGES) | {"en"} == set(i18n.LANGUAGES)
    assert set(i18n.LANGUAGE_OF_COUNTRY.values()) <= set(i18n.LANGUAGES)


def test_every_text_of_both_faces_is_found(template: Catalog) -> None:
    for text in (
        "Pay %(amount)s",  # the portal
        "Waits for you",  # the backoffice
        "With kind regards",  # mails
        "%(amount)s was paid.",  # Python
        "The file is empty.",  # a table
    ):
        assert text in template


def test_every_text_is_translated_and_none_is_left_over(texts: Any, template: Catalog) -> None:
    assert list(texts.faults(template)) == []


def test_a_missing_or_damaged_translation_is_found(texts: Any) -> None:
    template = Catalog()
    template.add("Pay %(amount)s")
    template.add("Paid")
    template.add(("%(num)s day", "%(num)s days"))
    french = Catalog(locale="fr")
    french.add("Pay %(amount)s", "Payer %(montant)s")
    french.add("Paid", "Payé", flags=["fuzzy"])
    french.add(("%(num)s day", "%(num)s days"), ("%(num)s jour", ""))
    french.add("Old", "Ancien")

    found = list(texts.faults_of(french, template, "fr"))

    assert sorted(found) == [
        "fr: no longer used: 'Old'",
        "fr: not translated: 'Paid'",
        "fr: not translated: ('%(num)s day', '%(num)s days')",
        "fr: other placeholders: 'Pay %(amount)s'",
    ]


def test_the_files_are_as_the_tool_writes_them(
    texts: Any, template: Catalog, tmp_path: Path
) -> None:
    before = {file.name: file.read_bytes() for file in texts.LOCALE.glob("*.po")}
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)

    texts.update(template, tmp_path)

    changed = [name for name, was in before.items() if (tmp_path / name).read_bytes() != was]
    assert changed == []


#: Words that are the same in the other language.
SAME = {
    "de": {
        "%(debtor)s: %(amount)s", "%(debtor)s: %(what)s", "%(source)s: %(what)s.",
        "%(supplier)s: %(title)s", "%(what)s (%(source)s)", "%(words)s:", "Bank", "Details",
        "Format", "Limit", "Monitoring", "Name", "Score", "Scores", "Status: %(status)s", "Team",
        "Text", "Webhook", "Webhooks", "insolvent", "optional",
    },
    "fr": {
        "%(num)s message", "%(num)s messages", "%(num)s page", "%(num)s pages",
        "%(what)s (%(source)s)", "Classes", "Contact", "Date", "Documents", "Format", "Menu",
        "Message", "Messages", "Net", "Note", "Notifications", "Pages", "Plan %(number)s", "Plans",
        "Principal", "Publications", "Score", "Scores", "Secret", "Source", "Sources", "Total",
        "Webhook", "Webhooks", "active", "e-mail", "notification", "scores", "strict", "urgent",
        "version %(version)s",
    },
    "it": {
        "%(debtor)s: %(amount)s", "%(debtor)s: %(what)s", "%(num)s file", "%(source)s: %(what)s.",
        "%(supplier)s: %(title)s", "%(what)s (%(source)s)", "%(words)s:", "E-mail", "File",
        "File: %(path)s", "Menu", "Password", "Scenario", "Team", "Webhook", "e-mail",
    },
    "nl": {
        "%(debtor)s: %(amount)s", "%(debtor)s: %(what)s", "%(source)s: %(what)s.",
        "%(supplier)s: %(title)s", "%(what)s (%(source)s)", "%(words)s:", "Bank", "Credit",
        "Details", "E-mail", "Interest", "Menu", "Plan %(number)s", "Postcode", "Procedure",
        "Scenario", "Score", "Scores", "Status: %(status)s", "Team", "Webhook", "Webhooks",
        "e-mail", "insolvent", "open", "scores",
    },
}  # fmt: skip


def test_what_is_left_in_english_is_left_on_purpose(catalogue: Catalog) -> None:
    language = catalogue.locale.language

    assert {english for english, told in pairs(catalogue) if english == told} == SAME[language]


def test_nothing_begins_ends_or_breaks_with_a_space_too_many(catalogue: Catalog) -> None:
    for english, told in pairs(catalogue):
        assert (told[0].isspace(), told[-1].isspace()) == (
            english[0].isspace(),
            english[-1].isspace(),
        ), told
        assert not re.search(r"\s\s|\n", told), told


def test_a_sentence_ends_as_its_original_does(catalogue: Catalog) -> None:
    for english, told in pairs(catalogue):
        if told == "MwSt.":
            continue
        assert told.endswith(".") == english.endswith("."), told
        assert told.endswith((":", ",", "?")) == english.endswith((":", ",", "?")), told


def test_french_has_its_own_apostrophes_and_spaces(texts: Any) -> None:
    for _english, told in pairs(texts.read("fr")):
        assert "'" not in told, told
        assert not re.search(r"[^\N{NO-BREAK SPACE}]:", told), told
        assert not re.search(r"[^\N{NARROW NO-BREAK SPACE}][;?!](?![rs]\})", told), told


def test_people_are_addressed_politely(texts: Any) -> None:
    assert not [
        told
        for _english, told in pairs(texts.read("fr"))
        if re.search(r"\b(tu|ton|ta|tes|toi)\b", told, re.IGNORECASE)
    ]
    assert not [
        told
        for _english, told in pairs(texts.read("de"))
        if re.search(r"\b(du|dein\w*|dir|dich)\b", told, re.IGNORECASE)
    ]


#: What the debtor must never read in a mail before the legal step: we remind, we do not threaten.
HARSH = re.compile(
    r"Mahnung|Verzug|Schuldner|Inkasso|sofort|mise en demeure|débiteur|impayé|retard|"
    r"contentieux|immédiatement",
    re.IGNORECASE,
)


#: The formal notice, and the reminder that says that it comes next: they name things by the law's
#: words.
LEGAL_STEP = frozenset({"reminder/r3", "reminder/formal"})


@pytest.mark.parametrize(
    "locale", ["fr_CH", "fr_FR", "de_CH", "de_DE", "it_CH", "it_IT", "nl_BE", "nl_NL", "en_GB"]
)
def test_every_mail_reads_well_in_every_language(template: Catalog, locale: str) -> None:
    english = english_stretches(template)
    for name, mail in mails():
        rendered = render_mail(name, locale=locale, mail=mail)
        for part in (rendered.subject, rendered.text, rendered.html):
            assert "%(" not in part
            if locale != "en_GB":
                assert not [words for words in english if words in part], name
            if locale == "de_CH":
                assert "ß" not in part
        if not name.startswith("alert") and name not in LEGAL_STEP:
            assert not HARSH.search(rendered.subject + rendered.text), name
        assert len(rendered.subject) <= 130, rendered.subject


def english_stretches(template: Catalog) -> set[str]:
    """Stretches of three words and more that only an untranslated text can bring in."""
    found: set[str] = set()
    for text in (message.id for message in template if message.id):
        for form in text if isinstance(text, tuple) else (str(text),):
            found.update(
                part.strip(" .,:;?!")
                for part in re.split(r"%\(\w+\)s", form)
                if len(part.split()) >= 3
            )
    return found

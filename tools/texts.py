"""Collect every text a person reads, and keep the catalogues complete.

python tools/texts.py            bring receivables/locale/*.po up to date
python tools/texts.py --check    fail when a text is missing in a language, or is out of date
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from receivables.bank import faults as bank  # noqa: E402  the path is set above
from receivables.intake import faults as intake  # noqa: E402  likewise
from receivables.lifecycle import faults as lifecycle  # noqa: E402  likewise

LOCALE = ROOT / "receivables" / "locale"
LANGUAGES = ("de", "fr", "it", "nl")

METHODS = [("**/templates/**", "jinja2"), ("**.py", "python")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "translate": None,
    "translate_plural": (1, 2),
    "later": None,
}
OPTIONS = {"**/templates/**": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}}
FOLDERS = ("portal", "backoffice", "monitoring", "receivables")

#: The format wants a date; a constant keeps two runs equal.
_WRITTEN_ON = datetime(2026, 11, 22, tzinfo=UTC)

#: Has no words of its own.
_ONLY_A_VALUE = "{remedy}"

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+(?:![rs])?\}")


def collected() -> Catalog:
    """Every text in code and templates."""
    catalog = Catalog(project="Quittance", charset="utf-8", fuzzy=False)
    for folder in FOLDERS:
        found = extract_from_dir(
            ROOT / folder, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",)
        )
        for name, line, message, comments, context in found:
            catalog.add(message, None, [(f"{folder}/{name}", line)], context=context,
                        auto_comments=comments)  # fmt: skip
    own = {"intake": intake.MESSAGES, "bank": bank.MESSAGES, "lifecycle": lifecycle.OWN_MESSAGES}
    for subject, messages in own.items():
        # Tables that extraction cannot see: the face translates their lines when it shows them.
        for code, pair in messages.items():
            for text in pair:
                if text != _ONLY_A_VALUE:
                    catalog.add(text, None, [(f"receivables/{subject}/faults.py:{code}", 0)])
    return catalog


def read(language: str, folder: Path = LOCALE) -> Catalog:
    file = folder / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language, project="Quittance", charset="utf-8")
    with file.open("rb") as source:
        return read_po(source, locale=language)


def update(template: Catalog, folder: Path = LOCALE) -> None:
    """Add what is new, drop what is gone, keep every translation."""
    for language in LANGUAGES:
        catalog = read(language, folder)
        catalog.update(
            template,
            no_fuzzy_matching=True,
            update_header_comment=False,
            update_creation_date=False,
        )
        catalog.obsolete.clear()
        write(catalog, language, folder)


def write(catalog: Catalog, language: str, folder: Path = LOCALE) -> None:
    """The catalogue in its one form: sorted, no places, no dates that change by themselves."""
    catalog.header_comment = f"# Quittance in {Locale(language).english_name}; see tools/texts.py."
    catalog.project, catalog.version = "Quittance", "1"
    catalog.msgid_bugs_address = catalog.last_translator = ""
    catalog.language_team = Locale(language).english_name or language
    catalog.creation_date = catalog.revision_date = _WRITTEN_ON
    catalog.fuzzy = False
    with (folder / f"{language}.po").open("wb") as target:
        write_po(target, catalog, width=100, sort_output=True, no_location=True)


def faults(template: Catalog) -> Iterator[str]:
    """What is missing or wrong in any language, one line each."""
    for language in LANGUAGES:
        yield from faults_of(read(language), template, language)


def faults_of(catalog: Catalog, template: Catalog, language: str) -> Iterator[str]:
    """What one catalogue lacks, has damaged, or has too much."""
    for message in template:
        if not message.id:
            continue
        translated = catalog.get(message.id, message.context)
        if translated is None or not _complete(translated):
            yield f"{language}: not translated: {message.id!r}"
        elif _placeholders(message.id) != _placeholders(translated.string):
            yield f"{language}: other placeholders: {message.id!r}"
    known = {(message.context, message.id) for message in template}
    for message in catalog:
        if message.id and (message.context, message.id) not in known:
            yield f"{language}: no longer used: {message.id!r}"


def _complete(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(strings) and all(strings) and not message.fuzzy


def _placeholders(text: object) -> set[str]:
    parts = text if isinstance(text, (tuple, list)) else (text,)
    return {name for part in parts for name in _PLACEHOLDER.findall(str(part))} - {"%(num)s"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    template = collected()
    if not options.check:
        update(template)
    found = list(faults(template))
    for fault in found:
        print(fault)
    print(f"{len(list(template)) - 1} texts, {len(found)} faults in {', '.join(LANGUAGES)}")
    return 1 if options.check and found else 0


if __name__ == "__main__":
    sys.exit(main())

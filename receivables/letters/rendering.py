"""Letters: a template beside the subject that owns it, one letterhead, one typesetter.

A subject adds a letter as it adds a mail, with one file and one call:

    receivables/plans/templates/agreement/letter.xml

        <letter>
        <h1>{{ _("Instalment plan %(number)s", number=plan.number) }}</h1>
        <p>{{ _("You owe %(amount)s.", amount=plan.total|money) }}</p>
        <table>
        <thead><tr><th>{{ _("Due on") }}</th><th class="amount">{{ _("Amount") }}</th></tr></thead>
        <tbody>{% for part in plan.parts %}
        <tr><td>{{ part.due_on|day }}</td><td class="amount">{{ part.amount|money }}</td></tr>
        {% endfor %}</tbody>
        </table>
        </letter>

    pdf = render_letter("agreement", head=letterhead(supplier, debtor), locale="fr_CH",
                        zone=supplier.zone, written_at=clock.now(), plan=plan)

`receivables.letters.markup.read` lists the elements; `receivables.parties.letterheads` makes the
head. The filters and `_` are those of mails and pages.

What people typed cannot become anything but text: Jinja escapes it, the XML parser reads it back,
and Typst gets it as JSON, whose strings it never evaluates. The typesetter sees this folder alone,
its one page imports nothing, and it prints with the fonts it carries in itself: Libertinus Serif
and, for what that lacks (Arabic), DejaVu Sans Mono, both free (SIL OFL, Bitstream Vera).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst
from jinja2 import Environment

from receivables import i18n
from receivables.clock import local_date
from receivables.errors import ReceivablesError
from receivables.i18n import translate as _
from receivables.letters import markup
from receivables.letters.windows import window_of
from receivables.rendering import make_environment

_HERE = Path(__file__).parent
LETTER, GLYPH = _HERE / "letter.typ", _HERE / "glyph.typ"
#: There is no such folder.
_NO_PACKAGES = _HERE / "packages"
#: To be kept for years, and read by a screen reader.
#: Source: ISO 19005-2 (level A) and ISO 14289-1; both at once is what Typst recommends.
_STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]

#: What a letter may hold, in characters of its data: a receipt for two thousand invoices, which
#: takes a second and 200 MB to set (a page takes 20 ms). Nobody pays or reads more at once.
LARGEST_LETTER = 300_000

#: Stands for a character that none of the fonts has.
NO_GLYPH = "\N{WHITE SQUARE}"
#: Scripts of which the fonts have at least some characters: Latin, Greek, Cyrillic, Hebrew,
#: Arabic, punctuation and signs. All the others they lack.
_SCRIPTS = ((0x20, 0x6FF), (0x1E00, 0x23FF), (0x2500, 0x27BF), (0xFB00, 0xFDFF), (0xFE70, 0xFEFC))
#: What our own texts, dates and amounts contain beyond the letters.
_SIGNS = frozenset("‘’‚“”„–—…€•−\u202f\u200b")


#: A letter as the typesetter gets it: finished values, in its reader's language.
Sheet = dict[str, Any]


class LetterTooLong(ReceivablesError):
    """More than a letter holds; no page is set."""

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size
        super().__init__(f"letter {name} has {size} characters of data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who writes to whom: finished values in nobody's language, made by the subject of parties."""

    sender_name: str
    #: ISO 3166 alpha-2: whose envelopes the address has to fit.
    sender_country: str
    #: Street and place.
    sender_lines: tuple[str, ...]
    #: At the foot of every page, and over the address where the country's windows show it.
    imprint: str
    #: As it stands on an envelope, the name first.
    recipient: tuple[str, ...]
    customer_number: str
    #: Who answers questions; what is empty is left out.
    contact_name: str
    contact_phone: str
    contact_email: str


def render_letter(
    name: str,
    *,
    head: Letterhead,
    locale: str,
    written_at: datetime,
    zone: str = "UTC",
    slip: Mapping[str, Any] | None = None,
    **context: Any,
) -> bytes:
    """The letter `<name>/letter.xml` for one reader, as PDF/A-2a that is accessible (PDF/UA-1).

    Equal arguments give equal bytes; `written_at` is the date on the letter and the file's own.
    Characters that no font has are printed as NO_GLYPH. `slip` is what is set at the foot
    of the last page (`receivables.slips.letters` makes it). Raises LetterTooLong.
    """
    with i18n.reading_as(locale, zone):
        words = _environment().get_template(f"{name}/letter.xml").render(locale=locale, **context)
        return set_letter(name, markup.read(words), head, locale, written_at, zone, slip)


def set_letter(
    name: str,
    blocks: list[markup.Block],
    head: Letterhead,
    locale: str,
    written_at: datetime,
    zone: str,
    slip: Mapping[str, Any] | None = None,
) -> bytes:
    """The pages of a letter that has been read; within `i18n.reading_as`. Raises LetterTooLong."""
    return _set_pages(
        file_of([sheet_for(name, blocks, head, locale, written_at, zone, slip)]), written_at
    )


def prepare_letter(
    name: str,
    *,
    head: Letterhead,
    locale: str,
    written_at: datetime,
    zone: str = "UTC",
    slip: Mapping[str, Any] | None = None,
    **context: Any,
) -> Sheet:
    """The letter `<name>/letter.xml` for one reader, for a pile; as `render_letter`."""
    with i18n.reading_as(locale, zone):
        words = _environment().get_template(f"{name}/letter.xml").render(locale=locale, **context)
        return sheet_for(name, markup.read(words), head, locale, written_at, zone, slip)


def sheet_for(
    name: str,
    blocks: list[markup.Block],
    head: Letterhead,
    locale: str,
    written_at: datetime,
    zone: str,
    slip: Mapping[str, Any] | None,
) -> Sheet:
    """A letter that has been read, as the typesetter gets it; within `i18n.reading_as`."""
    data = _data(head, blocks, locale, i18n.day(local_date(written_at, zone)))
    data["slip"] = slip
    size = len(json.dumps(data, ensure_ascii=False))
    if size > LARGEST_LETTER:
        raise LetterTooLong(name, size)
    return data


def file_of(sheets: Sequence[Sheet], title: str = "") -> dict[str, Any]:
    """Letters in one file; of one alone the file has the title."""
    first = sheets[0]
    return {
        "title": title or first["title"],
        "author": first["head"]["sender"]["name"],
        "description": title or first["description"],
        "letters": list(sheets),
    }


def _data(
    head: Letterhead, blocks: list[markup.Block], locale: str, written_on: str
) -> dict[str, Any]:
    def line(text: str) -> str:
        return markup.breakable(markup.cleaned(text))

    window = window_of(head.sender_country)
    subject = markup.subject_of(blocks)
    details = (
        (_("Date"), written_on),
        (_("Customer number"), head.customer_number),
        (_("Your contact"), head.contact_name),
        (_("Telephone"), head.contact_phone),
        (_("E-mail"), head.contact_email),
    )
    return {
        "title": f"{subject} · {markup.cleaned(head.sender_name)}",
        "subject": subject,
        "description": subject,
        "language": locale[:2],
        "region": locale[3:] or None,
        "window": {
            "side": window.side,
            "field": window.field,
            "folds": window.folds,
            "middle": window.middle,
        },
        "head": {
            "sender": {
                "name": line(head.sender_name),
                "lines": [line(one) for one in head.sender_lines if one],
            },
            "imprint": line(head.imprint),
            "recipient": [line(one) for one in head.recipient if one],
            "details": [[line(label), line(text)] for label, text in details if text],
        },
        "blocks": blocks,
    }


@cache
def _environment() -> Environment:
    """Letters lie beside their subjects: those of receivables, and what monitoring prints."""
    root = _HERE.parent.parent
    return make_environment(
        [
            *sorted(root.glob("receivables/*/templates")),
            *sorted(root.glob("monitoring/*/templates")),
        ]
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _set_pages(data: dict[str, Any], written_at: datetime) -> bytes:
    """The pages as PDF; a second and a third try for characters that the fonts do not have."""
    for prepared in (lambda text: text, printable, plain):
        try:
            return _compiled(LETTER, each_text(data, prepared), written_at)
        except typst.TypstError as error:
            if not is_about_a_character(error):
                raise
    raise AssertionError("Latin letters are always printable")


def compiler(data: Any, file: Path = LETTER) -> typst.Compiler:
    """The typesetter of `data`: it sees this folder and nothing else."""
    return typst.Compiler(
        input=file,
        root=_HERE,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        package_path=_NO_PACKAGES,
        package_cache_path=_NO_PACKAGES,
        sys_inputs={"letter": json.dumps(data, ensure_ascii=False)},
    )


def _compiled(file: Path, data: Any, written_at: datetime) -> bytes:
    pages = compiler(data, file).compile(
        format="pdf",
        pdf_standards=_STANDARDS,
        timestamp=int(written_at.timestamp()),
    )
    assert isinstance(pages, bytes)
    return pages


def is_about_a_character(error: typst.TypstError) -> bool:
    """Whether a letter could not be set because no font has one of its characters."""
    return "could not be displayed" in error.diagnostic or "the codepoint" in error.diagnostic


def each_text(value: Any, change: Any) -> Any:
    """A letter's data with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: each_text(one, change) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [each_text(one, change) for one in value]
    return value


def printable(text: str) -> str:
    """`text` with NO_GLYPH for what no font has."""
    if text.isascii() or max(text) < "\u0180":
        return text
    return "".join(letter if _has_glyph(letter) else NO_GLYPH for letter in text)


def plain(text: str) -> str:
    """Only the letters of Western and Central Europe and what our own words are made of."""
    return "".join(
        letter if ord(letter) < 0x180 or letter in _SIGNS else NO_GLYPH for letter in text
    )


@lru_cache(8192)
def _has_glyph(letter: str) -> bool:
    if ord(letter) < 0x180:
        return True
    if not any(first <= ord(letter) <= last for first, last in _SCRIPTS):
        return False
    try:
        _compiled(GLYPH, letter, datetime.fromtimestamp(0).astimezone())
    except typst.TypstError:
        return False
    return True

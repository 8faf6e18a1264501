"""Printable letters: what is on the page, whatever people are called."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import escape
from pypdf import PdfReader

from receivables import i18n
from receivables.letters import markup, rendering
from receivables.letters.rendering import LARGEST_LETTER, NO_GLYPH, Letterhead, LetterTooLong
from receivables.letters.windows import window_of
from tests.support.letters import text_of

WRITTEN_AT = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
MM = 72 / 25.4


def head(name: str = "Ateliers Dubois SA", country: str = "CH", **other: Any) -> Letterhead:
    return Letterhead(
        **{
            "sender_name": "Menuiserie Rochat Sàrl",
            "sender_country": country,
            "sender_lines": ("Rue de la Gare 14", "1003 Lausanne"),
            "imprint": "Menuiserie Rochat Sàrl, Rue de la Gare 14, 1003 Lausanne",
            "recipient": (name, "Avenue du Mail 3", "1205 Genève"),
            "customer_number": "C-10027",
            "contact_name": "Claire Favre",
            "contact_phone": "021 555 01 40",
            "contact_email": "claire@rochat.example",
            **other,
        }
    )


def letter(words: str, head: Letterhead, locale: str = "fr_CH") -> bytes:
    """A letter of these words, past the templates of the subjects."""
    with i18n.reading_as(locale):
        return rendering.set_letter(
            "test", markup.read(f"<letter>{words}</letter>"), head, locale, WRITTEN_AT, "UTC"
        )


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def embedded(pdf: bytes) -> dict[str, bool]:
    """Each font of the first page, and whether it is in the file."""
    fonts = {}
    for font in read(pdf).pages[0]["/Resources"]["/Font"].values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        fonts[str(font.get_object()["/BaseFont"])] = any(
            key in inner for key in ("/FontFile2", "/FontFile3")
        )
    return fonts


def places(pdf: bytes) -> dict[str, tuple[float, float]]:
    """Where each piece of text of the first page begins, in mm from the top left corner."""
    found: dict[str, tuple[float, float]] = {}

    def seen(text: str, cm: list[float], tm: list[float], *rest: object) -> None:
        x = cm[0] * tm[4] + cm[2] * tm[5] + cm[4]
        y = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
        if text.strip():
            found.setdefault(text.strip(), (x / MM, 297 - y / MM))

    read(pdf).pages[0].extract_text(visitor_text=seen)
    return found


def test_a_letter_can_be_kept_and_read_aloud() -> None:
    pdf = letter("<h1>Quittance</h1><p>Merci.</p>", head())

    reader = read(pdf)
    assert reader.metadata is not None
    assert reader.metadata.title == "Quittance · Menuiserie Rochat Sàrl"
    assert reader.metadata.creation_date == WRITTEN_AT
    catalogue = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "fr-CH"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    xmp = catalogue["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    fonts = embedded(pdf)
    assert fonts
    assert all(fonts.values())
    assert all("Libertinus" in name for name in fonts)


def test_equal_letters_are_equal_to_the_byte() -> None:
    words = "<h1>Quittance</h1><p>Merci.</p>"

    assert letter(words, head()) == letter(words, head())
    assert letter(words, head("Another")) != letter(words, head())


def test_every_letter_names_both_sides_the_day_and_the_page() -> None:
    text = text_of(letter("<h1>Receipt</h1><p>Thanks.</p>", head(), "en_GB"))

    for said in (
        "Menuiserie Rochat Sàrl", "Rue de la Gare 14", "1003 Lausanne", "Ateliers Dubois SA",
        "1205 Genève", "9 November 2026", "C-10027", "Claire Favre", "1/1", "Receipt", "Thanks.",
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize("country", ["CH", "FR", "DE", "AT", "BE", "NL", "IT", "GB", "XX"])
def test_the_address_lies_in_the_window_of_the_sender_s_country(country: str) -> None:
    recipient = ("Ateliers Dubois SA", "Madame Élodie Dubois", "Avenue du Mail 3", "1205 Genève")
    pdf = letter("<h1>Quittance</h1>", head(country=country, recipient=recipient))

    x, y, width, height = window_of(country).field
    found = {text: place for text, place in places(pdf).items() if text in recipient}
    assert set(found) == set(recipient)
    for left, baseline in found.values():
        assert x - 0.1 <= left <= x + width / 2
        assert y < baseline <= y + height


def test_only_left_hand_windows_show_the_sender_above_the_address() -> None:
    imprint = head().imprint

    def near_the_address(country: str) -> list[str]:
        pdf = letter("<h1>Quittance</h1>", head(country=country))
        x, y, width, height = window_of(country).field
        return [
            text
            for text, (left, down) in places(pdf).items()
            if x - 1 <= left <= x + width and y - 7 <= down <= y + height
        ]

    assert imprint in near_the_address("DE")
    assert near_the_address("CH") == ["Ateliers Dubois SA", "Avenue du Mail 3", "1205 Genève"]


HOSTILE = [
    '#import "@preview/cetz:0.3.0"',
    '#read("/etc/passwd")',
    "*bold* _it_ $x^2$ `raw` = Head",
    "\\ \\u{41} // comment /* more */",
    "</p></letter><letter><h1>x</h1>",
    "{{ 7*7 }} {% raw %}",
    "&amp; &lt;&#65;",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "a\x00b\x07c\u202ed",
    "'; DROP TABLE --",
    '"quoted" “typographic” ‘both’',
]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_people_typed_is_printed_and_never_obeyed(name: str) -> None:
    pdf = letter(f"<h1>{escape(name)}</h1><p>{escape(name)}</p>", head(name))

    wanted = "".join(markup.cleaned(name).split())
    assert "".join(text_of(pdf).split()).count(wanted) == 3


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Émile Größe & Søn, l’Œuvre – 5 €", "Émile Größe & Søn, l’Œuvre – 5 €"),
        ("Ząbkowska Żółć, Příliš žluťoučký kůň", "Ząbkowska Żółć, Příliš žluťoučký kůň"),
        ("Şişli İğne Çağrı ışık", "Şişli İğne Çağrı ışık"),
        ("Αθήνα Київ Ђорђе", "Αθήνα Київ Ђорђе"),
        ("Bäcker 🥐 Müller", f"Bäcker {NO_GLYPH} Müller"),
        ("株式会社 GmbH", f"{NO_GLYPH * 4} GmbH"),
        ("private \ue000 use", "private use"),
    ],
)
def test_the_letters_of_europe_are_printed_and_what_no_font_has_is_marked(
    name: str, printed: str
) -> None:
    assert printed in text_of(letter(f"<h1>{escape(name)}</h1>", head(name)))


@pytest.mark.parametrize("name", ["שלום בע״מ", "شركة السلام", "A" * 200, "ab " * 66, "W" * 200])
def test_odd_and_endless_names_stay_on_the_paper(name: str) -> None:
    pdf = letter(
        f"<h1>{name}</h1><table><thead><tr><th>{name}</th><th class='amount'>CHF</th></tr></thead>"
        f"<tbody><tr><td>{name}</td><td>1.00</td></tr></tbody></table>",
        head(name, sender_name=name, imprint=name, contact_email=name),
    )

    for left, down in places(pdf).values():
        assert 15 <= left <= 195
        assert 10 <= down <= 297
    assert len(read(pdf).pages) == 1


@settings(max_examples=80, deadline=None)
@example(name="\u2003")
@example(name="\x00")
@example(name="\u0301\u0334")
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_there_is_no_name_that_cannot_be_printed(name: str) -> None:
    words = f"<h1>{escape(name)}</h1><p>{escape(name)} <strong>{escape(name)}</strong></p>"
    assert letter(words, head(name, sender_name=name)).startswith(b"%PDF-1.7")


def test_a_screen_reader_finds_headings_and_the_heads_of_columns() -> None:
    pdf = letter(
        "<h1>Quittance</h1><h2>Factures</h2><table><thead><tr><th>Facture</th></tr></thead>"
        "<tbody><tr><td>A-1</td></tr></tbody></table><ul><li>un</li></ul>",
        head(),
    )

    kinds: list[str] = []

    def walk(element: Any) -> None:
        element = element.get_object()
        if not isinstance(element, dict):
            return
        kinds.append(str(element.get("/S", "")))
        inner = element.get("/K", [])
        for one in inner if isinstance(inner, list) else [inner]:
            walk(one)

    walk(read(pdf).trailer["/Root"]["/StructTreeRoot"])
    for kind in ("/Document", "/H1", "/H2", "/Table", "/THead", "/TH", "/TD", "/L", "/LI"):
        assert kind in kinds, kind
    assert kinds.index("/H1") < kinds.index("/H2") < kinds.index("/Table")


def test_a_long_table_repeats_its_headings_and_counts_its_pages() -> None:
    rows = "".join(f"<tr><td>2026-{n:04}</td><td>10.00</td></tr>" for n in range(80))
    pdf = letter(
        "<h1>Statement</h1><table><thead><tr><th>Invoice</th><th class='amount'>Open</th></tr>"
        f"</thead><tbody>{rows}</tbody>"
        "<tfoot><tr><td>Total</td><td>800.00</td></tr></tfoot></table>",
        head(),
        "en_GB",
    )

    pages = [page.extract_text() for page in read(pdf).pages]
    assert len(pages) == 3
    for place, page in enumerate(pages, 1):
        assert f"{place}/3" in page
        assert "Invoice" in page
    assert "Menuiserie Rochat Sàrl · Statement" in pages[1]
    assert ["Total" in page for page in pages] == [False, False, True]


def test_amounts_stand_flush_right_one_under_the_other() -> None:
    pdf = letter(
        "<h1>Quittance</h1><table><thead><tr><th>Facture</th><th class='amount'>CHF</th></tr>"
        "</thead><tbody><tr><td>1</td><td>1111.11</td></tr><tr><td>2</td><td>8888.88</td></tr>"
        "<tr><td>3</td><td>88.88</td></tr></tbody></table>",
        head(),
    )

    found = places(pdf)
    assert found["1111.11"][0] == pytest.approx(found["8888.88"][0], abs=0.01)
    digit = (found["88.88"][0] - found["8888.88"][0]) / 2
    assert 1.5 < digit < 2.5


def test_what_is_too_long_is_refused_before_it_is_set() -> None:
    with pytest.raises(LetterTooLong):
        letter(f"<h1>Statement</h1><p>{'word ' * (LARGEST_LETTER // 5)}</p>", head())


def test_our_own_pages_read_no_file_and_fetch_no_package() -> None:
    pages = sorted(rendering.LETTER.parent.glob("**/*.typ"))
    assert {rendering.LETTER, rendering.GLYPH} == set(pages)
    reaching = re.compile(
        r"#?\b(import|include|read|plugin|csv|yaml|toml|xml|cbor|bibliography|eval)\b\s*[(\"]"
        r"|\bimage\b(?!\(bytes\(slip\.code\), )"  # but for the one drawing that is handed over
    )
    for page in pages:
        code = page.read_text(encoding="utf-8")
        assert "json(bytes(sys.inputs." in code
        assert reaching.findall(code) == []


def test_an_expression_cannot_read_a_file() -> None:
    typesetter = rendering.compiler("x", rendering.GLYPH)
    assert typesetter.eval("1 + 1") == "2"

    with pytest.raises(RuntimeError, match="cannot access file system"):
        typesetter.eval('read("/etc/passwd")')

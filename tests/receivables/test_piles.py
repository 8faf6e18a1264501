"""Many letters in one file: each with its own pages, address and code."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import UUID

import zxingcpp
from PIL import Image
from pypdf import PdfReader

from receivables import i18n
from receivables.letters import markup
from receivables.letters.piles import set_pile
from receivables.letters.rendering import NO_GLYPH, Letterhead, Sheet, compiler, file_of, sheet_for
from receivables.money import Money
from receivables.slips import rules
from receivables.slips.letters import foot_of

WRITTEN_AT = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
IBAN = "CH9300762011623852957"


def slip_over(minor: int) -> rules.Slip:
    payee = rules.payee_of(IBAN, "CHF")
    assert payee is not None
    creditor = rules.Creditor(
        name="Menuiserie Rochat Sàrl", iban=IBAN, street="Rue du Lac 4", postcode="1003",
        city="Lausanne", country="CH",
    )  # fmt: skip
    quoted = rules.quoted_for_account(payee, UUID(int=minor), "2026-1")
    made = rules.slip(creditor, Money(minor, "CHF"), quoted, None)
    assert made is not None
    return made


def sheet(number: int, words: str = "", *, slip: rules.Slip | None = None) -> Sheet:
    head = Letterhead(
        sender_name="Menuiserie Rochat Sàrl", sender_country="CH",
        sender_lines=("Rue du Lac 4", "1003 Lausanne"), imprint="Menuiserie Rochat Sàrl, Lausanne",
        recipient=(f"Debtor {number}", "Rue 1", "1205 Genève"), customer_number=f"K{number}",
        contact_name="", contact_phone="", contact_email="",
    )  # fmt: skip
    with i18n.reading_as("fr_CH"):
        foot = foot_of(slip, "fr_CH") if slip is not None else None
        blocks = markup.read(f"<letter><h1>Rappel {number}</h1><p>{words}</p></letter>")
        return sheet_for("test", blocks, head, "fr_CH", WRITTEN_AT, "UTC", foot)


def test_every_letter_of_a_pile_numbers_its_own_pages() -> None:
    long = "mot " * 900
    sheets = [sheet(n, long if n in (3, 11) else "Merci.") for n in range(13)]

    pile = set_pile(sheets, title="Pile", written_at=WRITTEN_AT)

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pile.pdf)).pages]
    assert pile.pages == len(pages) == sum(count for _, count in pile.ranges)
    expected = 1
    for number, (first, count) in enumerate(pile.ranges):
        assert first == expected
        expected += count
        assert (count > 1) == (number in (3, 11))
        own = pages[first - 1 : first - 1 + count]
        assert f"Debtor {number}" in own[0]
        for place, text in enumerate(own, 1):
            assert f"{place}/{count}" in text
            assert f"Rappel {number}" in text


def test_a_character_nobody_can_print_costs_no_other_letter() -> None:
    pile = set_pile(
        [sheet(1, "Bonjour 😀 株"), sheet(2, "Łódź, Αθήνα")], title="Pile", written_at=WRITTEN_AT
    )

    one, two = (page.extract_text() for page in PdfReader(io.BytesIO(pile.pdf)).pages)
    assert NO_GLYPH in one
    assert "Łódź, Αθήνα" in two


def test_the_codes_of_a_pile_are_read_by_a_scanner() -> None:
    slips = [slip_over(minor) for minor in (1, 12_345, 98_765_432_10)]
    data = file_of([sheet(n, slip=one) for n, one in enumerate(slips)])

    pages = compiler(data).compile(format="png", ppi=100)

    assert isinstance(pages, list)
    found = [
        zxingcpp.read_barcodes(Image.open(io.BytesIO(page)).convert("L"))[0].text for page in pages
    ]
    assert [one.splitlines() for one in found] == [one.payload.splitlines() for one in slips]

"""Names in a collection file lead nowhere else, and are each there once."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.collection.bundle import Bundle
from receivables.collection.rules import free_path, is_large, safe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-0412.pdf", "2026-0412.pdf"),
        ("../../etc/passwd", "etc-passwd"),
        ("Façade & Söhne.PDF", "Facade-Sohne.pdf"),
        ("発注書.xml", "file.xml"),
        ("CON", "file-CON"),
        ("aux.pdf", "file-aux.pdf"),
        ("C:\\temp\\x.csv", "C-temp-x.csv"),
        ("...", "file"),
        ("", "file"),
    ],
)
def test_a_name_is_plain_whatever_it_was(text: str, name: str) -> None:
    assert safe_name(text, "file") == name


@given(st.lists(st.text(max_size=80), max_size=6))
def test_no_name_leads_out_of_its_folder_and_none_is_there_twice(texts: list[str]) -> None:
    taken: list[str] = []
    for text in texts:
        path = free_path("invoices/1", safe_name(text, "document"), taken)
        folder, _, name = path.rpartition("/")
        assert folder == "invoices/1"
        assert name.isascii()
        assert not name.startswith((".", "-"))
        assert 1 <= len(name) <= 90
        assert path.lower() not in [one.lower() for one in taken]
        taken.append(path)


def test_a_file_is_large_by_its_bytes_or_by_its_invoices() -> None:
    assert not is_large(4_000_000, 40)
    assert is_large(4_000_001, 1)
    assert is_large(0, 41)


def test_what_comes_in_parts_is_one_file_and_equal_parts_make_equal_bytes() -> None:
    def packed() -> bytes:
        target = io.BytesIO()
        bundle = Bundle(target, made_at=datetime(2026, 11, 2, 8, tzinfo=UTC), zone="Europe/Zurich")
        bundle.add("a.txt", "parts", [b"one ", b"two"])
        bundle.close()
        return target.getvalue()

    file = zipfile.ZipFile(io.BytesIO(packed()))

    assert file.read("a.txt") == b"one two"
    assert file.infolist()[0].date_time == (2026, 11, 2, 9, 0, 0), "the supplier's time"
    assert packed() == packed()

"""Hostile files through the upload pages: refused with words, and everything goes on."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.security.town import Town
from tests.support.browsing import text_of
from tests.support.faces import Browser

pytestmark = pytest.mark.once("a hostile file is refused before anything is stored")


def _zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    return file.getvalue()


def _png_bomb() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IEND", b"")


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
) + "]><x>&j;</x>"  # fmt: skip

HOSTILE: dict[str, bytes] = {
    "laughs.xml": LAUGHS.encode(),
    "quadratic.xml": f"<!DOCTYPE x [<!ENTITY a '{'a' * 50_000}'>]><x>{'&a;' * 5000}</x>".encode(),
    "file.xml": b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    "net.xml": b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'><x/>",
    "include.xml": b'<x xmlns:xi="http://www.w3.org/2001/XInclude">'
    b'<xi:include href="file:///etc/passwd" parse="text"/></x>',
    "style.xml": b'<?xml-stylesheet href="file:///etc/passwd"?><x/>',
    "deep.xml": b"<a>" * 100_000,
    "wide.xml": b"<a>" + b"<b/>" * 300_001 + b"</a>",
    "broken.xml": b"<Invoice",
    "utf7.xml": b"<?xml version='1.0' encoding='UTF-7'?>+ADw-x+AD4-",
    "utf16.xml": "<?xml version='1.0'?><!DOCTYPE a []><a/>".encode("utf-16"),
    "page.html": b"<html><script>alert(1)</script></html>",
    "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "empty.csv": b"",
    "nul.csv": b"number;amount\n\x00;\x00\n",
    "one.csv": b"number," * 200_000,
    "long.csv": b"number,amount,currency,debtor_name,issued_on\n" + b'"' * 1_000_000,
    "broken.pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 1 0 R>>",
    "loop.pdf": b"%PDF-1.7\nxref\n0 1\ntrailer<</Prev 9/Size 1>>\nstartxref\n9\n%%EOF",
    "bomb.xlsx": _zip_bomb(),
    "nested.zip": b"PK\x03\x04" + b"\x00" * 100,
    "bomb.png": _png_bomb(),
    "program.exe": b"MZ" + b"\x00" * 1000,
    "invoice.xml.exe": b"\x7fELF" + b"\x00" * 1000,
    "../../etc/passwd": b"root:x:0:0",
    "..\\..\\windows.csv": b"x",
    "\u202exml.exe": b"<x/>",
    "n" * 3000 + ".xml": b"<x/>",
    "<script>alert(1)</script>.xml": b"<x/>",
}


@pytest.fixture(scope="module")
def owner(town: Town) -> Iterator[Browser]:
    with town.staff(town.near.owner) as browser:
        yield browser


def upload(browser: Browser, address: str, name: str, content: bytes) -> Any:
    field = "files" if address == "/invoices/import" else "file"
    return browser.post(
        address,
        data={"_csrf_token": browser.token("/monitoring/readings")},
        files={field: (name, content, "application/octet-stream")},
        headers={"Origin": browser.origin},
    )


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:20])
def test_a_hostile_invoice_is_refused_with_words(town: Town, owner: Browser, name: str) -> None:
    before = town.counts()
    answer = upload(owner, "/invoices/import", name, HOSTILE[name])
    assert answer.status_code == 200
    words = text_of(answer)
    assert "refused" in words.lower(), words[:600]
    assert "root:" not in answer.text
    assert "Traceback" not in answer.text
    assert "<script>alert" not in answer.text
    after = town.counts()
    for table in ("invoices", "documents", "debtors", "ledger_entries", "contacts"):
        assert after[table] == before[table], table


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:20])
def test_a_hostile_file_of_readings_is_refused_with_words(
    town: Town, owner: Browser, name: str
) -> None:
    before = town.counts()
    answer = upload(owner, "/monitoring/readings", name, HOSTILE[name])
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert town.counts()["score_readings"] == before["score_readings"]


def test_more_than_a_face_takes_is_refused(town: Town, owner: Browser) -> None:
    answer = upload(owner, "/invoices/import", "big.xml", b"<" * (31 * 1024 * 1024))
    assert answer.status_code == 413
    assert owner.get("/").status_code == 200


def test_too_many_parts_are_refused(town: Town, owner: Browser) -> None:
    parts = [("files", (f"{number}.xml", b"<x/>", "text/xml")) for number in range(1500)]
    answer = owner.post(
        "/invoices/import",
        data={"_csrf_token": owner.token("/monitoring/readings")},
        files=parts,
        headers={"Origin": owner.origin},
    )
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "body", [b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--",
             b"--y\r\n\r\n--y--", b"--x\r\n" * 5000],
)  # fmt: skip
def test_bodies_in_pieces_that_make_no_sense_are_refused(owner: Browser, body: bytes) -> None:
    token = owner.token("/monitoring/readings")
    for kind in (
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "multipart/form-data; boundary=",
    ):
        answer = owner.post(
            "/monitoring/readings",
            content=body,
            headers={"Content-Type": kind, "X-CSRF-Token": token, "Origin": owner.origin},
        )
        assert 400 <= answer.status_code < 500, kind

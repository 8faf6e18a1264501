"""A hundred files and more that nobody should have to open: what each is, and what it is called.

Made here and not kept as files, so that no scanner takes the project for what it defends against.
"""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pillow_heif
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

SCRIPT = b"<script>alert(document.domain)</script>"
HTML = b"<!DOCTYPE html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"


def picture(format: str, size: tuple[int, int] = (64, 48), **saved: object) -> bytes:
    """A good picture."""
    if format == "HEIF":
        pillow_heif.register_heif_opener()
    drawn = io.BytesIO()
    Image.new("RGB", size, (180, 40, 40)).save(drawn, format, **saved)
    return drawn.getvalue()


def pdf(pages: int = 1) -> bytes:
    """A good PDF."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*pieces: bytes) -> bytes:
    """A good PNG with more pieces after its head."""
    good = picture("PNG")
    return good[:33] + b"".join(pieces) + good[33:]


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that claims to be so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data, 9))
        + chunk(b"IEND", b"")
    )  # fmt: skip


def zipped(name: str = "evil.exe", content: bytes = b"MZ", rounds: int = 1) -> bytes:
    for _ in range(rounds):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        name, content = "inner.zip", file.getvalue()
    return content


def _named(**entries: object) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def _action(kind: str, **entries: object) -> DictionaryObject:
    return _named(S=NameObject(f"/{kind}"), **entries)


def pdf_that(kind: str) -> bytes:
    """A PDF that does something when it is opened."""
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    words = TextStringObject("app.alert(1)")
    root = writer.root_object
    if kind == "runs a script when opened":
        root[NameObject("/OpenAction")] = _action("JavaScript", JS=words)
    elif kind == "launches a program":
        root[NameObject("/OpenAction")] = _action("Launch", F=TextStringObject("cmd.exe"))
    elif kind == "sends a form":
        root[NameObject("/OpenAction")] = _action("SubmitForm", F=TextStringObject("http://x"))
    elif kind == "imports data":
        root[NameObject("/OpenAction")] = _action("ImportData", F=TextStringObject("/etc/passwd"))
    elif kind == "has a script on its page":
        page[NameObject("/AA")] = _named(O=_action("JavaScript", JS=words))
    elif kind == "names scripts":
        names = ArrayObject([TextStringObject("go"), _action("JavaScript", JS=words)])
        root[NameObject("/Names")] = _named(JavaScript=_named(Names=names))
    elif kind == "hides a script behind a click":
        link = _named(Subtype=NameObject("/Link"), A=_action("JavaScript", JS=words))
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(link)])
    elif kind == "plays a film":
        film = _named(Subtype=NameObject("/RichMedia"))
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(film)])
    elif kind == "has a form of XML":
        root[NameObject("/AcroForm")] = _named(XFA=TextStringObject("<xdp/>"))
    elif kind == "carries a program":
        writer.add_attachment("evil.exe", b"MZ" + b"\0" * 64)
    elif kind == "carries a web page":
        writer.add_attachment("page.html", HTML)
    elif kind == "is locked":
        writer.encrypt("secret")
    else:
        raise AssertionError(kind)
    return _written(writer)


PDFS_THAT = (
    "runs a script when opened", "launches a program", "sends a form", "imports data",
    "has a script on its page", "names scripts", "hides a script behind a click",
    "plays a film", "has a form of XML", "carries a program", "carries a web page", "is locked",
)  # fmt: skip


def pdf_bomb(layers: int = 1) -> bytes:
    """A PDF with a stream of objects that unpacks without end, packed once or several times."""
    packed = zlib.compress(b"0 0 " * 50_000_000, 9)
    for _ in range(layers - 1):
        packed = zlib.compress(packed, 9)
    filters = b"[" + b"/FlateDecode " * layers + b"]"
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    body += b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    body += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    at = len(body)
    body += b"4 0 obj<</Type/ObjStm/N 1/First 4/Filter%s/Length %d>>stream\n" % (
        filters, len(packed)
    )  # fmt: skip
    body += packed + b"\nendstream endobj\n"
    offsets = [body.index(b"%d 0 obj" % number) for number in (1, 2, 3)] + [at]
    table = b"xref\n0 5\n0000000000 65535 f \n"
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF" % len(body)
    return body + table + end


def pdf_in_a_circle() -> bytes:
    return b"%PDF-1.7\nxref\n0 1\ntrailer<</Prev 9/Size 1>>\nstartxref\n9\n%%EOF"


def pdf_of_pages_in_a_circle() -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF"
    )


def pdf_of_deep_arrays() -> bytes:
    deep = b"[" * 50_000 + b"]" * 50_000
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/X " + deep + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF"
    )


def pdf_of_many_objects() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(9, 9)
    for _ in range(20_100):
        writer._add_object(NumberObject(1))
    return _written(writer)


def pdf_with_stream(data: bytes) -> bytes:
    """A good PDF that has something else in a stream nothing refers to."""
    writer = PdfWriter()
    writer.add_blank_page(9, 9)
    stream = DecodedStreamObject()
    stream.set_data(data)
    writer._add_object(stream)
    return _written(writer)


@dataclass(frozen=True)
class Hostile:
    """One file. `fate` is refused, or harmless: taken, and made into something else."""

    name: str
    made: bytes | Callable[[], bytes]
    fate: str = "refused"

    @property
    def content(self) -> bytes:
        """Made when it is wanted: some are large before they are packed."""
        return self.made if isinstance(self.made, bytes) else self.made()


def _wrong_kinds() -> Iterator[Hostile]:
    gif = b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)"
    kinds: dict[str, bytes] = {
        "picture.svg": SVG, "picture.svgz": gzip.compress(SVG), "page.html": HTML,
        "page.htm": HTML, "page.xhtml": HTML, "page.shtml": HTML, "page.mht": HTML,
        "feed.xml": b"<?xml version='1.0'?><x/>", "style.xsl": b"<x/>", "script.js": b"alert(1)",
        "module.mjs": b"alert(1)", "style.css": b"*{}", "app.exe": b"MZ" + b"\0" * 60,
        "app.jar": zipped(), "app.apk": zipped(), "doc.docx": zipped("word/document.xml"),
        "doc.docm": zipped("word/vbaProject.bin"), "table.xlsx": zipped("xl/workbook.xml"),
        "old.doc": b"\xd0\xcf\x11\xe0" + b"\0" * 60, "film.swf": b"FWS\x0a",
        "shell.sh": b"#!/bin/sh",
        "batch.bat": b"@echo off", "power.ps1": b"iex", "link.lnk": b"L\0\0\0", "link.url": b"[x]",
        "help.chm": b"ITSF", "app.hta": HTML, "page.php": b"<?php echo 1;", "page.jsp": b"<% %>",
        "page.asp": b"<% %>", "archive.zip": zipped(), "archive.gz": gzip.compress(b"x"),
        "picture.gif": gif, "picture.webp": b"RIFF\0\0\0\0WEBP", "picture.tiff": b"II*\0",
        "picture.bmp": b"BM" + b"\0" * 60, "picture.ico": b"\0\0\1\0", "note.eml": b"From: x",
        "noextension": b"words", ".htaccess": b"SetHandler", "trailing.pdf.": pdf(),
        "picture.ps": b"%!PS", "data.json": b"{}", "code.py": b"import os", "page.pdf.html": HTML,
        "image.png.svg": SVG, "photo.jpg.exe": b"MZ", "letter.pdf\0.html": HTML,
        "letter\u202efdp.exe": b"MZ\0", "calendar.ics": b"BEGIN:VCALENDAR",
    }  # fmt: skip
    for name, content in kinds.items():
        yield Hostile(name, content)


def _liars() -> Iterator[Hostile]:
    """What is not what its name says, or more than that."""
    for name in ("page.pdf", "page.jpg", "page.png", "page.heic", "page.txt"):
        yield Hostile(name, HTML)
    yield Hostile("picture.txt", SVG)
    yield Hostile("text.txt", b"words before <ScRiPt>alert(1)</script>")
    yield Hostile("program.txt", b"MZ" + b"\0" * 100)
    yield Hostile("shell.txt", b"#!/bin/sh\nrm -rf /\n")
    yield Hostile("bell.txt", b"words \x1b]0;title\x07")
    yield Hostile("wide.txt", "<html>".encode("utf-16"))
    yield Hostile("renamed.pdf", picture("PNG"))
    yield Hostile("renamed.png", picture("JPEG"))
    yield Hostile("renamed.jpg", pdf())
    yield Hostile("renamed.heic", picture("JPEG"))
    yield Hostile("film.heic", b"\0\0\0\x18ftypmp42" + b"\0" * 100)
    yield Hostile("picture.jpg", b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)")
    yield Hostile("zip.pdf", zipped())
    yield Hostile("late.pdf", b"\0" * 600 + pdf())
    yield Hostile("html first.pdf", HTML + pdf())
    yield Hostile("pdf and zip.pdf", pdf() + zipped())
    yield Hostile("zip inside.pdf", pdf_with_stream(zipped("word/vbaProject.bin")))
    yield Hostile("pdf and html.pdf", pdf() + HTML * 100)
    yield Hostile("jpeg and zip.jpg", picture("JPEG") + zipped(), "harmless")
    yield Hostile("jpeg and html.jpg", picture("JPEG") + HTML, "harmless")
    yield Hostile("jpeg that says.jpg", picture("JPEG", comment=SCRIPT), "harmless")
    yield Hostile("png and html.png", picture("PNG") + HTML, "harmless")
    yield Hostile("png and pdf.png", picture("PNG") + pdf(), "harmless")
    yield Hostile("png that says.png", png_with(chunk(b"tEXt", b"Comment\0" + SCRIPT)), "harmless")
    yield Hostile("png with svg.png", png_with(chunk(b"svGb", SVG)), "harmless")
    exif = Image.Exif()
    exif[0x010E], exif[0x8769] = "<script>alert(1)</script>", {}
    yield Hostile("where I live.jpg", picture("JPEG", exif=exif), "harmless")
    yield Hostile("heic and html.heic", picture("HEIF") + HTML, "harmless")


def _bombs() -> Iterator[Hostile]:
    yield Hostile("pixels.png", png_of(60_000, 60_000))
    yield Hostile("wide.png", png_of(2_000_000, 21))
    yield Hostile("nearly.png", lambda: png_of(6300, 6300, b"\0" * (3 * 6300 + 1) * 6300))
    yield Hostile("nothing.png", png_of(0, 0))
    yield Hostile(
        "text.png", lambda: png_with(chunk(b"zTXt", b"x\0\0" + zlib.compress(b"0" * 90_000_000, 9)))
    )
    yield Hostile("zip of zips.pdf", partial(zipped, content=b"0" * 10_000_000, rounds=4))
    yield Hostile("stream.pdf", pdf_bomb)
    yield Hostile("streams in streams.pdf", partial(pdf_bomb, 3))
    yield Hostile("circle.pdf", pdf_in_a_circle())
    yield Hostile("pages in a circle.pdf", pdf_of_pages_in_a_circle())
    yield Hostile("deep.pdf", pdf_of_deep_arrays)
    yield Hostile("objects.pdf", pdf_of_many_objects)
    yield Hostile("pages.pdf", partial(pdf, 501))
    yield Hostile("large.txt", lambda: b"words " * 1_700_000)
    yield Hostile("empty.pdf", b"")
    yield Hostile("blank.txt", b" \n \n")


def _broken() -> Iterator[Hostile]:
    chance = random.Random(7)
    good = {"pdf": pdf(), "jpg": picture("JPEG"), "png": picture("PNG"), "heic": picture("HEIF")}
    for kind, content in good.items():
        head = {"heic": 12}.get(kind, 9)
        noise = bytes(chance.randrange(256) for _ in range(400))
        yield Hostile(f"noise.{kind}", content[:head] + noise)
        yield Hostile(f"half.{kind}", content[: len(content) // 3])
    yield Hostile("headless.pdf", b"%PDF-1.7\n%%EOF")


def _names() -> Iterator[Hostile]:
    """Good files with names that are meant to end elsewhere, or to look like something else."""
    for name in (
        "../../../etc/cron.d/x.txt", "..\\..\\windows\\system32\\x.txt", "/etc/passwd.txt",
        "C:\\autoexec.txt", "x\0.txt", "invoice\u202efdp.txt", "a\r\nSet-Cookie: x=1.txt",
        '"; filename="evil.html.txt', "<img src=x onerror=alert(1)>.txt", "x.html.txt",
        "x.php.txt", "con.txt", "....txt", " .txt", "n" * 3000 + ".txt", "$(reboot).txt",
        "`id`.txt", "%2e%2e%2fx.txt", "\ufeffbom.txt", "e\u0301\u200bspace.txt", "-rf.txt",
        "{{7*7}}.txt", "=cmd|calc.txt",
    ):  # fmt: skip
        yield Hostile(name, b"words", "harmless")


def hostile_files() -> list[Hostile]:
    """All of them."""
    active = [Hostile(f"that {kind}.pdf", partial(pdf_that, kind)) for kind in PDFS_THAT]
    groups = (_wrong_kinds(), _liars(), active, _bombs(), _broken(), _names())
    return [one for group in groups for one in group]

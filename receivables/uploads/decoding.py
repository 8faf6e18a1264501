"""Opening a file in earnest: what cannot be opened is no evidence, what is opened is made anew.

Runs in a confined child: a decoder is the most attacked code there is. Pictures are drawn again
from their pixels, so nothing else of the file survives: no place, no date, no device, no second
file behind the first. A PDF and a text are kept byte for byte, since a signature or a figure in
them may matter, and refused when there is more to them than a reader sees.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator
from typing import Any, Final

import puremagic
from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from receivables.errors import ReceivablesError
from receivables.uploads.faults import Code
from receivables.uploads.kinds import Kind

MOST_PIXELS: Final = 40_000_000
#: Beyond this many pixels on a side a photo shows no more than it does at it.
LONGEST_SIDE: Final = 4096
MOST_OBJECTS: Final = 20_000
MOST_NODES: Final = 400_000
MOST_PAGES: Final = 500

#: What the decoders say of broken files besides their own errors, as their sources and some 25,000
#: damaged files have it. Anything else ends this process, and the file is refused for that.
_BROKEN: Final = (
    PyPdfError, DependencyError, ValueError, LookupError, TypeError, AttributeError, SyntaxError,
    OSError, EOFError, RuntimeError,
)  # fmt: skip

# It complains about every blemish of a file; the refusal says what matters.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class Refused(ReceivablesError):
    """The file is not taken, for the reason that `code` names."""

    def __init__(self, code: Code) -> None:
        self.code = code
        super().__init__(code)


def remake(kind: Kind, content: bytes) -> bytes:
    """The content to keep in place of `content`. Raises Refused."""
    try:
        if kind is Kind.PDF:
            _check_pdf(content)
            return content
        if kind is Kind.TEXT:
            return _plain_text(content)
        return _redrawn(kind, content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_many_pixels") from None
    except FileNotDecryptedError:
        raise Refused("locked") from None
    except (LimitReachedError, RecursionError):
        raise Refused("too_complex") from None
    except _BROKEN:
        raise Refused("broken") from None


#: What puremagic may call each kind; it knows some 1,800 others.
_CALLED: Final = {
    Kind.PDF: {".pdf", ".ai"},
    Kind.JPEG: {".jpg", ".jpeg", ".jfif", ".jpe", ".jif", ".spiff"},
    Kind.PNG: {".png", ".apng"},
    Kind.HEIC: {".heic", ".heif", ".hif", ".avif", ".mp4"},
}


def _agrees(kind: Kind, content: bytes) -> bool:
    """Whether a register of signatures that is not ours sees the same in it."""
    try:
        found = puremagic.magic_string(content[:4096])
    except (puremagic.PureError, ValueError):
        return False
    return any(guess.extension.lower() in _CALLED[kind] for guess in found)


def _redrawn(kind: Kind, content: bytes) -> bytes:
    """The picture drawn again from its pixels, upright, without anything that was said about it."""
    if not _agrees(kind, content):
        raise Refused("not_what_it_says")
    with _opened(kind, content) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise Refused("too_many_pixels")
        if kind is Kind.JPEG and max(width, height) > LONGEST_SIDE:
            # The decoder halves it as it reads: the whole would not fit into this process.
            picture.draft("RGB", (LONGEST_SIDE // 2, LONGEST_SIDE // 2))
        picture.load()
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(picture)
    made = io.BytesIO()
    if kind is Kind.PNG:
        plain = upright if upright.mode in ("1", "L", "RGB", "RGBA") else upright.convert("RGBA")
        plain.info = {}
        plain.save(made, "PNG")
    else:
        plain = upright if upright.mode in ("L", "RGB") else upright.convert("RGB")
        plain.info = {}
        plain.save(made, "JPEG", quality=82)
    return made.getvalue()


def _opened(kind: Kind, content: bytes) -> Image.Image:
    if kind is Kind.HEIC:
        # Here and not above: its codecs take a third of what this process may have.
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
        return Image.open(io.BytesIO(content), formats=("HEIF",))
    return Image.open(io.BytesIO(content), formats=(kind.value.upper(),))


def _plain_text(content: bytes) -> bytes:
    """Text of the West as UTF-8. Raises Refused for markup, programs and control characters."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if any((ord(letter) < 32 and letter not in "\t\r\n\f") or letter == "\x7f" for letter in text):
        raise Refused("not_text")
    start = text.lstrip()[:200].lower()
    if start.startswith(("<", "#!", "%pdf", "%!ps", "{\\rtf", "gif8", "mz", "pk", "@echo")):
        raise Refused("markup")
    if any(mark in text.lower() for mark in ("<script", "<html", "<svg", "<iframe", "<!doctype")):
        raise Refused("markup")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("not_text")
    return text.encode()


#: Actions that do something when a page is opened or clicked.
#: Source: ISO 32000-1, 12.6.4; only going to a page or an address is left.
_DOING: Final = frozenset(
    ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition", "/Movie",
     "/Sound", "/RichMediaExecute")
)  # fmt: skip
_PLAYING: Final = frozenset(("/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"))


def _check_pdf(content: bytes) -> None:
    if not _agrees(Kind.PDF, content):
        raise Refused("not_what_it_says")
    if not content.rstrip(b"\0\r\n\t ").endswith(b"%%EOF") or zipfile.is_zipfile(
        io.BytesIO(content)
    ):
        # Some printers' files end a few bytes later; a second file needs more.
        end = content.rfind(b"%%EOF")
        if end < 0:
            raise Refused("broken")
        if len(content) - end > 1024 or zipfile.is_zipfile(io.BytesIO(content)):
            raise Refused("two_in_one")
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise Refused("locked")
    pages = len(reader.pages)
    if pages == 0:
        raise Refused("broken")
    if pages > MOST_PAGES:
        raise Refused("too_complex")
    for node in _nodes(reader):
        _check_node(node)


def _check_node(node: DictionaryObject) -> None:
    if "/JS" in node or "/JavaScript" in node or str(node.get("/S", "")) in _DOING:
        raise Refused("active")
    if str(node.get("/Subtype", "")) in _PLAYING or "/XFA" in node:
        raise Refused("active")
    if "/EF" in node:
        named = node.get("/UF") or node.get("/F") or ""
        # An electronic invoice travels as XML inside its PDF.
        if not str(named).strip().lower().endswith(".xml"):
            raise Refused("carries_files")


def _nodes(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, reachable or not, those inside others too."""
    numbers = {number for section in reader.xref.values() for number in section}
    numbers.update(reader.xref_objStm)
    if len(numbers) > MOST_OBJECTS:
        raise Refused("too_complex")
    left = MOST_NODES
    waiting: list[Any] = [reader.trailer]
    for number in sorted(numbers):
        waiting.append(reader.get_object(number))
        while waiting:
            left -= 1
            if left < 0:
                raise Refused("too_complex")
            value = waiting.pop()
            if isinstance(value, DictionaryObject):
                yield value
                if isinstance(value, StreamObject) and str(value.get("/Type")) == "/ObjStm":
                    value.get_data()  # bounded by pypdf; one that is not is refused
                waiting.extend(value.values())
            elif isinstance(value, ArrayObject):
                waiting.extend(one for one in value if isinstance(one, PdfObject))

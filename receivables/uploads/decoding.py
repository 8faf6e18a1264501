"""Opening a file in earnest: what cannot be opened is no evidence, what is opened is made anew.

Runs in a confined child: a decoder is the most attacked code there is. Pictures are drawn again
from their pixels, so nothing else of the file survives: no place, no date, no device, no second
file behind the first. A PDF and a text are kept byte for byte, since a signature or a figure in
them may matter, and refused when there is more to them than a reader sees.
"""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageOps

from receivables.uploads.kinds import Kind
from receivables.uploads.signatures import Refused, agrees

MOST_PIXELS: Final = 40_000_000
#: Beyond this many pixels on a side a photo shows no more than it does at it.
LONGEST_SIDE: Final = 4096

#: What the decoders say of broken files besides their own errors, as their sources and some 25,000
#: damaged files have it. Anything else ends this process, and the file is refused for that.
_BROKEN: Final = (
    ValueError, LookupError, TypeError, AttributeError, SyntaxError, OSError, EOFError,
    RuntimeError,
)  # fmt: skip

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def remake(kind: Kind, content: bytes) -> bytes:
    """The content to keep in place of `content`. Raises Refused."""
    try:
        if kind is Kind.PDF:
            # Here and not above: what reads them takes longer to load than a photo to be made.
            from receivables.uploads import pdfs

            pdfs.check(content)
            return content
        if kind is Kind.TEXT:
            return _plain_text(content)
        return _redrawn(kind, content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_many_pixels") from None
    except RecursionError:
        raise Refused("too_complex") from None
    except _BROKEN:
        raise Refused("broken") from None


def _redrawn(kind: Kind, content: bytes) -> bytes:
    """The picture drawn again from its pixels, upright, without anything that was said about it."""
    if not agrees(kind, content):
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

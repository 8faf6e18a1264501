"""What is on the paper, read back from the PDF."""

from __future__ import annotations

import io

from pypdf import PdfReader


def text_of(pdf: bytes) -> str:
    """All the words of all pages in one line, without the places where they may be broken."""
    pages = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(pages.replace("\u200b", "").split())

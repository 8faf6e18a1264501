"""Cells for other people's spreadsheets."""

from __future__ import annotations

#: A cell that begins with one of these is a formula to a spreadsheet.
#: Source: OWASP, "CSV injection".
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text

"""The report as PDF: the document's words, set by Typst as letters are.

The typesetter sees one file of this folder, imports nothing, and gets every word as JSON, whose
strings it never evaluates.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from monitoring.portfolio.document import Document
from receivables import i18n
from receivables.clock import local_date
from receivables.i18n import day
from receivables.i18n import translate as _
from receivables.letters.rendering import each_text, is_about_a_character, plain, printable

_REPORT: Final = Path(__file__).parent / "report.typ"
#: There is no such folder.
_NO_PACKAGES: Final = _REPORT.parent / "packages"
#: To be kept for years, and read by a screen reader. Source: ISO 19005-2 (level A), ISO 14289-1.
_STANDARDS: Final[list[typst.PDFStandard]] = ["a-2a", "ua-1"]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def print_document(document: Document, *, made_at: datetime, zone: str = "UTC") -> bytes:
    """The pages, in the language being read; equal arguments give equal bytes.

    Characters that no font has are printed as a white square.
    """
    data = _data(document, day(local_date(made_at, zone)))
    for prepared in (lambda text: text, printable, plain):
        try:
            return _compiled(each_text(data, prepared), made_at)
        except typst.TypstError as error:
            if not is_about_a_character(error):
                raise
    raise AssertionError("Latin letters are always printable")


def _data(document: Document, printed_on: str) -> dict[str, Any]:
    locale = i18n.current_locale()
    as_of = _("As of %(day)s") % {"day": day(document.as_of_on)}
    return {
        "title": document.title,
        "supplier": document.supplier_name,
        "author": document.supplier_name or "Quittance",
        "language": locale[:2],
        "region": locale[3:] or None,
        "as_of": as_of,
        "foot": _("Printed on %(day)s. Confidential: it speaks of third parties.")
        % {"day": printed_on},
        "facts": [list(pair) for pair in document.facts],
        "sections": [_section(asdict(one)) for one in document.sections],
    }


def _section(section: dict[str, Any]) -> dict[str, Any]:
    if section["chart"] is not None:
        for bar in section["chart"]["bars"]:
            bar["share"] = min(1.0, float(bar["share"]))
    return section


def _compiled(data: Any, made_at: datetime) -> bytes:
    pages = typst.Compiler(
        input=_REPORT,
        root=_REPORT.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        package_path=_NO_PACKAGES,
        package_cache_path=_NO_PACKAGES,
        sys_inputs={"report": json.dumps(data, ensure_ascii=False)},
    ).compile(format="pdf", pdf_standards=_STANDARDS, timestamp=int(made_at.timestamp()))
    assert isinstance(pages, bytes)
    return pages

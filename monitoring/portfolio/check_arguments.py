"""What `quittance portfolio check` takes; by itself, because what does it takes longer to load."""

from __future__ import annotations

import argparse
from pathlib import Path

from receivables.i18n import LANGUAGES
from receivables.intake.findings import CURRENCIES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `quittance portfolio check` takes."""
    parser.add_argument("path", metavar="FILE", type=Path, help="customers, as CSV or XLSX")
    parser.add_argument("--json", action="store_true", help="the report as an object")
    parser.add_argument("--pdf", metavar="OUT", type=Path, help="write the report as PDF, too")
    whose = "ISO 3166 code of your own country: who is abroad, and whose register a number is of"
    parser.add_argument("--country", type=str.upper, default="", metavar="CODE", help=whose)
    spoken = "amounts that name none are in this currency (default: EUR)"
    parser.add_argument("--currency", type=_currency, default="EUR", metavar="CODE", help=spoken)
    parser.add_argument("--language", default="en", choices=sorted(LANGUAGES))


def _currency(text: str) -> str:
    if text.upper() not in CURRENCIES:
        raise argparse.ArgumentTypeError(f"{text} is no currency of ISO 4217")
    return text.upper()

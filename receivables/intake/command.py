"""What the command line says of lists of invoices."""

from __future__ import annotations

import argparse

from receivables.intake.list_layout import ColumnsNotUnderstood, ToldColumns, told_in_words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--columns` for lists whose headings do not say what they are."""
    parser.add_argument(
        "--columns",
        metavar="FIELD=HEADING,...",
        type=_columns,
        help="what the columns of a list are; also dates=, decimals=, sheet=",
    )


def _columns(text: str) -> ToldColumns:
    try:
        return told_in_words(text)
    except ColumnsNotUnderstood as error:
        raise argparse.ArgumentTypeError(str(error)) from None

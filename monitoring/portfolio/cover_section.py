"""The choice of cover as a section of the report."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from monitoring.portfolio.cover import Comparison, Option
from monitoring.portfolio.document import Cell, Column, Section, Table, num, row
from monitoring.portfolio.rules import Assumptions
from monitoring.portfolio.words import way_words
from receivables.i18n import decimal, money, translate_plural
from receivables.i18n import translate as _
from receivables.money import Money


def cover_section(comparison: Comparison, assumptions: Assumptions) -> Section:
    notes = [
        _(
            "A bad year is one in twenty, and the customer whose failure costs most fails in it."
            " The cost is what is paid in a year, without tax, and what your own money costs that"
            " lies ready for a bad year."
        )
    ]
    if assumptions.are_examples:
        notes.append(_("The prices are examples: put those of your own offers in their place."))
    if comparison.turnover_guessed:
        words = translate_plural(
            "Of %(num)s customer the turnover is unknown; it is taken as six times what is open.",
            "Of %(num)s customers the turnover is unknown; it is taken as six times what is open.",
            comparison.turnover_guessed,
        )
        notes.append(words % {"num": decimal(comparison.turnover_guessed)})
    return Section(
        key=f"cover-{comparison.currency}",
        title=_("The choice of cover"),
        lead=_("The same portfolio, with each kind of cover for all whom it would take."),
        tables=(
            Table(
                caption=_("Cost and loss of one year, in whole %(currency)s")
                % {"currency": comparison.currency},
                columns=(
                    Column(_("Cover")),
                    Column(_("Covered"), "num", wide=True),
                    Column(_("Cost"), "num"),
                    Column(_("Loss, expected"), "num", wide=True),
                    Column(_("Loss, bad year"), "num", wide=True),
                    Column(_("Together, expected"), "num"),
                    Column(_("Together, bad year"), "num"),
                ),
                rows=tuple(_option(one) for one in comparison.options),
            ),
        ),
        notes=(_best(comparison), *notes, *_advanced(comparison.options)),
    )


def _option(one: Option) -> tuple[Cell, ...]:
    return row(
        way_words(one.way),
        *(
            num(_whole(amount))
            for amount in (
                one.covered, one.cost, one.loss_expected, one.loss_bad, one.total_expected,
                one.total_bad,
            )
        ),
    )  # fmt: skip


def _whole(amount: Money) -> str:
    """To whole units: an estimate has no cents."""
    return decimal(amount.decimal.quantize(Decimal(1), ROUND_HALF_UP))


def _best(comparison: Comparison) -> str:
    return _("Least in a year as expected: %(expected)s. Least in a bad year: %(bad)s.") % {
        "expected": way_words(comparison.best_expected),
        "bad": way_words(comparison.best_bad),
    }


def _advanced(options: Sequence[Option]) -> list[str]:
    return [
        _("Factoring pays %(amount)s at once.") % {"amount": money(one.advanced)}
        for one in options
        if one.advanced
    ]

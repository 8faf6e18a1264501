"""The sections of the report with money in them: each of one currency."""

from __future__ import annotations

from decimal import Decimal

from monitoring.portfolio.cover import Comparison
from monitoring.portfolio.cover_section import cover_section
from monitoring.portfolio.document import (
    Bar,
    Cell,
    Chart,
    Column,
    Figure,
    Section,
    Table,
    band,
    num,
    row,
)
from monitoring.portfolio.report_values import Line, MatrixCell, Slice, Top
from monitoring.portfolio.rules import Assumptions, share_of
from monitoring.portfolio.words import band_words, payer_words, percent_words, status_words
from receivables.credit.rules import PayerClass
from receivables.i18n import decimal, money, number_of, translate_plural
from receivables.i18n import translate as _


def sections_of(
    part: Slice, assumptions: Assumptions, comparison: Comparison | None
) -> list[Section]:
    """In the order in which a bank asks."""
    found = [
        _glance(part),
        _classes(part),
        _concentration(part),
        _red(part),
        _over_limit(part),
        _matrix(part),
        _loss(part, assumptions),
        _terms(part, assumptions),
        cover_section(comparison, assumptions) if comparison is not None else None,
    ]
    return [one for one in found if one is not None]


def _key(part: Slice, name: str) -> str:
    return f"{name}-{part.currency}"


def _glance(part: Slice) -> Section:
    many = translate_plural("%(num)s customer owes", "%(num)s customers owe", part.customers)
    return Section(
        key=_key(part, "glance"),
        title=_("The portfolio in %(currency)s") % {"currency": part.currency},
        figures=(
            Figure(_("Open"), money(part.exposure), many % {"num": decimal(part.customers)}),
            Figure(
                _("Overdue"),
                money(part.overdue),
                percent_words(share_of(part.overdue, part.exposure)),
            ),
            Figure(
                _("Not insured"),
                money(part.uninsured),
                _("insured: %(amount)s") % {"amount": money(part.insured)},
            ),
            Figure(
                _("On the red list"),
                money(part.red.total),
                percent_words(share_of(part.red.total, part.exposure)),
            ),
            Figure(
                _("Expected loss in a year"),
                money(part.expected_loss),
                _("illustrative; not insured: %(amount)s") % {"amount": money(part.uninsured_loss)},
            ),
        ),
    )


def _classes(part: Slice) -> Section:
    worst = [line for line in part.classes if line.band.value in ("D", "E")]
    weak = sum((line.share for line in worst), Decimal(0))
    return Section(
        key=_key(part, "classes"),
        title=_("Solvency classes"),
        chart=Chart(
            sentence=_("%(share)s of the money is owed by customers of class D or E.")
            % {"share": percent_words(weak)},
            bars=tuple(
                Bar(band_words(line.band), percent_words(line.share), line.share, line.band.value)
                for line in part.classes
            ),
        ),
        tables=(
            Table(
                caption=_("Customers and money by solvency class"),
                columns=(
                    Column(_("Class")),
                    Column(_("Customers"), "num"),
                    Column(_("Open"), "num"),
                    Column(_("of which overdue"), "num", wide=True),
                    Column(_("Share"), "num"),
                ),
                rows=tuple(
                    row(
                        band(line.band.value), num(decimal(line.count)),
                        num(number_of(line.exposure)), num(number_of(line.overdue)),
                        num(percent_words(line.share)),
                    )
                    for line in part.classes
                ),
                foot=row(
                    _("Total"), num(decimal(part.customers)), num(number_of(part.exposure)),
                    num(number_of(part.overdue)),
                    num(percent_words(share_of(part.exposure, part.exposure))),
                ),
            ),
        ),
    )  # fmt: skip


def _concentration(part: Slice) -> Section:
    return Section(
        key=_key(part, "concentration"),
        title=_("Concentration"),
        figures=(
            Figure(_("Share of the ten largest"), percent_words(part.largest_share)),
            Figure(
                _("Herfindahl-Hirschman index"),
                decimal(part.hhi),
                _("%(most)s is a single customer") % {"most": decimal(10_000)},
            ),
            Figure(
                _("As concentrated as"),
                _("%(count)s customers of one size") % {"count": decimal(part.equal_customers)},
            ),
        ),
        tables=(_lines(_("The ten largest customers"), part.largest, part, more=False),),
    )


def _lines(caption: str, top: Top, part: Slice, *, more: bool = True) -> Table:
    """Customers with their class and what they owe; how they pay where that is known of any."""
    pays = bool(part.matrix)
    return Table(
        caption=caption,
        columns=(
            Column(_("Customer")),
            Column(_("Class")),
            *((Column(_("Payer class"), wide=True),) if pays else ()),
            Column(_("Open"), "num"),
            Column(_("Overdue"), "num", wide=True),
            Column(_("Share"), "num"),
        ),
        rows=tuple(
            row(
                name_cell(line), band(line.band.value),
                *((Cell(payer_words(line.payer_class)),) if pays else ()),
                num(number_of(line.exposure)), num(number_of(line.overdue)),
                num(percent_words(line.share)),
            )
            for line in top.lines
        ),
        note=more_words(top) if more else "",
    )  # fmt: skip


def name_cell(line: Line) -> Cell:
    words = status_words(line.status) if line.status.is_over else ""
    return Cell(f"{line.name} ({words})" if words else line.name, debtor_id=line.debtor_id)


def more_words(top: Top) -> str:
    left = top.count - len(top.lines)
    if left <= 0:
        return ""
    words = translate_plural(
        "%(num)s more is in the CSV file; all together owe %(amount)s.",
        "%(num)s more are in the CSV file; all together owe %(amount)s.",
        left,
    )
    return words % {"num": decimal(left), "amount": money(top.total)}


def _red(part: Slice) -> Section:
    lead = _("Insolvent, dissolved, or in class E.")
    if not part.red.count:
        return Section(
            key=_key(part, "red"), title=_("Red list"), lead=lead,
            notes=(_("Nobody who owes you something is on it."),),
        )  # fmt: skip
    return Section(
        key=_key(part, "red"),
        title=_("Red list"),
        lead=lead,
        tables=(_lines(_("Customers on the red list"), part.red, part),),
    )


def _over_limit(part: Slice) -> Section:
    title = _("Over their limit")
    if not part.over_limit.count:
        words = (
            _("No customer owes more than their limit allows.")
            if part.limits_known
            else _("No limit is known of anybody who owes you something.")
        )
        return Section(key=_key(part, "limits"), title=title, notes=(words,))
    table = Table(
        caption=_("Customers who owe more than their limit"),
        columns=(
            Column(_("Customer")),
            Column(_("Class")),
            Column(_("Limit"), "num"),
            Column(_("Open"), "num"),
            Column(_("Beyond"), "num"),
        ),
        rows=tuple(
            row(
                name_cell(line), band(line.band.value), num(number_of(line.limit)),
                num(number_of(line.exposure)), num(number_of(line.exposure - line.limit)),
            )
            for line in part.over_limit.lines
            if line.limit is not None
        ),
        note=more_words(part.over_limit),
    )  # fmt: skip
    return Section(key=_key(part, "limits"), title=title, tables=(table,))


def _matrix(part: Slice) -> Section | None:
    """Behaviour down, solvency across; money in each cell, and how many owe it."""
    if not part.matrix:
        return None
    bands = list(dict.fromkeys(cell.band for cell in part.matrix))
    cells = {(cell.payer, cell.band): cell for cell in part.matrix}

    def shown(cell: MatrixCell) -> Cell:
        return num(f"{number_of(cell.exposure)} ({cell.count})" if cell.count else "–")

    table = Table(
        caption=_("How they pay, and how solvent they are"),
        columns=(
            Column(_("Pays like")),
            *(Column(band_words(one), "num") for one in bands),
        ),
        rows=tuple(
            row(payer_words(payer), *(shown(cells[payer, one]) for one in bands))
            for payer in PayerClass
            if any(cells[payer, one].count for one in bands)
        ),
        note=_(
            "The amount open, and in brackets how many customers owe it. The worse of both classes"
            " should decide about limits and payment in advance."
        ),
    )
    return Section(key=_key(part, "matrix"), title=_("Behaviour beside solvency"), tables=(table,))


def _loss(part: Slice, assumptions: Assumptions) -> Section:
    notes = [_words_of_loss(assumptions)]
    one = part.one_default
    if one is not None:
        notes.append(
            _(
                "If the largest customer, %(name)s, failed, %(lost)s would be lost. At a margin of"
                " %(margin)s it takes %(turnover)s of turnover to earn that again."
            )
            % {
                "name": one.name,
                "lost": money(one.lost),
                "margin": percent_words(assumptions.margin / 100),
                "turnover": money(one.turnover_needed),
            }
        )
    table = Table(
        caption=_("Expected loss by class"),
        columns=(
            Column(_("Class")),
            Column(_("Open"), "num"),
            Column(_("Fail within a year"), "num"),
            Column(_("Lost then"), "num", wide=True),
            Column(_("Expected loss"), "num"),
        ),
        rows=tuple(
            row(
                Cell(_("insolvent or dissolved")) if line.band is None else band(line.band.value),
                num(number_of(line.exposure)),
                num(percent_words(line.pd)), num(percent_words(assumptions.lgd / 100)),
                num(number_of(line.loss)),
            )
            for line in part.losses
        ),
        foot=row(
            _("Total"), num(number_of(part.exposure)), num(""), num(""),
            num(number_of(part.expected_loss)),
        ),
    )  # fmt: skip
    return Section(
        key=_key(part, "loss"),
        title=_("Expected loss, illustrative"),
        lead=_("What is open × how many of a class fail in a year × what is lost when they do."),
        tables=(table,),
        notes=tuple(notes),
    )


def _words_of_loss(assumptions: Assumptions) -> str:
    if assumptions.are_examples:
        return _(
            "The probabilities and the loss given default are examples and nobody’s forecast:"
            " put your own in their place."
        )
    return _("The probabilities and the loss given default are the supplier’s own.")


def _terms(part: Slice, assumptions: Assumptions) -> Section:
    title = _("Terms out of line")
    usual = ", ".join(
        _("%(band)s: %(days)s days") % {"band": one.value, "days": days}
        for one, days in assumptions.terms_days.items()
    )
    lead = _("Weak customers with longer terms than their class should have (%(usual)s).") % {
        "usual": usual
    }
    if not part.long_terms.count:
        return Section(
            key=_key(part, "terms"), title=title, lead=lead, notes=(_("There are none."),)
        )
    table = Table(
        caption=title,
        columns=(
            Column(_("Customer")),
            Column(_("Class")),
            Column(_("Days to pay"), "num"),
            Column(_("Open"), "num"),
        ),
        rows=tuple(
            row(
                name_cell(line), band(line.band.value), num(decimal(line.terms_days or 0)),
                num(number_of(line.exposure)),
            )
            for line in part.long_terms.lines
        ),
        note=more_words(part.long_terms),
    )  # fmt: skip
    return Section(key=_key(part, "terms"), title=title, lead=lead, tables=(table,))

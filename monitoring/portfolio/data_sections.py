"""The sections of the report that are about the data: whom it knows, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

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
from monitoring.portfolio.report_values import Change, Moved, Report
from monitoring.portfolio.words import (
    band_words,
    figure_words,
    flaw_words,
    percent_words,
    source_words,
)
from receivables.i18n import day, decimal, money, translate_plural
from receivables.i18n import translate as _
from receivables.money import Money


def coverage_section(report: Report) -> Section:
    """How many customers the rest of the report can speak of."""
    known = report.coverage
    whole = known.customers
    table = Table(
        caption=_("Customers by how surely they are identified"),
        columns=(Column(_("Identified")), Column(_("Customers"), "num"), Column(_("Share"), "num")),
        rows=tuple(
            row(words, num(decimal(count)), num(_part(count, whole)))
            for words, count in (
                (
                    _("exactly: by number, by a person, or by name and place beyond doubt"),
                    known.exact,
                ),
                (_("almost surely, by name and place"), known.strong),
                (_("perhaps: a person has to say"), known.review),
                (_("not identified"), known.unidentified),
                (_("natural persons, not looked up"), known.persons),
            )
        ),
        foot=row(_("Total"), num(decimal(whole)), num(_part(whole, whole))),
    )
    return Section(
        key="coverage",
        title=_("Coverage"),
        figures=(
            Figure(
                _("Identified"),
                _part(known.identified, whole),
                _("%(count)s of %(total)s") % _of(known.identified, whole),
            ),
            Figure(
                _("Scored"),
                _part(known.scored, whole),
                _("%(count)s of %(total)s") % _of(known.scored, whole),
            ),
            Figure(
                _("In another country"),
                _part(known.foreign, whole),
                _("%(count)s of %(total)s") % _of(known.foreign, whole),
            ),
        ),
        tables=(table,),
    )


def counts_section(report: Report) -> Section:
    """Classes in number alone: where a portfolio has no money in it, all there is to say."""
    whole = sum(count for _band, count in report.counts) or 1
    return Section(
        key="counts",
        title=_("Customers by solvency class"),
        chart=Chart(
            sentence=_("How many customers each class has."),
            bars=tuple(
                Bar(band_words(one), decimal(count), Decimal(count) / whole, one.value)
                for one, count in report.counts
            ),
        ),
        tables=(
            Table(
                caption=_("Customers by solvency class"),
                columns=(Column(_("Class")), Column(_("Customers"), "num")),
                rows=tuple(
                    row(band(one.value), num(decimal(count))) for one, count in report.counts
                ),
            ),
        ),
    )


def _part(count: int, whole: int) -> str:
    return percent_words(Decimal(count) / whole) if whole else "–"


def _of(count: int, whole: int) -> dict[str, str]:
    return {"count": decimal(count), "total": decimal(whole)}


def duplicates_section(report: Report) -> Section:
    """What stands in the data twice, and what belongs together without being one."""
    found = report.duplicates
    notes = [_words_of_duplicates(report)]
    if found.clusters and not found.merged:
        notes.append(_("None of them is merged here: each entry counts by itself."))
    elif found.clusters:
        merged = translate_plural(
            "%(num)s of them is counted as one customer here.",
            "%(num)s of them are counted as one customer each here.",
            found.merged,
        )
        notes.append(merged % {"num": decimal(found.merged)})
    tables: tuple[Table, ...] = ()
    if report.groups:
        tables = (
            Table(
                caption=_("Companies that belong together"),
                columns=(Column(_("Companies")), Column(_("Open"), "num")),
                rows=tuple(
                    row(", ".join(one.names), num(moneys(one.exposure))) for one in report.groups
                ),
                note=_("A group is no duplicate: each company owes for itself."),
            ),
        )
    return Section(
        key="duplicates", title=_("Duplicates and groups"), notes=tuple(notes), tables=tables
    )


def _words_of_duplicates(report: Report) -> str:
    found = report.duplicates
    if not found.clusters:
        return _("No customer was found to be in the data twice.")
    words = translate_plural(
        "%(num)s company is in the data more than once, in %(customers)s entries that owe"
        " %(amount)s.",
        "%(num)s companies are in the data more than once, in %(customers)s entries that owe"
        " %(amount)s.",
        found.clusters,
    )
    return words % {
        "num": decimal(found.clusters),
        "customers": decimal(found.customers),
        "amount": moneys(found.exposure),
    }


def moneys(amounts: Sequence[Money]) -> str:
    """Amounts of several currencies beside each other, never added."""
    return " + ".join(money(one) for one in amounts) or "–"


def quality_section(report: Report) -> Section:
    whole = report.coverage.customers
    if not report.flaws:
        words = _("Nothing is missing in what was checked.")
        return Section(key="quality", title=_("Quality of the data"), notes=(words,))
    table = Table(
        caption=_("What is missing or wrong"),
        columns=(
            Column(_("Customers with")),
            Column(_("Customers"), "num"),
            Column(_("Share"), "num"),
        ),
        rows=tuple(
            row(flaw_words(flaw), num(decimal(count)), num(_part(count, whole)))
            for flaw, count in report.flaws
        ),
    )
    return Section(key="quality", title=_("Quality of the data"), tables=(table,))


def sources_section(report: Report, unasked: int) -> Section:
    """Who says so, and how old it is; the CSV has the date of every single score."""
    notes = []
    if unasked:
        words = translate_plural(
            "%(num)s identified company was not asked about: no source answered, or there were"
            " too many.",
            "%(num)s identified companies were not asked about: no source answered, or there were"
            " too many.",
            unasked,
        )
        notes.append(words % {"num": decimal(unasked)})
    if not report.scores:
        notes.append(_("No source has said anything about these customers yet."))
        return Section(key="sources", title=_("Sources and their dates"), notes=tuple(notes))
    table = Table(
        caption=_("Who says so, and when"),
        columns=(
            Column(_("Source")),
            Column(_("Customers"), "num"),
            Column(_("Oldest")),
            Column(_("Newest")),
        ),
        rows=tuple(
            row(
                source_words(one.source), num(decimal(one.count)),
                _day(one.oldest_on), _day(one.newest_on),
            )
            for one in report.scores
        ),
        note=_("The day of every single score is in the CSV file."),
    )  # fmt: skip
    return Section(
        key="sources", title=_("Sources and their dates"), tables=(table,), notes=tuple(notes)
    )


def _day(value: date | None) -> str:
    return day(value) if value is not None else _("not dated")


def change_section(change: Change) -> Section:
    """What is different since the last check of the same kind."""
    came = translate_plural("%(num)s customer is new", "%(num)s customers are new", change.came)
    left = translate_plural(
        "%(num)s is not there any more", "%(num)s are not there any more", change.left
    )
    tables = []
    if change.figures:
        tables.append(_figures(change))
    if change.fell:
        tables.append(_moved(_("Whose class fell"), change.fell))
    if change.rose:
        tables.append(_moved(_("Whose class rose"), change.rose))
    return Section(
        key="change",
        title=_("Since the check of %(day)s") % {"day": day(change.since_on)},
        notes=(f"{came % {'num': decimal(change.came)}}, {left % {'num': decimal(change.left)}}.",),
        tables=tuple(tables),
    )


def _figures(change: Change) -> Table:
    return Table(
        caption=_("Amounts then and now"),
        columns=(
            Column(_("Amount")),
            Column(_("Then"), "num", wide=True),
            Column(_("Now"), "num"),
            Column(_("Difference"), "num"),
        ),
        rows=tuple(
            row(
                figure_words(one.what), num(money(one.before)), num(money(one.after)),
                num(_signed(one.after - one.before)),
            )
            for one in change.figures
        ),
    )  # fmt: skip


def _signed(amount: Money) -> str:
    if not amount:
        return "–"
    return money(amount) if amount.minor < 0 else f"+{money(amount)}"


def _moved(caption: str, found: Sequence[Moved]) -> Table:
    return Table(
        caption=caption,
        columns=(
            Column(_("Customer")),
            Column(_("Then")),
            Column(_("Now")),
            Column(_("Open"), "num"),
        ),
        rows=tuple(
            row(
                Cell(one.name), band(one.before.value), band(one.after.value),
                num(moneys(one.exposure)),
            )
            for one in found
        ),
    )  # fmt: skip

"""The report written out as a document, in the language being read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from monitoring.portfolio.data_sections import (
    change_section,
    counts_section,
    coverage_section,
    duplicates_section,
    quality_section,
    sources_section,
)
from monitoring.portfolio.document import Document, Section
from monitoring.portfolio.money_sections import sections_of
from monitoring.portfolio.report_values import Report
from receivables.i18n import day, decimal
from receivables.i18n import translate as _


def write(
    report: Report,
    *,
    what: str,
    supplier_name: str = "",
    asked_by: str = "",
    delete_on: date | None = None,
    unasked: int = 0,
) -> Document:
    """`what` names what was checked: a file, or the supplier's own book."""
    facts = [
        (_("Checked"), what),
        (_("As of"), day(report.as_of_on)),
        (_("Customers"), decimal(report.coverage.customers)),
        (_("Asked for by"), asked_by),
        (_("Kept until"), day(delete_on) if delete_on is not None else ""),
    ]
    owed = [part for part in report.slices if part.customers]
    sections = [coverage_section(report)]
    if not owed:
        sections.append(counts_section(report))
    for part in owed:
        glance, *others = sections_of(part, report.assumptions, report.cover_of(part.currency))
        if len(owed) > 1:
            others = [_named(one, part.currency) for one in others]
        if part is not owed[0]:
            # What there is nothing to say of is said once.
            others = [one for one in others if one.tables]
        if part is owed[0]:
            # What a bank asks first comes first.
            sections.insert(0, glance)
        else:
            sections.append(glance)
        sections += others
    if report.change is not None:
        sections.append(change_section(report.change))
    sections += [
        duplicates_section(report),
        quality_section(report),
        sources_section(report, unasked),
    ]
    return Document(
        title=_("Portfolio health check"),
        facts=tuple((label, text) for label, text in facts if text),
        sections=tuple(sections),
        as_of_on=report.as_of_on,
        supplier_name=supplier_name,
    )


def _named(section: Section, currency: str) -> Section:
    """Where the same is told of several currencies, a title says of which."""
    return replace(section, title=f"{section.title} ({currency})")

"""Readings from a file that a supplier uploads, CSV or XLSX: the feed that needs no contract.

One line a reading, the first line naming the columns in any order; in CSV comma, semicolon or tab
between columns, UTF-8 (with or without a mark) or Windows-1252:

    registration_number  the company's number in a register (SIREN, KBO, UID, VAT)   one of
    debtor_number        the supplier's own number for the debtor                     these two
    as_of_on             the day the source speaks of, 2026-11-02 or 02.11.2026       needed
    score                0 (worst) to 100 (best), whole                               one of
    band                 A to E, or "none" where the score was withdrawn              these two
    source               who says so; "file" where it is not named
    reference            the source's own key for the reading
    limit, currency      the credit the source would give, such as 25000.00 and CHF
    status               what the source says of the company itself
    days_beyond_terms    by how many days it pays others late

An XML report of Creditsafe's is one reading, with Creditsafe's own band.

The file's scale is 0 to 100. Where a line has no band of its own, 80 and more is A, 60 B, 40 C,
20 D, and below that E.

A file is taken whole or refused whole, with every faulty line explained.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from monitoring.alerts.rules import SCALE
from monitoring.bands import Band, band_of
from monitoring.feeds import creditsafe_report
from monitoring.feeds.workbook import NoWorkbook, is_workbook, rows_of_workbook
from monitoring.readings import NewReading
from receivables.errors import ReceivablesError
from receivables.i18n import current_locale
from receivables.i18n import translate as _
from receivables.money import Money, NotAnAmount

#: Name, whether it is needed on its own, and an example.
COLUMNS = (
    ("registration_number", False, "CHE-123.456.788"),
    ("debtor_number", False, "K00042"),
    ("as_of_on", True, "2026-11-02"),
    ("score", False, "62"),
    ("band", False, "B"),
    ("source", False, "creditreform"),
    ("reference", False, "2026-11-02/17"),
    ("limit", False, "25000.00"),
    ("currency", False, "CHF"),
    ("status", False, "active"),
    ("days_beyond_terms", False, "12"),
)

FLOORS = ((80, Band.A), (60, Band.B), (40, Band.C), (20, Band.D), (0, Band.E))
SIZE_LIMIT = 10 * 1024 * 1024
LINE_LIMIT = 20_000
#: Explaining more helps nobody.
FAULTS_TOLD = 100


def band_of_score(score: int) -> Band:
    """The band of a score of this feed; see the top of the file."""
    return band_of(score, FLOORS)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a file: the line (1 is the header), what, and how to mend it, in the
    language that `parse` was called in.
    """

    where: int
    what: str
    how: str


class BadReadingsFile(ReceivablesError):
    """Nothing of the file was taken; `faults` says why."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults[:FAULTS_TOLD])
        super().__init__(f"{len(faults)} faults in a file of readings")


@dataclass(frozen=True, slots=True)
class FileReading:
    """One line: whom it is about, as the file says it, and the reading."""

    line: int
    registration_number: str
    debtor_number: str
    reading: NewReading


class _Faulty(Exception):
    def __init__(self, what: str, how: str) -> None:
        self.what, self.how = what, how
        super().__init__(what)


def parse(content: bytes, *, today: date) -> list[FileReading]:
    """The readings of a file; a day after `today` is a fault. Raises BadReadingsFile."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _reports(content, today)
    rows = _rows(content)
    readings, faults = [], []
    for line, row in rows:
        try:
            readings.append(_reading(line, row, today))
        except _Faulty as fault:
            faults.append(Fault(line, fault.what, fault.how))
    if not readings and not faults:
        faults.append(
            Fault(1, _("There is no line below the header."), _("Add one line per reading."))
        )
    faults += _doubles(readings)
    if faults:
        raise BadReadingsFile(sorted(faults, key=lambda fault: fault.where))
    return readings


def _reports(content: bytes, today: date) -> list[FileReading]:
    """Creditsafe's reports, for whoever saves them as files."""
    try:
        reports = creditsafe_report.read(content).reports
    except creditsafe_report.CreditsafeSays as says:
        raise BadReadingsFile(
            [Fault(1, says.reason, _("Ask for the report again, or give a CSV file."))]
        ) from says
    if not reports:
        raise BadReadingsFile(
            [Fault(1, _("The XML holds no report."), _("Give a company report of Creditsafe’s."))]
        )
    return [
        FileReading(
            line=1,
            registration_number=report.company.registration_number,
            debtor_number="",
            reading=creditsafe_report.reading_of(report, read_on=today),
        )
        for report in reports
    ]


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(content) > SIZE_LIMIT:
        raise BadReadingsFile([Fault(1, _("The file is larger than 10 MB."), _("Split the file."))])
    lines = _sheet_lines(content) if is_workbook(content) else _csv_lines(content)
    _first, names = next(lines, (1, []))
    header = [name.strip().lower() for name in names]
    _check_header(header)
    for line, values in lines:
        if line > LINE_LIMIT:
            raise BadReadingsFile(
                [
                    Fault(
                        line,
                        _("The file has more than %(limit)s lines.") % {"limit": LINE_LIMIT},
                        _("Split the file."),
                    )
                ]
            )
        if any(value.strip() for value in values):
            if len(values) > len(header):
                raise BadReadingsFile(
                    [
                        Fault(
                            line,
                            _("The line has more values than the header has columns."),
                            _("Put values that contain the separator in double quotes."),
                        )
                    ]
                )
            padded = [*values, *([""] * (len(header) - len(values)))]
            yield (
                line,
                {name: value.strip() for name, value in zip(header, padded, strict=True)},
            )


def _sheet_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from rows_of_workbook(content, locale=current_locale())
    except NoWorkbook as refused:
        raise BadReadingsFile([Fault(refused.line, refused.what, refused.how)]) from refused


def _csv_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    lines = csv.reader(io.StringIO(_text(content), newline=""), delimiter=_delimiter(content))
    try:
        for values in lines:
            yield lines.line_num, values
    except csv.Error as error:
        raise BadReadingsFile(
            [
                Fault(
                    lines.line_num,
                    _("The line cannot be read: %(reason)s.") % {"reason": error},
                    _("Save the sheet as CSV (UTF-8) and give that file."),
                )
            ]
        ) from error


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter(content: bytes) -> str:
    header = content.partition(b"\n")[0]
    return max((";", ",", "\t"), key=lambda one: header.count(one.encode()))


def _check_header(header: list[str]) -> None:
    known = {name for name, _needed, _example in COLUMNS}
    faults = [
        Fault(
            1,
            _("There is no column %(name)s.") % {"name": name},
            _("Name the columns in the first line."),
        )
        for name, needed, _example in COLUMNS
        if needed and name not in header
    ]
    for either in (("registration_number", "debtor_number"), ("score", "band")):
        if not set(either) & set(header):
            faults.append(
                Fault(
                    1,
                    _("There is neither a column %(one)s nor a column %(other)s.")
                    % {"one": either[0], "other": either[1]},
                    _("Add one of them."),
                )
            )
    faults += [
        Fault(
            1,
            _("The column %(name)s is not known.") % {"name": name},
            _("Known are %(names)s.") % {"names": ", ".join(sorted(known))},
        )
        for name in sorted(set(header) - known)
    ]
    if len(set(header)) < len(header):
        faults.append(Fault(1, _("A column is named twice."), _("Keep one of them.")))
    if faults:
        raise BadReadingsFile(faults)


def _reading(line: int, row: dict[str, str], today: date) -> FileReading:
    value: Callable[[str], str] = lambda name: row.get(name, "")  # noqa: E731 - names a column
    if not value("registration_number") and not value("debtor_number"):
        raise _Faulty(
            _("The line does not say which debtor."),
            _("Fill in registration_number or debtor_number."),
        )
    score, band = _score(value("score")), _band(value("band"))
    if band is None and score is None:
        raise _Faulty(
            _("There is neither score nor band."),
            _("Fill in one of them; a withdrawn score is the band none."),
        )
    if band is Band.NONE and score is not None:
        raise _Faulty(
            _("A withdrawn score has no points."), _("Leave the score empty, or name the band.")
        )
    for name, longest in (("source", 40), ("reference", 120), ("status", 40)):
        if len(value(name)) > longest:
            raise _Faulty(
                _("%(name)s is longer than %(limit)s characters.")
                % {"name": name, "limit": longest},
                _("Shorten it."),
            )
    return FileReading(
        line=line,
        registration_number=value("registration_number"),
        debtor_number=value("debtor_number"),
        reading=NewReading(
            source=value("source").lower() or "file",
            as_of_on=_day(value("as_of_on"), today),
            scale=SCALE,
            score=score,
            band=band or band_of_score(score or 0),
            limit=_limit(value("limit"), value("currency")),
            status=value("status") or None,
            days_beyond_terms=_days_late(value("days_beyond_terms")),
            reference=value("reference") or None,
        ),
    )


def _score(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) > 100:
        raise _Faulty(
            _("“%(text)s” is no score.") % {"text": text},
            _("Write a whole number from 0 (worst) to 100 (best)."),
        )
    return int(text)


def _days_late(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII):
        raise _Faulty(
            _("“%(text)s” is no number of days.") % {"text": text},
            _("Write a whole number from 0 to 999."),
        )
    return int(text)


def _band(text: str) -> Band | None:
    if not text:
        return None
    try:
        return Band.NONE if text.lower() == "none" else Band(text.upper())
    except ValueError:
        raise _Faulty(
            _("“%(text)s” is no band.") % {"text": text}, _("Write A, B, C, D, E or none.")
        ) from None


_GERMAN_DAY = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})", re.ASCII)


def _day(text: str, today: date) -> date:
    written = _GERMAN_DAY.sub(r"\3-\2-\1", text)
    try:
        if len(written) != 10:
            raise ValueError(text)
        day = date.fromisoformat(written)
    except ValueError:
        raise _Faulty(
            _("“%(text)s” is no day.") % {"text": text}, _("Write 2026-11-02 or 02.11.2026.")
        ) from None
    if day > today:
        raise _Faulty(
            _("%(text)s is in the future.") % {"text": text},
            _("Give the day the source speaks of."),
        )
    return day


def _limit(text: str, currency: str) -> Money | None:
    if not text:
        return None
    if not re.fullmatch(r"[A-Za-z]{3}", currency):
        raise _Faulty(
            _("The limit has no currency."), _("Fill in the column currency, such as CHF.")
        )
    try:
        limit = Money.parse(text, currency.upper())
    except NotAnAmount:
        raise _Faulty(
            _("“%(text)s” is no amount.") % {"text": text},
            _("Write 25000.00, without grouping."),
        ) from None
    if limit.minor < 0:
        raise _Faulty(_("The limit is below zero."), _("Give 0 or more."))
    return limit


def _doubles(readings: list[FileReading]) -> list[Fault]:
    """Two lines of one file may not contradict each other: nothing says which comes last."""
    seen: dict[tuple[str, ...], FileReading] = {}
    faults = []
    for one in readings:
        reading = one.reading
        key = (
            one.registration_number, one.debtor_number, reading.source,
            reading.as_of_on.isoformat(), reading.reference or "",
        )  # fmt: skip
        first = seen.setdefault(key, one)
        if first is not one and first.reading.key != reading.key:
            faults.append(
                Fault(
                    one.line,
                    _("The line contradicts line %(line)s.") % {"line": first.line},
                    _("Keep the one that holds."),
                )
            )
    return faults

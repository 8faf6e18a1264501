"""The Belgian register's open data (KBO/BCE): a ZIP of CSV files, full or an update.

`enterprise.csv` tells of every active enterprise its juridical situation as a code, `code.csv`
what the codes mean. An update has `enterprise_delete.csv` and `enterprise_insert.csv` instead; who
is deleted and not inserted again is no longer active. The files are read as a stream, nothing is
unpacked to disk, and only what is asked for is kept: two million enterprises need no more memory
than two.

Source: Cookbook KBO Open Data (FPS Economy): columns, days as dd-mm-yyyy, numbers as 0123.456.789.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final

from monitoring.feeds.kbo_words import (
    kind_of_situation,
    label_of,
    says_active,
    says_person,
)
from monitoring.insolvency.kinds import EventKind
from receivables.errors import ReceivablesError
from receivables.i18n import translate as _

#: A full file has ten members; the largest that is read unfolds to less than 200 MB.
MOST_MEMBERS: Final = 100
LARGEST_MEMBER: Final = 1_000_000_000
LARGEST_CODES: Final = 50_000_000
#: CSV of this kind shrinks to a tenth; what shrinks to a three-hundredth is no register.
STEEPEST: Final = 300
LONGEST_LINE: Final = 20_000
MOST_LINES: Final = 20_000_000
#: Explaining more helps nobody.
FAULTS_TOLD: Final = 100

_ENTERPRISE: Final = ("EnterpriseNumber", "Status", "JuridicalSituation", "TypeOfEnterprise")
_CODE: Final = ("Category", "Code", "Language", "Description")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: in which file, on which line (0: the file as a whole), what, how to mend."""

    file: str
    line: int
    what: str
    how: str


class NotOpenData(ReceivablesError):
    """Nothing of the file can be taken; `faults` says why."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults[:FAULTS_TOLD])
        super().__init__("; ".join(f"{one.file}: {one.what}" for one in self.faults[:3]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """One enterprise as the register has it. `situation` is the register's code."""

    number: str
    situation: str
    kind: EventKind
    label: str
    is_person: bool
    name: str = ""


@dataclass(slots=True)
class OpenData:
    """What a file says of the enterprises that were asked for.

    `gone` are those an update takes out. `faults` are lines that were left out; `lines` counts
    all that were read.
    """

    snapshot_on: date
    is_full: bool
    extract: str
    situations: Mapping[str, EventKind]
    found: dict[str, Enterprise] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0


Labels = dict[tuple[str, str], dict[str, str]]


def _digits(text: str) -> str:
    """The figures of a number, unchecked: what is asked for has been checked before."""
    return text.strip().replace(".", "")


def read(path: Path, wanted: Set[str]) -> OpenData:
    """What the file says of the `wanted` enterprise numbers. Raises NotOpenData."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # NotImplementedError: a method of packing nobody uses; RuntimeError: a password.
        raise _refused(
            path.name,
            _("The archive cannot be read: %(reason)s.") % {"reason": str(error)[:100]},
            _("Download the ZIP file again."),
        ) from error


def _read(archive: zipfile.ZipFile, wanted: Set[str]) -> OpenData:
    members = _members(archive)
    if "code.csv" not in members:
        raise _missing("code.csv")
    is_full = "enterprise.csv" in members
    if not is_full and "enterprise_insert.csv" not in members:
        raise _missing("enterprise.csv")
    labels = _codes(archive, members["code.csv"])
    situations = {
        code: kind_of_situation(said)
        for (category, code), said in labels.items()
        if category == "JuridicalSituation"
    }
    if not situations:
        raise _refused(
            "code.csv",
            _("There is no label of a juridical situation."),
            _("Download the ZIP file again."),
        )
    meta = _meta(archive, members)
    data = OpenData(
        snapshot_on=_snapshot_on(meta),
        is_full=is_full,
        extract=meta.get("ExtractNumber", "")[:20],
        situations=situations,
    )
    if is_full:
        _enterprises(archive, members["enterprise.csv"], wanted, labels, data)
    else:
        if "enterprise_delete.csv" in members:
            _deleted(archive, members["enterprise_delete.csv"], wanted, data)
        _enterprises(archive, members["enterprise_insert.csv"], wanted, labels, data)
        data.gone -= set(data.found)
    _names(archive, members, data)
    return data


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by name, after a look at what they would unfold to; nothing is unpacked yet."""
    listed = archive.infolist()
    if len(listed) > MOST_MEMBERS:
        raise _bomb()
    members: dict[str, zipfile.ZipInfo] = {}
    for member in listed:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or member.is_dir():
            continue
        members.setdefault(path.name.lower(), member)
    for name, member in members.items():
        if not name.startswith(("enterprise", "code", "meta", "denomination")):
            continue
        largest = LARGEST_CODES if name in ("code.csv", "meta.csv") else LARGEST_MEMBER
        if member.file_size > largest or member.file_size > STEEPEST * max(
            member.compress_size, 1000
        ):
            raise _bomb(name)
    return members


def _rows(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, columns: tuple[str, ...]
) -> Iterator[tuple[int, list[str]]]:
    """The line's number and its values of these columns. Raises NotOpenData for another layout."""
    name = PurePosixPath(member.filename).name
    with archive.open(member) as packed:
        lines = csv.reader(_text_lines(packed, name))
        header = [one.strip().lstrip("\ufeff") for one in next(lines, [])]
        missing = [one for one in columns if one not in header]
        if missing:
            raise _refused(
                name,
                _("There is no column %(name)s.") % {"name": ", ".join(missing)},
                _("Give the file as the register publishes it."),
            )
        places = [header.index(one) for one in columns]
        last = max(places)
        try:
            for values in lines:
                if len(values) > last:
                    yield lines.line_num, [values[place] for place in places]
                elif values:
                    yield lines.line_num, []
        except csv.Error as error:
            raise _refused(
                name,
                _("Line %(line)s cannot be read: %(reason)s.")
                % {"line": lines.line_num, "reason": error},
                _("Download the ZIP file again."),
            ) from error


def _text_lines(packed: IO[bytes], name: str) -> Iterator[str]:
    """Line by line, each bounded: a file without line ends must not be read as one line."""
    buffered = io.BufferedReader(packed, 1 << 16)  # type: ignore[type-var]
    for count in range(MOST_LINES):
        line = buffered.readline(LONGEST_LINE)
        if not line:
            return
        if len(line) == LONGEST_LINE:
            raise _refused(
                name,
                _("Line %(line)s has no end.") % {"line": count + 1},
                _("Download the ZIP file again."),
            )
        yield line.decode("utf-8", errors="replace")
    raise _bomb(name)


def _codes(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Labels:
    """Labels by category and code, then by language; activities are left out."""
    kept = ("JuridicalSituation", "Status", "TypeOfEnterprise")
    labels: Labels = {}
    for _line, values in _rows(archive, member, _CODE):
        if values and values[0] in kept:
            category, code, language, words = (one.strip() for one in values)
            labels.setdefault((category, code), {})[language.upper()] = words[:300]
    return labels


def _meta(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> dict[str, str]:
    if "meta.csv" not in members:
        raise _missing("meta.csv")
    rows = _rows(archive, members["meta.csv"], ("Variable", "Value"))
    return {values[0].strip(): values[1].strip() for _line, values in rows if values}


def _snapshot_on(meta: Mapping[str, str]) -> date:
    try:
        return datetime.strptime(meta.get("SnapshotDate", ""), "%d-%m-%Y").date()  # noqa: DTZ007 - a day
    except ValueError:
        raise _refused(
            "meta.csv",
            _("It does not say of which day the data are."),
            _("Download the ZIP file again."),
        ) from None


def _enterprises(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    wanted: Set[str],
    labels: Labels,
    data: OpenData,
) -> None:
    name = PurePosixPath(member.filename).name
    for line, values in _rows(archive, member, _ENTERPRISE):
        data.lines += 1
        if not values:
            _left_out(data, name, line, _("The line has too few columns."))
            continue
        number = _digits(values[0])
        if len(number) != 10 or not number.isdecimal():
            words = _("“%(text)s” is no enterprise number.") % {"text": values[0][:20]}
            _left_out(data, name, line, words)
            continue
        if number in wanted:
            data.found[number] = _enterprise(number, values, labels, data.situations)
            if values[2].strip() not in data.situations:
                words = _("Nothing says what the situation “%(code)s” means.")
                _left_out(data, name, line, words % {"code": values[2][:20]})


def _enterprise(
    number: str, values: list[str], labels: Labels, situations: Mapping[str, EventKind]
) -> Enterprise:
    status, situation, form = (one.strip()[:20] for one in values[1:4])
    kind = situations.get(situation, EventKind.HUMAN_READ)
    label = label_of(labels.get(("JuridicalSituation", situation), {}))
    said = labels.get(("Status", status), {})
    if kind is EventKind.OTHER and not says_active(said):
        kind, label = EventKind.INACTIVE, label_of(said)
    return Enterprise(
        number=number,
        situation=situation,
        kind=kind,
        label=label or situation,
        is_person=says_person(labels.get(("TypeOfEnterprise", form), {})),
    )


def _deleted(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, wanted: Set[str], data: OpenData
) -> None:
    for _line, values in _rows(archive, member, ("EnterpriseNumber",)):
        data.lines += 1
        number = _digits(values[0]) if values else ""
        if number in wanted:
            data.gone.add(number)


def _names(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], data: OpenData
) -> None:
    """What those are called of whom there is something to say; people are named by nobody."""
    told = {
        number
        for number, one in data.found.items()
        if one.kind is not EventKind.OTHER and not one.is_person
    }
    member = members.get("denomination.csv") or members.get("denomination_insert.csv")
    if not told or member is None:
        return
    columns = ("EntityNumber", "TypeOfDenomination", "Denomination")
    for _line, values in _rows(archive, member, columns):
        if not values or values[1].strip() != "001":
            continue
        number = _digits(values[0])
        if number in told:
            told.discard(number)
            one = data.found[number]
            data.found[number] = Enterprise(
                number=one.number, situation=one.situation, kind=one.kind, label=one.label,
                is_person=one.is_person, name=values[2].strip()[:200],
            )  # fmt: skip
        if not told:
            return


def _left_out(data: OpenData, file: str, line: int, what: str) -> None:
    if len(data.faults) < FAULTS_TOLD:
        how = _("The other lines were taken; report the line to the register.")
        data.faults.append(Fault(file, line, what, how))


def _refused(file: str, what: str, how: str) -> NotOpenData:
    return NotOpenData([Fault(file, 0, what, how)])


def _missing(name: str) -> NotOpenData:
    return _refused(
        name,
        _("The archive has no %(name)s.") % {"name": name},
        _("Give the ZIP file of the register’s open data, full or update, as it was downloaded."),
    )


def _bomb(name: str = "ZIP") -> NotOpenData:
    return _refused(
        name,
        _("The archive unfolds to more than a register has to say."),
        _("Download the ZIP file again."),
    )

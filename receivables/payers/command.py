"""`quittance forecast evaluate` and `... predict`: on any history, without a database."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

from receivables.payers.history_columns import left_out
from receivables.payers.history_files import HistoryRefused, lines_of, read_history
from receivables.payers.pasts import Expectation, Past

COLUMNS = (
    "customer", "invoice", "expected_on", "prudent_on", "p10_on", "p90_on",
    "p_late", "p_by_due", "p_by_15", "p_by_30", "days_late", "basis",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Answer:
    """Exit code (0 done, 1 refused, 2 wrong usage) and what is said, as lines and as an object."""

    code: int
    lines: Sequence[str]
    told: dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `quittance forecast` takes."""
    kinds = parser.add_subparsers(dest="what", required=True)
    measured = kinds.add_parser("evaluate", help="measure forecasts on a history")
    columns = "columns customer, invoice, issued_on, due_on, paid_on, amount and more"
    measured.add_argument("path", metavar="CSV", type=Path, help=columns)
    when = "learn what was known then, measure what came after"
    measured.add_argument("--split", required=True, type=_day, metavar="DAY", help=when)
    predicted = kinds.add_parser("predict", help="say when open invoices will be paid")
    predicted.add_argument("--train", required=True, metavar="CSV", type=Path, help="a history")
    same = "invoices, under the same columns; what was paid of them is not read"
    predicted.add_argument("--score", required=True, metavar="CSV", type=Path, help=same)
    known = "the scored invoices were open at the end of this day"
    predicted.add_argument("--as-of", type=_day, metavar="DAY", help=known)
    predicted.add_argument("--out", metavar="CSV", type=Path, help="default: standard output")
    for one in (measured, predicted):
        one.add_argument("--json", action="store_true")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def run(options: argparse.Namespace, *, out: TextIO, err: TextIO) -> int:
    """Answer on `out`; what is refused, and what was understood how, on `err`."""
    try:
        if options.what == "predict":
            return _predict(options, out, err)
        answer = _evaluate(options)
    except OSError as error:
        err.write(f"{error}\n")
        return 2
    except _Unusable as error:
        answer = _Answer(1, error.lines, error.told)
    return _say(answer, options.json, out, err)


def _say(answer: _Answer, as_json: bool, out: TextIO, err: TextIO) -> int:
    if as_json:
        out.write(json.dumps(answer.told, ensure_ascii=False, indent=2) + "\n")
    else:
        (err if answer.code else out).write("\n".join(answer.lines) + "\n")
    return answer.code


class _Unusable(Exception):
    """A file is refused, or there is nothing to learn from."""

    def __init__(self, lines: Sequence[str], told: dict[str, Any]) -> None:
        self.lines, self.told = lines, told
        super().__init__(lines[0])


@dataclass(frozen=True, slots=True)
class _Read:
    pasts: tuple[Past, ...]
    extras: tuple[str, ...]
    notes: tuple[str, ...]


def _read(path: Path) -> _Read:
    try:
        history = read_history(path)
    except HistoryRefused as refused:
        lines = [f"{path}: {fault}" for fault in refused.faults]
        if refused.more:
            lines.append(f"{path}: and {refused.more} more")
        told = {
            "refused": str(path),
            "faults": [asdict(fault) for fault in refused.faults],
            "more": refused.more,
        }
        raise _Unusable(lines, told) from refused
    return _Read(history.pasts, history.extras, tuple(lines_of(history)))


def _nothing(what: str) -> _Unusable:
    return _Unusable([what], {"refused": what})


def _with_traits(pasts: Sequence[Past], names: Sequence[str]) -> list[Past]:
    return [replace(past, traits={name: past.traits[name] for name in names}) for past in pasts]


def _evaluate(options: argparse.Namespace) -> _Answer:
    # Loaded where it is needed: it takes as long as the rest of a command.
    from receivables.payers.measuring import evaluate
    from receivables.payers.model import NothingToLearnFrom

    read = _read(options.path)
    without = left_out(read.pasts, names=read.extras)
    names = [name for name in read.extras if name not in without]
    try:
        found = evaluate(_with_traits(read.pasts, names), options.split)
    except NothingToLearnFrom as error:
        raise _nothing(f"{error}: choose a later --split") from error
    best = found.headline
    if best is None:
        raise _nothing(
            f"nothing was paid after {options.split}: choose an earlier --split"
        )  # fmt: skip
    told: dict[str, Any] = {
        "file": str(options.path),
        "split": found.split.isoformat(),
        "learnt": {"paid": found.learnt_paid, "open": found.learnt_open,
                   "customers": found.customers},
        "measured_on": "issued_after" if found.issued_after else "open_at_split",
        "count": best.count,
        **_rounded(asdict(best.ours)),
        "baselines": {
            "rolling_median": _rounded(asdict(best.rolling_median)),
            "due_date": _rounded(asdict(best.due_date)),
        },
        "issued_after": found.issued_after and _rounded(asdict(found.issued_after)),
        "open_at_split": found.open_at_split and _rounded(asdict(found.open_at_split)),
        "still_open": found.still_open,
        "learnt_from": names,
        "left_out": without,
        "notes": list(read.notes),
    }  # fmt: skip
    return _Answer(0, list(_table(told)), told)


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value) if isinstance(value, dict)
        else round(value, 4) if isinstance(value, float) else value
        for name, value in values.items()
    }  # fmt: skip


_HEAD = ("", "error, days", "bias, days", "AUC late", "80 % holds", "width, days", "by prudent",
         "weekly cash")  # fmt: skip
_FIELDS = ("mae_days", "bias_days", "auc_late", "coverage_80", "width_80_days", "prudent_share",
           "weekly_cash_error")  # fmt: skip


def _table(told: dict[str, Any]) -> list[str]:
    learnt = told["learnt"]
    lines = [
        f"split {told['split']}: learnt from {learnt['paid']} paid and {learnt['open']} open"
        f" invoices of {learnt['customers']} customers",
    ]
    for name, words in (
        ("issued_after", "issued after the split"), ("open_at_split", "open at the split"),
    ):  # fmt: skip
        if told[name]:
            share = told[name]["late_share"]
            lines += ["", f"{told[name]['count']} {words} ({share:.0%} paid late)"]
            lines.append("  ".join(one.rjust(14 if i == 0 else 11) for i, one in enumerate(_HEAD)))
            lines += [
                _row(method.replace("_", " "), told[name][method])
                for method in ("ours", "rolling_median", "due_date")
            ]
    lines += ["", f"{told['still_open']} never paid in this file, and not measured"]
    if told["learnt_from"]:
        lines.append(f"learnt from, too: {', '.join(told['learnt_from'])}")
    lines += [f"left out: {name} ({why})" for name, why in told["left_out"].items()]
    lines += told["notes"]
    return lines


def _row(method: str, values: dict[str, float | None]) -> str:
    cells = [method.rjust(14)]
    for name in _FIELDS:
        value = values[name]
        text = "-" if value is None else f"{value:.2f}" if "days" in name else f"{value:.3f}"
        cells.append(text.rjust(11))
    return "  ".join(cells)


def _predict(options: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    scored, found, notes = _predicted(options)
    for note in notes:
        err.write(f"{note}\n")
    rows = [_cells(past, one) for past, one in zip(scored, found, strict=True)]
    sink = io.StringIO()
    if options.json:
        json.dump([dict(zip(COLUMNS, row, strict=True)) for row in rows], sink, indent=1)
        sink.write("\n")
    else:
        csv.writer(sink, lineterminator="\n").writerows([COLUMNS, *rows])
    if options.out is None:
        out.write(sink.getvalue())
    else:
        options.out.write_text(sink.getvalue(), encoding="utf-8")
    return 0


def _predicted(
    options: argparse.Namespace,
) -> tuple[Sequence[Past], Sequence[Expectation], Sequence[str]]:
    # As above.
    from receivables.payers.forecasting import expectations, learn
    from receivables.payers.model import NothingToLearnFrom

    train, score = _read(options.train), _read(options.score)
    without = left_out(train.pasts, names=train.extras)
    names = [name for name in train.extras if name not in without and name in score.extras]
    learnt = _with_traits(train.pasts, names)
    as_of = max(max(past.issued_on, past.paid_on or past.issued_on) for past in learnt)
    try:
        model = learn(learnt, options.as_of or as_of)
    except NothingToLearnFrom as error:
        raise _nothing(str(error)) from error
    known_open = {(past.customer, past.invoice) for past in learnt if past.paid_on is None}
    scored = _with_traits(score.pasts, names)
    open_on = [
        max(past.issued_on - timedelta(days=1), _known_open_on(past, options, known_open, as_of))
        for past in scored
    ]
    notes = [*train.notes, *score.notes, f"learnt from what was known on {model.as_of}"]
    if names:
        notes.append(f"learnt from, too: {', '.join(names)}")
    return scored, expectations(model, scored, open_on), notes


def _known_open_on(
    past: Past, options: argparse.Namespace, known_open: Set[tuple[str, str]], as_of: date
) -> date:
    """The last day on which the invoice is known to be open; where nobody says, none."""
    if options.as_of is not None:
        day: date = options.as_of
        return day
    return as_of if (past.customer, past.invoice) in known_open else date.min


def _cells(past: Past, one: Expectation) -> list[str]:
    days = (one.expected_on, one.prudent_on, one.p10_on, one.p90_on)
    chances = (one.p_late, one.p_by_due, one.p_by_15, one.p_by_30)
    return [
        past.customer,
        past.invoice,
        *(day.isoformat() for day in days),
        *(f"{chance:.4f}" for chance in chances),
        str((one.expected_on - past.due_on).days),
        one.basis.value,
    ]

"""`quittance interest` and `quittance rates load`."""

from __future__ import annotations

import argparse
import json
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from receivables.database import SYSTEM
from receivables.errors import ReceivablesError
from receivables.interest.laws import DebtorKind, NoLateInterestRule, law_of
from receivables.interest.loading import load_rates
from receivables.interest.owed import Movement
from receivables.interest.rates import COLUMNS, RateBook, RateMissing, RatesRefused, read_rates
from receivables.interest.reckoning import Late, reckon
from receivables.interest.rules import Notice, NotInDefault, RuleTooYoung, Terms
from receivables.interest.showing import as_json, as_text
from receivables.money import Money, NotAnAmount
from receivables.runtime import Runtime
from receivables.workdays import WEEKDAYS


class BadQuestion(ReceivablesError):
    """The command was asked something that cannot be meant."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `quittance interest` takes."""
    parser.add_argument("--country", required=True, help="of the debtor: FR, BE, CH, DE, LU ...")
    parser.add_argument("--debtor", choices=[one.value for one in DebtorKind], default="business")
    parser.add_argument("--principal", required=True, help="what was invoiced: 10000.00")
    parser.add_argument("--currency", required=True, help="EUR, CHF, GBP")
    parser.add_argument("--due", required=True, type=_day, metavar="DAY", help="2023-01-15")
    parser.add_argument("--paid", required=True, type=_day, metavar="DAY", help="the last day")
    parser.add_argument("--payment", action="append", default=[], type=_payment,
                        metavar="DAY=AMOUNT", help="a part paid before; repeatable")  # fmt: skip
    parser.add_argument("--contracted", type=_day, metavar="DAY", help="default: the due date")
    parser.add_argument("--agreed", metavar="PERCENT", help="a year, as the contract has it")
    parser.add_argument("--notice", type=_day, metavar="DAY", help="first reminder, formal notice")
    parser.add_argument("--notice-by", choices=("electronic", "post"), default="electronic")
    parser.add_argument("--due-not-agreed", action="store_true",
                        help="the due date stands on the invoice alone")  # fmt: skip
    parser.add_argument("--small-creditor", action="store_true", help="an SME, in Belgium")
    parser.add_argument("--no-compensation", action="store_true", help="interest alone")
    parser.add_argument("--supplier", help="with a database: whose own rates count as well")
    parser.add_argument("--json", action="store_true")


def add_load_arguments(parser: argparse.ArgumentParser) -> None:
    """What `quittance rates load` takes."""
    columns = ", ".join(COLUMNS)
    parser.add_argument("path", metavar="PATH", type=Path, help=f"CSV with columns {columns}")


def load(runtime: Runtime, path: Path) -> tuple[int, list[str]]:
    """Take a file of rates in for every supplier, whole or not at all: exit code and lines."""
    try:
        rows = read_rates(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return 2, [str(error)]
    except RatesRefused as refused:
        return 1, [f"{path}: {fault}" for fault in refused.faults]
    with runtime.transaction(SYSTEM) as session:
        added = load_rates(session, rows, clock=runtime.clock)
    return 0, [f"{len(rows)} rates, {added} new"]


def answer(options: argparse.Namespace, book: RateBook) -> tuple[int, list[str]]:
    """Exit code and lines; with --json a refusal is an object, too."""
    try:
        late = _late(options)
        found = reckon(
            late, options.paid, with_compensation=not options.no_compensation, book=book,
            calendar=WEEKDAYS,
        )  # fmt: skip
    except BadQuestion as error:
        return 2, [str(error)]
    except (RateMissing, NotInDefault, RuleTooYoung) as error:
        hint = "; say with --notice when" if isinstance(error, NotInDefault) else ""
        return 1, [json.dumps(_refusal(error)) if options.json else f"{error}{hint}"]
    if options.json:
        return 0, [json.dumps(as_json(found, late.terms), ensure_ascii=False, indent=2)]
    return 0, list(as_text(found, late.terms))


def _late(options: argparse.Namespace) -> Late:
    currency = options.currency.upper()
    if len(currency) != 3 or not currency.isalpha() or not currency.isascii():
        raise BadQuestion(f"{options.currency!r} is no currency")
    try:
        principal = Money.parse(options.principal, currency)
        movements = tuple(
            Movement(day, Money.parse(amount, currency)) for day, amount in options.payment
        )
        terms = Terms(
            law=law_of(options.country, DebtorKind(options.debtor)),
            contracted_on=options.contracted or options.due,
            agreed=_percent(options.agreed),
            due_is_agreed=not options.due_not_agreed,
            creditor_is_small=options.small_creditor,
        )
    except (NotAnAmount, NoLateInterestRule) as error:
        raise BadQuestion(str(error)) from error
    if principal.minor <= 0 or any(one.amount.minor <= 0 for one in movements):
        raise BadQuestion("amounts must be above zero")
    notice = Notice(options.notice, options.notice_by) if options.notice else None
    return Late(
        terms=terms, total=principal, due_on=options.due, movements=movements, notice=notice
    )


def _refusal(error: RateMissing | NotInDefault | RuleTooYoung) -> dict[str, Any]:
    told: dict[str, Any] = {"error": str(error)}
    if isinstance(error, RateMissing):
        told["missing"] = {
            "series": error.series.value,
            "day": error.day.isoformat(),
            "known_until": error.known_until and error.known_until.isoformat(),
        }
    if isinstance(error, NotInDefault):
        told["needs"] = error.needs.value
    return told


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _payment(text: str) -> tuple[date, str]:
    day, _, amount = text.partition("=")
    return date.fromisoformat(day), amount


def _percent(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        percent = Decimal(text)
    except InvalidOperation:
        raise BadQuestion(f"{text!r} is no percentage") from None
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise BadQuestion(f"{text!r} is no percentage")
    return percent

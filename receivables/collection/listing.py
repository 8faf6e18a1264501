"""The lists beside the PDF: complete, plain, and read by any program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from receivables import i18n
from receivables.collection.dossier import DisputeFact, Dossier
from receivables.i18n import translate as _
from receivables.spreadsheets import harmless


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """With a byte order mark, by which spreadsheets know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([[_cell(one) for one in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    return str(value)


def _at(value: datetime | None) -> str:
    return value.isoformat(timespec="seconds") if value else ""


def account_csv(dossier: Dossier) -> bytes:
    """Every movement with what is owed after it, per currency."""
    balance: dict[str, int] = {}
    rows = []
    for one in dossier.entries:
        currency = one.amount.currency
        balance[currency] = balance.get(currency, 0) + one.amount.minor
        after = type(one.amount)(balance[currency], currency)
        rows.append(
            (one.on, one.what, one.number, one.amount.decimal, after.decimal, currency, one.source)
        )
    head = ("date", "what", "invoice", "amount", "balance", "currency", "source")
    return _csv(head, rows)


def interest_csv(dossier: Dossier) -> bytes:
    """Each time with one principal and one rate, and the fixed sums."""
    rows: list[Sequence[object]] = []
    for one in dossier.interest:
        rows += [
            (one.number, row.first_day, row.last_day, row.days, row.principal.decimal, row.percent,
             row.amount.decimal, row.amount.currency, row.source)
            for row in one.rows
        ]  # fmt: skip
        if one.compensation:
            rows.append(
                (one.number, None, None, None, None, None, one.compensation.decimal,
                 one.compensation.currency, one.compensation_source)
            )  # fmt: skip
    head = (
        "invoice", "from", "to", "days", "principal", "percent", "amount", "currency", "source",
    )  # fmt: skip
    return _csv(head, rows)


def messages_csv(dossier: Dossier) -> bytes:
    """The proofs of sending."""
    head = (
        "channel", "what", "to", "invoices", "amount", "currency", "state", "message_id", "answer",
        "decided_at", "handed_over_at", "sent_at",
    )  # fmt: skip
    rows = [
        (one.channel, one.what, one.to, " ".join(one.numbers), one.amount.decimal,
         one.amount.currency, one.state, one.message_id, one.answer, _at(one.decided_at),
         _at(one.claimed_at), _at(one.sent_at))
        for one in dossier.messages
    ]  # fmt: skip
    return _csv(head, rows)


def timeline_txt(dossier: Dossier) -> bytes:
    """A line for everything that happened, the oldest first."""
    lines = [f"{i18n.instant(one.at)}  {one.sentence}" for one in dossier.timeline]
    return _text(lines)


def conversation_txt(dispute: DisputeFact) -> bytes:
    """What both sides wrote in one dispute."""
    lines = [
        f"{dispute.reference}: {dispute.reason}",
        f"{', '.join(dispute.numbers)}: {i18n.money(dispute.disputed)}",
        dispute.state_words,
    ]
    for one in dispute.said:
        lines += ["", f"{i18n.instant(one.at)}  {one.author}"]
        if one.body:
            lines.append(one.body)
        lines += [_("File: %(path)s") % {"path": path} for path in one.paths]
    return _text(lines)


def _text(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def manifest_json(dossier: Dossier, files: Iterable[dict[str, Any]]) -> bytes:
    """What the ZIP contains; itself and the list of sums left out."""
    told = {
        "supplier": dossier.supplier.name,
        "debtor": {
            "number": dossier.debtor_number,
            "name": dossier.debtor.name,
            "identifiers": [list(one) for one in dossier.debtor.identifiers],
        },
        "made_at": _at(dossier.made_at),
        "algorithm": "SHA-256",
        "files": list(files),
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()

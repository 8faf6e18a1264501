"""Files that are broken, changed or meant badly: read or refused with a reason, never a crash."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.bank.importing import StatementLine, look_at_statements
from receivables.bank.supervision import Allowance, StatementChild
from tests.support.bank_files import (
    camt,
    coda,
    coda_movement,
    detail,
    entry,
    mt940,
    read,
    written,
)

_GOOD = [
    camt(
        entry("300.00", details=[detail("100.00", words=["R-1"]), detail("200.00")]),
        entry("5.00", direction="DBIT", reversal=True),
        opening="0",
        closing="295.00",
    ).encode(),
    mt940(
        ":61:2611021103CR1234,50NTRFNONREF//B",
        ":86:166?00TEXT?20EREF+X?21SVWZ+R-1?31DE89370400440532013000?32Dubois",
        ":61:261102D1,NTRF",
        ":86:/EREF/X/REMI//STRD/ISO/RF18539007547034/NAME/Y/IBAN/Z/",
        closing="C261103CHF2233,50",
    ).encode(),
    coda(
        coda_movement(1, "100.00", communication="101010806817183", structured=True),
        coda_movement(2, "300.00", kind="1"),
        coda_movement(2, "120.00", detail=1, kind="5"),
        closing="0000000001400000",
    ).encode(),
    "Datum;Buchungstext;Betrag Detail;Belastung;Gutschrift;Valuta;Saldo\n"
    '31.01.2026;Zürich "R-1";;;300.00;31.01.2026;1\n;Eins;100.00;;;;\n'.encode(),
]
_PIECES = [b"", b"\0", b"\xff\xfe", b"<", b">", b"&a;", b"\n", b";", b'"', b",", b"9" * 40, b":61:"]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(_GOOD), st.integers(0, 2**32), st.integers(1, 8))
def test_a_changed_file_is_read_or_refused_with_a_place_and_a_remedy(
    content: bytes, seed: int, changes: int
) -> None:
    chance = random.Random(seed)
    for _ in range(changes):
        at = chance.randrange(len(content) + 1)
        piece = chance.choice([*_PIECES, bytes([chance.randrange(256)])])
        content = content[:at] + piece + content[at + chance.choice([0, 1, 1, 20]) :]

    report, entries = read(content)

    for each in report.faults:
        assert each.where
        assert each.what
        assert each.how
    if report.accepted:
        assert sum(each.entry_count for each in report.statements) == len(
            {(each.statement, each.entry) for each in entries}
        )
    for each in entries:
        assert each.amount.minor >= 0
        assert "\0" not in f"{each.unstructured}{each.counterparty}{each.structured_reference}"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_anything_at_all_is_read_or_refused(content: bytes) -> None:
    report, _ = read(content)

    assert report.accepted or report.faults


def test_the_child_says_the_same_and_keeps_the_entries_in_order(tmp_path: Path) -> None:
    files = [(str(at), written(tmp_path, str(at), text)) for at, text in enumerate(_GOOD)]

    with StatementChild() as child:
        for (name, path), content in zip(files, _GOOD, strict=True):
            report = child.read(name, path)
            here, entries = read(content)
            assert (report.statements, report.faults) == (here.statements, here.faults)
            assert list(report.entries) == entries
            assert list(report.entries) == entries


def test_a_child_that_dies_hangs_or_raves_costs_its_file_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "any", _GOOD[0])
    begin = "import sys, time; print('ready', flush=True); sys.stdin.readline(); "
    ways = {
        "child-died": ["sys.exit(1)", "print('e{}')", "print('z' * 10)", "print('e' * 2**23)"],
        "child-timed-out": ["time.sleep(60)"],
    }

    for code, programs in ways.items():
        for program in programs:
            command = [sys.executable, "-c", begin + program]
            allowed = Allowance(1, 0.3 if code == "child-timed-out" else 20)
            with StatementChild(command=command, allow=lambda _, a=allowed: a) as child:
                report = child.read("any", path)
            assert [each.code for each in report.faults] == [code], program


def test_json_has_exactly_what_is_promised_of_a_file(tmp_path: Path) -> None:
    def told(line: StatementLine) -> dict[str, object]:
        return dict(json.loads("".join(line.json_pieces())))

    good, bad = written(tmp_path, "good", _GOOD[0]), written(tmp_path, "bad", _GOOD[0][:200])
    lines = [told(line) for line in look_at_statements([("good", good), ("bad", bad)])]

    assert set(lines[0]) == {
        "file", "format", "accepted", "account", "opening", "closing", "entries", "warnings",
        "errors",
    }  # fmt: skip
    assert lines[0] | {"entries": []} == {
        "file": "good",
        "format": "camt.053",
        "accepted": True,
        "account": "CH9300762011623852957",
        "opening": "0.00",
        "closing": "295.00",
        "entries": [],
        "warnings": [],
        "errors": [],
    }
    entries = lines[0]["entries"]
    assert isinstance(entries, list)
    assert entries[0] == {
        "booked_on": "2026-11-02",
        "value_on": "2026-11-02",
        "amount": "100.00",
        "currency": "CHF",
        "credit_debit": "CRDT",
        "status": "BOOK",
        "end_to_end_id": "NOTPROVIDED",
        "structured_reference": None,
        "unstructured": "R-1",
        "counterparty": "Atelier Dubois Sàrl",
        "counterparty_account": "DE89370400440532013000",
        "bank_reference": None,
        "batch_of": "line 3, Ntry",
    }
    assert (lines[1]["accepted"], lines[1]["entries"]) == (False, [])
    assert lines[1]["errors"]

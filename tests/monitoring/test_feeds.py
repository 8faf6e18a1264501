"""Files and pushes: what is believed, and what is said about what is not."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from openpyxl import Workbook

from monitoring import standing
from monitoring.bands import Band
from monitoring.feeds import push
from monitoring.feeds.file import BadReadingsFile, Fault, band_of_score, parse
from monitoring.feeds.scales import zones_of
from monitoring.taking import FileTaken, take_file
from receivables.database import Scope
from receivables.money import Money
from sandbox.bureau.service import signature
from tests.monitoring.conftest import TODAY

HEADER = "debtor_number,as_of_on,score\n"


def faults_of(content: str | bytes) -> tuple[Fault, ...]:
    raw = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(BadReadingsFile) as refused:
        parse(raw, today=TODAY)
    return refused.value.faults


def test_a_line_of_a_file_is_a_reading():
    (line,) = parse(
        b"registration_number;as_of_on;score;band;source;reference;limit;currency;status\n"
        b"CHE-123.456.788;02.11.2026;62;C;Creditreform;r7;25000.50;chf;active\n",
        today=TODAY,
    )

    said = line.reading
    assert (line.line, line.registration_number) == (2, "CHE-123.456.788")
    assert (said.as_of_on, said.score, said.band) == (TODAY, 62, Band.C)
    assert (said.source, said.reference, said.status) == ("creditreform", "r7", "active")
    assert said.limit == Money(25000_50, "CHF")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_file_is_read_however_a_spreadsheet_saved_it(separator, encoding, ending):
    rows = [
        ["debtor_number", "as_of_on", "band", "status"],
        ["K-ü1", "2026-11-01", "d", "gelöscht"],
    ]
    content = ending.join(separator.join(row) for row in rows) + ending

    (line,) = parse(content.encode(encoding), today=TODAY)

    assert (line.debtor_number, line.reading.band) == ("K-ü1", Band.D)
    assert (line.reading.score, line.reading.status) == (None, "gelöscht")


@pytest.mark.parametrize(
    ("score", "band"), [(100, "A"), (80, "A"), (79, "B"), (60, "B"), (40, "C"), (20, "D"), (0, "E")]
)
def test_a_score_of_a_file_has_a_band(score, band):
    assert band_of_score(score) == band


def test_a_withdrawn_score_is_the_band_none():
    (line,) = parse(b"debtor_number,as_of_on,band\nK1,2026-11-02,NONE\n", today=TODAY)

    assert (line.reading.band, line.reading.score) == (Band.NONE, None)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (",2026-11-02,62", "which debtor"),
        ("K1,2026-11-31,62", "is no day"),
        ("K1,02/11/2026,62", "is no day"),
        ("K1,,62", "is no day"),
        ("K1,20261102,62", "is no day"),
        ("K1,2026-11-03,62", "in the future"),
        ("K1,2026-11-02,101", "is no score"),
        ("K1,2026-11-02,-1", "is no score"),
        ("K1,2026-11-02,6.2", "is no score"),
        ("K1,2026-11-02,\N{ARABIC-INDIC DIGIT SIX}", "is no score"),
        ("K1,2026-11-02,", "neither score nor band"),
        ("K1,2026-11-02,62,7", "more values than the header"),
    ],
)
def test_a_faulty_line_is_explained_with_its_number(line, what):
    (fault,) = faults_of(HEADER + "K0,2026-11-02,50\n" + line + "\n")

    assert fault.where == 3
    assert what in fault.what
    assert fault.how


@pytest.mark.parametrize(
    ("columns", "values", "what"),
    [
        ("band", "F", "is no band"),
        ("score,band", "62,none", "has no points"),
        ("score,limit", "62,100", "no currency"),
        ("score,limit,currency", "62,1'000,CHF", "is no amount"),
        ("score,limit,currency", "62,-1,CHF", "below zero"),
        ("score,source", "62," + "x" * 41, "longer than 40"),
    ],
)
def test_a_faulty_value_is_explained(columns, values, what):
    (fault,) = faults_of(f"debtor_number,as_of_on,{columns}\nK1,2026-11-02,{values}\n")

    assert what in fault.what


def test_every_faulty_line_is_named_not_only_the_first():
    faults = faults_of(HEADER + "K1,soon,62\nK2,2026-11-02,50\nK3,2026-11-02,x\n")

    assert [fault.where for fault in faults] == [2, 4]


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("debtor_number,score", "no column as_of_on"),
        ("as_of_on,score", "neither a column registration_number nor a column debtor_number"),
        ("debtor_number,as_of_on", "neither a column score nor a column band"),
        ("debtor_number,as_of_on,score,colour", "colour is not known"),
        ("debtor_number,as_of_on,score,score", "named twice"),
    ],
)
def test_a_faulty_header_is_explained(header, what):
    (fault,) = faults_of(header + "\n")

    assert fault.where == 1
    assert what in fault.what


@pytest.mark.parametrize("content", [b"", b"\n", HEADER.encode(), b"\x00\x01\x02", b"%PDF-1.7\n"])
def test_what_holds_no_readings_is_refused(content):
    assert faults_of(content)


def test_two_lines_that_contradict_each_other_are_refused():
    (fault,) = faults_of(HEADER + "K1,2026-11-02,62\nK1,2026-11-02,40\n")

    assert (fault.where, fault.what) == (3, "The line contradicts line 2.")


def test_a_file_is_taken_once_and_says_what_it_set_off(watch):
    watch.debtor(number="K1", owes="10.00 CHF")
    watch.debtor(number="K2", identifiers=(("UID", "CHE123456788"),))
    content = (
        b"debtor_number,registration_number,as_of_on,score\n"
        b"K1,,2026-11-01,70\nK1,,2026-11-02,30\n,CHE-123.456.788,2026-11-02,55\n"
    )
    reports = []
    for _ in range(2):
        with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
            reports.append(
                take_file(
                    session,
                    supplier_id=watch.supplier_id,
                    content=content,
                    clock=watch.runtime.clock,
                )
            )
    watch.world.run_jobs()

    assert reports == [
        FileTaken(taken=3, known=0, alerts_raised=1), FileTaken(taken=0, known=3, alerts_raised=0),
    ]  # fmt: skip
    assert watch.only_alert().line.source == "file"


def test_a_file_with_one_unknown_debtor_is_refused_whole(watch):
    other = watch.world.supplier(name="Another AG")
    watch.debtor(number="K1")
    watch.world.debtor(supplier_id=other, number="K2", identifiers=(("UID", "CHE123456788"),))
    content = (
        b"debtor_number,registration_number,as_of_on,score\n"
        b"K1,,2026-11-02,70\nK2,,2026-11-02,30\n,CHE123456788,2026-11-02,55\n"
    )

    with (
        watch.runtime.transaction(Scope(watch.supplier_id)) as session,
        pytest.raises(BadReadingsFile) as refused,
    ):
        take_file(
            session, supplier_id=watch.supplier_id, content=content, clock=watch.runtime.clock
        )

    assert [fault.where for fault in refused.value.faults] == [3, 4]
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        assert standing.latest_readings(session, watch.supplier_id) == []


def test_a_long_file_is_accepted_whole_and_recorded_in_turn(watch):
    watch.debtor(number="K1", owes="10.00 CHF")
    days = [TODAY - timedelta(days=place) for place in range(250)]
    lines = "".join(f"K1,{day},{30 if day == TODAY else 70},0.5,CHF\n" for day in days)
    content = f"debtor_number,as_of_on,score,limit,currency\n{lines}".encode()
    reports = []
    for _ in range(2):
        with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
            reports.append(
                take_file(
                    session,
                    supplier_id=watch.supplier_id,
                    content=content,
                    clock=watch.runtime.clock,
                )
            )
        watch.world.run_jobs()

    assert reports == [
        FileTaken(taken=250, known=0, alerts_raised=0, is_queued=True),
        FileTaken(taken=0, known=250, alerts_raised=0),
    ]  # fmt: skip
    line = watch.only_alert().line
    assert (line.as_of_on, line.score_before, line.score_after) == (TODAY, 70, 30)


NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
BODY = b'{"event_id": 1}'
OLD_SECRET = "the secret of last year, long enough to hold"
SECRET = "the secret of this year, long enough to hold"


def test_what_the_bureau_signs_is_believed_under_either_secret():
    for secret in (SECRET, OLD_SECRET):
        push.verify((SECRET, OLD_SECRET), signature(secret, BODY, AT), BODY, now=NOW)


def test_one_valid_signature_of_several_is_enough():
    header = f"t={AT},v1={'0' * 64},v1={push.sign(SECRET, BODY, AT)}"

    push.verify((SECRET,), header, BODY, now=NOW)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_clocks_may_be_five_minutes_apart(seconds):
    push.verify((SECRET,), signature(SECRET, BODY, AT + seconds), BODY, now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        f"t={AT}",
        f"v1={push.sign(SECRET, BODY, AT)}",
        f"t={AT},v1={push.sign(SECRET, BODY, AT).upper()}",
        f"t={AT},v1={push.sign(SECRET, BODY, AT)[:-1]}",
        f"t={AT},v0={push.sign(SECRET, BODY, AT)}",
        f"t={AT},v1={push.sign(SECRET, BODY + b' ', AT)}",
        f"t={AT},v1={push.sign(SECRET, BODY, AT - 1)}",
        f"t={AT},v1={push.sign('another secret of somebody else', BODY, AT)}",
        signature(SECRET, BODY, AT - 301),
        signature(SECRET, BODY, AT + 301),
        f"t={AT}" + f",v1={'0' * 64}" * 4 + f",v1={push.sign(SECRET, BODY, AT)}",
    ],
)
def test_anything_else_is_not_believed(header):
    with pytest.raises(push.BadSignature):
        push.verify((SECRET, OLD_SECRET), header, BODY, now=NOW)


@pytest.mark.parametrize("secrets", [(), ("",)])
def test_without_a_secret_nothing_is_believed(secrets):
    header = signature("", BODY, AT)

    with pytest.raises(push.BadSignature):
        push.verify(secrets, header, BODY, now=NOW)


def test_a_body_beyond_the_limit_is_not_even_looked_at():
    body = b" " * (256 * 1024 + 1)

    with pytest.raises(push.PushTooLarge):
        push.verify((SECRET,), signature(SECRET, body, AT), body, now=NOW)
    push.verify((SECRET,), signature(SECRET, body[1:], AT), body[1:], now=NOW)


def test_a_day_is_read_the_same_in_both_notations():
    for written in ("2026-11-01", "01.11.2026"):
        (line,) = parse(f"{HEADER}K1,{written},62\n".encode(), today=TODAY)
        assert line.reading.as_of_on == date(2026, 11, 1)


@pytest.mark.parametrize("source", ["bureau", "creditreform"])
def test_the_bands_of_a_chart_cover_the_scale_without_a_gap(source):
    zones = zones_of(source)

    assert [zone.band for zone in zones] == list("ABCDE")
    assert (zones[0].high, zones[-1].low) == (100, 0)
    assert all(better.low == worse.high for better, worse in pairwise(zones))


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_is_read_like_the_same_table_as_text():
    head = ["Debtor_Number", "as_of_on", "score", "limit", "currency", "days_beyond_terms"]
    content = workbook(
        head, ["K1", date(2026, 11, 2), 62.0, 25000.5, "CHF", 12], [], ["K2", "02.11.2026", 40]
    )

    first, second = parse(content, today=TODAY)

    said = first.reading
    assert (first.line, said.as_of_on, said.score, said.band) == (2, TODAY, 62, Band.B)
    assert (said.limit, said.days_beyond_terms) == (Money(25000_50, "CHF"), 12)
    assert (second.line, second.reading.score, second.reading.days_beyond_terms) == (4, 40, None)


def test_faults_of_a_workbook_name_its_lines_and_a_bomb_is_left_closed():
    content = workbook(
        ["debtor_number", "as_of_on", "score"], ["K1", "soon", 5], ["K2", TODAY, "x"]
    )
    assert [(one.where, one.what[-11:]) for one in faults_of(content)] == [
        (2, " is no day."), (3, "s no score."),
    ]  # fmt: skip

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 500_000_000)
    assert "unfolds to more" in faults_of(file.getvalue())[0].what
    assert faults_of(b"PK\x03\x04 no archive")[0].what == "The workbook cannot be read."


@pytest.mark.parametrize("content", [b"<x/>", b"<a><b></a>", b"\xef\xbb\xbf <html></html>"])
def test_xml_that_is_no_report_is_refused(content):
    assert faults_of(content)[0].where == 1

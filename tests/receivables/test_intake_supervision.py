"""Reading in a child: what kills, hangs or maddens it costs one file and nothing else."""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from receivables.intake import wire
from receivables.intake.parsed import FileReport
from receivables.intake.reading import read_file, read_in_child, read_many_in_child
from receivables.intake.supervision import Allowance, ReadingChild, allowance

SAMPLES = Path(__file__).parent / "intake_samples"
GOOD = [(path.name, path.read_bytes()) for path in sorted(SAMPLES.glob("*.xml"))]
UBL = (SAMPLES / "ubl_invoice.xml").read_bytes()


def pdf_bomb() -> bytes:
    """A PDF of some 300 KB whose attachment unpacks to 300 MB."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    file = writer.add_attachment("factur-x.xml", b"-")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(300)) + packer.flush()
    files = file.pdf_object["/EF"]
    assert isinstance(files, DictionaryObject)
    stream = files["/F"].get_object()
    assert isinstance(stream, StreamObject)
    stream.set_data(b"")
    stream._data = packed
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def doctype(body: str) -> bytes:
    return (
        b"<?xml version='1.0'?>\n<!-- hello -->\n<!DOCTYPE Invoice "
        + body.encode()
        + b"><Invoice/>"
    )


LAUGHS = "[<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
) + "]"  # fmt: skip

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (lambda: doctype(LAUGHS), "xml-doctype"),
    "external entity": (
        lambda: doctype("[<!ENTITY x SYSTEM 'file:///etc/passwd'>]"),
        "xml-doctype",
    ),
    "external subset": (lambda: doctype("SYSTEM 'http://127.0.0.1:9/x.dtd'"), "xml-doctype"),
    "doctype in utf-16": (lambda: "<!DOCTYPE a []><a/>".encode("utf-16"), "xml-doctype"),
    "undeclared entity": (lambda: b"<Invoice>&x;</Invoice>", "xml-broken"),
    "deep nesting": (lambda: b"<a>" * 200_000, "xml-too-deep"),
    "rather deep nesting": (lambda: b"<a>" * 300 + b"</a>" * 300, "xml-too-deep"),
    "many elements": (lambda: b"<a>" + b"<b/>" * 300_001 + b"</a>", "xml-too-many"),
    "many attributes": (
        lambda: b"<a " + b" ".join(b"a%d='1'" % n for n in range(300_001)) + b"/>",
        "xml-too-many",
    ),
    "attribute twice": (lambda: b"<a b='1' b='2'/>", "xml-broken"),
    "huge text": (lambda: b"<a>" + b"x" * 11_000_000 + b"</a>", "xml-text-too-long"),
    "truncated": (lambda: UBL[:2000], "xml-broken"),
    "wrong character set": (
        lambda: "<?xml version='1.0' encoding='UTF-8'?><a>é</a>".encode("latin-1"),
        "xml-encoding",
    ),
    "unknown character set": (
        lambda: b"<?xml version='1.0' encoding='UTF-7'?><a/>",
        "xml-encoding",
    ),
    "zero byte": (lambda: b"<a>\0</a>", "xml-broken"),
    "pdf bomb": (pdf_bomb, "pdf-too-complex"),
    "pdf of nothing": (lambda: b"%PDF-1.7\n" + b"\n" * 1_000_000, "pdf-broken"),
    "endless pdf numbers": (lambda: b"%PDF-1.7\nstartxref\n" + b"9" * 100_000, "pdf-broken"),
    "zip by another name": (lambda: b"PK\x03\x04" + b"\0" * 100, "zip"),
    "workbook": (lambda: b"PK\x03\x04" + b"\0" * 26 + b"xl/workbook.xml", "workbook"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "binary"),
    "binary": (lambda: bytes(range(256)) * 100, "binary"),
    "empty": (lambda: b"", "empty"),
    "blanks": (lambda: b"\xef\xbb\xbf \r\n", "empty"),
    "25 MB": (lambda: b"<a>" + b"x" * 25_000_000, "too-large"),
}


@pytest.fixture(scope="module")
def hostile() -> dict[str, FileReport]:
    """The reports on the hostile files, each followed by a good one, all from one call."""
    files = [(name, make()) for name, (make, _) in HOSTILE.items()]
    mixed = [each for file in files for each in (file, GOOD[0])]
    reports = list(read_many_in_child(mixed))
    assert all(report.accepted for report in reports[1::2])
    return {report.file: report for report in reports[::2]}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason(
    hostile: dict[str, FileReport], name: str
) -> None:
    report = hostile[name]

    assert not report.accepted
    assert [each.code for each in report.faults] == [HOSTILE[name][1]]
    assert report.faults[0].how


def test_the_child_says_what_this_process_would_say() -> None:
    files = [*GOOD, ("broken.xml", UBL.replace(b">EUR<", b">EUX<"))]

    assert list(read_many_in_child(files)) == [read_file(*file) for file in files]


def test_web_threads_may_read_at_the_same_time() -> None:
    with ThreadPoolExecutor(4) as threads:
        reports = list(threads.map(lambda file: read_in_child(*file), GOOD))

    assert [report.file for report in reports] == [name for name, _ in GOOD]
    assert all(report.accepted for report in reports)


READY = "import os, resource, signal, sys, time; print('ready', flush=True); sys.stdin.readline();"


def report_of_child(behaviour: str, *, deadline_s: float = 30) -> FileReport:
    """The report when the child behaves like this once it has been given a file."""
    command = (sys.executable, "-c", READY + behaviour)
    allow = Allowance(cpu_s=10, deadline_s=deadline_s)
    with ReadingChild(command=command, allow=lambda _: allow) as child:
        return child.read("x", UBL)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "child-died"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "child-died"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "child-timed-out"),
        ("print('nonsense', flush=True); time.sleep(60)", "child-died"),
        ("print('[\"invoice\", [1]]', flush=True); time.sleep(60)", "child-died"),
        ('print(\'["end", "fax", []]\', flush=True); time.sleep(60)', "child-died"),
        ("pass", "child-died"),
    ],
)
def test_a_child_that_dies_or_raves_is_a_fault_of_the_file(behaviour: str, code: str) -> None:
    (found,) = report_of_child(behaviour).faults

    assert found.code == code


def test_a_child_that_hangs_is_killed() -> None:
    (found,) = report_of_child("time.sleep(600)", deadline_s=0.2).faults

    assert found.code == "child-timed-out"


def test_a_child_that_never_starts_is_a_fault_too() -> None:
    with ReadingChild(command=(sys.executable, "-c", "raise SystemExit(1)")) as child:
        (found,) = child.read("x", UBL).faults

    assert found.code == "child-died"


def test_the_limits_of_the_child_hold(tmp_path: Path) -> None:
    """Under the real limits: too much memory, too much time, a file on disk."""
    script = tmp_path / "greedy.py"
    target = tmp_path / "written"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from receivables.intake import child\n"
        "def greedy(name, content, **_):\n"
        "    if name == 'memory': bytearray(10**9)\n"
        "    if name == 'time':\n"
        "        while True: pass\n"
        "    if name == 'disk':\n"
        f"        with open({str(target)!r}, 'wb') as file: file.write(b'x')\n"
        "child.read_file = greedy\n"
        "child.main()\n"
    )
    command = (sys.executable, str(script))
    codes = {}
    with ReadingChild(command=command, allow=lambda _: Allowance(1, 60)) as child:
        for name in ("memory", "time", "disk"):
            (found,) = child.read(name, UBL).faults
            codes[name] = found.code

    assert codes == {
        "memory": "child-out-of-memory",
        "time": "child-timed-out",
        "disk": "child-died",
    }
    assert not target.exists() or target.stat().st_size == 0


def test_tables_may_take_longer_than_what_can_multiply() -> None:
    assert allowance(b"number;amount").cpu_s > allowance(UBL).cpu_s
    assert allowance(b"%PDF-1.7").deadline_s == allowance(UBL).deadline_s


@pytest.mark.parametrize(("name", "content"), GOOD)
def test_a_report_survives_the_wire(name: str, content: bytes) -> None:
    report = read_file(name, content)

    lines = list(wire.lines_of(report))

    assert wire.report_of(name, lines) == report
    assert wire.report_of(name, lines[:-1]) is None

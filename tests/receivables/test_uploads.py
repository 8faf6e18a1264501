"""Files from strangers: a hundred hostile ones and more, each refused or made harmless in time."""

from __future__ import annotations

import errno
import io
import re
import resource
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from receivables.confinement import ConfinedChild, Ended
from receivables.database import SYSTEM, Scope
from receivables.jobs import Job
from receivables.runtime import Runtime
from receivables.settings import BadSetting, UploadSettings, read_uploads
from receivables.uploads import actions, queries
from receivables.uploads.faults import Code, Fault, FilesRefused, words_of
from receivables.uploads.kinds import LARGEST_BYTES, Kind, clean_name
from receivables.uploads.reading import CPU_S, DEADLINE_S, SafeFile, look_into
from receivables.uploads.scanning import Verdict, scan
from receivables.uploads.tables import Upload
from receivables.web.documents import attachment
from tests.portal.test_account import link_for
from tests.support.browsing import portal_browser
from tests.support.disputes import contest
from tests.support.hostile_files import Hostile, hostile_files, pdf, picture
from tests.support.world import World

SAFE_NAME = re.compile(r"[^\x00-\x1f\x7f/\\<>:\"|?*%;`$&'\u200b\u202e.]{1,85}\.(txt|jpg|png|pdf)")

#: What a debtor's file may be called to a browser.
SAVED_AS = {"application/pdf", "image/jpeg", "image/png", "text/plain"}


@cache
def hostile() -> dict[str, Hostile]:
    return {f"{index} {one.name[:30]!a}": one for index, one in enumerate(hostile_files())}


def work_of_children() -> float:
    """Seconds of processor time that ended children took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture
def ten_seconds_of_work() -> Iterator[None]:
    """What a file costs is counted, not timed, since the machine may be busy; that the clock ends
    a child, too, is another test's.
    """
    before = work_of_children()
    yield
    assert work_of_children() - before < 10


@pytest.mark.usefixtures("ten_seconds_of_work")
@pytest.mark.parametrize("which", list(hostile()))
def test_a_hostile_file_is_refused_with_words_or_made_harmless(which: str) -> None:
    given = hostile()[which]
    if given.fate == "refused":
        with pytest.raises(FilesRefused) as refused:
            look_into([(given.name, given.content)])
        (fault,) = refused.value.faults
        what, how = words_of(fault)
        assert what.endswith(".")
        assert how.startswith("Please")
        return
    (kept,) = look_into([(given.name, given.content)])
    assert SAFE_NAME.fullmatch(kept.name), kept.name
    assert b"<script" not in kept.content.lower()
    assert b"PK\x03\x04" not in kept.content
    assert b"%PDF" not in kept.content[1:]
    answer = attachment(kept.name, kept.media_type, kept.content)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_there_are_a_hundred_of_them_of_every_sort() -> None:
    files = hostile().values()
    assert len(files) >= 100
    assert {one.fate for one in files} == {"refused", "harmless"}


def test_a_child_that_hangs_is_ended_by_the_clock_within_ten_seconds() -> None:
    assert DEADLINE_S <= 10
    assert CPU_S < DEADLINE_S
    code = "import sys, time; print('ready', flush=True); sys.stdin.readline(); time.sleep(99)"

    with ConfinedChild((sys.executable, "-c", code)) as child, pytest.raises(Ended) as ended:
        child.ask({}, b"words", lambda source: source.readline(), deadline_s=0.2)

    assert ended.value.out_of == "time"


def test_the_child_can_write_nothing_anywhere(tmp_path: Path) -> None:
    """Names lead nowhere besides: a file is kept in the database, under an id of ours."""
    code = (
        "import json, sys\n"
        "from receivables.confinement import confine\n"
        "confine(memory_bytes=2**28)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "try:\n"
        f"    open({str(tmp_path / 'left')!r}, 'wb', 0).write(b'x')\n"
        "except OSError as error:\n"
        "    print(error.errno, flush=True)\n"
        "else:\n"
        "    print('written', flush=True)\n"
    )

    with ConfinedChild((sys.executable, "-c", code)) as child:
        said = child.ask({}, b"", lambda source: source.readline(), deadline_s=10)

    assert said == f"{errno.EFBIG}\n".encode()
    assert not (tmp_path / "left").stat().st_size


@pytest.mark.once("a hostile file is refused before anything is stored")
def test_of_a_hundred_hostile_files_none_is_ever_shown_in_the_page(
    world: World, runtime: Runtime
) -> None:
    """Sent through the form as a debtor sends them; what is kept comes back as a file to save."""
    world.supplier()
    debtor = world.debtor(language="en", country="GB")
    taken = []
    for one in hostile().values():
        if one.fate == "harmless":
            taken += actions.check([(one.name, one.content)], UploadSettings())
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        ids = actions.keep(
            session, supplier_id=world.supplier_id, debtor_id=debtor, files=taken,
            clock=world.clock,
        )  # fmt: skip
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    contest(world, debtor, "A-1", files=ids)
    browser = portal_browser(runtime)
    browser.get(link_for(world, debtor))

    assert len(ids) == len(taken) > 0
    for upload_id in ids:
        answer = browser.get(f"/dispute-files/{upload_id}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["content-type"].split(";")[0] in SAVED_AS
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store, max-age=0"


@pytest.mark.parametrize(
    ("name", "content", "kept_as", "media_type"),
    [
        ("Bon de livraison.pdf", pdf(), "Bon de livraison.pdf", "application/pdf"),
        ("IMG_0001.JPG", picture("JPEG"), "IMG_0001.jpg", "image/jpeg"),
        ("scan.png", picture("PNG"), "scan.png", "image/png"),
        ("IMG_0002.HEIC", picture("HEIF"), "IMG_0002.jpg", "image/jpeg"),
        ("Größe.txt", "ça va\r\n".encode("cp1252"), "Größe.txt", "text/plain; charset=utf-8"),
    ],
)
def test_what_people_send_is_taken(name: str, content: bytes, kept_as: str, media_type: str):
    (kept,) = look_into([(name, content)])

    assert (kept.name, kept.media_type) == (kept_as, media_type)
    if media_type.startswith("text"):
        assert kept.content.decode() == "ça va\r\n"


def test_a_photo_loses_where_it_was_taken_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x8825] = {1: "N", 2: (46.0, 31.0, 12.0)}
    content = picture("JPEG", (64, 48), exif=exif)

    (kept,) = look_into([("home.jpg", content)])

    with Image.open(io.BytesIO(kept.content)) as shown:
        assert shown.size == (48, 64)
        assert not shown.getexif()
    assert b"Exif" not in kept.content


@pytest.mark.parametrize(
    ("files", "codes"),
    [
        ([(f"{n}.txt", b"x") for n in range(6)], ["too_many"]),
        ([("a.txt", b"x" * (LARGEST_BYTES + 1))], ["too_large"]),
        ([(f"{n}.txt", b"x " * 4_500_000) for n in range(3)], ["too_large_in_all"]),
        ([("a.txt", b"x"), ("b.exe", b"x"), ("c.pdf", b"x")], ["wrong_kind", "not_what_it_says"]),
    ],
)
def test_all_files_are_taken_or_none_and_every_reason_is_said(files, codes) -> None:
    with pytest.raises(FilesRefused) as refused:
        look_into(files)

    assert [fault.code for fault in refused.value.faults] == codes


def test_every_reason_has_words() -> None:
    for code in Code.__args__:
        what, how = words_of(Fault("x.pdf", code))
        assert what
        assert how
        assert "%" not in what + how


@pytest.mark.parametrize(
    "behaviour",
    [
        "sys.exit(1)",
        "print('nonsense', flush=True)",
        'print(\'{"fault": null, "size": 99999999999}\', flush=True)',
        'print(\'{"fault": null, "size": -1}\', flush=True)',
        'print(\'{"fault": null, "size": 10}\', flush=True)',
        "print('{' * 100000, flush=True)",
    ],
)
def test_a_child_that_raves_costs_one_file(behaviour: str) -> None:
    code = "import sys; print('ready', flush=True); sys.stdin.readline();" + behaviour
    with pytest.raises(FilesRefused) as refused:
        look_into([("a.txt", b"words")], command=(sys.executable, "-c", code))

    assert [fault.code for fault in refused.value.faults] == ["too_complex"]


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"), ("a\\b.pdf", "b.pdf"), ("x.html.pdf", "x-html.pdf"),
        ("con.pdf", "file con.pdf"), (".pdf", "file.pdf"), ("a\u202eb.pdf", "ab.pdf"),
        ("a\0b.pdf", "ab.pdf"), ("  a   b .pdf", "a b.pdf"), ("\u00e9t\u00e9.pdf", "été.pdf"),
        ("e\u0301.pdf", "é.pdf"), ("2026.01.pdf", "2026-01.pdf"),
    ],
)  # fmt: skip
def test_names_are_one_line_with_one_extension(name: str, kept_as: str) -> None:
    assert clean_name(name, Kind.PDF) == kept_as


@contextmanager
def scanner(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A clamd that reads what it is sent and answers so, one connection each."""
    received: list[bytes] = []
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in answers:
            line, _ = door.accept()
            with line, line.makefile("rb") as source:
                assert source.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack(">I", source.read(4))[0]:
                    content += source.read(size)
                received.append(content)
                line.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"tcp://127.0.0.1:{door.getsockname()[1]}", received
    thread.join(10)
    door.close()


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"stream: OK\0", Verdict.CLEAN),
        (b"stream: Eicar-Test-Signature FOUND\0", Verdict.INFECTED),
        (b"INSTREAM size limit exceeded. ERROR\0", Verdict.UNKNOWN),
        (b"", Verdict.UNKNOWN),
    ],
)
def test_the_scanner_is_asked_and_believed(answer: bytes, verdict: Verdict) -> None:
    content = b"x" * 200_000
    with scanner(answer) as (url, received):
        assert scan(content, url) is verdict
    assert received == [content]


def test_without_a_scanner_nothing_is_scanned_and_a_dead_one_is_no_clean_bill() -> None:
    assert scan(b"x", None) is Verdict.CLEAN
    assert scan(b"x", "tcp://127.0.0.1:1") is Verdict.UNKNOWN
    assert scan(b"x", "unix:/nowhere/clamd.sock") is Verdict.UNKNOWN
    with pytest.raises(BadSetting):
        read_uploads({"CLAMD_URL": "http://scanner"})
    assert read_uploads({}).clamd_url is None


def test_what_the_scanner_finds_is_refused_at_once() -> None:
    with scanner(b"stream: Eicar FOUND\0") as (url, _), pytest.raises(FilesRefused) as refused:
        actions.check([("a.txt", b"words")], UploadSettings(url))
    assert [fault.code for fault in refused.value.faults] == ["malware"]


def kept(world: World, settings: UploadSettings):
    debtor = world.debtor()
    files = actions.check([("a.txt", b"words")], settings)
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        (upload_id,) = actions.keep(
            session, supplier_id=world.supplier_id, debtor_id=debtor, files=files,
            clock=world.clock,
        )  # fmt: skip
    return upload_id


def found(world: World, upload_id):
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return queries.with_content(session, world.supplier_id, upload_id)


@pytest.mark.parametrize("infected", [False, True])
def test_while_the_scanner_is_silent_a_file_is_in_quarantine_and_asked_about_again(
    world: World, infected: bool
) -> None:
    world.supplier()
    silent = UploadSettings("tcp://127.0.0.1:1")
    upload_id = kept(world, silent)
    with pytest.raises(queries.NoSuchUpload):
        found(world, upload_id)

    dead = World(replace(world.runtime, settings=replace(world.runtime.settings, uploads=silent)))
    dead.run_jobs()
    with world.runtime.reading(SYSTEM) as session:
        assert session.scalars(select(Job.state)).all() == ["pending"], "tried again later"

    answer = b"stream: Eicar FOUND\0" if infected else b"stream: OK\0"
    with scanner(answer) as (url, _):
        settings = replace(world.runtime.settings, uploads=UploadSettings(url))
        awake = World(replace(world.runtime, settings=settings))
        awake.advance(hours=1)
    if infected:
        with pytest.raises(queries.NoSuchUpload):
            found(world, upload_id)
        with world.runtime.reading(SYSTEM) as session:
            assert session.scalar(select(Upload.content).where(Upload.id == upload_id)) == b""
    else:
        assert found(world, upload_id).content == b"words"


def test_a_file_of_another_supplier_does_not_exist(world: World) -> None:
    world.supplier()
    upload_id = kept(world, UploadSettings())
    other = world.supplier()

    assert found(world, upload_id).sha256 == SafeFile("a.txt", "", b"words").sha256
    with world.runtime.reading(Scope(other)) as session, pytest.raises(queries.NoSuchUpload):
        queries.with_content(session, other, upload_id)

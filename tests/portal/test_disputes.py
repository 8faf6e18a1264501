"""Contesting an invoice in the portal: the form, the files, the page of the dispute."""

from __future__ import annotations

import io
import re
import socket
from contextlib import suppress
from decimal import Decimal

import pytest
from PIL import Image

from portal.app import create_app
from receivables.database import Scope
from receivables.disputes import queries
from receivables.disputes.queries import DisputeView
from receivables.invoices.actions import NewInvoice, NewLine
from receivables.ledger.issuing import issue
from receivables.runtime import Runtime
from sandbox.serving import serve
from tests.portal.test_account import link_for
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.builders import money
from tests.support.disputes import Case
from tests.support.world import World


@pytest.fixture
def debtor(world: World):
    world.supplier()
    return world.debtor(language="en", country="GB", name="Dubois")


@pytest.fixture
def browser(runtime: Runtime, world: World, debtor) -> Browser:
    opened = portal_browser(runtime)
    assert opened.get(link_for(world, debtor)).status_code == 303
    return opened


def send(browser: Browser, path: str, page, files=(), **values):
    """The form of a page as a browser sends it, with files."""
    form = browser.form(page, path)
    fields = [pair for pair in form.filled(**values) if pair[0] != "files"]
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    parts = [("files", one) for one in files] or {"files": ("", b"")}
    return browser.client.post(path, data=data, files=parts)


def photo(name: str = "photo.jpg") -> tuple[str, bytes, str]:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 10, 10)).save(drawn, "JPEG")
    return (name, drawn.getvalue(), "image/jpeg")


def disputes(world: World, debtor) -> tuple[DisputeView, ...]:
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return queries.of_debtor(session, world.supplier_id, debtor)


def opened(world: World, browser: Browser, debtor, number: str = "A-1", **values: str) -> Case:
    page = browser.get(
        "/dispute",
    ).text and browser.get(f"/dispute?invoice={number}")
    answer = send(browser, "/dispute", page, reason="price", **values)
    assert answer.status_code == 303, text_of(answer)
    world.run_jobs()
    return Case(world, world.supplier_id, debtor, disputes(world, debtor)[0].id)


def test_a_part_is_disputed_with_a_photo_and_the_rest_stays_payable(world, browser, debtor):
    world.invoice("1000.00 CHF", debtor_id=debtor, number="A-1")
    page = browser.get("/dispute?invoice=A-1")
    assert "What is wrong with invoice A-1?" in text_of(page)

    answer = send(
        browser, "/dispute", page, [photo("../../my photo.jpg")],
        **{"scope-0": "amount", "amount-0": "300", "reason": "price", "message": "It was 700"},
    )  # fmt: skip
    assert answer.status_code == 303, text_of(answer)
    shown = browser.get(answer.headers["location"])
    words = text_of(shown)

    assert "Dispute D-0001" in words
    assert "CHF 300.00" in words.replace("\xa0", " ")
    assert "Pay CHF 700.00" in words
    assert "Looked into by: Sales" in words
    assert "You hear from us by" in words
    assert "It was 700" in words
    assert "my photo.jpg" in words
    file = browser.get(re.search(r"/dispute-files/[0-9a-f-]+", shown.text)[0])
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]
    assert file.headers["content-type"] == "image/jpeg"


def test_the_choice_comes_first_where_nothing_was_chosen(world, browser, debtor):
    world.invoice("10.00 CHF", debtor_id=debtor, number="A-1")
    world.invoice("20.00 CHF", debtor_id=debtor, number="A-2")

    page = browser.get("/dispute")
    assert "Which invoice is not right?" in text_of(page)
    both = browser.client.get("/dispute", params=[("invoice", "A-1"), ("invoice", "A-2")])
    answer = send(browser, "/dispute", both, reason="quantity")

    assert answer.status_code == 303, text_of(answer)
    assert disputes(world, debtor)[0].disputed == money("30.00 CHF")


def test_lines_are_disputed_with_their_tax(world, browser, debtor):
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        issue(
            session, supplier_id=world.supplier_id, debtor_id=debtor, clock=world.clock,
            new=NewInvoice(
                number="L-1", issued_on=world.clock.now().date(), due_on=world.clock.now().date(),
                total=money("108.10 CHF"), content_hash="x",
                lines=[
                    NewLine("1", "Oak board", Decimal(1), net=money("60.00 CHF")),
                    NewLine("2", "Screws", Decimal(4), net=money("40.00 CHF")),
                ],
            ),
        )  # fmt: skip
    page = browser.get("/dispute?invoice=L-1")
    assert "Screws" in text_of(page)

    answer = send(
        browser, "/dispute", page, **{"scope-0": "lines", "lines-0": "1", "reason": "item"}
    )

    assert answer.status_code == 303, text_of(answer)
    assert disputes(world, debtor)[0].disputed == money("43.24 CHF")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Please choose what is wrong"),
        ({"reason": "paid"}, "Please choose what is wrong"),
        ({"reason": "other"}, "Please tell us in a few words"),
        ({"reason": "price", "scope-0": "amount", "amount-0": "101"}, "an amount up to CHF 100.00"),
        ({"reason": "price", "scope-0": "amount", "amount-0": "much"}, "an amount in figures"),
        ({"reason": "price", "scope-0": "lines"}, "an amount up to"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(world, browser, debtor, values, words):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    page = browser.get("/dispute?invoice=A-1")
    told = {} if values.get("reason") == "other" else {"message": "my own words"}

    answer = send(browser, "/dispute", page, **told, **values)

    assert answer.status_code == 422
    assert words in text_of(answer)
    if told:
        assert "my own words" in text_of(answer)
    assert disputes(world, debtor) == ()


def test_a_refused_file_is_named_with_the_way_out_and_nothing_is_kept(world, browser, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    page = browser.get("/dispute?invoice=A-1")

    answer = send(
        browser, "/dispute", page, [photo(), ("page.html", b"<script>1</script>", "text/html")],
        reason="price",
    )  # fmt: skip

    assert answer.status_code == 422
    words = text_of(answer)
    assert "page.html: We cannot take files of this kind. Please send a PDF" in words
    assert "photo.jpg:" not in words
    assert disputes(world, debtor) == ()


def test_a_form_sent_twice_makes_one_dispute(world, browser, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    page = browser.get("/dispute?invoice=A-1")

    first = send(browser, "/dispute", page, reason="price")
    second = send(browser, "/dispute", page, reason="price")

    assert first.headers["location"] == second.headers["location"]
    assert len(disputes(world, debtor)) == 1
    assert "In dispute already" in text_of(browser.get("/dispute"))


def test_a_question_is_answered_on_the_page(world, browser, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = opened(world, browser, debtor)
    case.note("nobody may see this")
    case.ask("Which order?")
    page = browser.get(f"/disputes/{case.dispute_id}")
    assert "Which order?" in text_of(page)
    assert "We need your answer by" in text_of(page)
    assert "nobody may see this" not in page.text

    path = f"/disputes/{case.dispute_id}/messages"
    nothing = send(browser, path, page)
    assert nothing.status_code == 422
    answer = send(browser, path, page, [("note.txt", b"order 17", "text/plain")], message="See it")

    assert answer.status_code == 303
    assert case.state == "investigating"
    assert "note.txt" in text_of(browser.get(f"/disputes/{case.dispute_id}"))


def test_a_proposal_is_agreed_to_with_one_button(world, browser, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = opened(world, browser, debtor)
    case.propose(A_1="30.00 CHF")
    path = f"/disputes/{case.dispute_id}"
    page = browser.get(path)
    assert "We propose to take back CHF 30.00" in text_of(page)

    assert browser.submit(page, f"{path}/agree").status_code == 303

    decided, account = text_of(browser.get(path)), text_of(browser.get("/"))
    assert "CHF 30.00 is taken back" in decided
    assert "Accepted in part: the credit note is on its way" in decided
    assert "credit note over 30.00 on its way" in account
    assert "Credit note on its way− CHF 30.00Still to payCHF 70.00" in account
    assert "under review" not in (account + text_of(browser.get("/invoices/A-1"))).lower()
    assert browser.submit(page, f"{path}/agree").status_code == 409, "it has moved on"


def test_withdrawing_and_opening_again(world, browser, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = opened(world, browser, debtor)
    path = f"/disputes/{case.dispute_id}"

    browser.submit(browser.get(path), f"{path}/withdraw")
    page = browser.get(path)
    assert "Do you see it differently?" in text_of(page)
    answer = browser.submit(page, f"{path}/reopen", message="It was a mistake")

    assert answer.status_code == 303
    assert case.state == "investigating"


def test_another_debtors_dispute_and_its_files_do_not_exist(world, browser, debtor, runtime):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    page = browser.get("/dispute?invoice=A-1")
    mine = send(browser, "/dispute", page, [photo()], reason="price").headers["location"]
    file = re.search(r"/dispute-files/[0-9a-f-]+", browser.get(mine).text)[0]

    stranger = portal_browser(runtime)
    assert stranger.get(mine).status_code == 401
    stranger.get(link_for(world, world.debtor()))

    for path in (mine, file):
        assert stranger.get(path).status_code == 404
    token = dict(browser.form(browser.get(mine), f"{mine}/withdraw").fields)["_csrf_token"]
    assert stranger.post(f"{mine}/withdraw", {"_csrf_token": token}).status_code == 403


def test_a_file_of_an_internal_note_is_not_the_debtors(world, browser, debtor):
    from receivables.disputes.actions import note
    from receivables.disputes.steps import Words
    from receivables.uploads.actions import CheckedFile, keep
    from receivables.uploads.reading import SafeFile

    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = opened(world, browser, debtor)
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        (kept,) = keep(
            session, supplier_id=world.supplier_id, debtor_id=debtor, clock=world.clock,
            files=[CheckedFile(SafeFile("memo.txt", "text/plain", b"x"), is_scanned=True)],
        )  # fmt: skip
        note(session, world.supplier_id, case.dispute_id, Words("n", (kept,)), clock=world.clock)

    assert browser.get(f"/dispute-files/{kept}").status_code == 404


@pytest.mark.once("a limit that is counted in memory")
def test_twenty_files_an_hour_and_no_more(world, browser, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = opened(world, browser, debtor)
    path = f"/disputes/{case.dispute_id}"
    page = browser.get(path)
    texts = [(f"{n}.txt", b"words", "text/plain") for n in range(5)]

    statuses = [send(browser, f"{path}/messages", page, texts).status_code for _ in range(4)]

    assert statuses == [303] * 4
    assert send(browser, f"{path}/messages", page, texts[:1]).status_code == 429
    assert send(browser, f"{path}/messages", page, message="words go on").status_code == 303


def test_more_than_a_form_holds_is_refused_before_it_is_read(world, browser, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    page = browser.get("/dispute?invoice=A-1")

    answer = send(browser, "/dispute", page, [("a.pdf", b"%PDF-" + b"0" * 26_000_000, "")])

    assert answer.status_code == 413
    assert "fewer or smaller files" in text_of(answer)


# The framework leaves the half of a file that it had taken to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_body_that_claims_ten_gigabytes_or_never_ends_is_cut_off(runtime, world, browser, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    page = browser.get("/dispute?invoice=A-1")
    token = dict(browser.form(page, "/dispute").fields)["_csrf_token"]
    cookies = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    with serve(create_app(runtime)) as served:
        for size, most in (("Content-Length: 10000000000", 1), ("Transfer-Encoding: chunked", 60)):
            answer, sent = endless(served.port, page, cookies, token, size, most)
            assert b" 413 " in answer.split(b"\r\n")[0], answer[:200]
            assert sent <= 60
    assert disputes(world, debtor) == ()


def endless(port: int, page, cookies: str, token: str, size: str, most: int) -> tuple[bytes, int]:
    """Send up to `most` megabytes of a file; the answer, and how many were sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(
            f"POST /dispute HTTP/1.1\r\nHost: localhost:8000\r\nOrigin: http://localhost:8000\r\n"
            f"Cookie: {cookies}\r\nX-CSRF-Token: {token}\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\n{size}\r\n\r\n".encode()
        )
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
        sent = 0
        with suppress(OSError):
            line.settimeout(2)  # nobody reads on once the answer is given
            for sent in range(1, most + 1):
                piece = head + b"0" * 1_000_000 if sent == 1 else b"0" * 1_000_000
                is_chunked = "chunked" in size
                line.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
        answer = b""
        line.settimeout(30)
        with suppress(OSError):
            while b"\r\n\r\n" not in answer and (got := line.recv(65536)):
                answer += got
        return answer, sent

"""The health check in the office: asked for, watched, read, acted upon, taken away, forgotten."""

from __future__ import annotations

import csv
import io
import re
from uuid import UUID

import pytest
from pypdf import PdfReader

from monitoring.portfolio.rules import Assumptions
from monitoring.readings import record_reading
from receivables.credit.actions import set_limit
from receivables.credit.queries import standing
from receivables.credit.rules import Standing
from receivables.database import Scope
from receivables.ids import DebtorId
from receivables.parties.queries import debtor_names, debtors_by_id
from tests.monitoring.conftest import new_reading
from tests.support.builders import money
from tests.support.faces import Browser
from tests.support.office import Office, open_office

CHECKS = "/monitoring/checks"
FILE = """\
number;name;country;register number;city;balance;overdue;limit;terms;turnover;rating
N-1;Alpha Métal SA;BE;0403.170.701;Gent;12000.00;200.00;10000;60;90000;E
N-2;ALPHA METAL;BE;BE0403170701;Gent;500.00;0;;30;;
N-3;=cmd|calc;FR;732 829 320;Lyon;4000.00;0;;30;;B
"""


def asked(office: Office, browser: Browser, content: str | None) -> str:
    """The address of a check that is made."""
    sent = {"files": {"file": ("kunden.csv", content.encode())}} if content else {}
    fields = {"book": "yes"} if content is None else {"keep_days": "30"}
    if not sent:
        sent = {"files": {"none": ("", b"")}}
    answer = browser.submit(CHECKS, fields, page=CHECKS, **sent)
    assert answer.status_code == 303, answer.text
    page: str = answer.headers["location"]
    # Without scripts the page asks again by itself until there is a report.
    assert int(browser.get(page).headers["refresh"]) > 0
    office.world.run_jobs()
    return page


def rows(answer: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
def weak(bare: Office) -> DebtorId:
    """A debtor in class E with a limit, who owes something."""
    scope, clock = Scope(bare.supplier_id), bare.world.clock
    debtor_id = bare.world.debtor(supplier_id=bare.supplier_id, name="Weak & Söhne AG")
    bare.world.invoice("900.00 CHF", debtor_id=debtor_id, supplier_id=bare.supplier_id)
    with bare.runtime.transaction(scope) as session:
        record_reading(
            session, supplier_id=bare.supplier_id, debtor_id=debtor_id,
            reading=new_reading(10), clock=clock,
        )  # fmt: skip
        set_limit(
            session, supplier_id=bare.supplier_id, debtor_id=debtor_id,
            limit=money("5000.00 CHF"), clock=clock,
        )  # fmt: skip
    return debtor_id


def limit_of(office: Office, debtor_id: UUID) -> Standing:
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        return standing(session, office.supplier_id, DebtorId(debtor_id))


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_the_own_book_is_read_on_the_page_and_on_paper_and_a_cut_limit_comes_back(
    bare: Office, weak: DebtorId
) -> None:
    with bare.signed_in(bare.collector) as browser:
        page = asked(bare, browser, None)
        shown = browser.get(page).text
        assert "Weak &amp; Söhne AG" in shown
        assert f'href="/debtors/{weak}"' in shown
        pdf = browser.get(f"{page}/report.pdf")
        assert pdf.headers["content-disposition"].startswith("attachment")
        text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf.content)).pages)
        assert "Weak & Söhne AG" in text
        assert "900.00" in text

        assert browser.submit(f"{page}/limits", {"debtor": "x"}, page=page).status_code == 422
        cut = browser.submit(f"{page}/limits", {"debtor": str(weak)}, page=f"{page}/actions")
        assert cut.status_code == 303
        assert limit_of(bare, weak).limit == money("0.00 CHF")
        actions = browser.get(f"{page}/actions").text
        undo = re.search(r'action="([^"]+/undo)"', actions)
        assert undo
        assert browser.submit(undo[1], page=f"{page}/actions").status_code == 303
        assert limit_of(bare, weak).limit == money("5000.00 CHF")
        assert browser.submit(undo[1], page=page).status_code == 409, "taken back once"

        seen = browser.get(page).text
        assert "took the PDF" in seen[seen.index('id="kept"') :]


def test_a_file_is_merged_watched_listed_and_deleted(bare: Office) -> None:
    with bare.signed_in(bare.owner) as browser:
        page = asked(bare, browser, FILE)
        listed = rows(browser.get(f"{page}/customers.csv").content)
        assert [one["name"] for one in listed] == ["Alpha Métal SA", "ALPHA METAL", "'=cmd|calc"]
        assert listed[0]["identified_by"] == "register"

        merged = browser.submit(f"{page}/duplicates", page=f"{page}/duplicates")
        assert merged.status_code == 303
        listed = rows(browser.get(f"{page}/customers.csv").content)
        assert [one["open"] for one in listed] == ["12500.00", "4000.00"]
        prepay = rows(browser.get(f"{page}/prepayment.csv").content)
        assert [one["number"] for one in prepay] == ["N-1"]
        assert len(rows(browser.get(f"{page}/insurer.csv").content)) == 2
        undone = browser.submit(f"{page}/duplicates/1", {"decision": ""}, page=f"{page}/duplicates")
        assert undone.status_code == 303

        assert browser.submit(f"{page}/watch", page=f"{page}/actions").status_code == 303
        with bare.runtime.reading(Scope(bare.supplier_id)) as session:
            watched = debtors_by_id(session, bare.supplier_id)
        assert {one.number for one in watched.values()} >= {"N-1", "N-3"}
        undo = re.search(r'action="([^"]+/undo)"', browser.get(f"{page}/actions").text)
        assert undo
        assert browser.submit(undo[1], page=page).status_code == 303
        with bare.runtime.reading(Scope(bare.supplier_id)) as session:
            assert not debtor_names(session, bare.supplier_id, watched)

        assert browser.submit(f"{page}/delete", page=page).status_code == 303
        assert browser.get(page).status_code == 404


def test_numbers_of_the_suppliers_own_are_checked_kept_and_used(
    bare: Office, weak: DebtorId
) -> None:
    assert weak
    with bare.signed_in(bare.collector) as browser:
        page = asked(bare, browser, None)
        form = f"{page}/assumptions"
        typed = {
            **{f"pd_{band}": "50" for band in ("A", "B", "C", "D", "E", "none")},
            **{f"days_{band}": "10" for band in ("C", "D", "E")},
            "lgd": "100", "margin": "10",
        } | {
            name: str(getattr(Assumptions().prices, name))
            for name in ("capital", "premium", "insured_part", "limit_fee", "factoring_fee",
                         "advance", "factoring_interest", "letter_fee")
        }  # fmt: skip
        for wrong in ("", "101", "-1", "NaN", "1e99", "many"):
            refused = browser.submit(form, {**typed, "lgd": wrong}, page=form)
            assert refused.status_code == 422, wrong
        assert browser.submit(form, typed, page=form).status_code == 303
        # 900 × 50 % × 100 %.
        assert "450.00" in browser.get(page).text
        again = asked(bare, browser, None)
        assert "450.00" in browser.get(again).text, "they hold for the next check as well"


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_a_reader_looks_and_decides_nothing_and_nobody_sees_anothers(
    bare: Office, weak: DebtorId
) -> None:
    assert weak
    with bare.signed_in(bare.collector) as browser:
        page = asked(bare, browser, None)
    with bare.signed_in(bare.reader) as browser:
        assert browser.get(page).status_code == 200
        assert browser.submit(f"{page}/delete", page=page).status_code == 403
        assert browser.submit(f"{page}/watch", page=page).status_code == 403
    other = open_office(bare.world, name="Another AG")
    with other.signed_in() as browser:
        for path in ("", "/report.pdf", "/customers.csv", "/insurer.csv", "/prepayment.csv",
                     "/review", "/duplicates", "/actions", "/assumptions"):  # fmt: skip
            assert browser.get(f"{page}{path}").status_code == 404, path
        for path in ("/delete", "/watch", "/limits", "/duplicates", "/duplicates/1", "/review/1"):
            answer = browser.submit(f"{page}{path}", {"answer": "yes"}, page=CHECKS)
            assert answer.status_code in (404, 422), path
    with bare.signed_in(bare.owner) as browser:
        shown = browser.get(page).text
    kept = shown[shown.index('id="kept"') :]
    assert kept.count("<li>") == 2, "the reader and the owner looked"


def test_a_form_without_a_file_is_asked_again_and_a_file_that_is_none_is_explained(
    bare: Office,
) -> None:
    with bare.signed_in(bare.collector) as browser:
        nothing = browser.submit(CHECKS, {}, page=CHECKS, files={"none": ("", b"")})
        assert nothing.status_code == 422
        page = asked(bare, browser, "\x00\x01\x02")
        assert "<table" in browser.get(page).text
        assert browser.get(f"{page}/report.pdf").status_code == 404

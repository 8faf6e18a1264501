"""Lists of invoices in the backoffice: columns said once, the next list taken without asking."""

from __future__ import annotations

import io
import re
from html import unescape

import httpx
import pytest
from openpyxl import load_workbook

from receivables.database import Scope
from receivables.intake.csv_columns import COLUMNS, column_of
from receivables.intake.explaining import remembered, waiting_lists
from receivables.intake.template import headings, template_workbook
from receivables.ledger.queries import open_items
from tests.support.faces import Browser
from tests.support.lists import own_list
from tests.support.office import Office

CHOICES = {
    "column_number": "Beleg",
    "column_issued_on": "vom",
    "column_amount": "Total CHF",
    "column_debtor_name": "Wer",
    "currency": "chf",
}


def upload(browser: Browser, content: bytes, name: str = "list.xlsx", **headers: str) -> str:
    """Where the upload leads; "" for an answer of its own."""
    answer = browser.post(
        "/invoices/import",
        data={"_csrf_token": browser.token()},
        files=[("files", (name, content, "application/octet-stream"))],
        headers={"Origin": browser.origin, **headers},
        follow_redirects=False,
    )
    assert answer.status_code in (200, 303), answer.text[:2000]
    return answer.headers.get("location") or answer.headers.get("hx-redirect") or ""


def send(browser: Browser, url: str, **fields: str) -> httpx.Response:
    return browser.submit(url, fields)


def where(page: str) -> dict[str, str]:
    """The sheet and the line that the form's headings come from."""
    return {
        name: value
        for name in ("seen_sheet", "seen_line", "sheet", "heading_line")
        for value in re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)
    }


def owed(office: Office) -> dict[str, str]:
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        return {one.number: str(one.outstanding) for one in open_items(session, office.supplier_id)}


def test_a_list_of_unknown_columns_waits_is_explained_and_the_next_is_taken_unasked(
    bare: Office,
) -> None:
    first = own_list(("A-1", "03/04/2026", "1'950.–", "Dubois"), ("A-2", "05/04/2026", 12.5, "<b>"))
    second = own_list(("A-3", "30/04/2026", 20, "Dubois"))
    with bare.signed_in(bare.collector) as browser:
        url = upload(browser, first)
        assert upload(browser, first, "again.xlsx", **{"HX-Request": "true"}) == url
        shown = browser.get(url).text
        refused = send(browser, url, do="take", **CHOICES, **where(shown))
        before = owed(bare)
        decided = {**CHOICES, **where(shown), "dates": "day-first"}
        preview = send(browser, url, do="look", **decided)
        taken = send(browser, url, do="take", **decided)
        gone = send(browser, url, do="take", **decided)
        unasked = upload(browser, second, "next.csv")
        with bare.runtime.reading(Scope(bare.supplier_id)) as session:
            assert waiting_lists(session, bare.supplier_id) == []
            [kept] = remembered(session, bare.supplier_id)
        listed = browser.get("/invoices/import/columns").text

    assert url.endswith("/columns") and where(shown)["heading_line"] == "3"
    assert refused.status_code == 422 and "03/04/2026" in refused.text and before == {}
    assert "As it would be taken in" in preview.text and "1’950.00" in preview.text
    assert "&lt;b&gt;" in preview.text
    assert taken.status_code == 303 and gone.status_code == 404
    assert unasked == ""
    assert owed(bare) == {"A-1": "CHF 1950.00", "A-2": "CHF 12.50", "A-3": "CHF 20.00"}
    assert kept.name == "list.xlsx" and kept.name in listed


@pytest.mark.once("pages about rows that other tests write on both")
def test_what_is_remembered_can_be_changed_and_forgotten(bare: Office) -> None:
    content = own_list(("A-1", "30.04.2026", 10, "Dubois"))
    with bare.signed_in(bare.collector) as browser:
        url = upload(browser, content)
        shown = browser.get(url).text
        wrong = {**CHOICES, **where(shown), "column_amount": "Wer"}
        told = send(browser, url, do="take", **wrong)
        with bare.runtime.reading(Scope(bare.supplier_id)) as session:
            [kept] = remembered(session, bare.supplier_id)
        layout_url = f"/invoices/import/columns/{kept.id}"
        incomplete = send(browser, layout_url, **{**CHOICES, "currency": ""})
        changed = send(browser, layout_url, **CHOICES)
        nothing_asked = upload(browser, content)
        with bare.runtime.reading(Scope(bare.supplier_id)) as session:
            assert waiting_lists(session, bare.supplier_id) == []
        forgotten = send(browser, f"{layout_url}/forget")
        asked = upload(browser, content)
        discarded = send(browser, asked.replace("/columns", "/discard"))
        with bare.runtime.reading(Scope(bare.supplier_id)) as session:
            left = waiting_lists(session, bare.supplier_id), remembered(session, bare.supplier_id)

    assert told.status_code == 422 and "Dubois" in told.text
    assert (incomplete.status_code, changed.status_code) == (422, 303)
    assert nothing_asked == "" and owed(bare) == {"A-1": "CHF 10.00"}
    assert forgotten.status_code == discarded.status_code == 303
    assert asked.endswith("/columns") and left == ([], [])


@pytest.mark.parametrize("language", ["en", "de", "fr", "nl", "it", "xx"])
def test_an_empty_list_comes_back_as_a_list_whose_headings_are_known(language: str) -> None:
    sheet = load_workbook(io.BytesIO(template_workbook(language))).active
    assert sheet is not None
    [row] = sheet.iter_rows(max_row=1)

    assert [column_of(str(cell.value)) for cell in row] == [column.name for column in COLUMNS]
    assert {cell.data_type for cell in row} == {"s"}
    assert len(set(headings(language))) == len(COLUMNS)


def test_the_empty_list_is_there_to_take_away(bare: Office) -> None:
    with bare.signed_in(bare.collector) as browser:
        page = browser.get("/invoices/import").text
        answer = browser.get("/invoices/import/template.xlsx")

    assert "/invoices/import/template.xlsx" in unescape(page)
    assert (
        answer.content.startswith(b"PK") and "attachment" in answer.headers["content-disposition"]
    )

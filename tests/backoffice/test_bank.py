"""Bank statements in the backoffice: upload, what came of it, and columns nobody knew."""

from __future__ import annotations

from receivables.bank.queries import last_statements
from receivables.database import Scope
from tests.support.bank_files import camt, detail, entry
from tests.support.faces import Browser
from tests.support.office import Office

STATEMENT = camt(
    entry(
        "1950.00",
        reference="A-1",
        details=[detail(references=["RF18539007547034"], payer="Atelier <b>Dubois</b>")],
    )
    .replace("<b>", "&lt;b&gt;")
    .replace("</b>", "&lt;/b&gt;"),
    entry("10.00", direction="DBIT", reference="A-2", reversal=True),
    opening="0",
    closing="1940.00",
)
UNKNOWN = "When;What;How much\n31.10.2026;R-7;12.50\n"


def upload(browser: Browser, name: str, text: str, *, htmx: bool = False) -> str:
    headers = {"Origin": browser.origin, **({"HX-Request": "true"} if htmx else {})}
    answer = browser.post(
        "/bank",
        data={"_csrf_token": browser.token("/bank")},
        files=[("files", (name, text.encode(), "application/octet-stream"))],
        headers=headers,
    )
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text


def test_a_statement_is_uploaded_and_its_entries_are_shown(bare: Office) -> None:
    with bare.signed_in(bare.collector) as browser:
        report = upload(browser, "november.xml", STATEMENT, htmx=True)
        again = upload(browser, "november.xml", STATEMENT)
        with bare.runtime.reading(Scope(bare.supplier_id)) as session:
            [last] = last_statements(session, bare.supplier_id)
        link = report.partition('href="/bank/statements/')[2].partition('"')[0]
        page = browser.get(f"/bank/statements/{link}").text

    assert "<html" not in report
    assert "2 entries" in report
    assert "known already" in again
    assert last.account == "CH9300762011623852957"
    assert "CH93 0076 2011 6238 5295 7" in again
    assert "Opening balance</dt><dd>CHF 0.00" in page.replace("\xa0", " ").replace("&nbsp;", " ")
    assert "1’940.00" in again
    assert "RF18539007547034" in page
    assert "Atelier &lt;b&gt;Dubois&lt;/b&gt;" in page
    assert "reversal" in page


def test_a_refused_file_says_line_by_line_what_is_wrong(bare: Office) -> None:
    wrong = camt(entry("ten", reference="A"), entry("5.00", on="2026-02-31", reference="B"))

    with bare.signed_in(bare.collector) as browser:
        page = upload(browser, "wrong.xml", wrong)

    assert "1 refused" in page
    assert "line 3, Ntry/Amt" in page
    assert "line 4, Ntry/BookgDt" in page
    assert "is no amount of money in CHF" in page


def test_columns_that_nobody_knows_are_explained_once_and_then_read(bare: Office) -> None:
    with bare.signed_in(bare.collector) as browser:
        asked = upload(browser, "list.csv", UNKNOWN)
        address = asked.partition('href="/bank/columns')[2].partition('"')[0]
        form = browser.get("/bank/columns" + address.replace("&amp;", "&"))
        fields = {
            "header_0": "When",
            "meaning_0": "booked_on",
            "header_1": "What",
            "meaning_1": "text",
            "header_2": "How much",
            "meaning_2": "ignored",
            "name": "House bank",
            "account": "CH93 0076 2011 6238 5295 7",
            "currency": "chf",
            "slashes": "",
        }
        incomplete = browser.submit("/bank/columns", fields, page="/bank")
        told = browser.submit("/bank/columns", {**fields, "meaning_2": "amount"}, page="/bank")
        read = upload(browser, "list.csv", UNKNOWN)

    assert "How much" in form.text
    assert incomplete.status_code == 422
    assert "are needed" in incomplete.text
    assert told.status_code == 303
    assert "CH93 0076 2011 6238 5295 7" in read
    assert "1 entry" in read

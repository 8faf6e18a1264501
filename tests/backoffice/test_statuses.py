"""The page of e-invoice statuses: files taken, what followed, what goes out, who may choose."""

from __future__ import annotations

import re

import pytest

from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.lifecycle.reporting import emission
from receivables.parties.queries import supplier
from tests.support.faces import Browser
from tests.support.office import SAMPLES, Office
from tests.support.statuses import cdar, referenced

pytestmark = pytest.mark.once("what pages say; test_lifecycle.py is about the books")

NUMBER = "BR-2026-0117"


def hand_in(browser: Browser, address: str, *contents: bytes) -> str:
    answer = browser.post(
        address,
        data={"_csrf_token": browser.token(address)},
        files=[
            ("files", (f"{place}.xml", content, "text/xml"))
            for place, content in enumerate(contents)
        ],
        headers={"Origin": browser.origin},
    )
    assert answer.status_code == 200, answer.text[:3000]
    return answer.text


def test_a_message_handed_in_opens_a_dispute_and_a_bad_one_is_refused_by_its_line(
    bare: Office,
) -> None:
    message = cdar(
        referenced(207, number=NUMBER, issued_on="20260302", motive="QTE_ERR", words="<b>2</b>"
                   .replace("<", "&lt;"))
    )  # fmt: skip
    with bare.signed_in(bare.collector) as browser:
        hand_in(browser, "/invoices/import", (SAMPLES / "ubl_invoice.xml").read_bytes())
        page = hand_in(
            browser, "/statuses", message, message, cdar(referenced("20X"), reference="bad")
        )
        invoice = re.search(r'href="(/invoices/[0-9a-f-]{36})"', page)
        assert invoice, page
        statuses = browser.get(f"{invoice[1]}/statuses").text

    assert "A dispute was opened." in page
    assert "known already" in page
    assert "&#39;20X&#39; is no status." in page
    assert "line " in page
    assert "207 in dispute" in statuses
    assert "207 QTE_ERR: &lt;b&gt;2&lt;/b&gt;" in statuses
    assert "See the dispute" in statuses


def test_only_an_owner_chooses_what_the_platform_is_told(bare: Office) -> None:
    def tells() -> bool:
        with bare.runtime.reading(Scope(bare.supplier_id)) as session:
            return emission(session, supplier(session, SupplierId(bare.supplier_id))).emits

    assert not tells()
    with bare.signed_in(bare.collector) as browser:
        assert "Only an owner can change this." in browser.get("/statuses").text
        refused = browser.submit("/statuses/telling", {"tells": "yes"}, page="/statuses")
        assert refused.status_code == 403
    assert not tells()
    with bare.signed_in(bare.owner) as browser:
        assert "Nothing is told now." in browser.get("/statuses").text
        answer = browser.submit("/statuses/telling", {"tells": "yes"}, page="/statuses")
        assert answer.status_code == 303
        page = browser.get("/statuses").text
    assert tells()
    assert "From now on your platform is told what is cashed." in page
    assert "they wait here and can be downloaded" in page

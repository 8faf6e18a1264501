"""A debtor's solvency, what follows from it, and a claim to lodge, as staff see them."""

from __future__ import annotations

import csv
import io

import pypdf
import pytest

from receivables.credit.queries import standing
from receivables.credit.rules import Standing
from receivables.database import Scope
from receivables.ids import DebtorId
from tests.support.browsing import text_of
from tests.support.failing import furnish_failing
from tests.support.office import Office


@pytest.fixture
def failing(bare: Office) -> Office:
    furnish_failing(bare)
    return bare


def _standing(office: Office) -> Standing:
    with office.world.runtime.reading(Scope(office.supplier_id)) as session:
        return standing(session, office.supplier_id, DebtorId(office.ids["failing"]))


def test_a_claim_waits_on_the_list_with_its_statement_until_it_is_lodged(failing: Office):
    page = f"/debtors/{failing.ids['failing']}/claim"
    with failing.signed_in() as browser:
        today = text_of(browser.get("/today?show=all"))
        assert "our claim is to be lodged by 2 December 2026" in today
        assert "the insurer wants to know at once" in today
        words = text_of(browser.get(page))
        assert "Konkurspublikation/Schuldenruf Sonnenbau AG" in words
        assert "counted from the publication, as the law has it" in words
        claim = {"claim": browser.get(page).text.split('name="claim" value="')[1][:36]}

        wrong = browser.submit(page, {"lodge_until": "soon"})
        assert wrong.status_code == 422
        saved = {"lodge_until": "2026-12-18", "retains_title": "yes", "securities": "Ten pallets."}
        assert browser.submit(page, saved).status_code == 303
        pdf = browser.get(f"{page}.pdf")
        assert pdf.headers["content-type"] == "application/pdf"
        printed = "\n".join(
            one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf.content)).pages
        )
        assert "Sonnenbau AG" in printed
        assert "Ten pallets." in printed

        assert browser.submit(f"{page}/insurer", claim).status_code == 303
        early = {**claim, "lodged_on": "2026-10-01"}
        assert browser.submit(f"{page}/lodge", early).status_code == 422
        done = {**claim, "lodged_on": "2026-11-02"}
        assert browser.submit(f"{page}/lodge", done).status_code == 303
        assert browser.submit(f"{page}/lodge", done).status_code == 409
        assert "lodged on" in text_of(browser.get(page))
        assert "our claim is to be lodged" not in text_of(browser.get("/today?show=all"))


def test_an_owner_does_what_is_proposed_and_undoes_it_and_the_list_for_the_erp_follows(
    failing: Office,
):
    solvency = f"/debtors/{failing.ids['failing']}/solvency"
    with failing.signed_in() as browser:
        words = text_of(browser.get(solvency))
        for said in (
            "Lower the limitCHF 0.00",
            "Bankruptcy published, call to creditors",
            "insolvent since",
        ):
            assert said in words
        deed = f"/monitoring/effects/{failing.ids['effect']}"
        assert browser.submit(f"{deed}/apply", {"back": solvency}).headers["location"] == solvency
        rows = list(csv.DictReader(io.StringIO(browser.get("/monitoring/terms.csv").text)))
        assert [row["name"] for row in rows] == ["Sonnenbau AG"]
        assert rows[0]["insolvent_on"] == "2026-11-02"
        assert browser.submit(f"{deed}/apply", {}).status_code == 409
        assert browser.submit(f"{deed}/undo", {"back": "//elsewhere.example"}).headers[
            "location"
        ] == "/monitoring/effects"  # fmt: skip
    assert _standing(failing).limit is None
    assert _standing(failing).prepayment_since is None


def test_an_owner_chooses_what_follows_and_others_cannot(failing: Office):
    chosen = {"limit": "apply", "limit_percent": "40", "prepayment": "off", "plans": "propose",
              "worst": "E", "strict": "yes"}  # fmt: skip
    with failing.signed_in() as browser:
        wrong = browser.submit("/monitoring/effects", {**chosen, "limit_percent": "101"})
        assert wrong.status_code == 422
        assert "a whole number from 0 to 100" in text_of(wrong)
        assert browser.submit("/monitoring/effects", chosen).status_code == 303
        page = browser.get("/monitoring/effects").text
        assert 'value="40"' in page
        assert "Sooner, for debtors who may fail" in text_of(browser.get("/reminders/scenarios"))
    with failing.signed_in(failing.reader) as browser:
        assert browser.submit("/monitoring/effects", chosen).status_code == 403
        deed = f"/monitoring/effects/{failing.ids['effect']}/apply"
        assert browser.submit(deed, {}).status_code == 403


def test_prepayment_is_asked_for_by_hand_and_ended(bare: Office):
    debtor_id = bare.world.debtor(supplier_id=bare.supplier_id)
    page = f"/debtors/{debtor_id}/standing/prepayment"
    with bare.signed_in() as browser:
        assert browser.submit(page, {"prepayment": "yes"}).status_code == 303
        assert "payment in advance since" in text_of(browser.get(f"/debtors/{debtor_id}/solvency"))
        assert browser.submit(page, {}).status_code == 303
        shown = text_of(browser.get(f"/debtors/{debtor_id}/standing"))
    assert "Ask for payment in advance" in shown

"""Disputes in the backoffice: the inbox, the page, decisions with their effects, measures."""

from __future__ import annotations

import re

import pytest

from receivables.database import Scope
from receivables.disputes import queries
from receivables.disputes.einvoice import reason_of
from receivables.disputes.opening import Claim
from receivables.disputes.reasons import HANDLING, Reason
from receivables.ids import new_id
from tests.support.browsing import text_of
from tests.support.builders import money
from tests.support.disputes import Case, contest, credit, let_pass
from tests.support.office import Office, open_office


@pytest.fixture
def debtor(bare: Office):
    debtor = bare.world.debtor(supplier_id=bare.supplier_id, name="Dubois & <Fils>")
    bare.world.invoice("1000.00 CHF", debtor_id=debtor, number="A-1", due_in_days=60)
    bare.world.invoice("50.00 CHF", debtor_id=debtor, number="A-2", due_in_days=60)
    return debtor


@pytest.fixture
def case(bare: Office, debtor) -> Case:
    claim = Claim(number="A-1", scope="amount", amount=money("300.00 CHF"))
    return contest(bare.world, debtor, claim, body="We agreed on 700")


@pytest.mark.once("what a page says of forty disputes, each opened as on both elsewhere")
def test_the_inbox_shows_what_waits_and_filters_by_its_address(bare, debtor, case):
    contest(bare.world, debtor, "A-2", reason=Reason.BANK)
    case.take_over(bare.collector)
    with bare.signed_in(bare.collector) as browser:
        page = text_of(browser.get("/disputes"))
        assert page.index("D-0002") < page.index("D-0001"), "the urgent one first"
        assert "Disputes" in page
        for query, shown in (
            ("owner=me", ["D-0001"]),
            ("owner=nobody", ["D-0002"]),
            (f"owner={bare.collector}", ["D-0001"]),
            ("department=finance", ["D-0002"]),
            ("show=ended", []),
            ("overdue=yes", []),
            ("sort=amount", ["D-0001", "D-0002"]),
            ("sort=number&department=nonsense&owner=x", ["D-0001", "D-0002"]),
        ):
            found = re.findall(r"D-\d{4}", browser.get(f"/disputes?{query}").text)
            assert found == shown, query
    let_pass(bare.world, days=30)
    with bare.signed_in(bare.collector) as browser:
        assert "D-0001" in browser.get("/disputes?overdue=yes").text


def test_a_collector_takes_it_asks_and_leaves_a_note(bare, case):
    path = f"/disputes/{case.dispute_id}"
    with bare.signed_in(bare.collector) as browser:
        page = browser.get(path)
        assert "We agreed on 700" in page.text
        assert "Dubois &amp; &lt;Fils&gt;" in page.text

        browser.submit(f"{path}/take")
        assert case.view().owner_id == bare.collector
        assert case.state == "investigating"
        browser.submit(f"{path}/assign", {"owner": str(bare.owner), "department": "billing"})
        assert (case.view().owner_id, case.view().department) == (bare.owner, "billing")
        browser.submit(
            f"{path}/write", {"kind": "note", "message": "hm"}, files={"files": ("", b"")}
        )
        browser.submit(
            f"{path}/write", {"kind": "question", "message": "Which order?"},
            files={"files": ("order.txt", b"our order", "text/plain")},
        )  # fmt: skip
        assert case.state == "waiting_debtor"
        words = text_of(browser.get(path))
        assert "note for colleagues" in words
        assert "order.txt" in words
        file = re.search(r"/dispute-files/[0-9a-f-]+", browser.get(path).text)[0]
        assert browser.get(file).headers["content-disposition"].startswith("attachment")


def test_nobody_of_another_supplier_answers_for_it(bare, case):
    case.take_over(bare.collector)
    far = open_office(bare.world, name="Schreinerei Muster AG")
    path = f"/disputes/{case.dispute_id}/assign"
    with bare.signed_in(bare.collector) as browser:
        for stranger in (far.owner, new_id(), "x"):
            assert browser.submit(path, {"owner": str(stranger)}).status_code == 404
    assert case.view().owner_id == bare.collector


def test_an_empty_message_and_a_bad_file_are_said(bare, case):
    path = f"/disputes/{case.dispute_id}"
    with bare.signed_in(bare.collector) as browser:
        nothing = browser.submit(f"{path}/write", {"kind": "question"}, files={"files": ("", b"")})
        bad = browser.submit(
            f"{path}/write", {"kind": "message", "message": "see"},
            files={"files": ("x.svg", b"<svg/>", "image/svg+xml")},
        )  # fmt: skip
    assert nothing.status_code == bad.status_code == 422
    assert "Please write something" in text_of(nothing)
    assert "x.svg: We cannot take files of this kind" in text_of(bad)


def test_a_decision_shows_its_effects_first_and_then_does_it(bare, debtor, case):
    path = f"/disputes/{case.dispute_id}"
    with bare.signed_in(bare.collector) as browser:
        preview = browser.get(f"{path}/decide?step=decide&upheld-0=150&choice=part")
        words = text_of(preview)
        assert "accepted in part" in words
        assert "CHF 150.00 is not asked for until you import the credit note" in words
        assert case.state == "submitted", "looking changes nothing"

        silent = browser.submit(f"{path}/decide", {"step": "decide", "upheld-0": "150"})
        assert silent.status_code == 422
        assert "Please tell the customer why" in text_of(silent)
        done = browser.submit(
            f"{path}/decide", {"step": "decide", "upheld-0": "150", "message": "Half of it"}
        )
        assert done.status_code == 303
        assert case.state == "awaiting_credit_note"
        again = browser.submit(
            f"{path}/decide", {"step": "decide", "upheld-0": "0", "message": "x"}
        )
        assert again.status_code == 303
        assert "moved on" in text_of(browser.get(path))
        assert case.view().upheld == money("150.00 CHF")


@pytest.mark.parametrize("typed", ["300.01", "-1", "much", "1e3"])
def test_what_cannot_be_upheld_is_said(bare, case, typed):
    path = f"/disputes/{case.dispute_id}"
    with bare.signed_in(bare.collector) as browser:
        preview = browser.get(f"{path}/decide", params={"upheld-0": typed, "choice": "part"})
        sent = browser.submit(f"{path}/decide", {"upheld-0": typed, "message": "x"})
    assert preview.status_code == sent.status_code == 422
    assert "Please type" in text_of(preview)
    assert case.state == "submitted"


def test_a_proposal_goes_to_the_debtor(bare, case):
    path = f"/disputes/{case.dispute_id}"
    with bare.signed_in(bare.collector) as browser:
        browser.submit(
            f"{path}/decide", {"step": "propose", "upheld-0": "100", "message": "A gesture"}
        )
        assert "CHF 100.00" in text_of(browser.get(path))
    assert case.state == "proposed"


def test_what_waits_for_its_credit_note_can_be_closed_by_hand(bare, case):
    case.decide(body="", A_1="300.00 CHF")
    with bare.signed_in(bare.collector) as browser:
        assert "the dispute closes by itself" in text_of(
            browser.get(f"/disputes/{case.dispute_id}")
        )
        browser.submit(f"/disputes/{case.dispute_id}/close")
    assert case.state == "closed"


def test_a_reader_reads_and_changes_nothing(bare, case):
    path = f"/disputes/{case.dispute_id}"
    with bare.signed_in(bare.reader) as browser:
        page = browser.get(path)
        assert page.status_code == 200
        assert "Take it over" not in page.text
        for action in ("take", "assign", "close", "decide"):
            assert browser.submit(f"{path}/{action}").status_code == 403, action
        wrote = browser.submit(f"{path}/write", {"kind": "note"}, files={"files": ("", b"")})
        assert wrote.status_code == 403
        assert browser.get(f"{path}/decide?choice=all").status_code == 403
    assert case.state == "submitted"


def test_the_measures_say_rate_age_and_what_was_founded(bare, debtor, case):
    second = contest(bare.world, debtor, "A-2", reason=Reason.QUALITY)
    case.decide(A_1="150.00 CHF")
    credit(bare.world, debtor, "150.00 CHF", of="A-1")
    second.decide()
    with bare.signed_in(bare.owner) as browser:
        words = text_of(browser.get("/disputes/measures"))
        assert "100% of those issued" in words
        assert "50% of those decided" in words
        assert "CHF 150.00" in words
        assert browser.submit("/disputes/policy", {"delay_days": "0"}).status_code == 422
        assert browser.submit("/disputes/policy", {"delay_days": "8"}).status_code == 303
    with bare.runtime.reading(Scope(bare.supplier_id)) as session:
        assert queries.delay_days(session, bare.supplier_id) == 8


def test_another_suppliers_dispute_does_not_exist(bare, case):
    far = open_office(bare.world, name="Schreinerei Muster AG")
    with far.signed_in(far.owner) as browser:
        for dispute_id in (case.dispute_id, new_id()):
            path = f"/disputes/{dispute_id}"
            assert browser.get(path).status_code == 404
            assert browser.get(f"{path}/decide?choice=all").status_code == 404
            for action in ("take", "assign", "close", "decide"):
                assert browser.submit(f"{path}/{action}").status_code == 404, action
        assert "D-0001" not in browser.get("/disputes?show=all").text


def test_what_is_said_on_the_telephone_becomes_a_dispute_that_both_sides_see(bare, debtor):
    invoice = bare.world.invoice(
        "800.00 CHF", debtor_id=debtor, supplier_id=bare.supplier_id, number="A-3", due_in_days=-5
    )
    path = f"/invoices/{invoice}/dispute"
    with bare.signed_in(bare.collector) as browser:
        assert path in browser.get(f"/invoices/{invoice}").text
        for sent, words in (
            ({"scope": "whole"}, "Please choose what is wrong"),
            ({"reason": "paid"}, "Please choose what is wrong"),
            ({"reason": "other"}, "Please write something"),
            ({"reason": "price", "scope": "amount", "amount": "800.01"}, "up to"),
            ({"reason": "price", "scope": "amount", "amount": "much"}, "up to"),
            ({"reason": "price", "scope": "lines"}, "up to"),
        ):
            refused = browser.submit(path, sent)
            assert (refused.status_code, words in text_of(refused)) == (422, True), sent
        said = {
            "reason": "quality", "scope": "amount", "amount": "300", "message": "Scratched <top>",
        }  # fmt: skip
        noted = browser.submit(path, said)
        assert noted.status_code == 303
        page = browser.get(noted.headers["location"])
        assert "Scratched <top>" in text_of(page)
        assert "Noted. The customer gets it in writing." in text_of(page)
        again = browser.submit(path, said)
        led = browser.get(again.headers["location"])
        assert led.headers["location"] == noted.headers["location"], "an invoice is in one dispute"
    bare.world.run_jobs()

    with bare.world.runtime.reading(Scope(bare.supplier_id)) as session:
        (view,) = queries.of_debtor(session, bare.supplier_id, debtor)
        (hold,) = queries.holds(session, bare.supplier_id, debtor)
    assert (view.disputed, view.reason) == (money("300.00 CHF"), "quality")
    assert (hold.invoice_id, hold.amount) == (invoice, money("300.00 CHF"))
    letters = Case(bare.world, bare.supplier_id, debtor, view.id).letters()
    assert len(letters) == 1, "the debtor has it in writing"
    with bare.signed_in(bare.reader) as browser:
        assert browser.get(path).status_code == 403
        assert path not in browser.get(f"/invoices/{invoice}").text


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_a_dispute_says_its_codes_to_staff_and_to_other_software(bare, debtor, case):
    def told(case: Case) -> tuple[str, str, int]:
        path = f"/disputes/{case.dispute_id}"
        with bare.signed_in(bare.collector) as browser:
            body = browser.get(f"{path}/codes.json").json()
            shown = text_of(browser.get(path))
        assert (body["reference"], body["outcome"]) == (
            case.view().reference,
            case.view().outcome or None,
        )
        (invoice,) = body["invoices"]
        peppol, french = invoice["peppol"], invoice["french_status"]
        assert f"Peppol {peppol['response']} · {peppol['clarification']}" in shown
        assert f"France: {french}" in shown
        return peppol["response"], peppol["clarification"], french

    assert told(case) == ("UQ", "PRI", 207)
    case.decide(A_1="100.00 CHF")
    assert told(case) == ("CA", "PRI", 206)

    whole = contest(bare.world, debtor, "A-2", reason=Reason.DUPLICATE)
    whole.decide()
    assert told(whole) == ("AP", "OTH", 205)
    whole.reopen()
    assert told(whole) == ("UQ", "OTH", 207)
    whole.decide(A_2="50.00 CHF")
    assert told(whole) == ("RE", "OTH", 210)


def test_a_clarification_from_elsewhere_finds_its_reason():
    for reason in set(Reason) - {Reason.DUPLICATE}:
        assert reason_of(HANDLING[reason].clarification) is reason
    assert [reason_of(code) for code in ("REC", "NON", "XYZ", "")] == [
        Reason.REFERENCE, Reason.OTHER, Reason.OTHER, Reason.OTHER,
    ]  # fmt: skip

"""An owner chooses what is said of late interest, somebody decides what was paid late, rates are
added with their source.
"""

from __future__ import annotations

from datetime import date

import pytest

from receivables.database import Scope
from receivables.interest.policies import policy_of
from receivables.interest.queries import rate_book
from receivables.interest.rates import Series
from receivables.interest.tables import Stance
from receivables.ledger.actions import book_transfer
from tests.support.browsing import Browser, backoffice_browser, text_of
from tests.support.builders import PASSWORD, money
from tests.support.world import World


def office_of(world: World, role: str = "owner") -> Browser:
    email = f"{role}@rochat.example"
    world.staff(email=email, role=role)
    face = backoffice_browser(world.runtime)
    signed = face.submit(face.get("/sign-in"), "/sign-in", email=email, password=PASSWORD)
    assert signed.status_code == 303
    return face


def paid_late(world: World, number: str) -> None:
    debtor_id = world.debtor()
    invoice_id = world.invoice(
        "3650.00 CHF", debtor_id=debtor_id, due_on=date(2026, 9, 30), number=number
    )
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        book_transfer(
            session, supplier_id=world.supplier_id, debtor_id=debtor_id, invoice_id=invoice_id,
            amount=money("3650.00 CHF"), reference=number, booked_on=date(2026, 10, 10),
            clock=world.clock,
        )  # fmt: skip


def test_what_was_paid_late_waits_for_a_decision_once_interest_is_claimed(world: World):
    paid_late(world, "2026-A")
    paid_late(world, "2026-B")
    office = office_of(world)

    page = office.get("/settings/interest")
    assert "2026-A" not in text_of(page)
    saved = office.submit(
        page, "/settings/interest", stance="claim", after_payment="ask", agreed="7,3",
        company_number=" CHE-114.872.365 ",
    )  # fmt: skip
    assert saved.status_code == 303
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        policy = policy_of(session, world.supplier_id)
    assert (policy.stance, str(policy.agreed)) == (Stance.CLAIM, "7.3")

    page = office.get("/settings/interest")
    assert 'value="CHE-114.872.365"' in page.text
    refused = office.submit(page, "/settings/interest", company_number="1" * 41)
    assert (refused.status_code, "at most 40 characters" in text_of(refused)) == (422, True)
    assert text_of(page).count("7.30") >= 2  # 10 days of 3 650 at 7.3 %, twice
    done = office.submit(page, _decision_in(page.text), choice="waive")
    assert done.status_code == 303
    words = text_of(office.get("/settings/interest"))
    assert ("2026-A" in words) != ("2026-B" in words)


def test_staff_see_each_item_of_a_claim_or_why_nothing_is_reckoned(world: World):
    near, far = world.debtor(country="CH"), world.debtor(country="FR")
    swiss = world.invoice("3650.00 CHF", debtor_id=near, due_on=date(2026, 9, 30))
    french = world.invoice("1000.00 EUR", debtor_id=far, due_on=date(2026, 5, 31))
    consumer = world.invoice(
        "9.00 EUR", debtor_id=world.debtor(country="FR", kind="consumer"), due_on=date(2026, 5, 1)
    )
    office = office_of(world)

    assert f"/invoices/{swiss}/interest" in office.get(f"/invoices/{swiss}").text
    words = text_of(office.get(f"/invoices/{swiss}/interest"))
    for expected in ("not mentioned to the customer", "33 days", "CO/OR 104", "16.50"):
        assert expected in words
    missing = text_of(office.get(f"/invoices/{french}/interest"))
    assert "ECB main refinancing operations of 1 July 2026 is not known" in missing
    assert "only with a formal notice" in text_of(office.get(f"/invoices/{consumer}/interest"))

    office.submit(office.get("/settings/interest"), "/settings/interest", stance="claim")
    path = f"/invoices/{swiss}/interest"
    assert office.submit(office.get(path), path, choice="waive").status_code == 303
    assert "waived" in text_of(office.get(path))


def test_staff_claim_interest_by_a_note_see_what_has_run_up_since_and_waive_the_note(world: World):
    debtor = world.debtor(country="CH")
    invoice = world.invoice(
        "3650.00 CHF", debtor_id=debtor, due_on=date(2026, 9, 30), number="2026-A"
    )
    office, path = office_of(world), f"/invoices/{invoice}/interest"
    office.submit(office.get("/settings/interest"), "/settings/interest", stance="claim")

    def claimed(until: str) -> str:
        done = office.submit(office.get(path), path, choice="claim", until=until)
        assert (done.status_code, done.headers["location"]) == (303, path)
        return text_of(office.get(path))

    assert "Please choose another" in claimed("2026-11-03")
    words = claimed("2026-10-10")
    for expected in (
        "DN-2026-0001", "Interest from 1 October 2026 to 10 October 2026.",
        "CHF 5.00 of it is open.", "Has run up since thenCHF 11.50",
    ):  # fmt: skip
        assert expected in words
    assert "nothing left to claim" in claimed("2026-10-10")
    words = text_of(office.get(f"/invoices/{invoice}"))
    assert "ClaimedDN-2026-0001 CHF 5.00Has run up since thenCHF 11.50" in words

    done = office.submit(office.get(path), f"{path}/waive", note="DN-2026-0001")
    assert done.status_code == 303
    words = text_of(office.get(path))
    assert "a credit note takes back what was open" in words
    assert "Nothing of it is open." in words
    note = next(
        part for part in office.get(path).text.split('"')
        if part.startswith("/invoices/") and part.count("/") == 2 and str(invoice) not in part
    )  # fmt: skip
    words = text_of(office.get(note))
    assert "intérêts moratoires du 1 octobre 2026" in words, "in the debtor's language"
    assert "Debit note for late interest" in words
    assert "claims late interest itself" in text_of(office.get(f"{note}/interest"))


def _decision_in(page: str) -> str:
    return next(part for part in page.split('"') if part.endswith("/interest") and "/inv" in part)


@pytest.mark.parametrize("rate", ["0", "31", "many", "1e-9"])
def test_a_rate_that_nobody_agreed_is_not_saved(world: World, rate: str):
    office = office_of(world)
    page = office.get("/settings/interest")

    assert office.submit(page, "/settings/interest", agreed=rate).status_code == 422
    number = "K-1"
    world.debtor(number=number)
    for debtor, percent in ((number, rate), ("nobody", "7")):
        wrong = office.submit(page, "/settings/interest/agreements", debtor=debtor, percent=percent)
        assert wrong.status_code == 422
    right = office.submit(page, "/settings/interest/agreements", debtor=number, percent="6.5")
    assert right.status_code == 303
    assert "6.5%" in text_of(office.get("/settings/interest")).replace("\xa0", "")


def test_an_owner_adds_a_rate_with_its_source_and_corrects_it_by_a_newer_one(world: World):
    office = office_of(world)
    path = "/settings/interest/rates"
    row = {
        "series": "ecb_mro", "from": "2026-04-02", "until": "2026-12-31",
        "source": "ECB, Frankfurt",
    }  # fmt: skip

    page = office.get(path)
    assert "came with Quittance" in text_of(page)
    assert "1 April 2026" in text_of(office.get("/settings/interest"))
    for percent in ("2.15", "2.4"):
        assert office.submit(page, path, **row, percent=percent).status_code == 303
    refused = office.submit(page, path, **{**row, "until": "2026-04-01", "percent": "x"})
    assert refused.status_code == 422
    assert refused.text.count('aria-invalid="true"') == 2

    words = text_of(office.get(path))
    assert "ECB, Frankfurt" in words
    assert "added by you, checked on 2 November 2026" in words
    assert "known only until 1 April 2026" not in text_of(office.get("/settings/interest"))
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        known = rate_book(session, world.supplier_id).on(Series.ECB_MRO, date(2026, 7, 1))
    assert str(known.percent) == "2.4"


def test_a_reader_sees_terms_and_rates_and_is_offered_no_change(world: World):
    paid_late(world, "2026-A")
    owner, reader = office_of(world), office_of(world, "reader")
    owner.submit(owner.get("/settings/interest"), "/settings/interest", stance="claim")

    words = text_of(reader.get("/settings/interest"))
    assert "2026-A" in words
    assert "Only an owner can change this." in words
    assert "Waive" not in reader.get("/settings/interest").text.split("2026-A", 1)[1][:600]
    assert "Only an owner can add rates." in text_of(reader.get("/settings/interest/rates"))

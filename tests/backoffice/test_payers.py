"""How a debtor pays and when their money is expected, as staff see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from receivables.clock import local_date
from receivables.credit.queries import standing
from receivables.credit.rules import PayerClass
from receivables.database import Scope
from tests.support.browsing import text_of
from tests.support.office import Office
from tests.support.payers import at_night, with_past


def told(office: Office, debtor_id) -> PayerClass:
    with office.world.runtime.reading(Scope(office.supplier_id)) as session:
        return standing(session, office.supplier_id, debtor_id).payer_class


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_staff_see_why_a_debtor_has_their_class_and_may_say_otherwise(bare: Office):
    debtor_id = bare.world.debtor(name="Dubois Sàrl")
    with_past(bare.world, debtor_id, [35] * 5)
    bare.world.invoice("500.00 CHF", debtor_id=debtor_id, number="R-1", due_in_days=10)
    page, today = f"/debtors/{debtor_id}", local_date(bare.world.clock.now(), "Europe/Zurich")

    with bare.signed_in() as browser:
        assert "It is worked out every night." in text_of(browser.get(page))
        assert browser.submit(f"{page}/payer/again", {}).status_code == 303
        at_night(bare.world)
        words = text_of(browser.get(page))
        calculated = told(bare, debtor_id)
        assert calculated is not PayerClass.N
        assert "of the invoices were paid more than five days late." in words
        assert "days after the due date on average." in words
        assert "R-1" in words

        late = {"payer_class": "A", "payer_reason": "Paid by a new owner.",
                "payer_until": str(today + timedelta(days=400))}  # fmt: skip
        refused = browser.submit(f"{page}/standing/payer", late)
        assert refused.status_code == 422
        assert "Six months at most." in text_of(refused)
        said = late | {"payer_until": str(today + timedelta(days=60))}
        assert browser.submit(f"{page}/standing/payer", said).status_code == 303
        assert told(bare, debtor_id) is PayerClass.A
        assert "Paid by a new owner." in text_of(browser.get(page))

        assert browser.submit(f"{page}/payer/calculated", {}).status_code == 303
    assert told(bare, debtor_id) is calculated


def test_the_cash_forecast_shows_thirteen_weeks_and_how_far_to_trust_them(bare: Office):
    debtor_id = bare.world.debtor()
    with bare.signed_in() as browser:
        assert "Nothing is open." in text_of(browser.get("/forecast"))

        bare.world.invoice("4000.00 CHF", debtor_id=debtor_id, due_in_days=10)
        before = text_of(browser.get("/forecast"))
        assert "every invoice is expected on its due date" in before
        assert browser.submit("/forecast/again", {}).status_code == 303
        bare.world.run_jobs()
        answer = browser.get("/forecast")

    words = text_of(answer)
    assert "Too little has been paid yet to learn from" in words
    assert "Too few payments came in the last three months" in words
    assert words.count("CHF 4’000.00") >= 3
    assert answer.text.count('<rect class="point last"') == 13
    assert answer.text.count('<th scope="row">') == 13

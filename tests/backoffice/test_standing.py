"""What staff write down of a debtor's standing, who may, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.credit.queries import standing
from receivables.credit.rules import MOST_STOP_DAYS, Cover, PayerClass, SolvencyClass, stop_fault
from receivables.database import Scope
from receivables.ids import DebtorId
from tests.support.browsing import text_of
from tests.support.builders import money
from tests.support.faces import Browser
from tests.support.office import Office

TODAY = date(2026, 11, 2)


@pytest.fixture
def debtor_id(bare: Office) -> DebtorId:
    return bare.world.debtor(name="Dubois Sàrl")


def _now(office: Office, debtor_id: DebtorId):
    with office.world.runtime.reading(Scope(office.supplier_id)) as session:
        return standing(session, office.supplier_id, debtor_id)


def _send(browser: Browser, debtor_id: DebtorId, part: str, **values: str):
    return browser.submit(f"/debtors/{debtor_id}/standing/{part}", values)


def test_an_owner_writes_everything_down_and_it_stands_in_the_history(
    bare: Office, debtor_id: DebtorId
):
    with bare.signed_in() as browser:
        for part, values in (
            ("payer", {"payer_class": "C", "payer_reason": "Third late payment."}),
            ("solvency", {"solvency_class": "D"}),
            ("limit", {"limit": "5'000"}),
            ("terms", {"terms_days": "45"}),
            ("cover", {"policy_number": "ATR-9", "extension_days": "60"}),
            ("stop", {"stop_reason": "They moved.", "stop_until": "2026-11-20"}),
        ):
            answer = _send(browser, debtor_id, part, **values)
            assert answer.status_code == 303, (part, answer.text)
        words = text_of(browser.get(f"/debtors/{debtor_id}/standing"))
        on_their_page = text_of(browser.get(f"/debtors/{debtor_id}"))

    now = _now(bare, debtor_id)
    assert (now.payer_class, now.solvency_class) == (PayerClass.C, SolvencyClass.D)
    assert (now.limit, now.terms_days) == (money("5000.00 CHF"), 45)
    assert now.cover == Cover(policy_number="ATR-9", extension_days=60)
    assert (now.stop_reason, now.stopped_until) == ("They moved.", date(2026, 11, 20))
    assert now.is_stopped(TODAY)
    for said in ("Payer class C instead of N.", "Third late payment.", "Credit limit CHF 5’000.00.",
                 "Terms of payment: 45 days.", "insured under policy ATR-9", "They moved.",
                 "Every demand is stopped until 20 November 2026."):  # fmt: skip
        assert said in words
    assert "45 days" in on_their_page


def test_what_is_emptied_is_taken_away_again(bare: Office, debtor_id: DebtorId):
    with bare.signed_in() as browser:
        for limit, number, days in (("80", "P-1", "60"), ("", "", "")):
            _send(browser, debtor_id, "limit", limit=limit)
            _send(browser, debtor_id, "terms", terms_days=days)
            _send(browser, debtor_id, "cover", policy_number=number, extension_days=days)
        _send(browser, debtor_id, "stop", stop_reason="Wait.")
        assert _now(bare, debtor_id).stopped_until is None
        _send(browser, debtor_id, "resume")

    now = _now(bare, debtor_id)
    assert (now.limit, now.terms_days, now.cover, now.stop_reason) == (None, None, None, "")


@pytest.mark.parametrize(
    ("part", "values", "words"),
    [
        ("payer", {"payer_class": "C", "payer_reason": ""}, "Please say why."),
        ("payer", {"payer_class": "Z", "payer_reason": "x"}, "a number that can be meant"),
        ("solvency", {"solvency_class": "Z"}, "a number that can be meant"),
        ("limit", {"limit": "a lot"}, "a number that can be meant"),
        ("limit", {"limit": "-5"}, "a number that can be meant"),
        ("limit", {"limit": "9" * 40}, "a number that can be meant"),
        ("terms", {"terms_days": "400"}, "a number that can be meant"),
        ("cover", {"policy_number": "P-1", "extension_days": ""}, "a number that can be meant"),
        ("cover", {"policy_number": "", "extension_days": "60"}, "the policy’s number"),
        ("stop", {"stop_reason": "", "stop_until": "2026-11-20"}, "Please say why."),
        ("stop", {"stop_reason": "x", "stop_until": "2026-11-01"}, "That day has passed."),
        ("stop", {"stop_reason": "x", "stop_until": "31.31.2026"}, "a number that can be meant"),
        ("insolvent", {"insolvent_on": "2026-11-03"}, "has not come yet"),
        ("insolvent", {"insolvent_on": ""}, "a number that can be meant"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_beside_its_field_and_kept_as_typed(
    bare: Office, debtor_id: DebtorId, part: str, values: dict[str, str], words: str
):
    before = _now(bare, debtor_id)
    with bare.signed_in() as browser:
        answer = _send(browser, debtor_id, part, **values)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert _now(bare, debtor_id) == before


def test_a_collector_stops_for_ninety_days_at_most_and_leaves_money_to_an_owner(
    bare: Office, debtor_id: DebtorId
):
    with bare.signed_in(bare.collector) as browser:
        open_end = _send(browser, debtor_id, "stop", stop_reason="Wait.")
        too_late = _send(browser, debtor_id, "stop", stop_reason="x", stop_until="2027-03-01")
        in_time = _send(browser, debtor_id, "stop", stop_reason="x", stop_until="2027-01-31")
        limit = _send(browser, debtor_id, "limit", limit="5000")

    assert [answer.status_code for answer in (open_end, too_late, in_time, limit)] == [
        422, 422, 303, 403,
    ]  # fmt: skip
    assert "only an owner can leave it open" in text_of(open_end)
    assert _now(bare, debtor_id).limit is None


def test_a_reader_looks_and_changes_nothing(bare: Office, debtor_id: DebtorId):
    with bare.signed_in(bare.reader) as browser:
        page = browser.get(f"/debtors/{debtor_id}/standing")
        answer = _send(browser, debtor_id, "payer", payer_class="A", payer_reason="x")

    assert "You can look at this, not change it." in text_of(page)
    assert "Save the payer class" not in text_of(page)
    assert answer.status_code == 403


@given(st.text(max_size=3), st.none() | st.integers(-5, 200), st.booleans())
def test_whoever_is_not_stopped_by_a_collector_has_a_reason_and_an_end(
    reason: str, days: int | None, by_owner: bool
):
    until = None if days is None else TODAY + timedelta(days=days)

    fault = stop_fault(reason, until, TODAY, by_owner=by_owner)

    if fault is None:
        assert reason
        assert until is None or until >= TODAY
        assert by_owner or (until is not None and (until - TODAY).days <= MOST_STOP_DAYS)
    elif reason and days is not None and days >= 0:
        assert not by_owner
        assert days > MOST_STOP_DAYS

"""Staff see every plan, answer what waits, and know what a step does before they take it."""

from __future__ import annotations

import pytest

from receivables.credit.actions import set_cover
from receivables.credit.rules import Cover, PayerClass
from receivables.database import Scope
from receivables.plans.policies import policy_of
from receivables.runtime import Runtime
from tests.support.browsing import Browser, backoffice_browser, text_of
from tests.support.builders import PASSWORD, money
from tests.support.payments import Till, open_till
from tests.support.plans import a_payer


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def _office(till: Till, role: str = "owner") -> Browser:
    email = f"{role}@rochat.example"
    till.world.staff(email=email, role=role)
    return _signed_in(till, email)


def _signed_in(till: Till, email: str) -> Browser:
    face = backoffice_browser(till.runtime)
    assert face.submit(face.get("/sign-in"), "/sign-in", email=email,
                       password=PASSWORD).status_code == 303  # fmt: skip
    return face


def _step(office: Browser, payer, step: str, **values: str):
    path = f"/plans/{payer.plan_id}/{step}"
    return office.submit(office.get(path), path, **values)


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_a_request_waits_in_the_queue_with_its_reason_and_term(till: Till):
    payer = a_payer(till, "12000.00 CHF", solvency="D")
    payer.propose()

    words = text_of(_office(till).get("/plans"))

    assert "weak solvency" in words
    assert "above your range" in words
    assert "9 Nov 2026" in words


def test_a_request_is_approved_signed_and_begun(till: Till):
    payer = a_payer(till, solvency="D")
    payer.propose()
    office = _office(till, "collector")

    preview = text_of(office.get(f"/plans/{payer.plan_id}/approve"))
    done = _step(office, payer, "approve", note="With pleasure.")
    till.world.run_jobs()

    assert "The debtor gets a mail and has 7 days to sign" in preview
    assert done.status_code == 303
    assert payer.state == "approved"
    assert "approved" in payer.messages()
    payer.sign()
    payer.pay()
    assert payer.state == "active"


def test_a_refusal_needs_a_reason_and_the_debtor_reads_it(till: Till):
    payer = a_payer(till, solvency="D")
    payer.propose()
    office = _office(till)

    assert _step(office, payer, "refuse").status_code == 422
    assert _step(office, payer, "refuse", note="Please call us.").status_code == 303
    till.world.run_jobs()

    assert payer.state == "refused"
    assert any("Please call us." in mail.text for mail in till.world.mail)


def test_beyond_the_insurers_period_its_agreement_is_named(till: Till):
    payer = a_payer(till)
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        set_cover(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            cover=Cover(policy_number="P-1", extension_days=60), clock=till.runtime.clock,
        )  # fmt: skip
    assert payer.propose() == "proposed"
    office = _office(till)

    refused = _step(office, payer, "approve")
    assert refused.status_code == 422
    assert "insurer" in text_of(refused)
    assert _step(office, payer, "approve", insurer="ATR-2026-17").status_code == 303
    assert payer.plan().plan.insurer_agreement == "ATR-2026-17"


def test_what_was_answered_meanwhile_is_said_to_be(till: Till):
    payer = a_payer(till, solvency="D")
    payer.propose()
    office = _office(till)
    page = office.get(f"/plans/{payer.plan_id}/refuse")
    _step(office, payer, "approve")

    late = office.submit(page, f"/plans/{payer.plan_id}/refuse", note="No.")

    assert late.status_code == 303
    assert "moved on meanwhile" in text_of(office.get(late.headers["location"]))
    assert payer.state == "approved"


@pytest.mark.once("weeks pass day by day")
def test_a_plan_is_paused_and_goes_on(till: Till):
    payer = a_payer(till)
    payer.agree()
    office = _office(till)

    _step(office, payer, "pause")
    assert payer.plan().plan.paused_for == "staff"
    assert "Paused by a colleague" in text_of(office.get(f"/plans/{payer.plan_id}"))
    payer.advance(days=35)
    assert payer.charges() == []
    office = _signed_in(till, "owner@rochat.example")
    _step(office, payer, "resume")
    payer.advance(days=4)
    assert payer.charges() == [("settled", "225.00")]


def test_a_plan_is_restructured_and_the_old_version_kept(till: Till):
    payer = a_payer(till)
    payer.agree()
    office = _office(till)
    old_id = payer.plan_id

    offered = _step(office, payer, "restructure", parts="3", note="As discussed.")
    assert offered.status_code == 303
    payer.plan_id = type(old_id)(offered.headers["location"].rsplit("/", 1)[-1])
    assert payer.plan().plan.version == 2
    assert payer.plan().plan.total == money("675.00 CHF")
    payer.sign()
    payer.pay()

    assert payer.state == "active"
    payer.plan_id = old_id
    assert payer.state == "restructured"
    assert payer.paid() == ["225.00", "0.00", "0.00", "225.00"]


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_the_page_of_a_plan_shows_everything_about_it(till: Till):
    payer = a_payer(till)
    payer.agree()

    words = text_of(_office(till, "reader").get(f"/plans/{payer.plan_id}"))

    for expected in ("Instalments", "225.00", "Visa", "Agreement", "192.0.2.7", "SHA-256",
                     "The first instalment arrived", "originally due on"):  # fmt: skip
        assert expected in words


def test_a_reader_takes_no_step(till: Till):
    payer = a_payer(till, solvency="D")
    payer.propose()
    office = _office(till, "reader")

    assert office.get(f"/plans/{payer.plan_id}/approve").status_code == 403


def test_the_terms_are_changed_as_a_whole_and_say_what_they_mean(till: Till):
    office = _office(till)

    page = office.get("/plans/policy?example=3000")
    words = text_of(page)
    assert (
        "A class C debtor owing CHF 3’000.00 could choose 2 to 5 instalments:"
        " with the most, CHF 900.00 at once, then CHF 525.00 each." in words
    )
    assert "A class E debtor owing CHF 3’000.00 could ask you for" in words
    assert "A class C debtor owing CHF 100.00 could ask you for 2 instalments:" in text_of(
        office.get("/plans/policy?example=100")
    )

    saved = office.submit(page, "/plans/policy/terms", months_C="2", most="20000")
    assert saved.status_code == 303
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        policy = policy_of(session, till.supplier_id)
    assert policy.most == money("20000.00 CHF")
    assert "could choose 2 to 3 instalments" in text_of(office.get("/plans/policy"))


def test_what_a_plan_costs_a_business_is_set_by_class_and_shown_before_it_is_saved(till: Till):
    office = _office(till)

    saved = office.submit(
        office.get("/plans/policy"), "/plans/policy/terms", fee_C="12.50", rate_C="4.5"
    )

    assert saved.status_code == 303
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        terms = policy_of(session, till.supplier_id).terms
    assert (terms[PayerClass.C].fee, terms[PayerClass.C].rate_bp) == (money("12.50 CHF"), 450)
    assert (terms[PayerClass.B].fee, terms[PayerClass.B].rate_bp) == (None, 0)
    page = office.get("/plans/policy?example=3000")
    words = text_of(page)
    # 525 each for 31, 59, 90 and 120 days.
    assert (
        "CHF 900.00 at once, then CHF 525.00 each. To a business it costs CHF 31.92:"
        " CHF 12.50 once and CHF 19.42 of interest." in words
    )
    assert "The interest is 5% a year at most" in words
    assert 'name="rate_C" value="4.5"' in page.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("least", "0"), ("most", "10"), ("least_instalment", "many"), ("months_A", "99"),
     ("percent_B", "-1"), ("answer_days", "0"), ("cure_days", ""), ("sepa_notice_days", "15"),
     ("asked_months", "0"), ("fee_A", "50.01"), ("rate_A", "5.01"), ("rate_B", "some")],
)  # fmt: skip
def test_terms_that_contradict_themselves_are_not_saved(till: Till, name: str, value: str):
    office = _office(till)

    wrong = office.submit(office.get("/plans/policy"), "/plans/policy/terms", **{name: value})

    assert wrong.status_code == 422
    assert f'name="{name}" value="{value}"' in wrong.text
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        assert policy_of(session, till.supplier_id).most == money("10000.00 CHF")

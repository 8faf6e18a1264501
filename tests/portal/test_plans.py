"""A debtor agrees a plan, sees where it stands, and is told kindly where there can be none."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from portal.plan_paying import problem_words
from receivables.credit.actions import note_insolvency, set_solvency_class
from receivables.credit.rules import SolvencyClass
from receivables.database import Scope
from receivables.invoices.queries import of_supplier
from receivables.ledger.actions import book_transfer
from receivables.payments.errors import (
    CardPaymentUnavailable,
    PaymentAboveMaximum,
    PaymentExceedsOutstanding,
)
from receivables.plans.queries import consents_of, listed
from receivables.plans.states import PlanState
from receivables.plans.upkeep import pause, review
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.receivables.test_step_up import code_in
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.builders import money
from tests.support.letters import text_of as words_on
from tests.support.payments import VISA, Till, open_till
from tests.support.plans import Payer, a_payer


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def browser(till: Till) -> Browser:
    return portal_browser(till.runtime)


def _english(till: Till, owes: str = "900.00 CHF", **given: object) -> Payer:
    return a_payer(till, owes, language="en", country="GB", **given)  # type: ignore[arg-type]


def _confirm(till: Till, browser: Browser, path: str):
    """The page behind the code."""
    away = browser.get(path)
    assert away.status_code == 303
    asked = browser.submit(browser.get(away.headers["location"]), "/confirm/code")
    till.world.run_jobs()
    back = browser.submit(
        browser.get(asked.headers["location"]), "/confirm", code=code_in(till.world.mail[-1])
    )
    assert back.status_code == 303
    return browser.get(back.headers["location"])


def _signed(till: Till, browser: Browser, payer: Payer, **choice: str) -> str:
    """From the account's link to the hosted page; where that is."""
    browser.get(link_for(till.world, payer.debtor_id))
    form = browser.form(browser.get("/plan"), "/plan/sign").filled(**choice)
    query = "&".join(f"{name}={value}" for name, value in form)
    page = _confirm(till, browser, f"/plan/sign?{query}")
    away = browser.submit(page, "/plan/sign", agree="yes")
    assert away.status_code == 303, text_of(away)
    return away.headers["location"]


def _plan_of(payer: Payer, state: PlanState):
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        (plan,) = listed(session, payer.supplier_id, [state])
    payer.plan_id = plan.id
    return plan


def test_a_debtor_chooses_signs_and_pays_the_first_instalment(till: Till, browser: Browser):
    payer = _english(till)

    checkout = _signed(till, browser, payer, parts="3")

    plan = _plan_of(payer, PlanState.AWAITING_FIRST)
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        (signed,) = consents_of(session, payer.supplier_id, plan.id)
    assert "in 3 instalments" in signed.text
    assert "no interest and no fee" in signed.text
    assert signed.schedule["parts"][0] == {"due_on": "2026-11-02", "amount": "CHF 300.00"}
    assert signed.address
    assert len(signed.text_hash) == 64

    till.stripe.pay_by_card(urlsplit(checkout).path.rsplit("/", 1)[-1], VISA)
    till.deliver()
    assert payer.state == "active"
    page = browser.get(f"/plans/{plan.id}")
    assert "Visa" in text_of(page)
    assert "Pay instalment 2 early: CHF 300.00" in text_of(page)
    pdf = browser.get(f"/plans/{plan.id}/agreement.pdf")
    assert pdf.status_code == 200
    assert pdf.content.startswith(b"%PDF")
    sent = [one for one in till.world.mail if one.attachments and "plan" in one.subject.lower()]
    assert [mail.to_address for mail in sent[:2]] != []


def test_the_choice_says_what_each_costs_and_when(till: Till, browser: Browser):
    payer = _english(till, "1000.00 CHF")
    browser.get(link_for(till.world, payer.debtor_id))

    words = text_of(browser.get("/plan?parts=3&day=15"))

    assert "Pay CHF 1,000.00 in instalments" in words
    assert "3 instalments" in words
    assert "CHF 333.33" in words
    assert "free of charge" in words
    assert "17 Nov" not in words
    assert "15 Dec 2026" in words


def test_over_several_invoices_each_instalment_says_what_it_pays_the_oldest_first(
    till: Till, browser: Browser
):
    payer = _english(till, "300.00 CHF")
    till.world.invoice("600.00 CHF", debtor_id=payer.debtor_id, due_in_days=5, number="2026-77")
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        older = of_supplier(session, payer.supplier_id, payer.invoice_id).number
    browser.get(link_for(till.world, payer.debtor_id))

    words = text_of(browser.get("/plan?parts=4"))

    assert f"{older}: CHF 225.00" in words
    assert f"{older}: CHF 75.002026-77: CHF 150.00" in words
    assert words.count("2026-77: CHF 225.00") == 2

    _signed(till, browser, payer, parts="4")
    plan = _plan_of(payer, PlanState.AWAITING_FIRST)
    agreed = words_on(browser.get(f"/plans/{plan.id}/agreement.pdf").content)
    assert f"{older}: CHF 75.00 2026-77: CHF 150.00 CHF 225.00" in agreed
    assert agreed.count("2026-77: CHF 225.00") == 2


def test_without_the_tick_nothing_is_signed(till: Till, browser: Browser):
    payer = _english(till)
    browser.get(link_for(till.world, payer.debtor_id))
    form = browser.form(browser.get("/plan"), "/plan/sign").filled(parts="3")
    page = _confirm(till, browser, "/plan/sign?" + "&".join(f"{n}={v}" for n, v in form))

    again = browser.submit(page, "/plan/sign")

    assert again.status_code == 422
    assert "Please tick the box" in text_of(again)
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        assert not listed(session, payer.supplier_id, list(PlanState)[1:])


def test_a_signature_takes_the_registered_mailbox(till: Till, browser: Browser):
    payer = _english(till)
    browser.get(link_for(till.world, payer.debtor_id))

    away = browser.get("/plan/sign?currency=CHF&parts=3&rhythm=monthly")

    assert away.status_code == 303
    assert away.headers["location"].startswith("/confirm?next=")


def test_what_was_paid_meanwhile_is_shown_before_it_is_signed(till: Till, browser: Browser):
    payer = _english(till)
    browser.get(link_for(till.world, payer.debtor_id))
    form = browser.form(browser.get("/plan"), "/plan/sign").filled(parts="3")
    page = _confirm(till, browser, "/plan/sign?" + "&".join(f"{n}={v}" for n, v in form))
    paid = till.begin(till.choice(payer.debtor_id, [(payer.invoice_id, "300.00 CHF")]))
    till.pay(paid.payment_id)
    till.deliver()

    again = browser.submit(page, "/plan/sign", agree="yes")

    assert again.status_code == 409
    assert "Something has changed" in text_of(again)
    assert "CHF 200.00" in text_of(again)


def test_a_person_is_asked_where_the_policy_leaves_it_to_one(till: Till, browser: Browser):
    payer = _english(till, solvency="D")
    browser.get(link_for(till.world, payer.debtor_id))

    page = browser.get("/plan/sign?currency=CHF&parts=3&rhythm=monthly")
    words = text_of(page)
    away = browser.submit(page, "/plan/ask")

    assert "A person answers your request" in words
    assert "solvency" not in words.lower()
    assert away.status_code == 303
    _plan_of(payer, PlanState.PROPOSED)
    assert "waiting for an answer" in text_of(browser.get(away.headers["location"]))
    till.world.run_jobs()
    assert "office_asked" in payer.messages()


def test_no_page_says_how_the_debtor_is_rated(till: Till, browser: Browser):
    payer = _english(till, solvency="E", payer_class="E")
    browser.get(link_for(till.world, payer.debtor_id))

    for path in ("/plan", "/plan/sign?currency=CHF&parts=3&rhythm=monthly"):
        words = text_of(browser.get(path)).lower()
        assert not [one for one in ("solven", "class", "band", "score", "rating") if one in words]


def test_where_no_plan_is_possible_the_page_says_what_is(till: Till, browser: Browser):
    payer = _english(till, "80.00 CHF")
    browser.get(link_for(till.world, payer.debtor_id))

    words = text_of(browser.get("/plan"))

    assert "An instalment is at least CHF 50.00" in words
    assert "Pay a part of it now" in words
    assert "Claire Favre" in words


def test_the_insolvent_are_referred_to_a_person_without_the_word(till: Till, browser: Browser):
    payer = _english(till)
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        note_insolvency(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            insolvent_on=payer.today, clock=till.runtime.clock,
        )  # fmt: skip
    browser.get(link_for(till.world, payer.debtor_id))

    words = text_of(browser.get("/plan"))

    assert "cannot be agreed here at present" in words
    assert "insolven" not in words.lower()


def test_a_plan_is_paid_early_and_paid_off(till: Till, browser: Browser):
    payer = _english(till)
    payer.agree()
    browser.get(link_for(till.world, payer.debtor_id))

    page = browser.get(f"/plans/{payer.plan_id}")
    away = browser.submit(page, f"/plans/{payer.plan_id}/pay", what="rest")
    till.stripe.pay_by_card(urlsplit(away.headers["location"]).path.rsplit("/", 1)[-1], VISA)
    till.deliver()

    assert payer.state == "completed"
    assert "paid off" in text_of(browser.get(f"/plans/{payer.plan_id}"))


def test_what_a_card_cannot_pay_of_a_plan_that_waits_is_said_with_what_to_do(
    till: Till, browser: Browser
):
    payer = _english(till)
    payer.propose()
    payer.sign()
    browser.get(link_for(till.world, payer.debtor_id))
    page = browser.get(f"/plans/{payer.plan_id}")
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        book_transfer(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            invoice_id=payer.invoice_id, amount=money("224.80 CHF"), reference="B-1",
            booked_on=payer.today, clock=till.runtime.clock,
        )  # fmt: skip

    said = browser.submit(page, f"/plans/{payer.plan_id}/pay", what="next")

    assert said.status_code == 409
    words = text_of(said)
    assert "cannot be for less than CHF 0.50. Please pay it by bank transfer" in words
    assert "CH93 0076 2011 6238 5295 7" in words
    assert payer.state == PlanState.AWAITING_FIRST


def test_each_reason_why_a_plan_takes_no_payment_is_a_sentence():
    for error, expected in (
        (PaymentExceedsOutstanding(money("2.00 CHF"), money("1.00 CHF")), "has become less"),
        (PaymentAboveMaximum(money("2.00 CHF"), money("1.00 CHF")), "for more than CHF 1.00"),
        (CardPaymentUnavailable("unreached"), "not possible at the moment"),
    ):
        words = problem_words(error)
        assert expected in words.replace("\N{NO-BREAK SPACE}", " ")
        assert "lease" in words, "and what to do"


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_the_account_asks_for_the_instalment_that_is_late(till: Till, browser: Browser):
    payer = _english(till)
    payer.propose()
    payer.sign()
    payer.pay(save_card=False)
    till.world.clock.advance(timedelta(days=38))
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        review(session, payer.supplier_id, payer.plan().plan.id, clock=till.runtime.clock)
    assert payer.state == "in_default"
    browser.get(link_for(till.world, payer.debtor_id))

    words = text_of(browser.get("/"))

    assert "To pay CHF 225.00 late in your instalment plan" in words
    assert "Paid in instalments− CHF 675.00Late instalments+ CHF 225.00" in words
    assert "Still to payCHF 225.00 Pay the late instalment" in words


def test_a_request_can_be_taken_back(till: Till, browser: Browser):
    payer = _english(till, solvency="D")
    payer.propose()
    browser.get(link_for(till.world, payer.debtor_id))

    browser.submit(browser.get(f"/plans/{payer.plan_id}"), f"/plans/{payer.plan_id}/cancel")

    assert payer.state == "cancelled"


def test_another_card_is_added_behind_a_code(till: Till, browser: Browser):
    payer = _english(till)
    payer.agree()
    browser.get(link_for(till.world, payer.debtor_id))
    page = browser.get(f"/plans/{payer.plan_id}")
    to_code = browser.submit(page, f"/plans/{payer.plan_id}/card")
    assert to_code.headers["location"].startswith("/confirm")

    asked = browser.submit(browser.get(to_code.headers["location"]), "/confirm/code")
    till.world.run_jobs()
    back = browser.submit(
        browser.get(asked.headers["location"]), "/confirm", code=code_in(till.world.mail[-1])
    )
    page = browser.get(back.headers["location"])
    hosted = browser.submit(page, f"/plans/{payer.plan_id}/card").headers["location"]
    name = urlsplit(hosted).path.rsplit("/", 1)[-1]
    till.stripe.pay_by_card(name, "5555555555554444")
    browser.get(f"/plans/{payer.plan_id}/card?cs={name}")
    till.world.run_jobs()

    assert "Mastercard" in text_of(browser.get(f"/plans/{payer.plan_id}"))


def test_somebody_elses_plan_does_not_exist(till: Till, browser: Browser):
    payer = _english(till)
    payer.agree()
    other = till.world.debtor()
    browser.get(link_for(till.world, other))

    for path in ("", "/sign", "/agreement.pdf", "/card"):
        answer = browser.get(f"/plans/{payer.plan_id}{path}")
        assert answer.status_code in (303, 404)
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/confirm")


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_a_paused_plan_says_so(till: Till, browser: Browser):
    payer = _english(till)
    payer.agree()
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        assert payer.plan_id is not None
        pause(session, payer.supplier_id, payer.plan_id, "staff", clock=till.runtime.clock)  # type: ignore[arg-type]
        set_solvency_class(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            solvency_class=SolvencyClass.E, clock=till.runtime.clock,
        )  # fmt: skip
    browser.get(link_for(till.world, payer.debtor_id))

    assert "nothing is charged until" in text_of(browser.get(f"/plans/{payer.plan_id}"))

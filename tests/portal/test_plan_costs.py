"""A business reads what a plan costs before it signs, and finds it on every page afterwards."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from receivables.database import Scope
from receivables.invoices.queries import of_supplier
from receivables.plans.policies import policy_of, set_policy
from receivables.plans.queries import consents_of
from receivables.plans.states import PlanState
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.portal.test_plans import _plan_of, _signed
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.builders import money
from tests.support.letters import text_of as words_on
from tests.support.payments import VISA, Till, open_till
from tests.support.plans import a_payer


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def browser(till: Till) -> Browser:
    return portal_browser(till.runtime)


@pytest.mark.once("what a page says")
def test_what_a_plan_costs_a_business_is_read_before_it_is_signed(till: Till, browser: Browser):
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        policy = policy_of(session, till.supplier_id)
        terms = {
            name: replace(one, fee=money("20.00 CHF"), rate_bp=400)
            for name, one in policy.terms.items()
        }
        set_policy(
            session, supplier_id=till.supplier_id, policy=replace(policy, terms=terms),
            clock=till.runtime.clock,
        )  # fmt: skip
    payer = a_payer(till, language="en")
    browser.get(link_for(till.world, payer.debtor_id))

    choice = text_of(browser.get("/plan?parts=3"))
    checkout = _signed(till, browser, payer, parts="3")

    # 300 for 30 and for 61 days at 4 %.
    assert "costs CHF 22.99" in choice
    assert "no interest, no fee" not in choice
    assert "free of charge" not in choice
    plan = _plan_of(payer, PlanState.AWAITING_FIRST)
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        (signed,) = consents_of(session, payer.supplier_id, plan.id)
    assert (
        "costs me CHF 22.99, which the last instalment includes: a fee of CHF 20.00, and CHF 2.99"
        " of interest, at 4% a year" in signed.text.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert signed.schedule["parts"][-1]["amount"] == "CHF 322.99"
    till.stripe.pay_by_card(urlsplit(checkout).path.rsplit("/", 1)[-1], VISA)
    till.deliver()
    page = text_of(browser.get(f"/plans/{plan.id}"))
    assert "of which: Fee for paying in instalmentsCHF 20.00" in page
    assert "Pay everything: CHF 622.99" in page
    pdf = words_on(browser.get(f"/plans/{plan.id}/agreement.pdf").content)
    assert "Interest on paying in instalments, 4% a year" in pdf
    note_id = payer.plan().plan.costs_note_id
    assert note_id is not None
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        note = of_supplier(session, payer.supplier_id, note_id)
    letter = browser.get(f"/invoices/{note.number}")
    assert letter.status_code == 200
    assert "Fee for paying in instalments" in text_of(letter)

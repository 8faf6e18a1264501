"""Plans that debit a bank account: announced as early as was agreed, and said so before signing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from receivables.database import Scope
from receivables.i18n import reading_as
from receivables.parties.queries import supplier as supplier_of
from receivables.plans import consent
from receivables.plans.keeping import Act
from receivables.plans.paying import terms_of
from receivables.plans.policies import policy_of, set_policy
from receivables.plans.rules import Frequency, Wish
from receivables.runtime import Runtime
from sandbox.stripe.hosted import Means
from tests.support.payments import Till, open_till
from tests.support.plans import Payer, a_payer


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def _agreed_by_debit(till: Till, notice_days: int) -> Payer:
    """A plan over euros in two parts, 2 and 9 November, begun with a bank account."""
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        policy = replace(policy_of(session, till.supplier_id), sepa_notice_days=notice_days)
        set_policy(session, supplier_id=till.supplier_id, policy=policy, clock=till.runtime.clock)
    payer = a_payer(till, "900.00 EUR")
    payer.propose(Wish(parts=2, frequency=Frequency.WEEKLY))
    payer.sign()
    page = payer.open_page()
    till.stripe.pay(till.session_of(page), Means(kind="sepa_debit"))
    till.deliver()
    till.stripe.settle_debit(str(till.payment(page).stripe_payment_intent_id))
    till.deliver()
    assert payer.state == "active"
    return payer


@pytest.mark.once("weeks pass day by day")
def test_a_debit_is_announced_as_early_as_the_policy_has_it(till: Till):
    payer = _agreed_by_debit(till, 4)

    payer.advance(days=2)
    assert Act.ANNOUNCE_CHARGE not in payer.messages()
    payer.advance(days=1)
    assert Act.ANNOUNCE_CHARGE in payer.messages()
    payer.advance(days=3)
    assert payer.charges() == []
    payer.advance(days=1)

    assert payer.charges() == [("processing", "450.00")]


def test_what_is_signed_says_how_early_and_other_terms_later_do_not_change_it(till: Till):
    payer = _agreed_by_debit(till, 14)
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        policy = replace(policy_of(session, till.supplier_id), sepa_notice_days=2)
        set_policy(session, supplier_id=till.supplier_id, policy=policy, clock=till.runtime.clock)
        supplier = supplier_of(session, till.supplier_id)

    seen = payer.plan()
    with reading_as("en_GB"):
        words = consent.full_text(terms_of(seen, supplier))
        on_the_page = consent.hosted_words(terms_of(seen, supplier))

    assert seen.plan.sepa_notice_days == 14
    assert "14 days before an account is debited" in words
    assert "14 days before an account is debited" in on_the_page

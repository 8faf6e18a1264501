"""What a plan costs: a business what was agreed and no more, a consumer nothing, ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from receivables.credit.rules import PayerClass, SolvencyClass, Standing
from receivables.database import Scope
from receivables.dunning.lateness import claim_of
from receivables.ids import PaymentId, new_id
from receivables.interest.laws import DebtorKind
from receivables.interest.queries import ClaimState
from receivables.interest.rates import Rate, RateBook, Series
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import open_items, unapplied_of
from receivables.ledger.revenue import standing
from receivables.ledger.tables import Account
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.plans.bearing import statutory_bp
from receivables.plans.composing import agreement_pdf
from receivables.plans.costing import unearned
from receivables.plans.costs import NOBODY, Bearer, Debt, costs_of, earned
from receivables.plans.errors import PolicyContradicts
from receivables.plans.paying import pay_rest
from receivables.plans.policies import policy_of, set_policy
from receivables.plans.queries import due_items
from receivables.plans.rules import Policy, Quote, Wish, default_policy, options
from receivables.plans.upkeep import restructure
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payments import Till, open_till
from tests.support.plan_rules import TODAY, item
from tests.support.plans import Payer, a_payer

#: Can be saved, and is refused whenever it is charged.
NO_FUNDS = "4000000000000341"

_AMOUNTS = st.integers(100_00, 9_000_00).map(lambda minor: Money(minor, "CHF"))
_BEARERS = st.builds(
    Bearer,
    kind=st.sampled_from(DebtorKind),
    most_bp=st.none() | st.integers(0, 2_000),
    fee_was_asked=st.booleans(),
)
_ITEMS = st.lists(
    st.builds(
        lambda owed, days, bears: item(
            str(owed.decimal) + " CHF", due_on=TODAY + timedelta(days=days), bears=bears
        ),
        _AMOUNTS, st.integers(-90, 40), st.booleans(),
    ),
    min_size=1, max_size=3,
)  # fmt: skip


def _priced(fee: str = "25.00 CHF", rate_bp: int = 500) -> Policy:
    policy = default_policy("CHF")
    terms = {
        name: replace(one, fee=money(fee), rate_bp=rate_bp) for name, one in policy.terms.items()
    }
    return replace(policy, terms=terms)


@given(
    items=_ITEMS, bearer=_BEARERS, fee=st.integers(0, 50_00), rate_bp=st.integers(0, 2_000),
    payer_class=st.sampled_from(PayerClass),
)  # fmt: skip
def test_a_consumer_pays_the_debt_alone_and_a_business_what_was_itemised(
    items, bearer, fee, rate_bp, payer_class
):
    policy = _priced(f"{Decimal(fee) / 100:.2f} CHF", rate_bp)
    who = Standing(payer_class=payer_class, solvency_class=SolvencyClass.B)
    free = options(default_policy("CHF"), who, items, TODAY)

    offered = options(policy, who, items, TODAY, bearer=bearer)

    assert [one.wish for one in offered] == [one.wish for one in free]
    for one, without in zip(offered, free, strict=True):
        assert one.total == without.total
        assert one.schedule[:-1] == without.schedule[:-1]
        if bearer.kind is DebtorKind.CONSUMER:
            assert one == without
        elif one.costs is None:
            assert one.to_pay == one.total
        else:
            assert one.to_pay == one.total + one.costs.fee + one.costs.interest
            assert one.costs.rate_bp <= min(rate_bp, bearer.most_bp or 0)
            assert one.costs.fee.minor == (0 if bearer.fee_was_asked else fee)


@given(
    debts=st.lists(
        st.builds(
            Debt,
            due_on=st.integers(-90, 40).map(lambda days: TODAY + timedelta(days=days)),
            amount=_AMOUNTS, bears=st.booleans(),
        ),
        min_size=1, max_size=3,
    ),
    parts=st.integers(2, 12), rate_bp=st.integers(0, 2_000),
)  # fmt: skip
def test_interest_is_earned_day_by_day_until_it_is_the_whole(debts, parts, rate_bp):
    total = Money.total((one.amount for one in debts), "CHF")
    amounts = total.split([1] * parts)
    schedule = [(TODAY + timedelta(days=30 * n), one) for n, one in enumerate(amounts)]
    business = Bearer(kind=DebtorKind.BUSINESS, most_bp=2_000)
    whole = costs_of(money("0.01 CHF"), rate_bp, business, debts, schedule)

    days = [TODAY + timedelta(days=15 * n) for n in range(2 * parts + 3)]
    course = [earned(rate_bp, debts, schedule, day).minor for day in days]

    assert whole is not None
    assert course[0] == 0
    assert course == sorted(course)
    assert course[-1] == whole.interest.minor
    assert not any(one.bears for one in debts) or course[-1] <= total.minor * rate_bp // 10_000 + 1


def test_interest_runs_on_what_is_open_and_due_in_years_of_365_days():
    overdue = Debt(due_on=date(2026, 10, 1), amount=money("900.00 CHF"))
    schedule = [(date(2026, 11, 2), money("300.00 CHF")), (date(2026, 12, 2), money("300.00 CHF")),
                (date(2027, 1, 2), money("300.00 CHF"))]  # fmt: skip

    # 300 for 30 days and 300 for 61 days at 5 %: 3.7397.
    assert earned(500, [overdue], schedule, date(2027, 1, 2)) == money("3.74 CHF")
    # Until an invoice is due there is nothing to be deferred: 300 for 1 day and 300 for 32 days.
    to_come = replace(overdue, due_on=date(2026, 12, 1))
    assert earned(500, [to_come], schedule, date(2027, 1, 2)) == money("1.36 CHF")


def test_the_lower_of_both_rates_counts_and_where_the_law_is_not_known_there_is_no_interest():
    def quoted(most_bp: int | None) -> Quote:
        who = Standing(payer_class=PayerClass.A, solvency_class=SolvencyClass.B)
        bearer = Bearer(kind=DebtorKind.BUSINESS, most_bp=most_bp)
        return options(_priced(), who, [item()], TODAY, bearer=bearer)[1]

    low, high, unknown = quoted(300), quoted(1_000), quoted(None)

    assert low.costs is not None
    assert (low.costs.rate_bp, low.costs.interest) == (300, money("2.24 CHF"))
    assert high.costs is not None
    assert (high.costs.rate_bp, high.costs.interest) == (500, money("3.74 CHF"))
    assert unknown.costs is not None
    assert (unknown.costs.rate_bp, unknown.costs.interest) == (0, money("0.00 CHF"))
    assert NOBODY.kind is DebtorKind.CONSUMER


def test_the_laws_rate_is_that_of_the_debtors_country_on_the_day():
    row = Rate(Series.ECB_MRO, date(2025, 6, 11), date(2026, 6, 30), Decimal("2.15"), "test",
               date(2026, 1, 1))  # fmt: skip
    book = RateBook([row])

    assert statutory_bp("FR", date(2026, 3, 1), book) == 1215
    assert statutory_bp("BE", date(2026, 3, 1), book) == 1050
    assert statutory_bp("FR", date(2026, 8, 1), book) is None
    assert statutory_bp("US", date(2026, 3, 1), book) is None


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def _set_price(till: Till, fee: str = "25.00 CHF", rate_bp: int = 500) -> None:
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        set_policy(
            session, supplier_id=till.supplier_id, policy=_priced(fee, rate_bp),
            clock=till.runtime.clock,
        )  # fmt: skip


def _owed(payer: Payer) -> tuple[str, str, str]:
    """By the ledger, by what falls due, and by the plan."""
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        items = open_items(session, payer.supplier_id, payer.debtor_id)
        due = due_items(session, payer.supplier_id, payer.debtor_id, today=payer.today)
    ledger = Money.total((one.outstanding for one in items), "CHF")
    falls_due = Money.total((one.outstanding for one in due), "CHF")
    return (
        str(ledger.decimal),
        str(falls_due.decimal),
        str(payer.plan().standing.outstanding.decimal),
    )


def _notes(payer: Payer) -> list[tuple[str, str]]:
    """What was issued beside the invoice: which kind, over how much."""
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        rows = session.scalars(
            select(Invoice)
            .where(
                Invoice.supplier_id == payer.supplier_id, Invoice.debtor_id == payer.debtor_id,
                Invoice.id != payer.invoice_id,
            )
            .order_by(Invoice.id)
        )  # fmt: skip
        return [(one.type_code, str(one.total.decimal)) for one in rows]


def _agreement(payer: Payer) -> bytes | None:
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        supplier = parties.supplier(session, payer.supplier_id)
        debtor = parties.debtor(session, payer.supplier_id, payer.debtor_id)
        return agreement_pdf(session, payer.plan(), supplier, debtor)


@pytest.mark.once("months pass day by day")
def test_what_is_paid_early_bears_no_interest_for_the_days_that_remain(till: Till):
    _set_price(till)
    payer = a_payer(till)
    assert payer.propose(Wish(parts=4, day=2)) == "approved"
    payer.sign()
    # Signed and not begun: nothing more is owed yet. 225 for 30, 61 and 92 days at 5 % are 5.64.
    assert _owed(payer) == ("900.00", "900.00", "930.64")
    assert _notes(payer) == []
    signed = _agreement(payer)

    payer.pay()

    assert payer.state == "active"
    assert _notes(payer) == [("383", "30.64")]
    assert _owed(payer) == ("705.64", "705.64", "705.64")
    assert _agreement(payer) == signed
    payer.advance(days=31)
    assert payer.paid() == ["225.00", "225.00", "0.00", "0.00"]
    assert _owed(payer) == ("480.64", "480.64", "480.64")

    page = pay_rest(
        till.runtime, attempt=PaymentId(new_id()), supplier_id=payer.supplier_id,
        debtor_id=payer.debtor_id, contact_id=payer.contact_id, plan_id=payer.plan().plan.id,
        locale="fr_CH",
    )  # fmt: skip
    till.pay(page.payment_id)
    till.deliver()

    # On 3 December 225 have borne interest for 30 days and twice 225 for 31: 2.84 of 5.64.
    assert payer.state == "completed"
    assert _notes(payer) == [("383", "30.64"), ("381", "2.80")]
    assert _owed(payer)[:2] == ("0.00", "0.00")
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        (waiting,) = unapplied_of(session, payer.supplier_id, payer.debtor_id)
        note_id = payer.plan().plan.costs_note_id
        stands = standing(session, payer.supplier_id, [note_id], "CHF")
        claim = claim_of(session, payer.supplier_id, note_id, date(2027, 6, 1))
    assert waiting == money("2.80 CHF")
    assert stands == {Account.PLAN_COSTS: money("27.84 CHF")}
    assert claim.state is ClaimState.OF_PLAN


@pytest.mark.once("months pass day by day")
def test_a_broken_plan_asks_for_the_fee_and_the_interest_up_to_its_end(till: Till):
    _set_price(till)
    payer = a_payer(till)
    payer.agree(Wish(parts=4, day=2))
    payer.change_card(NO_FUNDS)

    payer.advance(days=48)

    assert payer.state == "accelerated"
    (note, credit) = _notes(payer)
    ended_on = payer.plan().plan.ended_at.date()
    seen = payer.plan()
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        assert not unearned(session, seen, ended_on)
    kept = Decimal(note[1]) - Decimal(credit[1])
    # Three times 225: 30 days for the first of them, the others until the plan ended.
    days = (ended_on - date(2026, 11, 2)).days
    interest = Decimal(225 * (30 + 2 * days)) * 5 / 100 / 365
    assert kept == Decimal(25) + interest.quantize(Decimal("0.01"))
    assert _owed(payer)[0] == _owed(payer)[1] == str(Decimal("675.00") + kept)


@pytest.mark.once("months pass day by day")
def test_another_version_asks_for_no_second_fee_and_for_no_interest_on_costs(till: Till):
    _set_price(till)
    payer = a_payer(till)
    payer.agree(Wish(parts=4, day=2))
    staff_id = till.world.staff()
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        offered = restructure(
            session, supplier_id=till.supplier_id, plan_id=payer.plan().plan.id,
            staff_id=staff_id, wish=Wish(parts=3, day=2),
            clock=till.runtime.clock,
        )  # fmt: skip
        following = offered.id
    till.world.run_jobs()
    payer.plan_id = following
    payer.sign()
    # 705.64 in three, of which 30.64 are costs: 235.21 for 30 days and 204.58 for 61 are 2.68.
    assert _owed(payer) == ("705.64", "705.64", "708.32")

    payer.pay()

    assert payer.state == "active"
    assert _notes(payer) == [("383", "30.64"), ("381", "5.64"), ("383", "2.68")]
    assert _owed(payer) == ("467.47", "467.47", "467.47")


def test_what_was_not_begun_and_what_a_consumer_agrees_costs_nothing(till: Till):
    _set_price(till)
    consumer = a_payer(till, kind="consumer")
    consumer.agree(Wish(parts=4, day=2))
    idle = a_payer(till)
    idle.propose()
    idle.sign()

    idle.advance(days=3)

    assert idle.state == "expired"
    assert _notes(idle) == []
    assert _owed(idle)[:2] == ("900.00", "900.00")
    assert _notes(consumer) == []
    assert _owed(consumer) == ("675.00", "675.00", "675.00")


def test_a_rate_above_every_law_that_is_known_today_is_not_taken(till: Till):
    # Of November 2026 the Swiss rate alone is known, which never changes.
    with pytest.raises(PolicyContradicts) as refused:
        _set_price(till, rate_bp=501)

    assert refused.value.field == "rates"
    with pytest.raises(PolicyContradicts) as refused:
        _set_price(till, fee="50.01 CHF")
    assert refused.value.field == "fees"
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        assert policy_of(session, till.supplier_id) == default_policy("CHF")

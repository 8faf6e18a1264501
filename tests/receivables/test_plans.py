"""Plans in the database: one at a time on an invoice, words kept as they were, sums that add up."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from receivables.credit.actions import note_insolvency
from receivables.credit.queries import standing
from receivables.database import Scope
from receivables.invoices.actions import NewInvoice
from receivables.ledger.actions import book_transfer
from receivables.ledger.issuing import issue
from receivables.ledger.queries import open_items
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.plans import actions, policies, upkeep
from receivables.plans.composing import agreement_pdf
from receivables.plans.errors import (
    NoSuchPlan,
    PlanChanged,
    PlanNotOffered,
    PlanStepImpossible,
)
from receivables.plans.queries import due_items, find, of_debtor
from receivables.plans.reading import view
from receivables.plans.rules import Reason, Wish
from receivables.plans.tables import PlanConsent, PlanInvoice
from receivables.ports import MailRefused, MailUnknown
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payments import Till, open_till
from tests.support.plans import Payer, a_payer

_NUMBER = re.compile(r"\bP-[0-9A-F]{8}\b")


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def _ledger_total(payer: Payer) -> Money:
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        items = open_items(session, payer.supplier_id, payer.debtor_id)
    return Money.total((item.outstanding for item in items), "CHF")


def _due_total(payer: Payer) -> Money:
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        items = due_items(session, payer.supplier_id, payer.debtor_id, today=payer.today)
    return Money.total((item.outstanding for item in items), "CHF")


def test_what_is_asked_for_anew_takes_the_place_of_what_was_asked_for_before(till: Till):
    payer = a_payer(till)
    payer.propose(Wish(parts=2))
    before = payer.plan_id
    payer.propose(Wish(parts=3))
    after = payer.plan_id

    payer.plan_id = before
    assert payer.state == "cancelled"
    payer.plan_id = after
    assert payer.state == "approved"


def test_what_is_signed_is_what_was_shown(till: Till):
    payer = a_payer(till)
    payer.propose()
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        plan = find(session, payer.supplier_id, payer.plan_id)
        shown = actions.fingerprint(actions.quote_again(session, plan, payer.today))
    till.world.clock.advance(timedelta(days=1))

    with pytest.raises(PlanChanged), till.runtime.transaction(Scope(payer.supplier_id)) as session:
        actions.accept(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            contact_id=payer.contact_id, plan_id=payer.plan_id, shown=shown,
            given=actions.GivenConsent(text="", locale="en", address="", user_agent=""),
            clock=till.runtime.clock,
        )  # fmt: skip
    assert payer.state == "approved"


def test_the_base_is_what_is_outstanding_when_it_is_signed(till: Till):
    payer = a_payer(till)
    payer.propose()
    page = till.begin(till.choice(payer.debtor_id, [(payer.invoice_id, "300.00 CHF")]))
    till.pay(page.payment_id)
    till.deliver()

    payer.sign()

    assert payer.plan().plan.total == money("600.00 CHF")
    assert payer.paid() == ["0.00"] * 4


def test_an_invoice_is_on_one_plan_at_most_whatever_the_code_does(till: Till):
    payer = a_payer(till)
    payer.agree()
    first = payer.plan_id
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        row = session.query(PlanInvoice).filter(PlanInvoice.plan_id == first).one()
        values = {"base_minor": row.base_minor, "due_on": row.due_on, "stands": True,
                  "entries_before": []}  # fmt: skip
    with pytest.raises(PlanNotOffered) as refused:
        payer.propose()
    assert refused.value.reasons == (Reason.ALREADY_ON_PLAN,)

    other = a_payer(till)
    other.propose()
    with (
        pytest.raises(IntegrityError),
        till.runtime.transaction(Scope(payer.supplier_id)) as session,
    ):
        session.add(
            PlanInvoice(
                plan_id=other.plan_id, invoice_id=payer.invoice_id,
                supplier_id=payer.supplier_id, **values,
            )
        )  # fmt: skip


def test_what_was_agreed_to_can_be_neither_changed_nor_deleted(till: Till):
    payer = a_payer(till)
    payer.agree()

    for statement in ("UPDATE plan_consents SET text = 'other'", "DELETE FROM plan_consents"):
        with (
            pytest.raises(DBAPIError, match=r"append-only|permission denied"),
            till.runtime.transaction(Scope(payer.supplier_id)) as session,
        ):
            session.execute(text(statement))
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        assert session.query(PlanConsent).one().text == "I agree.\n\nTo all of it."


@pytest.mark.once("weeks pass day by day")
def test_due_items_add_up_to_what_the_ledger_has_at_every_turn(till: Till):
    payer = a_payer(till)
    till.world.invoice("77.00 CHF", debtor_id=payer.debtor_id)
    assert _due_total(payer) == _ledger_total(payer)
    payer.agree()
    assert _due_total(payer) == _ledger_total(payer) == money("752.00 CHF")
    payer.advance(days=31)
    assert _due_total(payer) == _ledger_total(payer)
    (first, *_) = till.stripe.charged()
    till.stripe.open_dispute(first["charge"])
    till.deliver()

    assert _due_total(payer) == _ledger_total(payer)


def test_a_credit_note_over_an_invoice_on_a_plan_shortens_the_plan(till: Till):
    payer = a_payer(till)
    payer.agree()
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        new = NewInvoice(
            number="CN-1", issued_on=payer.today, due_on=payer.today, total=money("300.00 CHF"),
            content_hash="0" * 64, is_credit_note=True, type_code="381",
        )  # fmt: skip
        issue(session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id, new=new,
              clock=till.runtime.clock)  # fmt: skip

    assert payer.paid() == ["225.00", "0.00", "75.00", "225.00"]
    assert _due_total(payer) == _ledger_total(payer)


def test_money_from_before_the_plan_that_goes_back_is_owed_beside_it(till: Till):
    payer = a_payer(till, "1000.00 CHF")
    page = till.begin(till.choice(payer.debtor_id, [(payer.invoice_id, "100.00 CHF")]))
    till.pay(page.payment_id)
    till.deliver()
    (charge,) = till.stripe.charged()
    payer.agree()
    till.stripe.open_dispute(charge["charge"])
    till.deliver()

    assert payer.plan().standing.beside == money("-100.00 CHF")
    assert payer.plan().plan.paused_for == "chargeback"
    assert _due_total(payer) == _ledger_total(payer)


def test_a_demand_that_may_have_arrived_is_never_sent_again_and_an_agreement_is(
    till: Till,
):
    payer = a_payer(till)
    payer.propose()
    payer.sign()
    mailer = till.world.runtime.mailer
    mailer.answers = [None, MailUnknown("silence"), MailUnknown("silence")]  # type: ignore[attr-defined]
    payer.pay()
    payer.advance(days=1)

    # The number of a plan stands there; in a receipt's mail only a link may have such letters.
    agreed = [mail for mail in till.world.mail if mail.attachments and _NUMBER.search(mail.text)]
    assert {mail.message_id for mail in agreed} == {
        f"plan-{one.id}@quittance.example"
        for one in payer.rows()
        if one.kind in ("agreement", "office_agreement")
    }


@pytest.mark.once("weeks pass day by day")
def test_a_notice_nobody_knows_of_is_shown_and_not_repeated(till: Till):
    payer = a_payer(till)
    payer.agree()
    payer.change_card("4000000000000341")
    payer.advance(days=36)
    assert payer.state == "active"
    mailer = till.world.runtime.mailer
    mailer.answers = [MailUnknown("silence")] * 20  # type: ignore[attr-defined]
    payer.advance(days=1)
    mailer.answers = []  # type: ignore[attr-defined]
    payer.advance(days=2)

    (notice,) = [one for one in payer.rows() if one.kind == "give_notice"]
    assert notice.state == "unknown"


@pytest.mark.once("weeks pass day by day")
def test_an_address_that_refuses_is_noted_and_the_plan_goes_on(till: Till):
    payer = a_payer(till)
    payer.agree()
    payer.advance(days=27)
    till.world.runtime.mailer.answers = [MailRefused(550, "no")] * 5  # type: ignore[attr-defined]
    payer.advance(days=1)
    till.world.runtime.mailer.answers = []  # type: ignore[attr-defined]
    payer.advance(days=2)

    (notice,) = [one for one in payer.rows() if one.kind == "announce_charge"]
    assert notice.state == "failed"
    assert payer.charges() == [("settled", "225.00")]


def test_the_agreement_is_the_same_letter_each_time(till: Till):
    payer = a_payer(till)
    payer.agree()

    letters = []
    for _ in range(2):
        with till.runtime.reading(Scope(payer.supplier_id)) as session:
            plan = find(session, payer.supplier_id, payer.plan_id)
            letters.append(
                agreement_pdf(
                    session, view(session, payer.supplier_id, plan, payer.today),
                    parties.supplier(session, payer.supplier_id),
                    parties.debtor(session, payer.supplier_id, payer.debtor_id),
                )
            )  # fmt: skip
        payer.advance(days=1)

    assert letters[0] == letters[1]
    assert letters[0] is not None
    assert letters[0].startswith(b"%PDF")


def test_both_sides_get_the_agreement(till: Till):
    payer = a_payer(till, email="anne@dubois.example")
    payer.agree()

    with_letter = {mail.to_address for mail in till.world.mail
                   if any(one.filename.startswith("P-") for one in mail.attachments)}  # fmt: skip

    assert with_letter == {"anne@dubois.example", "claire.favre@rochat.example"}


def test_an_insolvency_freezes_the_plan_and_allows_no_other(till: Till):
    payer, other = a_payer(till), a_payer(till)
    payer.agree()
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        for one in (payer, other):
            note_insolvency(
                session, supplier_id=one.supplier_id, debtor_id=one.debtor_id,
                insolvent_on=one.today, clock=till.runtime.clock,
            )  # fmt: skip
    till.world.run_jobs()

    assert payer.plan().plan.paused_for == "insolvency"
    with pytest.raises(PlanNotOffered) as refused:
        other.propose()
    assert refused.value.reasons == (Reason.INSOLVENT,)


def test_a_debtor_cannot_end_a_plan_that_stands(till: Till):
    payer = a_payer(till)
    payer.agree()

    with (
        pytest.raises(PlanStepImpossible),
        till.runtime.transaction(Scope(payer.supplier_id)) as session,
    ):
        upkeep.cancel(
            session, supplier_id=payer.supplier_id, plan_id=payer.plan_id,
            debtor_id=payer.debtor_id, clock=till.runtime.clock,
        )  # fmt: skip


def test_a_plan_of_somebody_else_does_not_exist(till: Till):
    payer, other = a_payer(till), a_payer(till)
    payer.propose()

    with till.runtime.reading(Scope(payer.supplier_id)) as session, pytest.raises(NoSuchPlan):
        of_debtor(session, payer.supplier_id, other.debtor_id, payer.plan_id)


@pytest.mark.once("weeks pass day by day")
def test_a_broken_plan_is_followed_by_none_without_a_person(till: Till):
    payer = a_payer(till)
    payer.agree()
    payer.change_card("4000000000000341")
    payer.advance(days=50)
    assert payer.state == "accelerated"

    assert payer.propose(Wish(parts=2)) == "proposed"
    assert set(payer.plan().plan.reasons) == {
        Reason.DEFAULTED_LATELY, Reason.SELF_SERVICE_BLOCKED,
    }  # fmt: skip
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        stands = standing(session, payer.supplier_id, payer.debtor_id)
    assert stands.self_service_blocked_until == date(2027, 12, 18)


def test_other_terms_are_read_as_they_were_set(till: Till):
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        policy = policies.policy_of(session, till.supplier_id)
        changed = type(policy)(
            **{name: getattr(policy, name) for name in policy.__slots__}
            | {"whole_units": True, "cure_days": 10}
        )
        policies.set_policy(
            session, supplier_id=till.supplier_id, policy=changed, clock=till.runtime.clock
        )

    with till.runtime.reading(Scope(till.supplier_id)) as session:
        assert policies.policy_of(session, till.supplier_id) == changed


@pytest.mark.once("weeks pass day by day")
def test_a_transfer_for_the_late_part_cures_the_plan(till: Till):
    payer = a_payer(till)
    payer.agree()
    payer.change_card("4000000000000341")
    payer.advance(days=38)
    assert payer.state == "in_default"
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        book_transfer(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            invoice_id=payer.invoice_id, amount=money("225.00 CHF"), reference="T",
            booked_on=payer.today, clock=till.runtime.clock,
        )  # fmt: skip
    till.world.run_jobs()

    assert payer.state == "cured"

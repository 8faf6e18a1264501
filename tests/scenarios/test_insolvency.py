"""A debtor on a plan fails: published at noon, nothing is demanded or charged after it, and our
claim is lodged in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from monitoring.effects import actions as effects
from monitoring.effects.queries import ProposalLine, proposals
from monitoring.effects.rules import Effect
from monitoring.insolvency.actions import take_published
from monitoring.insolvency.claims import ClaimIsClosed, ClaimLine, DayNotPossible, claims_of, lodge
from monitoring.insolvency.deadlines import Basis
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.published import Published
from monitoring.insolvency.statement import print_statement, statement_of
from receivables.credit.actions import set_cover
from receivables.credit.queries import standing
from receivables.credit.rules import Cover, Standing
from receivables.database import Scope
from receivables.dunning.lateness import claim_on
from receivables.interest.claiming import NothingToClaim
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payments import Till, open_till
from tests.support.plans import Payer, a_payer
from tests.support.publications import published

UID = ("UID", "CHE116281710")


pytestmark = pytest.mark.once("days pass on the clock, and no statement of its own is asked")


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def payer(till: Till) -> Payer:
    """Somebody whose plan of four parts stands, and who owes another invoice beside it."""
    payer = a_payer(till, identifiers=(UID,))
    payer.agree()
    till.world.invoice("480.00 CHF", debtor_id=payer.debtor_id, due_in_days=-2)
    return payer


def notice(reference: str, kind: EventKind, on: date, **given: object) -> Published:
    return published(
        reference, kind, source="shab", country="CH", numbers=(UID,), published_on=on, **given
    )


def publish(payer: Payer, *given: Published) -> None:
    till = payer.till
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        take_published(
            session, supplier_id=payer.supplier_id, published=given, clock=till.runtime.clock
        )
    till.world.run_jobs()


def claims(payer: Payer) -> list[ClaimLine]:
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        return claims_of(session, payer.supplier_id, payer.debtor_id)


def stands(payer: Payer) -> Standing:
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        return standing(session, payer.supplier_id, payer.debtor_id)


def proposed(payer: Payer) -> list[ProposalLine]:
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        return proposals(session, payer.supplier_id, debtor_id=payer.debtor_id)


def test_after_noon_nothing_is_demanded_or_charged_and_the_claim_waits_with_its_day(payer: Payer):
    till, world = payer.till, payer.till.world
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        set_cover(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            cover=Cover(policy_number="AX-77", extension_days=60), clock=till.runtime.clock,
        )  # fmt: skip
    opened = payer.today
    publish(payer, notice("KK01-1", EventKind.PROVISIONAL_OPENING, opened, decided_on=opened))
    sent, charged = len(world.mail), payer.charges()
    said = [one for one in payer.messages() if not one.startswith("office_")]

    (claim,) = claims(payer)
    assert (claim.state, claim.lodge_until, claim.basis) == ("open", None, Basis.LATER)
    assert claim.insurer_waits
    assert stands(payer).insolvent_on == opened
    assert payer.plan().plan.paused_for == "insolvency"
    assert {(one.effect, one.state) for one in proposed(payer)} == {
        (Effect.LIMIT, "open"), (Effect.PREPAYMENT, "open"),
    }  # fmt: skip

    # The call to creditors says until when; a repeat of it changes nothing.
    call = notice("KK02-1", EventKind.CALL_TO_CREDITORS, opened + timedelta(days=10),
                  claims_until=opened + timedelta(days=40))  # fmt: skip
    publish(payer, call, call)
    (claim,) = claims(payer)
    assert (claim.lodge_until, claim.basis) == (opened + timedelta(days=40), Basis.PUBLICATION)

    # A month goes by: the day of the second instalment, and three steps of the other invoice.
    payer.advance(days=31)
    to_debtor = [one for one in world.mail[sent:] if "dubois" in one.to_address]
    assert to_debtor == []
    assert [one for one in payer.messages() if not one.startswith("office_")] == said
    assert payer.charges() == charged

    # Interest ends on the day of the opening, and nobody claims it by a note.
    with (
        till.runtime.transaction(Scope(payer.supplier_id)) as session,
        pytest.raises(NothingToClaim),
    ):
        claim_on(session, payer.supplier_id, payer.invoice_id, payer.today, by="staff:1",
                 clock=till.runtime.clock)  # fmt: skip
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        found = statement_of(session, payer.supplier_id, claim, today=payer.today)
    assert [str(one.principal.decimal) for one in found.rows] == ["675.00", "480.00"]
    (total,) = found.totals
    assert total.principal == money("1155.00 CHF")
    assert total.interest > money("0.00 CHF")
    assert total.total == total.principal + total.interest + total.fixed_sums
    assert print_statement(found, now=till.runtime.clock.now()).startswith(b"%PDF")

    staff = world.staff(supplier_id=payer.supplier_id)
    whose = {"supplier_id": payer.supplier_id, "claim_id": claim.claim_id, "staff_id": staff,
             "today": payer.today, "clock": till.runtime.clock}  # fmt: skip
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        with pytest.raises(DayNotPossible):
            lodge(session, lodged_on=opened - timedelta(days=1), **whose)
        lodge(session, lodged_on=payer.today, **whose)
        with pytest.raises(ClaimIsClosed):
            lodge(session, lodged_on=payer.today, **whose)
    assert [one.state for one in claims(payer)] == ["lodged"]


def test_what_is_taken_back_asks_a_person_before_anything_goes_out_again(payer: Payer):
    till = payer.till
    staff = till.world.staff(supplier_id=payer.supplier_id)
    publish(payer, notice("KK01-2", EventKind.PROVISIONAL_OPENING, payer.today))
    publish(payer, notice("KK07-2", EventKind.REVOKED, payer.today + timedelta(days=3)))

    assert [one.state for one in claims(payer)] == ["withdrawn"]
    assert stands(payer).insolvent_on is not None
    (ask,) = [one for one in proposed(payer) if one.state == "open"]
    assert ask.effect is Effect.RESUME

    decide = {"supplier_id": payer.supplier_id, "proposal_id": ask.proposal_id,
              "staff_id": staff, "clock": till.runtime.clock}  # fmt: skip
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        effects.apply(session, **decide)
    assert stands(payer).insolvent_on is None
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        effects.undo(session, **decide)
    assert stands(payer).insolvent_on is not None

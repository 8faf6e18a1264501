"""What solvency sets off: only what the supplier chose, and never by itself for a person."""

from __future__ import annotations

from datetime import date

import pytest

from monitoring.effects import actions
from monitoring.effects.actions import AlreadyDecided, ChangedSince
from monitoring.effects.policies import is_strict, set_policy, set_strict
from monitoring.effects.queries import ProposalLine, proposals, terms_list
from monitoring.effects.rules import (
    Effect,
    EffectPolicy,
    Mode,
    after_class,
    after_insolvency,
    lowered,
)
from monitoring.insolvency.deadlines import Basis, Deadline, deadline_of
from monitoring.insolvency.kinds import EventKind
from receivables.credit.actions import set_limit, set_solvency_class
from receivables.credit.queries import standing
from receivables.credit.rules import SolvencyClass, Standing
from receivables.database import Scope
from receivables.dunning.scenarios import scenarios_of
from receivables.dunning.steps import CONSUMERS, DEFAULT, STRICT, scenario_for
from receivables.workdays import HOLIDAYS
from tests.support.builders import money
from tests.support.world import World

EVERYTHING = EffectPolicy(limit=Mode.APPLY, prepayment=Mode.APPLY, plans=Mode.APPLY)


def until(country: str, kind: EventKind, on: date, *, said: date | None = None,
          creditor: str = "FR") -> Deadline:  # fmt: skip
    return deadline_of(
        country=country, kind=kind, published_on=on, claims_until=said, creditor_country=creditor,
        calendar=HOLIDAYS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("country", "kind", "on", "creditor", "expected"),
    [
        # Two months; the 12th of July 2026 is a Sunday, the 13th works.
        ("FR", EventKind.LIQUIDATION, date(2026, 5, 12), "FR", date(2026, 7, 13)),
        # Four for creditors abroad.
        ("FR", EventKind.REORGANISATION, date(2026, 5, 12), "CH", date(2026, 9, 14)),
        # The last day of a shorter month; the 1st of May is a holiday, then a weekend.
        ("FR", EventKind.SAFEGUARD, date(2025, 12, 31), "FR", date(2026, 3, 2)),
        # One month; the 1st of August is the Swiss national day, and a Saturday in 2026.
        ("CH", EventKind.CALL_TO_CREDITORS, date(2026, 7, 1), "FR", date(2026, 8, 3)),
    ],
)  # fmt: skip
def test_the_law_counts_from_the_publication(country, kind, on, creditor, expected):
    assert until(country, kind, on, creditor=creditor) == Deadline(expected, Basis.LAW)


def test_what_the_publication_says_goes_first_and_what_nobody_says_is_unknown():
    said = date(2026, 12, 24)
    assert until("FR", EventKind.LIQUIDATION, date(2026, 5, 12), said=said) == Deadline(
        said, Basis.PUBLICATION
    )
    assert until("CH", EventKind.PROVISIONAL_OPENING, said) == Deadline(None, Basis.LATER)
    for country in ("BE", "DE", "GB"):
        assert until(country, EventKind.LIQUIDATION, said) == Deadline(None, Basis.UNKNOWN)


def test_nothing_follows_unless_the_supplier_chose_it_and_never_by_itself_for_a_person():
    bad = Standing(solvency_class=SolvencyClass.E)
    owed = money("901.50 CHF")
    assert after_class(EffectPolicy(), bad, owed, is_person=False) == []
    done = after_class(EVERYTHING, bad, owed, is_person=False)
    assert [(one.effect, one.now) for one in done] == [
        (Effect.LIMIT, True), (Effect.PREPAYMENT, True), (Effect.PLANS, True),
    ]  # fmt: skip
    asked = after_class(EVERYTHING, bad, owed, is_person=True)
    assert [one.now for one in asked] == [False, False, False]
    assert after_class(EVERYTHING, Standing(solvency_class=SolvencyClass.C), owed,
                       is_person=False) == []  # fmt: skip
    assert after_class(EVERYTHING, Standing(), owed, is_person=False) == []


def test_an_insolvency_proposes_no_credit_even_where_nothing_was_chosen():
    found = after_insolvency(EffectPolicy(), Standing(), "CHF", is_person=False)
    assert [(one.effect, one.now, one.limit) for one in found] == [
        (Effect.LIMIT, False, money("0.00 CHF")), (Effect.PREPAYMENT, False, None),
    ]  # fmt: skip
    settled = Standing(limit=money("0.00 EUR"), prepayment_since=date(2026, 1, 1))
    assert after_insolvency(EVERYTHING, settled, "CHF", is_person=False) == []


def test_a_lowered_limit_is_a_whole_part_of_the_limit_or_of_what_is_owed():
    assert lowered(money("10001.00 EUR"), money("0.00 EUR"), 50) == money("5000.00 EUR")
    assert lowered(None, money("901.50 CHF"), 50) == money("450.00 CHF")
    assert lowered(None, money("0.00 CHF"), 100) == money("0.00 CHF")


class Given:
    """A supplier, a business and a way to let its class fall."""

    def __init__(self, world: World, policy: EffectPolicy, **debtor: object) -> None:
        self.world, self.clock = world, world.clock
        self.debtor_id = world.debtor(**debtor)
        world.invoice("900.00 CHF", debtor_id=self.debtor_id)
        assert world.supplier_id is not None
        self.supplier_id = world.supplier_id
        self.whose = {
            "supplier_id": self.supplier_id, "debtor_id": self.debtor_id, "clock": self.clock,
        }  # fmt: skip
        self.staff = world.staff()
        with self.transaction() as session:
            set_policy(session, supplier_id=self.supplier_id, policy=policy, clock=self.clock)
            set_limit(session, limit=money("5000.00 CHF"), **self.whose)

    def transaction(self):
        return self.world.runtime.transaction(Scope(self.supplier_id))

    def falls(self, to: str) -> None:
        with self.transaction() as session:
            set_solvency_class(session, solvency_class=SolvencyClass(to), **self.whose)
        self.world.run_jobs()

    @property
    def standing(self) -> Standing:
        with self.transaction() as session:
            return standing(session, self.supplier_id, self.debtor_id)

    def found(self) -> list[ProposalLine]:
        with self.transaction() as session:
            return proposals(session, self.supplier_id)

    def decide(self, deed, one: ProposalLine) -> None:
        with self.transaction() as session:
            deed(
                session, supplier_id=self.supplier_id, proposal_id=one.proposal_id,
                staff_id=self.staff, clock=self.clock,
            )  # fmt: skip


def test_what_was_chosen_is_done_once_and_can_be_undone(world: World):
    given = Given(world, EVERYTHING)
    given.falls("D")
    given.falls("E")

    assert given.standing.limit == money("2500.00 CHF")
    assert given.standing.prepayment_since is not None
    assert not given.standing.may_help_themselves(date(2026, 11, 30))
    with given.transaction() as session:
        (line,) = terms_list(session, given.supplier_id)
    assert (line.limit, line.prepayment_since) == (
        money("2500.00 CHF"), given.standing.prepayment_since,
    )  # fmt: skip

    by_effect = {one.effect: one for one in given.found() if one.state == "applied"}
    limit = by_effect[Effect.LIMIT]
    assert (limit.limit_before, limit.limit) == (money("5000.00 CHF"), money("2500.00 CHF"))
    for effect in (Effect.LIMIT, Effect.PREPAYMENT, Effect.PLANS):
        given.decide(actions.undo, by_effect[effect])
    assert given.standing.limit == money("5000.00 CHF")
    assert given.standing.prepayment_since is None
    assert given.standing.may_help_themselves(date(2026, 11, 30))
    with pytest.raises(AlreadyDecided):
        given.decide(actions.undo, limit)


def test_what_somebody_changed_by_hand_meanwhile_is_not_put_back(world: World):
    given = Given(world, EffectPolicy(limit=Mode.APPLY))
    given.falls("E")
    (done,) = given.found()
    with given.transaction() as session:
        set_limit(session, limit=money("1.00 CHF"), **given.whose)
    with pytest.raises(ChangedSince):
        given.decide(actions.undo, done)
    assert given.standing.limit == money("1.00 CHF")


def test_a_proposal_waits_for_a_person_and_goes_when_its_reason_goes(world: World):
    given = Given(world, EffectPolicy(prepayment=Mode.PROPOSE), kind="consumer")
    given.falls("E")
    assert [one.state for one in given.found()] == ["open"]
    given.falls("B")
    assert [one.state for one in given.found()] == ["obsolete"]
    assert given.standing.prepayment_since is None


def test_businesses_of_a_bad_class_are_reminded_sooner_where_the_supplier_wants_it(world: World):
    given = Given(world, EffectPolicy())
    whose = {"supplier_id": given.supplier_id, "worst": SolvencyClass.D, "clock": given.clock}

    def chosen(solvency: SolvencyClass, kind: str = "business") -> str:
        with given.transaction() as session:
            found = scenarios_of(session, given.supplier_id)
        return scenario_for(found, kind=kind, country="CH", payer=given.standing.payer_class,
                            solvency=solvency).name  # fmt: skip

    with given.transaction() as session:
        set_strict(session, wanted=True, **whose)
        assert is_strict(session, given.supplier_id)
    assert chosen(SolvencyClass.E) == STRICT.name
    assert chosen(SolvencyClass.C) == DEFAULT.name
    assert chosen(SolvencyClass.E, "consumer") == CONSUMERS.name
    with given.transaction() as session:
        set_strict(session, wanted=False, **whose)
    assert chosen(SolvencyClass.E) == DEFAULT.name

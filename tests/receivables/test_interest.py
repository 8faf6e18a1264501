"""Late interest on what stands in the books: rates by whom, choices, claims; and the command."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from receivables.database import SYSTEM, Scope
from receivables.disputes.opening import Claim as Contested
from receivables.dunning.lateness import claim_of
from receivables.interest import command
from receivables.interest.loading import add_rate, load_rates
from receivables.interest.policies import Policy, agree_rate, decide, policy_of, set_policy
from receivables.interest.queries import Claim, ClaimState, known_rates, rate_book
from receivables.interest.rates import (
    Rate,
    RateBook,
    RateMissing,
    RatesRefused,
    Series,
    read_rates,
    shipped_rates,
)
from receivables.interest.tables import AfterPayment, Stance
from receivables.ledger.actions import book_transfer
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.disputes import contest
from tests.support.payments import open_till
from tests.support.plans import a_payer
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 2)
LATER = Rate(Series.ECB_MRO, date(2026, 4, 2), date(2026, 12, 31), Decimal("2.15"), "ECB", TODAY)


def paid(world: World, invoice_id, debtor_id, amount: str, on: date) -> None:
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        book_transfer(
            session, supplier_id=world.supplier_id, debtor_id=debtor_id, invoice_id=invoice_id,
            amount=money(amount), reference=f"B-{on}", booked_on=on, clock=world.clock,
        )  # fmt: skip


def chosen(world: World, **given: object) -> None:
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        policy = Policy(**{"stance": Stance.CLAIM, **given})  # type: ignore[arg-type]
        set_policy(session, supplier_id=world.supplier_id, policy=policy, clock=world.clock)
        assert policy_of(session, world.supplier_id) == policy


def claim(world: World, invoice_id, on: date = TODAY) -> Claim:
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return claim_of(session, world.supplier_id, invoice_id, on)


def test_the_operators_rates_count_for_all_and_an_owners_only_for_their_own(world: World):
    near, far = world.supplier(), world.supplier(name="Far AG")
    own = Rate(Series.ECB_MRO, date(2026, 7, 1), date(2026, 7, 1), Decimal("2.40"), "letter", TODAY)

    with world.runtime.transaction(SYSTEM) as session:
        assert load_rates(session, [LATER], clock=world.clock) == 1
        assert load_rates(session, [LATER], clock=world.clock) == 0
    with world.runtime.transaction(Scope(near)) as session:
        for added in (True, False):
            assert added is add_rate(
                session, supplier_id=near, rate=own, by="staff:1", clock=world.clock
            )

    first = date(2026, 7, 1)
    with world.runtime.reading(Scope(near)) as session:
        assert rate_book(session, near).on(Series.ECB_MRO, first).percent == Decimal("2.40")
        assert [one.origin for one in known_rates(session, near)][-2:] == ["installation", "own"]
    with world.runtime.reading(Scope(far)) as session:
        assert rate_book(session, far).on(Series.ECB_MRO, first).percent == Decimal("2.15")


@pytest.mark.postgresql
def test_a_supplier_cannot_add_to_the_rates_of_all(world: World):
    supplier_id = world.supplier()

    with world.runtime.transaction(Scope(supplier_id)) as session:
        assert policy_of(session, supplier_id) == Policy()
        session.info["scope"] = SYSTEM  # what the code believes; the database knows better
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            load_rates(session, [LATER], clock=world.clock)
        assert known_rates(session, supplier_id)[-1].origin == "shipped"


def test_nothing_is_claimed_before_the_supplier_chose_and_nothing_beyond_the_known_rates(world):
    debtor_id = world.debtor(country="FR")
    invoice_id = world.invoice("1000.00 EUR", debtor_id=debtor_id, due_on=date(2026, 5, 31))

    missing = claim(world, invoice_id)
    assert (missing.state, missing.reckoning) == (ClaimState.RATE_MISSING, None)
    assert isinstance(missing.missing, RateMissing)
    assert missing.missing.day == date(2026, 7, 1)
    known = claim(world, invoice_id, date(2026, 6, 30))
    assert (known.state, known.claimed) == (ClaimState.SILENT, ())
    chosen(world, stance=Stance.MENTION)
    known = claim(world, invoice_id, date(2026, 6, 30))
    assert (known.state, known.claimed) == (ClaimState.COULD_APPLY, ())
    assert claim(world, invoice_id, date(2026, 5, 31)).state is ClaimState.NOT_LATE

    with world.runtime.transaction(SYSTEM) as session:
        load_rates(session, [LATER], clock=world.clock)
    chosen(world)
    # 12.15 % of 1 000 over 30 + 125 days, and EUR 40.
    assert claim(world, invoice_id).claimed == (money("91.60 EUR"),)


def test_part_payments_lower_what_bears_interest_and_the_choice_decides_after_the_last(world):
    debtor_id = world.debtor()
    invoice_id = world.invoice("3650.00 CHF", debtor_id=debtor_id, due_on=date(2026, 9, 30))
    paid(world, invoice_id, debtor_id, "1650.00 CHF", date(2026, 10, 10))
    chosen(world)
    # 10 days of 3 650 and 23 of 2 000 at 5 %; Swiss law knows no fixed sum.
    assert claim(world, invoice_id).claimed == (money("11.30 CHF"),)

    paid(world, invoice_id, debtor_id, "2000.00 CHF", TODAY)
    assert claim(world, invoice_id).state is ClaimState.UNDECIDED
    chosen(world, after_payment=AfterPayment.WAIVE)
    assert claim(world, invoice_id).state is ClaimState.WAIVED
    chosen(world, after_payment=AfterPayment.KEEP)
    assert claim(world, invoice_id, date(2027, 3, 1)).claimed == (money("11.30 CHF"),)

    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        whose = {"supplier_id": world.supplier_id, "by": "staff:1", "clock": world.clock}
        decide(session, invoice_id=invoice_id, keep=False, **whose)
    assert claim(world, invoice_id).claimed == ()
    assert claim(world, invoice_id).state is ClaimState.WAIVED
    assert not world.outstanding(invoice_id), "interest is never part of what is owed"


def test_consumers_are_spared_what_businesses_agreed_and_disputed_parts_are_withheld(world):
    business, consumer = world.debtor(), world.debtor(kind="consumer", country="FR")
    chosen(world, agreed=Decimal(7))
    invoice_id = world.invoice(
        "1000.00 CHF", debtor_id=business, due_on=date(2026, 9, 30), number="2026-LATE"
    )
    theirs = world.invoice("1000.00 EUR", debtor_id=consumer, due_on=date(2026, 5, 31))
    contest(
        world, business,
        Contested(number="2026-LATE", scope="amount", amount=money("400.00 CHF")),
    )  # fmt: skip
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        agree_rate(
            session, supplier_id=world.supplier_id, debtor_id=business, percent=Decimal("7.3"),
            clock=world.clock,
        )  # fmt: skip

    found = claim(world, invoice_id)
    assert found.reckoning is not None
    # 33 days at 7.3 %: 6.60 in all, 2.64 of it on what is disputed.
    assert found.reckoning.interest.total == money("6.60 CHF")
    assert found.reckoning.withheld == money("2.64 CHF")
    assert found.claimed == (money("3.96 CHF"),)
    assert claim(world, theirs).state is ClaimState.NEEDS_NOTICE


def test_what_a_credit_note_corrects_was_never_owed_and_other_credit_counts_from_its_day(world):
    world.supplier()
    chosen(world)
    for names_it, expected in ((True, "1.81 CHF"), (False, "3.01 CHF")):
        debtor_id = world.debtor()
        number = f"2026-{names_it}"
        invoice_id = world.invoice(
            "1000.00 CHF", debtor_id=debtor_id, due_on=date(2026, 10, 11), number=number
        )
        world.invoice(
            "400.00 CHF", debtor_id=debtor_id, is_credit_note=True, due_in_days=40,
            preceding_number=number if names_it else None,
        )  # fmt: skip

        # 22 days at 5 %: of 600 all the time, or of 1 000.
        assert claim(world, invoice_id).claimed == (money(expected),)


def test_while_a_plan_stands_only_its_overdue_instalments_bear_interest(runtime: Runtime):
    payer = a_payer(open_till(runtime))
    payer.propose()
    payer.sign()
    payer.pay()
    second = payer.plan().standing.parts[1].instalment

    on = second.due_on + timedelta(days=10)
    with runtime.reading(Scope(payer.supplier_id)) as session:
        found = claim_of(session, payer.supplier_id, payer.invoice_id, on).reckoning
    assert found is not None
    # Late since 14 October; the plan stands since 2 November.
    assert [(one.days, one.principal) for one in found.interest.segments] == [
        (19, money("900.00 CHF")), (10, second.amount),
    ]  # fmt: skip


QUESTION = (
    "--country", "FR", "--debtor", "business", "--principal", "10000.00",
    "--currency", "EUR", "--due", "2023-01-15",
)  # fmt: skip


def ask(book: RateBook, *arguments: str) -> tuple[int, str]:
    """What the command answers, with the options it takes."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    code, lines = command.answer(parser.parse_args((*QUESTION, *arguments)), book)
    return code, "\n".join(lines)


def test_the_command_tells_segments_rates_sources_and_total_without_any_database():
    asked = subprocess.run(
        [sys.executable, "-m", "starting", "interest", *QUESTION, "--paid", "2025-10-02",
         "--json"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    told = json.loads(asked.stdout)
    assert (told["interest"], told["compensation"], told["total"]) == (
        "3680.62", "40.00", "3720.62",
    )  # fmt: skip
    assert sum(Decimal(one["amount"]) for one in told["segments"]) == Decimal("3680.62")
    assert told["segments"][0] == {
        "from": "2023-01-16", "to": "2023-06-30", "days": 166, "principal": "10000.00",
        "rate": "12.50", "amount": "568.49", "exact": "568.493151",
        "source": "ECB main refinancing operations 2.50 % (2022-12-21) + 10; C. com. L441-10 II",
    }  # fmt: skip
    assert told["rates"][0]["source"].startswith("ECB")


def test_the_command_says_why_it_does_not_answer():
    book = RateBook(shipped_rates())

    assert "total EUR 3720.62" in ask(book, "--paid", "2025-10-02")[1]
    code, words = ask(book, "--paid", "2026-07-01")
    assert code == 1
    assert "2026-07-01" in words
    assert "quittance rates load" in words
    code, words = ask(book, "--paid", "2024-07-01", "--debtor", "consumer")
    assert code == 1
    assert "--notice" in words
    for wrong in (("--agreed", "x"), ("--principal", "1.234"), ("--country", "US")):
        assert ask(book, "--paid", "2025-10-02", *wrong)[0] == 2


def test_loaded_rates_are_reckoned_with(runtime: Runtime, tmp_path: Path):
    file = tmp_path / "rates.csv"
    file.write_text(
        "series,from,until,percent,source,checked_on\n"
        "ecb_mro,2026-04-02,2026-12-31,2.40,ECB,2026-11-02\n"
    )
    question = ("--due", "2026-06-30", "--paid", "2026-07-10", "--json")

    def answer() -> dict[str, Any]:
        with runtime.reading(SYSTEM) as session:
            return json.loads(ask(rate_book(session, None), *question)[1])

    assert answer()["missing"]["day"] == "2026-07-01"
    assert command.load(runtime, file) == (0, ["1 rates, 1 new"])
    assert command.load(runtime, file) == (0, ["1 rates, 0 new"])
    assert [(one["rate"], one["days"]) for one in answer()["segments"]] == [("12.40", 10)]
    file.write_text("series,from,until,percent,source,checked_on\nlibor,x,x,x,,x\n")
    code, lines = command.load(runtime, file)
    assert code == 1
    assert "line 2: series: 'libor' is none of" in lines[0]


def test_a_file_of_rates_is_taken_whole_or_refused_with_every_fault_and_its_line(tmp_path: Path):
    head = "series,from,until,percent,source,checked_on\n"
    good = f"{head}ecb_mro,2026-04-02,2026-12-31,2.15,ECB,2026-11-02\n"

    assert read_rates(good) == [LATER]
    with pytest.raises(RatesRefused) as refused:
        read_rates(f"{good}libor,2026-13-01,x,1e9,,2026-11-02\necb_mro,2026-04-02\n")
    faults = refused.value.faults
    assert {fault.split(":")[0] for fault in faults} == {"line 3", "line 4"}
    assert len(faults) == 9
    with pytest.raises(RatesRefused, match="no column"):
        read_rates("series,from\necb_mro,2026-04-02\n")
    assert len({(one.series, one.first_day) for one in shipped_rates()}) == len(shipped_rates())

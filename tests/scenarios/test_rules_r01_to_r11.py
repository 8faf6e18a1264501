"""The rules that users' complaints taught, R-1 to R-11, each by its number.

Here each is held as it was asked for, most of them as pure decisions; what else follows from it
is tested where the subject is.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from receivables.database import Scope
from receivables.dunning.items import Item
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import decide, dunnable
from receivables.dunning.steps import DEFAULT
from receivables.ids import InstalmentId, InvoiceId
from receivables.interest.policies import Policy, set_policy
from receivables.interest.queries import ClaimState
from receivables.interest.tables import AfterPayment, Stance
from receivables.ledger.holds import Hold, HoldReason
from receivables.ledger.rules import invoice_status
from receivables.links.queries import ExpiredLink, LiveLink
from receivables.links.tables import PortalGrant
from receivables.money import Money
from receivables.payments.rules import (
    Part,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    check_choice,
)
from receivables.plans.folding import Instalment, Receipt, standing_of
from receivables.workdays import WEEKDAYS
from tests.receivables.test_interest_claiming import Lateness
from tests.receivables.test_links import Links
from tests.support.dunning import FRIDAY as DUE
from tests.support.dunning import Dunning
from tests.support.dunning_cases import FRIDAY, account, chf, item
from tests.support.dunning_life import Life
from tests.support.world import World

DAY = timedelta(days=1)


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


def test_r01_a_new_message_keeps_the_old_link_and_an_expired_one_tells_only_whom_it_paid(
    world: World,
) -> None:
    links = Links(world)
    first = links.token()
    second = links.token()
    assert first == second, "one grant a contact"
    assert isinstance(links.follow(first), LiveLink)

    world.clock.advance(timedelta(days=46))
    expired = links.follow(first)
    assert isinstance(expired, ExpiredLink)
    assert expired.supplier_name
    assert "anna@muster.example" not in (expired.masked_address, expired.supplier_name)

    before = len(world.mail)
    links.ask(expired)
    assert [one.to_address for one in world.mail[before:]] == ["anna@muster.example"]


def test_r02_following_a_link_changes_no_row_however_often_a_scanner_does(world: World) -> None:
    links = Links(world)
    token = links.token()

    def grants() -> list[dict[str, object]]:
        with world.runtime.reading(Scope(links.supplier_id)) as session:
            rows = session.execute(select(PortalGrant.__table__)).mappings()
            return [dict(row) for row in rows]

    before = grants()
    # `follow` reads in a transaction that cannot write.
    assert {type(links.follow(token)) for _ in range(20)} == {LiveLink}
    assert grants() == before


def test_r03_one_function_says_how_an_invoice_stands_for_every_page_and_message() -> None:
    paid_in_part = {"total": chf("100.00"), "outstanding": chf("40.00"), "processing": chf("0.00")}
    assert invoice_status(**paid_in_part, days=-3) == "partly_paid"  # type: ignore[arg-type]
    assert invoice_status(**paid_in_part, days=3) == "overdue"  # type: ignore[arg-type]

    paid_alone = {**paid_in_part, "outstanding": chf("0.00")}
    assert invoice_status(**paid_alone, days=3) == "paid"  # type: ignore[arg-type]

    root = Path(__file__).parents[2]
    asking = {
        file.relative_to(root).as_posix()
        for part in ("receivables", "portal", "backoffice")
        for file in (root / part).rglob("*.py")
        if "invoice_status(" in file.read_text()
    }
    assert "receivables/ledger/rules.py" in asking
    assert any(one.startswith("portal/") for one in asking), asking
    assert any(one.startswith("backoffice/") for one in asking), asking


amounts = st.integers(0, 10**7)


@given(st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=6))
def test_r04_one_amount_is_asked_for_outstanding_less_what_is_on_its_way_or_held(
    owed: list[tuple[int, int, int]],
) -> None:
    """The same amount in mail, portal, Stripe and ledger: test_four_amounts, on real books."""

    def one(place: int, outstanding: int, processing: int, contested: int) -> Item:
        held = Hold(
            invoice_id=InvoiceId(UUID(int=place)), reason=HoldReason.DISPUTED,
            amount=Money(contested, "CHF"),
        )  # fmt: skip
        return item(
            place, outstanding=Money(outstanding, "CHF"), processing=Money(processing, "CHF"),
            holds=(held,) if contested else (),
        )  # fmt: skip

    items = [one(place, *amount) for place, amount in enumerate(owed, 1)]
    verdict = decide(DEFAULT, account(*items), FRIDAY + 3 * DAY, calendar=WEEKDAYS)

    for each, (outstanding, processing, contested) in zip(items, owed, strict=True):
        left = max(0, outstanding - processing - min(contested, outstanding))
        assert dunnable(each).minor == left
    assert verdict.total == Money.total((dunnable(line.item) for line in verdict.lines), "CHF")


def test_r05_full_or_another_amount_from_the_minimum_up_to_what_is_open() -> None:
    invoice_id = InvoiceId(UUID(int=1))
    owed, least = {invoice_id: chf("90.00")}, chf("20.00")

    def pay(amount: str) -> Money:
        return check_choice([Part(invoice_id, chf(amount))], owed, least)

    assert (pay("90.00"), pay("20.00")) == (chf("90.00"), chf("20.00"))
    with pytest.raises(PaymentBelowMinimum):
        pay("19.99")
    with pytest.raises(PaymentExceedsOutstanding):
        pay("90.01")
    small = {invoice_id: chf("12.00")}
    assert check_choice([Part(invoice_id, chf("12.00"))], small, least) == chf("12.00"), "all of it"


def test_r06_instalments_are_the_due_items_while_a_plan_stands() -> None:
    ids = [InstalmentId(UUID(int=place)) for place in (1, 2, 3)]
    schedule = [
        Instalment(
            instalment_id=one, place=place, due_on=date(2026, place, 1), amount=chf("100.00")
        )
        for place, one in enumerate(ids, 1)
    ]
    paid = [
        Receipt(on=date(2026, 1, 1), amount=chf("100.00")),
        Receipt(on=date(2026, 2, 10), amount=chf("30.00")),
    ]

    standing = standing_of(schedule, paid, date(2026, 2, 15))

    assert [part.open for part in standing.parts] == [chf("0.00"), chf("70.00"), chf("100.00")]
    assert [part.instalment.instalment_id for part in standing.late] == [ids[1]], "not the total"
    on_plan = Hold(invoice_id=item().invoice_id, reason=HoldReason.ON_PLAN)
    verdict = decide(DEFAULT, account(item(holds=(on_plan,))), FRIDAY + 9 * DAY, calendar=WEEKDAYS)
    assert (verdict.step, verdict.reason) == (None, Reason.ON_PLAN)


def test_r07_one_message_a_run_however_many_invoices_at_however_many_levels() -> None:
    today = FRIDAY + 24 * DAY
    invoices = [item(place, due_on=today - days * DAY) for place, days in enumerate((3, 10, 24), 1)]
    life = Life(invoices, last_level=2)

    verdict = life.live(today)

    assert len(life.sent) == 1
    assert {line.item.number for line in verdict.lines} == {"2026-1", "2026-2", "2026-3"}
    assert life.live(today).step is None, "nor another, the same day"


def test_r08_what_a_message_says_and_carries_is_of_its_own_debtor_alone(dunning: Dunning) -> None:
    """Of fifty debtors: test_of_fifty_debtors_nobody_reads_about_another."""
    world = dunning.world
    for place in range(6):
        debtor_id = world.debtor(email=f"nr{place}@case.example", name=f"Case {place} SA")
        world.invoice(f"1{place}0.00 CHF", debtor_id=debtor_id, due_on=DUE, number=f"only-{place}-")
    dunning.run()
    world.clock.advance(timedelta(hours=1))
    world.run_jobs()

    assert len(world.mail) == 6
    for mail in world.mail:
        own = mail.to_address[2]
        said = mail.text + mail.html + mail.subject
        said += "".join(file.filename for file in mail.attachments)
        assert [place for place in range(6) if f"only-{place}-" in said] == [int(own)]
        assert len({file.content for file in mail.attachments}) == 1
    assert len({file.content for mail in world.mail for file in mail.attachments}) == 6


def test_r09_the_level_follows_from_items_history_and_date_not_from_earlier_runs() -> None:
    invoices = [item(1), item(2, due_on=FRIDAY + 4 * DAY), item(3, due_on=FRIDAY + 9 * DAY)]
    today = FRIDAY + 19 * DAY
    verdicts = {
        (verdict.step.name, verdict.step.level, verdict.total)
        for some in permutations(invoices)
        for verdict in [decide(DEFAULT, account(*some, last_level=1), today, calendar=WEEKDAYS)]
        if verdict.step is not None
    }
    assert len(verdicts) == 1

    # Days on which nothing is due may be left out: no timer runs from one run to the next.
    daily, seldom = Life(invoices), Life(invoices)
    daily.live_from(FRIDAY, 30)
    for day in sorted({day for day, *_ in (*daily.sent, *daily.tasks)}):
        seldom.live(day)
    assert seldom.sent == daily.sent
    assert len(daily.sent) >= 3

    # Nor does the oldest, once paid, take the others' level with it.
    left = account(*invoices[1:], last_level=1)
    verdict = decide(DEFAULT, left, today, calendar=WEEKDAYS)
    assert verdict.step is not None
    assert verdict.step.level == 2


def test_r10_what_is_paid_between_planning_and_sending_is_not_sent(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("100.00 CHF", debtor_id=debtor_id, due_on=DUE)
    assert dunning.run() == 1

    dunning.pay(debtor_id, "100.00 CHF")
    dunning.world.clock.advance(timedelta(hours=1))
    dunning.world.run_jobs()

    assert dunning.states() == [("skipped", "settled")]
    assert [mail for mail in dunning.world.mail if "reminder" in mail.message_id] == []


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        (AfterPayment.WAIVE, ClaimState.WAIVED),
        (AfterPayment.KEEP, ClaimState.CLAIMED),
        (AfterPayment.ASK, ClaimState.UNDECIDED),
    ],
)
def test_r11_interest_on_what_was_paid_late_is_waived_kept_or_asked_about_as_was_chosen(
    world: World, choice: AfterPayment, state: ClaimState
) -> None:
    late = Lateness(world)
    with late.changing() as session:
        policy = Policy(stance=Stance.CLAIM, after_payment=choice)
        set_policy(session, supplier_id=late.supplier_id, policy=policy, clock=world.clock)

    late.pay("3650.00 CHF", date(2026, 10, 10))

    assert late.found().state is state

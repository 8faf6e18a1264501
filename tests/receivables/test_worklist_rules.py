"""Which task comes first, whose it is, and when it is not to be seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from receivables.ids import DebtorId, StaffId
from receivables.money import Money
from receivables.worklist.rules import (
    Kind,
    Known,
    Mark,
    Placed,
    Show,
    Task,
    counted,
    in_order,
    placed,
    shown,
)
from tests.support.builders import money

TODAY = date(2026, 11, 2)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
ANNE, BEN = StaffId(UUID(int=1)), StaffId(UUID(int=2))
DUBOIS, MUSTER = DebtorId(UUID(int=11)), DebtorId(UUID(int=12))


def task(number: int = 1, **given: object) -> Task:
    values: dict[str, object] = {
        "kind": Kind.CALL, "subject_id": UUID(int=100 + number), "debtor_id": DUBOIS,
        "since": datetime(2026, 11, 1, 8, tzinfo=UTC),
    }  # fmt: skip
    return Task(**{**values, **given})  # type: ignore[arg-type]


def known(**given: object) -> Known:
    values: dict[str, object] = {
        "marks": {}, "owed": {DUBOIS: (money("100.00 CHF"),)}, "owners": {},
        "staff": frozenset({ANNE, BEN}),
    }  # fmt: skip
    return Known(**{**values, **given})  # type: ignore[arg-type]


def only(one: Task, **given: object) -> Placed:
    (found,) = placed([one], known(**given), TODAY)
    return found


def test_a_task_is_worth_what_it_is_about_or_else_what_its_debtor_owes() -> None:
    assert only(task()).at_risk == (money("100.00 CHF"),)
    assert only(task(matter=(money("7.00 CHF"),))).at_risk == (money("7.00 CHF"),)
    assert only(task(debtor_id=MUSTER)).at_risk == ()


def test_what_is_about_a_debt_is_gone_with_the_debt() -> None:
    about = task(only_if_owing=True)

    assert placed([about], known(), TODAY)
    assert not placed([about], known(owed={}), TODAY)
    assert placed([task()], known(owed={}), TODAY)


def test_money_comes_first_then_what_is_late_then_what_is_due() -> None:
    large = task(1, matter=(money("900.00 CHF"),))
    late = task(2, matter=(money("500.00 CHF"),), due_on=YESTERDAY)
    soon = task(3, matter=(money("500.00 CHF"),), due_on=TODAY)
    some_day = task(4, matter=(money("500.00 CHF"),))
    elsewhere = task(5, matter=(money("9999.00 EUR"),))
    nothing = task(6, debtor_id=None)
    all_of_them = [nothing, soon, elsewhere, some_day, large, late]

    found = in_order(placed(all_of_them, known(), TODAY), "CHF")

    assert [one.task for one in found] == [large, late, soon, some_day, elsewhere, nothing]
    assert [one.is_overdue for one in found[:3]] == [False, True, False]


_TASKS = st.lists(
    st.builds(
        task,
        st.integers(1, 40),
        kind=st.sampled_from(Kind),
        matter=st.lists(
            st.builds(Money, st.integers(1, 10_000), st.sampled_from(["CHF", "EUR"])), max_size=2
        ).map(tuple),
        due_on=st.sampled_from([None, YESTERDAY, TODAY, TOMORROW]),
        since=st.sampled_from([None, datetime(2026, 10, 1, tzinfo=UTC)]),
    ),
    max_size=12,
    unique_by=lambda one: one.key,
)


@given(_TASKS, st.randoms(use_true_random=False))
def test_the_order_is_one_however_the_sources_are_asked(tasks: list[Task], chance: object) -> None:
    shuffled = list(tasks)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    def ordered(some: list[Task]) -> list[Placed]:
        return in_order(placed(some, known(), TODAY), "CHF")

    assert ordered(tasks) == ordered(shuffled)
    own = [
        sum(one.minor for one in found.at_risk if one.currency == "CHF") for found in ordered(tasks)
    ]
    assert own == sorted(own, reverse=True)


def test_done_holds_for_the_occasion_and_a_new_one_is_a_new_task() -> None:
    done = {task().key: Mark(episode="first", is_done=True)}

    assert not placed([task(episode="first")], known(marks=done), TODAY)
    assert placed([task(episode="second")], known(marks=done), TODAY)


def test_whoever_took_it_has_it_before_whose_it_is_and_who_looks_after_the_debtor() -> None:
    taken = {task().key: Mark(episode="", taken_by=ANNE)}
    owners = {DUBOIS: BEN}

    assert only(task()).assigned_to is None
    assert only(task(), owners=owners).assigned_to == BEN
    assert only(task(staff_id=ANNE), owners=owners).assigned_to == ANNE
    assert only(task(staff_id=BEN), marks=taken).assigned_to == ANNE
    assert only(task(), marks=taken, owners=owners).is_taken
    stale = only(task(episode="another"), marks=taken, owners=owners)
    assert (stale.assigned_to, stale.is_taken) == (BEN, False)


def test_what_somebody_had_who_left_is_nobodys() -> None:
    taken = {task().key: Mark(episode="", taken_by=ANNE)}
    found = only(task(staff_id=ANNE), marks=taken, owners={DUBOIS: ANNE}, staff=frozenset({BEN}))

    assert (found.assigned_to, found.is_taken) == (None, False)


def test_what_was_put_off_is_in_a_list_of_its_own_until_its_day() -> None:
    def lists(one: Task, **given: object) -> list[Show]:
        found = placed([one], known(**given), TODAY)
        shows: tuple[Show, ...] = ("mine", "all", "later")
        return [show for show in shows if shown(found, show, ANNE)]

    until = {task().key: Mark(episode="", put_off_until=TOMORROW, put_off_why="They are away.")}
    over = {task().key: Mark(episode="", put_off_until=TODAY, put_off_why="They are away.")}

    assert lists(task(), marks=until) == ["later"]
    assert only(task(), marks=until).put_off_why == "They are away."
    assert lists(task(), marks=over) == ["mine", "all"]
    assert lists(task(not_before=TOMORROW)) == ["later"]
    assert lists(task(not_before=TODAY)) == ["mine", "all"]
    assert lists(task(staff_id=BEN)) == ["all"]
    assert lists(task(staff_id=BEN), marks=until) == ["later"]


def test_kinds_are_counted() -> None:
    tasks = [task(1), task(2), task(3, kind=Kind.OWN)]

    assert counted(placed(tasks, known(), TODAY)) == {Kind.CALL: 2, Kind.OWN: 1}

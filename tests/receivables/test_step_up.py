"""A code by mail: good once, for ten minutes, for five tries, in one visit."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, text

from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, StepUpId, VisitId
from receivables.links import step_up, tasks
from receivables.links.actions import grant_for, revoke
from receivables.links.queries import Access, access_of
from receivables.links.step_up import (
    CODE_LASTS,
    CONFIRMED_FOR,
    MOST_CODES,
    MOST_TRIES,
    Outcome,
    TooManyCodes,
    code_of,
    read_code,
)
from receivables.links.tables import StepUp
from receivables.parties.queries import contacts
from receivables.ports import MailDeferred, MailMessage, MailRefused
from tests.support.world import World

assert tasks  # imported for its actors

SECRETS = ["s" * 32]


class Visitor:
    """One browser with a debtor's link, and the mailbox behind it."""

    def __init__(self, world: World, debtor_id: DebtorId | None = None) -> None:
        self.world = world
        self.visit_id = VisitId(uuid4())
        debtor_id = debtor_id or world.debtor(email="anne@dubois.example", country="GB")
        assert world.supplier_id is not None
        self.scope = Scope(world.supplier_id)
        links = world.runtime.settings.links
        with world.runtime.transaction(self.scope) as session:
            contact = contacts(session, world.supplier_id, debtor_id)[0]
            grant_id = grant_for(
                session, world.supplier_id, contact.id, lifetime=links.lifetime, clock=world.clock
            )
        with world.runtime.reading(self.scope) as session:
            access = access_of(session, world.supplier_id, grant_id, now=world.clock.now())
        assert access is not None
        self.access: Access = access

    def ask(self) -> StepUpId:
        with self.world.runtime.transaction(self.scope) as session:
            asked = step_up.ask_code(session, self.access, self.visit_id, clock=self.world.clock)
        self.world.run_jobs()
        return asked

    def code(self) -> str:
        return code_in(self.world.mail[-1])

    def type(self, code: str) -> Outcome:
        with self.world.runtime.transaction(self.scope) as session:
            return step_up.confirm(
                session,
                self.access,
                self.visit_id,
                code,
                secrets=self.world.runtime.settings.links.secrets,
                clock=self.world.clock,
            )

    def is_confirmed(self, visit_id: VisitId | None) -> bool:
        assert visit_id is not None
        with self.world.runtime.reading(self.scope) as session:
            return step_up.is_confirmed(
                session,
                self.access.supplier_id,
                self.access.grant_id,
                visit_id,
                now=self.world.clock.now(),
            )


def code_in(message: MailMessage) -> str:
    found = re.search(r"\b(\d{4}) (\d{4})\b", message.text)
    assert found, message.text
    return found[1] + found[2]


def another(code: str) -> str:
    """A code that is wrong."""
    return f"{(int(code) + 1) % 10**8:08}"


@pytest.fixture
def visitor(world: World) -> Visitor:
    return Visitor(world)


@given(st.uuids(version=4))
def test_a_code_is_eight_digits_and_the_same_each_time(step_up_id):
    code = code_of(StepUpId(step_up_id), SECRETS)

    assert re.fullmatch(r"\d{8}", code, re.ASCII)
    assert code == code_of(StepUpId(step_up_id), [*SECRETS, "another"])
    assert read_code(step_up.grouped(code)) == code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12345678", "12345678"), (" 1234 5678 ", "12345678"), ("1234-5678", "12345678"),
        ("1234\u00a05678", "12345678"), ("1234567", None), ("123456789", None), ("", None),
        ("1234567a", None), ("１２３４５６７８", None), ("+1234567", None),
    ],
)  # fmt: skip
def test_a_code_is_read_in_whatever_groups_it_is_typed(typed: str, read: str | None):
    assert read_code(typed) == read


def test_the_right_code_confirms_the_visit_under_a_new_name(visitor: Visitor):
    visitor.ask()

    outcome = visitor.type(visitor.code())

    assert outcome.result == "confirmed"
    assert visitor.is_confirmed(outcome.visit_id)
    assert not visitor.is_confirmed(visitor.visit_id), "an older copy of the cookie is worth less"


def test_the_mail_goes_to_the_registered_address_and_keeps_the_code_out_of_its_subject(
    visitor: Visitor,
):
    asked = visitor.ask()

    (message,) = visitor.world.mail
    assert message.to_address == "anne@dubois.example"
    assert message.message_id.startswith(f"code-{asked}@")
    assert not re.search(r"\d{4}", message.subject)
    assert step_up.grouped(code_in(message)) in message.html


def test_a_code_is_good_once(visitor: Visitor):
    visitor.ask()
    code = visitor.code()
    visitor.type(code)

    assert visitor.type(code) == Outcome("over")


def test_a_code_is_good_for_ten_minutes(visitor: Visitor):
    visitor.ask()
    visitor.world.clock.advance(CODE_LASTS)

    assert visitor.type(visitor.code()) == Outcome("over")


def test_a_code_is_good_for_five_tries(visitor: Visitor):
    visitor.ask()
    code = visitor.code()

    left = [visitor.type(another(code)).tries_left for _ in range(MOST_TRIES)]

    assert left == [4, 3, 2, 1, 0]
    assert visitor.type(code) == Outcome("over")


def test_the_fifth_wrong_try_is_the_fifth_and_the_fifth_right_one_still_counts(visitor: Visitor):
    visitor.ask()
    code = visitor.code()
    for _ in range(MOST_TRIES - 1):
        visitor.type(another(code))

    assert visitor.type(code).result == "confirmed"


def test_a_code_is_good_in_the_browser_that_asked_and_in_no_other(visitor: Visitor):
    visitor.ask()
    thief = Visitor(visitor.world, visitor.access.debtor_id)
    assert thief.access.grant_id == visitor.access.grant_id, "the same link, forwarded"

    assert thief.type(visitor.code()) == Outcome("over")
    assert visitor.type(visitor.code()).result == "confirmed"


def test_a_code_is_good_for_the_grant_that_asked_and_for_no_other(world: World, visitor: Visitor):
    visitor.ask()
    other = Visitor(world, world.debtor())
    other.visit_id = visitor.visit_id

    assert other.type(visitor.code()) == Outcome("over")


def test_a_second_code_ends_the_first(visitor: Visitor):
    visitor.ask()
    first = visitor.code()
    visitor.world.clock.advance(timedelta(minutes=1))
    visitor.ask()

    assert visitor.type(first).result == "wrong"
    assert visitor.type(visitor.code()).result == "confirmed"


def test_a_visit_counts_as_confirmed_for_a_quarter_of_an_hour(visitor: Visitor):
    visitor.ask()
    outcome = visitor.type(visitor.code())
    visitor.world.clock.advance(CONFIRMED_FOR - timedelta(seconds=1))
    assert visitor.is_confirmed(outcome.visit_id)

    visitor.world.clock.advance(timedelta(seconds=1))

    assert not visitor.is_confirmed(outcome.visit_id)


def test_five_codes_an_hour_are_sent_and_no_sixth(visitor: Visitor):
    for _ in range(MOST_CODES):
        visitor.ask()
        visitor.world.clock.advance(timedelta(minutes=10))

    with pytest.raises(TooManyCodes) as refused:
        visitor.ask()
    assert refused.value.again_at == visitor.world.clock.now() + timedelta(minutes=10)
    assert len(visitor.world.mail) == MOST_CODES

    visitor.world.clock.advance(timedelta(minutes=10))
    visitor.ask()
    assert len(visitor.world.mail) == MOST_CODES + 1


def test_a_mail_server_that_is_away_is_tried_again_with_the_same_message(visitor: Visitor):
    world = visitor.world
    world.runtime.mailer.answers.append(MailDeferred(None, "away"))  # type: ignore[attr-defined]
    asked = visitor.ask()
    assert world.mail == []

    world.clock.advance(timedelta(seconds=30))
    world.run_jobs()

    assert [message.message_id.split("@")[0] for message in world.mail] == [f"code-{asked}"]
    assert visitor.type(visitor.code()).result == "confirmed"


def test_a_code_that_is_good_no_longer_is_not_sent(visitor: Visitor):
    world = visitor.world
    world.runtime.mailer.answers.append(MailDeferred(None, "away"))  # type: ignore[attr-defined]
    visitor.ask()

    world.clock.advance(CODE_LASTS)
    world.run_jobs()

    assert world.mail == []


def test_an_address_that_does_not_exist_is_marked(visitor: Visitor):
    world = visitor.world
    refusal = MailRefused(550, "no such user", address_is_dead=True)
    world.runtime.mailer.answers.append(refusal)  # type: ignore[attr-defined]
    visitor.ask()

    with world.runtime.reading(visitor.scope) as session:
        (contact,) = contacts(session, visitor.access.supplier_id, visitor.access.debtor_id)
    assert contact.bounced_at is not None


def test_nothing_is_sent_through_a_link_that_was_closed(visitor: Visitor):
    world, access = visitor.world, visitor.access
    with world.runtime.transaction(visitor.scope) as session:
        step_up.ask_code(session, access, visitor.visit_id, clock=world.clock)
        revoke(session, access.supplier_id, access.grant_id, clock=world.clock)
    world.run_jobs()

    assert world.mail == []


def test_what_is_stored_does_not_open_anything(visitor: Visitor):
    visitor.ask()
    code = visitor.code()
    visitor.type(another(code))
    visitor.type(code)

    with visitor.world.runtime.reading(SYSTEM) as session:
        for table in ("step_ups", "events", "jobs"):
            rows = session.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert rows
            assert not [row for row in rows if code in str(row)], table


def test_a_guesser_is_told_of_to_the_supplier_once(visitor: Visitor):
    visitor.ask()
    for _ in range(MOST_TRIES + 2):
        visitor.type(another(visitor.code()))

    with visitor.world.runtime.reading(SYSTEM) as session:
        found = "SELECT count(*) FROM events WHERE kind = 'link.wrong_codes'"
        assert session.scalar(text(found)) == 1


def test_what_limits_nothing_any_more_is_forgotten(visitor: Visitor):
    visitor.ask()
    visitor.world.fire_schedules()
    visitor.world.clock.advance(step_up.KEPT_FOR + timedelta(days=1))
    visitor.world.fire_schedules()
    visitor.world.run_jobs()

    with visitor.world.runtime.reading(SYSTEM) as session:
        assert session.scalars(select(StepUp)).all() == []


TYPING_AT_ONCE = 20


def type_at_once(visitor: Visitor) -> list[str]:
    """Twenty requests with the right code at the same moment, as far as they could be."""
    code, results = visitor.code(), []
    barrier = threading.Barrier(TYPING_AT_ONCE)

    def run() -> None:
        barrier.wait()
        results.append(visitor.type(code).result)

    threads = [threading.Thread(target=run) for _ in range(TYPING_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_twenty_at_once_with_the_right_code_one_is_confirmed(visitor: Visitor):
    visitor.ask()

    results = type_at_once(visitor)

    assert sorted(results) == ["confirmed"] + ["over"] * (TYPING_AT_ONCE - 1)


@pytest.mark.postgresql
def test_without_the_lock_the_same_race_confirms_several(visitor: Visitor):
    """The control: if this fails, the test above proves nothing."""

    def without_lock(_connection, _cursor, statement, parameters, _context, _many):
        if "FROM step_ups" in statement:
            statement = statement.replace("FOR UPDATE", "")
        return statement, parameters

    engine = visitor.world.runtime.database.engine
    event.listen(engine, "before_cursor_execute", without_lock, retval=True)
    try:
        for _ in range(20):
            visitor.ask()
            visitor.world.clock.advance(timedelta(hours=1))
            visitor.ask()
            if type_at_once(visitor).count("confirmed") > 1:
                return
            visitor.world.clock.advance(timedelta(hours=1))
    finally:
        event.remove(engine, "before_cursor_execute", without_lock)
    raise AssertionError("the race never happened")

"""PostgreSQL alone keeps suppliers apart, with every filter of the application left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Table,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from monitoring.tables import Delivery, FeedState, FeedSubject, PushSend
from receivables.bank.matching_tables import BankPayer
from receivables.collection import actions as collection
from receivables.collection.making import make
from receivables.database import SYSTEM, Scope
from receivables.disputes.actions import set_policy as set_dispute_policy
from receivables.disputes.actions import take_over
from receivables.disputes.tables import DisputeNotice
from receivables.guards import APPEND_ONLY, SYSTEM_ONLY, tenant_column
from receivables.ids import DebtorId, DisputeId, InvoiceId, new_id
from receivables.interest.loading import add_rate
from receivables.interest.policies import Policy as InterestPolicy
from receivables.interest.policies import agree_rate, decide
from receivables.interest.policies import set_policy as set_interest_policy
from receivables.interest.rates import shipped_rates
from receivables.invoices.tables import Invoice
from receivables.links.tables import StepUp
from receivables.payments.return_tables import Chargeback
from receivables.payments.tables import StripeEvent
from receivables.plans.policies import policy_of
from receivables.plans.policies import set_policy as set_plan_policy
from receivables.plans.tables import PlanConsent
from receivables.worklist import actions as worklist
from receivables.worklist.queries import asked_of, find
from receivables.worklist.rules import Key, Kind
from tests.security.later import furnish_the_later
from tests.security.town import METADATA, Town
from tests.support.builders import money
from tests.support.office import Office

pytestmark = pytest.mark.postgresql

TENANT = [table for table in METADATA.sorted_tables if tenant_column(table)]


def of(table: Table) -> Column[UUID]:
    column = tenant_column(table)
    assert column is not None
    return table.columns[column]


@contextmanager
def as_application(town: Town, supplier_id: UUID | None) -> Iterator[Connection]:
    """A bare transaction of the application's role; nothing of it is kept."""
    engine = create_engine(
        town.runtime.settings.database.url.replace("postgresql:", "postgresql+psycopg:")
    )
    try:
        with engine.connect() as connection, connection.begin() as begun:
            if supplier_id is not None:
                connection.execute(
                    text("SELECT set_config('app.supplier', :one, true)"), {"one": str(supplier_id)}
                )
            yield connection
            begun.rollback()
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def full(town: Town) -> Town:
    """A town of which no table is empty: also what only happens later, or elsewhere."""
    now = town.near.world.clock.now()
    for office in (town.near, town.far):
        with office.signed_in():
            pass
        mine = {"supplier_id": office.supplier_id}
        with town.runtime.transaction(Scope(office.supplier_id)) as session:
            session.add(FeedState(**mine, feed="bureau", cursor="1", last_error=""))
            session.add(
                FeedSubject(**mine, feed="bureau", debtor_id=office.ids["debtor"], asked_at=now)
            )
            session.add(
                PushSend(
                    **mine,
                    delivery_id=session.scalars(select(Delivery.id).limit(1)).one(),
                    subscription_id=office.ids["subscription"],
                    state="pending",
                    attempts=0,
                    reason="",
                    due_at=now,
                )
            )
            session.add(
                StripeEvent(
                    **mine, account="", id=f"evt_{office.supplier_id}", kind="x", object_id="x",
                    api_version="x", livemode=False, body={}, received_at=now, state="applied",
                    reason="", tries=0,
                )
            )  # fmt: skip
            _what_happens_later(session, office, now)
            _what_staff_do(session, office)
            furnish_the_later(session, office)
        _collect(office)
    return town


def _what_happens_later(session: Session, office: Office, now: datetime) -> None:
    """Terms of their own, a chargeback, a consent, a code, a dispute that was looked into."""
    supplier_id, clock, ids = office.supplier_id, office.world.clock, office.ids
    mine = {"supplier_id": supplier_id}
    set_dispute_policy(session, supplier_id, delay_days=30)
    terms = replace(policy_of(session, supplier_id), cure_days=9)
    set_plan_policy(session, supplier_id=supplier_id, policy=terms, clock=clock)
    _choose_about_interest(session, office)
    dispute_id = DisputeId(ids["dispute"])
    take_over(session, supplier_id, dispute_id, office.collector, clock=clock)
    session.add(DisputeNotice(**mine, dispute_id=dispute_id, key="80 %", at=now))
    debtor_id = DebtorId(ids["debtor"])
    session.add(BankPayer(**mine, kind="name", value="dubois", debtor_id=debtor_id, created_at=now))
    session.add(
        Chargeback(
            **mine, id=new_id(), payment_id=ids["payment"], amount=money("1.00 CHF"),
            state="inquiry", state_since=now, money="with_us", reason="general",
            stripe_dispute_id=f"du_{supplier_id.hex}", opened_at=now,
        )
    )  # fmt: skip
    session.add(
        PlanConsent(
            **mine, id=new_id(), plan_id=ids["plan"], contact_id=ids["contact"], text="I agree.",
            text_hash="0" * 64, version="1", locale="fr_CH", address="192.0.2.7",
            user_agent="Firefox", schedule={}, agreed_at=now,
        )
    )  # fmt: skip
    session.add(
        StepUp(
            **mine, id=new_id(), grant_id=ids["grant"], contact_id=ids["contact"],
            visit_id=new_id(), requested_at=now, expires_at=now + timedelta(minutes=10), tries=0,
        )
    )  # fmt: skip


def _what_staff_do(session: Session, office: Office) -> None:
    """A task that is taken, one of somebody's own, and a debtor who is looked after."""
    supplier_id, clock = office.supplier_id, office.world.clock
    whose: dict[str, Any] = {
        "supplier_id": supplier_id, "debtor_id": DebtorId(office.ids["debtor"]),
        "staff_id": office.collector, "clock": clock,
    }  # fmt: skip
    worklist.set_owner(session, **whose)
    today = clock.now().date()
    worklist.set_own_task(session, **whose, text="Ask Bob.", due_on=today)
    key = Key(Kind.PLAN, office.ids["plan"])
    task = find(session, asked_of(session, supplier_id, clock=clock), key)
    worklist.take(session, supplier_id, task, staff_id=office.collector, clock=clock)


def _collect(office: Office) -> None:
    """A collection file, and an invoice that was handed over with it."""
    scope, clock = Scope(office.supplier_id), office.world.clock
    whose: dict[str, Any] = {
        "supplier_id": office.supplier_id, "debtor_id": DebtorId(office.ids["debtor"]),
        "clock": clock,
    }  # fmt: skip
    with office.runtime.transaction(scope) as session:
        collection.hand_over(
            session, **whose, invoice_ids=[InvoiceId(office.ids["invoice"])], recipient="Inkasso"
        )
        file_id, _by_job = collection.ask_for(session, **whose, language="de")
    made = make(office.runtime, office.supplier_id, file_id)
    with office.runtime.transaction(scope) as session:
        collection.conclude(session, office.supplier_id, file_id, made, clock=clock)


def _choose_about_interest(session: Session, office: Office) -> None:
    whose: dict[str, Any] = {"supplier_id": office.supplier_id, "clock": office.world.clock}
    set_interest_policy(session, policy=InterestPolicy(agreed=Decimal(7)), **whose)
    invoice_id = session.scalars(
        select(Invoice.id).where(Invoice.supplier_id == office.supplier_id).limit(1)
    ).one()
    agree_rate(session, debtor_id=DebtorId(office.ids["debtor"]), percent=Decimal(6), **whose)
    decide(session, invoice_id=invoice_id, keep=True, by="system", **whose)
    add_rate(session, rate=shipped_rates()[0], by="system", **whose)


def test_only_the_calendar_of_the_installation_is_nobodys(town: Town) -> None:
    free = {table.name for table in METADATA.sorted_tables if not tenant_column(table)}
    assert free == set(SYSTEM_ONLY)


def test_every_table_of_a_supplier_holds_something_of_both(full: Town) -> None:
    """Or the tests below would prove nothing about it."""
    with full.runtime.reading(SYSTEM) as session:
        for table in TENANT:
            whose = set(session.scalars(select(of(table)).distinct()))
            assert {full.near.supplier_id, full.far.supplier_id} <= whose, table.name


def test_a_supplier_sees_its_own_rows_alone(full: Town) -> None:
    near, far = full.near.supplier_id, full.far.supplier_id
    with as_application(full, near) as connection:
        for table in TENANT:
            whose = set(connection.scalars(select(of(table)).distinct()))
            assert whose <= {near}, table.name
            theirs = select(func.count()).select_from(table).where(of(table) == far)
            assert connection.scalar(theirs) == 0, table.name


def test_without_a_supplier_there_is_nothing(full: Town) -> None:
    with as_application(full, None) as connection:
        for table in TENANT:
            assert connection.scalar(select(func.count()).select_from(table)) == 0, table.name


@pytest.mark.parametrize("scope", ["", "' OR true --", "00000000-0000-0000-0000-000000000000"])
def test_a_scope_that_is_nobodys_opens_nothing(town: Town, scope: str) -> None:
    with as_application(town, None) as connection:
        connection.execute(text("SELECT set_config('app.supplier', :one, true)"), {"one": scope})
        try:
            seen = connection.scalar(text("SELECT count(*) FROM debtors"))
        except DBAPIError:  # not an id at all
            return
        assert seen == 0


def test_a_supplier_changes_and_deletes_nothing_of_anothers(full: Town) -> None:
    near, far = full.near.supplier_id, full.far.supplier_id
    before = full.contents()
    for table in TENANT:
        theirs = of(table) == far
        for attempt in (
            update(table).where(theirs).values({of(table): near}),
            delete(table).where(theirs),
        ):
            with as_application(full, near) as connection:
                try:
                    done = connection.execute(attempt)
                except ProgrammingError:  # no such right at all
                    assert table.name in APPEND_ONLY, table.name
                    continue
                assert done.rowcount == 0, (table.name, str(attempt))
    assert full.contents() == before


def test_a_supplier_puts_nothing_into_anothers_books(full: Town) -> None:
    """A copy of its own row in the other's name, and its own row given away."""
    near, far = full.near.supplier_id, full.far.supplier_id
    for table in TENANT:
        with as_application(full, near) as connection:
            row = connection.execute(select(table).limit(1)).mappings().one()
            with pytest.raises(ProgrammingError, match="row-level security"):
                connection.execute(insert(table).values({**row, of(table).name: far}))
        if table.name in APPEND_ONLY or table.name == "suppliers":
            continue
        with (
            as_application(full, near) as connection,
            pytest.raises(ProgrammingError, match="row-level security"),
        ):
            connection.execute(update(table).values({of(table).name: far}))


def test_nothing_of_a_scope_is_left_for_the_next_transaction(town: Town) -> None:
    """The pool hands one connection to many."""
    database = town.runtime.database
    for _ in range(3):
        with database.transaction(Scope(town.near.supplier_id)) as session:
            session.execute(text("SELECT 1"))
    with database.engine.connect() as connection:
        left = connection.scalar(text("SELECT current_setting('app.supplier', true)"))
        assert not left
        assert connection.scalar(text("SELECT count(*) FROM debtors")) == 0


def test_a_reading_transaction_cannot_write(town: Town) -> None:
    with (
        town.runtime.database.reading(Scope(town.near.supplier_id)) as session,
        pytest.raises(DBAPIError, match="read-only"),
    ):
        session.execute(text("UPDATE debtors SET name = name"))


def test_every_table_of_a_supplier_is_under_forced_row_security(town: Town) -> None:
    with as_application(town, None) as connection:
        forced = {
            row.relname
            for row in connection.execute(
                text(
                    "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
                    " WHERE relrowsecurity AND relforcerowsecurity AND polcmd = '*'"
                    " AND polpermissive AND polqual IS NOT NULL AND polwithcheck IS NOT NULL"
                )
            )
        }
    assert forced == {table.name for table in TENANT}


def test_the_applications_role_is_nobody_special(town: Town) -> None:
    with as_application(town, None) as connection:
        role = connection.execute(
            text(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
                " FROM pg_roles WHERE rolname = current_user"
            )
        ).one()
        owned = connection.scalar(
            text(
                "SELECT count(*) FROM pg_class JOIN pg_roles ON relowner = pg_roles.oid"
                " WHERE rolname = current_user"
            )
        )
        member_of = connection.scalar(
            text(
                "SELECT count(*) FROM pg_auth_members JOIN pg_roles ON member = pg_roles.oid"
                " WHERE rolname = current_user"
            )
        )
    assert not any(role)
    assert owned == 0
    assert member_of == 0


def test_rows_of_two_suppliers_cannot_be_joined_by_a_key(town: Town) -> None:
    """Row-level security does not look at foreign keys: each carries the supplier itself."""
    for table in TENANT:
        for key in table.foreign_key_constraints:
            target = key.referred_table
            if target.name == "suppliers" or tenant_column(target) is None:
                continue
            pairs = {(one.parent.name, one.column.name) for one in key.elements}
            assert ("supplier_id", "supplier_id") in pairs, f"{table.name}: {key.name}"

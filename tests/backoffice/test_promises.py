"""Promises, what is said to be paid, and changes of contacts, as staff meet them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from receivables.parties import contacts
from receivables.parties.proposals import proposals
from receivables.parties.queries import contacts as people_of
from receivables.parties.queries import debtor as debtor_of
from receivables.promises.rules import ClaimState, PromiseState
from tests.support.browsing import text_of
from tests.support.builders import money
from tests.support.faces import Browser, backoffice_client
from tests.support.promises import Promises
from tests.support.world import World


@pytest.fixture
def given(world: World) -> Promises:
    return Promises(world)


@pytest.fixture
def office(world: World, given: Promises) -> Iterator[Browser]:
    with backoffice_client(world.runtime, world.staff(role="collector")) as opened:
        yield opened


@pytest.fixture
def reader(world: World, given: Promises) -> Iterator[Browser]:
    with backoffice_client(world.runtime, world.staff(role="reader")) as opened:
        yield opened


@pytest.fixture
def debtor(world: World, given: Promises):
    return world.debtor(country="GB", language="en", name="Bakers Ltd", email="anne@bakers.example")


@pytest.fixture
def invoice(world: World, debtor):
    return world.invoice("1500.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-10)


def test_staff_see_what_is_promised_and_what_is_at_risk(
    given: Promises, office: Browser, debtor, invoice
):
    given.promise(debtor, invoice, on=date(2026, 11, 5))
    hasty = given.world.debtor(name="Candle Ltd")
    soon = given.world.invoice("90.00 CHF", debtor_id=hasty, due_in_days=-1)
    given.promise(hasty, soon, on=date(2026, 11, 3))

    everything = text_of(office.get("/promises"))
    at_risk = text_of(office.get("/promises?show=at_risk"))

    assert "Bakers Ltd" in everything
    assert "at risk" in everything
    assert "Candle Ltd" in at_risk
    assert "Bakers Ltd" not in at_risk
    assert "Bakers Ltd" in text_of(office.get("/promises?show=all"))
    assert "Bakers Ltd" not in text_of(office.get("/promises?show=kept"))


def test_a_broken_promise_over_a_thousand_waits_for_a_person(given: Promises, debtor, invoice):
    world = given.world
    world.fire_schedules()
    promised = given.promise(debtor, invoice, on=date(2026, 11, 4))
    world.clock.advance(timedelta(days=6))
    world.fire_schedules()
    world.run_jobs()

    with backoffice_client(world.runtime, world.staff()) as office:
        assert "Bakers Ltd" in text_of(office.get("/promises?show=to_call"))
        done = office.submit(f"/promises/{promised}/dealt-with", page="/promises?show=to_call")
        assert done.status_code == 303
        assert "Bakers Ltd" not in text_of(office.get("/promises?show=to_call"))
        assert "Bakers Ltd" in text_of(office.get("/promises?show=broken"))


def test_staff_note_what_was_promised_on_the_telephone(
    given: Promises, office: Browser, debtor, invoice
):
    page = f"/debtors/{debtor}/promise"
    form = {
        "currency": "CHF", "invoice": "A-1", "amount": "", "day": "2026-12-20", "source": "call",
        "note": "Called, will pay <b>soon</b>",
    }  # fmt: skip

    assert office.submit(page, form, page=page).status_code == 303

    listed = office.get("/promises")
    assert "by telephone" in text_of(listed)
    assert "<b>soon" not in listed.text
    given.world.run_jobs()
    assert given.world.mail[-1].to_address == "anne@bakers.example"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"day": ""}, "Please choose a day"),
        ({"day": "2027-06-01"}, "is the last day"),
        ({"day": "2026-11-01"}, "has passed"),
        ({"amount": "x"}, "an amount in figures"),
        ({"amount": "1500.01"}, "at most"),
        ({"invoice": "S-9"}, "at least one invoice"),
    ],
)
def test_what_staff_cannot_note_is_said_in_the_form(
    typed: dict[str, str], words: str, office: Browser, debtor, invoice
):
    page = f"/debtors/{debtor}/promise"
    sound = {"currency": "CHF", "invoice": "A-1", "day": "2026-11-20"}

    answer = office.submit(page, {**sound, **typed}, page=page)

    assert answer.status_code == 422
    assert words in text_of(answer)


def test_staff_take_a_promise_back(given: Promises, office: Browser, debtor, invoice):
    promised = given.promise(debtor, invoice)

    office.submit(f"/promises/{promised}/cancel", page="/promises")

    assert given.view(promised).state is PromiseState.CANCELLED
    assert office.submit(f"/promises/{promised}/cancel", page="/promises").status_code == 404


def test_staff_find_the_money_and_book_it(given: Promises, office: Browser, debtor, invoice):
    claimed = given.claim(debtor, invoice, amount="1500.00 CHF")
    assert "Bakers Ltd" in text_of(office.get("/said-to-be-paid"))
    page = f"/said-to-be-paid/{claimed}"
    assert "E-BANKING 4711" in office.get(page).text

    form = {"amount": "1'500.00", "day": "2026-11-02", "reference": "CAMT 1"}
    assert office.submit(f"{page}/match", form, page=page).status_code == 303

    assert given.world.outstanding(invoice) == money("0.00 CHF")
    assert "Nothing to look for" in text_of(office.get("/said-to-be-paid"))
    again = office.submit(f"{page}/match", form, page="/said-to-be-paid")
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount": "x"}, "an amount in figures"),
        ({"amount": "1500.01"}, "at most"),
        ({"day": "2026-11-03"}, "within the last year"),
        ({"day": ""}, "within the last year"),
        ({"reference": ""}, "give a reference"),
        ({"reference": "BOOKED"}, "is booked on one of these invoices already"),
    ],
)
def test_what_cannot_be_booked_is_said_in_the_form(
    typed: dict[str, str], words: str, given: Promises, office: Browser, debtor, invoice
):
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")
    given.transfer(debtor, invoice, "100.00 CHF", reference="BOOKED")
    page = f"/said-to-be-paid/{claimed}"
    sound = {"amount": "500.00", "day": "2026-11-02", "reference": "CAMT 1"}

    answer = office.submit(f"{page}/match", {**sound, **typed}, page=page)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert given.world.outstanding(invoice) == money("1400.00 CHF")


def test_staff_do_not_find_it_and_answer_a_second_declaration(
    given: Promises, office: Browser, debtor, invoice
):
    first = given.claim(debtor, invoice, amount="1500.00 CHF")
    office.submit(f"/said-to-be-paid/{first}/not-found", page="/said-to-be-paid")
    assert given.claim_view(first).state is ClaimState.NOT_FOUND

    second = given.claim(debtor, invoice, amount="1500.00 CHF")
    page = f"/said-to-be-paid/{second}"
    assert "Leave the invoices alone once more" in text_of(office.get(page))
    office.submit(f"{page}/approve", page=page)
    assert given.claim_view(second).state is ClaimState.OPEN


def test_staff_answer_for_a_new_contact(given: Promises, office: Browser, debtor):
    name_bob(given, debtor, "bob@elsewhere.example")
    assert "bob@elsewhere.example" in text_of(office.get("/proposals"))
    proposal = waiting(given, debtor)

    answer = office.submit(f"/debtors/{debtor}/proposals/{proposal}/approve", page="/proposals")

    assert answer.status_code == 303
    given.world.run_jobs()
    bob = next(one for one in people(given, debtor) if one.name == "Bob Hill")
    assert (bob.email, bob.is_primary) == ("bob@elsewhere.example", True)
    assert "/l/" in given.world.mail[-1].text
    again = office.submit(f"/debtors/{debtor}/proposals/{proposal}/approve", page="/proposals")
    assert again.status_code == 404


def test_staff_refuse_a_contact_even_one_who_has_not_confirmed_yet(
    given: Promises, office: Browser, debtor
):
    name_bob(given, debtor, "bob@bakers.example")
    proposal = waiting(given, debtor)
    approve = f"/debtors/{debtor}/proposals/{proposal}/approve"
    assert office.submit(approve, page="/proposals").status_code == 404, "it is theirs to confirm"

    office.submit(f"/debtors/{debtor}/proposals/{proposal}/refuse", page="/proposals")

    assert len(people(given, debtor)) == 1
    assert "Nothing waits" in text_of(office.get("/proposals"))


def test_staff_take_over_a_postal_address(given: Promises, office: Browser, debtor):
    with given.world.runtime.transaction(given.scope) as session:
        contacts.propose_postal(
            session, given.supplier_id, people(given, debtor)[0].id,
            street="Mill Lane 1", postcode="BA1", city="Bath", clock=given.world.clock,
        )  # fmt: skip

    proposal = waiting(given, debtor)
    office.submit(f"/debtors/{debtor}/proposals/{proposal}/approve", page="/proposals")

    with given.world.runtime.reading(given.scope) as session:
        assert debtor_of(session, given.supplier_id, debtor).city == "Bath"


def name_bob(given: Promises, debtor, email: str) -> None:
    with given.world.runtime.transaction(given.scope) as session:
        contacts.propose_person(
            session, given.supplier_id, people(given, debtor)[0].id, name="Bob Hill", email=email,
            role="approver", becomes_primary=True, clock=given.world.clock,
        )  # fmt: skip


def people(given: Promises, debtor):
    with given.world.runtime.reading(given.scope) as session:
        return list(people_of(session, given.supplier_id, debtor))


def waiting(given: Promises, debtor):
    with given.world.runtime.reading(given.scope) as session:
        now = given.world.clock.now()
        (one,) = proposals(session, given.supplier_id, debtor, now=now, waiting=True)
    return one.id


def test_readers_look_and_change_nothing(given: Promises, reader: Browser, debtor, invoice):
    promised = given.promise(debtor, invoice)
    claimed = given.claim(debtor, invoice, amount="10.00 CHF")

    assert reader.get("/promises").status_code == 200
    assert reader.get(f"/said-to-be-paid/{claimed}").status_code == 200
    assert "Take back" not in text_of(reader.get("/promises"))
    for path in (
        f"/promises/{promised}/cancel",
        f"/promises/{promised}/dealt-with",
        f"/debtors/{debtor}/promise",
        f"/said-to-be-paid/{claimed}/match",
        f"/said-to-be-paid/{claimed}/not-found",
    ):
        assert reader.submit(path, page="/promises").status_code == 403, path


def test_another_suppliers_staff_find_none_of_it(given: Promises, debtor, invoice):
    world = given.world
    promised = given.promise(debtor, invoice)
    claimed = given.claim(debtor, invoice, amount="10.00 CHF")
    name_bob(given, debtor, "bob@elsewhere.example")
    proposal = waiting(given, debtor)
    other = world.supplier(name="Other SA")
    theirs = world.debtor(supplier_id=other)

    with backoffice_client(world.runtime, world.staff(supplier_id=other, role="owner")) as office:
        assert "Bakers" not in text_of(office.get("/promises?show=all"))
        assert "Bakers" not in text_of(office.get("/said-to-be-paid?show=all"))
        assert "Bakers" not in text_of(office.get("/proposals"))
        assert office.get(f"/said-to-be-paid/{claimed}").status_code == 404
        assert office.get(f"/debtors/{debtor}/promise").status_code == 404
        form = {"currency": "CHF", "invoice": "A-1", "day": "2026-11-20", "amount": "1",
                "reference": "x"}  # fmt: skip
        for path in (
            f"/promises/{promised}/cancel",
            f"/promises/{promised}/dealt-with",
            f"/debtors/{debtor}/promise",
            f"/said-to-be-paid/{claimed}/match",
            f"/said-to-be-paid/{claimed}/not-found",
            f"/said-to-be-paid/{claimed}/approve",
            f"/said-to-be-paid/{claimed}/refuse",
            f"/debtors/{debtor}/proposals/{proposal}/approve",
            f"/debtors/{theirs}/proposals/{proposal}/approve",
            f"/debtors/{theirs}/proposals/{proposal}/refuse",
            f"/debtors/{theirs}/contacts/{people(given, debtor)[0].id}/primary",
        ):
            assert office.submit(path, form, page="/promises").status_code == 404, path
    assert given.view(promised).state is PromiseState.ACTIVE
    assert given.claim_view(claimed).state is ClaimState.OPEN

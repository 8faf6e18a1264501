"""From the calendar to the money: a reminder is mailed, its link opens the account, a card pays,
and everybody who can look sees the same."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId
from receivables.ledger.actions import book_transfer
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from tests.support.browsing import Browser, backoffice_browser, portal_browser, text_of
from tests.support.builders import PASSWORD, money
from tests.support.payments import DECLINED, VISA, Till, open_till
from tests.support.world import World

pytestmark = pytest.mark.once("weeks pass hour by hour; test_story_on_postgresql tells this story")


@pytest.fixture
def till(runtime: Runtime) -> Till:
    """A supplier whose webhooks knock at the portal's own door."""
    opened = open_till(runtime)
    face = portal_of(opened)

    def knock(body: bytes, headers: dict[str, str]) -> int:
        status = face.client.post("/webhooks/stripe", content=body, headers=headers).status_code
        opened.statuses.append(status)
        return status

    opened.doorstep.pass_on = knock
    return opened


def portal_of(till: Till) -> Browser:
    return portal_browser(till.runtime)


def office_of(till: Till, email: str) -> Browser:
    """The backoffice, as somebody who has signed in."""
    face = backoffice_browser(till.runtime)
    answer = face.submit(face.get("/sign-in"), "/sign-in", email=email, password=PASSWORD)
    assert answer.status_code == 303
    return face


def link_in(mail: MailMessage) -> str:
    """The path of the link into the portal."""
    found = re.search(r"http://localhost:8000(/l/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def plain(text: str) -> str:
    """Without what Babel sets between figures."""
    return re.sub(r"[\s\u202f\u00a0]+", " ", text)


def let_pass(world: World, *, days: int) -> None:
    """Days go by; the work is done in the mornings and in the evenings."""
    for _ in range(2 * days):
        world.clock.advance(timedelta(hours=12))
        world.fire_schedules()
        world.run_jobs()


def checkout_of(face: Browser, **choice: str) -> str:
    """From the account to the hosted page by its own forms; the id of that page."""
    page = face.submit(face.get("/"), "/pay")
    assert page.status_code == 200, text_of(page)
    away = face.submit(page, "/pay", **choice)
    assert away.status_code == 303, text_of(away)
    return urlsplit(away.headers["location"]).path.rsplit("/", 1)[-1]


def transfer(till: Till, debtor: DebtorId, invoice: InvoiceId, amount: str) -> None:
    """Money arrives by bank transfer today."""
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        book_transfer(
            session, supplier_id=till.supplier_id, debtor_id=debtor, invoice_id=invoice,
            amount=money(amount), reference=f"bank-{invoice}-{amount}",
            booked_on=till.runtime.clock.now().date(), clock=till.runtime.clock,
        )  # fmt: skip


def test_a_reminder_becomes_a_payment_and_thanks(till: Till) -> None:
    world = till.world
    world.staff(email="claire@rochat.example")
    debtor = world.debtor(name="Atelier Dubois Sàrl", language="fr")
    invoice = world.invoice("1950.00 CHF", debtor_id=debtor, number="2026-0412", due_in_days=-1)

    # Due on Sunday; on Wednesday it is three days past due.
    let_pass(world, days=1)
    assert world.mail == []
    let_pass(world, days=1)
    assert len(world.mail) == 1
    reminder = world.mail[0]
    assert "2026-0412" in reminder.text

    face = portal_of(till)
    assert face.get(link_in(reminder)).status_code == 303
    assert "2026-0412" in text_of(face.get("/"))

    session = checkout_of(face)
    till.stripe.pay_by_card(session, DECLINED)
    assert world.outstanding(invoice) == money("1950.00 CHF")
    till.stripe.pay_by_card(session, VISA)
    assert set(till.deliver()) == {200}

    assert world.outstanding(invoice) == money("0.00 CHF")
    assert len(world.mail) == 2
    thanks = world.mail[1]
    assert thanks.to_address == reminder.to_address
    assert "1 950.00" in plain(thanks.text) or "1 950,00" in plain(thanks.text)
    office = office_of(till, "claire@rochat.example")
    assert "Atelier Dubois Sàrl" in text_of(office.get("/payments"))
    assert "2026-0412" not in text_of(face.get("/")).split("Payées (")[0]

    let_pass(world, days=20)
    assert len(world.mail) == 2


def test_a_payment_between_two_reminders_stops_the_second(till: Till) -> None:
    world = till.world
    debtor = world.debtor()
    invoice = world.invoice("120.00 CHF", debtor_id=debtor, due_in_days=-1)

    let_pass(world, days=4)
    assert len(world.mail) == 1

    face = portal_of(till)
    face.get(link_in(world.mail[0]))
    till.stripe.pay_by_card(checkout_of(face), VISA)
    till.deliver()
    let_pass(world, days=20)

    assert world.outstanding(invoice) == money("0.00 CHF")
    assert len(world.mail) == 2  # the reminder and the thanks


def test_who_does_not_pay_is_reminded_twice_and_more_firmly(till: Till) -> None:
    world = till.world
    world.invoice("120.00 CHF", number="F-1", due_in_days=-1)

    let_pass(world, days=20)

    first, second = world.mail
    assert link_in(first) == link_in(second), "a later mail must not kill an earlier link"
    assert first.subject != second.subject


def test_letting_the_same_day_pass_twice_sends_nothing_twice(till: Till) -> None:
    world = till.world
    for _ in range(3):
        world.invoice("120.00 CHF", due_in_days=-1)
    let_pass(world, days=2)
    assert len(world.mail) == 3

    # The machine is down and up again all day: every schedule fires, every run is made anew.
    for _ in range(20):
        world.clock.advance(timedelta(minutes=15))
        world.fire_schedules()
        world.run_jobs()

    assert len(world.mail) == 3
    assert len({mail.message_id for mail in world.mail}) == 3


@pytest.mark.parametrize(
    ("currency", "country", "language"),
    [("CHF", "CH", "de"), ("EUR", "BE", "fr"), ("EUR", "FR", "fr")],
)
def test_mail_portal_stripe_and_ledger_name_the_same_amount(
    till: Till, currency: str, country: str, language: str
) -> None:
    """After a part payment and a credit, what remains is asked for, everywhere."""
    world = till.world
    debtor = world.debtor(country=country, language=language)
    first = world.invoice(f"4280.55 {currency}", debtor_id=debtor, number="R-1", due_in_days=-1)
    second = world.invoice(f"99.90 {currency}", debtor_id=debtor, number="R-2", due_in_days=-1)
    world.invoice(
        f"300.05 {currency}", debtor_id=debtor, number="R-3", due_in_days=-1,
        is_credit_note=True, preceding_number="R-1",
    )  # fmt: skip
    transfer(till, debtor, first, f"1000.00 {currency}")
    let_pass(world, days=2)
    (reminder,) = world.mail

    in_ledger = world.outstanding(first) + world.outstanding(second)
    assert in_ledger == money(f"3080.40 {currency}")
    figure = re.compile(r"3\D{1,3}080[.,]40")
    assert figure.search(reminder.subject), reminder.subject
    assert figure.search(reminder.text)
    assert figure.search(reminder.html.replace("&nbsp;", " "))

    face = portal_of(till)
    face.get(link_in(reminder))
    assert figure.search(text_of(face.get("/")))
    session = checkout_of(face)
    ((_, page),) = till.stripe.store.every("checkout.session")
    assert page["id"] == session
    assert (page["amount_total"], page["currency"]) == (308040, currency.lower())

    till.stripe.pay_by_card(session, VISA)
    till.deliver()
    assert till.charged_minor() == 308040
    assert not world.outstanding(first)
    assert not world.outstanding(second)
    assert figure.search(world.mail[-1].text)

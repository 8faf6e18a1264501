"""People and addresses, behind a code: what one may change alone, and what needs another's yes."""

import re
from datetime import timedelta

import pytest

from receivables.database import Scope
from receivables.parties.queries import contacts, debtor
from receivables.parties.tables import Contact
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.receivables.test_step_up import code_in
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.world import World

PAGE = "/contacts"


@pytest.fixture
def browser(runtime: Runtime) -> Browser:
    return portal_browser(runtime)


@pytest.fixture
def anne(world: World, browser: Browser):
    """Anne of Dubois, who has followed her link and typed her code."""
    debtor_id = world.debtor(
        country="GB", language="en", name="Dubois Ltd", email="anne@dubois.example",
        contact_name="Anne Dubois",
    )  # fmt: skip
    world.invoice("4711.00 CHF", debtor_id=debtor_id, number="SECRET-1", due_in_days=-5)
    browser.get(link_for(world, debtor_id))
    confirm(world, browser)
    return debtor_id


def confirm(world: World, browser: Browser) -> None:
    needed = browser.get(PAGE)
    assert needed.headers["location"] == "/confirm?next=/contacts"
    browser.submit(browser.get("/confirm"), "/confirm/code", next=PAGE)
    world.run_jobs()
    code = code_in(world.mail[-1])
    typed = browser.submit(browser.get(needed.headers["location"]), "/confirm", code=code)
    assert typed.headers["location"] == PAGE


def people(world: World, debtor_id) -> list[Contact]:
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return list(contacts(session, world.supplier_id, debtor_id))


def confirm_link(world: World) -> str:
    found = re.search(r"http://localhost:8000(/contacts/confirm/\S+)", world.mail[-1].text)
    assert found, world.mail[-1].text
    return found[1]


def test_without_a_code_neither_the_page_nor_a_form_opens(world: World, browser: Browser):
    browser.get(link_for(world, world.debtor()))
    token = browser.form(browser.get("/confirm"), "/confirm/code").filled()

    assert browser.get(PAGE).status_code == 303
    for form in ("me", "address", "person", "postal"):
        answer = browser.post(f"{PAGE}/{form}", token)
        assert (answer.status_code, answer.headers["location"]) == (
            303, "/confirm?next=/contacts",
        )  # fmt: skip


def test_ones_own_details_change_at_once(world: World, browser: Browser, anne):
    page = browser.get(PAGE)

    answer = browser.submit(page, f"{PAGE}/me", name="Anna Wood", language="de", role="manager")

    assert answer.headers["location"] == f"{PAGE}?done=me"
    assert "Ihre Angaben sind gespeichert" in text_of(browser.get(f"{PAGE}?done=me"))
    (row,) = people(world, anne)
    assert (row.name, row.language, row.role) == ("Anna Wood", "de", "manager")


def test_a_new_address_holds_once_it_is_confirmed_there_and_the_old_one_is_told(
    world: World, browser: Browser, anne, runtime: Runtime
):
    browser.submit(browser.get(PAGE), f"{PAGE}/address", email="anna@elsewhere.example")
    world.run_jobs()
    assert world.mail[-1].to_address == "anna@elsewhere.example"
    assert people(world, anne)[0].email == "anne@dubois.example"

    stranger = portal_browser(runtime)
    link = confirm_link(world)
    for _ in range(3):
        page = stranger.get(link)
    assert people(world, anne)[0].email == "anne@dubois.example", "looking changes nothing"
    assert stranger.submit(page, f"{PAGE}/confirm").status_code == 303

    world.run_jobs()
    assert people(world, anne)[0].email == "anna@elsewhere.example"
    assert world.mail[-1].to_address == "anne@dubois.example"
    assert "address was changed" in world.mail[-1].subject
    assert "anna@" not in world.mail[-1].text


def test_a_colleague_gets_in_when_they_confirm(
    world: World, browser: Browser, anne, runtime: Runtime
):
    browser.submit(
        browser.get(PAGE), f"{PAGE}/person", name="Bob Hill", email="bob@dubois.example",
        role="approver", becomes_primary="yes",
    )  # fmt: skip
    world.run_jobs()
    message = world.mail[-1]
    assert message.to_address == "bob@dubois.example"

    stranger = portal_browser(runtime)
    page = stranger.get(confirm_link(world))
    for secret in ("SECRET-1", "4,711", "Dubois Ltd", "/l/"):
        assert secret not in page.text
        assert secret not in message.text
    stranger.submit(page, f"{PAGE}/confirm")
    world.run_jobs()

    bob, _anne = people(world, anne)
    assert (bob.name, bob.role, bob.is_primary) == ("Bob Hill", "approver", True)
    assert world.mail[-1].to_address == "bob@dubois.example"
    assert "/l/" in world.mail[-1].text, "a link of his own"


@pytest.mark.parametrize("address", ["bob@gmail.com", "bob@other.example"])
def test_somebody_elsewhere_waits_for_the_supplier_and_is_not_written_to(
    address: str, world: World, browser: Browser, anne
):
    before = len(world.mail)

    browser.submit(
        browser.get(PAGE), f"{PAGE}/person", name="Bob Hill", email=address, role="billing"
    )
    world.run_jobs()

    assert len(world.mail) == before
    assert len(people(world, anne)) == 1
    assert "from Menuiserie Rochat SA" in text_of(browser.get(PAGE))


@pytest.mark.parametrize(
    ("form", "typed", "words"),
    [
        ("person", {"name": "Bob", "email": "not an address"}, "complete mail address"),
        ("person", {"name": "Bob", "email": "b@x.example\nBcc: c@x.example"}, "complete mail"),
        ("person", {"name": " ", "email": "bob@dubois.example"}, "give a name"),
        ("person", {"name": "Bob", "email": "ANNE@dubois.example"}, "on your account already"),
        ("address", {"email": "anne@dubois"}, "complete mail address"),
        ("me", {"name": ""}, "give a name"),
        ("postal", {"street": "", "city": "Bath"}, "street and place"),
    ],
)
def test_what_cannot_be_is_said_in_the_form(
    form: str, typed: dict[str, str], words: str, world: World, browser: Browser, anne
):
    answer = browser.submit(browser.get(PAGE), f"{PAGE}/{form}", **typed)

    assert answer.status_code == 422
    assert words in text_of(answer)


def test_a_postal_address_waits_for_the_supplier(world: World, browser: Browser, anne):
    browser.submit(
        browser.get(PAGE), f"{PAGE}/postal", street="Mill Lane 1", postcode="BA1", city="Bath"
    )

    with world.runtime.reading(Scope(world.supplier_id)) as session:
        assert debtor(session, world.supplier_id, anne).city == "Lausanne"
    assert "Mill Lane 1, BA1 Bath" in text_of(browser.get(PAGE))


def test_changes_that_wait_do_not_pile_up(world: World, browser: Browser, anne):
    for number in range(6):
        answer = browser.submit(
            browser.get(PAGE), f"{PAGE}/person", name="Bob", email=f"bob{number}@dubois.example"
        )

    assert answer.status_code == 422
    assert "Several changes wait" in text_of(answer)


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00"])
def test_every_link_that_confirms_nothing_gets_the_same_answer(
    token: str, world: World, browser: Browser
):
    world.supplier()

    assert browser.get(f"{PAGE}/confirm/{token}").status_code == 404


def test_a_link_of_a_reminder_confirms_no_address(world: World, browser: Browser, anne):
    link = link_for(world, anne).removeprefix("/l/")

    assert browser.get(f"{PAGE}/confirm/{link}").status_code == 404


def test_a_link_that_confirms_an_address_opens_no_account(world: World, browser: Browser, anne):
    browser.submit(
        browser.get(PAGE), f"{PAGE}/person", name="Bob", email="bob@dubois.example", role="billing"
    )
    world.run_jobs()
    token = confirm_link(world).rsplit("/", 1)[-1]

    assert browser.get(f"/l/{token}").status_code == 404


def test_a_link_is_good_for_a_week_and_for_one_yes(
    world: World, browser: Browser, anne, runtime: Runtime
):
    browser.submit(
        browser.get(PAGE), f"{PAGE}/person", name="Bob", email="bob@dubois.example", role="billing"
    )
    world.run_jobs()
    link = confirm_link(world)
    world.clock.advance(timedelta(days=7))

    stranger = portal_browser(runtime)

    assert stranger.get(link).status_code == 404
    assert len(people(world, anne)) == 1

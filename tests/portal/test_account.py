"""The way in, the account and an invoice, as a debtor's browser meets them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from receivables.database import SYSTEM, Scope
from receivables.ids import ContactId
from receivables.ledger.actions import book_transfer
from receivables.links.actions import grant_for, revoke
from receivables.links.tokens import make_token
from receivables.parties.queries import contacts
from receivables.runtime import Runtime
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.builders import money
from tests.support.world import World


def contact_of(world: World, debtor_id, supplier_id=None) -> ContactId:
    supplier_id = supplier_id or world.supplier_id
    with world.runtime.reading(Scope(supplier_id)) as session:
        return contacts(session, supplier_id, debtor_id)[0].id


def link_for(world: World, debtor_id, supplier_id=None) -> str:
    """The path of the debtor's link, as it stands in a reminder."""
    supplier_id = supplier_id or world.supplier_id
    contact_id = contact_of(world, debtor_id, supplier_id)
    links = world.runtime.settings.links
    with world.runtime.transaction(Scope(supplier_id)) as session:
        grant_id = grant_for(
            session, supplier_id, contact_id, lifetime=links.lifetime, clock=world.clock
        )
    return f"/l/{make_token(grant_id, links.secrets)}"


@pytest.fixture
def browser(runtime: Runtime) -> Browser:
    return portal_browser(runtime)


def test_a_link_leads_to_the_account_without_a_password(world: World, browser: Browser):
    debtor = world.debtor(name="Atelier Dubois Sàrl")
    world.invoice("1950.00 CHF", debtor_id=debtor, number="2026-0412", due_in_days=-12)
    world.invoice("2330.50 CHF", debtor_id=debtor, number="2026-0455", due_in_days=10)

    answer = browser.get(link_for(world, debtor))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = browser.get("/")

    assert page.status_code == 200
    words = text_of(page)
    assert "Atelier Dubois Sàrl" in words
    assert "2026-0412" in words
    assert "4 280.50 CHF" in words.replace("\u202f", " ")


def test_following_a_link_a_thousand_times_writes_nothing(world: World, browser: Browser):
    """Mail scanners follow links, by GET and HEAD, as often as they like."""
    link = link_for(world, world.debtor())

    def rows() -> list[tuple[str, int]]:
        with world.runtime.reading(SYSTEM) as session:
            return [
                (table, session.scalar(text(f"SELECT count(*) FROM {table}")))  # noqa: S608
                for table in ("events", "jobs", "portal_grants", "payments")
            ]

    before = rows()
    for _ in range(50):
        assert browser.client.head(link).status_code == 303
        assert browser.get(link).status_code == 303
    assert rows() == before


def test_without_a_link_nothing_is_shown(world: World, browser: Browser):
    debtor = world.debtor()
    world.invoice("10.00 CHF", debtor_id=debtor, number="S-1")

    for path in ("/", "/invoices/S-1", "/pay?currency=CHF", "/selection?currency=CHF"):
        answer = browser.get(path)
        assert answer.status_code == 401
        assert "S-1" not in answer.text


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "../../etc/passwd", "A" * 3000])
def test_every_wrong_link_gets_the_same_answer(token: str, world: World, browser: Browser):
    world.supplier()

    answer = browser.get(f"/l/{token}")

    assert answer.status_code == 404


def test_a_revoked_link_and_its_open_pages_end_at_once(world: World, browser: Browser):
    debtor = world.debtor()
    world.invoice("10.00 CHF", debtor_id=debtor)
    link = link_for(world, debtor)
    browser.get(link)
    assert browser.get("/").status_code == 200

    contact_id = contact_of(world, debtor)
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        grant_id = grant_for(
            session, world.supplier_id, contact_id, lifetime=timedelta(1), clock=world.clock
        )
        revoke(session, world.supplier_id, grant_id, clock=world.clock)

    assert browser.get("/").status_code == 401
    assert browser.get(link).status_code == 404


def test_an_expired_link_offers_a_new_one_to_the_registered_address_only(
    world: World, browser: Browser
):
    debtor = world.debtor(email="compta@dubois.example", name="Atelier Dubois Sàrl")
    world.invoice("4711.00 CHF", debtor_id=debtor, number="SECRET-1")
    link = link_for(world, debtor)
    world.clock.advance(timedelta(days=60))

    page = browser.get(link)
    assert page.status_code == 410
    assert "Menuiserie Rochat SA" in page.text
    for secret in ("Dubois", "4711", "4'711", "SECRET-1", "compta@dubois.example"):
        assert secret not in page.text

    sent = browser.submit(page, "/links/renew")
    assert sent.status_code == 200
    world.run_jobs()
    assert [message.to_address for message in world.mail] == ["compta@dubois.example"]
    path = world.mail[0].text.split("http://localhost:8000")[1].split()[0]
    assert browser.get(path).status_code == 303
    assert browser.get("/").status_code == 200


def test_a_visit_ends_after_half_an_hour_without_use(world: World, browser: Browser):
    debtor = world.debtor()
    browser.get(link_for(world, debtor))
    for _ in range(3):
        world.clock.advance(timedelta(minutes=20))
        assert browser.get("/").status_code == 200, "each use counts"
    world.clock.advance(timedelta(minutes=31))

    assert browser.get("/").status_code == 401


def test_an_invoice_explains_its_amount(world: World, browser: Browser):
    debtor = world.debtor(language="de", country="CH")
    world.invoice("1000.00 CHF", debtor_id=debtor, number="RE/2026 7", due_in_days=-3)
    world.invoice("250.00 CHF", debtor_id=debtor, is_credit_note=True, preceding_number="RE/2026 7")
    browser.get(link_for(world, debtor))

    page = browser.get("/invoices/RE%2F2026%207")

    assert page.status_code == 200
    words = text_of(page)
    assert "CHF 1’000.00" in words
    assert "CHF 750.00" in words


def test_what_a_transfer_paid_is_paid_and_what_a_note_took_back_is_credited(
    world: World, browser: Browser
):
    debtor = world.debtor(language="en", country="CH")
    paid = world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    world.invoice("70.00 CHF", debtor_id=debtor, number="A-2")
    world.invoice("70.00 CHF", debtor_id=debtor, is_credit_note=True, preceding_number="A-2")
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        assert book_transfer(
            session, supplier_id=world.supplier_id, debtor_id=debtor, invoice_id=paid,
            amount=money("100.00 CHF"), reference="T-1", booked_on=date(2026, 11, 2),
            clock=world.clock,
        )  # fmt: skip
    browser.get(link_for(world, debtor))

    assert "Invoice A-1 paid" in text_of(browser.get("/invoices/A-1"))
    assert "Invoice A-2 credited" in text_of(browser.get("/invoices/A-2"))


def test_another_debtors_invoice_does_not_exist(world: World, browser: Browser):
    mine, theirs = world.debtor(), world.debtor()
    world.invoice("10.00 CHF", debtor_id=mine, number="MINE")
    world.invoice("10.00 CHF", debtor_id=theirs, number="THEIRS")
    browser.get(link_for(world, mine))

    foreign, unknown = browser.get("/invoices/THEIRS"), browser.get("/invoices/NO-SUCH")

    assert foreign.status_code == unknown.status_code == 404
    assert len(foreign.text) == len(unknown.text)
    assert browser.get("/invoices/MINE").status_code == 200


def test_the_reader_chooses_the_language_and_it_stays(world: World, browser: Browser):
    debtor = world.debtor(language="fr")
    browser.get(link_for(world, debtor))
    page = browser.get("/")
    assert 'lang="fr-CH"' in page.text

    back = browser.submit(page, "/language", language="en")

    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert 'lang="en-CH"' in browser.get("/").text or 'lang="en' in browser.get("/").text


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil", "/a b", "/\t/x"]
)
def test_a_form_cannot_lead_away(target: str, world: World, browser: Browser):
    browser.get(link_for(world, world.debtor()))
    page = browser.get("/")

    back = browser.submit(page, "/language", language="en", next=target)

    assert back.headers["location"] == "/"


def test_unsafe_requests_from_elsewhere_are_refused(world: World, browser: Browser):
    browser.get(link_for(world, world.debtor()))
    token = dict(browser.form(browser.get("/"), "/language").fields)["_csrf_token"]
    fields = {"language": "en", "next": "/"}

    assert browser.post("/language", fields).status_code == 403, "no token"
    assert browser.post("/language", {**fields, "_csrf_token": "x" * 43}).status_code == 403
    good = {**fields, "_csrf_token": token}
    assert browser.post("/language", good, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.post("/language", good, origin="https://evil.example").status_code == 403
    assert browser.post("/language", good, origin=browser.origin).status_code == 303


def test_every_answer_carries_the_headers(world: World, browser: Browser):
    browser.get(link_for(world, world.debtor()))
    answers = [browser.get(path) for path in ("/", "/nowhere", "/l/x", "/health")]
    answers.append(browser.post("/pay", {}))
    answers.append(browser.client.put("/"))
    for answer in answers:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store, max-age=0"


def test_a_foreign_host_is_not_served(world: World, browser: Browser):
    assert browser.get("/", host="evil.example").status_code == 421


def test_an_account_with_nothing_in_it_says_so(world: World, browser: Browser):
    browser.get(link_for(world, world.debtor(language="en")))

    assert "Nothing to pay" in browser.get("/").text


def test_static_files_are_kept_for_ever_by_their_content(world: World, browser: Browser):
    browser.get(link_for(world, world.debtor()))
    address = browser.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]

    answer = browser.get(address)

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]

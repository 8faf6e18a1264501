"""Every page renders: in every language, in an empty office and in a busy one."""

from __future__ import annotations

import re

import pytest

from receivables.i18n import LANGUAGES
from tests.support.office import Office

pytestmark = pytest.mark.once(
    "what a page says; its statements run on both in the tests of its subject"
)

LISTS = (
    "/",
    "/today",
    "/today?show=all&kind=claim",
    "/today?show=later&page=3",
    "/search?q=dubois",
    "/search",
    "/debtors",
    "/debtors?show=overdue&sort=name",
    "/debtors?show=at_risk&sort=band",
    "/debtors?show=credit&sort=oldest",
    "/debtors?show=unreachable&sort=overdue",
    "/debtors?q=%25_%5C&page=999999999999",
    "/invoices",
    "/invoices?show=open&sort=number",
    "/invoices?show=overdue&sort=outstanding&q=2026",
    "/invoices?show=paid&sort=debtor",
    "/invoices?show=credited&sort=issued&page=3",
    "/invoices/import",
    "/reminders",
    "/payments",
    "/payments?show=on_their_way",
    "/payments/returns",
    "/payments/unapplied",
    "/bank",
    "/bank/columns",
    "/bank/columns?header=Datum&header=Betrag",
    "/monitoring",
    "/monitoring?show=all",
    "/monitoring/rules",
    "/monitoring/readings",
    "/settings/notifications",
    "/settings/team",
    "/settings/interest",
    "/settings/interest/rates",
    "/settings/jobs",
)
OF_ONE = (
    "/debtors/{debtor}",
    "/invoices/{invoice}",
    "/bank/statements/{statement}",
    "/payments/{payment}",
    "/payments/{payment}/refund",
    "/payments/{payment}/refund?amount=30",
    "/debtors/{debtor}/unapplied",
    "/debtors/{debtor}/standing",
    "/debtors/{debtor}/tasks",
    "/debtors/{debtor}/collection",
    "/today/task?task=claim:{claim}",
    "/invoices/{invoice}/write-off",
    "/invoices/{invoice}/interest",
    "/monitoring/alerts/{alert}",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_renders_in_every_language(office: Office, language: str) -> None:
    with office.signed_in() as browser:
        browser.submit("/language", {"language": language, "next": "/"})

        for path in (*LISTS, *(one.format(**office.ids) for one in OF_ONE)):
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.text[:2000])
            assert f'<html lang="{language}-' in answer.text, path
            assert "<Fils>" not in answer.text, f"{path} shows a name unescaped"


def test_every_list_renders_in_an_office_where_nothing_has_happened(bare: Office) -> None:
    with bare.signed_in() as browser:
        for path in LISTS:
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.text[:2000])


def test_no_page_has_script_or_style_of_its_own(office: Office) -> None:
    with office.signed_in() as browser:
        for path in (*LISTS, *(one.format(**office.ids) for one in OF_ONE)):
            page = browser.get(path).text
            assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|hx-on", page), path


def test_today_says_what_waits_and_how_things_stand(office: Office) -> None:
    with office.signed_in() as browser:
        page = browser.get("/").text

    assert "1 alert to look at" in page
    assert "1 reminder of which we do not know whether it arrived" in page
    assert "1 job that gave up" in page
    assert "CHF\N{NO-BREAK SPACE}765.00" in page, "120, 45 and 600 are open"
    assert "Atelier Dubois &amp; &lt;Fils&gt;" in page


def test_a_debtor_has_everything_on_one_page(office: Office) -> None:
    with office.signed_in() as browser:
        page = browser.get("/debtors/{debtor}".format(**office.ids)).text

    assert "was paid: Visa" in page
    assert "link valid until" in page
    assert "bureau changed the score from 70 to 30." in page
    assert 'class="chart"' in page


def test_an_invoice_explains_its_amount_and_gives_back_its_document(office: Office) -> None:
    with office.signed_in() as browser:
        page = browser.get("/invoices/{invoice}".format(**office.ids)).text
        file = browser.get("/documents/{document}".format(**office.ids))

    assert "was issued." in page
    assert file.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in file.headers["content-security-policy"]
    assert file.content.lstrip().startswith(b"<?xml")


def test_a_payment_shows_what_the_books_have_of_it(office: Office) -> None:
    with office.signed_in() as browser:
        page = browser.get("/payments/{payment}".format(**office.ids)).text

    assert "Stripe clearing" in page
    assert "Payment settled" in page
    assert "cs_test_" in page


def test_lists_are_searched_by_the_words_and_not_by_patterns(office: Office) -> None:
    with office.signed_in() as browser:
        found = browser.get("/debtors?q=dubois").text
        percent = browser.get("/debtors?q=%25").text

    assert "Atelier Dubois" in found
    assert "No debtor matches." in percent


def test_the_health_page_says_what_is_up_and_no_secret(office: Office) -> None:
    with office.signed_in() as browser:
        answer = browser.get("/health")

    assert answer.status_code == 200
    assert answer.json()["database"] == "up"
    assert answer.json()["card_payment"] is True
    assert set(answer.json()) == {
        "fit", "database", "migrations", "relay", "oldest_due_job_seconds", "broker",
        "card_payment",
    }  # fmt: skip

"""An owner words the reminders: sees them filled, is told what is wrong, and can go back."""

from __future__ import annotations

import pytest

from receivables.runtime import Runtime
from tests.support.browsing import Browser, backoffice_browser, text_of
from tests.support.builders import PASSWORD
from tests.support.letters import text_of as text_of_pdf
from tests.support.world import World

PAGE = "/reminders/texts/r1/email/fr"


def _office(runtime: Runtime, role: str) -> Browser:
    world = World(runtime)
    world.supplier()
    world.invoice("1950.00 CHF")
    world.staff(email=f"{role}@rochat.example", role=role)
    face = backoffice_browser(runtime)
    face.submit(face.get("/sign-in"), "/sign-in", email=f"{role}@rochat.example", password=PASSWORD)
    return face


def test_words_are_seen_filled_kept_used_and_dropped(runtime: Runtime):
    office = _office(runtime, "owner")
    page = office.get(PAGE)
    words = {"subject": "{supplier}: {total}", "opening": "Chère cliente,", "closing": "Merci."}

    seen = office.submit(page, PAGE, **words, do="look")
    assert seen.status_code == 200
    assert "1 950.00 CHF" in text_of(seen).replace("\u202f", " ").replace("\xa0", " ")
    assert "Our words are in use" in text_of(office.get(PAGE)), "looking keeps nothing"

    refused = office.submit(page, PAGE, **words | {"opening": "{nobody}"}, do="use")
    assert refused.status_code == 422
    assert "There is no variable “nobody”" in text_of(refused)
    assert "{nobody}" in refused.text, "what was typed is still in the form"

    assert office.submit(page, PAGE, **words, do="use").status_code == 303
    assert "Your words are in use" in text_of(office.get(PAGE))
    assert "yours" in text_of(office.get("/reminders/texts"))
    assert office.submit(page, PAGE, **words, do="drop").status_code == 303
    assert "Our words are in use" in text_of(office.get(PAGE))


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_a_text_message_is_counted_and_a_letter_is_seen_as_it_is_printed(runtime: Runtime):
    office = _office(runtime, "owner")
    text, letter = "/reminders/texts/r2/sms/fr", "/reminders/texts/formal/letter/fr"

    page = office.get(text)
    assert "places of one message" in text_of(page)
    long = office.submit(page, text, opening="{numbers} {debtor} {contact} {total} " * 2, do="use")
    assert long.status_code == 422
    assert "One text message has 160" in text_of(long)
    kept = office.submit(page, text, opening="Bonjour {contact}, {total} échus.", do="use")
    assert kept.status_code == 303
    assert "[link]" in text_of(office.get(text))

    page = office.get(letter)
    words = {"subject": "{total}", "opening": "Bonjour {debtor},", "closing": "Merci."}
    filled = office.form(page, letter).filled(**words)
    tried = office.post(f"{letter}/letter.pdf", filled)
    pdf = text_of_pdf(tried.content)
    assert "Formal notice" in pdf or "Mise en demeure" in pdf
    assert "Bonjour Atelier Dubois" in pdf
    assert "Our words are in use" in text_of(office.get(letter)), "nothing was kept"
    ours = text_of_pdf(office.get(f"{letter}/letter.pdf").content)
    assert "Bonjour" not in ours
    assert office.get(f"{text}/letter.pdf").headers["location"] == text


def test_a_collector_reads_the_words_and_an_unknown_step_is_no_page(runtime: Runtime):
    office = _office(runtime, "collector")

    page = office.get(PAGE)

    assert page.status_code == 200
    assert 'value="use"' not in page.text
    assert office.submit(page, PAGE, subject="a", opening="b", closing="c", do="use",
                         ).status_code == 403  # fmt: skip
    assert office.get("/reminders/texts/r9/email/fr").status_code == 404

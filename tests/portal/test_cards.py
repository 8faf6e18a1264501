"""The page of saved cards, as a debtor's browser meets it."""

from __future__ import annotations

import pytest

from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.receivables.test_step_up import code_in
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.charge_story import ChargeStory, debt_of, open_charge_story

MASTERCARD = "5555555555554444"


@pytest.fixture
def story(runtime: Runtime) -> ChargeStory:
    return open_charge_story(runtime)


@pytest.fixture
def browser(story: ChargeStory) -> Browser:
    """One that followed the debtor's link, and showed that the mailbox is theirs."""
    opened = stranger(story)
    opened.submit(opened.get("/confirm?next=/cards"), "/confirm/code")
    story.till.world.run_jobs()
    code = code_in(story.till.world.mail[-1])
    confirmed = opened.submit(opened.get("/confirm?next=/cards"), "/confirm", code=code)
    assert confirmed.headers["location"] == "/cards"
    return opened


def stranger(story: ChargeStory) -> Browser:
    """One that followed the debtor's link, and no more."""
    runtime = story.till.runtime
    opened = portal_browser(runtime)
    opened.get(link_for(story.till.world, story.debtor_id))
    return opened


def removal(story: ChargeStory) -> str:
    return f"/cards/{story.saved_method_id}/remove"


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_saved_cards_are_listed_with_how_they_are_called_and_how_long_they_are_good(
    browser: Browser,
) -> None:
    page = browser.get("/cards")

    assert page.status_code == 200
    assert "Visa ...4242" in text_of(page)
    assert "12/2040" in text_of(page)


def test_without_a_mailed_code_there_is_neither_a_list_nor_a_change(story: ChargeStory) -> None:
    opened = stranger(story)
    form = opened.form(opened.get("/confirm?next=/cards"), "/confirm/code").filled()

    answers = [opened.get("/cards"), opened.post("/cards/change", form)]
    answers.append(opened.post(removal(story), form))

    assert [(one.status_code, one.headers["location"]) for one in answers] == [
        (303, "/confirm?next=/cards")
    ] * 3
    assert story.method().state == "usable"


def test_a_card_is_replaced_on_a_page_of_stripes_and_the_debtor_is_told(
    story: ChargeStory, browser: Browser
) -> None:
    sent = browser.post(
        "/cards/change",
        browser.form(browser.get("/cards"), "/cards/change").filled(
            replaces=str(story.saved_method_id)
        ),
    )
    assert sent.status_code == 303
    page_id = sent.headers["location"].rsplit("/", 1)[-1]
    story.till.stripe.pay_by_card(page_id, MASTERCARD)

    back = browser.get(f"/cards/saved?cs={page_id}")

    assert back.headers["location"] == "/cards?done=saved"
    shown = text_of(browser.get("/cards?done=saved"))
    assert "Mastercard ...4444" in shown
    assert "Visa ...4242" in shown
    session = story.till.stripe.books_of(page_id).get("checkout.session", page_id)
    assert "Menuiserie Rochat SA" in session["custom_text"]["submit"]["message"]


def test_leaving_the_page_saves_nothing_and_a_strangers_page_is_none(
    story: ChargeStory, browser: Browser
) -> None:
    assert browser.get("/cards/saved").headers["location"] == "/cards"

    back = browser.get("/cards/saved?cs=cs_test_somebodyelses")

    assert back.headers["location"] == "/cards?done=not_saved"
    assert len(story.happened("saved_method.saved")) == 1


def test_a_card_is_removed_by_a_form_and_is_gone(story: ChargeStory, browser: Browser) -> None:
    removed = browser.submit(browser.get("/cards"), removal(story))

    assert removed.headers["location"] == "/cards?done=removed"
    assert "Visa" not in text_of(browser.get("/cards"))
    assert story.method().state == "removed"


def test_the_card_of_another_debtor_does_not_exist(story: ChargeStory, browser: Browser) -> None:
    form = browser.form(browser.get("/cards"), "/cards/change").filled()
    other = debt_of(story)

    removed = browser.post(f"/cards/{other.saved_method_id}/remove", form)
    changed = browser.post("/cards/change", [*form, ("replaces", str(other.saved_method_id))])
    nonsense = browser.post("/cards/change", [*form, ("replaces", "no id")])

    assert [one.status_code for one in (removed, changed, nonsense)] == [404, 404, 404]
    assert other.method().state == "usable"


def test_while_the_key_is_refused_nothing_can_be_saved_and_the_page_says_so(
    story: ChargeStory, browser: Browser
) -> None:
    form = browser.form(browser.get("/cards"), "/cards/change").filled()
    story.till.stripe.inject("401", path="/v1/checkout/sessions")

    answer = browser.post("/cards/change", form)

    assert answer.status_code == 503
    with pytest.raises(AssertionError):
        browser.form(browser.get("/cards"), "/cards/change")

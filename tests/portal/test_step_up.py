"""The page that asks for a code, as a debtor's browser meets it."""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

import lxml.html
import pytest
from httpx import Response
from litestar import Request, get, post
from litestar.di import NamedDependency, Provide
from litestar.response import Redirect
from sqlalchemy import select
from structlog.testing import capture_logs

import portal.app
from portal import access
from portal.access import Asker
from portal.errors import answer_with
from portal.step_up import require_step_up
from receivables.database import Scope
from receivables.links.step_up import MOST_CODES, MOST_TRIES
from receivables.parties.tables import Debtor
from receivables.runtime import Runtime
from receivables.web.face import Face, make_app
from receivables.web.forms import FormBody
from tests.portal.test_account import link_for
from tests.receivables.test_step_up import another, code_in
from tests.support.browsing import Browser, text_of
from tests.support.faces import Made, moved
from tests.support.world import World

GUARDED = "/guarded?about=A%2F1"
SECRET = "what the link alone does not open"


@get("/guarded", sync_to_thread=True)
def guarded(
    asker: NamedDependency[Asker], face: NamedDependency[Face], request: Request[Any, Any, Any]
) -> str:
    require_step_up(asker, face, request)
    return SECRET


@post("/guarded", sync_to_thread=True)
def guarded_form(
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    request: Request[Any, Any, Any],
) -> Redirect:
    require_step_up(asker, face, request, GUARDED)
    return Redirect("/done", status_code=303)


def app_with_guarded_pages(face: Face) -> Any:
    return make_app(
        face,
        (*portal.app.HANDLERS, guarded, guarded_form),
        dependencies={
            "asker": Provide(access.provide_asker(face), sync_to_thread=True),
            "visitor": Provide(access.provide_visitor(face), sync_to_thread=False),
            "face": Provide(lambda: face, sync_to_thread=False),
            "runtime": Provide(lambda: face.runtime, sync_to_thread=False),
        },
        before_request=partial(access.check_every_form, face),
        exception_handlers={Exception: answer_with(face)},
    )


_MADE: list[Made] = []


@pytest.fixture
def app(runtime: Runtime) -> Any:
    face = portal.app.face_of(runtime)
    if not _MADE:
        _MADE.append((face, app_with_guarded_pages(face)))
    return moved(_MADE[0], face)


@pytest.fixture
def browser(app: Any, world: World) -> Browser:
    """A browser that has followed the link of a debtor who reads English."""
    opened = Browser(app, world.runtime.settings.web.portal_url)
    debtor = world.debtor(country="GB", language="en", email="anne@dubois.example")
    opened.get(link_for(world, debtor))
    return opened


def ask_for_a_code(browser: Browser, world: World) -> str:
    """From a guarded page to the page with the field; returns the code in the mail."""
    needed = browser.get(GUARDED)
    assert needed.status_code == 303, text_of(needed)
    sent = browser.submit(browser.get(needed.headers["location"]), "/confirm/code")
    assert sent.status_code == 303, text_of(sent)
    world.run_jobs()
    return code_in(world.mail[-1])


CONFIRM = "/confirm?next=/guarded%3Fabout%3DA%252F1"


def test_a_code_leads_to_where_one_wanted(world: World, browser: Browser):
    assert browser.get(GUARDED).headers["location"] == CONFIRM
    code = ask_for_a_code(browser, world)

    typed = browser.submit(browser.get(CONFIRM), "/confirm", code=f"{code[:4]} {code[4:]}")

    assert (typed.status_code, typed.headers["location"]) == (303, GUARDED)
    assert browser.get(GUARDED).text == SECRET
    assert browser.get(CONFIRM).headers["location"] == GUARDED, "not asked for twice"


def test_looking_at_the_page_sends_nothing(world: World, browser: Browser):
    for _ in range(3):
        page = browser.get(CONFIRM)
    world.run_jobs()

    assert page.status_code == 200
    assert "a…@d….example" in text_of(page)
    assert "anne@dubois" not in page.text
    assert world.mail == []


def test_a_form_is_asked_for_again_as_the_page_it_stood_on(browser: Browser):
    token = browser.form(browser.get(CONFIRM), "/confirm/code").filled()

    answer = browser.post("/guarded", token)

    assert (answer.status_code, answer.headers["location"]) == (303, CONFIRM)


def test_a_fragment_takes_the_whole_window_to_the_page(browser: Browser):
    answer = browser.get(GUARDED, **{"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == CONFIRM


def test_a_quarter_of_an_hour_later_it_is_asked_again(world: World, browser: Browser):
    code = ask_for_a_code(browser, world)
    browser.submit(browser.get(CONFIRM), "/confirm", code=code)
    assert browser.get(GUARDED).status_code == 200

    world.clock.advance(timedelta(minutes=15))

    assert browser.get(GUARDED).status_code == 303


def test_the_older_copy_of_the_cookie_stays_unconfirmed(world: World, browser: Browser, app: Any):
    code = ask_for_a_code(browser, world)
    thief = Browser(app, browser.origin)
    thief.client.cookies.update(dict(browser.client.cookies))

    browser.submit(browser.get(CONFIRM), "/confirm", code=code)

    assert thief.get("/").status_code == 200, "it still reads and pays, as the link does"
    assert thief.get(GUARDED).status_code == 303


def test_the_code_of_one_browser_is_none_in_another_with_the_same_link(
    world: World, browser: Browser, app: Any
):
    code = ask_for_a_code(browser, world)
    other = Browser(app, browser.origin)
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        (debtor_id,) = session.scalars(select(Debtor.id))
    other.get(link_for(world, debtor_id))
    page = other.get(CONFIRM)

    answer = other.post("/confirm", [*other.form(page, "/confirm/code").fields, ("code", code)])

    assert answer.status_code == 422
    assert other.get(GUARDED).status_code == 303


def test_a_wrong_code_says_how_many_tries_are_left(world: World, browser: Browser):
    code = ask_for_a_code(browser, world)
    page = browser.get(CONFIRM)

    answers = [browser.submit(page, "/confirm", code=another(code)) for _ in range(MOST_TRIES)]

    assert [answer.status_code for answer in answers] == [422] * MOST_TRIES
    assert "You can try 4 more times" in text_of(answers[0])
    assert "You can try 1 more time." in text_of(answers[3])
    assert "good no longer" in text_of(answers[4])
    assert [form.action for form in forms_of(answers[4])] == ["/confirm/code"]


def forms_of(page: Response) -> list[Any]:
    forms = lxml.html.fromstring(page.text).forms
    return [form for form in forms if "/confirm" in form.action]


def test_what_is_no_code_takes_no_try(world: World, browser: Browser):
    code = ask_for_a_code(browser, world)
    page = browser.get(CONFIRM)
    for typed in ("", "1234", "abcdefgh", "9" * 300):
        answer = browser.submit(page, "/confirm", code=typed)
        assert answer.status_code == 422
        assert "eight digits" in text_of(answer)

    assert browser.submit(page, "/confirm", code=code).status_code == 303


def test_guessing_ends_for_the_contact_whatever_the_browser(world: World, browser: Browser):
    """Five in five minutes: a sixth is not even looked at, with a new code as little."""
    code = ask_for_a_code(browser, world)
    page = browser.get(CONFIRM)
    for _ in range(MOST_TRIES):
        browser.submit(page, "/confirm", code=another(code))
    again = ask_for_a_code(browser, world)

    answer = browser.submit(browser.get(CONFIRM), "/confirm", code=again)

    assert answer.status_code == 429
    assert "too many tries" in text_of(answer)


def test_five_codes_an_hour_are_sent_and_the_page_says_when_the_next_is(
    world: World, browser: Browser
):
    for _ in range(MOST_CODES):
        ask_for_a_code(browser, world)

    page = browser.submit(browser.get(CONFIRM), "/confirm/code")
    world.run_jobs()

    assert page.status_code == 429
    assert "5 codes within an hour" in text_of(page)
    assert len(world.mail) == MOST_CODES


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "x"],
)
def test_one_is_never_led_away(target: str, world: World, browser: Browser):
    code = ask_for_a_code(browser, world)
    page = browser.get(CONFIRM)

    typed = browser.submit(page, "/confirm", code=code, next=target)

    assert typed.headers["location"] == "/"


def test_without_a_visit_nobody_is_asked_for_a_code(app: Any, runtime: Runtime):
    nobody = Browser(app, runtime.settings.web.portal_url)

    assert nobody.get("/confirm").status_code == 401
    assert nobody.post("/confirm/code").status_code == 403


def test_no_code_stands_in_a_log(world: World, browser: Browser, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        code = ask_for_a_code(browser, world)
        page = browser.get(CONFIRM)
        browser.submit(page, "/confirm", code=another(code))
        browser.submit(page, "/confirm", code=code)

    assert [entry for entry in logged if entry["event"] == "step_up.wrong_code"]
    said = caplog.text + repr(logged)
    for secret in (code, another(code), f"{code[:4]} {code[4:]}"):
        assert secret not in said

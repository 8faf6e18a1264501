"""How people choose to be told, what they do about an alert, and the systems they have told."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from monitoring.telling import unsubscribing
from receivables.ports import ForbiddenHook, HookAnswer, HookMessage
from tests.support.office import Office
from tests.support.world import World

NOTIFICATIONS = "/settings/notifications"


def test_choices_are_kept_and_shown_and_work_without_scripts(bare: Office) -> None:
    with bare.signed_in(bare.reader) as browser:
        usual = browser.get(NOTIFICATIONS).text
        saved = browser.submit(
            NOTIFICATIONS,
            {
                "pace-mine-critical": "waking", "push-mine-critical": "on",
                "pace-others-high": "daily", "mail-others-high": "on", "pace-mine-low": "nonsense",
                "waking_from": "06:15", "waking_until": "22:00", "names_on_push": "on",
                "deputy": str(bare.owner),
            },
        )  # fmt: skip
        page = browser.get(NOTIFICATIONS).text
        nobody = browser.submit(NOTIFICATIONS, {"deputy": str(bare.reader)})

    assert _chosen(usual, "pace-mine-critical") == "now"
    assert saved.status_code == 303
    assert _chosen(page, "pace-mine-critical") == "waking"
    assert _chosen(page, "pace-others-high") == "daily"
    assert _chosen(page, "pace-mine-low") == "daily"
    assert re.search(r'name="push-mine-critical"[^>]* checked', page)
    assert not re.search(r'name="mail-mine-critical"[^>]* checked', page)
    assert 'value="06:15"' in page
    assert not re.search(r'name="digests"[^>]* checked', page)
    assert re.search(rf'value="{bare.owner}" selected', page)
    assert nobody.status_code == 404


def _chosen(page: str, name: str) -> str:
    select = page.split(f'name="{name}"')[1].split("</select>")[0]
    found = re.search(r'value="(\w+)" selected', select)
    assert found, name
    return found[1]


def test_looking_at_the_way_out_of_digests_ends_nothing_and_one_click_does(bare: Office) -> None:
    """The click is a mail program's: no cookie, no token, the body of RFC 8058."""
    secrets = bare.runtime.settings.links.secrets
    url = unsubscribing.url_for(bare.owner, "", secrets=secrets)
    with bare.signed_in() as browser:
        browser.cookies.clear()
        assert "No more digests" in browser.get(url).text
        gone = browser.post(url, data={"List-Unsubscribe": "One-Click"})
        wrong = browser.post(f"{url[:-4]}AAAA")
    with bare.signed_in() as browser:
        page = browser.get(NOTIFICATIONS).text

    assert gone.status_code == 200
    assert "You get no more digests." in gone.text
    assert wrong.status_code == 404
    assert not re.search(r'name="digests"[^>]* checked', page)


def test_an_alert_is_seen_put_off_and_decided_by_a_day(office: Office) -> None:
    path = "/monitoring/alerts/{alert}".format(**office.ids)
    today = office.world.clock.now().date()
    with office.signed_in(office.collector) as browser:
        assert f'hx-post="{path}/opened"' in browser.get(path).text
        assert browser.submit(f"{path}/opened").status_code == 204
        assert f'hx-post="{path}/opened"' not in browser.get(path).text
        refused = browser.submit(f"{path}/snooze", {"until": today.isoformat()})
        put_off = browser.submit(f"{path}/snooze", {"until": today.replace(day=9).isoformat()})
        listed = browser.get("/monitoring").text
        late = browser.submit(f"{path}/acknowledge", {"due_on": "2020-01-01"})
        decided = browser.submit(
            f"{path}/acknowledge",
            {"decision": "call", "note": "Ask Mr Dubois", "due_on": today.isoformat()},
        )
        page, tasks = browser.get(path).text, browser.get("/today?show=all").text

    assert (refused.status_code, late.status_code) == (422, 422)
    assert "Please give a day from tomorrow on" in refused.text
    assert (put_off.status_code, decided.status_code) == (303, 303)
    assert path not in listed
    assert "To be done by" in page
    assert "Ask Mr Dubois" in tasks


class Caller:
    """Refuses one address, and takes every call."""

    def __init__(self) -> None:
        self.told: list[HookMessage] = []

    def check(self, url: str) -> None:
        if "evil" in url:
            raise ForbiddenHook(url, "it resolves to 10.0.0.5")

    def call(self, message: HookMessage) -> HookAnswer:
        self.told.append(message)
        return HookAnswer(500, "<b>no</b>")


def test_an_address_is_added_tried_and_its_secret_exchanged(bare: Office) -> None:
    caller = Caller()
    runtime = replace(bare.runtime, hooks=caller)
    office = replace(bare, world=World(runtime))
    page = "/settings/webhooks"
    with office.signed_in() as browser:
        evil = browser.submit(page, {"url": "https://evil.example/", "kinds": "alert.raised"})
        nothing = browser.submit(page, {"url": "https://erp.example/hooks"})
        added = browser.submit(page, {"url": "https://erp.example/hooks", "kinds": "alert.raised"})
        path = urlsplit(added.headers["location"]).path
        secret = _secret(browser.get(path).text)
        assert browser.submit(path, {"do": "test"}).status_code == 303
        office.world.run_jobs()
        tried = browser.get(path).text
        browser.submit(path, {"do": "rotate"})
        exchanged = browser.get(path).text
        for deed in ("pause", "resume", "remove"):
            assert browser.submit(path, {"do": deed}).status_code == 303
        gone = browser.get(path)
    with office.signed_in(office.collector) as browser:
        kept_out = browser.get(page)

    assert (evil.status_code, nothing.status_code, kept_out.status_code) == (422, 422, 403)
    assert "This is not an address we call" in evil.text
    assert caller.told[0].secrets == (secret,)
    assert "&lt;b&gt;no&lt;/b&gt;" in tried
    assert _secret(exchanged) != secret
    assert "The secret before signs as well until" in exchanged
    assert gone.status_code == 404


def _secret(page: str) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    assert found
    return found[0]

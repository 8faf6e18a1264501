"""Alerts that arrive by themselves, and readings that a bureau pushes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import anyio
import pytest

from backoffice.access import Asker, signed_in
from backoffice.stream import AlertStream, resume_point
from monitoring.alerts.queries import latest_news
from monitoring.feeds.push import sign
from monitoring.standing import latest_readings
from receivables.database import Scope
from receivables.ids import EventId
from receivables.parties.tables import Identifier
from receivables.ports import PushOutcome, PushResult
from receivables.web.face import Face, Reader
from tests.support.faces import Browser, backoffice_client
from tests.support.office import Office, SubscribablePusher, read_scores
from tests.support.settings import READINGS_SECRET

P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


def stream_of(office: Office, browser: Browser, after: EventId | None = None) -> AlertStream:
    from pathlib import Path

    import backoffice.app

    face = Face(
        name="backoffice",
        runtime=office.runtime,
        origin=browser.origin,
        templates=Path(backoffice.app.__file__).parent / "templates",
    )
    cookies = dict(browser.cookies.items())
    me = signed_in(face, cookies)
    assert me is not None
    asker = Asker(face=face, me=me, reader=Reader("en_GB", "Europe/Zurich", "b"), path="/")
    return AlertStream(asker, cookies, after)


def look(stream: AlertStream) -> list[tuple[str | None, str]]:
    found = stream.look()
    assert found is not None, "the session has ended"
    return [(one.event, str(one.data)) for one in found]


def test_an_alert_arrives_while_one_looks(bare: Office) -> None:
    debtor_id = bare.world.debtor(supplier_id=bare.supplier_id, name="Atelier <Dubois>")
    bare.world.invoice("100.00 CHF", debtor_id=debtor_id, supplier_id=bare.supplier_id)
    with bare.signed_in() as browser:
        stream = stream_of(bare, browser)
        assert look(stream) == []

        read_scores(bare, debtor_id, 70, 30)
        told = look(stream)

        assert [event for event, _ in told] == ["alert", "bell"]
        assert "Atelier &lt;Dubois&gt;" in told[0][1]
        assert '<span class="count">1</span>' in told[1][1]
        assert look(stream) == [], "nothing is told twice"


def test_a_browser_that_comes_back_is_told_what_it_missed(office: Office) -> None:
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        before = latest_news(session, office.supplier_id)
    debtor_id = office.world.debtor(supplier_id=office.supplier_id)
    office.world.invoice("100.00 CHF", debtor_id=debtor_id, supplier_id=office.supplier_id)
    read_scores(office, debtor_id, 70, 30)

    with office.signed_in() as browser:
        assert [event for event, _ in look(stream_of(office, browser, before))] == ["alert", "bell"]
        assert look(stream_of(office, browser)) == [], "who has just seen the page missed nothing"


def test_the_stream_ends_with_the_session(bare: Office) -> None:
    with bare.signed_in() as browser:
        stream = stream_of(bare, browser)
        browser.submit("/sign-out")

        assert stream.look() is None


def test_the_stream_ends_by_itself_so_that_browsers_come_back(bare: Office) -> None:
    async def read(stream: AlertStream) -> list[Any]:
        return [one async for one in stream.messages(pause=0, lifetime=0.05)]

    with bare.signed_in() as browser:
        messages = anyio.run(read, stream_of(bare, browser))

    assert messages[0].retry == 2000
    assert all(one.data is None for one in messages)


def test_the_alerts_of_others_are_not_in_the_stream(office: Office, bare: Office) -> None:
    with bare.signed_in() as browser:
        stream = stream_of(bare, browser, EventId(office.ids["alert"]))
        stream_from_the_start = stream_of(bare, browser, resume_point("0" * 32))

        assert look(stream) == []
        assert look(stream_from_the_start) == []


@pytest.mark.parametrize("text", ["", "garbage", "1' OR 1", "x" * 5000])
def test_a_resume_point_that_is_none_is_left_out(text: str) -> None:
    assert resume_point(text) is None


# Browsers that want to be woken


def subscribe(browser: Browser, token: str, **given: str) -> int:
    body = {
        "endpoint": "https://fcm.googleapis.com/fcm/send/abc", "p256dh": P256DH, "auth": AUTH,
        "key_id": "k", "staff_id": "somebody-else", **given,
    }  # fmt: skip
    headers = {"X-CSRF-Token": token, "Origin": browser.origin}
    return browser.post("/push/subscriptions", json=body, headers=headers).status_code


def test_a_browser_subscribes_for_whoever_is_signed_in_and_is_removed_again(bare: Office) -> None:
    with bare.signed_in(bare.reader) as browser:
        token = browser.token()
        assert subscribe(browser, "wrong") == 403
        assert subscribe(browser, token) == 201
        assert subscribe(browser, token) == 201, "told again on every visit"
        page = browser.get("/settings/notifications").text
        headers = {"X-CSRF-Token": token, "Origin": browser.origin}
        body = {"endpoint": "https://fcm.googleapis.com/fcm/send/abc"}
        gone = browser.post("/push/subscriptions/forget", json=body, headers=headers)
        after = browser.get("/settings/notifications").text

    assert page.count("/delete") == 1
    assert gone.json() == {"forgotten": True}
    assert "/delete" not in after


@pytest.mark.parametrize(
    "endpoint",
    ["https://127.0.0.1/x", "http://fcm.googleapis.com/x", "https://evil.example/x", "file:///etc"],
)
def test_no_browser_of_unknown_vendors_subscribes(bare: Office, endpoint: str) -> None:
    with bare.signed_in() as browser:
        assert subscribe(browser, browser.token(), endpoint=endpoint) == 422


def test_a_test_notification_goes_to_ones_own_browser_alone(office: Office) -> None:
    pusher = office.runtime.pusher
    assert isinstance(pusher, SubscribablePusher)
    pusher.pushed.clear()
    path = "/push/subscriptions/{subscription}/test".format(**office.ids)

    with office.signed_in(office.collector) as colleague:
        assert colleague.submit(path).status_code == 404
    with office.signed_in() as browser:
        assert browser.submit(path).status_code == 303
        pusher.outcomes.append(PushOutcome(PushResult.GONE))
        browser.submit(path)
        page = browser.get("/settings/notifications").text

    assert len(pusher.pushed) == 2
    assert "was not taken: gone" in page


def test_an_installation_without_a_push_key_says_so(bare: Office) -> None:
    plain = replace(bare, world=type(bare.world)(replace(bare.runtime, pusher=None)))

    with plain.signed_in() as browser:
        page = browser.get("/settings/notifications").text
        status = subscribe(browser, browser.token())

    assert "no key for notifications yet" in page
    assert status == 503


def test_the_service_worker_stands_at_the_root(bare: Office) -> None:
    with backoffice_client(bare.runtime) as browser:
        worker, manifest = browser.get("/sw.js"), browser.get("/manifest.webmanifest")

    assert worker.headers["service-worker-allowed"] == "/"
    assert worker.headers["cache-control"] == "no-cache"
    assert worker.headers["content-type"].startswith("text/javascript")
    assert manifest.json()["start_url"] == "/"


# The bureau's door


def pushed(office: Office, *, secret: str = READINGS_SECRET, late_by: int = 0) -> int:
    event = {
        "event_id": 7, "company_id": "c1", "registration_number": "CHE-104.331.928",
        "country": "CH", "score": 20, "limit": None, "currency": "CHF", "status": "active",
        "as_of": "2026-11-02",
    }  # fmt: skip
    body = json.dumps(event).encode()
    at = int(office.world.clock.now().timestamp()) - late_by
    headers = {
        "X-Bureau-Signature": f"t={at},v1={sign(secret, body, at)}",
        "Content-Type": "application/json",
    }
    with backoffice_client(office.runtime) as machine:
        return machine.post("/readings", content=body, headers=headers).status_code


def readings(office: Office) -> list[int | None]:
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        return [one.score for one in latest_readings(session, office.supplier_id)]


def test_a_bureau_pushes_a_reading_with_a_signature_and_no_session(bare: Office) -> None:
    debtor_id = bare.world.debtor(supplier_id=bare.supplier_id)
    with bare.runtime.transaction(Scope(bare.supplier_id)) as session:
        session.add(
            Identifier(
                supplier_id=bare.supplier_id,
                debtor_id=debtor_id,
                scheme="UID",
                value="CHE104331928",
            )
        )

    assert pushed(bare, secret="another secret, long enough to be one") == 401
    assert pushed(bare, late_by=3600) == 401
    assert readings(bare) == []
    assert pushed(bare) == 200
    assert pushed(bare) == 200, "twice is once"
    assert readings(bare) == [20]


def test_what_no_bureau_would_say_is_refused_even_when_signed(bare: Office) -> None:
    at = int(bare.world.clock.now().timestamp())
    header = f"t={at},v1={sign(READINGS_SECRET, b'[1]', at)}"

    with backoffice_client(bare.runtime) as machine:
        answer = machine.post("/readings", content=b"[1]", headers={"X-Bureau-Signature": header})

    assert answer.status_code == 422

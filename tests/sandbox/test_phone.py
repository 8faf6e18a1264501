"""The gateway for text messages, with the product's own adapter as its customer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, post

from receivables.outgoing import LoopbackOrigin, OutgoingClient
from receivables.ports import (
    BadReport,
    Text,
    TextDeferred,
    TextRefused,
    TextReport,
    TextUnknown,
)
from receivables.sms.gateway import HttpTexter, SmsGateway
from sandbox.phone import ACCOUNT, MESSAGES, TOKEN, Behaviour, RunningPhone, start
from sandbox.serving import serve

NUMBER = "+41795550140"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningPhone]:
    with start() as phone:
        yield phone


@pytest.fixture
def phone(running: RunningPhone) -> RunningPhone:
    running.phone.behave(Behaviour.ACCEPT)
    running.phone.store.clear()
    return running


def send(
    phone: RunningPhone, number: str = NUMBER, *, password: str = TOKEN, seconds: float = 5,
    body: str = "Hello", origin: str = "",
) -> str:  # fmt: skip
    """One text through the adapter; the gateway's id of it."""
    origin = origin or phone.url
    gateway = SmsGateway(origin + MESSAGES, ACCOUNT, password, "Rochat")
    client = OutgoingClient(loopback=(LoopbackOrigin(origin),), total_seconds=seconds)
    try:
        return HttpTexter(gateway, client=client).send(Text(number, body, "1"))
    finally:
        client.close()


def test_a_text_arrives_on_its_telephone(phone: RunningPhone) -> None:
    sid = send(phone, body="Merci: https://pay.example/l/abc")

    (arrived,) = phone.phone.store.find(number=NUMBER)
    assert (arrived.sid, arrived.sender, arrived.body) == (
        sid, "Rochat", "Merci: https://pay.example/l/abc",
    )  # fmt: skip
    page = httpx.get(phone.url, params={"number": NUMBER}).text
    assert '<a href="https://pay.example/l/abc"' in page
    assert httpx.get(f"{phone.url}/_control/texts").json()[0]["to"] == NUMBER


@pytest.mark.parametrize(
    ("behaviour", "outcome", "arrives"),
    [
        ("429", TextDeferred, 0),
        ("21617", TextRefused, 0),
        ("500", TextUnknown, 0),
        ("drop", TextUnknown, 1),
        ("lose", TextUnknown, 0),
    ],
)
def test_every_way_to_misbehave_is_one_of_three_outcomes(
    phone: RunningPhone, behaviour: str, outcome: type[Exception], arrives: int
) -> None:
    httpx.post(f"{phone.url}/_control/behaviour", json={"behaviour": behaviour, "times": 1})

    with pytest.raises(outcome):
        send(phone)
    assert len(phone.phone.store.find()) == arrives
    send(phone)
    assert len(phone.phone.store.find()) == arrives + 1


def test_an_answer_that_comes_too_late_is_unknown_not_a_no(phone: RunningPhone) -> None:
    phone.phone.behave("slow", times=1, seconds=1)

    with pytest.raises(TextUnknown):
        send(phone, "+33612345678", seconds=0.3)


def test_a_dead_number_is_told_from_a_refused_text(phone: RunningPhone) -> None:
    phone.phone.behave("21614", to=NUMBER)
    phone.phone.behave("21617", to="+32470123456")

    with pytest.raises(TextRefused) as dead:
        send(phone)
    with pytest.raises(TextRefused) as refused:
        send(phone, "+32470123456")
    assert dead.value.number_is_dead
    assert not refused.value.number_is_dead


def test_what_is_wrong_with_us_is_tried_again_when_it_is_mended(phone: RunningPhone) -> None:
    with pytest.raises(TextDeferred):
        send(phone, password="wrong")
    with pytest.raises(TextDeferred):
        send(phone, origin="http://127.0.0.1:9")
    assert phone.phone.store.find(number=NUMBER) == []


def test_a_report_is_signed_so_that_the_adapter_takes_no_other(phone: RunningPhone) -> None:
    origin = phone.url
    heard: list[tuple[str, bytes, str]] = []

    @post("/reports")
    async def take(request: Request[Any, Any, Any]) -> str:
        text = request.query_params["text"]
        heard.append((text, await request.body(), request.headers["x-twilio-signature"]))
        return "ok"

    with serve(Litestar([take], openapi_config=None)) as reader:
        gateway = SmsGateway(
            origin + MESSAGES, ACCOUNT, TOKEN, "Rochat", report_url=f"{reader.url}/reports"
        )
        client = OutgoingClient(loopback=(LoopbackOrigin(origin),))
        texter = HttpTexter(gateway, client=client)
        sid = texter.send(Text(NUMBER, "Hello", "text-1"))
        assert phone.phone.report("SMunknown", "delivered") is None
        assert phone.phone.report(sid, "sent") == 201
        assert phone.phone.report(sid, "delivered") == 201
        assert phone.phone.report(sid, "undelivered", "30005") == 201
        client.close()

    reports = [texter.verify(*one) for one in heard]
    assert reports == [
        TextReport(sid, None), TextReport(sid, True), TextReport(sid, False, "30005", True),
    ]  # fmt: skip
    text, body, signature = heard[1]
    for forged in (
        ("text-2", body, signature), (text, body + b"&A=1", signature), (text, body, "x"),
        (text, body, ""), (text, body + b"&" + body, signature), (text, b"\xff", signature),
        (text, b"", signature),
    ):  # fmt: skip
        with pytest.raises(BadReport):
            texter.verify(*forged)
    assert "reported: undelivered 30005" in httpx.get(phone.url).text

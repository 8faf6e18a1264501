"""A gateway for text messages that delivers to telephones in the browser, and misbehaves when told.

Its interface is the `Messages` resource that Twilio published: a form with To, From and Body by
basic authentication, answered with 201 and JSON, or with an error's code.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import threading
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from litestar import Litestar, Request, Response, delete, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.clock import Now, system_now
from sandbox.phone.reports import send
from sandbox.phone.store import TextStore
from sandbox.web import Pages, SafeHeaders

PAGES = Pages(Path(__file__).parent, "Phone")

#: The account of the sandbox; no secret, since nothing outside of this machine is reached by it.
ACCOUNT, TOKEN = "ACsandbox", "sandbox"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_LONGEST = 1600
_HANG_UP = b"x-hang-up"


class Behaviour(StrEnum):
    """What happens to the next message."""

    ACCEPT = "accept"
    BUSY = "429"
    """Too many requests: certainly not taken."""
    DEAD_NUMBER = "21614"
    """Not a mobile number."""
    UNSUBSCRIBED = "21610"
    """Its owner answered STOP."""
    REFUSED = "21617"
    """The body is refused."""
    BROKEN = "500"
    """The gateway breaks down over it; it may have been taken."""
    DROP = "drop"
    """The message is delivered and the connection is cut before the answer."""
    LOSE = "lose"
    """The connection is cut before the answer, and the message is not delivered."""
    SLOW = "slow"
    """It is delivered and answered after `seconds`."""


_SAYS = {
    Behaviour.BUSY: (429, 20429, "Too Many Requests"),
    Behaviour.DEAD_NUMBER: (400, 21614, "'To' number is not a valid mobile number"),
    Behaviour.UNSUBSCRIBED: (400, 21610, "Attempt to send to unsubscribed recipient"),
    Behaviour.REFUSED: (400, 21617, "The concatenated message body exceeds the limit"),
    Behaviour.BROKEN: (500, 20500, "Internal Server Error"),
}


@dataclass(slots=True)
class Rule:
    """A behaviour for a number (all, when empty) and a number of messages (None: for good)."""

    behaviour: Behaviour
    to: str = ""
    times: int | None = None
    seconds: float = 1.0


class Phone:
    """The far end of text messages: what arrived, and how it behaves.

    Senders that want to know are told after `report_after` seconds that a message arrived; None:
    when somebody says so.
    """

    def __init__(
        self,
        store: TextStore | None = None,
        *,
        report_after: float | None = None,
        now: Now = system_now,
    ) -> None:
        self.store = store or TextStore()
        self._report_after = report_after
        self._now = now
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def behave(
        self,
        behaviour: Behaviour | str,
        *,
        to: str = "",
        times: int | None = None,
        seconds: float = 1.0,
    ) -> None:
        """From now on; rules made later come first. ACCEPT for everybody clears the others."""
        behaviour = Behaviour(behaviour)
        with self._lock:
            if behaviour is Behaviour.ACCEPT and not to:
                self._rules.clear()
            else:
                self._rules.insert(0, Rule(behaviour, to, times, seconds))

    def rule_for(self, number: str) -> Rule:
        """How the next message to a number is treated; a counted rule is used up by one."""
        with self._lock:
            for rule in self._rules:
                if rule.times != 0 and rule.to in ("", number):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule
        return Rule(Behaviour.ACCEPT)

    def deliver(self, sender: str, number: str, body: str, *, report_url: str = "") -> str:
        """Show a message on its telephone; returns what the sender is told as its id, and tells the
        sender where that is wanted that it arrived.
        """
        sid = f"SM{uuid4().hex}"
        self.store.add(sid, sender, number, body, self._now())
        if report_url:
            self.store.expect_report(sid, report_url)
            if self._report_after is not None:
                later = threading.Timer(self._report_after, self.report, (sid, "delivered"))
                later.daemon = True
                later.start()
        return sid

    def report(self, sid: str, status: str, code: str = "") -> int | None:
        """Tell a message's sender what became of it: "delivered", or "undelivered" with the
        network's code. Returns what the sender answered; None when nobody did, or nobody asked.
        """
        url, _last = self.store.reports().get(sid, ("", ""))
        if not url:
            return None
        fields = {"AccountSid": ACCOUNT, "MessageSid": sid, "MessageStatus": status}
        answered = send(url, fields | ({"ErrorCode": code} if code else {}), TOKEN)
        self.store.reported(sid, f"{status} {code}".strip())
        return answered


def create_app(phone: Phone) -> ASGIApp:
    """The gateway and its telephones as an ASGI application."""
    handlers = [
        _gateway(phone), *_pages(phone.store), _reporting(phone), *_control(phone),
        PAGES.stylesheet(),
    ]  # fmt: skip
    app = Litestar(handlers, openapi_config=None, logging_config=None)
    return _HangingUp(SafeHeaders(app))


class _HangingUp:
    """Turns an answer that says so into one that breaks off: its headers promise a body, and the
    server closes the connection of an application that stops before it is whole.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        breaks_off = False

        async def answer(message: Message) -> None:
            nonlocal breaks_off
            if message["type"] == "http.response.start":
                breaks_off = any(name.lower() == _HANG_UP for name, _ in message["headers"])
                if breaks_off:
                    message["headers"] = [(b"content-length", b"1000")]
            elif breaks_off:
                return
            await send(message)

        await self._app(scope, receive, answer)


def _gateway(phone: Phone) -> Any:
    expected = "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()

    @post(MESSAGES)
    async def take(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        if not hmac.compare_digest(request.headers.get("authorization", ""), expected):
            return _error(401, 20003, "Authenticate")
        form = {
            name: values[0] for name, values in parse_qs((await request.body()).decode()).items()
        }
        to, body = form.get("To", ""), form.get("Body", "")
        if not _NUMBER.fullmatch(to):
            return _error(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if not body or len(body) > _LONGEST:
            return _error(400, 21602, "Message body is required.")
        rule = phone.rule_for(to)
        if rule.behaviour in _SAYS:
            return _error(*_SAYS[rule.behaviour])
        if rule.behaviour is Behaviour.LOSE:
            return _cut()
        if rule.behaviour is Behaviour.SLOW:
            await asyncio.sleep(rule.seconds)
        sid = phone.deliver(
            form.get("From", ""), to, body, report_url=form.get("StatusCallback", "")
        )
        if rule.behaviour is Behaviour.DROP:
            return _cut()
        return Response({"sid": sid, "status": "queued", "to": to, "body": body}, status_code=201)

    return take


def _error(status: int, code: int, message: str) -> Response[dict[str, Any]]:
    said = {"code": code, "message": message, "status": status}
    return Response(said, status_code=status)


def _cut() -> Response[dict[str, Any]]:
    return Response({}, headers={_HANG_UP.decode(): "1"})


def _pages(store: TextStore) -> list[Any]:
    @get("/", sync_to_thread=False)
    def inbox(request: Request[Any, Any, Any]) -> Response[str]:
        number = request.query_params.get("number", "").strip()
        texts = store.find(number=number)[::-1]
        return PAGES.page(
            "phone.html", number=number, numbers=store.numbers(), texts=texts,
            reports=store.reports(),
        )  # fmt: skip

    return [inbox]


def _reporting(phone: Phone) -> Any:
    @post("/texts/{sid:str}/report", status_code=303)
    async def report(sid: FromPath[str], request: Request[Any, Any, Any]) -> Redirect:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        status, _, code = form.get("said", ["delivered"])[0].partition(" ")
        await asyncio.to_thread(phone.report, sid, status, code)
        return Redirect("/", status_code=303)

    return report


def _control(phone: Phone) -> list[Any]:
    @get("/_control/texts", sync_to_thread=False)
    def texts(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
        number = request.query_params.get("number", "")
        since = int(request.query_params.get("since", "0"))
        return [
            {
                "id": one.id,
                "sid": one.sid,
                "received_at": one.received_at.isoformat(),
                "from": one.sender,
                "to": one.number,
                "body": one.body,
            }
            for one in phone.store.find(number=number, since=since)
        ]

    @delete("/_control/texts", sync_to_thread=False)
    def clear() -> None:
        phone.store.clear()

    @post("/_control/behaviour", status_code=204)
    async def behave(request: Request[Any, Any, Any]) -> None:
        wish = await request.json()
        phone.behave(
            Behaviour(wish["behaviour"]),
            to=wish.get("to", ""),
            times=wish.get("times"),
            seconds=wish.get("seconds", 1.0),
        )

    return [texts, clear, behave]

"""The SMTP side: takes mail on loopback, and misbehaves when told to."""

from __future__ import annotations

import asyncio
import hmac
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.clock import Now, system_now
from sandbox.mailbox.replying import addressed, answer_to
from sandbox.mailbox.store import MessageStore, StoredMessage

#: By their address without a detail: "reminders@host" takes what goes to "reminders+x@host".
Routes = Mapping[str, Callable[[bytes], object]]


class Behaviour(StrEnum):
    """What happens to the next message."""

    ACCEPT = "accept"
    UNAVAILABLE = "421"
    """"Closing the connection" at RCPT."""
    GREYLIST = "450"
    """"Try again later" at RCPT."""
    UNKNOWN_USER = "550"
    """"No such user" at RCPT."""
    BLOCKED = "554"
    """Refused for its content, after DATA."""
    TARPIT = "tarpit"
    """Every answer takes `seconds`."""
    DROP = "drop"
    """The message is kept and the connection is cut before the answer."""
    LOSE = "lose"
    """The connection is cut before the answer, and the message is not kept."""


@dataclass(slots=True)
class Rule:
    """A behaviour for an address (all, when empty) and a number of messages (None: for good)."""

    behaviour: Behaviour
    to: str = ""
    times: int | None = None
    seconds: float = 1.0

    def applies_to(self, recipient: str) -> bool:
        return self.times != 0 and (not self.to or self.to.lower() == recipient.lower())


class Mailbox:
    """The far end of mail: what arrived, and how it behaves. Handlers run on the SMTP thread.

    `routes` are mailboxes of the outside, and who takes what is answered to them.
    """

    def __init__(
        self,
        store: MessageStore | None = None,
        *,
        routes: Routes | None = None,
        now: Now = system_now,
    ) -> None:
        self.store = store or MessageStore()
        self.connections = 0
        self._now = now
        self._routes = {address.lower(): take for address, take in (routes or {}).items()}
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def answer(self, message: StoredMessage, words: str, *, is_automatic: bool = False) -> int:
        """Whoever got a message answers it; returns the answer's id. It is kept for all whom it
        goes to, and handed to whoever takes mail for one of them.
        """
        now, recipients = self._now(), addressed(message)
        raw = answer_to(message, words, is_automatic=is_automatic, now=now)
        kept = self.store.add(message.recipients[0], recipients, raw, now)
        for address in recipients:
            take = self._routes.get(_without_detail(address))
            if take is not None:
                take(raw)
        return kept

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

    def _rule(self, recipient: str, *at: Behaviour) -> Rule | None:
        """The rule for a recipient, used up by one, if it is for this moment of the talk."""
        with self._lock:
            rule = next((rule for rule in self._rules if rule.applies_to(recipient)), None)
            if rule is None or rule.behaviour not in at:
                return None
            if rule.times is not None:
                rule.times -= 1
            return rule

    async def handle_EHLO(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,
        envelope: Envelope,  # noqa: ARG002
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        rule = self._rule(
            address,
            Behaviour.UNAVAILABLE,
            Behaviour.GREYLIST,
            Behaviour.UNKNOWN_USER,
            Behaviour.TARPIT,
        )
        if rule and rule.behaviour is Behaviour.TARPIT:
            await asyncio.sleep(rule.seconds)
        elif rule:
            return {
                Behaviour.UNAVAILABLE: "421 4.3.2 Service not available, closing connection",
                Behaviour.GREYLIST: "450 4.2.0 Greylisted, try again later",
                Behaviour.UNKNOWN_USER: "550 5.1.1 No such user here",
            }[rule.behaviour]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self,
        server: SMTP,
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        rule = self._rule(envelope.rcpt_tos[0], Behaviour.DROP, Behaviour.LOSE, Behaviour.BLOCKED)
        if rule and rule.behaviour is Behaviour.BLOCKED:
            return "554 5.7.1 Message refused"
        if not rule or rule.behaviour is Behaviour.DROP:
            content = envelope.original_content or b""
            self.store.add(envelope.mail_from or "", envelope.rcpt_tos, content, self._now())
        if rule:
            transport = server.transport
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
        return "250 OK, kept in the sandbox"


def _without_detail(address: str) -> str:
    """The mailbox of an address: what stands between a plus sign and the `@` is its own affair."""
    local, _, host = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{host}"


class SmtpServer(Controller):
    """Listens on 127.0.0.1 for a mailbox.

    With a TLS context mail is taken only after STARTTLS, or from the first byte when
    `implicit_tls`; with credentials only from whoever logs in with them.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        def check(
            _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
        ) -> AuthResult:
            expected = "\0".join(credentials or ("", ""))
            given = b"\0".join(login) if isinstance(login, LoginPassword) else b""
            good = hmac.compare_digest(given, expected.encode())
            return AuthResult(success=good, handled=False)

        options: dict[str, Any] = {}
        if tls and implicit_tls:
            options["ssl_context"] = tls
        elif tls:
            options |= {"tls_context": tls, "require_starttls": True}
        if credentials:
            options |= {"auth_required": True, "authenticator": check}
        self._implicit_tls = implicit_tls
        super().__init__(
            mailbox,
            hostname="127.0.0.1",
            port=port or _free_port(),
            server_hostname="mailbox.sandbox",
            ident="Sandbox mailbox",
            **options,
        )

    def factory(self) -> SMTP:
        made = SMTP(self.handler, **self.SMTP_kwargs)
        if self._implicit_tls:
            # aiosmtpd knows of encryption only by STARTTLS, and would refuse to hear passwords.
            made._auth_require_tls = False
        return made


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])

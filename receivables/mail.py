"""Mail by SMTP: one kept connection per thread, a deadline on everything, three outcomes."""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, NoReturn

from receivables.clock import Clock
from receivables.lanes import Lanes, NoRoom
from receivables.mime import ADDRESS, checked_address, compose
from receivables.ports import MailDeferred, MailMessage, MailRefused, MailUnknown

#: A connection is given back after this many messages: some relays count.
MESSAGES_PER_CONNECTION = 100


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over, and how.

    `tls` is "starttls", "implicit" or, on loopback only, "none". Without a username nobody logs
    in. `ca_file` is who vouches for the server; by default the machine's authorities. `timeout`
    bounds each wait, `deadline` a whole message with the connecting that it needs.
    """

    host: str
    port: int
    username: str = ""
    password: str = field(repr=False, default="")
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    ca_file: Path | None = None
    timeout: timedelta = timedelta(seconds=20)
    deadline: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        if self.tls == "none" and not _is_loopback(self.host):
            raise ValueError(f"mail to {self.host} would travel in the clear: tls is needed")


class SmtpMailer:
    """Hands messages to one SMTP server; a Mailer.

    `from_address` is shown as the sender. `bounce_address` is where failures go; its `{id}`
    becomes what `sign` makes of the message's id and the recipient, so that a bounce names its
    message and nobody else can (VERP): "bounce+{id}@mail.example". Without `sign` it is the part
    of the message's id before the `@`. `lanes` keeps a slow host of recipients from taking all the
    senders. Answers come to the same address where they are copied, and to whom a message
    names in any case. Safe to share between threads.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        from_address: str,
        bounce_address: str,
        sign: Callable[[str, str], str] | None = None,
        copies_replies: bool = False,
        lanes: Lanes | None = None,
        clock: Clock,
    ) -> None:
        self._server = server
        self._sign = sign
        self._copies_replies = copies_replies
        self._from_address = checked_address(from_address)
        self._bounce_address = bounce_address
        checked_address(bounce_address.format(id="x"))
        self._clock = clock
        self._tls = None
        if server.tls != "none":
            self._tls = ssl.create_default_context(cafile=server.ca_file)
        self._thread = threading.local()
        self._lanes = lanes or Lanes(1)

    def send(self, message: MailMessage) -> None:
        """Hand over once, reconnecting only while nothing has been handed over.

        An address with letters beyond ASCII before or after its `@` is refused: few servers take
        one. Raises ValueError for a message that no server should see (a line break in a header).
        """
        if not ADDRESS.fullmatch(message.to_address):
            raise MailRefused(553, "not an address mail can be sent to", address_is_dead=True)
        name = message.message_id.partition("@")[0]
        if self._sign is not None:
            name = self._sign(message.message_id, message.to_address)
        sender = checked_address(self._bounce_address.format(id=name))
        recipient = message.to_address
        data = self.written(message, reply_copy=sender if self._copies_replies else "")
        try:
            with self._lanes.through(recipient.rpartition("@")[2]):
                self._hand_over(sender, recipient, data)
        except NoRoom as error:
            raise MailDeferred(None, f"mail to {error} is slow, and others wait for it") from None

    def _hand_over(self, sender: str, recipient: str, data: bytes) -> None:
        kept = getattr(self._thread, "connection", None)
        if kept is not None and kept.usable():
            try:
                kept.hand_over(sender, recipient, data)
            except _Stale:
                self.close()
            else:
                return
        self.close()
        connection = _Connection(self._server, self._tls)
        self._thread.connection = connection
        try:
            connection.hand_over(sender, recipient, data)
        except _Stale as error:
            raise MailDeferred(None, f"the connection broke: {error}") from error

    def written(self, message: MailMessage, *, reply_copy: str = "") -> bytes:
        """The message as it goes over the wire."""
        return compose(
            message, from_address=self._from_address, reply_copy=reply_copy, clock=self._clock
        )

    def close(self) -> None:
        """Give up the current thread's connection."""
        connection = getattr(self._thread, "connection", None)
        self._thread.connection = None
        if connection is not None:
            connection.close()


class _Stale(Exception):
    """The connection broke before the server could have taken the message."""


class _Connection:
    """One conversation with the server."""

    def __init__(self, server: SmtpServer, tls: ssl.SSLContext | None) -> None:
        self._server = server
        self._sent = 0
        self._until = time.monotonic() + server.deadline.total_seconds()
        try:
            self._smtp = self._open(tls)
        except smtplib.SMTPResponseException as error:
            raise MailDeferred(error.smtp_code, _said(error.smtp_error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailDeferred(None, f"{type(error).__name__}: {error}") from error

    def _open(self, tls: ssl.SSLContext | None) -> smtplib.SMTP:
        server, timeout = self._server, self._server.timeout.total_seconds()
        # smtplib would believe every certificate.
        assert tls is not None or server.tls == "none", "nobody vouches for the server"
        smtp: smtplib.SMTP
        if server.tls == "implicit":
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=tls)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=timeout)
        try:
            if server.tls == "starttls":
                self._hurry(smtp)
                smtp.starttls(context=tls)
            self._hurry(smtp)
            smtp.ehlo_or_helo_if_needed()
            if server.username:
                smtp.login(server.username, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def usable(self) -> bool:
        return self._smtp.sock is not None and self._sent < MESSAGES_PER_CONNECTION

    def close(self) -> None:
        try:
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(1)
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    def hand_over(self, sender: str, recipient: str, data: bytes) -> None:
        """Raises _Stale when the connection broke before the message was out."""
        self._until = time.monotonic() + self._server.deadline.total_seconds()
        self._sent += 1
        try:
            self._expect(250, f"MAIL FROM:<{sender}>")
            self._expect(250, f"RCPT TO:<{recipient}>", 251, recipient=True)
            self._expect(354, "DATA")
            # Whoever does not get the last byte of a message has not got the message.
            self._hurry(self._smtp)
            self._smtp.send(_dotted(data))
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.close()
            raise _Stale(f"{type(error).__name__}: {error}") from error
        try:
            self._hurry(self._smtp)
            code, said = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.close()
            raise MailUnknown(f"{type(error).__name__}: {error}") from error
        if code != 250:
            self._turned_down(code, said, recipient=False)

    def _expect(self, wanted: int, command: str, *more: int, recipient: bool = False) -> None:
        self._hurry(self._smtp)
        code, said = self._smtp.docmd(command)
        if code not in (wanted, *more):
            self._turned_down(code, said, recipient=recipient)

    def _turned_down(self, code: int, said: bytes, *, recipient: bool) -> NoReturn:
        """The server said no; the connection is kept for the next message if it still listens."""
        reason = _said(said)
        if code == 421 and self._sent > 1:
            raise _Stale(f"{code} {reason}")
        try:
            self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()
        if 500 <= code < 600:
            raise MailRefused(code, reason, address_is_dead=recipient and _dead(code, reason))
        raise MailDeferred(code, reason)

    def _hurry(self, smtp: smtplib.SMTP) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for this message is used up")
        if smtp.sock is not None:
            smtp.sock.settimeout(min(left, self._server.timeout.total_seconds()))


def _dead(code: int, reason: str) -> bool:
    """Whether a refused recipient does not exist, as opposed to not wanting our mail.

    Source: RFC 3463, section 3.2: 5.1.x is about the address, 5.7.x about policy. Without such
    a code, RFC 5321's 550, 551 and 553 mean the mailbox.
    """
    enhanced = re.match(r"5\.(\d+)\.\d+", reason)
    return enhanced[1] == "1" if enhanced else code in (550, 551, 553)


def _said(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:500]


def _dotted(data: bytes) -> bytes:
    """RFC 5321, section 4.5.2: a line that begins with a dot gets another; a lone dot ends."""
    ended = data if data.endswith(b"\r\n") else data + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

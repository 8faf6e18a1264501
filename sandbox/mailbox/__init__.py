"""A mail provider on one machine: SMTP in, an inbox in the browser.

In a test, `with start() as running:` gives `running.mailbox`, `running.smtp_port` and
`running.url`.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from sandbox.clock import Now, system_now
from sandbox.mailbox.app import create_app
from sandbox.mailbox.server import Behaviour, Mailbox, Routes, SmtpServer
from sandbox.mailbox.store import MessageStore, StoredMessage
from sandbox.serving import Served, serve

__all__ = ["Behaviour", "Mailbox", "RunningMailbox", "StoredMessage", "create_app", "start"]


class RunningMailbox:
    """A mailbox that listens; `url` is its inbox, empty when it was started without pages."""

    def __init__(self, mailbox: Mailbox, smtp: SmtpServer, pages: Served | None) -> None:
        self.mailbox, self.smtp_port, self.url = mailbox, int(smtp.port), pages.url if pages else ""
        self._smtp, self._pages = smtp, pages

    def close(self) -> None:
        self._smtp.stop()
        if self._pages:
            self._pages.close()
        self.mailbox.store.close()

    def __enter__(self) -> RunningMailbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    *,
    smtp_port: int = 0,
    http_port: int | None = 0,
    path: Path | None = None,
    tls: ssl.SSLContext | None = None,
    implicit_tls: bool = False,
    credentials: tuple[str, str] | None = None,
    routes: Routes | None = None,
    now: Now = system_now,
) -> RunningMailbox:
    """Listen on loopback; port 0 takes a free one, `http_port=None` goes without pages.

    Messages are kept in memory, or in the SQLite file `path`. Answers given on the pages go to
    `routes`, too.
    """
    mailbox = Mailbox(MessageStore(path), routes=routes, now=now)
    smtp = SmtpServer(
        mailbox, port=smtp_port, tls=tls, implicit_tls=implicit_tls, credentials=credentials
    )
    smtp.start()
    pages = serve(create_app(mailbox), port=http_port) if http_port is not None else None
    return RunningMailbox(mailbox, smtp, pages)

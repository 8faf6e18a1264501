"""Alerts that arrive by themselves: server-sent events, resumed where a browser left off."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import anyio
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from backoffice.access import Asker, signed_in
from backoffice.alerts import alert_line
from monitoring.alerts.queries import AlertNews, AlertTail, alert_lines, latest_news
from monitoring.events import AlertRaised
from receivables import i18n
from receivables.ids import EventId

#: How often the database is asked, and when the browser has to come back by itself: whoever has
#: been signed out meanwhile, or a process that is to stop, ends the stream then at the latest.
PAUSE_SECONDS = 1.0
LIFETIME_SECONDS = 180.0
RETRY_MILLISECONDS = 2000
#: Sent while nothing happens, so that proxies do not think the line is dead.
SILENCE_SECONDS = 15.0


class AlertStream:
    """What one browser is told. `messages` is run by the event loop, `look` in a thread."""

    def __init__(self, asker: Asker, cookies: dict[str, str], after: EventId | None) -> None:
        self._asker = asker
        self._cookies = cookies
        self._after = after
        self._tail: AlertTail | None = None

    def look(self) -> list[ServerSentEventMessage] | None:
        """What is new, ready to be sent; None once the session has ended."""
        if signed_in(self._asker.face, self._cookies) is None:
            return None
        with self._asker.reading() as session:
            if self._tail is None:
                start = self._after or latest_news(session, self._asker.supplier_id)
                self._tail = AlertTail(self._asker.supplier_id, start)
            news = self._tail.news(session)
            if not news:
                return []
            ids = [one.alert_id for one in news if one.kind == AlertRaised.kind]
            lines = {
                one.alert_id: one
                for one in alert_lines(session, self._asker.supplier_id, ids)
                # A mass change is one line, not a thousand.
                if one.mass_alert_id is None
            }
            head = self._asker.head(session, "")
        face, reader = self._asker.face, self._asker.reader
        with i18n.reading_as(reader.locale, reader.zone):
            shown = {one_id: alert_line(line) for one_id, line in lines.items()}
        told = [
            ServerSentEventMessage(
                data=face.render("_alert.html", reader, alert=shown[one.alert_id]),
                event="alert",
                id=str(one.event_id),
            )
            for one in news
            if one.alert_id in lines and one.kind == AlertRaised.kind
        ]
        bell = face.render("_bell.html", reader, head=head)
        last: AlertNews = news[-1]
        return [*told, ServerSentEventMessage(data=bell, event="bell", id=str(last.event_id))]

    async def messages(
        self, *, pause: float = PAUSE_SECONDS, lifetime: float = LIFETIME_SECONDS
    ) -> AsyncIterator[ServerSentEventMessage]:
        """News as they come, for `lifetime` seconds."""
        begun = spoken = time.monotonic()
        yield ServerSentEventMessage(data=None, comment="here", retry=RETRY_MILLISECONDS)
        while time.monotonic() - begun < lifetime:
            found = await anyio.to_thread.run_sync(self.look)
            if found is None:
                return
            for message in found:
                yield message
            if found:
                spoken = time.monotonic()
            elif time.monotonic() - spoken > SILENCE_SECONDS:
                spoken = time.monotonic()
                yield ServerSentEventMessage(data=None, comment="still here")
            await anyio.sleep(pause)


def resume_point(text: str) -> EventId | None:
    """The event a browser saw last; None for anything that is no id."""
    try:
        return EventId(UUID(text))
    except ValueError:
        return None


@get("/alerts/stream", sync_to_thread=False)
def stream_alerts(
    request: Request[Any, Any, Any], asker: NamedDependency[Asker]
) -> ServerSentEvent:
    """Events `alert` (a line for the list) and `bell`; a reload of the page shows the same."""
    seen = request.headers.get("last-event-id") or str(request.query_params.get("after", ""))
    stream = AlertStream(asker, dict(request.cookies), resume_point(seen))
    return ServerSentEvent(stream.messages())

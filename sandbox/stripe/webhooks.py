"""Events on their way to the endpoints: signed, retried, kept over a restart."""

import json
import threading
from collections.abc import Callable, Sequence

import httpx
import stripe

from sandbox.stripe.config import OWN_ACCOUNT, WebhookEndpoint
from sandbox.stripe.problems import Json
from sandbox.stripe.shapes import public
from sandbox.stripe.store import Store

#: (address, body, headers) -> the status answered; 0 when nobody answered.
Send = Callable[[str, bytes, dict[str, str]], int]

_ANSWER_WITHIN_SECONDS = 10.0
#: Stripe retries for three days with growing pauses; a demo is not that patient.
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_KEPT_FOR_SECONDS = 3 * 86_400

_OLDEST_FIRST = (
    "SELECT * FROM deliveries WHERE state = 'waiting' AND due <= ? ORDER BY seq LIMIT 200"
)
_NEWEST_FIRST = (
    "SELECT * FROM deliveries WHERE state = 'waiting' AND due <= ? ORDER BY seq DESC LIMIT 200"
)


def send_over_http(url: str, body: bytes, headers: dict[str, str]) -> int:
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=_ANSWER_WITHIN_SECONDS)
    except httpx.HTTPError:
        return 0
    return answer.status_code


class Webhooks:
    """The queue of deliveries. Nothing leaves before somebody calls `deliver_due` or `run`."""

    def __init__(
        self,
        store: Store,
        endpoints: Sequence[WebhookEndpoint],
        pace: Callable[[], float],
        send: Send,
    ) -> None:
        self._store, self._endpoints, self._pace, self._send = store, endpoints, pace, send
        self._held = False
        self._reversed = False
        self._copies = 1
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._delivering = threading.Lock()

    def announce(self, event: Json, account: str | None) -> None:
        """Queues one delivery for every endpoint that wants the event."""
        wanted = [e for e in self._endpoints if e.wants(event["type"], account)]
        for endpoint in wanted:
            for _ in range(self._copies):
                self._queue(event["id"], account or OWN_ACCOUNT, endpoint)
        self._wake.set()

    def _queue(self, event_id: str, owner: str, endpoint: WebhookEndpoint) -> None:
        self._store.execute(
            "INSERT INTO deliveries (account, event, url, secret, due) VALUES (?, ?, ?, ?, ?)",
            owner,
            event_id,
            endpoint.url,
            endpoint.secret,
            self._pace(),
        )

    def deliver_due(self, *, ignore_pauses: bool = False) -> int:
        """Sends what is due and says how many were taken; while held, none is.

        Events that a delivery sets off are sent too. `ignore_pauses` retries at once.
        """
        count = 0
        tried: set[int] = set()
        with self._delivering:
            while not self._held:
                horizon = float("inf") if ignore_pauses else self._pace()
                rows = self._store.execute(
                    _NEWEST_FIRST if self._reversed else _OLDEST_FIRST, horizon
                )
                fresh = [row for row in rows if row["seq"] not in tried]
                if not fresh:
                    break
                for row in fresh:
                    tried.add(row["seq"])
                    self._deliver(dict(row))
                    count += 1
        return count

    def _deliver(self, row: Json) -> None:
        event = self._store.find(row["account"], row["event"])
        assert event is not None, "an event is stored before its delivery"
        body = json.dumps(public(event), indent=2)
        # Signed with the machine's time: the receiver compares it with its own.
        signature = stripe.WebhookSignature.generate_signature_header(body, row["secret"])
        headers = {
            "content-type": "application/json; charset=utf-8",
            "stripe-signature": signature,
            "user-agent": "Stripe/1.0 (sandbox)",
        }
        status = self._send(row["url"], body.encode(), headers)
        attempts = row["attempts"] + 1
        pause = min(_FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), _LONGEST_PAUSE_SECONDS)
        arrived = 200 <= status < 300
        given_up = attempts * _LONGEST_PAUSE_SECONDS > _KEPT_FOR_SECONDS
        state = "delivered" if arrived else "given_up" if given_up else "waiting"
        self._store.execute(
            "UPDATE deliveries SET attempts = ?, due = ?, state = ?, last_status = ? WHERE seq = ?",
            attempts,
            self._pace() + pause,
            state,
            status,
            row["seq"],
        )

    def run(self, before_each: Callable[[], None]) -> None:
        """Delivers until `stop`, in a thread of its own; `before_each` is what time does."""
        while not self._stop.is_set():
            before_each()
            self.deliver_due()
            self._wake.wait(timeout=0.5)
            self._wake.clear()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def hold(self) -> None:
        """Nothing is delivered until `release`."""
        self._held = True

    def release(self) -> None:
        self._held = False
        self._wake.set()

    def reorder(self, newest_first: bool = True) -> None:
        """Whatever waits is delivered newest first from now on; hold first to let it gather."""
        self._reversed = newest_first

    def duplicate(self, copies: int) -> None:
        """Every event from now on is delivered this many times; 1 is normal."""
        self._copies = max(1, copies)

    def resend(self, event_id: str) -> None:
        """One stored event again, to every endpoint that wants it."""
        owner = self._store.account_of(event_id)
        event = self._store.find(owner, event_id) if owner else None
        if event is not None:
            self.announce(event, event.get("account"))

    def drop_waiting(self) -> int:
        """Loses every delivery that waits, and says how many: an endpoint down for too long."""
        waiting = len(self.waiting())
        self._store.execute("UPDATE deliveries SET state = 'lost' WHERE state = 'waiting'")
        return waiting

    def waiting(self) -> list[Json]:
        return [row for row in self.log() if row["state"] == "waiting"]

    def log(self) -> list[Json]:
        rows = self._store.execute(
            "SELECT seq, account, event, url, attempts, state, last_status FROM deliveries"
            " ORDER BY seq"
        )
        return [dict(row) for row in rows]

    @property
    def held(self) -> bool:
        return self._held

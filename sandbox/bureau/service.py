"""What the bureau does: knows companies, tells of changes, and pushes them to who wants to know."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx

from sandbox.bureau.store import BureauStore, Company, Event
from sandbox.clock import Now, system_now

STATUSES = ("active", "insolvent", "dissolved")


@dataclass(frozen=True, slots=True)
class PushTo:
    """Where changes are pushed, signed with a secret both sides know."""

    url: str
    secret: str


class Bureau:
    """The far end of solvency: companies, scores, portfolios; a rate limit and an off switch."""

    def __init__(
        self,
        companies: Iterable[Company] = (),
        *,
        path: Path | None = None,
        credentials: tuple[str, str] = ("quittance", "sandbox"),
        push_to: PushTo | None = None,
        now: Now = system_now,
    ) -> None:
        self.store = BureauStore(path)
        self.store.seed(companies)
        self.push_to = push_to
        self._now = now
        self._credentials = credentials
        self._tokens: set[str] = set()
        self._busy: list[int] = []
        self._broken = 0
        self._lock = threading.Lock()

    def authenticate(self, username: str, password: str) -> str | None:
        """A token for who knows the password."""
        given, wanted = f"{username}\0{password}", "\0".join(self._credentials)
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            return None
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return token

    def knows(self, token: str) -> bool:
        return token in self._tokens

    def end_sessions(self) -> None:
        """All tokens have expired."""
        self._tokens.clear()

    def refuse(self, times: int, *, retry_after: int = 1) -> None:
        """Answer the next `times` calls with 429."""
        with self._lock:
            self._busy = [retry_after] * times

    def break_down(self, times: int) -> None:
        """Answer the next `times` calls with 503."""
        with self._lock:
            self._broken = times

    def trouble(self) -> tuple[int, int] | None:
        """Status and Retry-After (0: none) of the trouble this call runs into, used up by it."""
        with self._lock:
            if self._busy:
                return 429, self._busy.pop()
            if self._broken:
                self._broken -= 1
                return 503, 0
            return None

    def rate(
        self,
        registration_number: str,
        score: int | None,
        *,
        credit_limit: int | None = None,
        status: str = "active",
        as_of: date | None = None,
    ) -> int:
        """Change what we say of a company, by its registration number; returns the event's id.

        Raises KeyError for a company nobody knows and ValueError for a score that is none.
        """
        if score is not None and not 0 <= score <= 100:
            raise ValueError(f"a score is between 0 and 100, not {score}")
        if status not in STATUSES:
            raise ValueError(f"a status is one of {STATUSES}, not {status!r}")
        found = self.store.companies(registration_number=registration_number)
        if not found:
            raise KeyError(registration_number)
        return self.store.change(
            found[0].company_id,
            score=score,
            credit_limit=credit_limit if credit_limit is not None else found[0].credit_limit,
            status=status,
            as_of=as_of or self._now().date(),
        )

    def push_pending(self) -> int:
        """Push what is not confirmed yet, in order, until one fails; returns how many went."""
        if self.push_to is None:
            return 0
        confirmed = 0
        for event in self.store.unpushed():
            if not self._push(self.push_to, event):
                break
            self.store.pushed(event.event_id, self._now().isoformat())
            confirmed += 1
        return confirmed

    def _push(self, to: PushTo, event: Event) -> bool:
        body = json.dumps(event.as_json(), separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Bureau-Signature": signature(to.secret, body, int(self._now().timestamp())),
        }
        try:
            return httpx.post(to.url, content=body, headers=headers, timeout=5).is_success
        except httpx.HTTPError:
            return False


class PushLoop:
    """Pushes what is pending every `seconds`, and at once after `wake`, until closed."""

    def __init__(self, bureau: Bureau, *, seconds: float = 5.0) -> None:
        self._bureau, self._seconds = bureau, seconds
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="bureau", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def close(self) -> None:
        self._stopped.set()
        self._wake.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._bureau.push_pending()
            self._wake.wait(self._seconds)
            self._wake.clear()


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of `X-Bureau-Signature`: the time, and an HMAC over the time and the body."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"

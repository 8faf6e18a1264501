"""The first answer under a key is the answer, for a day.

Success, declines and 500s are stored and given again. What failed validation, met another
call under way or was rate limited is not. Source: https://docs.stripe.com/api/idempotent_requests.
"""

import json
import threading

from sandbox.stripe.problems import ApiProblem
from sandbox.stripe.store import Store
from sandbox.stripe.wire import Response

_KEPT_SECONDS = 24 * 3600
_LONGEST_KEY = 255


class Keys:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._under_way: set[tuple[str, str]] = set()

    def begin(self, owner: str, key: str, fingerprint: str, now: int) -> Response | None:
        """The stored answer, or None: then this call is the first and must be ended.

        Raises ApiProblem when the key was used for something else or is in use right now.
        """
        if len(key) > _LONGEST_KEY:
            raise ApiProblem(400, f"Idempotency keys are at most {_LONGEST_KEY} characters.")
        with self._lock:
            if (owner, key) in self._under_way:
                raise ApiProblem(
                    409,
                    "There is currently another in-progress request using this Idempotent Key "
                    f"(that probably means you submitted twice): {key}",
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                    should_retry=True,
                )
            stored = self._stored(owner, key, fingerprint, now)
            if stored is None:
                self._under_way.add((owner, key))
            return stored

    def _stored(self, owner: str, key: str, fingerprint: str, now: int) -> Response | None:
        self._store.execute("DELETE FROM keys WHERE created <= ?", now - _KEPT_SECONDS)
        rows = self._store.execute("SELECT * FROM keys WHERE account = ? AND key = ?", owner, key)
        if not rows:
            return None
        row = rows[0]
        if row["fingerprint"] != fingerprint:
            raise ApiProblem(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request.",
                kind="idempotency_error",
            )
        headers = json.loads(row["headers"])
        again = {"idempotent-replayed": "true", "original-request": headers["request-id"]}
        return Response(row["status"], row["body"], headers | again)

    def store(self, owner: str, key: str, fingerprint: str, answer: Response, now: int) -> None:
        """Within the transaction that made the effect: both are there or neither is."""
        self._store.execute(
            "INSERT INTO keys (account, key, fingerprint, status, headers, body, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            owner,
            key,
            fingerprint,
            answer.status,
            json.dumps(answer.headers),
            answer.body,
            now,
        )

    def end(self, owner: str, key: str) -> None:
        with self._lock:
            self._under_way.discard((owner, key))

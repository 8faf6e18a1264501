"""Stripe as one object: answers calls, plays the payer and the bank, fails on demand."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from uuid import uuid4

import stripe

from sandbox.stripe import (
    checkout,
    contract,
    customers,
    disputes,
    hosted,
    methods,
    refunds,
    routes,
    shapes,
    webhooks,
)
from sandbox.stripe.books import Books
from sandbox.stripe.config import OWN_ACCOUNT, SandboxConfig
from sandbox.stripe.faults import Fault, Faults, Trouble
from sandbox.stripe.hosted import BankAnswer, Means
from sandbox.stripe.idempotency import Keys
from sandbox.stripe.problems import ApiProblem, CardDeclined, Json
from sandbox.stripe.store import Store
from sandbox.stripe.webhooks import Webhooks
from sandbox.stripe.wire import Request, Response, as_json, decode_form

Wait = Callable[[float], None]


class StripeSandbox:
    """Safe to call from many threads; the effects of one call appear all at once."""

    def __init__(
        self, config: SandboxConfig, send: webhooks.Send = webhooks.send_over_http
    ) -> None:
        self.config = config
        self.store = Store(config.state_path)
        self.webhooks = Webhooks(self.store, config.endpoints, config.pace, send)
        self.faults = Faults()
        self._keys = Keys(self.store)
        self._disconnected: set[str] = set()

    def close(self) -> None:
        self.webhooks.stop()
        self.store.close()

    def books(self, account: str | None = None) -> Books:
        return Books(
            self.store,
            self._now,
            self.config.public_url,
            self.webhooks.announce,
            None if account == OWN_ACCOUNT else account,
        )

    def books_of(self, object_id: str) -> Books:
        """The books an object stands in, whoever's they are."""
        owner = self.store.account_of(object_id)
        if owner is None:
            raise ApiProblem(404, f"No such object: '{object_id}'", code="resource_missing")
        return self.books(owner)

    def _now(self) -> int:
        return int(self.config.now().timestamp())

    def respond(self, request: Request, wait: Wait = time.sleep) -> Response:
        """Answers one call. `wait` is how a slow answer passes the time."""
        request_id = f"req_{uuid4().hex[:14]}"
        headers = {"request-id": request_id, "stripe-version": stripe.api_version}
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is not None:
            headers["idempotency-key"] = key
        try:
            books = self._caller(request, request_id, key)
            fault = self.faults.take(request.method, request.path)
            return self._respond(request, books, key, headers, fault, wait)
        except ApiProblem as problem:
            return _problem(problem, headers)

    def _caller(self, request: Request, request_id: str, key: str | None) -> Books:
        """Whose books the call works on. Raises ApiProblem for a wrong key, version or account."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given != self.config.secret_key:
            shown = f"{given[:8]}{'*' * 8}" if given else "none"
            raise ApiProblem(401, f"Invalid API Key provided: {shown}")
        version = request.headers.get("stripe-version", stripe.api_version)
        if version != stripe.api_version:
            raise ApiProblem(
                400, f"Invalid Stripe API version: {version}; here it is {stripe.api_version}"
            )
        account = request.headers.get("stripe-account")
        if account in self._disconnected or (account and not account.startswith("acct_")):
            raise ApiProblem(
                403,
                f"The provided key does not have access to account '{account}' (or that account "
                "does not exist). Application access may have been revoked.",
                code="account_invalid",
            )
        request_facts = {"id": request_id, "idempotency_key": key}
        return replace(self.books(account), request=request_facts)

    def _respond(
        self,
        request: Request,
        books: Books,
        key: str | None,
        headers: dict[str, str],
        fault: Fault | None,
        wait: Wait,
    ) -> Response:
        trouble = fault.trouble if fault else None
        refused = _REFUSED_AT_THE_DOOR.get(trouble) if trouble else None
        if refused is not None:
            raise refused()
        if trouble is Trouble.DROP_BEFORE:
            return Response(0, b"", {}, dropped=True)
        params = decode_form(
            request.query if request.method == "GET" else request.body.decode(errors="replace")
        )
        print_of_request = _fingerprint(request, params)
        if key is not None:
            stored = self._keys.begin(books.owner, key, print_of_request, self._now())
            if stored is not None:
                return _after(stored, trouble)
        try:
            with self.store.transaction():
                answer = self._perform(request, books, params, headers, trouble)
                if key is not None:
                    self._keys.store(books.owner, key, print_of_request, answer, self._now())
            if fault is not None and trouble is Trouble.SLOW:
                wait(fault.seconds)
        finally:
            if key is not None:
                self._keys.end(books.owner, key)
        return _after(answer, trouble)

    def _perform(
        self,
        request: Request,
        books: Books,
        params: Json,
        headers: dict[str, str],
        trouble: Trouble | None,
    ) -> Response:
        route, object_id = routes.find(request.method, request.path)
        typed = contract.check(params, route.contract())
        broken = as_json(500, _BROKEN, headers | {"stripe-should-retry": "false"})
        if trouble is Trouble.ERROR:
            return broken
        self.expire_due()
        try:
            result = route.handler(books, typed, object_id)
        except CardDeclined as declined:
            return as_json(402, {"error": declined.error}, headers)
        shown = shapes.public(books.expand(result, typed.get("expand", [])))
        return broken if trouble is Trouble.ERROR_AFTER_EFFECT else as_json(200, shown, headers)

    def pay(self, session_id: str, means: Means | None = None, *, save_card: bool = True) -> Json:
        """Pays a session without a browser; a card that wants 3-D Secure then waits for `answer`.

        `save_card` False plays the card that was to be saved and was not.
        Raises ApiProblem when the session is not open.
        """
        with self.store.transaction():
            self.expire_due()
            books = self.books_of(session_id)
            return hosted.submit(books, session_id, means or Means(), save_card=save_card)

    def pay_by_card(self, session_id: str, number: str) -> Json:
        return self.pay(session_id, Means(number=number))

    def answer(self, intent_id: str, answer: BankAnswer) -> Json:
        """The payer answers the bank about a payment or a card that is being saved."""
        with self.store.transaction():
            self.expire_due()
            books = self.books_of(intent_id)
            if intent_id.startswith("seti_"):
                return hosted.answer_bank_for_setup(books, intent_id, answer)
            return hosted.answer_bank(books, intent_id, answer)

    def settle_debit(self, intent_id: str) -> Json:
        with self.store.transaction():
            return hosted.settle_debit(self.books_of(intent_id), intent_id, paid=True)

    def fail_debit(self, intent_id: str) -> Json:
        with self.store.transaction():
            return hosted.settle_debit(self.books_of(intent_id), intent_id, paid=False)

    def change_card(self, method_id: str, number: str) -> Json:
        """A saved card behaves like another test card from now on: the bank changed its mind."""
        with self.store.transaction():
            return hosted.change_card(self.books_of(method_id), method_id, number)

    def switch_methods(self, account: str | None = None, **wanted: bool) -> Json:
        """The account's owner switches ways to pay on or off; pages already made stay as they are.

        Raises ApiProblem for one that the sandbox does not play.
        """
        with self.store.transaction():
            return methods.switch(self.books(account), wanted)

    def switched(self, account: str | None = None) -> dict[str, bool]:
        """Which ways to pay are on."""
        with self.store.transaction():
            configured = methods.of_account(self.books(account))
        return {kind: configured[kind]["available"] for kind in methods.METHODS}

    def renew_card(self, method_id: str, number: str, expiry: tuple[int, int] = (12, 2041)) -> Json:
        """The bank replaces a saved card, and Stripe hears of it."""
        with self.store.transaction():
            return customers.renew_card(self.books_of(method_id), method_id, number, expiry)

    def revoke_mandate(self, mandate_id: str) -> Json:
        """The holder of a bank account takes back what allows us to debit it."""
        with self.store.transaction():
            return customers.revoke_mandate(self.books_of(mandate_id), mandate_id)

    def open_dispute(
        self,
        charge_id: str,
        *,
        reason: str = "fraudulent",
        amount: int | None = None,
        inquiry: bool = False,
        withdraw: bool = True,
    ) -> Json:
        with self.store.transaction():
            return disputes.open_dispute(
                self.books_of(charge_id),
                charge_id,
                reason=reason,
                amount=amount,
                inquiry=inquiry,
                withdraw=withdraw,
            )

    def withdraw_funds(self, dispute_id: str) -> Json:
        with self.store.transaction():
            return disputes.withdraw_funds(self.books_of(dispute_id), dispute_id)

    def reinstate_funds(self, dispute_id: str) -> Json:
        with self.store.transaction():
            return disputes.reinstate_funds(self.books_of(dispute_id), dispute_id)

    def close_dispute(self, dispute_id: str, *, won: bool) -> Json:
        with self.store.transaction():
            return disputes.close_dispute(self.books_of(dispute_id), dispute_id, won=won)

    def settle_refund(self, refund_id: str) -> Json:
        with self.store.transaction():
            return refunds.settle(self.books_of(refund_id), refund_id)

    def fail_refund(self, refund_id: str) -> Json:
        with self.store.transaction():
            return refunds.fail(self.books_of(refund_id), refund_id)

    def expire(self, session_id: str) -> Json:
        with self.store.transaction():
            return checkout.expire(self.books_of(session_id), {}, session_id)

    def expire_due(self) -> None:
        """What time does: open sessions whose hour has come, of every account."""
        with self.store.transaction():
            for account, session in self.store.due_sessions(self._now()):
                checkout.expired(self.books(account), session)

    def disconnect(self, account: str) -> None:
        """A connected account takes its permission back: calls for it get 403 from now on."""
        with self.store.transaction():
            application = {"id": "ca_sandbox", "object": "application", "name": "Quittance"}
            self.books(account).emit("account.application.deauthorized", application)
        self._disconnected.add(account)

    def inject(
        self,
        trouble: Trouble | str,
        *,
        method: str = "POST",
        path: str = "/v1/*",
        times: int = 1,
        seconds: float = 0.0,
    ) -> None:
        """The next `times` calls that match go wrong; `path` is a pattern as in a shell."""
        self.faults.inject(Fault(Trouble(trouble), method, path, times, seconds))

    def charged(self) -> list[Json]:
        """Every charge that took money, of every account, oldest first: for invariants."""
        return [
            {
                "account": account,
                "charge": charge["id"],
                "payment_intent": charge["payment_intent"],
                "amount": charge["amount"],
                "amount_refunded": charge["amount_refunded"],
                "currency": charge["currency"],
                "customer": charge["customer"],
                "metadata": charge["metadata"],
            }
            for account, charge in self.store.every("charge")
            if charge["paid"]
        ]


_BROKEN = {
    "error": {
        "message": "An unknown error occurred (the sandbox was told to fail).",
        "type": "api_error",
    }
}

_REFUSED_AT_THE_DOOR: dict[Trouble, Callable[[], ApiProblem]] = {
    Trouble.RATE_LIMITED: lambda: ApiProblem(
        429,
        "Request rate limit exceeded. You can learn more about rate limits here "
        "https://stripe.com/docs/rate-limits.",
        code="rate_limit",
    ),
    Trouble.CONFLICT: lambda: ApiProblem(
        409,
        "This object cannot be accessed right now because another API request or Stripe process "
        "is currently accessing it.",
        code="lock_timeout",
        should_retry=True,
    ),
    Trouble.KEY_REVOKED: lambda: ApiProblem(401, "Expired API Key provided: sk_test_********"),
}


def _after(answer: Response, trouble: Trouble | None) -> Response:
    return replace(answer, dropped=True) if trouble is Trouble.DROP_AFTER else answer


def _problem(problem: ApiProblem, headers: dict[str, str]) -> Response:
    extra = {}
    if problem.should_retry is not None:
        extra["stripe-should-retry"] = str(problem.should_retry).lower()
    return as_json(problem.status, {"error": problem.error}, headers | extra)


def _fingerprint(request: Request, params: Json) -> str:
    facts = [request.method, request.path, json.dumps(params, sort_keys=True)]
    return sha256("\n".join(facts).encode()).hexdigest()

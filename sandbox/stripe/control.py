"""The tester's hand: faults, banks and webhooks, as JSON and as a small page."""

import json
from collections.abc import Callable
from urllib.parse import parse_qsl

from sandbox.stripe import banks, cards
from sandbox.stripe.amounts import written
from sandbox.stripe.faults import Trouble
from sandbox.stripe.hosted import BankAnswer, Means
from sandbox.stripe.pages import Pages, see_other
from sandbox.stripe.problems import ApiProblem, Json
from sandbox.stripe.sandbox import StripeSandbox
from sandbox.stripe.wire import Request, Response, as_json
from sandbox.stripe.words import METHOD_NAMES

Action = Callable[[StripeSandbox, Json], Json]
_NEWEST = 20


def _flag(value: object) -> bool:
    return value in (True, "true", "1", "on")


def _inject(sandbox: StripeSandbox, given: Json) -> Json:
    """{"trouble": "500" | ..., "method", "path", "times", "seconds"}"""
    sandbox.inject(
        str(given["trouble"]),
        method=given.get("method", "POST"),
        path=given.get("path", "/v1/*"),
        times=int(given.get("times", 1)),
        seconds=float(given.get("seconds", 0)),
    )
    return {"waiting": sandbox.faults.waiting()}


def _clear(sandbox: StripeSandbox, _given: Json) -> Json:
    sandbox.faults.clear()
    return {"waiting": []}


def _webhooks(sandbox: StripeSandbox, given: Json) -> Json:
    """{"do": hold | release | reorder | in_order | duplicate | resend | deliver | lose}"""
    hooks, done = sandbox.webhooks, 0
    match given["do"]:
        case "hold":
            hooks.hold()
        case "release":
            hooks.release()
        case "reorder" | "in_order":
            hooks.reorder(given["do"] == "reorder")
        case "duplicate":
            hooks.duplicate(int(given.get("copies", 2)))
        case "resend":
            hooks.resend(str(given["event"]))
        case "deliver":
            done = hooks.deliver_due(ignore_pauses=True)
        case "lose":
            done = hooks.drop_waiting()
        case other:
            raise ApiProblem(400, f"Webhooks cannot {other}.")
    return {"done": done, "held": hooks.held, "waiting": len(hooks.waiting())}


def _dispute(sandbox: StripeSandbox, given: Json) -> Json:
    """{"charge", "reason", "amount", "inquiry", "withdraw"} opens; {"dispute", "do"} moves on."""
    if "charge" in given:
        amount = given.get("amount")
        return sandbox.open_dispute(
            given["charge"],
            reason=given.get("reason", "fraudulent"),
            amount=None if amount is None else int(amount),
            inquiry=_flag(given.get("inquiry")),
            withdraw=_flag(given.get("withdraw", True)),
        )
    dispute = str(given["dispute"])
    match given["do"]:
        case "withdraw":
            return sandbox.withdraw_funds(dispute)
        case "reinstate":
            return sandbox.reinstate_funds(dispute)
        case "win" | "lose":
            return sandbox.close_dispute(dispute, won=given["do"] == "win")
        case other:
            raise ApiProblem(400, f"A dispute cannot {other}.")


def _pay(sandbox: StripeSandbox, given: Json) -> Json:
    """{"session", "number" or "method" (with "iban"), "email", "save_card"}"""
    means = Means(
        kind=given.get("method", "card"),
        number=given.get("number", cards.OFFERED[0]),
        iban=given.get("iban", banks.TEST_IBAN),
        email=given.get("email"),
    )
    save = _flag(given.get("save_card", True))
    return sandbox.pay(str(given["session"]), means, save_card=save)


def _switch(sandbox: StripeSandbox, given: Json) -> Json:
    """{"account", "on": "twint ideal", "off": "card"}; without "account" the key's own."""
    wanted = dict.fromkeys(str(given.get("on", "")).split(), True)
    wanted |= dict.fromkeys(str(given.get("off", "")).split(), False)
    return sandbox.switch_methods(given.get("account") or None, **wanted)


#: POST /_control/<name>, with JSON or a form.
ACTIONS: dict[str, Action] = {
    "faults": _inject,
    "faults/clear": _clear,
    "webhooks": _webhooks,
    "disputes": _dispute,
    "sessions/pay": _pay,
    "sessions/expire": lambda s, given: s.expire(given["session"]),
    "intents/answer": lambda s, given: s.answer(
        given["payment_intent"], BankAnswer(given["answer"])
    ),
    "intents/settle": lambda s, given: s.settle_debit(given["payment_intent"]),
    "intents/fail": lambda s, given: s.fail_debit(given["payment_intent"]),
    "refunds/settle": lambda s, given: s.settle_refund(given["refund"]),
    "refunds/fail": lambda s, given: s.fail_refund(given["refund"]),
    "methods": _switch,
    "methods/change": lambda s, given: s.change_card(given["payment_method"], given["number"]),
}


class Control:
    def __init__(self, sandbox: StripeSandbox, pages: Pages) -> None:
        self._sandbox, self._pages = sandbox, pages

    def handle(self, request: Request) -> Response:
        name = request.path.removeprefix("/_control").strip("/")
        if request.method in ("GET", "HEAD"):
            return self._show(name)
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise ApiProblem(403, "Only this sandbox's own page may do that.")
        if name not in ACTIONS:
            raise ApiProblem(404, f"There is no control {name}.")
        text = request.body.decode(errors="replace")
        is_form = "form" in request.headers.get("content-type", "")
        try:
            given = dict(parse_qsl(text)) if is_form else json.loads(text or "{}")
            result = ACTIONS[name](self._sandbox, given)
        except (KeyError, ValueError) as wrong:
            raise ApiProblem(400, f"Wrong or missing: {wrong}") from wrong
        return see_other("/") if is_form else as_json(200, result)

    def _show(self, name: str) -> Response:
        sandbox = self._sandbox
        match name:
            case "":
                return self._dashboard()
            case "charges":
                return as_json(200, {"charges": sandbox.charged()})
            case "methods":
                return as_json(200, {"methods": sandbox.switched()})
            case "faults":
                return as_json(200, {"waiting": sandbox.faults.waiting()})
            case "webhooks":
                return as_json(200, {"held": sandbox.webhooks.held, "log": sandbox.webhooks.log()})
        raise ApiProblem(404, f"There is no control {name}.")

    def _dashboard(self) -> Response:
        sandbox = self._sandbox
        sandbox.expire_due()

        def newest(kind: str) -> list[Json]:
            return [thing for _, thing in sandbox.store.every(kind)][-_NEWEST:][::-1]

        return self._pages.render(
            "dashboard.html",
            lang="en",
            sessions=newest("checkout.session"),
            intents=newest("payment_intent"),
            disputes=newest("dispute"),
            disputed={dispute["charge"] for _, dispute in sandbox.store.every("dispute")},
            troubles=[trouble.value for trouble in Trouble],
            waiting=sandbox.faults.waiting(),
            hooks=sandbox.webhooks.log()[-_NEWEST:][::-1],
            held=sandbox.webhooks.held,
            switched=sandbox.switched(),
            names=METHOD_NAMES,
            written=written,
        )

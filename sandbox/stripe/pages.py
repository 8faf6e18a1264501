"""The pages a payer sees: they need no JavaScript and run none."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.stripe import banks, cards
from sandbox.stripe.amounts import written
from sandbox.stripe.hosted import BankAnswer, Means
from sandbox.stripe.problems import ApiProblem, Json
from sandbox.stripe.sandbox import StripeSandbox
from sandbox.stripe.wire import Request, Response
from sandbox.stripe.words import METHOD_NAMES, language, words

_HERE = Path(__file__).parent
_FAR_EXPIRY = (12, 2040)


class Pages:
    def __init__(self, sandbox: StripeSandbox) -> None:
        self._sandbox = sandbox
        self._jinja = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def checkout(self, session_id: str, request: Request) -> Response:
        self._sandbox.expire_due()
        session = self._sandbox.books_of(session_id).get("checkout.session", session_id)
        refused = dict(parse_qsl(request.query)).get("refused")
        return self._checkout(session, request, self._refusal(session) if refused else None)

    def pay(self, session_id: str, request: Request) -> Response:
        self._sandbox.expire_due()
        session = self._sandbox.books_of(session_id).get("checkout.session", session_id)
        form = dict(parse_qsl(request.body.decode(errors="replace")))
        if session["status"] != "open":
            return self._checkout(session, request, None)
        means = _means(form, session, self._sandbox.config.now().year)
        if isinstance(means, str):
            return self._checkout(session, request, means, status=422)
        session = self._sandbox.pay(session_id, means)
        return self._onwards(session)

    def _onwards(self, session: Json) -> Response:
        """Where the payer goes after an attempt."""
        if session["status"] == "complete":
            return see_other(_landing(session))
        subject = self._subject(session)
        if subject["status"] == "requires_action":
            return see_other(f"/c/authenticate/{subject['id']}")
        return see_other(f"/c/pay/{session['id']}?refused=1")

    def _subject(self, session: Json) -> Json:
        """The intent that a session is about."""
        books = self._sandbox.books_of(session["id"])
        return books.find(session["setup_intent"] or session["payment_intent"]) or {"status": ""}

    def _refusal(self, session: Json) -> str | None:
        subject = self._subject(session)
        error = subject.get("last_payment_error") or subject.get("last_setup_error") or {}
        return error.get("decline_code") or error.get("code")

    def _checkout(
        self, session: Json, request: Request, refusal: str | None, status: int = 200
    ) -> Response:
        tongue = language(session["locale"], request.headers.get("accept-language", ""))
        said = words(tongue)
        total = written(session["amount_total"] or 0, session["currency"])
        return self.render(
            "checkout.html",
            status=status,
            allow_forms_to=_origins(session),
            lang=tongue,
            w=said,
            session=session,
            total=total,
            written=written,
            offered=[(number, _spaced(number)) for number in cards.OFFERED],
            others=[
                (kind, METHOD_NAMES[kind])
                for kind in session["payment_method_types"]
                if kind in METHOD_NAMES and kind != "sepa_debit"
            ],
            test_iban=_spaced(banks.TEST_IBAN),
            refusal=said.get(refusal, said["generic_decline"]) if refusal else None,
            email=(session["customer_details"] or {}).get("email"),
            consent=(session["custom_text"]["submit"] or {}).get("message"),
            saves=session["_intent_data"].get("setup_future_usage") is not None,
            back=session["cancel_url"],
            landing=_landing(session),
        )

    def bank(self, intent_id: str, request: Request) -> Response:
        books = self._sandbox.books_of(intent_id)
        intent = books.find(intent_id) or {}
        session = books.find(intent.get("_checkout"))
        tongue = language(
            session["locale"] if session else None, request.headers.get("accept-language", "")
        )
        amount = intent.get("amount")
        method = books.find(intent.get("payment_method")) or {"type": ""}
        return self.render(
            "bank.html",
            allow_forms_to=_origins(session) if session else _origin(intent.get("_return_url")),
            lang=tongue,
            w=words(tongue),
            intent=intent,
            asker=METHOD_NAMES.get(method["type"]),
            total=written(amount, intent["currency"]) if amount is not None else None,
        )

    def answer_bank(self, intent_id: str, request: Request) -> Response:
        form = dict(parse_qsl(request.body.decode(errors="replace")))
        if form.get("answer") not in tuple(BankAnswer):
            raise ApiProblem(400, "Say authenticate, fail or abandon.")
        answer = BankAnswer(form["answer"])
        intent = self._sandbox.answer(intent_id, answer)
        books = self._sandbox.books_of(intent_id)
        session = books.find(intent.get("_checkout"))
        if session is None:
            return see_other(intent.get("_return_url") or "/")
        if answer is BankAnswer.ABANDON and session["cancel_url"]:
            return see_other(session["cancel_url"])
        if session["status"] == "open" and intent["status"] == "requires_action":
            return see_other(f"/c/pay/{session['id']}")
        return self._onwards(session)

    def render(
        self, template: str, *, status: int = 200, allow_forms_to: str = "", **page: Any
    ) -> Response:
        text = self._jinja.get_template(template).render(**page)
        return Response(status, text.encode(), page_headers(allow_forms_to))


def page_headers(allow_forms_to: str = "") -> dict[str, str]:
    """A form that answers 303 to the shop must be allowed to go there, too."""
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {allow_forms_to}"
    )
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy.strip(),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }


def see_other(address: str) -> Response:
    return Response(303, b"", {"location": address, "cache-control": "no-store"})


def _origin(address: str | None) -> str:
    parts = urlsplit(address or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _origins(session: Json) -> str:
    named = {_origin(session[name]) for name in ("success_url", "cancel_url")}
    return " ".join(sorted(named - {""}))


def _landing(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _spaced(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _means(form: Mapping[str, str], session: Json, this_year: int) -> Means | str:
    """What the payer chose, or the name of what is wrong with it."""
    name = form.get("name") or None
    email = form.get("email") or (session["customer_details"] or {}).get("email")
    kind = form.get("method", "card")
    if kind == "sepa_debit":
        iban = banks.read_iban(form.get("iban", banks.TEST_IBAN))
        return Means(kind=kind, iban=iban, name=name, email=email) if iban else "invalid_iban"
    if kind != "card":
        return Means(kind=kind, name=name, email=email)
    typed = re.sub(r"[\s-]", "", form.get("number", ""))
    if not typed:
        return Means(
            number=form.get("test_card", cards.OFFERED[0]),
            expiry=_FAR_EXPIRY,
            name=name,
            email=email,
        )
    if not cards.is_card_number(typed):
        return "incorrect_number"
    expiry = re.fullmatch(r"(0?[1-9]|1[0-2])\s*/?\s*(?:20)?(\d\d)", form.get("expiry", "").strip())
    if expiry is None or 2000 + int(expiry[2]) < this_year:
        return "invalid_expiry"
    if not re.fullmatch(r"\d{3,4}", form.get("cvc", "")):
        return "invalid_cvc"
    return Means(
        number=typed, expiry=(int(expiry[1]), 2000 + int(expiry[2])), name=name, email=email
    )

"""Guessing tells nothing: known and unknown get the same answer, and tries are counted exactly."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from receivables.database import Scope
from receivables.ids import GrantId, new_id
from receivables.links.actions import revoke
from receivables.links.tokens import make_token, read_token
from receivables.parties import actions
from receivables.parties.passwords import verify
from receivables.parties.sessions import SignInRefused, sign_in
from receivables.web.limits import RULES, Limiter, TooManyTries, subject_of
from tests.security.town import Town
from tests.support.builders import PASSWORD
from tests.support.faces import email_of

KINDS = ("unknown", "wrong", "disabled")


@pytest.fixture(scope="module")
def tries(town: Town) -> dict[str, tuple[str, str]]:
    """Address and password of each way to fail."""
    with town.runtime.transaction(Scope(town.near.supplier_id)) as session:
        actions.disable(
            session, supplier_id=town.near.supplier_id, staff_id=town.near.reader,
            clock=town.runtime.clock,
        )  # fmt: skip
    return {
        "unknown": ("nobody@office.example", PASSWORD),
        "wrong": (email_of(town.runtime, town.near.owner), "not the password of them"),
        "disabled": (email_of(town.runtime, town.near.reader), PASSWORD),
    }


@contextmanager
def statements(town: Town) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def watch(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(town.runtime.database.engine, "before_cursor_execute", watch)
    yield seen
    event.remove(town.runtime.database.engine, "before_cursor_execute", watch)


def plain(text: str) -> str:
    text = re.sub(r'(name="_csrf_token" value)="[^"]*"', r"\1", text)
    return re.sub(r"[\w.]+@office\.example", "ADDRESS", text)


def test_every_failed_sign_in_looks_the_same(town: Town, tries: dict[str, tuple[str, str]]) -> None:
    seen = []
    for kind in KINDS:
        email, password = tries[kind]
        with town.staff() as browser:
            token = browser.token("/sign-in")
            data = {"email": email, "password": password, "_csrf_token": token}
            with statements(town) as asked:
                answer = browser.post("/sign-in", data=data, headers={"Origin": browser.origin})
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in ("set-cookie", "x-request-id", "content-length")
        }
        seen.append((answer.status_code, plain(answer.text), headers, asked))
    assert seen[0][0] == 422
    assert seen[0] == seen[1] == seen[2]


def test_every_failed_sign_in_does_the_same_work(
    town: Town, tries: dict[str, tuple[str, str]]
) -> None:
    for kind in KINDS:
        hashed: list[str | None] = []

        def counting(password: str, password_hash: str | None, seen: Any = hashed) -> bool:
            seen.append(password_hash)
            return verify(password, password_hash)

        email, password = tries[kind]
        with pytest.raises(SignInRefused):
            sign_in(
                town.runtime, email=email, password=password, address="192.0.2.1", user_agent="",
                verify=counting,
            )  # fmt: skip
        assert len(hashed) == 1, kind


def test_every_link_that_opens_nothing_looks_the_same(town: Town) -> None:
    secrets = town.runtime.settings.links.secrets
    good = town.debtors["far two"].link.removeprefix("/l/")
    grant = read_token(good, secrets)
    assert grant is not None
    with town.runtime.transaction(Scope(town.far.supplier_id)) as session:
        revoke(session, town.far.supplier_id, grant, clock=town.runtime.clock)
    other = town.debtors["near one"].link.removeprefix("/l/")
    flipped = other[:-2] + ("A" if other[-2] != "A" else "Q") + other[-1]
    links = {
        "garbage": "x", "of our length": "A" * 43, "one character off": flipped, "revoked": good,
        "nobody's": make_token(GrantId(new_id()), secrets),
        "another secret's": make_token(grant, ["a secret of some other installation"]),
    }  # fmt: skip
    with town.visitor() as browser:
        answers = {kind: browser.get(f"/l/{token}") for kind, token in links.items()}
    first = answers["garbage"]
    for kind, answer in answers.items():
        assert (answer.status_code, answer.text) == (404, first.text), kind
        assert "set-cookie" not in answer.headers, kind


def test_sign_ins_are_counted_to_the_last(town: Town) -> None:
    with town.staff() as browser:
        token = browser.token("/sign-in")

        def attempt(email: str) -> Any:
            data = {"email": email, "password": "x", "_csrf_token": token}
            return browser.post("/sign-in", data=data, headers={"Origin": browser.origin})

        answers = [attempt("one@x.example").status_code for _ in range(10)]
        last = attempt("ONE@x.example ")
        assert answers == [422] * 10
        assert last.status_code == 429, "the same person in another spelling"
        assert int(last.headers["retry-after"]) > 0
        others = [attempt(f"{number}@x.example").status_code for number in range(21)]
        assert others == [422] * 20 + [429], "thirty from one address"


def test_links_and_payments_are_counted_to_the_last(town: Town) -> None:
    with town.visitor() as browser:
        answers = [browser.get(f"/l/{number}") for number in range(21)]
        assert [answer.status_code for answer in answers] == [404] * 20 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert browser.get(town.debtors["near one"].link).status_code == 429, "no oracle either"
    with town.visitor("near one") as browser:
        token = browser.token("/pay?currency=CHF")
        form = {"_csrf_token": token, "currency": "CHF", "choice": "other", "amount": "x"}
        headers = {"Origin": browser.origin}
        statuses = [browser.post("/pay", data=form, headers=headers).status_code for _ in range(13)]
        assert statuses == [422] * 12 + [429]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_rule_lets_pass_what_it_says_and_not_one_more(rule: str) -> None:
    limiter = Limiter("memory://")
    most = min(item.amount for item in RULES[rule])
    for _ in range(most):
        limiter.count(rule, "one")
    with pytest.raises(TooManyTries) as refused:
        limiter.count(rule, "one")
    assert refused.value.retry_after_seconds > 0
    limiter.count(rule, "another")


def test_a_store_that_is_away_opens_no_gate_and_closes_no_shop() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    limiter = Limiter(f"redis://127.0.0.1:{port}/0")
    for _ in range(20):
        limiter.check("unknown link", "one")
        limiter.count("unknown link", "one")
    with pytest.raises(TooManyTries):
        limiter.check("unknown link", "one")
    with pytest.raises(TooManyTries):
        limiter.count("unknown link", "one")


def test_a_store_that_is_silent_is_not_waited_for_long() -> None:
    """Two tries against a listener that never answers; each would else take for ever."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        limiter = Limiter(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        limiter.count("pay", "one")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True), ("2001:db8:0:0:1:2:3:4", "2001:db8::9", True),
        ("2001:db8:0:1::1", "2001:db8::1", False), ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True), ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)  # fmt: skip
def test_a_network_of_ipv6_is_one_subject(one: str, other: str, same: bool) -> None:
    assert (subject_of(one) == subject_of(other)) is same

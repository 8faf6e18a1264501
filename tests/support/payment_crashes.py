"""Kill a process at every boundary of a payment, and see what is left when it is over.

The child is forked and dies of SIGKILL at its k-th boundary: before or after a commit, before or
after a call to Stripe, and (finely) before each statement. Stripe lives in the parent, and so
does the debtor: the child asks over a pipe for the page to be paid and for the webhooks.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import stripe

from receivables import jobs
from receivables.broker import ACTORS, perform
from receivables.database import SYSTEM
from receivables.ids import DebtorId, InvoiceId, PaymentId, new_id
from receivables.payments import tasks
from receivables.payments.charging import ChargeOrder, charge
from receivables.payments.checkout import begin_checkout
from receivables.payments.errors import (
    NothingToPay,
    PaymentAlreadySettled,
    PaymentInProgress,
)
from receivables.payments.inbox import receive
from receivables.payments.looking import look_again
from receivables.payments.queries import entries_of, listed
from receivables.payments.saved import CardChange, begin_card_change, returned_from_change
from receivables.payments.starting import Choice
from receivables.payments.stripe import EVENT_KINDS, StripeGateway
from receivables.payments.tables import SavedMethod
from receivables.runtime import Runtime
from sandbox.stripe import StripeSandbox, shapes
from sandbox.stripe.app import SandboxApp
from tests.support.afterwards import broken_promises
from tests.support.databases import open_for_forks
from tests.support.fuses import Fuse, FusedTransport, deaths, fuse_database, once_unless
from tests.support.keeping import Kept, RewoundClock, Source, keep, put_back
from tests.support.payments import VISA, Till, stripe_settings
from tests.support.settings import WEBHOOK_SECRET
from tests.support.stripe_sandbox import Doorstep, sandbox_config, serve_sandbox
from tests.support.world import World

AMOUNT = "120.00 CHF"
CREATE = ("/v1/checkout/sessions", "/v1/payment_intents")
#: How Stripe fails the first request: what, and how often in a row.
TROUBLES = {
    "none": None,
    "no answer before it took effect": ("drop_before", 3),
    "no answer after it took effect": ("drop_after", 3),
    "500 before it took effect": ("500", 1),
    "500 after it took effect": ("500_after_effect", 1),
    "429": ("429", 3),
}

EACH_TROUBLE = once_unless("none", TROUBLES)


@dataclass(frozen=True)
class Debt:
    """One invoice of one debtor, the click that is to pay it, and the order that is to charge
    it; `card` is the debtor's at Stripe: customer and method.
    """

    debtor_id: DebtorId
    invoice_id: InvoiceId
    choice: Choice
    order: ChargeOrder
    card: tuple[str, str]


@dataclass(frozen=True)
class Line:
    """How the doer asks the world for something."""

    ask: Callable[[str], Any]


def pipe_to_the_world(end: socket.socket) -> Line:
    """The child's."""

    def ask(what: str) -> Any:
        end.sendall((what + "\n").encode())
        return json.loads(end.makefile("r").readline())

    return Line(ask)


#: What a child does; it is over when this returns, or when the fuse blows.
Flow = Callable[[Runtime, Debt, Line], None]
D = TypeVar("D", bound=Debt)


def pay_flow(runtime: Runtime, debt: Debt, line: Line) -> None:
    """Click, pay, webhooks arrive and are worked off, the browser comes back."""
    try:
        begin_checkout(runtime, debt.choice)
    except PaymentInProgress as under_way:
        look_again(runtime, debt.choice.supplier_id, under_way.payment_id)
    line.ask("pay")
    take_webhooks(runtime, line)
    look_again(runtime, debt.choice.supplier_id, debt.choice.attempt)


def charge_flow(runtime: Runtime, debt: Debt, line: Line) -> None:
    """The job charges, webhooks arrive and are worked off, somebody looks."""
    charge(runtime, debt.order)
    take_webhooks(runtime, line)
    look_again(runtime, debt.order.supplier_id, debt.order.attempt)


def take_webhooks(runtime: Runtime, line: Line) -> None:
    gateway = runtime.gateway
    assert gateway is not None
    for post in line.ask("webhooks"):
        event = gateway.verify(post["body"].encode(), post["signature"])
        with runtime.transaction(SYSTEM) as session:
            receive(session, event, gateway, clock=runtime.clock)
    _work_off_payments(runtime)


def _work_off_payments(runtime: Runtime) -> None:
    """What is due, of the money's own queue. The rest is the parent's: the child is a fork, and
    the library that prints receipts does not survive one.
    """
    while True:
        with runtime.transaction(SYSTEM) as session:
            due = jobs.take_due(session, now=runtime.clock.now(), limit=100)
        if not due:
            return
        for job_id, actor_name in due:
            if ACTORS[actor_name].queue_name == "payments":
                perform(runtime, job_id)


@dataclass
class Matrix:
    """One database and one Stripe for many cases, which all begin in the same state."""

    runtime: Runtime
    app: SandboxApp
    clock: RewoundClock
    source: Source
    _before: Kept | None = field(default=None, init=False)

    @property
    def stripe(self) -> StripeSandbox:
        return self.app.sandbox

    def __post_init__(self) -> None:
        self._world = World(self.runtime)
        self._world.supplier()
        self._till = Till(self._world, self.app, Doorstep())

    def ready(self, build: Callable[[], D], flow: Flow) -> D:
        """What a case is about: built once, rehearsed once, and put back for every case.

        The rehearsal is held here, so that the children find texts read and statements compiled.
        """
        url = self.runtime.database.settings.url
        if self._before is None:
            self._before = keep(self._till, self.source, url, build())
            flow(self.runtime, self._before.built, Line(partial(self._answer, self._before.built)))
        self.clock.turn_back(self._before.at)
        put_back(self._before, self._till, self.source, url)
        found: D = self._before.built
        return found

    def debt(self) -> Debt:
        """An invoice that is to be paid, and a card it could be charged to."""
        debtor_id = self._world.debtor()
        method = self._saved_card(debtor_id)
        self._events_before = len(self.stripe.store.every("event"))
        invoice_id = self._world.invoice(AMOUNT, debtor_id=debtor_id)
        choice = self._till.choice(debtor_id, [(invoice_id, AMOUNT)])
        order = ChargeOrder(
            attempt=PaymentId(new_id()),
            supplier_id=choice.supplier_id,
            debtor_id=debtor_id,
            contact_id=choice.contact_id,
            saved_method_id=method.id,
            parts=choice.parts,
        )
        card = (method.stripe_customer_id, method.stripe_payment_method_id)
        return Debt(debtor_id, invoice_id, choice, order, card)

    def _saved_card(self, debtor_id: DebtorId) -> SavedMethod:
        supplier_id = self._till.supplier_id
        change = CardChange(
            supplier_id=supplier_id, debtor_id=debtor_id, contact_id=None, currency="CHF",
            locale="fr_CH", path="/cards",
        )  # fmt: skip
        page_id = begin_card_change(self.runtime, change).rsplit("/", 1)[-1]
        self.stripe.pay_by_card(page_id, VISA)
        method = returned_from_change(self.runtime, supplier_id, debtor_id, page_id)
        assert method is not None, "the card was saved"
        return method

    def run(
        self, flow: Flow, debt: Debt, *, at: int | None, statements: bool = False
    ) -> int | None:
        """The flow in a child; how many boundaries it passed, or None when it was killed."""
        ours, theirs = socket.socketpair()
        self.runtime.database.engine.dispose()
        with self.stripe.store.transaction():  # no thread is in SQLite: its locks come along
            pid = os.fork()
        if pid == 0:
            ours.close()
            self._be_the_child(flow, debt, theirs, at, statements)
        theirs.close()
        passed = self._be_the_world(ours, debt)
        os.waitpid(pid, 0)
        return passed

    def _be_the_child(
        self, flow: Flow, debt: Debt, end: socket.socket, at: int | None, statements: bool
    ) -> None:
        status = 1
        try:
            fuse = Fuse(at)
            fuse_database(self.runtime.database, fuse, statements=statements)
            gateway = at_once(self.stripe, http_client=FusedTransport(fuse))
            runtime = replace(self.runtime, gateway=gateway)
            flow(runtime, debt, pipe_to_the_world(end))
            end.sendall(f"passed {fuse.passed}\n".encode())
            status = 0
        finally:
            os._exit(status)

    def _be_the_world(self, end: socket.socket, debt: Debt) -> int | None:
        passed = None
        with end, end.makefile("r") as asked:
            for line in asked:
                word, _, rest = line.strip().partition(" ")
                if word == "passed":
                    passed = int(rest)
                    continue
                end.sendall((json.dumps(self._answer(debt, word)) + "\n").encode())
        return passed

    def _answer(self, debt: Debt, word: str) -> Any:
        return self._posts() if word == "webhooks" else self.pay(debt)

    def pay(self, debt: Debt) -> str:
        """The debtor pays every page of theirs that is open: they know no better."""
        for session_id in self.pages(debt, "open"):
            self.stripe.pay_by_card(session_id, VISA)
        return "paid"

    def pages(self, debt: Debt, status: str) -> list[str]:
        every = [session for _, session in self.stripe.store.every("checkout.session")]
        return [one["id"] for one in self._of(debt, every) if one["status"] == status]

    def _of(self, debt: Debt, things: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the things at Stripe that were made for this debt."""
        marks = self._marks(debt)
        return [
            thing
            for thing in things
            if thing["metadata"].get("debt", thing["metadata"].get("attempt")) in marks
        ]

    def _marks(self, debt: Debt) -> set[str]:
        with self.runtime.reading(SYSTEM) as session:
            known = listed(session, debt.choice.supplier_id, debtor_id=debt.debtor_id)
        made = (debt.choice.attempt, debt.order.attempt, debt.invoice_id)
        return {str(mark) for mark in (*made, *(row.id for row in known))}

    def _posts(self) -> list[dict[str, str]]:
        """All webhooks of this case, as Stripe signs them."""
        events = self.stripe.store.every("event")[self._events_before :]
        bodies = [
            json.dumps(shapes.public(event)) for _, event in events if event["type"] in EVENT_KINDS
        ]
        sign = stripe.WebhookSignature.generate_signature_header
        return [{"body": body, "signature": sign(body, WEBHOOK_SECRET)} for body in bodies]

    def recover(self) -> None:
        """What happens by itself in the minutes that follow, without a hand and a webhook."""
        self.stripe.faults.clear()
        with self.runtime.transaction(SYSTEM) as session:
            jobs.reclaim_all(session)
        # The first look, and the one that may be certain.
        for minutes in (2, 6):
            self.clock.advance(timedelta(minutes=minutes))
            with self.runtime.transaction(SYSTEM) as session:
                tasks.reconcile.enqueue(session, now=self.clock.now())
            self._world.run_jobs()

    def try_again(self, debt: Debt, flow: Flow) -> None:
        """A job is done again; the debtor looks again, and pays if something is said to be open;
        all webhooks arrive, those that came before the process died once more.
        """
        if flow is charge_flow:
            with suppress(NothingToPay, PaymentAlreadySettled):
                charge(self.runtime, debt.order)
        with suppress(NothingToPay, PaymentAlreadySettled):
            begin_checkout(self.runtime, debt.choice)
        self.pay(debt)
        for post in self._posts():
            self._till.knock(post["body"].encode(), {"stripe-signature": post["signature"]})
        self._world.run_jobs()

    def violations(self, debt: Debt) -> Iterator[str]:
        """P1: not twice. P2: nothing lost. P7: nothing stuck."""
        taken = {
            charge["metadata"].get("attempt"): charge["amount"]
            for charge in self._of(debt, self.stripe.charged())
        }
        if sum(taken.values()) > 12000:
            yield f"P1: {sum(taken.values())} taken of 12000"
        with self.runtime.reading(SYSTEM) as session:
            rows = listed(session, debt.choice.supplier_id, debtor_id=debt.debtor_id)
            booked = {
                str(row.id): sum(
                    entry.amount.minor
                    for entry in entries_of(session, debt.choice.supplier_id, row.id)
                )
                for row in rows
            }
        if {mark: minor for mark, minor in booked.items() if minor} != taken:
            yield f"P2: taken {taken}, booked {booked}"
        for row in rows:
            if row.state in ("started", "sent", "unknown"):
                yield f"P7: {row.id} is {row.state}"
        if self._world.outstanding(debt.invoice_id):
            yield "the debtor could not pay"
        yield from self.broken_promises()

    def broken_promises(self) -> Iterator[str]:
        """What is looked for when any test is over, and here after every case."""
        for finding in broken_promises(self.runtime.database):
            yield f"{finding.promise}: {finding.what}"


def at_once(stripe: StripeSandbox, **more: Any) -> StripeGateway:
    """A gateway that does not pause before it tries again."""
    return StripeGateway(
        stripe_settings(stripe.config.public_url), pause=lambda _seconds: None, **more
    )


M = TypeVar("M", bound=Matrix)


@contextmanager
def matrix(kind: type[M], runtime: Runtime, source: Source) -> Iterator[M]:
    clock = RewoundClock(runtime.clock.now())
    with serve_sandbox(sandbox_config(now=clock.now, endpoints=())) as app:
        gateway = at_once(app.sandbox)
        database = open_for_forks(runtime.database.settings.url)
        own = replace(runtime, database=database, gateway=gateway, clock=clock)
        yield kind(own, app, clock, source)
        database.close()
        gateway.close()


def every_boundary(
    crashes: Matrix,
    flow: Flow,
    trouble: tuple[str, int] | None,
    *,
    statements: bool = False,
    most: int = 10_000,
    paths: Sequence[str] = CREATE,
) -> tuple[int, list[str]]:
    """Run the flow once to count its boundaries, then kill it within the first `most` as `deaths`
    says; Stripe is in trouble with the first request to each of the paths.

    How many boundaries that stands for, and what was wrong after which.
    """

    def case(at: int | None) -> tuple[int | None, list[str]]:
        debt = crashes.ready(crashes.debt, flow)
        if trouble is not None:
            for path in paths:
                crashes.stripe.inject(trouble[0], path=path, times=trouble[1])
        passed = crashes.run(flow, debt, at=at, statements=statements)
        crashes.recover()
        crashes.try_again(debt, flow)
        return passed, [f"killed at {at}: {wrong}" for wrong in crashes.violations(debt)]

    passed, wrong = case(None)
    assert passed is not None, "the flow itself does not run"
    boundaries = min(passed, most)
    for at in deaths(boundaries, thorough=statements):
        survived, found = case(at)
        assert survived is None, f"boundary {at} was not reached"
        wrong += found
    return boundaries + 1, wrong

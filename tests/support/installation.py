"""A whole installation: the product as production runs it, the far ends played around it.

Only the far ends are ours: Stripe's servers, a mail provider, a push service, Google's way to a
Chromium, a credit bureau. The product is configured by the environment, as an operator does it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from alembic import command

from monitoring.alerts.rulebook import set_up_rules
from monitoring.telling.browsers import Browser, save_subscription
from quittance import running
from receivables.boot import alembic_config, build_runtime
from receivables.clock import Clock, ShiftedClock, SystemClock
from receivables.database import Scope
from receivables.ids import DebtorId, StaffId
from receivables.ledger.accounts import account_items
from receivables.mail import SmtpMailer
from receivables.outgoing import Address, LoopbackOrigin, OutgoingClient
from receivables.ports import PushTarget
from receivables.push import VapidKey, WebPusher, load_vapid_key, make_vapid_key
from receivables.runtime import Runtime
from receivables.settings import read_settings
from sandbox import bureau, mailbox, pushservice, stripe
from sandbox.pushservice.chromium import PUSH_HOSTS, FakeGoogle
from sandbox.story.sample_documents import UBL
from sandbox.stripe.app import SandboxApp
from tests.support.brokers import free_port
from tests.support.world import World

ZONE = "Europe/Zurich"
#: A Monday, half past nine in Zurich.
MONDAY = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


class MovableClock(ShiftedClock):
    """Goes as fast as the machine's, from another day on, and can be moved to a morning."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start - SystemClock().now())

    def next_morning(self) -> None:
        """Nine o'clock of the next day in Zurich."""
        here = self.now().astimezone(ZoneInfo(ZONE))
        morning = (here + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
        self.offset += morning.astimezone(UTC) - self.now()


@dataclass(frozen=True, slots=True)
class FarEnds:
    """Everything outside of the product, on loopback, and where the product is expected."""

    portal: str
    backoffice: str
    mail: mailbox.RunningMailbox
    stripe: SandboxApp
    bureau: bureau.RunningBureau
    phones: pushservice.RunningPushService
    environment: Mapping[str, str]

    @property
    def ports(self) -> dict[str, int]:
        """On which port each face is to be served."""
        faces = {"portal": self.portal, "backoffice": self.backoffice}
        return {name: int(url.rpartition(":")[2]) for name, url in faces.items()}


@contextmanager
def far_ends(
    folder: Path, *, clock: Clock, companies: Sequence[bureau.Company] = ()
) -> Iterator[FarEnds]:
    """The outside world, until the block ends; `environment` lacks a database's address."""
    portal, backoffice = (f"http://localhost:{free_port()}" for _ in range(2))
    stripe_port = free_port()
    kept = ("SESSION_SECRETS", "LINK_SECRETS", "STRIPE_WEBHOOK_SECRETS", "READINGS_PUSH_SECRETS")
    drawn = {name: secrets.token_urlsafe(32) for name in kept}
    make_vapid_key(folder / "vapid.pem")
    config = stripe.SandboxConfig(
        public_url=f"http://127.0.0.1:{stripe_port}",
        now=clock.now,
        endpoints=(
            stripe.WebhookEndpoint(f"{portal}/webhooks/stripe", drawn["STRIPE_WEBHOOK_SECRETS"]),
        ),
    )
    door = bureau.PushTo(f"{backoffice}/readings", drawn["READINGS_PUSH_SECRETS"])
    with (
        stripe.serve(config, port=stripe_port) as till,
        mailbox.start(now=clock.now) as mail,
        pushservice.start(now=clock.now, wall=SystemClock().now) as phones,
        bureau.start(companies, push_to=door, now=clock.now) as scores,
    ):
        environment = {
            **drawn,
            "PORTAL_URL": portal,
            "BACKOFFICE_URL": backoffice,
            "SMTP_URL": f"smtp://127.0.0.1:{mail.smtp_port}",
            "MAIL_FROM": "reminders@quittance.example",
            "STRIPE_SECRET_KEY": stripe.SECRET_KEY,
            "STRIPE_API_BASE": config.public_url,
            "VAPID_KEY_FILES": str(folder / "vapid.pem"),
            "VAPID_SUBJECT": "mailto:ops@quittance.example",
            "PUSH_EXTRA_ORIGIN": phones.url,
            "BUREAU_URL": scores.url,
            "BUREAU_USERNAME": "quittance",
            "BUREAU_PASSWORD": "sandbox",
        }
        yield FarEnds(portal, backoffice, mail, till, scores, phones, environment)


@dataclass(frozen=True, slots=True)
class Installation:
    """A supplier's office with one customer, and everything both need, running."""

    world: World
    far: FarEnds
    clock: MovableClock
    key: VapidKey

    @property
    def runtime(self) -> Runtime:
        return self.world.runtime

    def pair_a_phone(self, staff_id: StaffId) -> None:
        """A colleague's phone at the push service that can read what it is sent."""
        made = self.far.phones.service.new_subscription(self.key.public)
        target = PushTarget(made.endpoint, made.p256dh, made.auth, self.key.key_id)
        assert self.world.supplier_id is not None
        with self.runtime.transaction(Scope(self.world.supplier_id)) as session:
            save_subscription(
                session, supplier_id=self.world.supplier_id, staff_id=staff_id,
                browser=Browser(target=target, user_agent="A phone"), clock=self.clock,
            )  # fmt: skip


@contextmanager
def installed(
    folder: Path, google: FakeGoogle, *, companies: Sequence[bureau.Company]
) -> Iterator[Installation]:
    """Both faces and the work on SQLite in this process, with a supplier and its rules.

    Pushes for Chromium reach `google` by its name, through a resolver and an authority of ours;
    everything else of the Runtime is what `build_runtime` makes of the environment.
    """
    clock = MovableClock(MONDAY)
    with ExitStack() as stack:
        far = stack.enter_context(far_ends(folder, clock=clock, companies=companies))
        database = {"DATABASE_URL": f"sqlite:///{folder / 'quittance.sqlite'}"}
        settings = read_settings({**far.environment, **database})
        command.upgrade(alembic_config(settings), "head")
        built = build_runtime(settings, clock=clock)
        stack.callback(built.database.close)
        assert isinstance(built.mailer, SmtpMailer)
        stack.callback(built.mailer.close)
        key = load_vapid_key(folder / "vapid.pem")
        pusher = _pusher(stack, key, google, far.phones.url)
        world = World(replace(built, pusher=pusher))
        supplier_id = world.supplier()
        with built.transaction(Scope(supplier_id)) as session:
            set_up_rules(session, supplier_id=supplier_id, clock=clock)
        stack.enter_context(running(world.runtime, far.ports))
        yield Installation(world, far, clock, key)


def _pusher(stack: ExitStack, key: VapidKey, google: FakeGoogle, phones: str) -> WebPusher:
    def to_the_sandbox(host: str, _port: int) -> Sequence[Address]:
        assert host in PUSH_HOSTS
        return [Address("127.0.0.1", google.push_port)]

    client = OutgoingClient(
        resolve=to_the_sandbox,
        tls=google.certificate.client_context(),
        loopback=(LoopbackOrigin(phones),),
    )
    stack.callback(client.close)
    return WebPusher(
        [key], contact="mailto:ops@quittance.example", client=client, wall=SystemClock()
    )


#: What the e-invoice below asks for.
E_INVOICE_TOTAL = "1756.65 CHF"


def e_invoice(*, number: str, debtor_number: str, debtor: str, due_on: date) -> bytes:
    """A UBL invoice of the test world's supplier to one of its debtors."""
    return (
        Template(UBL)
        .substitute(
            number=number,
            issued_on=due_on - timedelta(days=30),
            due_on=due_on,
            buyer_debtor_number=debtor_number,
            buyer=debtor,
            buyer_street="Rue de Bourg 12",
            buyer_postcode="1003",
            buyer_city="Lausanne",
            buyer_number="CHE107787577",
            buyer_email="compta@dubois.example",
            seller="Menuiserie Rochat SA",
            seller_street="Rue du Lac 4",
            seller_postcode="1003",
            seller_city="Lausanne",
            seller_number="CHE116281838",
            seller_vat="CHE116281838TVA",
            iban="CH9300762011623852957",
        )
        .encode()
    )


def books_of(runtime: Runtime, world: World, debtor_id: DebtorId) -> tuple[list[str], list[str]]:
    """What the ledger says: the numbers of a debtor's open invoices, and of the paid ones."""
    assert world.supplier_id is not None
    with runtime.reading(Scope(world.supplier_id)) as session:
        items = account_items(session, world.supplier_id, debtor_id, most_paid=50)
        return [item.number for item in items.open], [item.number for item in items.paid]

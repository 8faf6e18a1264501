"""The demo: the product as it is, with `sandbox/` as its outside world, and a story to live.

Everything runs in one process on this machine: both faces, the work, Stripe, a mail provider, a
push service and a credit bureau. The clock can be moved. State is kept in one folder; stopping
and starting again loses nothing.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from alembic import command

from demo.telling import hash_passwords, tell_story
from monitoring.bands import band_of
from monitoring.feeds.bureau import FLOORS
from receivables import logs
from receivables.boot import alembic_config, build_runtime
from receivables.clock import Clock, ShiftedClock, SystemClock, local_date
from receivables.database import Database
from receivables.push import load_vapid_key, make_vapid_key
from receivables.replies.command import take_one
from receivables.runtime import Runtime
from receivables.settings import DatabaseSettings, Settings, read_settings
from sandbox import bureau, creditsafe, gazettes, mailbox, phone, pushservice, stripe
from sandbox.guide import GuideLinks, create_app
from sandbox.serving import serve
from sandbox.story import Story, tell
from sandbox.story.customer_file import customers_file

#: In this order from the first port.
PORTS = (
    "portal", "backoffice", "guide", "stripe", "mailbox", "push", "bureau", "smtp", "phone",
    "gazettes", "creditsafe",
)  # fmt: skip

ZONE = "Europe/Zurich"
DATABASE = "quittance.sqlite"


class DemoClock(ShiftedClock):
    """The machine's clock, moved ahead by days that have been let pass; kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        seconds = float(file.read_text()) if file.exists() else 0.0
        super().__init__(timedelta(seconds=seconds))

    def next_morning(self) -> None:
        """Move to nine o'clock of the next day in Zurich, when reminders have gone out."""
        zone = ZoneInfo(ZONE)
        here = self.now().astimezone(zone)
        morning = (here + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
        self.offset += morning.astimezone(UTC) - self.now()
        self._file.write_text(str(self.offset.total_seconds()))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is reached: the product by name, the sandbox by number, so that to the
    browser they are different sites, as in the real world."""

    ports: dict[str, int]

    @classmethod
    def from_port(cls, first: int) -> Addresses:
        return cls({name: first + place for place, name in enumerate(PORTS)})

    def product(self, name: str) -> str:
        return f"http://localhost:{self.ports[name]}"

    def sandbox(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"


#: Serves faces on ports and works, while the block lasts: `quittance.running`.
Running = Callable[[Runtime, Mapping[str, int]], AbstractContextManager[None]]


def run_demo(folder: Path, first_port: int, running: Running, wait: Callable[[], None]) -> int:
    """Run until `wait` returns; returns the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    logs.configure(file=folder / "demo.log")
    started = time.perf_counter()
    with demo(folder, Addresses.from_port(first_port), running) as addresses:
        took = time.perf_counter() - started
        sys.stdout.write(
            f"ready in {took:.1f} s - start here: {addresses.sandbox('guide')}/\n"
            f"  portal      {addresses.product('portal')}   (its door is the link in a mail)\n"
            f"  backoffice  {addresses.product('backoffice')}\n"
            f"  mailbox     {addresses.sandbox('mailbox')}\n"
            f"  phone       {addresses.sandbox('phone')}\n"
            f"  bureau      {addresses.sandbox('bureau')}\n"
            f"  gazettes    {addresses.sandbox('gazettes')}\n"
            f"  creditsafe  {addresses.sandbox('creditsafe')}\n"
            f"  stripe      {addresses.sandbox('stripe')}\n"
            f"  push        {addresses.sandbox('push')}\n"
            "Ctrl-C stops it; nothing is lost.\n"
        )
        sys.stdout.flush()
        wait()
    return 0


@contextmanager
def demo(folder: Path, addresses: Addresses, running: Running) -> Iterator[Addresses]:
    """The whole demo, running while the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = DemoClock(folder / "clock")
    settings = read_settings(_environment(folder, addresses))
    story = _story(folder, clock)
    file = folder / DATABASE
    if not file.exists():
        _tell_into(file, settings, story, addresses, clock)
    command.upgrade(alembic_config(settings), "head")
    runtime = build_runtime(settings, clock=clock)
    with ExitStack() as stack:
        stack.callback(runtime.database.close)
        _start_sandbox(stack, folder, addresses, runtime, clock, story)
        ports = {name: addresses.ports[name] for name in ("portal", "backoffice")}
        stack.enter_context(running(runtime, ports))
        links = _guide_links(addresses, story)
        samples = [*story.sample_files(), customers_file(story.suppliers[0])]
        guide = create_app(links, clock.now, clock.next_morning, samples)
        stack.enter_context(serve(guide, port=addresses.ports["guide"]))
        yield addresses


def _environment(folder: Path, addresses: Addresses) -> dict[str, str]:
    """The environment of a production installation, with the sandbox's addresses in it."""
    kept = folder / "secrets.json"
    if not kept.exists():
        names = (
            "SESSION_SECRETS",
            "LINK_SECRETS",
            "STRIPE_WEBHOOK_SECRETS",
            "READINGS_PUSH_SECRETS",
        )
        kept.touch(mode=0o600)
        kept.write_text(json.dumps({name: secrets.token_urlsafe(32) for name in names}))
    key = folder / "vapid.pem"
    if not key.exists():
        make_vapid_key(key)
    return {
        **json.loads(kept.read_text()),
        "DATABASE_URL": _url(folder / DATABASE),
        "PORTAL_URL": addresses.product("portal"),
        "BACKOFFICE_URL": addresses.product("backoffice"),
        "SMTP_URL": f"smtp://127.0.0.1:{addresses.ports['smtp']}",
        "MAIL_FROM": "reminders@quittance.example",
        "MAIL_REPLIES": "copied",
        "STRIPE_SECRET_KEY": stripe.SECRET_KEY,
        "STRIPE_API_BASE": addresses.sandbox("stripe"),
        "VAPID_KEY_FILES": str(key.absolute()),
        "VAPID_SUBJECT": "mailto:ops@quittance.example",
        "PUSH_EXTRA_ORIGIN": addresses.sandbox("push"),
        "BUREAU_URL": addresses.sandbox("bureau"),
        "BUREAU_USERNAME": "quittance",
        "BUREAU_PASSWORD": "sandbox",
        "CREDITSAFE_URL": addresses.sandbox("creditsafe") + creditsafe.PATH,
        "CREDITSAFE_USERNAME": "quittance",
        "CREDITSAFE_PASSWORD": "sandbox",
        "BODACC_URL": addresses.sandbox("gazettes"),
        "SHAB_URL": addresses.sandbox("gazettes"),
        "GAZETTES_EVERY_MINUTES": "15",
        "SMS_GATEWAY_URL": addresses.sandbox("phone") + phone.MESSAGES,
        "SMS_GATEWAY_USER": phone.ACCOUNT,
        "SMS_GATEWAY_PASSWORD": phone.TOKEN,
        "SMS_SENDER": "Quittance",
    }


def _url(file: Path) -> str:
    return f"sqlite:///{file.absolute()}"


def _story(folder: Path, clock: Clock) -> Story:
    """The story as it was on the demo's first day."""
    first_day = folder / "first-day"
    if not first_day.exists():
        first_day.write_text(local_date(clock.now(), ZONE).isoformat())
    return tell(datetime.fromisoformat(first_day.read_text()).date())


def _tell_into(
    file: Path, settings: Settings, story: Story, addresses: Addresses, clock: Clock
) -> None:
    """A database at `file` with the whole story in it; it is there when it is whole.

    Who stops half way leaves `untold.sqlite`, which the next start throws away.
    """
    folder, untold = file.parent, file.with_name("untold.sqlite")
    for name in (untold.name, "push.sqlite"):
        for suffix in ("", "-wal", "-shm"):
            (folder / f"{name}{suffix}").unlink(missing_ok=True)
    url = _url(untold)
    settings = replace(settings, database=DatabaseSettings(url=url, migration_url=url))
    with ThreadPoolExecutor(max_workers=2) as pool:
        hashes = hash_passwords(story, pool)
        command.upgrade(alembic_config(settings), "head")
        database = Database(settings.database)
        key = load_vapid_key(folder / "vapid.pem")
        phone = _phone(folder, addresses, key.public)
        tell_story(database, story, phone, key.key_id, hashes=hashes, clock=clock)
    # The last connection that closes moves the write-ahead log into the file.
    database.close()
    assert not untold.with_name(f"{untold.name}-wal").exists(), "the story is in the file"
    untold.rename(file)


def _phone(folder: Path, addresses: Addresses, key: str) -> pushservice.BrowserSubscription:
    """A colleague's phone at the push service, so that there is somebody to wake."""
    store = pushservice.PushStore(folder / "push.sqlite")
    service = pushservice.PushService(addresses.sandbox("push"), store=store)
    subscription = service.new_subscription(key)
    store.close()
    return subscription


def _start_sandbox(
    stack: ExitStack,
    folder: Path,
    addresses: Addresses,
    runtime: Runtime,
    clock: DemoClock,
    story: Story,
) -> None:
    settings = runtime.settings
    config = stripe.SandboxConfig(
        public_url=addresses.sandbox("stripe"),
        now=clock.now,
        state_path=folder / "stripe.sqlite",
        endpoints=(
            stripe.WebhookEndpoint(
                f"{addresses.product('portal')}/webhooks/stripe", settings.stripe.webhook_secrets[0]
            ),
        ),
    )
    stack.enter_context(stripe.serve(config, port=addresses.ports["stripe"]))
    stack.enter_context(
        mailbox.start(
            smtp_port=addresses.ports["smtp"],
            http_port=addresses.ports["mailbox"],
            path=folder / "mailbox.sqlite",
            # As a mail server hands what comes for us to `quittance incoming -`.
            routes={settings.mail.from_address: partial(take_one, runtime)},
            now=clock.now,
        )
    )
    stack.enter_context(
        phone.start(
            port=addresses.ports["phone"],
            path=folder / "phone.sqlite",
            report_after=5,
            now=clock.now,
        )
    )
    stack.enter_context(
        # Signatures are made by the machine's clock, and so judged by it.
        pushservice.start(
            port=addresses.ports["push"],
            path=folder / "push.sqlite",
            now=clock.now,
            wall=SystemClock().now,
        )
    )
    _start_sources(stack, folder, addresses, settings, clock, story)


def _start_sources(
    stack: ExitStack,
    folder: Path,
    addresses: Addresses,
    settings: Settings,
    clock: DemoClock,
    story: Story,
) -> None:
    """Whoever says something of customers' solvency."""
    stack.enter_context(
        bureau.start(
            _companies(story),
            port=addresses.ports["bureau"],
            path=folder / "bureau.sqlite",
            push_to=bureau.PushTo(
                f"{addresses.product('backoffice')}/readings",
                settings.bureau.push_secrets[0],
            ),
            now=clock.now,
        )
    )
    stack.enter_context(
        creditsafe.start(
            _rated(story),
            port=addresses.ports["creditsafe"],
            path=folder / "creditsafe.json",
            now=clock.now,
        )
    )
    stack.enter_context(
        gazettes.start(
            _registered(story),
            port=addresses.ports["gazettes"],
            path=folder / "gazettes.sqlite",
            now=clock.now,
        )
    )


def _rated(story: Story) -> list[creditsafe.Company]:
    """Whom Creditsafe rates: French and Belgian customers, as the bureau does."""
    known = {}
    for supplier in story.suppliers:
        for debtor in supplier.debtors:
            if debtor.country not in ("FR", "BE") or debtor.kind == "consumer":
                continue
            latest = debtor.readings[-1]
            company_id = f"{debtor.country}-0-{debtor.registration_value}"
            known[company_id] = creditsafe.Company(
                company_id=company_id,
                country=debtor.country,
                reg_no=debtor.registration_value,
                vat_no=debtor.vat_number or "",
                name=debtor.name,
                common=band_of(latest.score, FLOORS).value,
                local=str(latest.score),
                limit=latest.limit,
            )
    return list(known.values())


def _registered(story: Story) -> list[gazettes.Company]:
    """Whom the French and the Swiss gazette can write about, each company once."""
    known = {
        debtor.registration_value: gazettes.Company(
            number=debtor.registration_value,
            country=debtor.country,
            name=debtor.name,
            city=debtor.city,
        )
        for supplier in story.suppliers
        for debtor in supplier.debtors
        if debtor.registration_scheme in ("SIREN", "UID") and debtor.kind == "business"
    }
    return list(known.values())


def _companies(story: Story) -> list[bureau.Company]:
    """What the bureau knows: each company once, however many suppliers it buys from."""
    known: dict[str, bureau.Company] = {}
    for supplier in story.suppliers:
        for debtor in supplier.debtors:
            if debtor.kind == "consumer":
                continue
            latest = debtor.readings[-1]
            known[debtor.bureau_id] = bureau.Company(
                company_id=debtor.bureau_id,
                registration_number=debtor.registration_value,
                country=debtor.country,
                name=debtor.name,
                score=latest.score,
                credit_limit=latest.limit,
                currency=latest.currency,
                status="active",
                as_of=latest.as_of_on,
            )
    return list(known.values())


def _guide_links(addresses: Addresses, story: Story) -> GuideLinks:
    return GuideLinks(
        story=story,
        portal=addresses.product("portal"),
        backoffice=addresses.product("backoffice"),
        mailbox=addresses.sandbox("mailbox"),
        stripe=addresses.sandbox("stripe"),
        pushservice=addresses.sandbox("push"),
        bureau=addresses.sandbox("bureau"),
        gazettes=addresses.sandbox("gazettes"),
        creditsafe=addresses.sandbox("creditsafe"),
    )

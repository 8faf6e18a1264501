"""Start-up: settings become adapters, adapters become the one Runtime of a process."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from receivables.bounces import return_paths
from receivables.clock import Clock, SystemClock
from receivables.database import Database
from receivables.hooks import OutgoingHooks
from receivables.lanes import Lanes
from receivables.lifecycle.outbox import FolderOutbox
from receivables.mail import SmtpMailer, SmtpServer
from receivables.outgoing import LoopbackOrigin, OutgoingClient
from receivables.payments.stripe import StripeGateway
from receivables.push import WebPusher, load_vapid_key
from receivables.runtime import Runtime
from receivables.settings import (
    LinkSettings,
    MailSettings,
    PushSettings,
    Settings,
    SmsSettings,
    is_loopback,
)
from receivables.sms.gateway import HttpTexter, SmsGateway

#: A slow push service keeps a connection for as long as we wait for it.
PUSH_CONNECTIONS = 128
#: One of so many senders may wait for a slow host. Source: RELIABILITY F18.
SHARE_OF_A_SLOW_HOST = 4
#: They answer at once or not at all; who is slow is asked again.
PUSH_SECONDS = 5.0
ROOT = Path(__file__).parent.parent


def build_runtime(settings: Settings, *, clock: Clock | None = None) -> Runtime:
    """The real adapters around the real database."""
    timepiece = clock or SystemClock()
    return Runtime(
        settings=settings,
        database=Database(settings.database),
        clock=timepiece,
        mailer=_mailer(settings.mail, settings.links, settings.broker.threads, timepiece),
        pusher=_pusher(settings.push),
        gateway=StripeGateway(settings.stripe) if settings.stripe.secret_key else None,
        texter=_texter(settings.sms, f"{settings.web.portal_url}/webhooks/texts"),
        hooks=OutgoingHooks(client=OutgoingClient(), wall=SystemClock()),
        statuses=FolderOutbox(settings.lifecycle.out) if settings.lifecycle.out else None,
    )


def _mailer(mail: MailSettings, links: LinkSettings, senders: int, clock: Clock) -> SmtpMailer:
    local, _, host = mail.from_address.rpartition("@")
    server = SmtpServer(
        host=mail.host,
        port=mail.port,
        username=mail.username or "",
        password=mail.password or "",
        tls=cast("Literal['starttls', 'implicit', 'none']", mail.tls),
    )
    return SmtpMailer(
        server,
        from_address=mail.from_address,
        bounce_address=f"{local}+{{id}}@{host}",
        sign=partial(return_paths.make, secrets=links.secrets),
        copies_replies=mail.copies_replies,
        lanes=Lanes(max(1, senders // SHARE_OF_A_SLOW_HOST)),
        clock=clock,
    )


def _texter(sms: SmsSettings, report_url: str) -> HttpTexter | None:
    if sms.url is None:
        return None
    parts = urlsplit(sms.url)
    home = is_loopback(parts.hostname or "")
    own = (LoopbackOrigin(f"{parts.scheme}://{parts.netloc}"),) if home else ()
    gateway = SmsGateway(sms.url, sms.username, sms.password, sms.sender, report_url)
    return HttpTexter(gateway, client=OutgoingClient(loopback=own))


def _pusher(push: PushSettings) -> WebPusher | None:
    if not push.key_files:
        return None
    own = (LoopbackOrigin(push.extra_origin),) if push.extra_origin else ()
    # Push services check our signature against their own clocks, never against a moved one.
    return WebPusher(
        [load_vapid_key(file) for file in push.key_files],
        contact=push.subject,
        client=OutgoingClient(
            loopback=own, connections=PUSH_CONNECTIONS, total_seconds=PUSH_SECONDS
        ),
        wall=SystemClock(),
    )


def alembic_config(settings: Settings) -> Config:
    """Alembic, pointed at the database that the settings name."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", settings.database.migration_url.replace("%", "%%"))
    return config


def schema_is_current(runtime: Runtime) -> bool:
    """Whether the database has every migration this version of the code knows."""
    script = ScriptDirectory.from_config(alembic_config(runtime.settings))
    with runtime.database.engine.connect() as connection:
        here = MigrationContext.configure(connection).get_current_heads()
    return set(here) == set(script.get_heads())

"""Settings: read once from the environment, one small frozen class per concern.

A secret has no default. What a supplier may change is not a setting but a row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from receivables.errors import ReceivablesError


class BadSetting(ReceivablesError):
    """A setting is missing or malformed; `name` says which."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"{name}: {reason}")


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """`url` is SQLAlchemy's; `migration_url` may name a role that owns the tables."""

    url: str = field(repr=False)
    migration_url: str = field(repr=False)
    statement_limit: timedelta = timedelta(seconds=5)
    statement_deadline: timedelta = timedelta(seconds=8)
    lock_wait: timedelta = timedelta(seconds=2)
    idle_limit: timedelta = timedelta(seconds=10)
    pool_wait: timedelta = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """`url` is redis:// or amqp://; None keeps the work inside the process."""

    url: str | None = field(repr=False)
    threads: int = 4


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the faces are reached from outside; links in mails start with these."""

    portal_url: str
    backoffice_url: str
    #: Signs cookies and form tokens. The first signs, all verify: that is how one is rotated.
    secrets: tuple[str, ...] = field(repr=False)
    #: Proxies whose X-Forwarded-For is believed.
    trusted_proxies: tuple[str, ...] = ()
    #: Further origins a form may lead to (the demo's checkout page).
    form_targets: tuple[str, ...] = ("https://checkout.stripe.com",)
    rate_limit_storage: str = field(repr=False, default="memory://")


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Links in reminders. The first secret signs, all verify."""

    secrets: tuple[str, ...] = field(repr=False)
    lifetime: timedelta = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The SMTP relay. `tls` is "starttls", "implicit" or, on loopback only, "none"."""

    host: str
    port: int
    tls: str
    username: str | None
    password: str | None = field(repr=False)
    from_address: str = "reminders@example.invalid"
    #: Answers of debtors come to us as well as to the supplier (`quittance incoming`).
    copies_replies: bool = False


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """The gateway for text messages; None of it set: nobody is sent any."""

    url: str | None = None
    username: str = ""
    password: str = field(repr=False, default="")
    #: What a telephone shows: a number in E.164, or up to eleven letters and digits.
    sender: str = ""


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """None of it set: card payment is off, bank transfer remains."""

    secret_key: str | None = field(repr=False, default=None)
    webhook_secrets: tuple[str, ...] = field(repr=False, default=())
    #: Only ever the sandbox's; refused together with a live key.
    api_base: str | None = None

    @property
    def livemode(self) -> bool:
        return "_live_" in (self.secret_key or "")


@dataclass(frozen=True, slots=True)
class PushSettings:
    """Web push: key files (the first signs new subscriptions), and who answers for us."""

    key_files: tuple[Path, ...]
    subject: str
    #: A push service of our own on loopback; the demo's.
    extra_origin: str | None = None


@dataclass(frozen=True, slots=True)
class BureauSettings:
    """A credit bureau to poll, and the secrets of those who may push readings to us."""

    url: str | None = None
    username: str | None = None
    password: str | None = field(repr=False, default=None)
    push_secrets: tuple[str, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class GazetteSettings:
    """Official gazettes to read, by their address; None: that one is not read.

    They are open to everybody and need no key: https://bodacc-datadila.opendatasoft.com (France)
    and https://amtsblattportal.ch (Switzerland). Nothing is asked outside unless the operator says
    so, because asking tells a stranger whom the installation watches.
    """

    bodacc_url: str | None = None
    shab_url: str | None = None
    #: How often each is asked at most.
    every: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """Our account with a source of solvency data; `url` None: it is not asked."""

    url: str | None = None
    username: str | None = None
    password: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """Files that strangers hand in. `clamd_url` is tcp://host:3310 or unix:/path; None: no scan."""

    clamd_url: str | None = None


@dataclass(frozen=True, slots=True)
class LifecycleSettings:
    """`out` is the folder for statuses of e-invoices; None: they wait (`quittance statuses`)."""

    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    database: DatabaseSettings
    broker: BrokerSettings
    web: WebSettings
    links: LinkSettings
    mail: MailSettings
    stripe: StripeSettings
    push: PushSettings
    bureau: BureauSettings
    uploads: UploadSettings = UploadSettings()
    sms: SmsSettings = SmsSettings()
    gazettes: GazetteSettings = GazetteSettings()
    creditsafe: SourceAccount = SourceAccount()
    companies_house: SourceAccount = SourceAccount()
    lifecycle: LifecycleSettings = LifecycleSettings()


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise BadSetting(name, "is missing")
    return value


def _secrets(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    secrets = tuple(_required(env, name).split())
    if any(len(secret) < 32 for secret in secrets):
        raise BadSetting(name, "each secret needs at least 32 characters")
    return secrets


#: Nothing but scheme, host and port: links in mails and comparisons with `Origin` start with it.
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def _url(env: Mapping[str, str], name: str) -> str:
    value = _required(env, name).rstrip("/")
    parts = urlsplit(value)
    if not _ORIGIN.fullmatch(value) or not parts.hostname:
        raise BadSetting(name, "is a scheme and a host, such as https://pay.example.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise BadSetting(name, "must be https outside of this machine")
    return value


def is_loopback(host: str) -> bool:
    """Whether `host` is this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_database(env: Mapping[str, str]) -> DatabaseSettings:
    url = _required(env, "DATABASE_URL")
    if not url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        raise BadSetting("DATABASE_URL", "starts with sqlite: or postgresql:")
    return DatabaseSettings(url=url, migration_url=env.get("MIGRATION_DATABASE_URL") or url)


def read_broker(env: Mapping[str, str]) -> BrokerSettings:
    url = env.get("BROKER_URL") or None
    if url and not url.startswith(("redis:", "rediss:", "amqp:", "amqps:")):
        raise BadSetting("BROKER_URL", "starts with redis: or amqp:")
    if url and env.get("DATABASE_URL", "").startswith("sqlite:"):
        raise BadSetting("BROKER_URL", "several processes need PostgreSQL, not SQLite")
    return BrokerSettings(url=url, threads=int(env.get("WORKER_THREADS", "4")))


def read_web(env: Mapping[str, str]) -> WebSettings:
    portal, backoffice = _url(env, "PORTAL_URL"), _url(env, "BACKOFFICE_URL")
    if portal == backoffice:
        raise BadSetting("BACKOFFICE_URL", "needs an origin of its own")
    broker = env.get("BROKER_URL") or ""
    shared = broker if broker.startswith("redis") else "memory://"
    extra = env.get("STRIPE_API_BASE", "").rstrip("/")
    targets = ("https://checkout.stripe.com", *([extra] if extra else []))
    return WebSettings(
        portal_url=portal,
        backoffice_url=backoffice,
        secrets=_secrets(env, "SESSION_SECRETS"),
        trusted_proxies=tuple(env.get("TRUSTED_PROXIES", "").split()),
        form_targets=targets,
        rate_limit_storage=env.get("RATE_LIMIT_STORAGE") or shared,
    )


def read_links(env: Mapping[str, str]) -> LinkSettings:
    return LinkSettings(
        secrets=_secrets(env, "LINK_SECRETS"),
        lifetime=timedelta(days=int(env.get("LINK_LIFETIME_DAYS", "45"))),
    )


_MAIL_PORTS = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("implicit", 465)}

#: What comes back names its message behind a plus sign, in 40 letters.
#: Source: RFC 5321, section 4.5.3.1.1: 64 before the @.
LONGEST_SENDER = 23


def read_mail(env: Mapping[str, str]) -> MailSettings:
    parts = urlsplit(_required(env, "SMTP_URL"))
    if parts.scheme not in _MAIL_PORTS or not parts.hostname:
        raise BadSetting("SMTP_URL", "reads smtp+starttls://user:password@host:587")
    tls, port = _MAIL_PORTS[parts.scheme]
    sender = _required(env, "MAIL_FROM")
    if len(sender.rpartition("@")[0]) > LONGEST_SENDER:
        raise BadSetting("MAIL_FROM", f"has at most {LONGEST_SENDER} characters before the @")
    replies = env.get("MAIL_REPLIES") or "supplier"
    if replies not in ("supplier", "copied"):
        raise BadSetting("MAIL_REPLIES", "is supplier or copied")
    if tls == "none" and not is_loopback(parts.hostname):
        raise BadSetting(
            "SMTP_URL", "plain smtp: is for this machine; use smtp+starttls: or smtps:"
        )
    return MailSettings(
        host=parts.hostname,
        port=parts.port or port,
        tls=tls,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        from_address=sender,
        copies_replies=replies == "copied",
    )


def read_stripe(env: Mapping[str, str]) -> StripeSettings:
    key = env.get("STRIPE_SECRET_KEY") or None
    base = env.get("STRIPE_API_BASE", "").rstrip("/") or None
    secrets = tuple(env.get("STRIPE_WEBHOOK_SECRETS", "").split())
    if key and not secrets:
        raise BadSetting(
            "STRIPE_WEBHOOK_SECRETS", "an empty secret would let anyone report payments"
        )
    if base and "_live_" in (key or ""):
        raise BadSetting("STRIPE_API_BASE", "is not for live keys")
    if base and not is_loopback(urlsplit(base).hostname or ""):
        raise BadSetting("STRIPE_API_BASE", "is for a sandbox on this machine")
    return StripeSettings(secret_key=key, webhook_secrets=secrets, api_base=base)


def read_push(env: Mapping[str, str]) -> PushSettings:
    subject = env.get("VAPID_SUBJECT", "")
    files = tuple(Path(name) for name in env.get("VAPID_KEY_FILES", "").split())
    if files and not subject.startswith(("mailto:", "https:")):
        raise BadSetting("VAPID_SUBJECT", "is a mailto: or https: address that answers for us")
    extra = env.get("PUSH_EXTRA_ORIGIN", "").rstrip("/") or None
    if extra and not is_loopback(urlsplit(extra).hostname or ""):
        raise BadSetting("PUSH_EXTRA_ORIGIN", "is for a push service on this machine")
    return PushSettings(key_files=files, subject=subject, extra_origin=extra)


def read_bureau(env: Mapping[str, str]) -> BureauSettings:
    secrets = tuple(env.get("READINGS_PUSH_SECRETS", "").split())
    if any(len(secret) < 32 for secret in secrets):
        raise BadSetting("READINGS_PUSH_SECRETS", "each secret needs at least 32 characters")
    return BureauSettings(
        url=env.get("BUREAU_URL", "").rstrip("/") or None,
        username=env.get("BUREAU_USERNAME") or None,
        password=env.get("BUREAU_PASSWORD") or None,
        push_secrets=secrets,
    )


def read_gazettes(env: Mapping[str, str]) -> GazetteSettings:
    return GazetteSettings(
        bodacc_url=_url(env, "BODACC_URL") if env.get("BODACC_URL") else None,
        shab_url=_url(env, "SHAB_URL") if env.get("SHAB_URL") else None,
        every=timedelta(minutes=int(env.get("GAZETTES_EVERY_MINUTES", "120"))),
    )


def read_account(env: Mapping[str, str], name: str, *secrets: str) -> SourceAccount:
    """`<name>_URL` with a path, and each of the `secrets`: the last is the password or key."""
    url = env.get(f"{name}_URL", "").rstrip("/") or None
    if url is None:
        return SourceAccount()
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise BadSetting(f"{name}_URL", "is the https address of the interface")
    *username, password = (_required(env, f"{name}_{secret}") for secret in secrets)
    return SourceAccount(url, username[0] if username else None, password)


def read_uploads(env: Mapping[str, str]) -> UploadSettings:
    url = env.get("CLAMD_URL") or None
    if url and not url.startswith(("tcp://", "unix:/")):
        raise BadSetting("CLAMD_URL", "is tcp://host:3310 or unix:/path/of/the/socket")
    return UploadSettings(clamd_url=url)


#: Source: 3GPP TS 23.040, section 9.1.2.5, as gateways take it.
_SENDER = re.compile(r"\+[1-9]\d{6,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


def read_sms(env: Mapping[str, str]) -> SmsSettings:
    url = env.get("SMS_GATEWAY_URL", "").rstrip("/") or None
    if url is None:
        return SmsSettings()
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise BadSetting("SMS_GATEWAY_URL", "is the https address that takes messages")
    sender = _required(env, "SMS_SENDER")
    if not _SENDER.fullmatch(sender):
        raise BadSetting("SMS_SENDER", "is a number such as +41435550140, or up to eleven letters")
    return SmsSettings(
        url=url,
        username=_required(env, "SMS_GATEWAY_USER"),
        password=_required(env, "SMS_GATEWAY_PASSWORD"),
        sender=sender,
    )


def read_settings(env: Mapping[str, str]) -> Settings:
    """All settings, or BadSetting with the name of the first that is wrong."""
    return Settings(
        database=read_database(env),
        broker=read_broker(env),
        web=read_web(env),
        links=read_links(env),
        mail=read_mail(env),
        stripe=read_stripe(env),
        push=read_push(env),
        bureau=read_bureau(env),
        uploads=read_uploads(env),
        sms=read_sms(env),
        gazettes=read_gazettes(env),
        creditsafe=read_account(env, "CREDITSAFE", "USERNAME", "PASSWORD"),
        companies_house=read_account(env, "COMPANIES_HOUSE", "KEY"),
        lifecycle=LifecycleSettings(Path(out) if (out := env.get("LIFECYCLE_OUT")) else None),
    )

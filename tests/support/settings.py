"""Settings as a test installation has them."""

from __future__ import annotations

from datetime import timedelta

from receivables.settings import (
    BrokerSettings,
    BureauSettings,
    DatabaseSettings,
    LinkSettings,
    MailSettings,
    PushSettings,
    Settings,
    StripeSettings,
    WebSettings,
)

WEBHOOK_SECRET = "whsec_test_0123456789abcdef0123456789"
LINK_SECRET = "a link secret of the tests, long enough"
SESSION_SECRET = "a session secret of the tests, long enough"
READINGS_SECRET = "a secret for pushed readings, long enough"


def make_settings(
    database_url: str,
    *,
    portal_url: str = "http://localhost:8000",
    backoffice_url: str = "http://localhost:8001",
    stripe_api: str | None = "http://127.0.0.1:1",
    broker_url: str | None = None,
    smtp_port: int = 1025,
    bureau_url: str | None = None,
) -> Settings:
    return Settings(
        database=DatabaseSettings(url=database_url, migration_url=database_url),
        broker=BrokerSettings(url=broker_url),
        web=WebSettings(
            portal_url=portal_url,
            backoffice_url=backoffice_url,
            secrets=(SESSION_SECRET,),
            form_targets=("https://checkout.stripe.com", *([stripe_api] if stripe_api else ())),
        ),
        links=LinkSettings(secrets=(LINK_SECRET,), lifetime=timedelta(days=45)),
        mail=MailSettings(
            host="127.0.0.1", port=smtp_port, tls="none", username=None, password=None,
            from_address="reminders@quittance.example",
        ),
        stripe=StripeSettings(
            secret_key="sk_test_sandbox", webhook_secrets=(WEBHOOK_SECRET,), api_base=stripe_api
        ),
        push=PushSettings(key_files=(), subject="mailto:ops@quittance.example"),
        bureau=BureauSettings(
            url=bureau_url, username="quittance" if bureau_url else None,
            password="bureau" if bureau_url else None, push_secrets=(READINGS_SECRET,),
        ),
    )  # fmt: skip

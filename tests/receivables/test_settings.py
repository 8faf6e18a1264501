"""Settings: what is refused at the start instead of going wrong later."""

import pytest

from receivables.settings import BadSetting, read_settings

SECRET = "0123456789abcdef0123456789abcdef"
COMPLETE = {
    "DATABASE_URL": "postgresql://quittance@db.example/quittance",
    "BROKER_URL": "redis://broker.example/0",
    "PORTAL_URL": "https://pay.example.com",
    "BACKOFFICE_URL": "https://office.example.com",
    "SESSION_SECRETS": SECRET,
    "LINK_SECRETS": f"{SECRET} {SECRET[::-1]}",
    "SMTP_URL": "smtp+starttls://user:p%40ss@mail.example:2525",
    "MAIL_FROM": "reminders@pay.example.com",
}


def read(**changes: str | None):
    changed = {**COMPLETE, **changes}
    return read_settings({name: value for name, value in changed.items() if value is not None})


def test_a_complete_environment_is_read_once_and_typed():
    settings = read()

    assert settings.broker.url == "redis://broker.example/0"
    assert settings.links.secrets == (SECRET, SECRET[::-1]), "the first signs, all verify"
    assert (settings.mail.host, settings.mail.port, settings.mail.tls) == (
        "mail.example", 2525, "starttls",
    )  # fmt: skip
    assert settings.mail.password == "p@ss"
    assert settings.stripe.secret_key is None
    assert settings.web.rate_limit_storage == settings.broker.url, "one count for all processes"
    assert settings.web.form_targets == ("https://checkout.stripe.com",)


@pytest.mark.parametrize("name", sorted(set(COMPLETE) - {"BROKER_URL"}))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_has_no_default_must_be_there(name, value):
    with pytest.raises(BadSetting) as refused:
        read(**{name: value})

    assert refused.value.name == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db.example/quittance"),
        ("BROKER_URL", "kafka://broker.example"),
        ("PORTAL_URL", "http://pay.example.com"),
        ("PORTAL_URL", "https://pay.example.com/portal"),
        ("PORTAL_URL", "pay.example.com"),
        ("BACKOFFICE_URL", "https://pay.example.com"),
        ("SESSION_SECRETS", "too short"),
        ("LINK_SECRETS", f"{SECRET} short"),
        ("SMTP_URL", "smtp://mail.example"),
        ("MAIL_FROM", "payment-reminders-of-us-all@mail.example"),
        ("SMTP_URL", "http://mail.example"),
        ("READINGS_PUSH_SECRETS", "short"),
    ],
)
def test_what_would_go_wrong_later_stops_the_start_by_its_name(name, value):
    with pytest.raises(BadSetting) as refused:
        read(**{name: value})

    assert refused.value.name == name
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_WEBHOOK_SECRETS"),
        (
            {
                "STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRETS": "whsec_1",
                "STRIPE_API_BASE": "http://127.0.0.1:12111",
            },
            "STRIPE_API_BASE",
        ),
        (
            {
                "STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRETS": "whsec_1",
                "STRIPE_API_BASE": "https://api.stripe.example",
            },
            "STRIPE_API_BASE",
        ),
        ({"DATABASE_URL": "sqlite:///var/quittance.sqlite"}, "BROKER_URL"),
        ({"VAPID_KEY_FILES": "/etc/vapid.pem"}, "VAPID_SUBJECT"),
        (
            {"PUSH_EXTRA_ORIGIN": "https://push.example.com"},
            "PUSH_EXTRA_ORIGIN",
        ),
    ],
)  # fmt: skip
def test_settings_that_contradict_each_other_are_refused(changes, name):
    with pytest.raises(BadSetting) as refused:
        read(**changes)

    assert refused.value.name == name


def test_a_machine_of_ones_own_may_do_without_certificates():
    settings = read(
        PORTAL_URL="http://localhost:8000/",
        BACKOFFICE_URL="http://localhost:8001",
        SMTP_URL="smtp://127.0.0.1:1025",
        DATABASE_URL="sqlite:///var/quittance.sqlite",
        BROKER_URL=None,
    )

    assert settings.web.portal_url == "http://localhost:8000"
    assert settings.mail.tls == "none"
    assert settings.broker.url is None


def test_no_secret_shows_when_settings_are_printed():
    given = {
        "STRIPE_SECRET_KEY": "sk_test_hidden", "STRIPE_WEBHOOK_SECRETS": "whsec_hidden",
        "READINGS_PUSH_SECRETS": f"{SECRET}-hidden", "BUREAU_URL": "https://bureau.example",
        "BUREAU_USERNAME": "quittance", "BUREAU_PASSWORD": "hidden-too",
        "SESSION_SECRETS": f"{SECRET}-hidden", "LINK_SECRETS": f"{SECRET}-hidden",
        "DATABASE_URL": "postgresql://quittance:hidden@db.example/quittance",
        "BROKER_URL": "redis://:hidden@broker.example/0",
        "SMTP_URL": "smtps://user:hidden@mail.example",
    }  # fmt: skip

    assert "hidden" not in repr(read(**given))


SMS = {
    "SMS_GATEWAY_URL": "https://sms.example/2010-04-01/Accounts/AC1/Messages.json",
    "SMS_GATEWAY_USER": "AC1",
    "SMS_GATEWAY_PASSWORD": "secret",
    "SMS_SENDER": "Rochat SA",
}


def test_a_gateway_for_text_messages_is_whole_or_not_there():
    assert read().sms.url is None
    assert read(**SMS).sms.sender == "Rochat SA"
    assert "secret" not in repr(read(**SMS))
    for name, value in (
        ("SMS_GATEWAY_URL", "http://sms.example/messages"),
        ("SMS_GATEWAY_USER", None),
        ("SMS_GATEWAY_PASSWORD", ""),
        ("SMS_SENDER", "a name too long"),
        ("SMS_SENDER", "0795550140"),
    ):
        with pytest.raises(BadSetting) as refused:
            read(**{**SMS, name: value})
        assert refused.value.name == name

"""What waits, comes together, comes back or is carried further: on record, and told once."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from monitoring.alerts import actions
from monitoring.alerts.actions import Decision, SnoozeImpossible
from monitoring.alerts.raising import NewAlert, raise_alerts
from monitoring.alerts.severities import RuleKind, Severity
from monitoring.alerts.tables import Alert
from monitoring.bands import Band
from monitoring.telling import pushes, tasks, unsubscribing
from monitoring.telling.choices import Choice, Pace, Portfolio
from monitoring.telling.preferences import (
    NoSuchDeputy,
    Preferences,
    note_opened,
    preferences,
    save_preferences,
)
from monitoring.telling.tables import Delivery, Digest
from receivables import jobs
from receivables.database import SYSTEM, Scope
from receivables.ids import new_id
from receivables.ports import MailDeferred, PushOutcome, PushResult
from receivables.worklist.actions import set_owner


def raise_one(watch, severity, *, mass=None, kind=RuleKind.CLASS, debtor=True, name="Dubois SA"):
    """An alert as the rules would raise it, and what follows from it at once."""
    debtor_id = watch.debtor(name=name) if debtor else None
    new = NewAlert(
        subject=f"test:{new_id()}", kind=kind, severity=severity, source="bureau",
        as_of_on=date(2026, 11, 2), debtor_id=debtor_id, threshold=1,
        band_before=Band.A, band_after=Band.B, detail={"count": 30},
    )  # fmt: skip
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        (alert_id,) = raise_alerts(
            session, supplier_id=watch.supplier_id, new=[new], clock=watch.runtime.clock
        )
        if mass is not None:
            session.execute(update(Alert).where(Alert.id == alert_id).values(mass_alert_id=mass))
    watch.world.run_jobs()
    return alert_id


def pass_time(watch, **length):
    """In one leap, with telling's own looks at the end of it."""
    watch.world.clock.advance(timedelta(**length))
    now = watch.runtime.clock.now()
    with watch.runtime.transaction(SYSTEM) as session:
        tasks.look_for_unheeded.enqueue(session, now=now)
        tasks.look_for_pushes.enqueue(session, now=now)
    watch.world.run_jobs()


def rows(watch, table, *columns):
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        return [tuple(row) for row in session.execute(select(*columns).select_from(table))]


def decide(watch, alert_id, staff_id):
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        actions.acknowledge(
            session, supplier_id=watch.supplier_id, alert_id=alert_id, staff_id=staff_id,
            decision=Decision.KEEP, note="", clock=watch.runtime.clock,
        )  # fmt: skip


def choose(watch, staff_id, **given):
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        save_preferences(
            session, supplier_id=watch.supplier_id, staff_id=staff_id,
            wanted=Preferences(**given), clock=watch.runtime.clock,
        )  # fmt: skip


def test_a_digest_has_what_is_left_to_look_at_and_goes_once_whatever_fails(watch):
    ada = watch.staff(email="ada@rochat.example", language="en")
    kept = raise_one(watch, Severity.MEDIUM, name="Dubois SA")
    decided = raise_one(watch, Severity.LOW, name="Favre SA")
    decide(watch, decided, ada)
    assert watch.world.mail == []
    watch.runtime.mailer.answers = [MailDeferred(None, "no connection")]

    pass_time(watch, hours=23)
    pass_time(watch, hours=1)
    for _ in range(2):
        with watch.runtime.transaction(SYSTEM) as session:
            jobs.reclaim_all(session)
        pass_time(watch, minutes=10)

    (mail,) = watch.world.mail
    assert "Dubois SA" in mail.text
    assert "Favre SA" not in mail.text + mail.html
    assert f"/monitoring/alerts/{kept}" in mail.text
    headers = dict(mail.headers)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sorted(rows(watch, Delivery, Delivery.alert_id, Delivery.state)) == sorted(
        [(kept, "delivered"), (decided, "unneeded")]
    )
    assert rows(watch, Digest, Digest.kind, Digest.state, Digest.number, Digest.attempts) == [
        ("daily", "delivered", 0, 2)
    ]
    # What comes after it stands in the next day's.
    raise_one(watch, Severity.LOW, name="Morel SA")
    pass_time(watch, days=1)
    assert [one.text.count("/monitoring/alerts/") for one in watch.world.mail] == [1, 1]


def test_one_click_ends_digests_and_nothing_else(watch):
    ada = watch.staff(email="ada@rochat.example")
    secrets = watch.runtime.settings.links.secrets
    url = unsubscribing.url_for(ada, "https://office.example", secrets=secrets)
    token = urlsplit(url).path.removeprefix("/digests/off/")
    assert unsubscribing.staff_of(token, secrets=secrets) == ada
    forged = ("A" if token[0] != "A" else "B") + token[1:]
    for wrong in (forged, "", "x", token[:20], "é" * 43, token + "A"):
        with pytest.raises(unsubscribing.NoSuchDigest):
            unsubscribing.staff_of(wrong, secrets=secrets)
    raise_one(watch, Severity.LOW)

    with watch.runtime.transaction(SYSTEM) as session:
        unsubscribing.unsubscribe(session, ada, clock=watch.runtime.clock)
    raise_one(watch, Severity.LOW)
    raise_one(watch, Severity.HIGH)
    pass_time(watch, days=1)

    assert len(watch.world.mail) == 1
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        assert not preferences(session, watch.supplier_id, ada).wants_digests


def test_a_flood_is_told_by_its_notice_and_together_once_an_hour(watch):
    watch.subscribe(watch.staff(language="en"))
    mass = raise_one(watch, Severity.HIGH, kind=RuleKind.MASS, debtor=False)
    assert len(watch.world.mail) == 1

    for _ in range(3):
        raise_one(watch, Severity.CRITICAL, mass=mass, name="Dubois SA")
        pass_time(watch, minutes=4)
    after_twelve = len(watch.world.mail)
    for _ in range(2):
        raise_one(watch, Severity.HIGH, mass=mass, name="Favre SA")
        pass_time(watch, minutes=20)
    pass_time(watch, minutes=30)

    # The notice, what came in the first ten minutes, and an hour later the rest.
    assert after_twelve == 2
    assert [one.text.count("/monitoring/alerts/") for one in watch.world.mail] == [1, 3, 2]
    assert len(watch.pusher.pushed) == 1
    first, second = (at for (at,) in rows(watch, Digest, Digest.due_at))
    assert second - first == timedelta(hours=1)


def test_a_notice_of_a_mass_change_lists_what_it_tells_of(watch):
    watch.staff(language="en")
    watch.runtime.mailer.answers = [MailDeferred(None, "no connection")]
    mass = raise_one(watch, Severity.HIGH, kind=RuleKind.MASS, debtor=False)
    raise_one(watch, Severity.MEDIUM, mass=mass, name="Dubois SA")

    pass_time(watch, minutes=5)

    assert "Dubois SA" in watch.world.mail[0].text


def test_who_looks_after_a_debtor_is_told_and_the_others_are_not(watch):
    watch.staff(email="ada@rochat.example")
    bo = watch.staff(email="bo@rochat.example")
    debtor_id = watch.debtor(owes="1000.00 CHF")
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        set_owner(
            session, supplier_id=watch.supplier_id, debtor_id=debtor_id, staff_id=bo,
            clock=watch.runtime.clock,
        )  # fmt: skip

    watch.falls(debtor_id, 70, 30)

    assert [mail.to_address for mail in watch.world.mail] == ["bo@rochat.example"]


def test_what_nobody_looks_at_goes_to_the_deputy_and_then_to_the_administrators(watch):
    """It is nine on Monday morning: four working hours end at one."""
    watch.staff(email="boss@rochat.example", role="owner")
    deputy = watch.staff(email="deputy@rochat.example", role="collector")
    ada = watch.staff(email="ada@rochat.example", role="collector")
    not_told = {(Portfolio.MINE, Severity.CRITICAL): Choice(Pace.NOT)}
    choose(watch, deputy, choices=not_told)
    choose(watch, ada, deputy_id=deputy)
    with pytest.raises(NoSuchDeputy):
        choose(watch, ada, deputy_id=ada)
    alert_id = raise_one(watch, Severity.CRITICAL)
    assert {mail.to_address for mail in watch.world.mail} == {
        "ada@rochat.example", "boss@rochat.example",
    }  # fmt: skip

    pass_time(watch, hours=3, minutes=59)
    assert len(watch.world.mail) == 2
    pass_time(watch, minutes=1)
    pass_time(watch, minutes=5)
    assert [mail.to_address for mail in watch.world.mail[2:]] == ["deputy@rochat.example"]
    assert "You stand in." in watch.world.mail[2].text
    assert "You stand in." in watch.world.mail[2].html
    pass_time(watch, hours=20)
    pass_time(watch, hours=20)

    assert [mail.to_address for mail in watch.world.mail[3:]] == ["boss@rochat.example"]
    assert len({mail.message_id for mail in watch.world.mail}) == 4
    decide(watch, alert_id, ada)


def test_a_push_that_is_not_opened_in_an_hour_is_followed_by_a_mail(watch):
    ada, bo = (watch.staff(email=f"{name}@rochat.example") for name in ("ada", "bo"))
    for one in (ada, bo):
        watch.subscribe(one)
    alert_id = raise_one(watch, Severity.CRITICAL)
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        for _ in range(2):
            note_opened(
                session, supplier_id=watch.supplier_id, alert_id=alert_id, staff_id=ada,
                clock=watch.runtime.clock,
            )  # fmt: skip

    pass_time(watch, minutes=59)
    assert len(watch.world.mail) == 2
    pass_time(watch, minutes=1)
    pass_time(watch, minutes=30)

    assert [mail.to_address for mail in watch.world.mail[2:]] == ["bo@rochat.example"]


def test_a_push_names_the_debtor_only_for_who_chose_it(watch):
    ada, bo = watch.staff(), watch.staff()
    for one in (ada, bo):
        watch.subscribe(one, f"https://fcm.googleapis.com/fcm/send/{one}")
    choose(watch, ada, names_on_push=True)

    raise_one(watch, Severity.CRITICAL, name="Dubois SA")

    named = {target.endpoint[-36:]: payload.body for target, payload in watch.pusher.pushed}
    assert named[str(ada)] == "Dubois SA: Solvency fell from A to B"
    assert "Dubois" not in named[str(bo)]


def test_who_wanted_pushes_alone_gets_a_mail_when_no_browser_can_be_reached(watch):
    ada = watch.staff(email="ada@rochat.example")
    watch.subscribe(ada)
    choose(
        watch, ada,
        choices={(Portfolio.MINE, Severity.CRITICAL): Choice(Pace.NOW, mail=False, push=True)},
    )  # fmt: skip
    watch.pusher.outcomes = [PushOutcome(PushResult.GONE)]

    raise_one(watch, Severity.CRITICAL)

    assert [mail.to_address for mail in watch.world.mail] == ["ada@rochat.example"]
    assert watch.subscriptions(ada) == []


def test_what_was_put_off_leaves_the_list_and_is_told_once_when_it_comes_back(watch):
    ada = watch.staff(email="ada@rochat.example")
    alert_id = raise_one(watch, Severity.CRITICAL)
    for times in (1, 2):
        until = watch.runtime.clock.now().date() + timedelta(days=1)
        with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
            for wrong in (None, until - timedelta(days=1), until + timedelta(days=90)):
                with pytest.raises(SnoozeImpossible):
                    actions.snooze(
                        session, supplier_id=watch.supplier_id, alert_id=alert_id, until=wrong,
                        clock=watch.runtime.clock,
                    )  # fmt: skip
            actions.snooze(
                session, supplier_id=watch.supplier_id, alert_id=alert_id, until=until,
                clock=watch.runtime.clock,
            )  # fmt: skip

        pass_time(watch, hours=22)
        assert len(watch.world.mail) == times
        pass_time(watch, minutes=31)
        pass_time(watch, minutes=30)
        assert len(watch.world.mail) == times + 1
        watch.world.clock.advance(timedelta(minutes=59))
    assert {mail.to_address for mail in watch.world.mail} == {"ada@rochat.example"}
    assert len({mail.message_id for mail in watch.world.mail}) == 3
    decide(watch, alert_id, ada)


def test_a_round_of_pushes_that_was_killed_is_made_up_for(watch):
    """What a dead worker had claimed is due again after its lease, and goes once more."""
    watch.subscribe(watch.staff())
    watch.pusher.outcomes = [PushOutcome(PushResult.LATER, reason="answered 503")]
    raise_one(watch, Severity.CRITICAL)
    watch.world.clock.advance(timedelta(minutes=1))
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        claimed = pushes.begin_round(
            session, supplier_id=watch.supplier_id, settings=watch.runtime.settings,
            clock=watch.runtime.clock,
        )  # fmt: skip
    assert len(claimed.pushes) == 1

    watch.world.run_jobs()
    assert len(watch.pusher.pushed) == 1
    pass_time(watch, minutes=2)

    assert len(watch.pusher.pushed) == 2
    assert watch.sends() == ["delivered"]

"""The browsers that may be woken: whose they are, and when they are forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitoring.telling import browsers
from monitoring.telling.browsers import MOST_BROWSERS, NoSuchSubscription
from receivables.database import Scope
from tests.monitoring.conftest import Watch


def test_a_browser_that_comes_back_is_refreshed_and_not_doubled(watch):
    ada = watch.staff()
    first = watch.subscribe(ada, "https://fcm.googleapis.com/fcm/send/1", user_agent="Firefox 1")
    watch.runtime.clock.advance(timedelta(days=1))

    again = watch.subscribe(ada, "https://fcm.googleapis.com/fcm/send/1", user_agent="Firefox 2")

    (line,) = watch.subscriptions(ada)
    assert first == again == line.subscription_id
    assert line.user_agent == "Firefox 2"
    assert line.seen_at - line.created_at == timedelta(days=1)


def test_a_browser_belongs_to_whoever_is_signed_in_there(watch):
    ada, bo = watch.staff(), watch.staff()
    watch.subscribe(ada, "https://fcm.googleapis.com/fcm/send/1")

    watch.subscribe(bo, "https://fcm.googleapis.com/fcm/send/1")

    assert watch.subscriptions(ada) == []
    assert len(watch.subscriptions(bo)) == 1


def test_the_twenty_first_browser_takes_the_place_of_the_one_not_seen_for_longest(watch):
    ada = watch.staff()
    oldest = watch.subscribe(ada)
    for _ in range(MOST_BROWSERS):
        watch.runtime.clock.advance(timedelta(minutes=1))
        newest = watch.subscribe(ada)

    kept = [one.subscription_id for one in watch.subscriptions(ada)]
    assert len(kept) == MOST_BROWSERS
    assert kept[0] == newest
    assert oldest not in kept


def test_a_person_removes_their_own_browser_and_no_other(watch):
    other = Watch(watch.world, watch.world.supplier(name="Another AG"))
    ada, bo, eve = watch.staff(), watch.staff(), other.staff()
    subscription_id = watch.subscribe(ada, "https://fcm.googleapis.com/fcm/send/1")

    for supplier_id, staff_id in ((watch.supplier_id, bo), (other.supplier_id, eve)):
        with (
            watch.runtime.transaction(Scope(supplier_id)) as session,
            pytest.raises(NoSuchSubscription),
        ):
            browsers.remove_subscription(
                session, supplier_id=supplier_id, staff_id=staff_id,
                subscription_id=subscription_id,
            )  # fmt: skip
    assert len(watch.subscriptions(ada)) == 1

    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        browsers.remove_subscription(
            session, supplier_id=watch.supplier_id, staff_id=ada, subscription_id=subscription_id
        )
    assert watch.subscriptions(ada) == []


def test_signing_out_forgets_the_browser_by_its_endpoint(watch):
    ada = watch.staff()
    endpoint = "https://fcm.googleapis.com/fcm/send/1"
    watch.subscribe(ada, endpoint)

    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        mine = {"supplier_id": watch.supplier_id, "staff_id": ada, "endpoint": endpoint}
        assert browsers.remove_endpoint(session, **mine) is True
        assert browsers.remove_endpoint(session, **mine) is False

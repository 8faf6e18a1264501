from __future__ import annotations

from datetime import UTC, datetime, timedelta

from receivables.breakers import Breaker

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_who_is_silent_is_left_alone_for_a_while_and_nobody_else_is():
    breaker = Breaker(looks_at=10, most_silent=6, pause=timedelta(seconds=60))
    for door in range(6):
        breaker.note("slow", f"/{door}", NOW, silent=True)
    assert not breaker.leaves_alone("slow", NOW)

    breaker.note("slow", "/6", NOW, silent=True)

    assert breaker.leaves_alone("slow", NOW + timedelta(seconds=59))
    assert not breaker.leaves_alone("other", NOW)
    assert not breaker.leaves_alone("slow", NOW + timedelta(seconds=60))
    # A fresh start: what was before is forgotten.
    breaker.note("slow", "/7", NOW + timedelta(seconds=60), silent=True)
    assert not breaker.leaves_alone("slow", NOW + timedelta(seconds=61))


def test_trying_slow_ones_once_more_keeps_nobody_from_the_others():
    breaker = Breaker(looks_at=10, most_silent=6, remembers=20)
    for _ in range(100):
        breaker.note("mixed", "/slow", NOW, silent=True)
        breaker.note("mixed", "/fine", NOW, silent=False)
    for _ in range(100):
        breaker.note("mixed", "/slow", NOW, silent=True)

    assert not breaker.leaves_alone("mixed", NOW)


def test_a_service_of_which_some_browsers_are_slow_is_never_left_alone():
    breaker = Breaker()
    for number in range(1000):
        breaker.note("mixed", f"/{number}", NOW, silent=number % 40 < 24)
        assert not breaker.leaves_alone("mixed", NOW)

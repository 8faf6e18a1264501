"""A slow mail host keeps a few senders waiting, and nobody else."""

from __future__ import annotations

import threading

import pytest

from receivables.lanes import Lanes, NoRoom

SLOW, QUICK = "slow.example", "quick.example"


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_while_one_sender_waits_for_a_slow_host_others_go_elsewhere_and_none_joins_it() -> None:
    lanes = Lanes(1, patience=0.01)
    with lanes.through(SLOW):
        with lanes.through(QUICK):
            pass
        with pytest.raises(NoRoom), lanes.through(SLOW.upper()):
            pass


def test_a_host_that_was_quick_is_open_to_all_until_somebody_waits_there_for_long() -> None:
    watch = Watch()
    lanes = Lanes(1, patience=0.05, monotonic=watch)
    with lanes.through(QUICK):
        pass
    with lanes.through(QUICK), lanes.through(QUICK), lanes.through(QUICK):
        pass
    with lanes.through(QUICK):
        watch.now += 3.0
        with pytest.raises(NoRoom), lanes.through(QUICK):
            pass


def test_whoever_waits_for_room_gets_in_when_somebody_leaves() -> None:
    lanes = Lanes(1, patience=30.0)
    inside, leave, entered = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with lanes.through(SLOW):
            inside.set()
            leave.wait(30)

    def second() -> None:
        with lanes.through(SLOW):
            entered.set()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(30)
    threads[1].start()
    assert not entered.is_set()
    leave.set()
    assert entered.wait(30)
    for thread in threads:
        thread.join(30)


def test_a_conversation_that_failed_gives_its_place_back() -> None:
    lanes = Lanes(1, patience=0.01)
    for _ in range(3):
        with pytest.raises(OSError, match="broke"), lanes.through(SLOW):
            raise OSError("the line broke")
    with lanes.through(SLOW):
        pass

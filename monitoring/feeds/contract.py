"""The one contract of every source of solvency: identify, subscribe, poll or receive, heartbeat.

A feed knows how its source speaks and nothing of debtors: it is asked about register numbers and
the source's own company ids, and answers with readings and publications. Who asks, when, and what
becomes of the answers is `polling`'s; whether a source is alive is `heartbeat`'s.

What comes without being asked is received: a file (`file.parse`, `kbo.read`) or a signed push
(`push.verify`), which `taking`, `registers` and `pushed` put down. Either way the `Source` says
what it gives, how its scale becomes bands, and what rhythm and limits it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from monitoring.insolvency.published import Published
from receivables.errors import ReceivablesError, TemporarilyUnavailable

if TYPE_CHECKING:
    # Rules know sources, and readings are kept in a database.
    from monitoring.readings import NewReading

#: Scheme and value of a register number, as `parties` keeps them: ("SIREN", "732829320").
Number = tuple[str, str]


class Gives(StrEnum):
    SCORES = "scores"
    EVENTS = "events"
    PAYMENTS = "payments"
    """How the debtor pays us: not solvency, and never taken for it."""


class Way(StrEnum):
    """How what a source says comes to us."""

    ASKED = "asked"
    FILE = "file"
    RECEIVED = "received"
    """Pushed to us, whenever there is something to say."""
    OWN = "own"
    """Our own books."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a source allows: so many requests in any such stretch of time."""

    requests: int
    per: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source, and what may be expected of it.

    `scale` is what its readings carry and `mapping` how that becomes a band; both are empty where
    it gives no scores. `schemes` are the registers whose numbers it can be asked about.
    """

    key: str
    gives: frozenset[Gives]
    way: Way
    scale: str = ""
    mapping: str = ""
    schemes: tuple[str, ...] = ()
    limit: Limit | None = None
    #: How often it is asked, about everything or (`answers_always`) about each company.
    asked_every: timedelta | None = None
    #: Without a successful run for so long it counts as silent; None: nobody asks it.
    silent_after: timedelta | None = None
    #: Data older than this is late; None: by the rhythm in which it came so far.
    late_after: timedelta | None = None
    #: A good run answers about every debtor asked for, so that none at all is suspicious.
    answers_always: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a source says of one of its companies, by the source's own id."""

    company_id: str
    readings: tuple[NewReading, ...] = ()
    published: tuple[Published, ...] = ()
    #: How the company stands by now in the feed's short form; None: nothing to remember.
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One page of what happened, where to go on from, and whether there is more right now.

    `answers` counts what the source said, whether or not anything came of it.
    """

    told: Sequence[Told]
    cursor: str
    more: bool
    answers: int


class Identifies(Protocol):
    """A source that can be asked whether it knows a company. May raise SourceBusy, SourceDown
    and SourceRefuses, as every call of a feed may.
    """

    @property
    def source(self) -> Source: ...

    def identify(self, numbers: Sequence[Number]) -> str | None:
        """The source's id of the company with one of these numbers, or None."""

    def close(self) -> None: ...


class EventFeed(Identifies, Protocol):
    """A source that watches companies for us and tells what happened to them."""

    def subscribe(self, portfolio: str, company_ids: Sequence[str]) -> Sequence[Told]:
        """Hear of these companies from now on; returns how each stands now. Twice is once."""

    def poll(self, portfolio: str, cursor: str) -> Heard:
        """What happened after `cursor`, the oldest first; empty: from the beginning."""


class StateFeed(Identifies, Protocol):
    """A source that tells how one company stands, and has to be asked about each."""

    def look(self, company_id: str) -> Told:
        """How the company stands."""


class SourceBusy(TemporarilyUnavailable):
    """The source asks us to come back after `pause`."""

    def __init__(self, pause: timedelta) -> None:
        self.pause = pause
        super().__init__(f"the source is busy for {pause}")


class SourceDown(TemporarilyUnavailable):
    """The source did not answer, or not sensibly."""


class SourceRefuses(ReceivablesError):
    """The source does not let us in, or does not take what we ask: a person has to look."""

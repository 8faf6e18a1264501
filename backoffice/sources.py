"""Where warnings come from: how fresh each source is, and how one that is silent is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from litestar import Response, get
from litestar.di import NamedDependency

from backoffice.access import Asker
from backoffice.pages import Notice, OfficeHead
from monitoring.feeds.contract import Gives, Source, Way
from monitoring.feeds.scales import name_of
from monitoring.feeds.sources import KBO
from monitoring.sources.freshness import Freshness, connected, freshness, never_used
from monitoring.sources.heartbeat import Silence, rhythm_of
from receivables.i18n import translate as _
from receivables.i18n import translate_plural

State = Literal["alive", "waiting", "silent", "empty", "late", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source of the supplier's, in words. `since` is when it was last heard of, in trouble."""

    key: str
    name: str
    state: State
    since: datetime | None
    gives: str
    rhythm: str
    watched: int
    answers: int
    last_success_at: datetime | None
    said_at: datetime | None
    newest_on: date | None
    paused_until: datetime | None
    error: str
    error_at: datetime | None
    #: What to do about it; empty while nothing is to be done.
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSource:
    """A source that there is, and how one gets it."""

    name: str
    gives: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesPage:
    """`GET /monitoring/sources` -> sources.html."""

    head: OfficeHead
    notice: Notice | None
    rows: tuple[SourceRow, ...]
    others: tuple[OtherSource, ...]


@get("/monitoring/sources", sync_to_thread=True)
def show_sources(asker: NamedDependency[Asker]) -> Response[str]:
    asked = connected(asker.runtime.settings)
    with asker.reading() as session:
        found = freshness(session, asker.supplier_id, asked, now=asker.runtime.clock.now())
        page = SourcesPage(
            head=asker.head(session, "monitoring"),
            notice=asker.notice(),
            rows=tuple(_row(one) for one in found),
            others=tuple(
                OtherSource(name=name_of(one.key), gives=_gives(one), how=_how_to_get(one))
                for one in never_used(found)
            ),
        )
    return asker.page("sources.html", page)


def _row(one: Freshness) -> SourceRow:
    return SourceRow(
        key=one.source.key,
        name=name_of(one.source.key),
        state=_state(one),
        since=one.trouble.since if one.trouble else None,
        gives=_gives(one.source),
        rhythm=_rhythm(one),
        watched=one.pulse.watched,
        answers=one.answers,
        last_success_at=one.pulse.last_success_at,
        said_at=one.said_at,
        newest_on=one.pulse.newest_on,
        paused_until=one.paused_until,
        error=one.last_error,
        error_at=one.last_error_at,
        mend=_mend(one),
    )


def _state(one: Freshness) -> State:
    if one.trouble is not None:
        return one.trouble.silence.value
    if not one.is_connected:
        return "off"
    is_waiting = one.source.way is Way.ASKED and one.pulse.last_success_at is None
    return "waiting" if is_waiting else "alive"


def _gives(source: Source) -> str:
    words = {
        Gives.SCORES: _("scores"),
        Gives.EVENTS: _("insolvencies and changes in the register"),
        Gives.PAYMENTS: _("how debtors pay you"),
    }
    return ", ".join(words[one] for one in Gives if one in source.gives)


def _rhythm(one: Freshness) -> str:
    source, every = one.source, one.source.asked_every
    if source.key == KBO.key:
        return _("a full file every month, or updates")
    if source.way is Way.OWN:
        return _("worked out every night")
    if source.way is Way.RECEIVED:
        return _("sends by itself")
    if source.answers_always:
        return _("asked about each debtor once a day")
    if every is not None and every < timedelta(hours=1):
        minutes = int(every.total_seconds()) // 60
        return _("asked every %(num)s minutes") % {"num": minutes}
    if every is not None:
        return _("asked every few hours")
    usual = rhythm_of(one.pulse.deliveries)
    if usual is None:
        return _("files, as you bring them")
    return translate_plural(
        "files, the next within %(num)s day", "files, the next within %(num)s days", usual.days
    ) % {"num": usual.days}


def _mend(one: Freshness) -> str:
    if one.trouble is None and not one.last_error:
        return ""
    if one.source.key == KBO.key:
        return _("Download the register’s newest file and take it in: quittance import kbo FILE")
    if one.source.way is Way.FILE:
        return _("Upload the newest file under Readings, or stop counting on this source.")
    if one.last_error.startswith(("answered 401", "answered 403")):
        return _(
            "It does not let us in. Check user name, password and contract with the source, then"
            " tell whoever runs Quittance for you."
        )
    if one.last_error.startswith("answered 4"):
        return _("It does not take what we ask. Tell whoever runs Quittance for you.")
    if one.trouble is not None and one.trouble.silence is Silence.EMPTY:
        return _(
            "It answers and has nothing to say. Check that your debtors’ register numbers are"
            " filled in, and that your contract still covers them."
        )
    return _("It is asked again by itself. If it stays so, look at the source’s own status page.")


def _how_to_get(source: Source) -> str:
    if source.key == KBO.key:
        return _("Register for the open data, then: quittance import kbo FILE")
    if source.way is Way.FILE:
        return _("Upload a file under Readings.")
    return _("Connected once for everybody, by whoever runs Quittance for you.")

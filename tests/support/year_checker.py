"""Judges a year from the outside: from the mails that were handed over, and from the books.

It knows nothing of how reminders are decided. Mails are read as their reader does; what was owed
at an instant is what the ledger's entries said then; holidays are looked up once more.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.year import PLACES, HandedOver, Year

#: Where the debtors' clocks are, and whose holidays they have.
ZONES = {
    "CH": "Europe/Zurich", "DE": "Europe/Berlin", "FR": "Europe/Paris", "BE": "Europe/Brussels",
    "US": "America/New_York", "IN": "Asia/Kolkata",
}  # fmt: skip
REGIONS = {"CH": "ZH", "DE": "BY"}
#: Source: RELIABILITY P6.
_GRACE = timedelta(seconds=10)
#: The limits of the scenario. Source: SPEC 2.1, "Contact limits".
_BETWEEN, _IN_7, _IN_30 = 5, 2, 5
_OVER_A_WEEKEND = timedelta(days=5)
_NEVER = datetime.max.replace(tzinfo=UTC)
_NUMBER = re.compile(r"Y-\d{5}")
#: Of an invoice, by what it is: a courtesy, three reminders, a formal notice.
_MOST_ABOUT_ONE = 5


@dataclass
class Books:
    """What the ledger, the disputes and the promises said when."""

    #: Of each invoice by its number: instants and minor units, and its due date.
    entries: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)
    due_on: dict[str, date] = field(default_factory=dict)
    owner: dict[str, UUID] = field(default_factory=dict)
    #: Contested or promised whole: from when to when, and which.
    held: dict[str, list[tuple[datetime, datetime, str]]] = field(default_factory=dict)

    def outstanding(self, number: str, at: datetime) -> int:
        return sum(minor for on, minor in self.entries[number] if on <= at)

    def was_owed(self, number: str, begins: datetime, ends: datetime) -> bool:
        """At some instant between: what is issued and asked for in one breath is owed, too."""
        instants = {begins, *(on for on, _ in self.entries[number] if begins < on <= ends)}
        return any(self.outstanding(number, at) > 0 for at in instants)


def read_books(session: Session) -> Books:
    books = Books()
    by_id: dict[str, str] = {}
    for row in session.execute(
        text("SELECT id, number, due_on, debtor_id FROM invoices WHERE kind = 'invoice'")
    ):
        by_id[str(UUID(str(row.id)))] = row.number
        books.due_on[row.number] = date.fromisoformat(str(row.due_on))
        books.owner[row.number] = UUID(str(row.debtor_id))
        books.entries[row.number] = []
    for row in session.execute(
        text(
            "SELECT debit_account, debit_subject, credit_account, credit_subject, amount_minor,"
            " created_at FROM ledger_entries"
        )
    ):
        for sign, account, subject in (
            (1, row.debit_account, row.debit_subject),
            (-1, row.credit_account, row.credit_subject),
        ):
            number = by_id.get(str(UUID(str(subject))))
            if account == "receivable" and number is not None:
                books.entries[number].append((_instant(row.created_at), sign * row.amount_minor))
    for hold in (*_contested(session), *_promised(session)):
        number = by_id[str(UUID(str(hold.invoice_id)))]
        begins = _instant(hold.begins)
        if hold.amount >= books.outstanding(number, begins):
            ends = _instant(hold.ends) if hold.ends else _NEVER
            books.held.setdefault(number, []).append((begins, ends, hold.what))
    return books


def _contested(session: Session) -> Sequence[Any]:
    """Until somebody decided, or the debtor took it back or fell silent."""
    return session.execute(
        text(
            "SELECT 'contested' AS what, i.invoice_id, i.disputed_minor AS amount,"
            " d.created_at AS begins, (SELECT min(s.at) FROM dispute_steps s"
            "  WHERE s.dispute_id = d.id AND s.step IN ('accept', 'accept_in_part', 'reject',"
            "  'withdraw', 'expire')) AS ends"
            " FROM dispute_items i JOIN disputes d ON d.id = i.dispute_id"
        )
    ).all()


def _promised(session: Session) -> Sequence[Any]:
    """Until it was kept or broken."""
    return session.execute(
        text(
            "SELECT 'promised' AS what, i.invoice_id, i.amount_minor AS amount,"
            " p.created_at AS begins,"
            " CASE p.state WHEN 'active' THEN NULL ELSE p.state_since END AS ends"
            " FROM promise_items i JOIN promises p ON p.id = i.promise_id"
        )
    ).all()


def _instant(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A reminder as its reader meets it."""

    at: datetime
    address: str
    country: str
    message_id: str
    asked: frozenset[str]
    after_promise: bool
    surely: bool

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(ZONES[self.country]))


def seen_in(year: Year) -> list[Seen]:
    """The reminders among what was handed over, in their order."""
    return [
        _read(one) for one in year.mailer.handed_over if one.message.message_id.startswith("remin")
    ]


def _read(one: HandedOver) -> Seen:
    # What is asked for stands above the link; below it, what is shown for information.
    asked = one.message.text.partition("/l/")[0]
    place = int(re.findall(r"\d+", one.message.to_address)[0])
    return Seen(
        at=one.at, address=one.message.to_address, country=PLACES[place % len(PLACES)][0],
        message_id=one.message.message_id, asked=frozenset(_NUMBER.findall(asked)),
        after_promise="you promised" in asked.lower() or "was promised" in asked.lower(),
        surely=one.surely,
    )  # fmt: skip


def violations(year: Year, session: Session) -> list[str]:
    """Everything that went wrong in the year, in words; nothing when all promises held."""
    seen, books = seen_in(year), read_books(session)
    return [
        *_twice(seen),
        *_not_owed(seen, books),
        *_too_often(year, seen),
        *_at_a_bad_time(year, seen),
        *_lost(year, session),
        *_forgotten(year, seen, books, session),
    ]


def _twice(seen: list[Seen]) -> list[str]:
    """P4: handed over once, and once a day to one address."""
    found = [f"P4 {name} handed over {count} times" for name, count in
             Counter(one.message_id for one in seen).items() if count > 1]  # fmt: skip
    days = Counter((one.address, one.local.date()) for one in seen)
    found += [f"P4 {key} was written {count} times" for key, count in days.items() if count > 1]
    about = Counter(number for one in seen for number in one.asked)
    # An invoice is listed beside others, too: at most as often as its debtor is written to.
    per_address = Counter(one.address for one in seen)
    most = max(per_address.values(), default=0)
    return found + [f"P4 {number} asked {count} times" for number, count in about.items()
                    if count > max(most, _MOST_ABOUT_ONE)]  # fmt: skip


def _not_owed(seen: list[Seen], books: Books) -> list[str]:
    """P6: what is asked for was owed in the ten seconds before, and neither contested nor promised
    before them.
    """
    found = []
    for one in seen:
        for number in one.asked:
            when = one.at - _GRACE
            if not books.was_owed(number, when, one.at):
                found.append(f"P6 {one.address} was asked for {number} at {one.at}, which was paid")
            found += [
                f"P6 {one.address} was asked for {number} at {one.at}, which was {what}"
                for begins, ends, what in books.held.get(number, ())
                if begins <= when and one.at < ends
            ]
    return found


def _too_often(year: Year, seen: list[Seen]) -> list[str]:
    """The contact limits, but for what a person let out."""
    found = []
    by_address: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_address[one.address].append(one)
    for address, several in by_address.items():
        several.sort(key=lambda one: one.at)
        for before, after in pairwise(several):
            apart = (_day(after) - _day(before)).days
            exempt = after.after_promise or _day(after) in year.let_out_on
            if apart < _BETWEEN and not exempt:
                found.append(f"limit: {address} written {apart} days apart on {after.local}")
        days = [_day(one) for one in several if _day(one) not in year.let_out_on]
        for last in days:
            for most, length in ((_IN_7, 7), (_IN_30, 30)):
                count = sum(last - timedelta(days=length) < one <= last for one in days)
                if count > most:
                    found.append(f"limit: {address} written {count} times in {length} days: {last}")
    return found


def _day(one: Seen) -> date:
    """The supplier's day."""
    return one.at.astimezone(ZoneInfo("Europe/Zurich")).date()


def _at_a_bad_time(year: Year, seen: list[Seen]) -> list[str]:
    """Not at night, not on a day off where the debtor is, not while the supplier is away."""
    found = []
    for one in seen:
        day = one.local.date()
        free = holidays.country_holidays(one.country, subdiv=REGIONS.get(one.country))
        if not time(8, 0) <= one.local.time() < time(20, 0):
            found.append(f"hour: {one.address} at {one.local}")
        if day.weekday() >= 5 or day in free:
            found.append(f"day off: {one.address} ({one.country}) on {day}")
        if _day(one) in year.away:
            found.append(f"away: {one.address} on {day}")
        if _day(one) in year.outages:
            found.append(f"outage: {one.address} on {day}")
    return found


def _lost(year: Year, session: Session) -> list[str]:
    """P5: what was planned was sent, or is somewhere with a reason; what nobody answered for is
    seen by a person.
    """
    found = []
    rows = session.execute(
        text("SELECT id, state, reason, run_on, channel, message_id, let_out_at FROM reminders")
    ).all()
    state_of = {row.message_id: row.state for row in rows if row.message_id}
    for row in rows:
        # The next run that is made closes what is left of it; in an outage none is.
        run_on = date.fromisoformat(str(row.run_on))
        days = (run_on + timedelta(days=one) for one in range(1, (year.lived - run_on).days + 1))
        late = any(day not in year.outages for day in days)
        if row.let_out_at is not None:
            # A person's word stands over a weekend: it goes on the next working morning.
            since = year.lived - _instant(row.let_out_at).date()
            late = since > _OVER_A_WEEKEND
        if row.state in ("due", "sending") and row.channel == "email" and late:
            found.append(f"P5 {row.id} of {row.run_on} is still {row.state}")
        if not row.reason:
            found.append(f"P5 {row.id} is {row.state} without a reason")
    for one in seen_in(year):
        expected = "sent" if one.surely else "unknown"
        state = state_of.get(one.message_id)
        if state not in (expected, "sent"):
            found.append(f"P5 {one.message_id} was handed over and is {state}")
    return found


def _forgotten(year: Year, seen: list[Seen], books: Books, session: Session) -> list[str]:
    """P5 from the other side: whoever owed for six weeks, with nothing in the way, was asked."""
    asked = {number for one in seen for number in one.asked}
    excused = _excused(session)
    reachable = {
        UUID(str(row.debtor_id))
        for row in session.execute(text("SELECT debtor_id FROM contacts WHERE bounced_at IS NULL"))
    }
    now = year.world.clock.now()
    long_ago = year.today - timedelta(days=42)
    return [
        f"P5 {number}, due on {due_on}, was never asked for"
        for number, due_on in books.due_on.items()
        if due_on < long_ago
        and number not in asked
        and number not in excused
        and books.owner[number] in reachable
        and books.outstanding(number, now) > 200
    ]


def _excused(session: Session) -> set[str]:
    """Invoices that were ever contested, promised, said to be paid or on a plan, or whose message
    was turned down or lost: what follows then is tested elsewhere.
    """
    found: set[str] = set()
    for table in ("dispute_items", "promise_items", "plan_invoices"):
        rows = session.execute(
            text(f"SELECT DISTINCT i.number FROM {table} t JOIN invoices i ON i.id = t.invoice_id")  # noqa: S608
        )
        found |= {row.number for row in rows}
    rows = session.execute(
        text(
            "SELECT DISTINCT i.number FROM reminder_items t JOIN invoices i ON i.id = t.invoice_id"
            " JOIN reminders r ON r.id = t.reminder_id WHERE r.state IN ('unknown', 'failed')"
        )
    )
    return found | {row.number for row in rows}

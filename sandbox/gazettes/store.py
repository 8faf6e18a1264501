"""What the gazettes have published, kept in SQLite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.clock import Now, system_now

#: What can be published of a French company: the label of the judgment.
FRENCH: Mapping[str, str] = {
    "safeguard": "Jugement d'ouverture d'une procédure de sauvegarde",
    "reorganisation": "Jugement d'ouverture d'une procédure de redressement judiciaire",
    "liquidation": "Jugement d'ouverture de liquidation judiciaire",
    "conversion": "Jugement de conversion en liquidation judiciaire",
    "plan": "Jugement arrêtant le plan de redressement",
    "resolution": "Jugement prononçant la résolution du plan de redressement",
    "closing": "Jugement de clôture pour insuffisance d'actif",
    "other": "Autre jugement et ordonnance",
    "striking_off": "Radiations",
}
#: What can be published of a Swiss company: the sub-rubric.
SWISS: Mapping[str, str] = {
    "KK01": "Vorläufige Konkursanzeige",
    "KK02": "Konkurspublikation/Schuldenruf",
    "KK03": "Einstellung des Konkursverfahrens",
    "KK04": "Kollokationsplan und Inventar",
    "KK06": "Schluss des Konkursverfahrens",
    "KK07": "Widerruf des Konkurses",
    "KK10": "Weitere Bekanntmachung",
    "HR03": "Löschung",
}

_TABLES = """
create table if not exists companies (
    number text primary key, country text not null, name text not null, city text not null
);
create table if not exists notices (
    serial integer primary key,
    number text not null,
    what text not null,
    published_on text not null,
    annuls integer,
    is_cancelled integer not null default 0
);
create index if not exists notices_by_day on notices (published_on);
"""


_NOTICE = (
    "select n.serial, n.what, n.published_on, n.annuls, n.is_cancelled, c.number, c.country,"
    " c.name, c.city from notices n join companies c using (number)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company as its register has it; `number` is a SIREN or a UID without punctuation."""

    number: str
    country: str
    name: str
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One publication; `what` is a key of FRENCH or SWISS. `annuls` is the serial of another."""

    serial: int
    company: Company
    what: str
    published_on: date
    annuls: int | None
    is_cancelled: bool

    @property
    def reference(self) -> str:
        """The BODACC's key: edition, issue and notice."""
        return f"A{self.issue}{self.serial}"

    @property
    def issue(self) -> str:
        return f"{self.published_on:%Y}{self.published_on.timetuple().tm_yday:04}"

    @property
    def uuid(self) -> str:
        """The SHAB's key."""
        return str(uuid5(NAMESPACE_URL, f"https://gazettes.example/{self.serial}"))

    @property
    def label(self) -> str:
        return {**FRENCH, **SWISS}[self.what]


class Gazettes:
    """Both gazettes: what they published, a rate limit and an off switch."""

    def __init__(
        self,
        companies: Iterable[Company] = (),
        *,
        path: Path | None = None,
        now: Now = system_now,
    ) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._troubles: list[tuple[int, int]] = []
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.executescript(_TABLES)
        with self._lock, self._database:
            self._database.executemany(
                "insert or ignore into companies values (?, ?, ?, ?)",
                [(one.number, one.country, one.name, one.city) for one in companies],
            )

    def publish(self, number: str, what: str, *, on: date | None = None) -> Notice:
        """Publish something about a company. Raises KeyError for one nobody knows, ValueError for
        what its country's gazette does not publish.
        """
        company = self.company(number)
        if what not in (FRENCH if company.country == "FR" else SWISS):
            raise ValueError(f"{company.country} does not publish {what!r}")
        return self._add(number, what, on, None)

    def take_back(self, serial: int) -> None:
        """Annul a French notice by another; cancel a Swiss one, which keeps its key."""
        notice = self.notice(serial)
        if notice.company.country == "FR":
            self._add(notice.company.number, notice.what, None, serial)
            return
        with self._lock, self._database:
            self._database.execute(
                "update notices set is_cancelled = 1 where serial = ?", (serial,)
            )

    def _add(self, number: str, what: str, on: date | None, annuls: int | None) -> Notice:
        day = on or self._now().date()
        with self._lock, self._database:
            added = self._database.execute(
                "insert into notices (number, what, published_on, annuls) values (?, ?, ?, ?)",
                (number, what, day.isoformat(), annuls),
            )
            return self.notice(int(added.lastrowid or 0))

    def company(self, number: str) -> Company:
        found = [one for one in self.companies() if one.number == number]
        if not found:
            raise KeyError(number)
        return found[0]

    def companies(self, text: str = "") -> list[Company]:
        """By a part of the name; all when nothing is asked."""
        with self._lock:
            rows = self._database.execute(
                "select number, country, name, city from companies"
                " where instr(lower(name), lower(?)) > 0 order by name",
                (text,),
            ).fetchall()
        return [
            Company(number=number, country=country, name=name, city=city)
            for number, country, name, city in rows
        ]

    def notice(self, serial: int) -> Notice:
        (found,) = self._notices("n.serial = ?", (serial,))
        return found

    def about(self, number: str) -> list[Notice]:
        """What was published of a company, the newest first."""
        return self._notices("n.number = ?", (number,))[::-1]

    def published(self, country: str, since: date, until: date = date.max) -> list[Notice]:
        """Everything a country's gazette published between two days, the oldest first."""
        return self._notices(
            "c.country = ? and n.published_on between ? and ?",
            (country, since.isoformat(), until.isoformat()),
        )

    def refuse(self, times: int, *, retry_after: int = 1) -> None:
        """Answer the next `times` questions with 429."""
        with self._lock:
            self._troubles = [(429, retry_after)] * times

    def break_down(self, times: int) -> None:
        """Answer the next `times` questions with 503."""
        with self._lock:
            self._troubles = [(503, 0)] * times

    def trouble(self) -> tuple[int, int] | None:
        """Status and Retry-After (0: none) of the trouble this question runs into, used up."""
        with self._lock:
            return self._troubles.pop() if self._troubles else None

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _notices(self, where: str, values: tuple[Any, ...]) -> list[Notice]:
        with self._lock:
            rows = self._database.execute(
                _NOTICE + " where " + where + " order by n.published_on, n.serial",
                values,
            ).fetchall()
        return [
            Notice(
                serial=serial,
                company=Company(number=number, country=country, name=name, city=city),
                what=what,
                published_on=date.fromisoformat(on),
                annuls=annuls,
                is_cancelled=bool(is_cancelled),
            )
            for serial, what, on, annuls, is_cancelled, number, country, name, city in rows
        ]

"""The bureau's companies, their scores and what happened to them, kept in SQLite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

_TABLES = """
create table if not exists companies (
    company_id text primary key,
    registration_number text not null unique,
    country text not null,
    name text not null,
    score integer,
    credit_limit integer,
    currency text not null,
    status text not null,
    as_of text not null
);
create table if not exists portfolios (
    portfolio_id text not null,
    company_id text not null references companies,
    primary key (portfolio_id, company_id)
);
create table if not exists events (
    event_id integer primary key autoincrement,
    company_id text not null references companies,
    as_of text not null,
    score integer,
    previous_score integer,
    credit_limit integer,
    status text not null,
    pushed_at text
);
"""

_EVENT = (
    "select e.event_id, e.company_id, c.registration_number, c.country, c.name, e.as_of,"
    " e.score, e.previous_score, e.credit_limit, c.currency, e.status"
    " from events e join companies c using (company_id)"
)


@dataclass(frozen=True, slots=True)
class Company:
    """What the bureau says about a company now.

    `score` runs from 0 (fails soon) to 100 (safe) and is None when the bureau gives none;
    `credit_limit` is in whole units of `currency`; `status` is active, insolvent or dissolved.
    """

    company_id: str
    registration_number: str
    country: str
    name: str
    score: int | None
    credit_limit: int | None
    currency: str
    status: str
    as_of: date

    def as_json(self) -> dict[str, Any]:
        return {
            "company_id": self.company_id,
            "registration_number": self.registration_number,
            "country": self.country,
            "name": self.name,
            "score": self.score,
            "limit": self.credit_limit,
            "currency": self.currency,
            "status": self.status,
            "as_of": self.as_of.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Event:
    """One change, as subscribers hear of it; `event_id` grows."""

    event_id: int
    company_id: str
    registration_number: str
    country: str
    name: str
    as_of: date
    score: int | None
    previous_score: int | None
    credit_limit: int | None
    currency: str
    status: str

    def as_json(self) -> dict[str, Any]:
        return {
            "event_id": self.event_id,
            "company_id": self.company_id,
            "registration_number": self.registration_number,
            "country": self.country,
            "name": self.name,
            "as_of": self.as_of.isoformat(),
            "score": self.score,
            "previous_score": self.previous_score,
            "limit": self.credit_limit,
            "currency": self.currency,
            "status": self.status,
        }


class BureauStore:
    """Adds, changes and finds; safe to share between threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.executescript(_TABLES)

    def seed(self, companies: Iterable[Company]) -> None:
        """Add those that are not known yet; what was changed by hand stays."""
        with self._lock, self._database:
            self._database.executemany(
                "insert or ignore into companies values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        company.company_id,
                        company.registration_number,
                        company.country,
                        company.name,
                        company.score,
                        company.credit_limit,
                        company.currency,
                        company.status,
                        company.as_of.isoformat(),
                    )
                    for company in companies
                ],
            )

    def companies(
        self, *, registration_number: str = "", country: str = "", text: str = ""
    ) -> list[Company]:
        """By exact number and country, or by a part of the name; all when nothing is asked."""
        with self._lock:
            rows = self._database.execute(
                "select * from companies where (? = '' or registration_number = ?)"
                " and (? = '' or country = ?) and instr(lower(name), lower(?)) > 0 order by name",
                (registration_number, registration_number, country, country, text),
            ).fetchall()
        return [_company(row) for row in rows]

    def company(self, company_id: str) -> Company | None:
        with self._lock:
            row = self._database.execute(
                "select * from companies where company_id = ?", (company_id,)
            ).fetchone()
        return _company(row) if row else None

    def change(
        self,
        company_id: str,
        *,
        score: int | None,
        credit_limit: int | None,
        status: str,
        as_of: date,
    ) -> int:
        """Set what the bureau says of a known company; returns the event's id."""
        with self._lock, self._database:
            (previous,) = self._database.execute(
                "select score from companies where company_id = ?", (company_id,)
            ).fetchone()
            self._database.execute(
                "update companies set score = ?, credit_limit = ?, status = ?, as_of = ?"
                " where company_id = ?",
                (score, credit_limit, status, as_of.isoformat(), company_id),
            )
            added = self._database.execute(
                "insert into events (company_id, as_of, score, previous_score, credit_limit,"
                " status) values (?, ?, ?, ?, ?, ?)",
                (company_id, as_of.isoformat(), score, previous, credit_limit, status),
            )
            return int(added.lastrowid or 0)

    def watch(self, portfolio_id: str, company_ids: Iterable[str]) -> None:
        with self._lock, self._database:
            self._database.executemany(
                "insert or ignore into portfolios values (?, ?)",
                [(portfolio_id, company_id) for company_id in company_ids],
            )

    def watched(self, portfolio_id: str) -> list[str]:
        with self._lock:
            rows = self._database.execute(
                "select company_id from portfolios where portfolio_id = ? order by 1",
                (portfolio_id,),
            ).fetchall()
        return [row[0] for row in rows]

    def events(self, *, portfolio_id: str, since: int, limit: int) -> list[Event]:
        """Changes of watched companies after the event `since`, oldest first."""
        return self._events(
            " where e.event_id > ? and exists (select 1 from portfolios p"
            " where p.portfolio_id = ? and p.company_id = e.company_id)"
            " order by e.event_id limit ?",
            (since, portfolio_id, limit),
        )

    def history(self, company_id: str) -> list[Event]:
        """All changes of a company, newest first."""
        return self._events(
            " where e.company_id = ? order by e.event_id desc limit 50", (company_id,)
        )

    def unpushed(self) -> list[Event]:
        """What the receiver of pushes has not confirmed, oldest first."""
        return self._events(" where e.pushed_at is null order by e.event_id", ())

    def pushed(self, event_id: int, at: str) -> None:
        with self._lock, self._database:
            self._database.execute(
                "update events set pushed_at = ? where event_id = ?", (at, event_id)
            )

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _events(self, where: str, values: tuple[Any, ...]) -> list[Event]:
        with self._lock:
            rows = self._database.execute(_EVENT + where, values).fetchall()
        return [Event(*row) for row in _dated(rows, 5)]


def _company(row: tuple[Any, ...]) -> Company:
    return Company(*_dated([row], 8)[0])


def _dated(rows: list[tuple[Any, ...]], at: int) -> list[tuple[Any, ...]]:
    """The rows with the text in column `at` as a date."""
    return [(*row[:at], date.fromisoformat(row[at]), *row[at + 1 :]) for row in rows]

"""Generated payment histories, seeded: debtors with habits, and things that break them.

Of a hundred debtors thirty-five pay within days of the due date, forty some days late, eighteen
weeks late, seven months late. Each has terms, a size and a pace of its own (few make most of the
invoices). Over half pay on a fixed day: once a week, twice a month, once a month. A quarter drift
over the two years, a third slow down in summer and December, some pay large invoices later,
some contest invoices, and now and then one lies for months. A fifth are new on the way.
Nobody is paid at weekends.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from receivables.payers.pasts import Past

FIRST = date(2023, 1, 2)
DAYS = 720
_COUNTRIES = ("DE", "FR", "BE", "NL", "IT", "CH")
_SLOW_MONTHS = (7, 8, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payer:
    """How one debtor buys and pays; days are days late."""

    name: str
    country: str
    channel: str
    terms: int
    size: float
    pace: float
    habit: float
    spread: float
    run: str
    weekday: int
    monthday: int
    drift: float
    season: float
    by_amount: float
    contests: float
    forgets: float
    begins: int


def history(seed: int, *, payers: int = 200, invoices: int = 6000) -> list[Past]:
    """So many invoices over two years, all paid in the end; the oldest first."""
    rng = random.Random(seed)
    lean = {country: rng.gauss(0, 3) for country in _COUNTRIES}
    known = [_payer(rng, f"K{place:05}", lean) for place in range(payers)]
    paces = [one.pace for one in known]
    found: list[Past] = []
    while len(found) < invoices:
        payer, day = rng.choices(known, paces)[0], rng.randrange(DAYS)
        issued_on = FIRST + timedelta(days=day)
        if day >= payer.begins and issued_on.weekday() < 5:
            found.append(_invoice(rng, payer, issued_on, day, len(found)))
    return sorted(found, key=lambda past: (past.issued_on, past.invoice))


def _payer(rng: random.Random, name: str, lean: dict[str, float]) -> _Payer:
    country = rng.choice(_COUNTRIES)
    kind = rng.random()
    if kind < 0.35:
        habit, spread = rng.gauss(-1, 2), rng.uniform(1.5, 4)
    elif kind < 0.75:
        habit, spread = rng.gauss(6, 5), rng.uniform(3, 8)
    elif kind < 0.93:
        habit, spread = rng.gauss(20, 8), rng.uniform(5, 14)
    else:
        habit, spread = rng.gauss(45, 15), rng.uniform(10, 25)
    drifts = (0.0, rng.uniform(4, 18), -rng.uniform(3, 8))
    return _Payer(
        name=name,
        country=country,
        channel=rng.choice(("paper", "paper", "e-mail", "portal")),
        terms=rng.choice((14, 30, 30, 30, 45, 60)),
        size=rng.lognormvariate(6.5, 1.1),
        pace=rng.paretovariate(1.1),
        habit=habit + lean[country],
        spread=spread,
        run=rng.choices(("", "weekly", "twice", "monthly"), (45, 25, 15, 15))[0],
        weekday=rng.randrange(5),
        monthday=rng.choice((5, 10, 15, 25)),
        drift=rng.choices(drifts, (75, 17, 8))[0],
        season=rng.choices((0.0, rng.uniform(3, 10)), (70, 30))[0],
        by_amount=rng.choices((0.0, rng.uniform(1, 4)), (60, 40))[0],
        contests=rng.choice((0.01, 0.03, 0.1, 0.2)),
        forgets=rng.choice((0, 0, 0.005, 0.03)),
        begins=rng.choices((0, rng.randrange(DAYS)), (80, 20))[0],
    )


def _invoice(rng: random.Random, payer: _Payer, issued_on: date, day: int, place: int) -> Past:
    due_on = issued_on + timedelta(days=payer.terms)
    amount = round(payer.size * rng.lognormvariate(0, 0.8) + 1, 2)
    late = payer.habit + payer.drift * day / DAYS + payer.by_amount * math.log(amount / payer.size)
    late += rng.gauss(0, payer.spread)
    late += payer.season if due_on.month in _SLOW_MONTHS else 0
    late += rng.expovariate(1 / (payer.spread * 1.5)) if rng.random() < 0.25 else 0
    late += rng.expovariate(1 / 25) if rng.random() < payer.contests else 0
    late += rng.uniform(60, 400) if rng.random() < payer.forgets else 0
    earliest = max(issued_on + timedelta(days=1), due_on + timedelta(days=round(late)))
    return Past(
        customer=payer.name,
        invoice=f"R{place:06}",
        issued_on=issued_on,
        due_on=due_on,
        paid_on=_payday(rng, payer, earliest),
        amount=Decimal(str(amount)),
        traits={"country": payer.country, "channel": payer.channel},
    )


def _payday(rng: random.Random, payer: _Payer, day: date) -> date:
    """The first day from then on which the payer's bank pays."""
    while payer.run and rng.random() < 0.97 and not _is_run(payer, day):
        day += timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _is_run(payer: _Payer, day: date) -> bool:
    if payer.run == "weekly":
        return day.weekday() == payer.weekday
    second = (payer.monthday + 14) % 28 + 1
    return day.day == payer.monthday or (payer.run == "twice" and day.day == second)


def as_csv(pasts: Iterable[Past]) -> str:
    """The history as a file that the command reads."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    columns = "customer,invoice,issued_on,due_on,paid_on,amount,country,channel"
    writer.writerow(columns.split(","))
    for past in pasts:
        days = (past.issued_on, past.due_on, past.paid_on or "")
        writer.writerow([past.customer, past.invoice, *days, past.amount, *past.traits.values()])
    return sink.getvalue()

"""What the bureau said of a customer, month by month for a year."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from sandbox.story.sketches import Manner, Size, Sketch
from sandbox.story.values import HeroKind, StoryReading

#: Who says so.
BUREAU_NAME = "Helvetia Scoring"

#: Scores at which the product's bands end, and the one its first rule watches.
_EDGES = (0, 20, 40, 50, 60, 80, 101)

#: How many points a score fell in the course of the year, first and last of the range.
_FALL = {
    Manner.PROMPT: (-5, 2),
    Manner.USUAL: (-5, 4),
    Manner.LATE: (0, 8),
    Manner.WORSENING: (13, 20),
    Manner.PARTS: (4, 11),
}
_LIMIT = {Size.SMALL: 6_000, Size.MEDIUM: 32_000, Size.LARGE: 95_000}
_LIMIT_OF_FALLING_HERO = 165_000

_MONTHS = 12


def readings(
    customer: Sketch, currency: str, today: date, random: Random
) -> tuple[StoryReading, ...]:
    """Twelve readings, oldest first, the last a few days old.

    The last two lie between the same edges: nothing in the past calls for an alert today.
    """
    fall = random.randint(*_FALL[customer.manner])
    scores = [
        customer.score + round(fall * ago / (_MONTHS - 1)) + (random.randint(-2, 2) if ago else 0)
        for ago in reversed(range(_MONTHS))
    ]
    scores = [max(3, min(98, score)) for score in scores[:-1]] + [customer.score]
    scores[-2] = _between_the_same_edges(scores[-2], customer.score)
    days = [_months_before(today - timedelta(days=6), ago) for ago in reversed(range(_MONTHS))]
    return tuple(
        StoryReading(day, score, _limit(customer, score), currency)
        for day, score in zip(days, scores, strict=True)
    )


def _between_the_same_edges(score: int, like: int) -> int:
    least = max(edge for edge in _EDGES if edge <= like)
    most = min(edge for edge in _EDGES if edge > like) - 1
    return max(least, min(most, score))


def _limit(customer: Sketch, score: int) -> int:
    falls = customer.hero is HeroKind.FALLS
    base = _LIMIT_OF_FALLING_HERO if falls else _LIMIT[customer.size]
    return base * score // 100_000 * 1_000 if base * score >= 1_000_000 else base * score // 100


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, 28))

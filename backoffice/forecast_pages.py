"""What the template of the cash forecast gets as `page`: finished values, the chart's, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backoffice.pages import Notice, OfficeHead
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekColumn:
    """One week: two bars side by side, and the numbers they stand for."""

    starts_on: date
    expected: Money
    prudent: Money
    expected_bar: Bar
    prudent_bar: Bar
    #: Where the week's day stands under the bars; not under each, for want of room.
    label_x: float
    has_label: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyForecast:
    """One currency's weeks, and what is beside them."""

    currency: str
    weeks: tuple[WeekColumn, ...]
    #: The largest bar: what the height of the chart stands for.
    highest: Money
    expected: Money
    prudent: Money
    within_30_days: Money
    later: Money
    disputed: Money
    insolvent: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnError:
    """How far off forecasts have been over three months."""

    count: int
    mae_days: float
    #: Expected less actual, and which way, for the sentence.
    bias_days: float
    prudent_share: float | None
    simple_mae_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPage:
    """`GET /forecast` -> forecast.html; `POST /forecast/again` makes it anew."""

    head: OfficeHead
    notice: Notice | None
    currencies: tuple[CurrencyForecast, ...]
    #: None before the first night.
    made_on: date | None
    uses_model: bool
    weeks_worse: int
    learnt_from: int
    error: OwnError | None

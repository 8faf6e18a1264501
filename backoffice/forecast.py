"""The cash of the next thirteen weeks, and what such forecasts have been worth."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.figures import in_order, zero_or
from backoffice.forecast_pages import Bar, CurrencyForecast, ForecastPage, OwnError, WeekColumn
from receivables.money import Money
from receivables.payers import tasks
from receivables.payers.cash import CashForecast, expected_within, thirteen_weeks
from receivables.payers.cash_queries import RunError, incoming, latest_run

#: The chart's own units, as its template draws the axes.
_LEFT, _RIGHT, _TOP, _BOTTOM = 8.0, 632.0, 24.0, 172.0
#: A week's two bars, and the gaps beside them, in shares of its width.
_BAR, _GAP = 0.36, 0.12
_LABEL_EVERY = 3
#: What the overview shows, too.
SOON_DAYS = 30


@get("/forecast", sync_to_thread=True)
def show_forecast(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = forecast_page(session, asker)
    return asker.page("forecast.html", page)


@post("/forecast/again", sync_to_thread=True)
def take_forecast_again(collector: NamedDependency[Asker]) -> Redirect:
    """Everything is worked out anew, now and not at night; 303."""
    now, supplier_id = collector.runtime.clock.now(), collector.supplier_id
    with collector.transaction() as session:
        # Once an hour is often enough for anybody.
        dedup = f"payers:{supplier_id}:{now:%Y-%m-%dT%H}"
        tasks.work_out.enqueue(session, now=now, supplier_id=supplier_id, dedup=dedup)
    return collector.back("/forecast", "forecast_asked")


def forecast_page(session: Session, asker: Asker) -> ForecastPage:
    supplier_id, today = asker.supplier_id, asker.today
    items = incoming(session, supplier_id, today)
    soon = expected_within(items, today, SOON_DAYS)
    found = {one.currency: one for one in thirteen_weeks(items, today)}
    run = latest_run(session, supplier_id)
    return ForecastPage(
        head=asker.head(session, "overview"),
        notice=asker.notice(),
        currencies=tuple(
            _currency(found[name], zero_or(soon, name))
            for name in in_order(found, asker.me.supplier_currency)
        ),
        made_on=run.made_on if run else None,
        uses_model=run.uses_model if run else False,
        weeks_worse=run.weeks_worse if run else 0,
        learnt_from=run.learnt_from if run else 0,
        error=_error(run.error) if run and run.error else None,
    )


def _error(error: RunError) -> OwnError:
    return OwnError(
        count=error.count,
        mae_days=error.mae_days,
        bias_days=error.bias_days,
        prudent_share=error.prudent_share,
        simple_mae_days=error.simple_mae_days,
    )


def _currency(found: CashForecast, soon: Money) -> CurrencyForecast:
    highest = max(max(week.expected, week.prudent) for week in found.weeks)
    wide = (_RIGHT - _LEFT) / len(found.weeks)
    return CurrencyForecast(
        currency=found.currency,
        weeks=tuple(
            WeekColumn(
                starts_on=week.starts_on,
                expected=week.expected,
                prudent=week.prudent,
                expected_bar=_bar(_LEFT + wide * (place + _GAP), wide, week.expected, highest),
                prudent_bar=_bar(_LEFT + wide * (place + _GAP + _BAR), wide, week.prudent, highest),
                label_x=round(_LEFT + wide * (place + 0.5), 1),
                has_label=place % _LABEL_EVERY == 0,
            )
            for place, week in enumerate(found.weeks)
        ),
        highest=highest,
        expected=found.expected,
        prudent=found.prudent,
        within_30_days=soon,
        later=found.later_expected,
        disputed=found.disputed,
        insolvent=found.insolvent,
    )


def _bar(x: float, wide: float, amount: Money, highest: Money) -> Bar:
    share = amount.minor / highest.minor if highest.minor > 0 else 0.0
    height = share * (_BOTTOM - _TOP)
    return Bar(
        x=round(x, 1),
        y=round(_BOTTOM - height, 1),
        width=round(wide * _BAR, 1),
        height=round(height, 1),
    )

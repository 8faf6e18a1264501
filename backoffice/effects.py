"""What the reminders brought about, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from litestar import Response, get
from litestar.di import NamedDependency

from backoffice.access import Asker
from backoffice.pages import Notice, OfficeHead
from receivables.credit.rules import PayerClass
from receivables.effects.queries import effects_since
from receivables.effects.rules import FEWEST, PATIENCE, Effect
from receivables.i18n import pgettext
from receivables.i18n import translate as _
from receivables.money import Money

#: How far back the page looks.
_LOOK_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One step, over all debtors or of one class."""

    step: str
    whom: str
    is_class: bool
    paid: int
    passed: int
    waiting: int
    #: None while too few are decided.
    paid_share: float | None
    median_days: int | None
    brought: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectsPage:
    """`GET /reminders/effects` -> effects.html."""

    head: OfficeHead
    notice: Notice | None
    since: date
    rows: tuple[EffectRow, ...]
    fewest: int
    patience_days: int


@get("/reminders/effects", sync_to_thread=True)
def show_effects(asker: NamedDependency[Asker]) -> Response[str]:
    since = asker.today - _LOOK_BACK
    with asker.reading() as session:
        found = effects_since(
            session, asker.supplier_id, since, zone=asker.me.supplier_zone, today=asker.today
        )
        page = EffectsPage(
            head=asker.head(session, "reminders"),
            notice=asker.notice(),
            since=since,
            rows=tuple(_row(one) for one in found),
            fewest=FEWEST,
            patience_days=PATIENCE.days,
        )
    return asker.page("effects.html", page)


def _row(effect: Effect) -> EffectRow:
    if effect.payer_class is None:
        whom = _("All debtors")
    elif effect.payer_class is PayerClass.N:
        whom = pgettext("payer class", "Too little history")
    else:
        whom = _("Class %(name)s") % {"name": effect.payer_class.value}
    return EffectRow(
        step=effect.step,
        whom=whom,
        is_class=effect.payer_class is not None,
        paid=effect.paid,
        passed=effect.passed,
        waiting=effect.waiting,
        paid_share=effect.paid_share,
        median_days=effect.median_days,
        brought=effect.brought,
    )

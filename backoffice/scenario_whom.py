"""Whom a scenario is for: several stand in an order, and the first that fits a debtor is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.pages import Notice, OfficeHead
from backoffice.scenario_words import kind_words, preset_words
from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.dunning.scenarios import FaultyScenario, check, save_scenarios, scenarios_of
from receivables.dunning.steps import DEFAULT, FOR_SOME, OURS, Conditions, Scenario
from receivables.i18n import pgettext
from receivables.web.forms import FormBody, field, fields

_NEW = "new"
_KINDS = ("business", "consumer")
#: More countries in one condition than anybody lists.
_MOST_COUNTRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WhomPage:
    """`GET /reminders/scenarios/whom?scenario=` (a place, or new) -> scenario_whom.html.

    `POST` to the same address: `scenario`, `name`, `kind`, `countries`, `payer`, `solvency`, for a
    new one `preset`; `do` is save, remove, or earlier (one place up).
    """

    head: OfficeHead
    notice: Notice | None
    scenario: str
    name: str
    countries: str
    presets: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str, bool], ...]
    payers: tuple[tuple[str, str, bool], ...]
    solvency: tuple[tuple[str, str, bool], ...]
    is_first: bool
    is_only: bool
    is_last: bool
    error: str
    may_edit: bool


@get("/reminders/scenarios/whom", sync_to_thread=True)
def show_whom(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    place = str(request.query_params.get("scenario", _NEW))
    with asker.reading() as session:
        page = whom_page(session, asker, place)
    return asker.page("scenario_whom.html", page)


def whom_page(
    session: Session,
    asker: Asker,
    place: str,
    typed: Mapping[str, Any] | None = None,
    error: str = "",
) -> WhomPage:
    standing = scenarios_of(session, asker.supplier_id)
    one = Scenario(name="", steps=()) if place == _NEW else standing[_place(place, standing)]
    conditions = one.conditions if typed is None else _conditions(typed)
    at = len(standing) if place == _NEW else _place(place, standing)
    return WhomPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        scenario=place,
        name=one.name if typed is None else field(typed, "name"),
        countries=" ".join(sorted(conditions.countries))
        if typed is None
        else field(typed, "countries"),
        presets=tuple((preset.name, preset_words(preset.name)) for preset in FOR_SOME),
        kinds=tuple((kind, kind_words(kind), kind in conditions.kinds) for kind in _KINDS),
        payers=tuple(
            (payer.value, payer.value, payer in conditions.payer_classes) for payer in PayerClass
        ),
        solvency=tuple(
            (
                found.value,
                pgettext("solvency", "unknown") if found is SolvencyClass.NONE else found.value,
                found in conditions.solvency_classes,
            )
            for found in SolvencyClass
        ),
        is_first=at == 0,
        is_only=len(standing) == 1,
        is_last=at >= len(standing) - 1,
        error=error,
        may_edit=asker.me.role == "owner",
    )


def _place(text: str, standing: tuple[Scenario, ...]) -> int:
    """Raises NotFoundException for a place there is not."""
    if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < len(standing):
        return int(text)
    raise NotFoundException


def _conditions(data: Mapping[str, Any]) -> Conditions:
    """What is ticked; nothing ticked says nothing. Raises FaultyScenario for no country."""
    countries = field(data, "countries").replace(",", " ").upper().split()
    if len(countries) > _MOST_COUNTRIES or any(
        len(one) != 2 or not one.isascii() or not one.isalpha() for one in countries
    ):
        raise FaultyScenario("countries")
    return Conditions(
        kinds=frozenset(one for one in _KINDS if one in fields(data, "kind")),
        countries=frozenset(countries),
        payer_classes=frozenset(one for one in PayerClass if one in fields(data, "payer")),
        solvency_classes=frozenset(one for one in SolvencyClass if one in fields(data, "solvency")),
    )


@post("/reminders/scenarios/whom", sync_to_thread=True)
def take_whom(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """303 to the list; the form again with what is wrong."""
    place, do = field(data, "scenario"), field(data, "do")
    try:
        with owner.transaction() as session:
            standing = scenarios_of(session, owner.supplier_id)
            wanted = _wanted(standing, place, do, data)
            check(wanted)
            save_scenarios(session, owner.supplier_id, wanted, clock=owner.runtime.clock)
    except FaultyScenario as wrong:
        error = wrong.field if wrong.field in ("name", "countries") else "name"
        with owner.reading() as session:
            shown = dict(data) if error != "countries" else None
            page = whom_page(session, owner, place, shown, error)
        return owner.page("scenario_whom.html", page, status=422)
    return owner.back("/reminders/scenarios", "scenario_saved")


def _wanted(
    standing: tuple[Scenario, ...], place: str, do: str, data: Mapping[str, Any]
) -> tuple[Scenario, ...]:
    if place == _NEW:
        chosen = field(data, "preset")
        steps = next((one.steps for one in FOR_SOME if one.name == chosen), DEFAULT.steps)
        name = field(data, "name").strip()
        new = Scenario(name=name, steps=steps, conditions=_conditions(data))
        # Before the others: the last is everybody's whom no other fits.
        return (new, *standing)
    at = _place(place, standing)
    if do == "remove":
        return tuple(one for one in standing if one is not standing[at]) or OURS
    if do == "earlier":
        before = max(0, at - 1)
        moved = [one for one in standing if one is not standing[at]]
        return (*moved[:before], standing[at], *moved[before:])
    changed = replace(standing[at], name=field(data, "name").strip(), conditions=_conditions(data))
    return tuple(changed if one is standing[at] else one for one in standing)

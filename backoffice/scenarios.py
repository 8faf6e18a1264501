"""Scenarios: the list with a calendar line each, and one step's form with before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.dunning_pages import ScenariosPage, StepPage
from backoffice.preview import next_day
from backoffice.scenario_words import (
    audience_words,
    channel_words,
    effect_words,
    mode_words,
    preset_words,
    rows_of,
    scenario_view,
    step_words,
    tone_words,
)
from receivables.dunning.explaining import before_and_after
from receivables.dunning.scenarios import (
    FaultyScenario,
    check,
    in_order,
    read_offsets,
    save_scenarios,
    scenarios_of,
    write_offsets,
)
from receivables.dunning.steps import (
    DEFAULT,
    OURS,
    PRESETS,
    Audience,
    LegalEffect,
    Mode,
    Scenario,
    Step,
    Tone,
)
from receivables.ports.channels import Channel
from receivables.web.forms import FormBody, field, fields

#: How many working days a change is compared on.
_COMPARED_DAYS = 5

#: What a step that is to be added begins as.
_NEW = Step(name="new", offset_days=14, level=2)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form of a step says, whether it can be meant or not."""

    values: Mapping[str, str]
    ways: tuple[Channel, ...]
    beside: tuple[Channel, ...]


@get("/reminders/scenarios", sync_to_thread=True)
def show_scenarios(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        scenarios = scenarios_of(session, asker.supplier_id)
        page = ScenariosPage(
            head=asker.head(session, "reminders"),
            notice=asker.notice(),
            scenarios=tuple(scenario_view(place, one) for place, one in enumerate(scenarios)),
            presets=tuple((one.name, preset_words(one.name)) for one in PRESETS),
            may_edit=asker.me.role == "owner",
        )
    return asker.page("scenarios.html", page)


@post("/reminders/scenarios", sync_to_thread=True)
def take_preset(data: FormBody, owner: NamedDependency[Asker]) -> Redirect:
    """Go back to one of our scenarios, in place of all there are."""
    chosen = next((one for one in PRESETS if one.name == field(data, "preset")), PRESETS[0])
    with owner.transaction() as session:
        wanted = OURS if chosen is DEFAULT else (chosen,)
        save_scenarios(session, owner.supplier_id, wanted, clock=owner.runtime.clock)
    return owner.back("/reminders/scenarios", "scenario_saved")


@get("/reminders/scenarios/step", sync_to_thread=True)
def show_step(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    place = _place(request.query_params)
    name = str(request.query_params.get("step", "")) or _NEW.name
    with asker.reading() as session:
        scenario = _scenario(session, asker, place)
        step = _NEW if name == _NEW.name else scenario.step(name)
        if step is None:
            raise NotFoundException
        page = step_page(session, asker, place, scenario, step, is_new=step is _NEW)
    return asker.page("scenario_step.html", page)


def _place(given: Mapping[str, Any]) -> int:
    """Which of the scenarios is meant, the first where none is named; -1: none there can be."""
    text = str(given.get("scenario", "0"))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else -1


def _scenario(session: Session, asker: Asker, place: int) -> Scenario:
    scenarios = scenarios_of(session, asker.supplier_id)
    if not 0 <= place < len(scenarios):
        raise NotFoundException
    return scenarios[place]


def step_page(
    session: Session,
    asker: Asker,
    place: int,
    scenario: Scenario,
    step: Step,
    *,
    is_new: bool = False,
    typed: Typed | None = None,
    error: str = "",
) -> StepPage:
    shown = typed or Typed(_values(step), step.channels, step.beside)
    return StepPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        scenario=scenario_view(place, scenario),
        step="" if is_new else step.name,
        title=step_words(step.name),
        is_new=is_new,
        values=shown.values,
        ways=(*shown.ways, *[""] * (len(Channel) - len(shown.ways))),
        beside=frozenset(shown.beside),
        tones=tuple((one.value, tone_words(one)) for one in Tone),
        modes=tuple((one.value, mode_words(one)) for one in Mode),
        channels=tuple((one.value, channel_words(one)) for one in Channel),
        audiences=tuple((one.value, audience_words(one)) for one in Audience),
        effects=tuple((one.value, effect_words(one)) for one in LegalEffect),
        error=error,
        may_edit=asker.me.role == "owner",
    )


def _values(step: Step) -> dict[str, str]:
    return {
        "name": step.name,
        "days": str(abs(step.offset_days)),
        "side": "before" if step.offset_days < 0 else "after",
        "classes": write_offsets(step.class_offsets),
        "level": str(step.level),
        "tone": step.tone.value,
        "mode": step.mode.value,
        "min_amount": "" if step.min_amount is None else str(step.min_amount),
        "max_auto_amount": "" if step.max_auto_amount is None else str(step.max_auto_amount),
        "audience": step.audience.value,
        "shows_interest": "yes" if step.shows_interest else "",
        "legal_effect": step.legal_effect.value,
    }


@post("/reminders/scenarios/step", sync_to_thread=True)
def take_step(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """Compare the changed scenario with the one there is, keep it, or take the step out."""
    place, name = _place({"scenario": field(data, "scenario")}), field(data, "step")
    is_new, wants = name == _NEW.name, field(data, "do")
    with owner.reading() as session:
        scenarios = scenarios_of(session, owner.supplier_id)
        scenario = _scenario(session, owner, place)
    before = _NEW if is_new else scenario.step(name)
    if before is None:
        raise NotFoundException
    typed = Typed(
        {key: field(data, key) for key in _values(before)}, _ways(data, "channel"),
        _ways(data, "beside"),
    )  # fmt: skip
    step = before
    try:
        step = before if wants == "remove" else _read(before, data)
        changed = _with(scenario, name, None if wants == "remove" else step)
        after = tuple(changed if at == place else one for at, one in enumerate(scenarios))
        check(after)
    except FaultyScenario as wrong:
        with owner.reading() as session:
            page = step_page(
                session, owner, place, scenario, step, is_new=is_new, typed=typed,
                error=wrong.field,
            )  # fmt: skip
        return owner.page("scenario_step.html", page, status=422)
    if wants == "compare":
        return _compared(owner, place, scenario, step, after, typed, is_new)
    with owner.transaction() as session:
        save_scenarios(session, owner.supplier_id, after, clock=owner.runtime.clock)
    return owner.back("/reminders/scenarios", "scenario_saved")


def _compared(
    owner: Asker,
    place: int,
    scenario: Scenario,
    step: Step,
    after: tuple[Scenario, ...],
    typed: Typed,
    is_new: bool,
) -> Response[Any]:
    """The form again, with what it would change on the next days."""
    first = next_day(owner)
    days = [first + timedelta(days=days) for days in range(_COMPARED_DAYS)]
    with owner.reading() as session:
        change = before_and_after(session, owner.supplier_id, after, days)
        page = step_page(session, owner, place, scenario, step, is_new=is_new, typed=typed)
        page = replace(
            page, changes=rows_of(change.differences), compared=(change.debtors, len(days))
        )
    return owner.page("scenario_step.html", page)


def _ways(data: FormBody, name: str) -> tuple[Channel, ...]:
    """Channels in the order in which the form names them, each once."""
    named = dict.fromkeys(fields(data, name))
    known = {one.value for one in Channel}
    return tuple(Channel(one) for one in named if one in known)


def _with(scenario: Scenario, name: str, step: Step | None) -> Scenario:
    """The scenario with a step changed, added, or (None) taken out."""
    others = [one for one in scenario.steps if one.name != name]
    steps = (*others, step) if step is not None else tuple(others)
    return in_order(replace(scenario, steps=tuple(steps)))


def _read(before: Step, data: FormBody) -> Step:
    """The step the form asks for. Raises FaultyScenario for what is none."""

    def whole(name: str) -> int:
        text = field(data, name)
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise FaultyScenario(name)
        return int(text)

    try:
        classes = read_offsets(field(data, "classes"))
        tone, mode = Tone(field(data, "tone")), Mode(field(data, "mode"))
        audience = Audience(field(data, "audience"))
        effect = LegalEffect(field(data, "legal_effect"))
    except ValueError:
        raise FaultyScenario("classes") from None
    days = whole("days")
    return replace(
        before,
        name=field(data, "name"),
        offset_days=-days if field(data, "side") == "before" else days,
        class_offsets=classes,
        level=whole("level"),
        tone=tone,
        mode=mode,
        channels=_ways(data, "channel"),
        beside=_ways(data, "beside"),
        min_amount=whole("min_amount") if field(data, "min_amount") else None,
        max_auto_amount=whole("max_auto_amount") if field(data, "max_auto_amount") else None,
        audience=audience,
        shows_interest=field(data, "shows_interest") == "yes",
        legal_effect=effect,
    )

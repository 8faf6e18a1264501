"""A supplier's scenarios: the rows where they edited any, else ours."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.dunning.events import ScenariosChanged
from receivables.dunning.scenario_tables import ScenarioRow, ScenarioStepRow
from receivables.dunning.steps import (
    HIGHEST_LEVEL,
    OURS,
    Audience,
    Conditions,
    LegalEffect,
    Mode,
    Scenario,
    Step,
    Tone,
)
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import ScenarioId, SupplierId, new_id
from receivables.ports.channels import Channel

#: An offset beyond is a slip of the pen.
_EARLIEST, _LATEST = -60, 365
_MOST_STEPS = 20
_LONGEST_NAME, _LONGEST_STEP = 60, 11


class FaultyScenario(ReceivablesError):
    """A scenario that cannot be meant; `field` and `step` say where."""

    def __init__(self, field: str, step: str = "") -> None:
        self.field, self.step = field, step
        super().__init__(f"{step or 'scenario'}: {field}")


def scenarios_of(session: Session, supplier_id: SupplierId) -> tuple[Scenario, ...]:
    """The supplier's scenarios, the first that fits a debtor first; never none."""
    rows = session.scalars(
        select(ScenarioRow)
        .where(ScenarioRow.supplier_id == supplier_id)
        .order_by(ScenarioRow.place, ScenarioRow.id)
    ).all()
    if not rows:
        return OURS
    steps: dict[ScenarioId, list[Step]] = {row.id: [] for row in rows}
    for step in session.scalars(
        select(ScenarioStepRow)
        .where(ScenarioStepRow.supplier_id == supplier_id)
        .order_by(ScenarioStepRow.offset_days, ScenarioStepRow.level, ScenarioStepRow.name)
    ):
        steps[step.scenario_id].append(_step(step))
    return tuple(
        Scenario(name=row.name, steps=tuple(steps[row.id]), conditions=_conditions(row))
        for row in rows
    )


def save_scenarios(
    session: Session, supplier_id: SupplierId, scenarios: Iterable[Scenario], *, clock: Clock
) -> None:
    """Other scenarios from now on; what was sent stays as it was. Raises FaultyScenario."""
    wanted = tuple(in_order(one) for one in scenarios)
    check(wanted)
    if wanted == scenarios_of(session, supplier_id):
        return
    session.execute(delete(ScenarioStepRow).where(ScenarioStepRow.supplier_id == supplier_id))
    session.execute(delete(ScenarioRow).where(ScenarioRow.supplier_id == supplier_id))
    for place, scenario in enumerate(wanted):
        scenario_id = ScenarioId(new_id())
        row = {"id": scenario_id, "supplier_id": supplier_id, "place": place,
               "name": scenario.name, "changed_at": clock.now()}  # fmt: skip
        session.execute(insert(ScenarioRow), row | _words_of(scenario.conditions))
        session.execute(
            insert(ScenarioStepRow),
            [_row(supplier_id, scenario_id, step) for step in scenario.steps],
        )
    names = ", ".join(one.name for one in wanted)
    record(session, ScenariosChanged(supplier_id=supplier_id, names=names), clock=clock)


def in_order(scenario: Scenario) -> Scenario:
    """The same with its steps in the order in which they come."""
    steps = sorted(scenario.steps, key=lambda one: (one.offset_days, one.level, one.name))
    return Scenario(name=scenario.name, steps=tuple(steps), conditions=scenario.conditions)


def check(scenarios: tuple[Scenario, ...]) -> None:
    """Raises FaultyScenario for the first thing that cannot be meant."""
    if not scenarios or len({one.name for one in scenarios}) < len(scenarios):
        raise FaultyScenario("name")
    for scenario in scenarios:
        if not 0 < len(scenario.name) <= _LONGEST_NAME:
            raise FaultyScenario("name")
        names = [step.name for step in scenario.steps]
        if not 0 < len(names) <= _MOST_STEPS or len(set(names)) < len(names):
            raise FaultyScenario("steps")
        levels = [step.level for step in scenario.steps]
        for step, before in zip(scenario.steps, [0, *levels], strict=False):
            _check_step(step, before)
        if not any(one.level <= 1 and not one.is_manual for one in scenario.steps):
            raise FaultyScenario("first_words")


def _check_step(step: Step, before: int) -> None:
    offsets = [step.offset_days, *(days for _, days in step.class_offsets if days is not None)]
    sound = {
        "name": 0 < len(step.name) <= _LONGEST_STEP and step.name.isidentifier(),
        # A step that is a courtesy for one class and a demand for another is neither.
        "offset_days": all(_EARLIEST <= days <= _LATEST for days in offsets)
        and len({days < 0 for days in offsets}) == 1,
        "level": before <= step.level <= HIGHEST_LEVEL,
        "channels": step.is_manual or Channel.EMAIL in step.channels,
        "beside": not set(step.beside) & set(step.channels),
        "amounts": (step.min_amount or 0) >= 0 and (step.max_auto_amount or 0) >= 0,
        "mode": step.is_manual or step.legal_effect is not LegalEffect.FORMAL_NOTICE,
    }
    for field, is_sound in sound.items():
        if not is_sound:
            raise FaultyScenario(field, step.name)


def _conditions(row: ScenarioRow | ScenarioStepRow) -> Conditions:
    return Conditions(
        kinds=frozenset(row.kinds.split()),
        countries=frozenset(row.countries.split()),
        payer_classes=frozenset(PayerClass(one) for one in row.payer_classes.split()),
        solvency_classes=frozenset(SolvencyClass(one) for one in row.solvency_classes.split()),
    )


def _words_of(conditions: Conditions) -> dict[str, str]:
    return {
        "kinds": " ".join(sorted(conditions.kinds)),
        "countries": " ".join(sorted(conditions.countries)),
        "payer_classes": " ".join(sorted(conditions.payer_classes)),
        "solvency_classes": " ".join(sorted(conditions.solvency_classes)),
    }


def _step(row: ScenarioStepRow) -> Step:
    return Step(
        name=row.name,
        offset_days=row.offset_days,
        level=row.level,
        tone=Tone(row.tone),
        channels=tuple(Channel(one) for one in row.channels.split()),
        beside=tuple(Channel(one) for one in row.beside.split()),
        mode=Mode(row.mode),
        min_amount=row.min_amount,
        max_auto_amount=row.max_auto_amount,
        audience=Audience(row.audience),
        conditions=_conditions(row),
        shows_interest=row.shows_interest,
        legal_effect=LegalEffect(row.legal_effect),
        class_offsets=read_offsets(row.class_offsets),
    )


def read_offsets(words: str) -> tuple[tuple[PayerClass, int | None], ...]:
    """Offsets of single classes from "A:- D:-10": the class, a colon, days or a dash."""
    pairs = (word.partition(":") for word in words.split())
    return tuple(
        (PayerClass(payer), None if days == "-" else int(days)) for payer, _, days in pairs
    )


def write_offsets(offsets: Iterable[tuple[PayerClass, int | None]]) -> str:
    return " ".join(f"{payer}:{'-' if days is None else days}" for payer, days in offsets)


def _row(supplier_id: SupplierId, scenario_id: ScenarioId, step: Step) -> dict[str, object]:
    return {
        "scenario_id": scenario_id,
        "name": step.name,
        "supplier_id": supplier_id,
        "offset_days": step.offset_days,
        "class_offsets": write_offsets(step.class_offsets),
        "level": step.level,
        "tone": step.tone,
        "channels": " ".join(step.channels),
        "beside": " ".join(step.beside),
        "mode": step.mode,
        "min_amount": step.min_amount,
        "max_auto_amount": step.max_auto_amount,
        "audience": step.audience,
        **_words_of(step.conditions),
        "shows_interest": step.shows_interest,
        "legal_effect": step.legal_effect,
    }

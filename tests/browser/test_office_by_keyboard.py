"""A clerk without a mouse: a step is added to a scenario, moved, given another way, compared and
kept; tomorrow's messages are looked at; and what waits is done with one key.
"""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from receivables.database import Scope
from receivables.dunning.scenarios import scenarios_of
from receivables.dunning.steps import Step
from receivables.ports.channels import Channel
from tests.support.keyboard import Keys
from tests.support.promises import Promises
from tests.support.stage import CUSTOMER, GERMAN_DESK, Stage

STEP = "note"


@pytest.mark.parametrize("telling", [GERMAN_DESK], ids=["german-desk"])
def test_a_clerk_changes_a_scenario_and_works_through_today_with_the_keyboard_alone(
    stage: Stage,
) -> None:
    world = stage.world
    world.invoice("1000.00 CHF", debtor_id=stage.debtor_id, number="A-1", due_on=date(2026, 10, 30))
    other = world.invoice("70.00 CHF", debtor_id=stage.debtor_id, due_on=date(2026, 12, 1))
    Promises(world).claim(stage.debtor_id, other, amount="70.00 CHF")
    stage.work()
    keys = Keys(stage.clerk())

    _adds_a_step(keys)
    added = _step(stage)
    assert (added.offset_days, added.channels) == (14, (Channel.EMAIL,))
    _moves_it(keys)
    assert _step(stage) == added, "comparing keeps nothing"
    keys.enter(keys.page.locator("main button[value=save]"), back=True)
    moved = _step(stage)
    assert (moved.offset_days, moved.channels) == (4, (Channel.SMS, Channel.EMAIL))

    _sees_tomorrow(keys)
    _does_what_waits(keys)


def _adds_a_step(keys: Keys) -> None:
    page = keys.page
    keys.enter(page.locator("nav a[href='/reminders']:visible"))
    keys.enter(page.locator("main a[href='/reminders/scenarios']"))
    keys.enter(page.locator("main a[href*='step=new']").first)
    keys.write(page.locator("#s-name"), STEP)
    keys.choose(page.locator("#s-tone"), "friendly")
    keys.enter(page.locator("main button[value=save]"))


def _moves_it(keys: Keys) -> None:
    page = keys.page
    keys.enter(page.get_by_role("link", name=STEP, exact=True))
    keys.write(page.locator("#s-days"), "4")
    keys.write(page.locator("#s-level"), "1")
    keys.choose(page.locator("#s-way-1"), "sms")
    keys.choose(page.locator("#s-way-2"), "email")
    keys.enter(page.locator("main button[value=compare]"))
    changes = page.locator("section[aria-labelledby=changes]")
    expect(changes.get_by_role("row", name=CUSTOMER).first).to_contain_text(STEP)
    expect(page.locator("#s-way-1")).to_have_value("sms")
    keys.reach(changes.locator("a").first)


def _sees_tomorrow(keys: Keys) -> None:
    page = keys.page
    keys.enter(page.locator("nav a[href='/reminders']:visible"))
    keys.enter(page.locator("main a[href='/reminders/tomorrow']"))
    messages = page.locator("section[aria-labelledby=messages]")
    expect(messages.get_by_role("row", name=CUSTOMER)).to_contain_text("A-1")
    keys.person.finds_it_usable()


def _does_what_waits(keys: Keys) -> None:
    page = keys.page
    keys.enter(page.locator("nav a[href='/today']:visible"))
    rows = page.locator("#worklist tbody tr")
    expect(rows).to_have_count(1)
    page.keyboard.press("j")
    expect(rows.locator("th a")).to_be_focused()
    page.keyboard.press("d")
    undo = page.locator("#worklist form[action='/today/undo'] button")
    expect(undo).to_be_visible()
    expect(rows).to_have_count(0)
    keys.reach(undo)
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)


def _step(stage: Stage) -> Step:
    with stage.runtime.reading(Scope(stage.supplier_id)) as session:
        found = [one.step(STEP) for one in scenarios_of(session, stage.supplier_id)]
    (step,) = [one for one in found if one is not None]
    return step

"""What a debtor let us keep, on their page in the backoffice."""

from __future__ import annotations

import pytest

from receivables.runtime import Runtime
from tests.support.browsing import text_of
from tests.support.charge_story import ChargeStory, open_charge_story
from tests.support.faces import backoffice_client


@pytest.fixture
def story(runtime: Runtime) -> ChargeStory:
    return open_charge_story(runtime)


def test_staff_see_what_a_debtor_saved_and_that_a_bank_refuses_it(story: ChargeStory) -> None:
    staff = story.till.world.staff(language="en")
    path = f"/debtors/{story.debtor_id}"

    with backoffice_client(story.till.runtime, staff) as browser:
        before = text_of(browser.get(path))
        story.turn_bad("lost")
        story.charge()
        after = text_of(browser.get(path))

    assert "saved on 2 Nov 2026, good until 12/2040" in before
    assert "can be charged" in before
    assert "refused by the bank" in after

"""Sign-in: the way in, and everything that is not one."""

from __future__ import annotations

from receivables.runtime import Runtime
from tests.support.faces import backoffice_client
from tests.support.world import World


def test_somebody_who_signs_in_sees_today(runtime: Runtime, world: World) -> None:
    staff_id = world.staff()

    with backoffice_client(runtime, staff_id) as browser:
        answer = browser.get("/")

    assert answer.status_code == 200, answer.text
    assert "Menuiserie Rochat SA" in answer.text

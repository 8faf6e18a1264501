"""Today: the list, and what is done with a task on it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from receivables import history
from receivables.database import Scope
from receivables.ids import DebtorId
from tests.support.browsing import text_of
from tests.support.faces import Browser
from tests.support.office import Office

HTMX = {"HX-Request": "true"}


def names(browser: Browser, address: str = "/today?show=all") -> list[str]:
    """What the forms of the list call its tasks, in its order."""
    page = browser.get(address)
    assert page.status_code == 200
    return re.findall(r'name="task" value="([^"]+)" data-done', page.text)


def happened(office: Office) -> list[tuple[str, str]]:
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        found = history.of_debtor(session, office.supplier_id, DebtorId(office.ids["debtor"]))
    return [(one.event.kind, one.by) for one in found if one.event.kind.startswith("worklist.")]


def test_the_list_says_what_to_do_and_why_the_most_money_first(office: Office) -> None:
    claim, plan = f"claim:{office.ids['claim']}", f"plan:{office.ids['plan']}"
    with office.signed_in(office.collector) as browser:
        found = names(browser)
        page = text_of(browser.get("/today?show=all"))
        of_a_kind = names(browser, "/today?show=all&kind=plan")
        links = browser.get("/today?show=all&kind=plan").text

    assert {one.partition(":")[0] for one in found} >= {
        "alert", "proposal", "plan", "unknown_message", "claim", "call",
    }  # fmt: skip
    assert found[-1] == claim, "45 are at risk there, 765 elsewhere"
    assert "CHF 600.00 is to be paid in instalments, if you agree." in page
    assert "reference E-BANKING 4711" in page
    assert of_a_kind == [plan]
    assert 'href="/today?show=all&amp;kind=claim"' in links, "the filter is in the address"


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_done_leaves_the_list_with_htmx_and_without_and_can_be_undone(office: Office) -> None:
    with office.signed_in(office.collector) as browser:
        first, second, *rest = names(browser)
        token = browser.token("/today")
        form = {"_csrf_token": token, "task": first, "show": "all"}
        headers = {"Origin": browser.origin, **HTMX}
        fragment = browser.post("/today/done", data=form, headers=headers)
        plain = browser.submit("/today/done", {"task": second, "show": "all"}, page="/today")
        after = browser.get(plain.headers["location"])
        left = names(browser)
        browser.submit("/today/done", {"task": second, "show": "all"}, page="/today")
        browser.submit("/today/undo", {"task": second, "show": "all"}, page="/today")
        undone = names(browser)
        gone = browser.submit("/today/done", {"task": f"claim:{office.ids['plan']}"}, page="/today")

    assert fragment.status_code == 200
    assert fragment.text.lstrip().startswith('<div id="worklist"'), "the list alone"
    assert f'value="{first}" data-done' not in fragment.text
    assert f'name="task" value="{first}"' in fragment.text, "to be taken up again"
    assert (plain.status_code, after.status_code) == (303, 200)
    assert left == rest
    assert undone == [second, *rest]
    assert gone.status_code == 404
    by = f"staff:{office.collector}"
    assert happened(office) == [
        ("worklist.reopened", by), ("worklist.done", by), ("worklist.done", by),
    ]  # fmt: skip


def test_a_task_is_taken_put_off_and_brought_back(office: Office) -> None:
    world, plan = office.world, f"plan:{office.ids['plan']}"
    address = f"/today/task?task={plan}"

    def choose(browser: Browser, choice: str, **more: str) -> int:
        data = {"task": plan, "choice": choice, **more}
        return browser.submit("/today/task", data, page=address).status_code

    with office.signed_in(office.collector) as browser, office.signed_in() as owner:
        took = choose(browser, "take")
        mine, theirs = names(browser, "/today"), names(owner, "/today")
        no_reason = choose(browser, "put_off", until="2026-11-05")
        too_long = choose(browser, "put_off", until="2027-11-05", why="Later.")
        put_off = choose(browser, "put_off", until="2026-11-05", why="They are away.")
        today, later = names(browser), names(browser, "/today?show=later")
        why = text_of(browser.get("/today?show=later"))
    world.clock.advance(timedelta(days=3))
    with office.signed_in(office.collector) as browser, office.signed_in() as owner:
        back = names(browser)
        left = choose(browser, "leave")
        theirs_again = names(owner, "/today")
        choose(browser, "done", note="Agreed by telephone.")
        closed = browser.get(address).status_code

    assert (took, no_reason, too_long, put_off, left) == (303, 422, 422, 303, 303)
    assert plan in mine
    assert plan not in theirs, "it is the collector's now"
    assert plan not in today
    assert later == [plan]
    assert "They are away." in why
    assert plan in back
    assert plan in theirs_again
    assert closed == 404


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_a_debtors_tasks_go_to_whoever_looks_after_them(office: Office) -> None:
    page = f"/debtors/{office.ids['debtor']}/tasks"
    with office.signed_in(office.collector) as browser, office.signed_in() as owner:
        chosen = {"staff": str(office.owner)}
        browser.submit(f"/debtors/{office.ids['debtor']}/owner", chosen, page=page)
        stranger = {"staff": str(office.ids["debtor"])}
        nobody = browser.submit(f"/debtors/{office.ids['debtor']}/owner", stranger, page=page)
        mine, theirs, everything = names(browser, "/today"), names(owner, "/today"), names(owner)
        incomplete = browser.submit(page, {"text": "Ask Bob."}, page=page)
        own = {"text": "Ask <Bob>.", "day": "2026-11-02"}
        set_ = browser.submit(page, own, page=page)
        shown = browser.get("/today").text
        timeline = text_of(browser.get(f"/debtors/{office.ids['debtor']}"))

    assert nobody.status_code == 404
    assert mine == []
    assert theirs == everything
    assert len(theirs) >= 5
    assert (incomplete.status_code, set_.status_code) == (422, 303)
    assert "Ask &lt;Bob&gt;." in shown, "one's own comes to oneself"
    assert "looks after this debtor" in timeline


def test_an_empty_list_says_what_it_is_for_and_a_reader_looks_on(bare: Office) -> None:
    with bare.signed_in(bare.reader) as browser:
        page = browser.get("/today")

    assert "Nothing waits for you." in page.text
    assert "data-done" not in page.text

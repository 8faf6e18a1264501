"""Addresses, letters and calls in the office: seen, and worked on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from receivables.bounces.queries import to_mend
from receivables.database import Scope
from receivables.ids import CallId, LetterId
from receivables.parties import queries as parties
from receivables.post.tables import Letter
from receivables.promises.queries import promises
from tests.support.office import Office


@pytest.mark.once("what pages say")
def test_the_pages_show_what_there_is_and_what_to_do(office: Office) -> None:
    with office.signed_in() as browser:
        pages = {
            path: browser.get(path.format(**office.ids))
            for path in (
                "/addresses", "/letters", "/letters?show=all", "/letters/batches/{batch}",
                "/letters/batches/{batch}/manifest", "/letters/batches/{batch}/list?post=bpost",
                "/letters/batches/{batch}/file", "/letters/{letter}/file", "/calls",
                "/calls/{call}", "/debtors/{debtor}/phones",
            )
        }  # fmt: skip

    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    assert "It takes no text messages." in pages["/addresses"].text
    assert "No letter waits to be printed." in pages["/letters"].text
    assert "to be printed" in pages["/letters/batches/{batch}"].text
    assert pages["/letters/batches/{batch}/file"].content.startswith(b"%PDF-")
    assert "Atelier Dubois & <Fils>" in pages["/letters/batches/{batch}/manifest"].text
    assert "CHF\N{NO-BREAK SPACE}120.00" in pages["/calls"].text
    assert 'href="tel:+41795550140"' in pages["/calls/{call}"].text
    assert "takes text messages" in pages["/debtors/{debtor}/phones"].text


def test_a_promise_on_the_telephone_is_noted_where_the_script_is_read(office: Office) -> None:
    path = "/calls/{call}".format(**office.ids)
    clock = office.world.clock
    tomorrow = clock.now().date() + timedelta(days=1)
    with office.signed_in(office.collector) as browser:
        nothing = browser.submit(path, {"note": "x"})
        late = browser.submit(path, {"outcome": "promise", "day": "2031-01-01"})
        much = browser.submit(path, {"outcome": "promise", "day": str(tomorrow), "amount": "999"})
        noted = browser.submit(
            path, {"outcome": "promise", "day": str(tomorrow), "amount": "50", "note": "Hello"}
        )
        again = browser.submit(path, {"outcome": "reached"})

    assert [one.status_code for one in (nothing, late, much, noted, again)] == [
        422, 422, 422, 303, 409,
    ]  # fmt: skip
    assert "Please choose what came of it." in nothing.text
    assert "That is too late" in late.text
    assert "That is more than what is open" in much.text
    assert noted.headers["location"] == "/calls"
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        given = promises(session, office.supplier_id, limit=5)
        assert ("call", 5_000) in {(one.source, one.amount.minor) for one in given}


def test_a_batch_goes_to_the_post_and_an_address_is_mended(office: Office) -> None:
    batch, letter = (
        one.format(**office.ids) for one in ("/letters/batches/{batch}", "/letters/{letter}")
    )
    person = "/debtors/{debtor}/contacts/{contact}".format(**office.ids)
    with office.signed_in(office.collector) as browser:
        answers = [
            browser.submit(f"{batch}/printed", {}),
            browser.submit(f"{batch}/handed-over", {}),
            browser.submit(f"{letter}/returned", {"reason": "moved"}),
            browser.submit(f"{batch}/printed", {}),
            browser.submit("/letters", {"registered": ""}),
            browser.submit(f"{person}/phone", {"phone": "12"}),
            browser.submit(f"{person}/phone", {"phone": "021 555 01 40"}),
            browser.submit("/debtors/{debtor}/post/use-again".format(**office.ids), {}),
            browser.submit("/debtors/{debtor}/post/use-again".format(**office.ids), {}),
        ]

    assert [one.status_code for one in answers] == [303, 303, 303, 409, 303, 422, 303, 303, 404]
    supplier_id = office.supplier_id
    with office.runtime.reading(Scope(supplier_id)) as session:
        assert session.get_one(Letter, LetterId(office.ids["letter"])).state == "returned"
        # The number that took no messages is no longer this contact's.
        assert [one.channel for one in to_mend(session, supplier_id)] == []
        contacts = parties.contacts(session, supplier_id, office.ids["debtor"])  # type: ignore[arg-type]
        assert "+41215550140" in {one.phone for one in contacts}
    assert CallId(office.ids["call"])

"""300 of 1,000 disputed: 700 paid meanwhile, half upheld and credited, the rest demanded."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from receivables.database import Scope
from receivables.disputes import queries
from receivables.ledger.holds import HoldReason
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.support.browsing import portal_browser, text_of
from tests.support.builders import money
from tests.support.disputes import Case, credit, let_pass
from tests.support.office import open_office
from tests.support.payments import VISA, Till, open_till


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def test_three_hundred_of_a_thousand_upheld_by_half(till: Till) -> None:
    world = till.world
    office = open_office(world, name="Menuiserie Rochat SA")
    supplier_id = office.supplier_id
    debtor = world.debtor(supplier_id=supplier_id, language="en", country="GB", name="Dubois")
    # Due yesterday; its first reminder would go out in two days.
    invoice = world.invoice(
        "1000.00 CHF", debtor_id=debtor, supplier_id=supplier_id, number="A-1", due_in_days=-1
    )
    face = portal_browser(till.runtime)
    assert face.get(link_for(world, debtor, supplier_id)).status_code == 303

    # The debtor contests a part.
    form = face.form(face.get("/dispute?invoice=A-1"), "/dispute")
    told = {"scope-0": "amount", "amount-0": "300.00", "reason": "quality", "message": "Scratched"}
    fields = {name: value for name, value in form.filled(**told) if name != "files"}
    sent = face.client.post("/dispute", data=fields, files={"files": ("", b"")})
    assert sent.status_code == 303, text_of(sent)
    world.run_jobs()
    with till.runtime.reading(Scope(supplier_id)) as session:
        (view,) = queries.of_debtor(session, supplier_id, debtor)
    case = Case(world, supplier_id, debtor, view.id)
    assert len(case.letters()) == 1
    assert len(case.memos()) == 1

    # Somebody takes it, and is told by mail that they have.
    with office.signed_in(office.collector) as staff:
        assert "D-0001" in staff.get("/disputes").text
        assert staff.submit(f"/disputes/{view.id}/take").status_code == 303
    world.run_jobs()
    assert len(case.letters()) == 2

    # The reminder of the third day speaks of 700 alone.
    let_pass(world, days=3, step=12)
    reminder = next(
        mail for mail in world.mail if "reminder" in mail.message_id or "A-1" in mail.subject
    )
    assert "700.00" in reminder.text

    # 700 are paid while the dispute is open.
    page = face.get(sent.headers["location"])
    if page.status_code == 401:
        face.get(link_for(world, debtor, supplier_id))
        page = face.get(sent.headers["location"])
    assert "Pay CHF 700.00" in text_of(page)
    away = re.search(r'href="(/pay\?[^"]+)"', page.text)
    assert away
    paying = face.get(away[1].replace("&amp;", "&"))
    assert "700.00" in text_of(paying)
    hosted = face.submit(paying, "/pay")
    assert hosted.status_code == 303, text_of(hosted)
    till.stripe.pay_by_card(urlsplit(hosted.headers["location"]).path.rsplit("/", 1)[-1], VISA)
    till.deliver()
    assert world.outstanding(invoice, supplier_id=supplier_id) == money("300.00 CHF")
    assert case.state == "investigating"

    # Half is upheld.
    with office.signed_in(office.collector) as staff:
        path = f"/disputes/{view.id}/decide"
        preview = text_of(staff.get(f"{path}?upheld-0=150.00&choice=part"))
        assert "CHF 150.00" in preview
        done = staff.submit(path, {"upheld-0": "150.00", "message": "Half of it is ours"})
        assert done.status_code == 303
    world.run_jobs()
    decided = next(mail for mail in world.mail if "accepted in part" in mail.subject)
    assert "Half of it is ours" in decided.text
    assert [hold.reason for hold in case.holds()] == [HoldReason.DISPUTED, HoldReason.GRACE]

    # The credit note comes from the supplier's own books.
    world.supplier_id = supplier_id
    credit(world, debtor, "150.00 CHF", of="A-1")
    assert case.state == "closed"
    assert world.outstanding(invoice) == money("150.00 CHF")

    # Nothing is demanded during the days of grace; then 150 are, and no more.
    before = len(world.mail)
    let_pass(world, days=5, step=12)
    assert len(world.mail) == before
    let_pass(world, days=10, step=12)
    demands = world.mail[before:]
    assert len(demands) == 1
    assert "150.00" in demands[0].text
    assert "300.00" not in demands[0].text
    with till.runtime.reading(Scope(supplier_id)) as session:
        (item,) = queries.of_debtor(session, supplier_id, debtor)[0].items
    assert item.outstanding == money("150.00 CHF")
    assert case.holds() == []

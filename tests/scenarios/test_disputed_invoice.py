"""300 of 1,000 disputed: 700 paid meanwhile, half upheld and credited, the rest demanded."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from receivables.database import Scope
from receivables.disputes import queries
from receivables.disputes.queries import DisputeView
from receivables.ledger.holds import HoldReason
from receivables.money import Money
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.support.browsing import portal_browser, text_of
from tests.support.builders import money
from tests.support.disputes import Case, credit, let_pass
from tests.support.office import open_office
from tests.support.payments import VISA, Till, open_till

pytestmark = pytest.mark.once(
    "weeks pass hour by hour; test_story_on_postgresql tells a story there"
)


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


class Story:
    """A debtor and their supplier's staff, one disputed invoice between them."""

    def __init__(self, till: Till) -> None:
        self.till, self.world = till, till.world
        # Nine o'clock where the debtor is: the hour from which they are written to.
        self.world.clock.advance(timedelta(hours=1))
        self.office = open_office(self.world, name="Menuiserie Rochat SA")
        self.supplier_id = self.office.supplier_id
        self.debtor = self.world.debtor(
            supplier_id=self.supplier_id, language="en", country="GB", name="Dubois"
        )
        # Due yesterday; its first reminder would go out in two days.
        self.invoice = self.world.invoice(
            "1000.00 CHF", debtor_id=self.debtor, supplier_id=self.supplier_id, number="A-1",
            due_in_days=-1,
        )  # fmt: skip
        self.portal = portal_browser(till.runtime)
        self.follow_link()

    def follow_link(self) -> None:
        link = link_for(self.world, self.debtor, self.supplier_id)
        assert self.portal.get(link).status_code == 303

    def contest(self, **told: str) -> Case:
        """The debtor contests it on the form; nothing but the form is sent."""
        form = self.portal.form(self.portal.get("/dispute?invoice=A-1"), "/dispute")
        fields = {name: value for name, value in form.filled(**told) if name != "files"}
        sent = self.portal.client.post("/dispute", data=fields, files={"files": ("", b"")})
        assert sent.status_code == 303, text_of(sent)
        self.world.run_jobs()
        view = self.view()
        assert sent.headers["location"] == f"/disputes/{view.id}"
        return Case(self.world, self.supplier_id, self.debtor, view.id)

    def view(self) -> DisputeView:
        """The debtor's only dispute."""
        with self.till.runtime.reading(Scope(self.supplier_id)) as session:
            (view,) = queries.of_debtor(session, self.supplier_id, self.debtor)
        return view

    def take_it(self, case: Case) -> None:
        with self.office.signed_in(self.office.collector) as staff:
            assert "D-0001" in staff.get("/disputes").text
            assert staff.submit(f"/disputes/{case.dispute_id}/take").status_code == 303
        self.world.run_jobs()

    def reminder(self) -> MailMessage:
        """The first mail that asks for money."""
        return next(
            mail
            for mail in self.world.mail
            if "reminder" in mail.message_id or "A-1" in mail.subject
        )

    def pay_the_rest(self, case: Case, amount: str) -> None:
        """From the page of the dispute, by card."""
        self.follow_link()  # days have passed, and the visit with them
        page = self.portal.get(f"/disputes/{case.dispute_id}")
        assert f"Pay CHF {amount}" in text_of(page)
        away = re.search(r'href="(/pay\?[^"]+)"', page.text)
        assert away
        paying = self.portal.get(away[1].replace("&amp;", "&"))
        assert amount in text_of(paying)
        hosted = self.portal.submit(paying, "/pay")
        assert hosted.status_code == 303, text_of(hosted)
        session_id = urlsplit(hosted.headers["location"]).path.rsplit("/", 1)[-1]
        self.till.stripe.pay_by_card(session_id, VISA)
        self.till.deliver()

    def uphold(self, case: Case, amount: str, message: str) -> None:
        """See what it does, and decide."""
        path = f"/disputes/{case.dispute_id}/decide"
        with self.office.signed_in(self.office.collector) as staff:
            preview = text_of(staff.get(f"{path}?upheld-0={amount}&choice=part"))
            assert f"CHF {amount}" in preview
            done = staff.submit(path, {"upheld-0": amount, "message": message})
            assert done.status_code == 303
        self.world.run_jobs()

    def outstanding(self) -> Money:
        return self.world.outstanding(self.invoice, supplier_id=self.supplier_id)

    def demands_within(self, *, days: int) -> list[MailMessage]:
        before = len(self.world.mail)
        let_pass(self.world, days=days, step=12)
        return self.world.mail[before:]


def test_three_hundred_of_a_thousand_upheld_by_half(till: Till) -> None:
    story = Story(till)

    case = story.contest(
        **{"scope-0": "amount", "amount-0": "300.00", "reason": "quality", "message": "Scratched"}
    )
    assert (len(case.letters()), len(case.memos())) == (1, 1), "both sides are told"
    story.take_it(case)
    assert len(case.letters()) == 2, "the debtor is told that somebody has it"

    let_pass(story.world, days=3, step=12)
    assert "700.00" in story.reminder().text, "the reminder of the third day speaks of the rest"
    story.pay_the_rest(case, "700.00")
    assert story.outstanding() == money("300.00 CHF")
    assert case.state == "investigating"

    story.uphold(case, "150.00", "Half of it is ours")
    decided = next(mail for mail in story.world.mail if "accepted in part" in mail.subject)
    assert "Half of it is ours" in decided.text
    assert [hold.reason for hold in case.holds()] == [HoldReason.DISPUTED, HoldReason.GRACE]

    # The credit note comes from the supplier's own books.
    story.world.supplier_id = story.supplier_id
    credit(story.world, story.debtor, "150.00 CHF", of="A-1")
    assert case.state == "closed"
    assert story.outstanding() == money("150.00 CHF")

    assert story.demands_within(days=5) == [], "nothing during the days of grace"
    (demand,) = story.demands_within(days=10)
    assert "150.00" in demand.text
    assert "300.00" not in demand.text
    assert story.view().items[0].outstanding == money("150.00 CHF")
    assert case.holds() == []

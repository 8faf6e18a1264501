"""Both faces on ports of their own, full of things to look at: every state a page can show, the
longest names and the largest amounts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

import backoffice.app
import portal.app
from monitoring.telling import unsubscribing
from receivables.clock import SteppingClock
from receivables.database import Scope
from receivables.ids import DebtorId, PaymentId, PlanId
from receivables.ledger.actions import book_transfer
from receivables.links.actions import grant_for
from receivables.links.tokens import make_confirm_token, make_token
from receivables.parties.contacts import propose_person
from receivables.parties.queries import contacts
from receivables.plans.actions import approve
from receivables.push import VapidKey
from receivables.runtime import Runtime
from sandbox.serving import serve
from sandbox.stripe.hosted import Means
from tests.support.brokers import free_port
from tests.support.builders import money
from tests.support.databases import SqliteTemplate, open_database
from tests.support.disputes import contest
from tests.support.faces import email_of
from tests.support.failing import furnish_failing
from tests.support.office import Office, SubscribablePusher, furnish, open_office
from tests.support.outbox import RecordingMailer
from tests.support.payments import VISA, Till, open_till
from tests.support.portfolio_checks import check_a_file
from tests.support.settings import make_settings

#: A Monday morning, nine o'clock in Zurich.
NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
LONG_NAME = "Donaudampfschifffahrtsgesellschaft Verwaltungs- und Beteiligungs-Aktiengesellschaft"


@dataclass(frozen=True, slots=True)
class Showroom:
    """Where the faces are, who can come in, and what there is: `ids` by kind, `payments` by state.

    `link` opens the portal as the debtor with the long name, `payer_link` as one who promised,
    asked for a plan and saved a card. `tokens` are those that stand in an address: of a link that
    does not open any more, of a colleague's address to confirm, of a payment page left open.
    `mailed_code` is the code that was asked for last.
    """

    portal: str
    backoffice: str
    email: str
    reader_email: str
    link: str
    payer_link: str
    mailed_code: Callable[[], str]
    ids: dict[str, UUID]
    payments: dict[str, PaymentId]
    tokens: dict[str, str]


@contextmanager
def showroom(folder: Path) -> Iterator[Showroom]:
    """Open until the block ends."""
    ports = [free_port(), free_port()]
    urls = [f"http://localhost:{port}" for port in ports]
    with ExitStack() as stack:
        runtime = _runtime(folder, *urls)
        stack.callback(runtime.database.close)
        till = open_till(runtime)
        office = furnish(open_office(till.world, name="Menuiserie Rochat SA"), till)
        furnish_failing(office)
        shown = _Shown(office, till)
        shown.tell()
        office.ids |= check_a_file(office.world, office.supplier_id, office.owner)
        for app, port in zip((portal.app, backoffice.app), ports, strict=True):
            stack.enter_context(serve(app.create_app(till.runtime), port=port))
        yield Showroom(
            portal=urls[0],
            backoffice=urls[1],
            email=email_of(runtime, office.owner),
            reader_email=email_of(runtime, office.reader),
            link=shown.link,
            payer_link=shown.payer_link,
            mailed_code=shown.mailed_code,
            ids={**office.ids, **shown.disputes, "big_debtor": shown.debtor_id},
            payments=shown.payments,
            tokens=shown.tokens,
        )


def _runtime(folder: Path, portal_url: str, backoffice_url: str) -> Runtime:
    url = SqliteTemplate(folder).fresh(folder)
    key = VapidKey(ec.generate_private_key(ec.SECP256R1()))
    runtime = Runtime(
        settings=make_settings(url), database=open_database(url), clock=SteppingClock(NOW),
        mailer=RecordingMailer(), pusher=SubscribablePusher(key), gateway=None,
    )  # fmt: skip
    web = replace(runtime.settings.web, portal_url=portal_url, backoffice_url=backoffice_url)
    return replace(runtime, settings=replace(runtime.settings, web=web))


class _Shown:
    """One debtor who has been through everything."""

    def __init__(self, office: Office, till: Till) -> None:
        self.office, self.till, self.world = office, till, office.world
        self.supplier_id = office.supplier_id
        self.payments: dict[str, PaymentId] = {}
        self.disputes: dict[str, UUID] = {}
        self.debtor_id: DebtorId = self.world.debtor(
            supplier_id=self.supplier_id, name=LONG_NAME, language="de", number="K-4711-000815",
            email="kreditorenbuchhaltung.rechnungseingang@donaudampfschifffahrt.example",
            contact_name="Maximiliane von Hohenlohe-Schillingsfürst",
        )  # fmt: skip
        self.link = self._link(self.debtor_id, timedelta(days=45))
        self.payer_link = self._link(DebtorId(office.ids["debtor"]), timedelta(days=45))
        self.tokens: dict[str, str] = {}

    def tell(self) -> None:
        self._expire_a_link()
        self._invoice("98765432.10 CHF", "2026-RECHNUNG-000412", due_in_days=-75)
        for place in range(8):
            self._invoice(f"{1234 + 977 * place}.55 CHF", f"2026-{500 + place}", 20 - 9 * place)
        self._invoice("123456.78 EUR", "EXPORT/2026/17", due_in_days=4)
        # No card pays in dinars here.
        self._invoice("1234.567 KWD", "EXPORT/2026/18", due_in_days=9)
        self._pay("settled", "250.00 CHF")
        self._pay("open", "260.00 CHF")
        self._pay("expired", "270.00 CHF")
        self._pay("processing", "280.00 EUR")
        self._pay("failed", "290.00 EUR")
        self._overpay()
        self._contest()
        self._approve_the_plan()
        self._name_a_colleague()
        self.till.deliver()

    def mailed_code(self) -> str:
        """The code of the mail that was written last."""
        self.world.run_jobs()
        found = re.search(r"\b(\d{4}) (\d{4})\b", self.world.mail[-1].text)
        assert found, self.world.mail[-1].text
        return found[1] + found[2]

    def _approve_the_plan(self) -> None:
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            approve(
                session, supplier_id=self.supplier_id, plan_id=PlanId(self.office.ids["plan"]),
                staff_id=self.office.owner, clock=self.world.clock,
            )  # fmt: skip
        self.world.run_jobs()

    def _name_a_colleague(self) -> None:
        """Somebody under the registered address's own domain is asked to confirm theirs."""
        debtor_id = DebtorId(self.office.ids["debtor"])
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            contact = contacts(session, self.supplier_id, debtor_id)[0]
            proposal_id = propose_person(
                session, self.supplier_id, contact.id, name="Éléonore Dubois-Castelmaure",
                email=f"comptabilite@{contact.email.partition('@')[2]}", role="billing",
                becomes_primary=True, clock=self.world.clock,
            )  # fmt: skip
        self.world.run_jobs()
        secrets = self.world.runtime.settings.links.secrets
        self.tokens["confirm_token"] = make_confirm_token(proposal_id, secrets)

    def _contest(self) -> None:
        """A dispute that waits for the debtor, one with a proposal, and one that is over."""
        words = "Die Donaudampfschifffahrtsgesellschaftskapitänskajüte fehlt.\n" * 3
        cases = {
            name: contest(
                self.world, self.debtor_id, number, body=words, supplier_id=self.supplier_id
            )
            for name, number in (
                ("asked", "2026-500"), ("offered", "2026-501"), ("refused", "2026-502")
            )
        }  # fmt: skip
        cases["asked"].take_over(self.office.collector)
        cases["asked"].ask("Welche Kajüte war bestellt?")
        cases["offered"].propose(**{"2026_501": "100.00 CHF"})
        cases["refused"].decide("Die Bestellung sagt etwas anderes.")
        self.disputes = {f"dispute_{name}": case.dispute_id for name, case in cases.items()}

    def _link(self, debtor_id: DebtorId, lifetime: timedelta) -> str:
        contact_id = self.till.contact_of(debtor_id, self.supplier_id)
        assert contact_id is not None
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            grant_id = grant_for(
                session, self.supplier_id, contact_id, lifetime=lifetime, clock=self.world.clock
            )
        return f"/l/{make_token(grant_id, self.world.runtime.settings.links.secrets)}"

    def _expire_a_link(self) -> None:
        other = self.world.debtor(supplier_id=self.supplier_id, language="de")
        contact_id = self.till.contact_of(other, self.supplier_id)
        assert contact_id is not None
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            grant_id = grant_for(
                session, self.supplier_id, contact_id, lifetime=timedelta(seconds=1),
                clock=self.world.clock,
            )  # fmt: skip
        self.world.clock.advance(timedelta(seconds=2))
        secrets = self.world.runtime.settings.links.secrets
        self.tokens["expired_token"] = make_token(grant_id, secrets)
        ending = unsubscribing.url_for(self.office.owner, "", secrets=secrets)
        self.tokens["digests_token"] = ending.rpartition("/")[2]

    def _invoice(self, amount: str, number: str, due_in_days: int) -> None:
        self.world.invoice(
            amount, debtor_id=self.debtor_id, supplier_id=self.supplier_id, number=number,
            due_in_days=due_in_days,
        )  # fmt: skip

    def _pay(self, state: str, amount: str) -> None:
        invoice_id = self.world.invoice(
            amount, debtor_id=self.debtor_id, supplier_id=self.supplier_id, due_in_days=-2
        )
        choice = self.till.choice(
            self.debtor_id, [(invoice_id, amount)], supplier_id=self.supplier_id
        )
        payment_id = self.till.begin(choice).payment_id
        self.payments[state] = payment_id
        session = self.till.payment(payment_id, self.supplier_id).stripe_session_id or ""
        if state == "settled":
            self.till.stripe.pay_by_card(session, VISA)
        elif state == "expired":
            self.till.stripe.expire(session)
        elif state == "open":
            self.tokens["open_session"] = session
        elif state in ("processing", "failed"):
            self.till.stripe.pay(session, Means(kind="sepa_debit"))
        self.till.deliver()
        if state == "failed":
            intent = self.till.payment(payment_id, self.supplier_id).stripe_payment_intent_id
            self.till.stripe.fail_debit(str(intent))
            self.till.deliver()
        assert self.till.payment(payment_id, self.supplier_id).state == state

    def _overpay(self) -> None:
        """A transfer for more than was asked: the rest is in the debtor's favour."""
        invoice_id = self.world.invoice(
            "40.00 CHF", debtor_id=self.debtor_id, supplier_id=self.supplier_id
        )
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            book_transfer(
                session, supplier_id=self.supplier_id, debtor_id=self.debtor_id,
                invoice_id=invoice_id, amount=money("40.00 CHF"), reference="bank-1",
                booked_on=NOW.date(), clock=self.world.clock,
            )  # fmt: skip

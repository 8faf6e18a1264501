"""Making a health check: read, identify, ask, compare, report.

Every step commits as it goes, a chunk of customers at a time, so that somebody can watch and
others can write; no transaction is open while a file is read or the bureau is asked. Where a
worker dies another goes on: until every customer is on record the file is read anew, and from
then on the phase says what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, undefer

from monitoring.bands import Band
from monitoring.feeds.bureau import (
    SOURCE,
    BureauClient,
    band_of_company,
)
from monitoring.feeds.contract import SourceBusy, SourceDown, SourceRefuses
from monitoring.portfolio import engine, gathering, queries
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.faults import CustomersRefused, Fault
from monitoring.portfolio.identify import Register, checked, identify, rated_by_file
from monitoring.portfolio.reading import read
from monitoring.portfolio.rules import MOST_CUSTOMERS, Checked, Rated
from monitoring.portfolio.tables import (
    PortfolioCheck,
    PortfolioCluster,
    PortfolioCustomer,
    column_of,
)
from receivables import i18n
from receivables.clock import local_date
from receivables.database import Scope
from receivables.i18n import translate as _
from receivables.ids import PortfolioCheckId, SupplierId
from receivables.parties.queries import supplier
from receivables.runtime import Runtime

#: Customers that one transaction writes down.
_CHUNK = 500
#: Companies the bureau is asked about, those who owe most first, and between two looks at it.
MOST_ASKED = 2_500
_ASKED_AT_ONCE = 25
#: By which numbers the bureau knows companies.
_ASKABLE = ("SIREN", "KBO", "UID", "VAT")


def make(runtime: Runtime, supplier_id: SupplierId, check_id: PortfolioCheckId) -> None:
    """Bring a check to the point where only the report is left. Raises NoSuchCheck, and
    CustomersRefused where the file is none of customers.
    """
    making = _Making(runtime, supplier_id, check_id)
    phase = making.phase()
    if phase in ("reading", "identifying"):
        making.write_down(making.found())
        phase = "asking"
    if phase == "asking":
        making.ask()
        phase = "comparing"
    if phase == "comparing":
        making.compare()


Found = tuple[Customer, Checked]


@dataclass(frozen=True, slots=True)
class _Making:
    runtime: Runtime
    supplier_id: SupplierId
    check_id: PortfolioCheckId

    @property
    def _scope(self) -> Scope:
        return Scope(self.supplier_id)

    def phase(self) -> str:
        with self.runtime.reading(self._scope) as session:
            return queries.of_supplier(session, self.supplier_id, self.check_id).phase

    def _note(self, session: Session, **values: Any) -> None:
        """How far it is."""
        session.execute(
            update(PortfolioCheck)
            .where(
                PortfolioCheck.supplier_id == self.supplier_id,
                PortfolioCheck.id == self.check_id,
            )
            .values(**values)
        )

    def found(self) -> list[Found]:
        """Every customer with which company it is and how it stands."""
        with self.runtime.reading(self._scope) as session:
            check = session.scalars(
                select(PortfolioCheck)
                .where(
                    PortfolioCheck.supplier_id == self.supplier_id,
                    PortfolioCheck.id == self.check_id,
                )
                .options(undefer(PortfolioCheck.content))
            ).one()
            owner = supplier(session, self.supplier_id)
            if check.source == "book":
                today = local_date(check.asked_at, owner.zone)
                rows = gathering.book(session, self.supplier_id, today)
                return [(one.said, one.checked) for one in rows]
            content, locale, currency = check.content or b"", check.locale, owner.currency
        file = read(content, currency=currency, locale=locale)
        if len(file.customers) > MOST_CUSTOMERS:
            raise _too_many(locale)
        if file.faults:
            told = {"faults": msgspec.to_builtins(file.faults), "more": file.more_faults}
            with self.runtime.transaction(self._scope) as session:
                self._note(session, faults=told)
        return self._of_file(file.customers)

    def _of_file(self, customers: Sequence[Customer]) -> list[Found]:
        with self.runtime.transaction(self._scope) as session:
            self._note(session, phase="identifying", total=len(customers), done=0)
        with self.runtime.reading(self._scope) as session:
            known = gathering.known_companies(session, self.supplier_id)
            debtors = gathering.debtors_as_customers(session, self.supplier_id)
            facts = gathering.facts_of(session, self.supplier_id)
            register = Register.of(known)
        by_id = {one.debtor_id: one for one in known}
        unnumbered = [
            one for one in customers if not one.is_person and not identify(one, register).number
        ]
        named = engine.named(unnumbered, [(by_id[key], said) for key, said in debtors])
        found = []
        for place, said in enumerate(customers, start=1):
            identity = identify(said, register, named.get(said.line))
            one = checked(said, identity, rated_by_file(said), place=place)
            found.append((said, gathering.with_facts(one, facts)))
        return found

    def write_down(self, found: Sequence[Found]) -> None:
        """A chunk at a time, in the place of what another worker may have written."""
        with self.runtime.transaction(self._scope) as session:
            for table in (PortfolioCluster, PortfolioCustomer):
                session.execute(
                    delete(table).where(
                        table.supplier_id == self.supplier_id, table.check_id == self.check_id
                    )
                )
            self._note(session, phase="identifying", total=len(found), done=0)
        for chunk in _chunks(found, _CHUNK):
            with self.runtime.transaction(self._scope) as session:
                session.execute(insert(PortfolioCustomer), [self._row(*one) for one in chunk])
                self._note(session, done=chunk[-1][1].place)
        with self.runtime.transaction(self._scope) as session:
            self._note(session, phase="asking", content=None)

    def _row(self, said: Customer, one: Checked) -> dict[str, Any]:
        return {
            "check_id": self.check_id,
            "place": one.place,
            "supplier_id": self.supplier_id,
            "confidence": one.identity.confidence.value,
            "said": column_of(msgspec.to_builtins(said)),
            "checked": column_of(msgspec.to_builtins(one)),
        }

    def ask(self) -> None:
        """Ask the bureau about identified companies of whom no class is known."""
        with self.runtime.reading(self._scope) as session:
            unknown = _unknown(queries.customers(session, self.supplier_id, self.check_id))
        settings, left = self.runtime.settings.bureau, len(unknown)
        if settings.url is not None:
            client = BureauClient(
                settings.url, username=settings.username or "", password=settings.password or ""
            )
            with closing(client):
                left -= self._ask(client, unknown[:MOST_ASKED])
        with self.runtime.transaction(self._scope) as session:
            self._note(session, phase="comparing", unasked=left)

    def _ask(self, client: BureauClient, unknown: Sequence[Checked]) -> int:
        """How many the bureau was asked about before it had enough of us."""
        asked = 0
        for chunk in _chunks(unknown, _ASKED_AT_ONCE):
            try:
                answers = [(one, _rated(client, one.identity.number)) for one in chunk]
            except (SourceBusy, SourceDown, SourceRefuses):
                return asked
            asked += len(chunk)
            with self.runtime.transaction(self._scope) as session:
                for one, rated in answers:
                    if rated is not None:
                        self._keep(session, replace(one, rated=rated))
        return asked

    def _keep(self, session: Session, one: Checked) -> None:
        session.execute(
            update(PortfolioCustomer)
            .where(
                PortfolioCustomer.supplier_id == self.supplier_id,
                PortfolioCustomer.check_id == self.check_id,
                PortfolioCustomer.place == one.place,
            )
            .values(checked=column_of(msgspec.to_builtins(one)))
        )

    def compare(self) -> None:
        """Find duplicates and groups."""
        with self.runtime.reading(self._scope) as session:
            rows = queries.rows(session, self.supplier_id, self.check_id)
            locale = queries.of_supplier(session, self.supplier_id, self.check_id).locale
        with i18n.reading_as(locale):
            clusters = engine.clusters([(row.checked.place, row.said) for row in rows])
        with self.runtime.transaction(self._scope) as session:
            session.execute(
                delete(PortfolioCluster).where(
                    PortfolioCluster.supplier_id == self.supplier_id,
                    PortfolioCluster.check_id == self.check_id,
                )
            )
            if clusters:
                session.execute(
                    insert(PortfolioCluster),
                    [
                        {
                            "check_id": self.check_id,
                            "place": one.place,
                            "supplier_id": self.supplier_id,
                            "kind": "duplicate" if one.is_duplicate else "group",
                            "members": {"places": list(one.places), "reasons": list(one.reasons)},
                            "survivor": one.survivor,
                            "score_permille": max(0, min(1000, round(one.score * 1000))),
                            "decision": "",
                            "decided_by": "",
                        }
                        for one in clusters
                    ],
                )
            self._note(session, phase="reporting")


def _chunks(found: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (found[first : first + size] for first in range(0, len(found), size))


def _unknown(customers: Sequence[Checked]) -> list[Checked]:
    """Of whom the bureau might know something, those who owe most first."""
    asked = [
        one
        for one in customers
        if one.rated.band is Band.NONE
        and not one.rated.status.is_over
        and one.identity.confidence.is_identified
        and one.identity.scheme in _ASKABLE
    ]
    return sorted(asked, key=_weight, reverse=True)


def _weight(one: Checked) -> int:
    return max((balance.exposure.minor for balance in one.balances), default=0)


def _rated(client: BureauClient, number: str) -> Rated | None:
    company = client.find(number)
    if company is None:
        return None
    return Rated(
        band=band_of_company(company.score, company.status),
        status=gathering.status_of(company.status),
        score=company.score,
        source=SOURCE,
        as_of_on=company.as_of,
    )


def _too_many(locale: str) -> CustomersRefused:
    with i18n.reading_as(locale):
        what = _("The file has more than %(number)s customers.") % {"number": MOST_CUSTOMERS}
        return CustomersRefused([Fault(1, "", what, _("Hand it in in several parts."))])

"""What intake looks up before it takes anything in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, SupplierId
from receivables.intake.matching import register_numbers
from receivables.intake.parsed import Party
from receivables.invoices.tables import Invoice
from receivables.parties.queries import debtor_by_identifiers, debtor_by_number
from receivables.parties.tables import Debtor

# Made once: putting a statement together costs more than running it, and files come by the
# thousand.
_BY_NAME = (
    select(Debtor.id)
    .where(
        Debtor.supplier_id == bindparam("supplier"),
        Debtor.name == bindparam("name"),
        func.coalesce(Debtor.postcode, "") == bindparam("postcode"),
        Debtor.country == bindparam("country"),
    )
    .order_by(Debtor.created_at)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class FoundDebtor:
    """Whom a buyer is, and those of its register numbers that may not be on record."""

    id: DebtorId
    numbers_to_add: tuple[tuple[str, str], ...]


def find_debtor(
    session: Session, supplier_id: SupplierId, buyer: Party, *, country: str
) -> FoundDebtor | None:
    """Which debtor the buyer is: by a register's number, by the supplier's own number, else by
    exact name, postcode and country. None when nobody fits.
    """
    numbers = register_numbers(buyer)
    registered = debtor_by_identifiers(session, supplier_id, numbers)
    if registered is not None:
        found, borne = registered
        return FoundDebtor(found, tuple(each for each in numbers if each != borne))
    own_number = buyer.identified("DEBTOR")
    debtor_id: DebtorId | None
    if own_number:
        debtor_id = debtor_by_number(session, supplier_id, own_number[:60])
    else:
        debtor_id = session.scalar(
            _BY_NAME,
            {
                "supplier": supplier_id,
                "name": buyer.name[:200],
                "postcode": (buyer.postcode or "")[:16],
                "country": buyer.country or country,
            },
        )
    return None if debtor_id is None else FoundDebtor(debtor_id, tuple(numbers))


def free_number(session: Session, supplier_id: SupplierId, wanted: str) -> str:
    """`wanted`, or `wanted-2`, `wanted-3` ... when it is another debtor's."""
    number, count = wanted, 1
    while debtor_by_number(session, supplier_id, number) is not None:
        count += 1
        number = f"{wanted[:54]}-{count}"
    return number


_BY_NUMBER = select(Invoice).where(
    Invoice.supplier_id == bindparam("supplier"),
    Invoice.number.in_(bindparam("numbers", expanding=True)),
)


class Standing:
    """The invoices on record under the numbers of some files: asked for all of them at once, and
    again for what has been written since.
    """

    def __init__(self, session: Session, supplier_id: SupplierId, numbers: Iterable[str]) -> None:
        self._session, self._supplier_id = session, supplier_id
        self._found = invoices_by_number(session, supplier_id, numbers)
        self._written: set[str] = set()

    def under(self, numbers: Iterable[str]) -> Mapping[str, Invoice]:
        """Those of these numbers (and maybe others) that stand."""
        again = self._written.intersection(numbers)
        if again:
            self._found.update(invoices_by_number(self._session, self._supplier_id, again))
            self._written -= again
        return self._found

    def wrote(self, number: str) -> None:
        self._written.add(number)


def invoices_by_number(
    session: Session, supplier_id: SupplierId, numbers: Iterable[str]
) -> dict[str, Invoice]:
    """Those of these invoices that are on record."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[str, Invoice] = {}
    for start in range(0, len(wanted), 500):
        rows = session.scalars(
            _BY_NUMBER, {"supplier": supplier_id, "numbers": wanted[start : start + 500]}
        )
        found.update({row.number: row for row in rows})
    return found

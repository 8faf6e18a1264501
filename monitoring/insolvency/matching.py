"""Whose publication it is: debtors told by a register number, or by name and place alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from monitoring.insolvency.kinds import Family, family_of
from monitoring.insolvency.numbers import (
    register_number,
    register_numbers,
    sirets_of,
    spellings,
)
from monitoring.insolvency.published import Published
from receivables.ids import DebtorId, SupplierId
from receivables.intake.matching import plain_name
from receivables.parties.tables import Debtor, Identifier

#: Numbers asked for in one statement.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One debtor that a publication may be about; `by` is "number" or "name"."""

    debtor_id: DebtorId
    by: str
    #: The debtor is a person: nothing is believed before somebody has looked.
    is_person: bool


def matches(
    session: Session, supplier_id: SupplierId, published: Sequence[Published]
) -> list[list[Match]]:
    """For each publication the debtors it may be about, none, one or several.

    A number decides alone. Where none is ours, debtors of the same country and name are named,
    unless their own number says that they are somebody else (see `_is_namesake`), or nobody would
    want to know.
    """
    by_number = _by_number(session, supplier_id, published)
    found = [
        {debtor for number in register_numbers(one.numbers) for debtor in by_number.get(number, ())}
        for one in published
    ]
    people = _people(session, supplier_id, {debtor for debtors in found for debtor in debtors})
    unknown = [
        one
        for one, debtors in zip(published, found, strict=True)
        if not debtors and family_of(one.kind) is not Family.NONE
    ]
    namesakes = _Namesakes(session, supplier_id, unknown)
    return [
        [
            Match(debtor_id=debtor, by="number", is_person=debtor in people)
            for debtor in sorted(debtors)
        ]
        or (namesakes.of(one) if family_of(one.kind) is not Family.NONE else [])
        for one, debtors in zip(published, found, strict=True)
    ]


def _by_number(
    session: Session, supplier_id: SupplierId, published: Iterable[Published]
) -> dict[tuple[str, str], set[DebtorId]]:
    wanted = sorted({number for one in published for number in register_numbers(one.numbers)})
    found: dict[tuple[str, str], set[DebtorId]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = session.execute(
            select(Identifier.scheme, Identifier.value, Identifier.debtor_id).where(
                Identifier.supplier_id == supplier_id, or_(*_containing(some))
            )
        )
        for row in rows:
            number = register_number(row.scheme, row.value)
            if number in some:
                found.setdefault(number, set()).add(row.debtor_id)
    return found


def _containing(numbers: Sequence[tuple[str, str]]) -> Iterator[ColumnElement[bool]]:
    by_scheme: dict[str, list[str]] = {}
    for number in numbers:
        for scheme, value in spellings(*number):
            by_scheme.setdefault(scheme, []).append(value)
    for scheme, values in by_scheme.items():
        yield and_(Identifier.scheme == scheme, Identifier.value.in_(values))
    for scheme, value in numbers:
        if scheme == "SIREN":
            yield and_(Identifier.scheme == "SIRET", Identifier.value.between(*sirets_of(value)))


def _people(session: Session, supplier_id: SupplierId, debtor_ids: set[DebtorId]) -> set[DebtorId]:
    if not debtor_ids:
        return set()
    rows = session.scalars(
        select(Debtor.id).where(
            Debtor.supplier_id == supplier_id,
            Debtor.kind == "consumer",
            Debtor.id.in_(debtor_ids),
        )
    )
    return set(rows)


class _Namesakes:
    """Debtors by name, read only when a publication has nothing else to go by."""

    def __init__(
        self, session: Session, supplier_id: SupplierId, published: Sequence[Published]
    ) -> None:
        self._debtors: dict[tuple[str, str], list[Debtor]] = {}
        self._numbers: dict[DebtorId, set[tuple[str, str]]] = {}
        wanted = {(one.country, plain_name(one.name)) for one in published if one.name}
        if not wanted:
            return
        rows = session.execute(
            select(Debtor.id, Debtor.country, Debtor.name).where(
                Debtor.supplier_id == supplier_id,
                Debtor.country.in_({country for country, _name in wanted}),
            )
        )
        ids = [row.id for row in rows if (row.country, plain_name(row.name)) in wanted]
        for start in range(0, len(ids), _AT_ONCE):
            self._read(session, supplier_id, ids[start : start + _AT_ONCE])

    def _read(self, session: Session, supplier_id: SupplierId, ids: Sequence[DebtorId]) -> None:
        for debtor in session.scalars(
            select(Debtor).where(Debtor.supplier_id == supplier_id, Debtor.id.in_(ids))
        ):
            key = (debtor.country, plain_name(debtor.name))
            self._debtors.setdefault(key, []).append(debtor)
        for row in session.execute(
            select(Identifier.debtor_id, Identifier.scheme, Identifier.value).where(
                Identifier.supplier_id == supplier_id, Identifier.debtor_id.in_(ids)
            )
        ):
            number = register_number(row.scheme, row.value)
            if number is not None:
                self._numbers.setdefault(row.debtor_id, set()).add(number)

    def of(self, published: Published) -> list[Match]:
        known = self._debtors.get((published.country, plain_name(published.name)), ())
        return [
            Match(debtor_id=debtor.id, by="name", is_person=debtor.kind == "consumer")
            for debtor in known
            if _is_namesake(published, debtor, self._numbers.get(debtor.id, set()))
        ]


def _is_namesake(published: Published, debtor: Debtor, numbers: set[tuple[str, str]]) -> bool:
    """Whether a person should look: the name is the same, and nothing says that it is another.

    A number of the same register that differs says so. People are many of one name: theirs must
    be the same place, too.
    """
    schemes = {scheme for scheme, _value in register_numbers(published.numbers)}
    if any(scheme in schemes for scheme, _value in numbers):
        return False
    if published.is_person or debtor.kind == "consumer":
        return is_same_place(published.place, debtor.city)
    return True


def is_same_place(place: str, other: str | None) -> bool:
    """Whether two towns are one, however they are written: “St. Gallen”, “SAINT-QUENTIN”."""
    return bool(place and other) and plain_name(place) == plain_name(other or "")

"""Which publications about one debtor are taken back by others of the same source.

Everything is decided anew from all of them at once, so it does not matter in which order they
arrive, nor how often: an annulment may well be read before what it annuls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from monitoring.insolvency.kinds import EventKind, Family, family_of
from receivables.ids import SolvencyEventId

#: Whoever takes back a publication without naming it means one of the year before.
LOOKING_BACK = timedelta(days=366)

#: The end of a procedure: what came before it belongs to another one.
_ENDS = frozenset({EventKind.CLOSED, EventKind.REVOKED})
#: What a revocation does not take back: ends, and what nobody has understood yet.
_NOT_OF_A_PROCEDURE = _ENDS | {EventKind.ANNULLED, EventKind.HUMAN_READ}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One publication about one debtor, as far as taking back is concerned.

    `replaces` is the reference of what it takes back or puts right, empty while nobody knows,
    None where it does neither; `about` is the kind of that, where the source says so.
    """

    id: SolvencyEventId
    reference: str
    kind: EventKind
    published_on: date
    replaces: str | None = None
    about: EventKind | None = None
    #: A person has yet to say that it is about this debtor at all.
    is_candidate: bool = False

    @property
    def place(self) -> tuple[date, str]:
        return self.published_on, self.reference


def taken_back(lines: Iterable[Line]) -> Mapping[SolvencyEventId, Line]:
    """What no longer stands, and by what it was taken back.

    An annulment or a correction takes back the publication it names, else the newest before it
    that it can mean; a revocation takes back everything of its procedure. The later word counts:
    an annulment that is annulled itself takes nothing back, while a correction that is corrected
    once more has put right what it named all the same. What only a name speaks for takes back
    nothing but what it names by reference. Lines that were dismissed are not to be handed in.
    """
    inorder = sorted(lines, key=lambda line: line.place)
    taken: dict[SolvencyEventId, Line] = {}
    for taker in reversed(inorder):
        undone = taken.get(taker.id)
        if undone is not None and undone.kind is EventKind.ANNULLED:
            continue
        for target in _targets(taker, inorder, taken):
            taken.setdefault(target.id, taker)
    return taken


def _targets(
    taker: Line, lines: list[Line], taken: Mapping[SolvencyEventId, Line]
) -> Iterable[Line]:
    if taker.replaces:
        return [line for line in lines if line.reference == taker.replaces and line is not taker]
    if taker.is_candidate:
        return ()
    if taker.replaces is not None:
        return _meant(taker, [line for line in lines if line.id not in taken])
    if taker.kind is EventKind.REVOKED:
        return _of_procedure(taker, lines)
    return ()


def _meant(taker: Line, standing: list[Line]) -> list[Line]:
    """The newest publication before `taker` that it can mean."""
    about = taker.about or (None if taker.kind is EventKind.ANNULLED else taker.kind)
    family = family_of(about) if about else Family.INSOLVENCY
    possible = [
        line
        for line in standing
        if line.place < taker.place
        and taker.published_on - line.published_on <= LOOKING_BACK
        and line.kind is not EventKind.ANNULLED
        and family_of(line.kind) is family
        and about in (None, line.kind)
    ]
    return possible[-1:]


def _of_procedure(revocation: Line, lines: list[Line]) -> list[Line]:
    ends = [line.place for line in lines if line.kind in _ENDS and line.place < revocation.place]
    begins = max(ends, default=(date.min, ""))
    return [
        line
        for line in lines
        if begins < line.place < revocation.place
        and family_of(line.kind) is Family.INSOLVENCY
        and line.kind not in _NOT_OF_A_PROCEDURE
    ]

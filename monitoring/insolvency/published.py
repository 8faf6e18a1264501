"""One publication as a feed read it, before anybody asked whose debtor it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitoring.insolvency.kinds import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a gazette or register says of one company or person.

    `numbers` are (scheme, value) as `parties` keeps identifiers: SIREN, KBO, UID, VAT, CRN. A
    publication without any is about somebody whom only a name tells: it never raises an alarm by
    itself. `reference` is the source's own key; `replaces` names the publication that this one
    annuls or corrects, where the source says so.
    """

    source: str
    reference: str
    kind: EventKind
    country: str
    published_on: date
    #: The day of the judgment or decision; None where the source does not say.
    decided_on: date | None
    #: Until when claims are to be lodged, where the publication says so itself.
    claims_until: date | None
    name: str
    place: str
    is_person: bool
    numbers: tuple[tuple[str, str], ...]
    #: As published, in the source's language: "Jugement d'ouverture de liquidation judiciaire".
    label: str
    court: str = ""
    link: str = ""
    replaces: str | None = None
    #: With ANNULLED and CORRECTED, where the source repeats it: what the publication that is taken
    #: back or put right speaks of. A correction then stands as that, in place of the other.
    about: EventKind | None = None
    #: Until when the source itself keeps it public, where it says so.
    public_until: date | None = None

"""What a juridical situation of the Belgian register means to a creditor, by its label.

The codes are the register's own business and have changed; the labels of `code.csv`, in French,
Dutch, German or English, say what is meant. A label nobody has thought of is for a person to read.
Source: the register's open data; Code of Economic Law, book XX (insolvency of enterprises).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from monitoring.insolvency.kinds import EventKind

#: In which order the languages of a label are asked.
LANGUAGES: Final = ("FR", "NL", "DE", "EN")

_BANKRUPTCY = r"(faillite|faillissement|konkurs|bankruptcy)"
_COURT_STAY = (
    r"(reorgani[sz]ation judiciaire|gerechtelijke reorgani|gerichtliche[nr]? reorgani"
    r"|judicial reorgani|sursis|opschorting|zahlungsaufschub|moratorium|concordat|concordaat"
    r"|gerechtelijk akkoord|vergleich"
    r"|transfert sous autorite|gerechtelijk gezag|gerichtlicher autoritat|judicial authority)"
)
_WINDING_UP = r"(liquidation|vereffening|liquidierung|abwicklung|winding)"
_DISSOLUTION = r"(dissolution|ontbinding|auflosung)"
_END = r"(cloture|sluiting|abschluss|schliessung|beendigung|closing|closure|\bfin d|\beinde|end of)"

_NOTHING = EventKind.OTHER

#: Everything a pattern of a row must be found in; the first row that fits decides.
_MEANINGS: Final[tuple[tuple[EventKind, tuple[str, ...]], ...]] = (
    (
        EventKind.REVOKED,
        (r"rapport|retract|intrekking|widerruf|aufhebung|withdraw|annul|vernietig|revoked",
         _BANKRUPTCY),
    ),
    (EventKind.CLOSED, (_END, f"{_BANKRUPTCY}|{_COURT_STAY}|{_WINDING_UP}")),
    (EventKind.HUMAN_READ, (r"revocation|herroeping|widerruf", _COURT_STAY)),
    (EventKind.HUMAN_READ, (r"effacement|kwijtschelding|excusab|verschoon|entschuld",)),
    (EventKind.LIQUIDATION, (_BANKRUPTCY,)),
    (EventKind.PLAN_ADOPTED, (r"homologation|homologatie|homologierung|confirmation of",)),
    (EventKind.REORGANISATION, (_COURT_STAY,)),
    (
        EventKind.DISSOLVED,
        (r"judiciaire|gerechtelijk|gerichtlich|judicial|nullit|nietig|nichtig"
         r"|plein droit|rechtswege|rechts wegen|operation of law",
         f"{_DISSOLUTION}|{_WINDING_UP}|nullit|nietig|nichtig"),
    ),
    (EventKind.VOLUNTARY_WINDING_UP, (f"{_DISSOLUTION}|{_WINDING_UP}",)),
    (_NOTHING, (r"remplacement|vervanging|ersetzung|replacement|double|dubbel|doppel",)),
    (
        _NOTHING,
        (r"fusion|fusie|verschmelzung|merger|scission|splitsing|spaltung|division|demerger"
         r"|absorption|apport|inbreng|transfert|overdracht|transfer|reunion|vereniging|siege|zetel",),
    ),
    (
        EventKind.INACTIVE,
        (r"cessation|stopzetting|\barret|einstellung|ceased|radiation|doorhaling|streichung"
         r"|struck|annul|geannuleerd|annulliert|inacti",),
    ),
    (
        _NOTHING,
        (r"normal|gewohnlich|creation|oprichting|grundung|prorogation|verlenging|verlangerung"
         r"|identifi|formation",),
    ),
)  # fmt: skip


def plain(text: str) -> str:
    """Lower case, without accents and doubled blanks."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in bare if not unicodedata.combining(one)).split())


def kind_of_label(label: str) -> EventKind:
    """What a label means; OTHER for what is of no concern, HUMAN_READ for what is not known."""
    words = plain(label)
    for kind, patterns in _MEANINGS:
        if all(re.search(pattern, words) for pattern in patterns):
            return kind
    return EventKind.HUMAN_READ


def kind_of_situation(labels: Mapping[str, str]) -> EventKind:
    """What a situation means, by its labels in several languages; the first that is understood."""
    kinds = [kind_of_label(labels[one]) for one in LANGUAGES if labels.get(one)]
    return next((one for one in kinds if one is not EventKind.HUMAN_READ), EventKind.HUMAN_READ)


def label_of(labels: Mapping[str, str]) -> str:
    return next((labels[one] for one in LANGUAGES if labels.get(one)), "")


def says_person(labels: Mapping[str, str]) -> bool:
    """Whether a type of enterprise is a natural person."""
    said = plain(" ".join(labels.values()))
    return bool(re.search(r"personne physique|natuurlijk|naturliche|natural person", said))


def says_active(labels: Mapping[str, str]) -> bool:
    """Whether a status lets a company do business; the register keeps it in bankruptcy, too."""
    said = plain(" ".join(labels.values()))
    return not said or bool(re.search(r"\b(actif|active|actief|aktiv)\b", said))

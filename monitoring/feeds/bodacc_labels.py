"""What a French court decided, told from the label the BODACC gives it.

The gazette writes some sixty labels (`jugement.nature`) and coins new ones, so that a list of them
would be out of date by the day it is written. The rules below read words instead, of a label
without accents, case and punctuation, and repaired where UTF-8 was read as Latin-1. They are asked
in their order, and the first that knows the label decides:

1.  an opening, closing or plan that is refused, quashed or withdrawn (infirmant, rejetant,
    rétractation ...), and whatever a court of appeal says: a person reads it;
2.  sanctions on a manager (faillite personnelle, interdiction de gérer), time granted, organs
    appointed, the date payments stopped: no concern of a creditor;
3.  what is deposited for inspection: schedules of claims, distribution lists;
4.  an end (clôture, mettant fin): closed;
5.  résolution of a plan, then conversion and extension, then reprise, which opens a liquidation
    once more; then a plan adopted or changed;
6.  an opening (ouverture), by the procedure it names: liquidation, sauvegarde, anything else is
    one that lets the debtor go on;
7.  a procedure's name with nothing else that says anything (“Liquidation judiciaire”);
8.  whatever is left is for a person to read, and raises no alarm.

Labels that only say that there was a judgment (“Autre jugement et ordonnance”) are told by the
text beside them (`complementJugement`), if its first sentence begins with what was decided.
Sources: Code de commerce, book VI; the dictionary of the open data set annonces-commerciales.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from monitoring.insolvency.kinds import EventKind

_MOJIBAKE = re.compile("[ÃÂâ]")


def plain(text: str) -> str:
    """A label's words: no accents, no case, no punctuation."""
    folded = unicodedata.normalize("NFKD", repaired(text).casefold().replace("œ", "oe"))
    letters = "".join(one for one in folded if not unicodedata.combining(one))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def repaired(text: str) -> str:
    """A text whose UTF-8 somebody read as Latin-1 (“clÃ´ture”), as it was written."""
    if not _MOJIBAKE.search(text):
        return text
    for wrong in ("cp1252", "latin-1"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return text


#: Words that turn a decision into its opposite, or into a mere wish.
_AGAINST = re.compile(
    r"\b(rejet\w*|refus\w*|infirm\w*|annul\w*|retract\w*|rapport(e|ant|ee)|caduc\w*|demande"
    r"|requete|assignation|suspens\w*|suspendant|desist\w*|irrecevab\w*|non lieu|appel)\b"
)
_NO_CONCERN = re.compile(
    r"faillite personnelle|interdiction de gerer|\bdelai\b|designation|remplacement|nomination"
    r"|cessation des paiements|periode d observation|prolong\w+|honoraires|remuneration"
    r"|\bautres? avis de depot\b"
)
_DEPOSITED = re.compile(r"^(avis de )?(depot|liste)\b|\betat des creances\b|projet de repartition")
_END = re.compile(
    r"\bcloture\b|mettant fin|met fin|\bfin de la procedure|(execution|achevement) du plan"
)
_PLAN = re.compile(
    r"\bplan (de |d )?(redressement|sauvegarde|continuation|cession|traitement|apurement)"
    r"|\b(arret\w+|modifi\w+|adopt\w+) (le |un |du |de )*plan\b"
)
_OPENING = re.compile(r"\b(ouverture|ouvre|ouvrant|ouverte?)\b")
_UNSPECIFIC = re.compile(
    r"^(extrait de |autre |autres )?(jugements?|arrets?|ordonnances?|decisions?)"
    r"( et (jugements?|ordonnances?|arrets?))?( prononcant)?$"
)
_UNSPECIFIC_OPENING = re.compile(
    r"^(autre )?jugement d ouverture( d une procedure( collective)?)?$"
)
#: What a label may say around a procedure's name without saying anything more.
_FILLING = frozenset(
    "jugement jugements prononcant prononce la le les l de d du une un en mise procedure judiciaire"
    " judiciaires simplifiee acceleree financiere immediate directe obligatoire facultative regime"
    " general et avec sans administrateur periode".split()
)
_PROCEDURES = {
    "liquidation": EventKind.LIQUIDATION,
    "redressement": EventKind.REORGANISATION,
    "sauvegarde": EventKind.SAFEGUARD,
    "crise": EventKind.REORGANISATION,
}


def kind_of(label: str, complement: str = "") -> EventKind:
    """What a label means; see the top of the file."""
    words = plain(label)
    if _UNSPECIFIC.match(words) or not words:
        return _told_by(complement)
    if _UNSPECIFIC_OPENING.match(words):
        return _opened(_first_sentence(complement))
    return _decided(words)


def is_withdrawn(family: str) -> bool:
    """Whether a third party had a judgment withdrawn: the notice takes back the one it names."""
    words = plain(family)
    return "retractation" in words and "tierce opposition" in words


def _decided(words: str) -> EventKind:
    if _AGAINST.search(words) or words.startswith("arret de la cour"):
        return EventKind.HUMAN_READ
    if _NO_CONCERN.search(words):
        return EventKind.OTHER
    if _DEPOSITED.search(words):
        return _deposited(words)
    if _END.search(words):
        return EventKind.CLOSED
    if re.search(r"\bresolution\b", words) and "plan" in words:
        return EventKind.PLAN_RESOLVED
    if re.search(r"\b(conversion|convertit|convertissant|extension|etend\w*)\b", words):
        return EventKind.CONVERSION
    if re.search(r"\breprise de la (procedure|liquidation)", words):
        return EventKind.LIQUIDATION
    if _PLAN.search(words):
        return EventKind.PLAN_ADOPTED
    if _OPENING.search(words):
        return _opened(words)
    return _named_alone(words)


def _deposited(words: str) -> EventKind:
    """A schedule of claims opens a term for objections; a distribution list comes after it."""
    if "creances" in words:
        return EventKind.CLAIMS_LIST
    if "collocation" in words or "repartition" in words:
        return EventKind.DISTRIBUTION
    return EventKind.OTHER


def _opened(words: str) -> EventKind:
    if _AGAINST.search(words) or "retablissement professionnel" in words:
        return EventKind.HUMAN_READ
    for name, kind in _PROCEDURES.items():
        if re.search(rf"\b{name}\b", words):
            return kind
    # Certainly a procedure, and nobody says which: most of them let the debtor go on.
    return EventKind.REORGANISATION


def _named_alone(words: str) -> EventKind:
    rest = [word for word in words.split() if word not in _FILLING]
    if len(rest) == 1 and rest[0] in _PROCEDURES:
        return _PROCEDURES[rest[0]]
    return EventKind.HUMAN_READ


_BEGINS = re.compile(
    r"(jugement |ordonnance |extrait |la cour |le tribunal |qui |a |en date du [0-9a-z ]{6,20} )*"
    r"(ouvre|ouvrant|ouverture|prononce|prononcant|conversion|convertit|convertissant|extension"
    r"|cloture|arret\w* le plan|arrete un plan|modifi\w+ le plan|resolution|met(tant)? fin"
    r"|liquidation|redressement|sauvegarde)\b"
)


_PRONOUNCED = re.compile(
    r"(?:ouvre|ouvrant|ouverture|prononce|prononcant)"
    r"(?: (?!cloture|resolution|conversion|extension|plan)[a-z0-9]+){0,8}?"
    r" (liquidation|redressement|sauvegarde)\b"
)


def _told_by(complement: str) -> EventKind:
    sentence = _first_sentence(complement)
    begins = _BEGINS.match(sentence)
    if begins is None or _AGAINST.search(sentence):
        return EventKind.HUMAN_READ
    if pronounced := _PRONOUNCED.match(sentence, begins.start(2)):
        return _PROCEDURES[pronounced[1]]
    return _decided(sentence)


def _first_sentence(text: str) -> str:
    return plain(re.split(r"[.;:,\n]| [-–—] ", repaired(text).strip(), maxsplit=1)[0][:300])


_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
)  # fmt: skip


def day_of(text: str) -> date | None:
    """A day as the gazette writes it: 2026-07-08, 08/07/2026, “1er juillet 2026”; None for none."""
    words = plain(text)
    if match := re.match(r"(\d{4}) (\d{2}) (\d{2})\b", words):
        year, month, day = (int(part) for part in match.groups())
    elif match := re.match(r"(\d{2}) (\d{2}) (\d{4})\b", words):
        day, month, year = (int(part) for part in match.groups())
    elif (match := re.match(r"(\d{1,2})(?:er)? ([a-z]+) (\d{4})\b", words)) and match[2] in _MONTHS:
        day, month, year = int(match[1]), _MONTHS.index(match[2]) + 1, int(match[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None

"""The gazette's own XML files: RCS-A (sales, registrations), RCS-B (changes, strikings-off), PCL
(collective proceedings). An installation without the open data can read them as they are published.

A file is read notice by notice into the `Notice` that `bodacc` tells as publications. Editions are
told by the root element: RCS-A and PCL belong to edition A, RCS-B to B.
Source: DILA, schemas Bodacc_A_RCI_sor_v100, Bodacc_B_RCM_sor_v100, Bodacc_PCL_sor_v100.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lxml import etree

from monitoring.feeds.bodacc import Notice, Party, publications, siren_of
from monitoring.feeds.bodacc_labels import day_of
from monitoring.feeds.reading_xml import BadXml, every, first, local, parse, text_at, text_of
from monitoring.insolvency.published import Published

_NOTICES = ("avis", "annonce")
_TYPES = {"annulation": "annulment", "rectificatif": "rectification"}
#: What an act is, by its element; everything else is of no concern to a creditor.
_FAMILIES = {
    "jugement": "collective",
    "radiationAuRCS": "radiation",
    "vente": "vente",
    "creation": "creation",
    "immatriculation": "immatriculation",
}
_PERSONS = ("personneMorale", "personnePhysique")
#: The former owner and the former operator of a business that was sold.
_BEFORE = (
    "precedentProprietairePM",
    "precedentProprietairePP",
    "precedentExploitantPM",
    "precedentExploitantPP",
)


def read(body: bytes) -> Iterator[Published]:
    """Everything a file says. Raises BadXml when it is none of the gazette's."""
    root = parse(body)
    issue, day = text_at(root, "parution"), day_of(text_at(root, "dateParution"))
    if day is None or not issue.isdecimal():
        raise BadXml(f"no file of the gazette: <{local(root)}>")
    edition = "B" if "RCS-B" in local(root) else "A"
    for holder in root:
        for element in holder:
            if isinstance(element.tag, str) and local(element) in _NOTICES:
                yield from publications(_notice(element, edition, issue, day))


def _notice(element: etree._Element, edition: str, issue: str, day: date) -> Notice:
    kinds = first(element, "typeAnnonce")
    kind = local(kinds[0]) if kinds is not None and len(kinds) else "annonce"
    act = _act(element)
    number = text_at(element, "numeroAnnonce")
    return Notice(
        reference=f"{edition}{issue}{int(number)}" if number.isdecimal() else f"{edition}{issue}",
        kind=_TYPES.get(kind, "initial"),
        family=_FAMILIES.get(local(act), local(act)) if act is not None else "divers",
        published_on=day,
        court=text_at(element, "tribunal"),
        link="",
        judged=text_at(act, "famille") if act is not None else "",
        label=_label(act),
        complement=_complement(act),
        decided_on=_decided_on(act),
        parties=tuple(_parties(element)),
        replaces=_replaced(element),
    )


def _act(element: etree._Element) -> etree._Element | None:
    """What happened: `jugement` of a PCL stands alone, other acts are within `acte`."""
    judged = first(element, "jugement")
    if judged is not None:
        return judged
    acts = first(element, "acte")
    if acts is not None and len(acts):
        return acts[0]
    struck = every(element, "radiationAuRCS")
    return struck[0] if struck else None


def _label(act: etree._Element | None) -> str:
    if act is None:
        return ""
    for name in ("nature", "categorieVente", "categorieCreation", "categorieImmatriculation"):
        if said := text_at(act, name):
            return said
    return local(act)


def _complement(act: etree._Element | None) -> str:
    if act is None:
        return ""
    if local(act) == "radiationAuRCS":
        return text_of(act)
    return text_at(act, "complementJugement")


def _decided_on(act: etree._Element | None) -> date | None:
    return day_of(text_at(act, "date")) if act is not None else None


def _parties(element: etree._Element) -> Iterator[Party]:
    for name in _PERSONS:
        for person in every(element, name):
            yield _party(person, is_person=name == "personnePhysique")
    for name in _BEFORE:
        for person in every(element, name):
            yield _party(person, is_person=name.endswith("PP"))


def _party(person: etree._Element, *, is_person: bool) -> Party:
    named = [text_at(person, one) for one in ("prenom", "nom")]
    towns = [text_at(one, "ville") for one in every(_around(person), "france")]
    registered = first(person, "numeroImmatriculation")
    number = ""
    if registered is not None:
        number = text_at(registered, "numeroIdentification") or text_at(
            registered, "numeroIdentificationRCS"
        )
    return Party(
        name=text_at(person, "denomination") or " ".join(filter(None, named)),
        place=next(filter(None, towns), ""),
        siren=siren_of(number),
        is_person=is_person,
    )


def _around(person: etree._Element) -> etree._Element:
    """The address stands beside a person's names, in `personne`; a former owner has none."""
    above = person.getparent()
    return above if above is not None and local(above) == "personne" else person


def _replaced(element: etree._Element) -> str | None:
    before = first(element, "parutionAvisPrecedent")
    if before is None:
        return None
    edition = text_at(before, "nomPublication").split()[-1:] or [""]
    issue, number = text_at(before, "numeroParution"), text_at(before, "numeroAnnonce")
    if not (edition[0].isalpha() and issue.isdecimal() and number.isdecimal()):
        return None
    return f"{edition[0].upper()}{issue}{int(number)}"

"""What the French gazette writes, and what we make of it."""

from __future__ import annotations

import csv
import json
import os
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from monitoring.feeds import bodacc, bodacc_files
from monitoring.feeds.bodacc_labels import day_of, kind_of
from monitoring.feeds.reading_xml import BadXml, parse
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.published import Published

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "solvency"
conformance = pytest.mark.skipif(
    not _DATA.exists(), reason=f"no gazettes at {_DATA} (QUITTANCE_CONFORMANCE_DATA)"
)

#: What people who sorted real labels called them, and what may come of each.
OF_CATEGORY: Final = {
    "opening": {EventKind.SAFEGUARD, EventKind.REORGANISATION, EventKind.LIQUIDATION},
    "conversion": {EventKind.CONVERSION},
    "closure": {EventKind.CLOSED},
    "reopening": {EventKind.LIQUIDATION},
    "plan": {EventKind.PLAN_ADOPTED},
    "plan_failure": {EventKind.PLAN_RESOLVED},
    "personal_sanction": {EventKind.OTHER},
    "administrative": {EventKind.CLAIMS_LIST, EventKind.DISTRIBUTION, EventKind.OTHER},
    "appeal": {EventKind.HUMAN_READ},
    "unknown_read_text": {EventKind.HUMAN_READ},
}

LABELS: Final = [
    ("Jugement d'ouverture d'une procédure de sauvegarde", EventKind.SAFEGUARD),
    ("Jugement d'ouverture d'une procédure de sauvegarde accélérée", EventKind.SAFEGUARD),
    ("JUGEMENT D’OUVERTURE DE LIQUIDATION JUDICIAIRE", EventKind.LIQUIDATION),
    ("Jugement prononcant la liquidation judiciaire simplifiee", EventKind.LIQUIDATION),
    ("Liquidation judiciaire", EventKind.LIQUIDATION),
    ("Autre jugement d'ouverture", EventKind.REORGANISATION),
    ("Jugement de conversion en redressement judiciaire de la sauvegarde", EventKind.CONVERSION),
    ("Jugement d'extension de liquidation judiciaire", EventKind.CONVERSION),
    ("Jugement de clôture pour insuffisance d'actif et autorisant la reprise des poursuites"
     " individuelles", EventKind.CLOSED),
    ("Jugement de clÃ´ture pour extinction du passif", EventKind.CLOSED),
    ("Jugement modifiant le plan de continuation", EventKind.PLAN_ADOPTED),
    ("Jugement prononçant la résolution du plan de sauvegarde et le redressement judiciaire",
     EventKind.PLAN_RESOLVED),
    ("Liste des créances nées après le jugement d'ouverture d'une procédure de redressement"
     " judiciaire", EventKind.CLAIMS_LIST),
    ("Jugement accordant un délai pour déposer la liste des créances", EventKind.OTHER),
    ("Jugement d'interdiction de gérer Loi de 1985", EventKind.OTHER),
    ("Jugement mettant fin à la période d'observation", EventKind.OTHER),
    # Whatever turns an opening round is read by a person, like everything unheard of.
    ("Jugement rétractant l'ouverture de la liquidation judiciaire", EventKind.HUMAN_READ),
    ("Jugement rejetant la demande d'ouverture d'un redressement", EventKind.HUMAN_READ),
    ("Autre arrêt de la Cour d'Appel", EventKind.HUMAN_READ),
    ("Jugement relatif à la liquidation du stock", EventKind.HUMAN_READ),
    ("Autre jugement prononçant", EventKind.HUMAN_READ),
    ("", EventKind.HUMAN_READ),
]  # fmt: skip


@conformance
def test_every_label_the_gazette_uses_means_what_people_sorted_it_as():
    with (_DATA / "bodacc" / "nature_jugement_labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) >= 36
    for row in rows:
        assert kind_of(row["nature"]) in OF_CATEGORY[row["category"]], row["nature"]
        assert kind_of(row["nature"].upper()) is kind_of(row["nature"]), row["nature"]


@pytest.mark.parametrize(("label", "kind"), LABELS, ids=[str(n) for n in range(len(LABELS))])
def test_a_label_is_told_by_its_words_whatever_its_accents_and_case(label, kind):
    assert kind_of(label) is kind


@pytest.mark.parametrize(
    ("complement", "kind"),
    [
        ("Ouvre la procedure de redressement", EventKind.REORGANISATION),
        (
            "Ouvre les opérations de la liquidation judiciaire - Mandataire: X",
            EventKind.LIQUIDATION,
        ),
        ("Prononce la liquidation judiciaire et met fin à la mission.", EventKind.LIQUIDATION),
        ("Prononçant la clôture de la liquidation judiciaire.", EventKind.CLOSED),
        ("Arrête le plan de redressement pour dix ans", EventKind.PLAN_ADOPTED),
        ("Désigne Me X dans la procédure de redressement ouverte le 3 mai", EventKind.HUMAN_READ),
        ("Ouvre la procédure sur appel, infirmant le jugement", EventKind.HUMAN_READ),
        ("Rejette la demande d'ouverture", EventKind.HUMAN_READ),
        ("", EventKind.HUMAN_READ),
    ],
)
def test_an_empty_label_is_told_by_how_its_text_begins(complement, kind):
    assert kind_of("Autre jugement et ordonnance", complement) is kind


def test_days_are_read_as_the_gazette_writes_them():
    days = [
        day_of(one) for one in ("10 décembre 2009", "1er juillet 2026", "2026-07-03", "31/02/2026")
    ]

    assert days == [date(2009, 12, 10), date(2026, 7, 1), date(2026, 7, 3), None]


def record(**given: Any) -> dict[str, Any]:
    """One record as the open data writes it."""
    judged = {
        "type": "initial", "famille": "Jugement d'ouverture", "date": "12 octobre 2026",
        "nature": "Jugement d'ouverture de liquidation judiciaire",
    }  # fmt: skip
    values = {
        "id": "A202602011234", "publicationavis": "A", "parution": "20260201",
        "numeroannonce": 1234, "dateparution": "2026-10-20", "typeavis": "annonce",
        "familleavis": "collective", "familleavis_lib": "Procédures collectives",
        "tribunal": "TAE de Lyon", "ville": "Lyon", "commercant": "ATELIERS DU RHONE",
        "registre": ["552 100 554", "552100554"], "jugement": judged, "parutionavisprecedent": None,
        "url_complete": "javascript:alert(1)", **given,
    }  # fmt: skip
    return {**values, "jugement": json.dumps(values["jugement"])}


BEFORE = {"nomPublication": "BODACC A", "numeroParution": "20260198", "numeroAnnonce": "007"}


def only(published: list[Published]) -> Published:
    (one,) = published
    return one


def test_a_record_is_told_once_by_the_number_it_gives_twice():
    one = only(bodacc.published_of_record(record()))

    assert (one.kind, one.numbers) == (EventKind.LIQUIDATION, (("SIREN", "552100554"),))
    assert (one.decided_on, one.court, one.link) == (date(2026, 10, 12), "TAE de Lyon", "")


def test_an_annulment_names_what_it_takes_back_and_a_rectification_says_what_is_right():
    annulled = only(
        bodacc.published_of_record(record(typeavis="annulation", parutionavisprecedent=BEFORE))
    )
    corrected = only(
        bodacc.published_of_record(
            record(typeavis="rectificatif", parutionavisprecedent=json.dumps(BEFORE))
        )
    )
    withdrawn = {"famille": "Rétractation sur tierce opposition", "nature": "Autre jugement"}
    unclear = {"nature": "Jugement étrange"}

    assert (annulled.kind, annulled.replaces) == (EventKind.ANNULLED, "A202601987")
    assert annulled.about is EventKind.LIQUIDATION
    assert (corrected.kind, corrected.replaces) == (EventKind.CORRECTED, "A202601987")
    assert corrected.about is EventKind.LIQUIDATION
    assert only(bodacc.published_of_record(record(jugement=withdrawn))).kind is EventKind.ANNULLED
    read = only(
        bodacc.published_of_record(
            record(typeavis="rectificatif", jugement=unclear, parutionavisprecedent=BEFORE)
        )
    )
    assert (read.kind, read.replaces) == (EventKind.HUMAN_READ, None)


def test_only_the_family_of_collective_proceedings_speaks_of_insolvency():
    families = {
        "radiation": EventKind.STRUCK_OFF, "vente": EventKind.OTHER, "dpc": EventKind.OTHER,
        "conciliation": EventKind.OTHER, "retablissement_professionnel": EventKind.OTHER,
    }  # fmt: skip

    for family, kind in families.items():
        assert only(bodacc.published_of_record(record(familleavis=family))).kind is kind
    moved = record(familleavis="radiation", radiationaurcs='{"commentaire": "Transfert du siège"}')
    assert only(bodacc.published_of_record(moved)).kind is EventKind.OTHER


def test_a_sale_names_both_and_a_persons_estate_nobody():
    buyer = {
        "personne": {
            "typePersonne": "pm",
            "denomination": "Acheteur SAS",
            "numeroImmatriculation": {"numeroIdentification": "732 829 320"},
        }
    }
    seller = {
        "personne": [
            {
                "typePersonne": "pp",
                "nom": "DUBOIS",
                "prenom": "Jean",
                "numeroImmatriculation": {"numeroIdentification": "404 833 048"},
            }
        ]
    }
    sale = record(
        familleavis="vente", listepersonnes=json.dumps(buyer),
        listeprecedentproprietaire=json.dumps(seller),
    )  # fmt: skip
    estate = record(commercant="SUCCESSION DE JEAN DUBOIS", registre=[])

    told = {
        (one.name, one.numbers[0][1], one.is_person) for one in bodacc.published_of_record(sale)
    }
    assert told == {("Acheteur SAS", "732829320", False), ("Jean DUBOIS", "404833048", True)}
    assert bodacc.published_of_record(estate) == []


def test_a_record_without_a_day_is_refused_and_the_others_are_read():
    def answer(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        results = [record(id=f"A{n}") for n in range(offset, min(offset + 100, 101))]
        results[0]["dateparution"] = None
        return httpx.Response(200, json={"total_count": 101, "results": results})

    client = bodacc.BodaccClient("https://bodacc.example", transport=httpx.MockTransport(answer))
    told = client.notices(["552100554"], date(2026, 10, 1))

    assert (told.records, told.unread, len(told.published)) == (101, 2, 99)


def test_a_question_asks_for_every_number_and_lets_nothing_else_in():
    where = bodacc.where_of(["552100554", '1" OR "1"="1', "732829320"], date(2026, 10, 1))

    assert where == (
        '(registre="552100554" OR registre="732829320") AND (familleavis="collective" OR'
        " familleavis=\"radiation\") AND dateparution>=date'2026-10-01'"
    )


@conformance
def test_the_records_and_the_file_of_the_gazette_are_read():
    records = json.loads((_DATA / "bodacc" / "api_records.json").read_text(encoding="utf-8"))
    kinds = [only(bodacc.published_of_record(one["record"])).kind for one in records]
    (file,) = (_DATA / "bodacc").glob("RCS-A_*.xml")
    said = list(bodacc_files.read(file.read_bytes()))

    assert kinds == [EventKind.REORGANISATION, EventKind.LIQUIDATION, EventKind.LIQUIDATION]
    assert len({one.reference for one in said}) == 120
    assert {one.kind for one in said} == {EventKind.OTHER}
    assert sum(bool(one.numbers) for one in said) == 145
    former_owners = len(said) - 120
    assert former_owners == 27


PCL = """<?xml version="1.0" encoding="UTF-8"?>
<PCL_REDIFF><parution>20260201</parution><dateParution>20 octobre 2026</dateParution>
<annonces><annonce><typeAnnonce><annulation/></typeAnnonce><numeroAnnonce>12</numeroAnnonce>
<tribunal>GREFFE DU TRIBUNAL DE COMMERCE DE LYON</tribunal>
<parutionAvisPrecedent><nomPublication>BODACC A</nomPublication>
<numeroParution>20260198</numeroParution><numeroAnnonce>7</numeroAnnonce></parutionAvisPrecedent>
<personnes><personne><personnePhysique><nom>DUBOIS</nom><prenom>Jean</prenom>
<numeroImmatriculation><numeroIdentificationRCS>552 100 554</numeroIdentificationRCS>
</numeroImmatriculation></personnePhysique>
<adresse><france><ville>Lyon</ville></france></adresse></personne></personnes>
<jugement><famille>Jugement d'ouverture</famille>
<nature>Jugement d'ouverture de liquidation judiciaire</nature><date>12 octobre 2026</date>
</jugement></annonce></annonces></PCL_REDIFF>"""


def test_a_file_and_the_open_data_speak_of_a_notice_under_one_reference():
    one = only(list(bodacc_files.read(PCL.encode())))

    assert (one.reference, one.replaces) == ("A2026020112", "A202601987")
    assert (one.kind, one.about) == (EventKind.ANNULLED, EventKind.LIQUIDATION)
    assert (one.name, one.place, one.is_person) == ("Jean DUBOIS", "Lyon", True)


@pytest.mark.parametrize(
    "body",
    [
        b"<a>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
        b" " * 5000 + b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    ],
    ids=["broken", "entity", "utf-16", "late"],
)
def test_xml_that_wants_more_than_to_be_read_is_refused(body):
    with pytest.raises(BadXml):
        parse(body)

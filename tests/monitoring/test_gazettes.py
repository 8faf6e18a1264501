"""What the French and the Swiss gazette write, and what we make of it."""

from __future__ import annotations

import csv
import json
import os
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from monitoring.feeds import bodacc, bodacc_files, shab
from monitoring.feeds.bodacc_labels import day_of, kind_of
from monitoring.feeds.contract import SourceBusy, SourceDown, SourceRefuses
from monitoring.feeds.reading_xml import BadXml, parse
from monitoring.insolvency.kinds import OPENINGS, EventKind
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


KK = """<?xml version="1.0" encoding="UTF-8"?>
<{rubric}:publication xmlns:{rubric}="https://shab.ch/shab/{rubric}-export"><meta>
<registrationOffice><id>office</id><displayName>Konkursamt Bern</displayName></registrationOffice>
<id>0b6f0f0c-3a53-4c9e-8a4b-1f1f6a2b3c4d</id><subRubric>{rubric}</subRubric>
<language>{language}</language><publicationState>{state}</publicationState>
<publicationDate>2026-11-02</publicationDate><expirationDate>2027-11-02</expirationDate>
<title><de>Konkurs {name}</de><fr>Faillite {name}</fr></title></meta>
<content>{content}</content></{rubric}:publication>"""
COMPANY = (
    "<debtor><selectType>company</selectType><companies><noUID>{no_uid}</noUID><company>"
    "<name>Holzbau Aare AG, in Liquidation</name>{uid}<address><town>Bern</town></address>"
    "</company></companies></debtor>"
)
UID = "<uid>CHE-123.456.788</uid>"
PERSON = (
    "<debtor><selectType>person</selectType><person><prename>Hans</prename><name>Muster</name>"
    "<addressSwitzerland><town>Bern</town></addressSwitzerland></person></debtor>"
)


def swiss(
    rubric: str = "KK01",
    content: str = COMPANY.format(no_uid="false", uid=UID),
    *,
    state: str = "PUBLISHED",
    language: str = "de",
    name: str = "Holzbau Aare AG",
) -> list[Published]:
    filled = KK.format(rubric=rubric, content=content, state=state, language=language, name=name)
    return shab.parse_publication(filled.encode())


def test_each_sub_rubric_becomes_its_event_and_only_openings_are_openings():
    kinds = {rubric: only(swiss(rubric)).kind for rubric in (*shab.KINDS, "KK99")}

    assert kinds.pop("KK99") is EventKind.HUMAN_READ
    assert kinds == shab.KINDS
    assert {one for one, kind in kinds.items() if kind in OPENINGS} == {"KK01", "KK02", "KK11"}


def test_a_publication_is_told_by_the_uid_and_by_its_own_id():
    one = only(swiss(language="fr"))

    assert one.reference == "0b6f0f0c-3a53-4c9e-8a4b-1f1f6a2b3c4d"
    assert (one.name, one.place, one.label) == (
        "Holzbau Aare AG",
        "Bern",
        "Faillite Holzbau Aare AG",
    )
    assert (one.numbers, one.public_until) == ((("UID", "CHE123456788"),), date(2027, 11, 2))
    assert one.court == "Konkursamt Bern"
    assert only(swiss(content=COMPANY.format(no_uid="true", uid=""))).numbers == ()


@pytest.mark.parametrize(
    ("term", "until"),
    [
        ("<entryDeadline>2026-12-05</entryDeadline>", date(2026, 12, 5)),
        ("<daysAfterPublication>30</daysAfterPublication>", date(2026, 12, 2)),
        ("", None),
    ],
)
def test_the_call_to_creditors_says_until_when_claims_are_lodged(term, until):
    content = COMPANY.format(no_uid="false", uid=UID) + term

    assert only(swiss("KK02", content)).claims_until == until
    assert only(swiss("KK03", content)).claims_until is None


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("Hans Muster, ausgeschlagene Erbschaft", ""),
        ("Jean Muster, succession répudiée", ""),
        ("Gérard Muster, succession", ""),
        ("Gianni Muster, eredità giacente", ""),
        ("Gianni Muster, eredità rifiutata", ""),
        ("Hans Muster, refused estate", ""),
        ("Hans Muster", "<addition>refusedLegacy</addition>"),
        ("Hans Muster", "<additionCustom>Nachlass des Verstorbenen</additionCustom>"),
    ],
)
def test_an_estate_is_left_out_and_a_living_person_is_told_as_a_person(title, mark):
    living = only(swiss(content=PERSON, name="Hans Muster"))

    assert swiss(content=PERSON + mark, name=title) == []
    assert (living.name, living.place, living.is_person) == ("Hans Muster", "Bern", True)
    assert living.numbers == ()


def test_a_company_named_after_an_estate_is_none():
    content = COMPANY.format(no_uid="false", uid=UID)

    assert only(swiss(content=content, name="Erbschaft Digital AG")).kind in OPENINGS


def test_a_cancelled_publication_takes_itself_back():
    one = only(swiss(state="CANCELLED"))

    assert (one.kind, one.about) == (EventKind.ANNULLED, EventKind.PROVISIONAL_OPENING)
    assert (one.reference, one.replaces) == (f"{one.replaces}:cancelled", one.replaces)


def test_free_text_and_a_deletion_are_told_from_what_they_have():
    free = only(swiss("KK10", "<publication>&lt;p>Mit Urteil ...&lt;/p></publication>"))
    company = "<company><name>Alt SA</name><uid>CHE-369.297.923</uid><seat>Genève</seat></company>"
    gone = only(swiss("HR03", f"<commonsActual>{company}</commonsActual><lastFosc/>"))

    assert (free.kind, free.numbers) == (EventKind.HUMAN_READ, ())
    assert (gone.kind, gone.place) == (EventKind.STRUCK_OFF, "Genève")
    assert gone.numbers == (("UID", "CHE369297923"),)


@conformance
def test_the_publications_of_the_swiss_gazette_are_read():
    told = {
        file.stem: only(shab.parse_publication(file.read_bytes()))
        for file in sorted((_DATA / "shab").glob("*.xml"))
    }
    with (_DATA / "shab" / "subrubrics.csv").open(encoding="utf-8") as file:
        known = list(csv.DictReader(file))

    assert {name: one.kind for name, one in told.items()} == {
        name: shab.KINDS[name] for name in told
    }
    assert len(told) >= 5
    assert {one.numbers for one in told.values()} == {(("UID", "CHE123456789"),)}
    assert {row["sub_rubric"] for row in known} <= set(shab.KINDS)


LISTED = """<bulk:bulk-export xmlns:bulk="https://shab.ch/bulk-export"><total>7</total>{lines}
</bulk:bulk-export>"""
LINE = """<publication ref="x"><meta><registrationOffice><id>x</id></registrationOffice>
<id>{id}</id><subRubric>{rubric}</subRubric><publicationState>PUBLISHED</publicationState>
<publicationDate>2026-11-02</publicationDate></meta></publication>"""


def test_a_list_gives_what_is_read_and_nothing_that_could_lead_elsewhere():
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        good = "0b6f0f0c-3a53-4c9e-8a4b-1f1f6a2b3c4d"
        lines = [
            LINE.format(id=one, rubric=rubric)
            for one, rubric in [
                (good, "HR03"),
                (good, "HR02"),
                ("../../admin", "HR03"),
                ("", "HR03"),
            ]
        ]
        return httpx.Response(200, text=LISTED.format(lines="".join(lines)))

    client = shab.ShabClient("https://shab.example", transport=httpx.MockTransport(answer))
    total, listed = client.listed("HR", date(2026, 11, 1), date(2026, 11, 2), 3)

    assert (total, [one.sub_rubric for one in listed]) == (7, ["HR03"])
    assert asked[0].params.get_list("publicationStates") == ["PUBLISHED", "CANCELLED"]
    assert asked[0].params["pageRequest.page"] == "3"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401), SourceRefuses),
        (httpx.Response(429, headers={"retry-after": "60"}), SourceBusy),
        (httpx.Response(500), SourceDown),
        (httpx.Response(200, text="<html>"), SourceDown),
        (httpx.Response(302, headers={"location": "http://127.0.0.1/"}), SourceRefuses),
    ],
    ids=["401", "429", "500", "html", "302"],
)
def test_a_gazette_that_does_not_answer_is_told_from_one_that_is_busy(answer, error):
    client = shab.ShabClient(
        "https://shab.example", transport=httpx.MockTransport(lambda _request: answer)
    )

    with pytest.raises(error):
        client.listed("KK", date(2026, 11, 1), date(2026, 11, 2), 0)

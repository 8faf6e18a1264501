"""What the Swiss gazette writes, and what we make of it."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path
from typing import Final

import httpx
import pytest

from monitoring.feeds import shab
from monitoring.feeds.contract import SourceBusy, SourceDown, SourceRefuses
from monitoring.insolvency.kinds import OPENINGS, EventKind
from monitoring.insolvency.published import Published

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "solvency"
conformance = pytest.mark.skipif(
    not _DATA.exists(), reason=f"no gazettes at {_DATA} (QUITTANCE_CONFORMANCE_DATA)"
)


def only(published: list[Published]) -> Published:
    (one,) = published
    return one


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

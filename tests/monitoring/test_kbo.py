"""The Belgian register's open data: labels understood, hostile archives refused, news told once."""

from __future__ import annotations

import argparse
import zipfile
from datetime import date
from pathlib import Path

import pytest

from monitoring.feeds import kbo
from monitoring.feeds.kbo_words import kind_of_label, kind_of_situation
from monitoring.insolvency.kinds import EventKind
from monitoring.sources import register_command
from monitoring.sources.registers import news_of, take_kbo
from monitoring.watching import sources
from receivables.database import Scope

OURS, OTHER = "0403170701", "0417497106"

CODES = """"Category","Code","Language","Description"
"JuridicalSituation","000","FR","Situation normale"
"JuridicalSituation","000","NL","Normale toestand"
"JuridicalSituation","012","NL","Vervroegde ontbinding - vereffening"
"JuridicalSituation","048","FR","Ouverture de réorganisation judiciaire"
"JuridicalSituation","050","FR","Ouverture de faillite"
"JuridicalSituation","050","NL","Opening faillissement"
"JuridicalSituation","053","FR","Clôture de faillite"
"JuridicalSituation","099","FR","Situation inédite"
"Status","AC","FR","Actif"
"Status","ST","FR","Arrêté"
"TypeOfEnterprise","1","FR","Personne physique"
"TypeOfEnterprise","2","FR","Personne morale"
"Nace2008","62010","FR","Programmation informatique"
"""

HEADER = '"EnterpriseNumber","Status","JuridicalSituation","TypeOfEnterprise","StartDate"\n'


def written(number: str) -> str:
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


def line(number: str, situation: str, *, form: str = "2", status: str = "AC") -> str:
    return f'"{written(number)}","{status}","{situation}","{form}",09-08-1960\n'


def packed(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def full(path: Path, *lines: str, on: str = "30-10-2026", **more: str) -> Path:
    return packed(
        path,
        {
            "meta.csv": f'"Variable","Value"\n"SnapshotDate","{on}"\n"ExtractNumber","141"\n',
            "code.csv": CODES,
            "enterprise.csv": HEADER + "".join(lines),
            **{f"{name}.csv": content for name, content in more.items()},
        },
    )


def update(path: Path, *, deleted: str = "", inserted: str = "", on: str = "31-10-2026") -> Path:
    return packed(
        path,
        {
            "meta.csv": f'"Variable","Value"\n"SnapshotDate","{on}"\n',
            "code.csv": CODES,
            "enterprise_delete.csv": '"EnterpriseNumber"\n' + deleted,
            "enterprise_insert.csv": HEADER + inserted,
        },
    )


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Ouverture de faillite", "liquidation"),
        ("Opening faillissement", "liquidation"),
        ("Eröffnung des Konkurses", "liquidation"),
        ("Opening of bankruptcy", "liquidation"),
        ("Clôture de faillite", "closed"),
        ("Sluiting faillissement met verschoonbaarheid", "closed"),
        ("Clôture de réorganisation judiciaire", "closed"),
        ("Clôture de liquidation", "closed"),
        ("Faillite rapportée", "revoked"),
        ("Intrekking faillissement", "revoked"),
        ("Réorganisation judiciaire", "reorganisation"),
        ("Gerechtelijke reorganisatie", "reorganisation"),
        ("Sursis provisoire", "reorganisation"),
        ("Transfert sous autorité de justice", "reorganisation"),
        ("Dissolution judiciaire ou nullité", "dissolved"),
        ("Gerechtelijke ontbinding of nietigheid", "dissolved"),
        ("Ontbinding van rechtswege", "dissolved"),
        ("Dissolution anticipée - Liquidation (dissolution volontaire)", "voluntary_winding_up"),
        ("Vrijwillige ontbinding - vereffening", "voluntary_winding_up"),
        ("Fusion par absorption", "other"),
        ("Arrêt pour remplacement du numéro d’entreprise", "other"),
        ("Situation normale", "other"),
        ("gewöhnlicher Zustand", "other"),
        ("Verlenging", "other"),
        ("Cessation des activités en Belgique", "inactive"),
        ("Geannuleerd dossier", "inactive"),
        ("Toute autre chose", "human_read"),
    ],
)
def test_a_situation_is_known_by_its_label_in_any_language(label, kind):
    assert kind_of_label(label) == kind


def test_a_label_that_one_language_leaves_unclear_is_read_in_another():
    assert kind_of_situation({"FR": "Cas X", "NL": "Opening faillissement"}) == "liquidation"


def test_only_what_is_asked_for_is_kept_and_bad_lines_are_named(tmp_path):
    path = full(
        tmp_path / "f.zip",
        line(OURS, "050"), line(OTHER, "000"), '"12","AC","000","2",\n', '"x"\n',
        line("0200065765", "099", form="1"),
        denomination='"EntityNumber","Language","TypeOfDenomination","Denomination"\n'
        f'"{written(OURS)}","1","002","MM"\n"{written(OURS)}","1","001","Menuiserie Mons"\n',
    )  # fmt: skip

    data = kbo.read(path, {OURS, "0200065765"})

    assert (data.snapshot_on, data.is_full, data.lines) == (date(2026, 10, 30), True, 5)
    ours, person = data.found[OURS], data.found["0200065765"]
    assert (ours.kind, ours.label, ours.name) == (
        EventKind.LIQUIDATION, "Ouverture de faillite", "Menuiserie Mons",
    )  # fmt: skip
    assert (person.kind, person.is_person, person.name) == (EventKind.HUMAN_READ, True, "")
    assert set(data.found) == {OURS, "0200065765"}
    assert [(one.file, one.line) for one in data.faults] == [
        ("enterprise.csv", 4), ("enterprise.csv", 5),
    ]  # fmt: skip


def test_a_stopped_enterprise_is_inactive_and_an_update_says_who_is_gone(tmp_path):
    path = update(
        tmp_path / "u.zip",
        deleted=f'"{written(OURS)}"\n"{written(OTHER)}"\n',
        inserted=line(OTHER, "000", status="ST"),
    )

    data = kbo.read(path, {OURS, OTHER})

    assert (data.gone, data.is_full) == ({OURS}, False)
    assert (data.found[OTHER].kind, data.found[OTHER].label) == (EventKind.INACTIVE, "Arrêté")


def test_news_is_what_differs_from_the_last_file_and_no_older_file_says_any(tmp_path):
    def read(situation: str, on: str) -> kbo.OpenData:
        return kbo.read(full(tmp_path / f"{on}.zip", line(OURS, situation), on=on), {OURS})

    said, first = news_of(OURS, "", read("050", "01-10-2026"))
    again, nothing = news_of(OURS, said, read("050", "02-10-2026"))
    _, stale = news_of(OURS, again, read("000", "01-10-2026"))
    after, undone = news_of(OURS, again, read("000", "03-10-2026"))
    _, second = news_of(OURS, after, read("050", "09-10-2026"))
    _, gone = news_of(OURS, after, kbo.read(full(tmp_path / "g.zip", on="10-10-2026"), {OURS}))
    unknown = news_of(OURS, "", kbo.read(full(tmp_path / "h.zip"), {OURS}))

    assert [one.kind for one in first] == [EventKind.LIQUIDATION]
    assert (first[0].published_on, first[0].numbers) == (date(2026, 10, 1), (("KBO", OURS),))
    assert nothing == stale == []
    assert [one.kind for one in undone] == [EventKind.REVOKED]
    assert [one.kind for one in second] == [EventKind.LIQUIDATION]
    assert second[0].reference != first[0].reference
    assert [one.kind for one in gone] == [EventKind.INACTIVE]
    assert unknown == ("", [])


def bomb() -> bytes:
    return b"0" * 60_000_000


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ({"enterprise.csv": HEADER}, "no code.csv"),
        ({"code.csv": CODES}, "no enterprise.csv"),
        ({"code.csv": CODES, "enterprise.csv": HEADER}, "no meta.csv"),
        (
            {"code.csv": CODES, "enterprise.csv": HEADER, "meta.csv": "Variable,Value\na,b\n"},
            "of which day",
        ),
        ({"code.csv": "Category,Code\n", "enterprise.csv": HEADER}, "no column Language"),
        ({"code.csv": '"Category","Code","Language","Description"\n', "enterprise.csv": HEADER},
         "no label"),
        ({"code.csv": CODES, "enterprise.csv": bomb()}, "unfolds to more"),
        ({f"{number}.csv": "" for number in range(101)}, "unfolds to more"),
    ],
    ids=["codes", "enterprises", "meta", "day", "columns", "labels", "bomb", "members"],
)  # fmt: skip
def test_what_is_no_open_data_is_refused_with_the_reason(tmp_path, members, what):
    with pytest.raises(kbo.NotOpenData) as refused:
        kbo.read(packed(tmp_path / "x.zip", members), {OURS})

    assert what in refused.value.faults[0].what


def test_a_line_without_an_end_and_a_file_that_is_no_archive_are_refused(tmp_path):
    endless = full(tmp_path / "e.zip", "".join(f"{number:09d}" for number in range(3000)))
    broken = tmp_path / "b.zip"
    broken.write_bytes(endless.read_bytes()[:200])

    for path, what in ((endless, "has no end"), (broken, "cannot be read")):
        with pytest.raises(kbo.NotOpenData) as refused:
            kbo.read(path, {OURS})
        assert what in refused.value.faults[0].what


def test_a_file_tells_every_supplier_of_its_own_debtors_and_a_repeat_tells_nothing(world, tmp_path):
    first, second = world.supplier(), world.supplier(name="Another NV")
    world.debtor(supplier_id=first, identifiers=(("KBO", OURS),))
    world.debtor(supplier_id=first, identifiers=(("VAT", "BE" + OTHER),))
    world.debtor(supplier_id=second, identifiers=(("KBO", "0200065765"),))
    path = full(tmp_path / "f.zip", line(OURS, "050"), line(OTHER, "000"))

    taken = take_kbo(world.runtime, [first, second], path)
    again = take_kbo(world.runtime, [first, second], path)

    assert [(one.debtors, one.found, one.news, one.stands) for one in taken.values()] == [
        (2, 2, 1, 1), (1, 0, 0, 0),
    ]  # fmt: skip
    assert [one.news for one in again.values()] == [0, 0]
    with world.runtime.reading(Scope(first)) as session:
        assert [one.name for one in sources(session, first)] == ["kbo"]


def test_the_command_says_what_became_of_each_file(world, tmp_path, capsys):
    world.debtor(supplier_id=world.supplier(name="Rochat SA"), identifiers=(("KBO", OURS),))
    path, broken = full(tmp_path / "f.zip", line(OURS, "050")), tmp_path / "b.zip"
    broken.write_bytes(b"PK")

    def take(*paths: Path, supplier: str | None = None) -> int:
        options = argparse.Namespace(paths=list(paths), supplier=supplier, json=False)
        return register_command.take(world.runtime, options)

    assert (take(path, broken), take(path, supplier="Nobody"), take(tmp_path / "none")) == (1, 2, 2)

    said = capsys.readouterr()
    assert "Rochat SA: 1 of 1 debtors in it, 1 changes, 1 stand" in said.out
    assert "cannot be read" in said.out
    assert "no such supplier" in said.err
    assert "no such file" in said.err

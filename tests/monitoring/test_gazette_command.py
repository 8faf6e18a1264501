"""`quittance import gazette`: what the gazettes wrote as files, taken or refused with a reason."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from pathlib import Path
from typing import Final

import pytest

from monitoring.sources.gazette_command import take
from tests.support.publications import Reader

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "solvency"

PCL = """<?xml version="1.0" encoding="UTF-8"?>
<PCL_REDIFF><parution>20260201</parution><dateParution>2026-10-20</dateParution>
<annonces><annonce><typeAnnonce><creation/></typeAnnonce><numeroAnnonce>12</numeroAnnonce>
<personnes><personne><personneMorale><denomination>Ateliers</denomination>
<numeroImmatriculation><numeroIdentificationRCS>552 100 554</numeroIdentificationRCS>
</numeroImmatriculation></personneMorale></personne></personnes>
<jugement><nature>Jugement d'ouverture d'une procédure de sauvegarde</nature></jugement>
</annonce></annonces></PCL_REDIFF>"""


def asked(*paths: Path, **given: object) -> Namespace:
    return Namespace(**{"paths": list(paths), "supplier": None, "json": True, **given})


def test_a_file_is_taken_for_everybody_and_another_is_refused(runtime, tmp_path, capsys):
    reader = Reader(runtime)
    debtor_id = reader.debtor(("SIREN", "552100554"))
    good, bad = tmp_path / "PCL.xml", tmp_path / "other.xml"
    good.write_text(PCL, encoding="utf-8")
    bad.write_text("<invoice/>", encoding="utf-8")

    code = take(runtime, asked(good, bad, good))

    first, refused, again = map(json.loads, capsys.readouterr().out.splitlines())
    assert (code, first["stands"], again["known"]) == (1, 1, 1)
    assert (refused["accepted"], refused["reason"]) == (False, "no file of the gazette: <invoice>")
    assert list(reader.told(debtor_id)) == [("recorded", "safeguard")]
    assert take(runtime, asked(tmp_path / "none.xml")) == 2
    assert take(runtime, asked(good, supplier="Nobody")) == 2


@pytest.mark.skipif(not _DATA.exists(), reason=f"nothing at {_DATA} (QUITTANCE_CONFORMANCE_DATA)")
def test_every_file_of_a_gazette_is_read_and_every_other_is_refused_with_a_reason(runtime, capsys):
    Reader(runtime)
    files = sorted(one for one in _DATA.rglob("*") if one.is_file())

    take(runtime, asked(*files))

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    ours = {str(one) for folder in ("bodacc", "shab") for one in (_DATA / folder).glob("*.xml")}
    assert {one["path"] for one in told if one["accepted"]} == ours
    assert all(one["reason"] for one in told if not one["accepted"])
    assert len(told) == len(files)

"""Names and duplicates against labelled files that nobody here wrote.

They are read from where QUITTANCE_CONFORMANCE_DATA says (default: shared/data beside the project).
What is asked of each is what the field's own tools reach on it, and more.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from monitoring.portfolio.customers import read_customers
from monitoring.portfolio.duplicates import find_duplicates
from monitoring.portfolio.judging import FOUND_FROM, Kind
from monitoring.portfolio.linking import judge_pairs
from monitoring.portfolio.name_pairs import NamePair

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "company_names"

_REGISTER: Final = _DATA / "fr_bodacc_rcs_companies_2020.csv.gz"

pytestmark = pytest.mark.skipif(
    not _DATA.exists(), reason=f"no labelled names at {_DATA} (QUITTANCE_CONFORMANCE_DATA)"
)


def rows(file: str) -> list[dict[str, str]]:
    with (_DATA / file).open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source, skipinitialspace=True))


def f1(right: int, found: int, truth: int) -> float:
    return 2 * right / (found + truth)


def test_names_of_organisations_are_told_apart_and_together() -> None:
    labelled = [
        (row["name1"], row["name2"], row["is_match"] == "True")
        for row in rows("opensanctions_name_pairs.csv")
        if row["schema"] in ("Company", "Organization", "LegalEntity")
    ]
    labelled += [
        (row["gt_name"], row["name"], row["correct"] == "True")
        for row in rows("emm_kvk_namepairs.csv")
    ]

    judged = judge_pairs(
        [NamePair(at, left, right).as_customers() for at, (left, right, _) in enumerate(labelled)]
    )

    found = [match.score >= FOUND_FROM for match in judged]
    truth = [same for _left, _right, same in labelled]
    hits = sum(one and other for one, other in zip(found, truth, strict=True))
    assert f1(hits, sum(found), sum(truth)) >= 0.87
    assert all(match.kind is not Kind.DUPLICATE for match in judged), "a name alone proves nothing"


@pytest.mark.parametrize(
    ("file", "entity", "least"),
    [
        ("fake_1000.csv", lambda row: row["cluster"], 0.90),
        ("febrl3_dataset3.csv", lambda row: row["rec_id"].split("-")[1], 0.997),
    ],
    ids=["fake_1000", "febrl3"],
)
def test_people_written_several_times_are_found(file: str, entity, least: float) -> None:  # type: ignore[no-untyped-def]
    key = "unique_id" if file.startswith("fake") else "rec_id"
    entities = {row[key]: entity(row) for row in rows(file)}
    truth = sum(count * (count - 1) // 2 for count in Counter(entities.values()).values())

    customers = read_customers((_DATA / file).read_bytes()).customers
    pairs = list(find_duplicates(customers).of_kind(Kind.DUPLICATE))

    assert len(customers) == len(entities), "no row is left out"
    hits = sum(entities[pair.left.key] == entities[pair.right.key] for pair in pairs)
    assert f1(hits, len(pairs), truth) >= least


def test_a_register_is_read_and_no_two_of_its_companies_are_one() -> None:
    file = read_customers(_REGISTER.read_bytes())
    pairs = list(find_duplicates(file.customers).of_kind(Kind.DUPLICATE))

    assert len(file.customers) == 11_244
    assert pairs
    assert all(pair.left.register_number == pair.right.register_number for pair in pairs)


def test_a_register_without_its_numbers_still_shows_who_is_in_it_twice() -> None:
    customers = read_customers(_REGISTER.read_bytes()).customers
    company = {one.key: one.register_number for one in customers}
    truth = sum(count * (count - 1) // 2 for count in Counter(company.values()).values())

    bare = [replace(one, register_number="") for one in customers]
    pairs = list(find_duplicates(bare).of_kind(Kind.DUPLICATE))

    hits = sum(company[pair.left.key] == company[pair.right.key] for pair in pairs)
    assert hits / len(pairs) >= 0.95
    assert f1(hits, len(pairs), truth) >= 0.88

"""Two files matched, and names compared where there is nothing else."""

from __future__ import annotations

import argparse
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from monitoring.portfolio import command
from monitoring.portfolio.customers import Customer, read_customers
from monitoring.portfolio.judging import Kind
from monitoring.portfolio.linking import MOST_MATCHES, judge_pairs, link, named
from tests.support.portfolios import make_portfolio


def names(*given: str) -> list[Customer]:
    return [named(at, name) for at, name in enumerate(given)]


def test_a_row_finds_itself_in_another_file() -> None:
    portfolio = make_portfolio(5, 600)
    customers = read_customers(portfolio.as_csv()).customers
    company = dict(zip((row.key for row in customers), portfolio.truth, strict=True))
    left, right = customers[:300], customers[300:]

    pairs = [
        (row.left.key, match.right.key)
        for row in link(left, right)
        for match in row.matches
        if match.kind is Kind.DUPLICATE
    ]

    truth = sum(company[one.key] == company[other.key] for one in left for other in right)
    hits = sum(company[one] == company[other] for one, other in pairs)
    assert 2 * hits / (len(pairs) + truth) >= 0.9


def test_where_there_are_names_alone_a_person_decides() -> None:
    (siemens, bolt) = link(names("Siemens AG", "Bolt"), names("Siemens Aktiengesellschaft", "Acme"))

    assert [(match.right.name, match.kind) for match in siemens.matches] == [
        ("Siemens Aktiengesellschaft", Kind.REVIEW)
    ]
    assert siemens.matches[0].score > 0.9
    assert bolt.matches == ()


def test_the_likeliest_comes_first_and_not_all_are_told() -> None:
    (row,) = link(names("Acme Corvus"), names(*["Acme Corvuss"] * 20, "Acme Corvus"))

    assert len(row.matches) == MOST_MATCHES
    assert row.matches[0].right.name == "Acme Corvus"


def test_pairs_are_judged_whichever_name_comes_first() -> None:
    given = [("Wallmart Inc.", "Walmart Inc."), ("Acme AG", "Acme Holding AG"), ("BP", "BD")]

    there = judge_pairs([tuple(names(*pair)) for pair in given])  # type: ignore[misc]
    back = judge_pairs([tuple(names(*reversed(pair))) for pair in given])  # type: ignore[misc]

    assert [one.kind for one in there] == [Kind.REVIEW, Kind.GROUP, Kind.NONE]
    assert [(one.score, one.kind) for one in there] == [(one.score, one.kind) for one in back]


def test_an_empty_side_matches_nothing() -> None:
    assert [row.matches for row in link(names("Acme"), [])] == [()]
    assert link([], names("Acme")) == []


# The command


def run(*arguments: str) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers(dest="command"))
    out, err = StringIO(), StringIO()
    code = command.run(parser.parse_args(["portfolio", *arguments]), out=out, err=err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_bytes(make_portfolio(3, 120).as_csv())
    return path


def test_duplicates_are_told_as_one_object(portfolio: Path) -> None:
    code, out, err = run("duplicates", str(portfolio), "--json")

    told: dict[str, Any] = json.loads(out)
    assert (code, err, told["customers"]) == (0, "", 120)
    cluster = told["clusters"][0]
    assert cluster["survivor"] in cluster["members"]
    pairs = {frozenset((pair["left"], pair["right"])): pair for pair in told["pairs"]}
    assert pairs[frozenset(cluster["members"][:2])]["kind"] == "duplicate"
    assert all(pair["reason"] for pair in told["pairs"])


def test_duplicates_are_told_in_words(portfolio: Path) -> None:
    code, out, _err = run("duplicates", str(portfolio))

    assert code == 0
    assert "* the row that should stay" in out


def test_files_are_matched_and_what_is_left_over_is_named(portfolio: Path, tmp_path: Path) -> None:
    other = tmp_path / "names.csv"
    first = read_customers(portfolio.read_bytes()).customers[0]
    other.write_text(f"company\n{first.name}\nNobody Whatsoever AG\n", encoding="utf-8")

    code, out, _err = run("match", str(other), str(portfolio), "--json")

    told = json.loads(out)
    assert (code, told["left_rows"], told["right_rows"]) == (0, 2, 120)
    assert told["pairs"][0]["right"] == first.key
    assert told["pairs"][0]["kind"] == "review"
    assert told["unmatched"] == [3]


def test_pairs_of_a_file_are_judged_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("left,right\nAcme SA,ACME S.A.\nBolt SA,Corvus SA\n", encoding="utf-8")

    told = json.loads(run("match", str(path), "--json")[1])

    assert [(pair["line"], pair["match"]) for pair in told["pairs"]] == [(2, True), (3, False)]


def test_a_refused_file_ends_with_1_and_a_missing_one_with_2(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7")

    code, out, _err = run("duplicates", str(path), "--json")
    assert (code, json.loads(out)["refused"]) == (1, str(path))
    assert run("duplicates", str(path))[0] == 1
    assert run("match", str(path), str(tmp_path / "none.csv"))[0] == 1
    assert run("duplicates", str(tmp_path / "none.csv"))[0] == 2

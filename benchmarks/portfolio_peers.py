"""What others make of the same customers: `python -m benchmarks.portfolio_peers METHOD FILE OUT`.

METHOD is one of

    splink   splink 5 on DuckDB, as its documentation advises: comparisons by field with term
             frequencies, several blocking rules, u by random sampling, m by expectation
             maximisation
    fields   rapidfuzz on several fields, within blocks
    name     rapidfuzz on the name alone, within blocks of its first letters
    exact    the same name once capitals, accents and legal form are gone

OUT gets a line for each pair: two numbers and a score from 0 to 1. Nothing of ours is used.
"""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

Row = dict[str, str]
Scored = Iterator[tuple[str, str, float]]

_FORMS: Final = re.compile(
    r"\b(ag|gmbh|sarl|sa|sas|eurl|sci|srl|bv|bvba|nv|kg|ek|co|aktiengesellschaft"
    r"|gesellschaft mit beschrankter haftung|societe par actions simplifiee"
    r"|societe civile immobiliere|kommanditgesellschaft)\b"
)
_LARGEST_BLOCK: Final = 200


def main(arguments: list[str]) -> int:
    method, source, target = arguments
    with Path(source).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["plain"] = _plain(row["name"])
        row["digits"] = re.sub(r"\D", "", row["phone"])[-9:].lstrip("0")
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(METHODS[method](rows))
    return 0


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace(".", ""))
    words = re.sub(r"[^a-z0-9]+", " ", "".join(c for c in text if not unicodedata.combining(c)))
    return " ".join(_FORMS.sub(" ", words).split())


def _pairs(rows: list[Row], keys: list[Callable[[Row], str]]) -> Iterator[tuple[Row, Row]]:
    seen: set[tuple[str, str]] = set()
    for key in keys:
        blocks: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if value := key(row):
                blocks[value].append(row)
        for block in blocks.values():
            if len(block) > _LARGEST_BLOCK:
                continue
            for one, other in combinations(block, 2):
                pair = (one["number"], other["number"])
                if pair not in seen:
                    seen.add(pair)
                    yield one, other


def _exact(rows: list[Row]) -> Scored:
    for one, other in _pairs(rows, [lambda row: row["plain"]]):
        yield one["number"], other["number"], 1.0


def _name(rows: list[Row]) -> Scored:
    from rapidfuzz.fuzz import token_sort_ratio

    for one, other in _pairs(rows, [lambda row: row["plain"][:4], lambda row: row["plain"][-5:]]):
        score = token_sort_ratio(one["plain"], other["plain"]) / 100
        if score > 0.6:
            yield one["number"], other["number"], score


def _fields(rows: list[Row]) -> Scored:
    from rapidfuzz.fuzz import ratio, token_sort_ratio

    keys: list[Callable[[Row], str]] = [
        lambda row: row["register_number"],
        lambda row: row["vat"],
        lambda row: row["email"],
        lambda row: row["digits"],
        lambda row: row["plain"],
        lambda row: row["postcode"] and row["postcode"] + row["plain"][:2],
        lambda row: row["city"] and row["city"] + row["plain"][:4],
        lambda row: row["plain"][:6],
    ]
    for one, other in _pairs(rows, keys):
        if any(one[key] and one[key] == other[key] for key in ("register_number", "vat")):
            yield one["number"], other["number"], 1.0
            continue
        if any(one[key] and other[key] and one[key] != other[key] for key in ("vat",)):
            continue
        parts = [(3.0, token_sort_ratio(one["plain"], other["plain"]) / 100)]
        for weight, key in ((2.0, "street"), (1.0, "postcode"), (1.0, "city"), (1.0, "email"),
                            (1.0, "digits")):  # fmt: skip
            if one[key] and other[key]:
                parts.append((weight, ratio(one[key].lower(), other[key].lower()) / 100))
        score = sum(weight * part for weight, part in parts) / sum(weight for weight, _ in parts)
        if score > 0.6:
            yield one["number"], other["number"], score


def _splink(rows: list[Row]) -> Scored:
    import splink.comparison_library as compared
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    exactly = ("vat", "register_number", "digits")
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="number",
        comparisons=[
            compared.JaroWinklerAtThresholds("plain", [0.95, 0.88, 0.7]).configure(
                term_frequency_adjustments=True
            ),
            compared.JaroWinklerAtThresholds("street", [0.95, 0.85]),
            compared.LevenshteinAtThresholds("postcode", 1),
            compared.JaroWinklerAtThresholds("city", [0.9]).configure(
                term_frequency_adjustments=True
            ),
            compared.EmailComparison("email"),
            *(compared.ExactMatch(column) for column in exactly),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("plain"), block_on("email"), *(block_on(column) for column in exactly),
            block_on("postcode", "substr(plain, 1, 3)"), block_on("city", "substr(plain, 1, 4)"),
        ],
        retain_matching_columns=False,
    )  # fmt: skip
    columns = ("number", "plain", "street", "postcode", "city", "email", *exactly)
    with TemporaryDirectory() as folder:
        table = Path(folder) / "table.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        database = DuckDBAPI()
        frame = database.register(database._con.read_csv(str(table), all_varchar=True))
        linker = Linker(frame, settings, log_level="ERROR")
        sure = [block_on("vat"), block_on("register_number")]
        training = linker.training
        training.estimate_probability_two_random_records_match(sure, recall=0.5)
        training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        training.estimate_parameters_using_expectation_maximisation(block_on("plain"))
        training.estimate_parameters_using_expectation_maximisation(block_on("postcode", "street"))
        found = linker.inference.predict(threshold_match_probability=0.2).as_dict()
    for one, other, score in zip(
        found["number_l"], found["number_r"], found["match_probability"], strict=True
    ):
        yield str(one), str(other), float(score)


METHODS: Final[dict[str, Callable[[list[Row]], Scored]]] = {
    "splink": _splink, "fields": _fields, "name": _name, "exact": _exact,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

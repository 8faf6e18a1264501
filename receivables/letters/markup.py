"""The words of a letter as a template writes them, read into blocks for the typesetter."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

#: What XML cannot hold, what steers the direction of writing from inside a name, and private use.
_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\uffff\U000e0000-\U0010ffff]"
)
#: A word that may be wider than its column: it is broken behind a sign, as addresses are, and
#: where there is none anywhere, rather than run off the paper.
_LONG_WORD = re.compile(r"\S{25,}")
_SIGN_WITHIN = re.compile(r"(?<=[-@./_+:])(?=\w)")
_BLANKS = re.compile("[ \t\r\n]+")
_ZERO_WIDTH_SPACE = "\u200b"

_TEXT_BLOCKS = frozenset({"h1", "h2", "p"})
_LISTS = frozenset({"ol", "ul"})

#: A run is its text and how it is set; a run of None is the end of a line.
Run = tuple[str, str] | None
Block = dict[str, Any]


def read(markup: str) -> list[Block]:
    """The blocks of `<letter>...</letter>`; the first is its `<h1>`, the subject.

    Elements: h1, h2, p (class `lead` or `small`), dl with dt and dd, ol and ul with li, table with
    thead, tbody and tfoot, hr; in them strong, small and br. A column whose th has the class
    `amount` is set flush right, one with `wide` gets twice the room. Rows of a tfoot are totals and
    bold, but for those with the class `plain`.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    root = etree.fromstring(_NOT_TEXT.sub("", markup).encode(), parser)
    assert root.tag == "letter", root.tag
    blocks = [_block(element) for element in root]
    assert blocks and blocks[0]["kind"] == "h1", "a letter begins with its subject"
    return blocks


def subject_of(blocks: list[Block]) -> str:
    """The subject as plain text."""
    return plain(blocks[0]["runs"])


def plain(runs: list[Run]) -> str:
    words = " ".join(run[0] if run else " " for run in runs).split()
    return " ".join(words).replace(_ZERO_WIDTH_SPACE, "")


def breakable(text: str) -> str:
    """`text` with places to break in words that are too long for a line."""
    return _LONG_WORD.sub(_broken, text)


def _broken(word: re.Match[str]) -> str:
    parts = _SIGN_WITHIN.sub(_ZERO_WIDTH_SPACE, word.group()).split(_ZERO_WIDTH_SPACE)
    return _ZERO_WIDTH_SPACE.join(
        _ZERO_WIDTH_SPACE.join(part) if _LONG_WORD.fullmatch(part) else part for part in parts
    )


def cleaned(text: str) -> str:
    """`text` without what is no text."""
    return _NOT_TEXT.sub("", text)


def _block(element: etree._Element) -> Block:
    kind = str(element.tag)
    if kind in _TEXT_BLOCKS:
        runs = _runs(element)
        if kind != "p" and not plain(runs):
            # A heading made of a name of blanks alone; an empty one is no heading (ISO 14289-1).
            runs = [("–", "")]
        return {"kind": kind, "style": element.get("class", ""), "runs": runs}
    if kind == "dl":
        terms = [_runs(child) for child in element.iter("dt")]
        texts = [_runs(child) for child in element.iter("dd")]
        return {"kind": kind, "pairs": list(zip(terms, texts, strict=True))}
    if kind in _LISTS:
        return {"kind": kind, "items": [_runs(child) for child in element.iter("li")]}
    if kind == "table":
        return _table(element)
    assert kind == "hr", kind
    return {"kind": kind}


def _table(element: etree._Element) -> Block:
    head, body, foot = (
        [[_runs(cell) for cell in row] for row in element.iterfind(f"{part}/tr")]
        for part in ("thead", "tbody", "tfoot")
    )
    assert len(head) == 1, "a table has one row of headings"
    columns = [cell.get("class", "") for cell in element.iterfind("thead/tr/th")]
    assert all(len(row) == len(columns) for row in (*head, *body, *foot)), "rows are of one length"
    plain_rows = [row.get("class") == "plain" for row in element.iterfind("tfoot/tr")]
    return {
        "kind": "table",
        "columns": columns,
        "head": head[0],
        "body": body,
        "foot": [
            {"plain": plain, "cells": cells} for plain, cells in zip(plain_rows, foot, strict=True)
        ],
    }


def _runs(element: etree._Element) -> list[Run]:
    return _trimmed(_collected(element, ""))


def _collected(element: etree._Element, style: str) -> list[Run]:
    runs: list[Run] = []
    _add(runs, element.text, style)
    for child in element:
        if child.tag == "br":
            runs.append(None)
        else:
            assert child.tag in ("strong", "small"), child.tag
            runs.extend(_collected(child, str(child.tag)))
        _add(runs, child.tail, style)
    return runs


def _add(runs: list[Run], text: str | None, style: str) -> None:
    squeezed = _BLANKS.sub(" ", text or "")
    if squeezed:
        runs.append((breakable(squeezed), style))


def _trimmed(runs: list[Run]) -> list[Run]:
    """Without the blanks that a template's own lines leave at both ends of a line."""
    kept: list[Run] = []
    for run in runs:
        begins = not kept or kept[-1] is None
        if run is None:
            kept = _without_last_blank(kept)
        elif begins:
            run = (run[0].lstrip(" "), run[1])
        if run is None or run[0]:
            kept.append(run)
    return _without_last_blank(kept)


def _without_last_blank(runs: list[Run]) -> list[Run]:
    if runs and (last := runs[-1]) is not None:
        text = last[0].rstrip(" ")
        return [*runs[:-1], (text, last[1])] if text else runs[:-1]
    return runs

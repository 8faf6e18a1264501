"""What two customers are to each other, given how far they agree: duplicate, group, or for a
person to look at. Rules that no score overrules:

- two valid register numbers that differ are never a duplicate;
- names that differ by "Holding", a country, a town or a number are a group, not a duplicate;
- a name alone proves nothing: it goes to a person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitoring.portfolio.comparing import Compared
from monitoring.portfolio.evidence import EVIDENCE, SAME_NAME
from monitoring.portfolio.names import Likeness
from monitoring.portfolio.weighing import Floats, Weights, probability
from receivables.i18n import translate as _

#: From this score on, two rows are more likely one customer than two.
FOUND_FROM: Final = 0.5
#: From this score on, a person is asked.
LOOKED_AT_FROM: Final = 0.2
#: No more is said of what a person has to decide.
UNDECIDED: Final = 0.49
#: Half of the names that share so much are one, and how fast that changes. Source: a logistic
#: regression on one half of the labelled pairs of nomenklatura (OpenSanctions) and emm (ING), which
#: holds on the other half.
_NAME_MIDDLE, _NAME_SLOPE = 0.6, 8.0
#: Of the pairs that look like sisters, so many are one customer after all. Our estimate.
_SISTERS_ARE_ONE: Final = 0.1


class Kind(StrEnum):
    """What two rows are to each other."""

    DUPLICATE = "duplicate"
    GROUP = "group"
    REVIEW = "review"
    NONE = "none"


#: In the order of the codes that `judge` gives.
KINDS: Final = (Kind.NONE, Kind.DUPLICATE, Kind.GROUP, Kind.REVIEW)

Judged = tuple[Floats, NDArray[np.int8]]


def judge(compared: Compared, weights: Weights) -> Judged:
    """Score and kind (its place in KINDS) of each pair. The score is the probability, as the file
    shows it, that the two are one customer; FOUND_FROM and more for duplicates alone.
    """
    score = probability(weights.total(compared))
    level, likeness, conflict = compared.levels, compared.likeness, compared.conflict
    same_number = level["number"] == 3
    beside = _linked(compared)
    linked = beside | (level["number"] >= 2)
    sisters = (likeness == Likeness.RELATED) & ~same_number
    alike = likeness >= Likeness.RELATED
    mistyped = conflict & _contradicted(compared)
    is_group = linked & ((sisters & (compared.share >= 0.4)) | (conflict & alike & ~mistyped))
    proven = linked | ((level["address"] == 3) & (score >= 0.9))
    agree = (likeness > Likeness.NONE) | beside | (level["name"] == 0)
    is_duplicate = ~conflict & ~sisters & (
        (same_number & agree) | (~same_number & proven & (score >= FOUND_FROM))
    )  # fmt: skip
    # None but the two has the name, and nothing says that it is another place.
    namesakes = (level["name"] == SAME_NAME + 2) & ~np.isin(level["address"], (1, 2))
    to_look_at = (
        mistyped | same_number | (~conflict & ~sisters & (namesakes | (score >= LOOKED_AT_FROM)))
    )
    kind = np.select([is_duplicate, is_group, to_look_at], [1, 2, 3], 0).astype(np.int8)
    score = np.where(same_number & is_duplicate, np.maximum(score, 0.98), score)
    score = np.where(conflict | sisters, np.minimum(score, _SISTERS_ARE_ONE), score)
    return np.where(is_duplicate, score, np.minimum(score, UNDECIDED)), kind


def judge_names(share: NDArray[np.float32], likeness: NDArray[np.int8]) -> Judged:
    """Score and kind where there are names alone: how likely the two names are meant as one, which
    a person decides. Sisters of a group score below FOUND_FROM.
    """
    score = 1 / (1 + np.exp(-_NAME_SLOPE * (share.astype(np.float64) - _NAME_MIDDLE)))
    sisters = likeness == Likeness.RELATED
    score = np.where(sisters, np.minimum(score, UNDECIDED), score)
    kind = np.select([sisters & (share >= 0.4), score >= FOUND_FROM], [2, 3], 0)
    return score, kind.astype(np.int8)


def _linked(compared: Compared) -> NDArray[np.bool_]:
    """Whether something beside name, town and number says that the two belong together."""
    level = compared.levels
    return np.asarray(
        (level["address"] >= 4)
        | (level["mail"] >= 2)
        | (level["phone"] >= 2)
        | (level["iban"] == 2)
        | (level["born"] >= 3)
        | (level["personal_number"] >= 2)
    )


def _contradicted(compared: Compared) -> NDArray[np.bool_]:
    """Whether all else says that different numbers are one, mistyped: same name, place and phone
    or mail.
    """
    level = compared.levels
    return np.asarray(
        (compared.likeness >= Likeness.TYPO)
        & (level["address"] >= 7)
        & ((level["phone"] >= 2) | (level["mail"] >= 3))
    )


def reason(compared: Compared, at: int, kind: Kind) -> str:
    """Why, in words: what was seen of each field, what speaks for one customer first."""
    if compared.conflict[at] and kind is Kind.REVIEW:
        opening = _("Everything but the register number agrees")
    elif kind is Kind.GROUP:
        opening = _("Belong together, but are two companies")
    elif kind is Kind.REVIEW and not _linked(compared)[at] and compared.levels["number"][at] < 2:
        opening = _("Little but the name agrees")
    else:
        opening = ""
    seen = [
        _(one.levels[level - 1])
        for one in EVIDENCE
        if (level := int(compared.counted[one.name][at])) > 0
    ]
    return "; ".join(filter(None, [opening, *seen]))

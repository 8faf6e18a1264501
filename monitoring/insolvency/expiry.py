"""Until when what was published may be kept: no longer than the register keeps it public.

The court (CJEU, 7 December 2023, C-26/22 and C-64/22, SCHUFA) bars others from keeping data about
a person's insolvency longer than the public register does. Where a publication says itself until
when it is public, that holds. Otherwise it is kept while its procedure may last, and, once that
has ended, for as long as its country leaves the entry public afterwards.

After the end, for natural persons:

- DE six months (InsBekV § 3: deleted six months after the proceedings are ended);
- AT one year (IO § 256: no inspection once a year has passed since the end);
- GB three months (Insolvency (England and Wales) Rules 2016, part 11: deleted from
  the individual insolvency register three months after discharge);
- CH five years (SchKG/LP art. 8a (4): third parties' right to see the register ends five years
  after the proceedings);
- elsewhere the shortest of these among the European Union's own: six months.

A company is no natural person (GDPR, recital 14). Its publications are deleted all the same, ten
years after the day, when the books that they explain may go too (Swiss CO art. 958f, French Code
de commerce art. L.123-22: ten years).
"""

from __future__ import annotations

from datetime import date, timedelta

#: How long proceedings about a person may last before we let go of an opening without an end.
LONGEST_PROCEDURE = timedelta(days=5 * 366)
OF_COMPANIES = timedelta(days=10 * 365 + 2)

_AFTER_THE_END = {
    "DE": timedelta(days=182),
    "AT": timedelta(days=365),
    "GB": timedelta(days=91),
    "CH": timedelta(days=5 * 365 + 1),
}
_ELSEWHERE = timedelta(days=182)


def expires_on(*, is_person: bool, published_on: date, public_until: date | None) -> date:
    """The day on which a publication is deleted unless its procedure ends before."""
    kept = LONGEST_PROCEDURE if is_person else OF_COMPANIES
    return min(public_until or date.max, published_on + kept)


def after_the_end(*, country: str, is_person: bool, ended_on: date) -> date:
    """The day on which everything of a procedure that has ended is deleted at the latest."""
    if not is_person:
        return ended_on + OF_COMPANIES
    return ended_on + _AFTER_THE_END.get(country, _ELSEWHERE)

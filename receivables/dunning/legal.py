"""What a firm reminder and a formal notice say of the law: late interest, the notice itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from receivables.dunning.lateness import claim_of
from receivables.dunning.messages import LateLine, Lateness
from receivables.dunning.rules import Line
from receivables.i18n import later, locale_for, reading_as, translate
from receivables.ids import SupplierId
from receivables.interest.queries import ClaimState, rate_book
from receivables.money import Money

#: How long a formal notice leaves to pay. Source: the default scenario, "deadline 8 days".
DEADLINE = timedelta(days=8)

#: What puts a debtor in default by a notice, as far as we are sure of the provision; elsewhere
#: the notice names none. Sources: Code civil art. 1344 (FR); CO art. 102 (CH); BGB 286 par. 1 (DE);
#: ABGB 1334 (AT); BW 6:82 (NL); Codice civile art. 1219 (IT).
_LAWS = {
    "FR": later("article 1344 of the French Civil Code"),
    "CH": later("article 102 of the Swiss Code of Obligations"),
    "DE": later("section 286 of the German Civil Code (BGB)"),
    "AT": later("section 1334 of the Austrian Civil Code (ABGB)"),
    "NL": later("article 6:82 of the Dutch Civil Code"),
    "IT": later("article 1219 of the Italian Civil Code"),
}

#: Nobody brings up what was waived, what nobody has decided, or what could not be reckoned.
_SAID = (ClaimState.COULD_APPLY, ClaimState.CLAIMED)


def law_named(country: str, language: str) -> str:
    """The provision that a notice rests on, in the reader's words; "" where we name none."""
    if country not in _LAWS:
        return ""
    with reading_as(locale_for(language, country)):
        return translate(_LAWS[country])


def lateness_of(
    session: Session, supplier_id: SupplierId, lines: Sequence[Line], today: date
) -> Lateness | None:
    """What the lateness of these invoices has come to and is not claimed by a note yet.

    None where the supplier does not bring it up, or there is none.
    """
    book = rate_book(session, supplier_id)
    found: list[LateLine] = []
    totals: dict[str, int] = {}
    is_claimed = False
    for line in lines:
        claim = claim_of(session, supplier_id, line.item.invoice_id, today, book=book)
        reckoning = claim.reckoning
        if claim.state not in _SAID or reckoning is None or not reckoning.totals:
            continue
        is_claimed = is_claimed or claim.state is ClaimState.CLAIMED
        for total in reckoning.totals:
            totals[total.currency] = totals.get(total.currency, 0) + total.minor
        found.append(
            LateLine(
                number=line.item.number,
                interest=reckoning.run_up,
                compensation=reckoning.compensation,
            )
        )
    if not found:
        return None
    return Lateness(
        is_claimed=is_claimed,
        on=today,
        lines=tuple(found),
        totals=tuple(Money(minor, currency) for currency, minor in sorted(totals.items())),
    )

"""What a debtor agrees to when they sign a plan, in words; recorded as they were read.

The four things Stripe asks for before a card is charged later stand in the second and third
sentence: that payments are made on the debtor's behalf, when and how often, how their amount is
determined, and how to end it. Source: docs.stripe.com/payments/save-and-reuse, "Compliance".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from receivables.i18n import day, money, percent
from receivables.i18n import translate as _
from receivables.money import Money
from receivables.plans.costs import Costs
from receivables.plans.rules import LEAST_SEPA_NOTICE

#: Of the wording; a changed sentence is another version.
VERSION = "2026-11-22"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the words are about."""

    supplier_name: str
    supplier_email: str
    #: The debt, without what the plan costs.
    total: Money
    count: int
    first: Money
    last_on: date
    cure_days: int
    #: How many days before a bank account is debited the debtor is told.
    sepa_notice_days: int
    costs: Costs | None = None

    @property
    def debits_have_their_own_notice(self) -> bool:
        """A bank account can be debited in euros alone; a card is charged two days after notice."""
        return self.total.currency == "EUR" and self.sepa_notice_days != LEAST_SEPA_NOTICE


def plain_words(terms: Terms) -> tuple[str, ...]:
    """The agreement as one would tell it."""
    values = {
        "supplier": terms.supplier_name,
        "total": money(terms.total),
        "count": terms.count,
        "first": money(terms.first),
        "last": day(terms.last_on),
        "days": terms.cure_days,
        "notice": terms.sepa_notice_days,
        "email": terms.supplier_email,
    }
    if terms.costs:
        values |= _cost_values(terms.costs)
    return tuple(
        text % values
        for text in (
            _(
                "I owe %(supplier)s %(total)s for these invoices, and I pay it in %(count)s"
                " instalments on the dates above: %(first)s today, the last on %(last)s."
            ),
            _charges(terms),
            _(
                "I can use another card, pay early or pay everything at any time. To stop the"
                " charges I write to %(email)s; I then pay each instalment myself."
            ),
            _costs(terms),
            _(
                "If I miss an instalment, I am told, and I have %(days)s days from that notice to"
                " pay it. Only if I do not, or if it happens a third time, does the whole"
                " remainder fall due; the invoices then count with their original due dates."
            ),
        )
    )


def _costs(terms: Terms) -> str:
    if terms.costs is None:
        return _("Paying in instalments costs me nothing: no interest and no fee.")
    return _(
        "Paying in instalments costs me %(costs)s, which the last instalment includes: a fee of"
        " %(fee)s, and %(interest)s of interest, at %(rate)s a year on what is still open. If I pay"
        " everything early, or the plan ends early, the interest for the days that remain is"
        " credited to me."
    )


def _cost_values(costs: Costs) -> dict[str, str]:
    return {
        "costs": money(costs.total),
        "fee": money(costs.fee),
        "interest": money(costs.interest),
        "rate": percent(costs.rate),
    }


def _charges(terms: Terms) -> str:
    if terms.debits_have_their_own_notice:
        return _(
            "%(supplier)s may charge each further instalment, on its date and for its amount, to"
            " the card or account with which I pay the first. I am told by email two days before"
            " a card is charged, and %(notice)s days before an account is debited."
        )
    return _(
        "%(supplier)s may charge each further instalment, on its date and for its amount, to the"
        " card or account with which I pay the first. I am told by email two days before each"
        " charge."
    )


def legal_words(terms: Terms) -> tuple[str, ...]:
    """The same as a lawyer wants it."""
    values = {"supplier": terms.supplier_name, "total": money(terms.total)}
    return tuple(
        text % values
        for text in (
            _(
                "The debtor acknowledges the debt of %(total)s towards %(supplier)s under the"
                " invoices listed. While this agreement is kept, the debt is deferred to the due"
                " dates of the instalments; late interest, where the law grants it, accrues only"
                " on overdue instalments. The acknowledgement is no novation: securities and"
                " retention of title stand."
            ),
            _(
                "The debtor authorises %(supplier)s to initiate a series of payments on their"
                " behalf in the amounts and on the dates of the schedule. The authorisation ends"
                " with the last instalment, or when the debtor withdraws it."
            ),
        )
    )


def full_text(terms: Terms) -> str:
    """Everything the debtor agreed to, as it is recorded."""
    return "\n\n".join((*plain_words(terms), *legal_words(terms)))


def hosted_words(terms: Terms) -> str:
    """What the hosted page says about keeping the card; shorter, as it shows less."""
    if terms.debits_have_their_own_notice:
        words = _(
            "I agree that %(supplier)s charges the further instalments of my plan to this card or"
            " account on their dates, until %(last)s. I am told by email two days before a card is"
            " charged, %(notice)s days before an account is debited, and can change or withdraw"
            " this at any time."
        )
    else:
        words = _(
            "I agree that %(supplier)s charges the further instalments of my plan to this card or"
            " account on their dates, until %(last)s. I am told by email two days before each"
            " charge, and can change or withdraw this at any time."
        )
    return words % {
        "supplier": terms.supplier_name,
        "last": day(terms.last_on),
        "notice": terms.sepa_notice_days,
    }


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

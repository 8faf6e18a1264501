"""Why a match is proposed, in words."""

from __future__ import annotations

from receivables.bank.clues import Clue
from receivables.i18n import translate as _


def clue_words(clue: Clue) -> str:
    """One reason, a few words."""
    return {
        Clue.REFERENCE: _("the invoice’s reference"),
        Clue.ACCOUNT_REFERENCE: _("the reference of the debtor’s account"),
        Clue.REFERENCE_MISTYPED: _("a reference that is one sign off"),
        Clue.END_TO_END: _("the payer’s own reference"),
        Clue.NUMBER: _("the invoice number in the text"),
        Clue.NUMBER_MISTYPED: _("an invoice number that is one sign off"),
        Clue.KNOWN_ACCOUNT: _("an account they have paid from"),
        Clue.NAME: _("the name"),
        Clue.AMOUNT: _("the amount"),
        Clue.SUM: _("the sum of several invoices"),
        Clue.PART: _("less than what is open"),
        Clue.SHORT: _("a little less: bank charges"),
        Clue.OVER: _("more than what is open"),
        Clue.PAID_ALREADY: _("but it is paid already"),
        Clue.SOMEBODY_ELSE: _("but the payer is somebody else"),
    }[clue]

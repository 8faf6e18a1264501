"""The accounts of the ledger, as a bookkeeper calls them."""

from __future__ import annotations

from receivables.i18n import translate as _
from receivables.ledger.tables import Account


def account_words(account: str) -> str:
    names = {
        Account.RECEIVABLE: _("Receivable"),
        Account.UNAPPLIED: _("Unapplied cash"),
        Account.SALES: _("Sales"),
        Account.LATE_INTEREST: _("Late payment interest"),
        Account.RECOVERY_COSTS: _("Recovery costs"),
        Account.PLAN_COSTS: _("Costs of instalment plans"),
        Account.STRIPE_CLEARING: _("Stripe clearing"),
        Account.BANK: _("Bank"),
        Account.WRITE_OFF: _("Written off"),
    }
    return names.get(Account(account), account)

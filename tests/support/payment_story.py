"""One debtor, one invoice, one till: where a fault is let loose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from receivables.ids import DebtorId, InvoiceId, PaymentId
from receivables.payments.errors import (
    PaymentInProgress,
)
from receivables.payments.starting import Choice
from receivables.payments.tables import Payment
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payments import (
    Till,
    open_till,
)

CREATE = "/v1/checkout/sessions"
#: Every try of one click meets the same trouble.
ALL_TRIES = 3
ASKS_FOR_3DS = "4000002500003155"


@dataclass
class Story:
    """A debtor with one invoice, and a till."""

    till: Till
    debtor_id: DebtorId
    invoice_id: InvoiceId

    def choice(self, amount: str = "120.00 CHF", attempt: PaymentId | None = None) -> Choice:
        return self.till.choice(self.debtor_id, [(self.invoice_id, amount)], attempt=attempt)

    def begin(self, amount: str = "120.00 CHF") -> PaymentId:
        return self.till.begin(self.choice(amount)).payment_id

    def begin_in_vain(self, choice: Choice | None = None) -> Payment:
        """A click that leads to no page, and the attempt it leaves."""
        choice = choice or self.choice()
        with pytest.raises(PaymentInProgress) as raised:
            self.till.begin(choice)
        return self.till.payment(raised.value.payment_id)

    def pass_time(self, **length: int) -> None:
        self.till.world.clock.advance(timedelta(**length))
        self.till.world.fire_schedules()
        self.till.world.run_jobs()

    def outstanding(self) -> str:
        return str(self.till.world.outstanding(self.invoice_id))

    def is_paid_once(self, payment_id: PaymentId) -> None:
        assert self.till.payment(payment_id).state == "settled"
        assert self.till.booked(payment_id) == [money("120.00 CHF")]
        assert self.outstanding() == "CHF 0.00"
        assert self.till.charged_minor() == 12000


def open_story(runtime: Runtime) -> Story:
    """A debtor who owes 120 francs, at a till over `runtime`."""
    till = open_till(runtime)
    debtor_id = till.world.debtor()
    invoice_id = till.world.invoice("120.00 CHF", debtor_id=debtor_id)
    # The schedule writes itself down the first time.
    till.world.fire_schedules()
    return Story(till, debtor_id, invoice_id)

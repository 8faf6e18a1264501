"""What a form about some of the open invoices is asked for: which of them, in which currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from litestar import Request

from receivables.ids import InvoiceId
from receivables.money import Money
from receivables.promises.errors import NothingChosen
from receivables.web.forms import FormBody, field, fields


class OpenInvoice(Protocol):
    """What there is to choose from."""

    @property
    def invoice_id(self) -> InvoiceId: ...

    @property
    def number(self) -> str: ...

    @property
    def outstanding(self) -> Money: ...


Item = TypeVar("Item", bound=OpenInvoice)


@dataclass(frozen=True, slots=True)
class OfCurrency(Generic[Item]):
    """The invoices of the currency a form is about, and where the other currencies' forms are."""

    currency: str
    items: Sequence[Item]
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """`numbers` is None where the page chooses, as it does without a word from the debtor."""

    currency: str
    numbers: frozenset[str] | None

    def among(self, items: Sequence[Item], path: str) -> OfCurrency[Item]:
        """A link in a mail names invoices alone: their currency comes first then."""
        named = [item for item in items if item.number in (self.numbers or ())]
        currencies = list(dict.fromkeys(one.outstanding.currency for one in (*named, *items)))
        currency = next(iter(currencies), self.currency)
        if self.currency in currencies:
            currency = self.currency
        return OfCurrency(
            currency,
            [item for item in items if item.outstanding.currency == currency],
            tuple(
                (one, f"{path}?{urlencode({'currency': one})}")
                for one in currencies
                if one != currency
            ),
        )

    def chosen(self, items: Iterable[OpenInvoice]) -> list[InvoiceId]:
        """Raises NothingChosen when none of them is named."""
        found = [
            item.invoice_id
            for item in items
            if item.number in (self.numbers or ()) and item.outstanding.currency == self.currency
        ]
        if not found:
            raise NothingChosen("no open invoice")
        return found


def asked_by_link(request: Request[Any, Any, Any]) -> Asked:
    given = request.query_params.getall("invoice", [])
    return Asked(str(request.query_params.get("currency", "")), frozenset(given) if given else None)


def asked_by_form(data: FormBody) -> Asked:
    return Asked(field(data, "currency"), frozenset(fields(data, "invoice")))

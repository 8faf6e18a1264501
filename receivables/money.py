"""Money: whole minor units of one currency, and the only arithmetic done on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Self

from receivables.errors import ReceivablesError

#: Digits after the decimal point, where they are not two. Source: ISO 4217, list one.
_DIGITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

#: Largest amount we keep: what a signed 64-bit column holds, with room for sums.
LARGEST_MINOR = 10**15


class CurrencyMismatch(ReceivablesError):
    """Two currencies met in one sum."""

    def __init__(self, left: str, right: str) -> None:
        self.left, self.right = left, right
        super().__init__(f"{left} and {right} cannot be added or compared")


class NotAnAmount(ReceivablesError):
    """A text that is no amount of its currency."""

    def __init__(self, text: str, currency: str) -> None:
        self.text, self.currency = text, currency
        super().__init__(f"{text!r} is not an amount in {currency}")


def digits_of(currency: str) -> int:
    """Digits after the decimal point of an ISO 4217 currency."""
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` units (cents, Rappen, yen) of `currency` (ISO 4217, upper case)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        assert isinstance(self.minor, int), "money is whole minor units"
        assert len(self.currency) == 3 and self.currency.isupper(), self.currency

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str | Decimal, currency: str) -> Self:
        """An amount from a plain decimal such as ``1234.50`` (a point, no grouping).

        Raises NotAnAmount for anything else, for more digits than the currency has (zeros
        apart), and for amounts beyond LARGEST_MINOR.
        """
        try:
            exact = (text if isinstance(text, Decimal) else Decimal(text.strip())).scaleb(
                digits_of(currency)
            )
        except InvalidOperation:
            raise NotAnAmount(str(text), currency) from None
        if not exact.is_finite() or exact != exact.to_integral_value():
            raise NotAnAmount(str(text), currency)
        if abs(exact) > LARGEST_MINOR:
            raise NotAnAmount(str(text), currency)
        return cls(int(exact), currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """The sum of `amounts`, which must all be in `currency`; zero when there are none."""
        minor = 0
        for amount in amounts:
            if amount.currency != currency:
                raise CurrencyMismatch(currency, amount.currency)
            minor += amount.minor
        return Money(minor, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exactly."""
        return Decimal(self.minor).scaleb(-digits_of(self.currency))

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Share out by `weights` so that nothing is lost; the first parts take the remainder."""
        whole = sum(weights)
        assert whole > 0 and all(weight >= 0 for weight in weights), weights
        sign = -1 if self.minor < 0 else 1
        shares = [abs(self.minor) * weight // whole for weight in weights]
        rest = abs(self.minor) - sum(shares)
        for place, weight in enumerate(weights):
            if rest == 0:
                break
            if weight:
                shares[place] += 1
                rest -= 1
        parts = [Money(sign * share, self.currency) for share in shares]
        assert sum(part.minor for part in parts) == self.minor
        return parts

    def _with(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._with(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._with(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._with(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._with(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._with(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._with(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal:.{digits_of(self.currency)}f}"

"""What Stripe says about amounts: the smallest and largest it takes, and how many decimals.

Source: https://docs.stripe.com/currencies ("Minimum and maximum charge amounts", "Zero-decimal
currencies", "Three-decimal currencies").
"""

from sandbox.stripe.problems import invalid

_MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip

_ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()
)  # ISO 4217 gives UGX and ISK none either; Stripe takes both with two.
_THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())

_MAXIMUM = 99_999_999

#: TWINT takes at most CHF 5000. Source: https://docs.stripe.com/payments/twint
TWINT_MAXIMUM = 500_000
#: A SEPA debit takes at most EUR 10 000. Source: https://docs.stripe.com/payments/sepa-debit
SEPA_MAXIMUM = 1_000_000


def decimals(currency: str) -> int:
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raises ApiProblem when Stripe would not charge this."""
    if len(currency) != 3 or not currency.isalpha():
        raise invalid(f"Invalid currency: {currency}.", "currency")
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", param, "parameter_invalid_integer"
        )
    if amount < _MINIMUM.get(currency, 50):
        raise invalid(
            f"Amount must be no less than {written(_MINIMUM.get(currency, 50), currency)}",
            param,
            "amount_too_small",
        )
    if amount > _MAXIMUM:
        raise invalid("Amount must be no more than 99999999.", param, "amount_too_large")


def written(amount: int, currency: str) -> str:
    """For people: "CHF 1 234.50"."""
    digits = decimals(currency)
    whole, part = divmod(amount, 10**digits)
    tail = f".{part:0{digits}d}" if digits else ""
    return f"{currency.upper()} {whole:,}{tail}".replace(",", "\N{NARROW NO-BREAK SPACE}")

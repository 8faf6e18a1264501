"""Bank accounts: what is typed of one, and what the API shows of it."""

import re

from sandbox.stripe.problems import Json

#: Source: https://docs.stripe.com/testing ("SEPA Direct Debit").
TEST_IBAN = "DE89370400440532013000"

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def read_iban(typed: str) -> str | None:
    """An IBAN as people type it, without its gaps; None when its check digits are wrong.

    Source: ISO 13616, modulo 97.
    """
    iban = re.sub(r"\s", "", typed).upper()
    if not iban.isascii() or not _IBAN.fullmatch(iban):
        return None
    digits = "".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])
    return iban if int(digits) % 97 == 1 else None


def details(kind: str, iban: str) -> Json:
    """What a payment method says of the bank behind it."""
    if kind == "ideal":
        return {"bank": "ing", "bic": "INGBNL2A"}
    if kind != "sepa_debit":
        return {}
    return {
        "bank_code": iban[4:12],
        "branch_code": "",
        "country": iban[:2],
        "fingerprint": f"Fp{iban[-4:]}sandbox",
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }

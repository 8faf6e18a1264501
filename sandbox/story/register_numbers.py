"""Numbers as registers and banks give them, with check digits that hold.

They are taken from ranges that no register has reached, so that nobody real is meant.
"""

from __future__ import annotations


def swiss_uid(serial: int) -> str:
    """`CHE-923.456.788` for an eight-digit serial; the next serial when this one has no digit.

    Source: eCH-0097: weights 5 4 3 2 7 6 5 4, modulo 11; serials that leave 10 are not given out.
    """
    while True:
        digits = f"{serial:08d}"
        weighed = sum(
            weight * int(digit)
            for weight, digit in zip((5, 4, 3, 2, 7, 6, 5, 4), digits, strict=True)
        )
        check = (11 - weighed) % 11
        if check != 10:
            whole = f"{digits}{check}"
            return f"CHE-{whole[:3]}.{whole[3:6]}.{whole[6:]}"
        serial += 1


def belgian_kbo(serial: int) -> str:
    """`0923.456.749`: eight digits, then 97 less the remainder by 97."""
    return _grouped(f"{serial:08d}{97 - serial % 97:02d}", (4, 3, 3), ".")


def french_siren(serial: int) -> str:
    """`992 345 678`: eight digits and one by Luhn's rule."""
    digits = f"{serial:08d}"
    # From the right, the check digit being place 0, every odd place counts twice.
    total = sum(
        sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit)
        for place, digit in enumerate(reversed(digits))
    )
    return _grouped(f"{digits}{-total % 10}", (3, 3, 3), " ")


def vat_number(country: str, registration_number: str) -> str:
    """The VAT number that goes with a company number.

    Source: CH: article 40a of the VAT ordinance; BE: the number itself; FR: the key of two digits
    of the code général des impôts, annexe III, article 43 (12 + 3 × (SIREN mod 97)) mod 97.
    """
    compact = "".join(character for character in registration_number if character.isalnum())
    if country == "CH":
        return f"{registration_number} TVA"
    if country == "BE":
        return f"BE{compact}"
    key = (12 + 3 * (int(compact) % 97)) % 97
    return f"FR{key:02d}{compact}"


def iban(country: str, account: str) -> str:
    """The IBAN of a national account number, with the check digits of ISO 13616."""
    check = 98 - _remainder(f"{account}{country}00")
    return f"{country}{check:02d}{account}"


def belgian_account(bank_and_number: str) -> str:
    """Ten digits, and the two that check them."""
    return f"{bank_and_number}{int(bank_and_number) % 97 or 97:02d}"


def french_account(bank: str, branch: str, number: str) -> str:
    """A RIB with its key: 97 less (89 × bank + 15 × branch + 3 × number) mod 97."""
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(number)) % 97
    return f"{bank}{branch}{number}{key:02d}"


def payment_reference(country: str, serial: int) -> str:
    """What the debtor states: ISO 11649 in Switzerland, the structured communication in Belgium."""
    if country == "CH":
        return f"RF{98 - _remainder(f'{serial:010d}RF00'):02d}{serial:010d}"
    if country == "BE":
        digits = f"{serial:010d}{serial % 97 or 97:02d}"
        return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"
    return f"REF {serial:010d}"


def _remainder(text: str) -> int:
    """By 97, letters counting 10 to 35."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


def _grouped(digits: str, lengths: tuple[int, ...], separator: str) -> str:
    parts, start = [], 0
    for length in lengths:
        parts.append(digits[start : start + length])
        start += length
    return separator.join(parts)

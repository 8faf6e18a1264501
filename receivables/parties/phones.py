"""Telephone numbers: as people type them, in the form a gateway can dial."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import ContactId, SupplierId
from receivables.parties.contacts import hold_contact
from receivables.parties.events import PhoneChanged

#: Where a text message arrives; in some countries the number alone does not say (the second).
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class NotANumber(ReceivablesError):
    """Not a telephone number that can be dialled."""

    def __init__(self, typed: str) -> None:
        self.typed = typed
        super().__init__(f"{typed[:40]!r} is no telephone number")


def read_number(typed: str, country: str) -> str:
    """A number in E.164, from how people of `country` write it or with any country's prefix.

    Source: libphonenumber's numbering plans. Raises NotANumber.
    """
    try:
        number = phonenumbers.parse(typed, country)
    except NumberParseException as error:
        raise NotANumber(typed) from error
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise NotANumber(typed)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_mobile(number: str) -> bool:
    """Whether text messages can be expected to arrive at a number in E.164."""
    return phonenumbers.number_type(phonenumbers.parse(number)) in _MOBILE


def shown(number: str) -> str:
    """A number in E.164 as people read it: `+41 79 555 01 40`."""
    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def set_phone(
    session: Session,
    supplier_id: SupplierId,
    contact_id: ContactId,
    *,
    typed: str,
    country: str,
    clock: Clock,
) -> None:
    """A contact's telephone; an empty text takes it away. Raises NotANumber, and NoSuchProposal
    for no contact of the supplier's.
    """
    row = hold_contact(session, supplier_id, contact_id)
    number = read_number(typed, country) if typed.strip() else None
    if row.phone == number:
        return
    row.phone = number
    changed = PhoneChanged(supplier_id=supplier_id, debtor_id=row.debtor_id, contact_id=contact_id)
    record(session, changed, clock=clock)

"""What happened to the people at a debtor's, as sentences."""

from __future__ import annotations

from typing import Any

from receivables.i18n import translate as _
from receivables.parties import events as parties
from receivables.web.wordings import Wordings, wording


def _proposed(event: Any) -> str:
    match event.what:
        case "person":
            return _("Another person was named for the invoices.")
        case "email":
            return _("A change of a mail address was asked for.")
        case _:
            return _("A change of the postal address was asked for.")


def _refused(event: Any) -> str:
    match event.what:
        case "person":
            return _("The person who was named was not let in.")
        case "email":
            return _("The change of a mail address was refused.")
        case _:
            return _("The change of the postal address was refused.")


#: Every event of contacts.
CONTACTS: Wordings = {
    parties.ContactChanged: wording(
        "person", lambda _event: _("A contact changed their own details.")
    ),
    parties.ChangeProposed: wording("person", _proposed),
    parties.ContactAdded: wording("person", lambda _event: _("A contact was added.")),
    parties.AddressChanged: wording(
        "mail", lambda _event: _("The mail address of a contact was changed.")
    ),
    parties.PostalAddressChanged: wording(
        "home", lambda _event: _("The postal address was changed.")
    ),
    parties.ChangeRefused: wording("close", _refused),
    parties.PhoneChanged: wording(
        "person", lambda _event: _("The telephone number of a contact was changed.")
    ),
    parties.PrimaryChanged: wording(
        "mail", lambda _event: _("Reminders go to another contact from now on.")
    ),
}

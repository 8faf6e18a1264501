"""What is compared between two customers, and how often each level of agreement is to be expected.

Level 0 of each field means that one of the two says nothing. The higher levels are named below,
from what speaks most against one customer to what speaks most for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from receivables.i18n import later as _


@dataclass(frozen=True, slots=True)
class Evidence:
    """A field that is compared. `levels` name what was seen, from the first to the last;
    `expected` is how often each is seen between two rows of one customer, before the file itself
    is heard; `fixed` where the file is not heard, because it cannot know.
    """

    name: str
    levels: tuple[str, ...]
    expected: tuple[float, ...]
    fixed: bool = False
    #: Never far from what is expected: else whatever is frequent in a file, such as sisters at one
    #: address with names of their own, would be taken for one customer.
    steady: bool = False
    #: The field of which this is the part between rows of the same name: namesakes have more in
    #: common than strangers, such as a domain made of the name.
    namesakes_of: str = ""
    #: Agreement of namesakes is worth at least this share of what it is worth of strangers.
    at_least: float = 0.0
    #: A level that is seen where one side says less, and the levels it may be in truth: it counts
    #: as they do together, however rare it is that one side says less.
    covers: tuple[int, tuple[int, ...]] | None = None


_ADDRESS: Final = (
    _("other place"),
    _("same region"),
    _("same town, other street"),
    _("same postcode, other street"),
    _("same street elsewhere"),
    _("same town"),
    _("same street"),
    _("same address, which many have"),
    _("same address"),
)
_ADDRESSES_EXPECTED: Final = (0.06, 0.03, 0.05, 0.03, 0.03, 0.1, 0.1, 0.1, 0.5)
_MAIL: Final = (
    _("other mail"),
    _("same domain"),
    _("mail alike"),
    _("same mail, which several have"),
    _("same mail"),
)
_MAILS_EXPECTED: Final = (0.25, 0.25, 0.05, 0.05, 0.4)

#: Shares of levels between two rows of one customer: our estimate, which the file corrects.
EVIDENCE: Final = (
    Evidence(
        "name",
        (
            _("different names"),
            _("names alike in part"),
            _("related names"),
            _("similar names"),
            _("common names alike but for typing errors"),
            _("names alike but for typing errors"),
            _("same name, which many have"),
            _("same name, which several have"),
            _("same name"),
        ),
        (0.03, 0.03, 0.01, 0.06, 0.02, 0.15, 0.1, 0.2, 0.4),
        steady=True,
    ),
    Evidence("form", (_("different legal forms"), _("same legal form")), (0.08, 0.92), fixed=True),
    Evidence("address", _ADDRESS, _ADDRESSES_EXPECTED, covers=(6, (3, 4, 7, 8, 9))),
    Evidence(
        "address of namesakes",
        _ADDRESS,
        _ADDRESSES_EXPECTED,
        covers=(6, (3, 4, 7, 8, 9)),
        namesakes_of="address",
        at_least=0.6,
    ),
    Evidence("mail", _MAIL, _MAILS_EXPECTED),
    Evidence("mail of namesakes", _MAIL, _MAILS_EXPECTED, namesakes_of="mail", at_least=0.2),
    Evidence(
        "phone",
        (_("other phone"), _("phone alike"), _("same phone, which several have"), _("same phone")),
        (0.25, 0.03, 0.07, 0.65),
    ),
    Evidence(
        "number",
        (_("other register number"), _("number alike"), _("same register number")),
        (0.02, 0.03, 0.95),
        fixed=True,
    ),
    Evidence("iban", (_("other account"), _("same account")), (0.2, 0.8)),
    Evidence(
        "given_name",
        (
            _("other first name"),
            _("same initial"),
            _("first name alike"),
            _("same first name, which many have"),
            _("same first name"),
        ),
        (0.1, 0.05, 0.2, 0.3, 0.35),
    ),
    Evidence(
        "surname",
        (
            _("other surname"),
            _("surname alike"),
            _("same surname, which many have"),
            _("same surname"),
            _("first name and surname swapped"),
        ),
        (0.08, 0.2, 0.3, 0.4, 0.02),
    ),
    Evidence(
        "born",
        (
            _("born another day"),
            _("born in the same year"),
            _("day of birth alike"),
            _("born the same day"),
        ),
        (0.05, 0.03, 0.17, 0.75),
    ),
    Evidence(
        "personal_number",
        (_("other personal number"), _("personal number alike"), _("same personal number")),
        (0.05, 0.1, 0.85),
    ),
)


#: From this level of the names on they are the same.
SAME_NAME: Final = 7

"""How the two gazettes write a notice: a record of the open data, a line and a whole of the XML.

All text is ours; the shapes follow what the APIs document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from sandbox.gazettes.store import Notice

#: Days between a call to creditors and its deadline, and between a publication and its end.
_CLAIMS, _PUBLIC = timedelta(days=30), timedelta(days=5 * 365)


def record(notice: Notice, annulled: Notice | None) -> dict[str, Any]:
    """A record as the Explore API gives it: JSON within strings, numbers twice."""
    siren = notice.company.number
    spaced = f"{siren[:3]} {siren[3:6]} {siren[6:]}"
    family = "radiation" if notice.what == "striking_off" else "collective"
    judgment = {
        "type": "initial",
        "famille": "Extrait de jugement",
        "nature": notice.label,
        "date": (notice.published_on - timedelta(days=6)).isoformat(),
        "complementJugement": "",
    }
    person = {
        "typePersonne": "pm",
        "denomination": notice.company.name,
        "numeroImmatriculation": {"numeroIdentification": spaced, "codeRCS": "RCS"},
        "adresseSiegeSocial": {"ville": notice.company.city},
    }
    before = annulled and {
        "nomPublication": "BODACC A",
        "numeroParution": annulled.issue,
        "dateParution": annulled.published_on.isoformat(),
        "numeroAnnonce": annulled.serial,
    }
    return {
        "id": notice.reference,
        "publicationavis": "A",
        "parution": notice.issue,
        "numeroannonce": notice.serial,
        "dateparution": notice.published_on.isoformat(),
        "typeavis": "annulation" if before else "annonce",
        "familleavis": family,
        "familleavis_lib": "Radiations" if family == "radiation" else "Procédures collectives",
        "tribunal": f"Tribunal des activités économiques de {notice.company.city}",
        "commercant": notice.company.name.upper(),
        "ville": notice.company.city,
        "registre": [spaced, siren],
        "listepersonnes": json.dumps({"personne": person}, ensure_ascii=False),
        "jugement": json.dumps(judgment, ensure_ascii=False) if family == "collective" else None,
        "radiationaurcs": '{"radiationPM": "O"}' if family == "radiation" else None,
        "parutionavisprecedent": json.dumps(before, ensure_ascii=False) if before else None,
        "url_complete": None,
    }


def listing(notices: Iterable[Notice], total: int, page: int, size: int) -> str:
    """A list as the portal exports it."""
    lines = "".join(f"<publication>{_meta(notice)}</publication>" for notice in notices)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<bulk:bulk-export xmlns:bulk="https://shab.ch/bulk-export">'
        f"<total>{total}</total><pageRequest><page>{page}</page><size>{size}</size></pageRequest>"
        f"{lines}</bulk:bulk-export>"
    )


def publication(notice: Notice) -> str:
    """A whole publication."""
    rubric = notice.what
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<{rubric}:publication xmlns:{rubric}="https://shab.ch/shab/{rubric}-export">'
        f"{_meta(notice)}<content>{_content(notice)}</content></{rubric}:publication>"
    )


def _meta(notice: Notice) -> str:
    title = escape(f"{notice.label} {notice.company.name}")
    titles = "".join(f"<{one}>{title}</{one}>" for one in ("de", "en", "it", "fr"))
    office = escape(f"Konkursamt {notice.company.city}")
    return (
        f"<meta><id>{notice.uuid}</id><rubric>{notice.what[:2]}</rubric>"
        f"<subRubric>{notice.what}</subRubric><language>de</language>"
        f"<registrationOffice><id>{notice.serial}</id><displayName>{office}</displayName>"
        f"</registrationOffice><publicationNumber>{notice.what}-{notice.serial:010}"
        f"</publicationNumber><publicationState>"
        f"{'CANCELLED' if notice.is_cancelled else 'PUBLISHED'}</publicationState>"
        f"<publicationDate>{notice.published_on}</publicationDate>"
        f"<expirationDate>{notice.published_on + _PUBLIC}</expirationDate>"
        f"<title>{titles}</title></meta>"
    )


def _content(notice: Notice) -> str:
    company, digits = notice.company, notice.company.number.removeprefix("CHE")
    uid = f"CHE-{digits[:3]}.{digits[3:6]}.{digits[6:9]}"
    named = (
        f"<company><name>{escape(company.name)}</name><uid>{uid}</uid>"
        f"<uidOrganisationId>{digits[:9]}</uidOrganisationId>"
    )
    if notice.what == "HR03":
        seat = f"<seat>{escape(company.city)}</seat>"
        return f"<commonsActual>{named}{seat}</company></commonsActual>"
    decided = notice.published_on - timedelta(days=4)
    return (
        f"<debtor><selectType>company</selectType><companies><noUID>false</noUID>{named}"
        f"<address><town>{escape(company.city)}</town></address></company></companies></debtor>"
        f"<resolutionDate>{decided}</resolutionDate>{_deadline(notice.what, notice.published_on)}"
    )


def _deadline(what: str, published_on: date) -> str:
    if what != "KK02":
        return ""
    return f"<entryDeadline>{published_on + _CLAIMS}</entryDeadline>"

"""The slip on paper: the foot of a letter as the typesetter gets it, and a letter of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from receivables import i18n
from receivables.i18n import translate as _
from receivables.letters.rendering import Letterhead, render_letter
from receivables.slips.drawing import as_svg
from receivables.slips.rules import Scheme, Slip

#: The words on a QR-bill, prescribed in four languages; any other reader gets English.
#: Source: Swiss Implementation Guidelines QR-bill, annex "Multilingual headings".
_LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "payment": "Payment part",
        "receipt": "Receipt",
        "account": "Account / Payable to",
        "reference": "Reference",
        "more": "Additional information",
        "payer": "Payable by",
        "no_payer": "Payable by (name/address)",
        "currency": "Currency",
        "amount": "Amount",
        "acceptance": "Acceptance point",
        "separate": "Separate before paying in",
    },
    "de": {
        "payment": "Zahlteil",
        "receipt": "Empfangsschein",
        "account": "Konto / Zahlbar an",
        "reference": "Referenz",
        "more": "Zusätzliche Informationen",
        "payer": "Zahlbar durch",
        "no_payer": "Zahlbar durch (Name/Adresse)",
        "currency": "Währung",
        "amount": "Betrag",
        "acceptance": "Annahmestelle",
        "separate": "Vor der Einzahlung abzutrennen",
    },
    "fr": {
        "payment": "Section paiement",
        "receipt": "Récépissé",
        "account": "Compte / Payable à",
        "reference": "Référence",
        "more": "Informations supplémentaires",
        "payer": "Payable par",
        "no_payer": "Payable par (nom/adresse)",
        "currency": "Monnaie",
        "amount": "Montant",
        "acceptance": "Point de dépôt",
        "separate": "A détacher avant le versement",
    },
    "it": {
        "payment": "Sezione pagamento",
        "receipt": "Ricevuta",
        "account": "Conto / Pagabile a",
        "reference": "Riferimento",
        "more": "Informazioni supplementari",
        "payer": "Pagabile da",
        "no_payer": "Pagabile da (nome/indirizzo)",
        "currency": "Valuta",
        "amount": "Importo",
        "acceptance": "Punto di accettazione",
        "separate": "Da staccare prima del versamento",
    },
}


def foot_of(slip: Slip, locale: str) -> dict[str, Any]:
    """The slip as the typesetter gets it; within `i18n.reading_as`."""
    labels = _LABELS.get(locale[:2], _LABELS["en"])
    account = [slip.iban_shown, *slip.creditor.lines()]
    reference = slip.quoted.reference
    quoted = [(labels["reference"], [reference.printed])] if reference is not None else []
    words = [(labels["more"], [slip.quoted.words])] if slip.quoted.words else []
    payer: tuple[str, Sequence[str]] = (labels["no_payer"], ())
    if slip.debtor is not None:
        payer = (labels["payer"], slip.debtor.lines())
    swiss = slip.scheme is Scheme.SWISS
    facts: list[tuple[str, Sequence[str]]] = [
        (labels["account"], account),
        *quoted,
        *words,
        *([payer] if swiss else []),
    ]
    amount = i18n.money(slip.amount) if not swiss else _grouped(slip)
    if not swiss:
        facts.append((labels["amount"], [amount]))
    return {
        "kind": slip.scheme.value,
        # The paper around it is white.
        "code": as_svg(slip, quiet=0).decode(),
        "alt": _("QR code for your banking app"),
        "labels": labels,
        "currency": slip.amount.currency,
        "amount": amount,
        "facts": facts,
        "receipt": [(labels["account"], account), *quoted, payer],
    }


def _grouped(slip: Slip) -> str:
    """With blanks between thousands and a point. Source: guidelines, section 3.5.3."""
    return f"{slip.amount.decimal:,.2f}".replace(",", " ")


def print_slip(
    slip: Slip, *, head: Letterhead, locale: str, zone: str, written_at: datetime
) -> bytes:
    """The slip as a letter, to be printed or kept."""
    with i18n.reading_as(locale, zone):
        foot = foot_of(slip, locale)
    return render_letter(
        "payment_slip", head=head, locale=locale, zone=zone, written_at=written_at,
        slip=foot, paid=slip,
    )  # fmt: skip

"""The vocabulary of payment terms in German, French, Dutch and English."""

from __future__ import annotations

import re
from typing import Final

#: A date of the text, as terms_days marks it: one character of the private use area.
DATE: Final = "[\ue000-\uf8ff]"


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(words) + ")")


NET: Final = _any(
    r"rein netto", r"netto\b", r"nett?\b", r"ohne (?:jeden )?abz(?:ug|üge)", r"without deduction",
    r"sans déduction", r"zonder aftrek", r"voller betrag", r"in full\b",
)  # fmt: skip

NO_DISCOUNT: Final = re.compile(
    r"\b(?:ohne|kein(?:e|en|erlei)?|sans|pas d['’e]|aucun|no|without(?: any)?|zonder|geen)\s*"
    r"(?:weiteren? |cash )?(?:skonto|escompte|discount|korting|abzug|abzüge)\w*"
    r"(?: (?:pour|en cas de) (?:paiement|règlement) anticipé)?"
    r"|\bescompte (?:pour (?:paiement|règlement) (?:anticipé|comptant) ?)?:? ?(?:néant|aucun|0 ?%)"
    r"|\bskonto:? (?:keine?s?|0 ?%)"
)

DISCOUNT: Final = re.compile(
    r"skont[oi]|escompte|discount|rebate|korting|rabatt|abzüglich|abzug|\bremise\b|ristourne"
    r"|bonification|réduction"
)
_SMALL_PERCENT: Final = re.compile(r"(?<![\d,.])(?:\d|10)(?:[.,]\d+)? ?(?:%|prozent|percent|pct)")
_ADVANCE: Final = re.compile(
    r"anzahlung|vorauszahlung|acompte|advance|deposit|upfront|voorschot|aanbetaling|avance"
)

#: Clauses about other things than when to pay: late payment, complaints, delivery, money received.
IRRELEVANT: Final = re.compile(
    r"verzug|zins|mahn|überschreit|penalt|late |interest|overdue|retard|pénalité|indemnité"
    r"|intérêt|te laat|nalatig|boete|rente|dröjsmål|påminnelse"
    r"|reklamation|beanstand|mängel|widerspruch|widerruf|réclamation|contestation|complaint"
    r"|objection|klacht|bezwaar|rückgabe|retour|garantie|warranty|gewährleistung|kündig"
    r"|lieferzeit|lieferfrist|liefertermin|delivery (?:time|date|within)|délai de livraison"
    r"|levertijd|leistungszeit|gültig|valid (?:for|until)|angebot"
    r"|beglichen|bereits bezahlt|bezahlt am|dankend erhalten|already paid|paid (?:in full )?on"
    r"|payment received|déjà (?:payé|réglé|acquitté)|acquittée? le|reeds (?:betaald|voldaan)"
    r"|gutgeschrieben|verrechnet"
)

CONDITION: Final = re.compile(
    r"\s*(?:wenn|falls|sofern|bei|if|when|provided|si|en cas|pour|als|indien|mits|bij)\b"
)

#: "vom 1.3. bis 31.3.": when something was delivered, not when to pay.
PERIOD: Final = re.compile(
    rf"\b(?:vom|von|from|du|van|zeitraum:?|period:?)\s*{DATE}\s*(?:bis|to|until|au|tot|[-–])"
    rf"(?: zum)?\s*{DATE}"
)

#: Words that make a date of the same clause a day to pay by.
PAY: Final = re.compile(
    r"\bbis\b|spätestens|fällig|zahl|überweis|eingezogen|einzug|abgebucht|abbuch|eingang|eingehend"
    r"|lastschrift|\bdue\b|\bby\b|before|until|latest|\bpa(?:y|id)|debit|échéan|échoi|échu|jusqu"
    r"|avant|plus tard|pay[ée]|règle|régl|prélev|paie|verval|betal|uiterlijk|v[oó][oó]r\b"
    r"|incass|voldoen|overmak|valuta|termin"
)
#: What right before a date says that it is not one to pay by.
PAST: Final = re.compile(
    r"(?:\bvom|\bvon|\bab|\bseit|\bdated|\bof|\bfrom|\bsince|\bdu|\bde|\bvan|\bsinds|\bdatum:?)\s*\Z"
)

IMMEDIATE: Final = re.compile(
    r"\bsofort|\bumgehend|\bunverzüglich|\bprompt|\bimmediate|\bimmédiat|\bcomptant\b|\bcontant"
    r"|\bonmiddellijk|\bonverwijld|\bper direct|\bdirect (?:te )?(?:betal|voldoen|pay)"
    r"|\bvorkasse|\bvorauskasse|\bbarzahlung|\bcash\b|\bpay(?:able|ment)? now|\bprepayment"
    r"|\breceipt\b|\breception of|\bréception\b|\bontvangst\b|\brechnungserhalt|\brechnungseingang"
    r"|\berhalt\b"
)

_SPLIT: Final = re.compile(
    r",(?!\d)|[()]|\s[/–|-]\s"
    r"|\b(?:oder|or|ou|ansonsten|sonst|andernfalls|otherwise|sinon|anders)\b"
    r"|\b(?:und|and|et|en|of)\b(?=\s+(?:innerhalb|binnen|within|sous|bis|nett?o?\b|à|\d))"
    r"|(?=\b(?:danach|nach ablauf|after which|thereafter|passé ce délai|au[- ]delà|bei verzug"
    r"|bei überschreit|in case of|in the event|en cas de|bij (?:te late|niet|over)|after the due))"
)
_NET_BEGINS: Final = re.compile(
    rf"\b(?:netto|net)\b(?=\s+(?:innerhalb|bis|in\b|within|by\b|sous|à|binnen|{DATE}|\d))"
    rf"|(?<=\s)(?=\d{{1,3}} ?(?:tage?n?|days?|jours?|dagen) (?:rein )?(?:netto|net|ohne)\b)"
)


def is_discount(clause: str) -> bool:
    """Whether the clause is about paying less for paying early."""
    if _ADVANCE.search(clause):
        return False
    return bool(DISCOUNT.search(clause.replace("ohne abzug", "")) or _SMALL_PERCENT.search(clause))


def clauses(sentence: str) -> list[str]:
    """The parts of a sentence that each say one thing."""
    result: list[str] = []
    for clause in _SPLIT.split(sentence):
        net = _NET_BEGINS.search(clause) if is_discount(clause) else None
        if net is not None and net.start() and is_discount(clause[: net.start()]):
            result += [clause[: net.start()], clause[net.start() :]]
        else:
            result.append(clause)
    return [clause for clause in result if clause.strip()]


_WRITTEN: Final = {
    **dict.fromkeys(
        ("ein", "eine", "einem", "einer", "eines", "one", "un", "une", "een", "één"), 1
    ),
    **dict.fromkeys(("zwei", "two", "deux", "twee"), 2),
    **dict.fromkeys(("drei", "three", "trois", "drie"), 3),
    **dict.fromkeys(("vier", "four", "quatre"), 4),
    **dict.fromkeys(("fünf", "five", "cinq", "vijf"), 5),
    **dict.fromkeys(("sechs", "six", "zes"), 6),
    **dict.fromkeys(("sieben", "seven", "sept", "zeven"), 7),
    **dict.fromkeys(("acht", "eight", "huit"), 8),
    **dict.fromkeys(("zehn", "ten", "dix", "tien"), 10),
    **dict.fromkeys(("vierzehn", "fourteen", "quatorze", "veertien"), 14),
    **dict.fromkeys(("fünfzehn", "fifteen", "quinze", "vijftien"), 15),
    **dict.fromkeys(("zwanzig", "twenty", "vingt", "twintig"), 20),
    **dict.fromkeys(("dreißig", "dreissig", "thirty", "trente", "dertig"), 30),
    **dict.fromkeys(("fünfundvierzig", "forty-five", "quarante-cinq", "vijfenveertig"), 45),
    **dict.fromkeys(("sechzig", "sixty", "soixante", "zestig"), 60),
    **dict.fromkeys(("neunzig", "ninety", "quatre-vingt-dix", "negentig"), 90),
}
_WRITTEN_NUMBER: Final = re.compile(
    r"(?<![\w-])("
    + "|".join(sorted(_WRITTEN, key=len, reverse=True))
    + r")\s+(?:\((\d{1,3})\)\s*)?"
    r"(?=(?:kalender|werk|arbeits|bank|calendar |working |business )?"
    r"(?:tag|day|jour|dag|woche|week|semaine|wek|monat|month|mois|maand))"
)


def numbers_written_out(text: str) -> str:
    """The text with "dreißig Tage" and "thirty (30) days" as "30 tage", "30 days"."""
    return _WRITTEN_NUMBER.sub(lambda match: f"{match[2] or _WRITTEN[match[1]]} ", text)

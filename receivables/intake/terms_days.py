"""The days that a clause of payment terms names, reckoned from the issue date."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from receivables.intake import terms_words
from receivables.intake.findings import calendar_day

Reckoned = set[date]

#: Longer terms than this are something else: a year of birth, a guarantee.
LONGEST_TERM_DAYS: Final = 730

#: A month's number by its names, in small letters.
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januar january janvier januari jan jänner",
            "februar february février fevrier februari feb févr",
            "märz maerz march mars maart mär mar mrt",
            "april avril apr avr",
            "mai may mei",
            "juni june juin jun",
            "juli july juillet jul",
            "august août aout augustus aug",
            "september septembre sep sept",
            "oktober october octobre okt oct",
            "november novembre nov",
            "dezember december décembre decembre dez dec déc",
        ),
        start=1,
    )
    for name in names.split()
}
_NAME: Final = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_ISO: Final = re.compile(r"(?<![\d.-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_DAY_FIRST: Final = re.compile(
    r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)(?![\d/-]|\.\d)"
)
_DAY_NAMED: Final = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:\.|er|e|th|st|nd|rd)?\s+(?:of )?{_NAME},?\s+(\d{{4}})(?!\d)"
)
_MONTH_NAMED: Final = re.compile(rf"\b{_NAME}\s+(\d{{1,2}})(?:th|st|nd|rd)?,?\s+(\d{{4}})(?!\d)")
_FIRST_MARK: Final = 0xE000
_MOST_DATES: Final = 200


def dates_marked(text: str) -> tuple[str, dict[str, date]]:
    """The text with every date in it replaced by one private character, and what each stands for.

    So neither the points nor the commas of a date end a clause. Slashes mean day first.
    """
    text = re.sub("[\ue000-\uf8ff]", " ", text)
    dates: dict[str, date] = {}

    def mark(match: re.Match[str], day: date | None) -> str:
        if day is None or len(dates) >= _MOST_DATES:
            return match[0]
        character = chr(_FIRST_MARK + len(dates))
        dates[character] = day
        return character

    def year(digits: str) -> int:
        return int(digits) + (2000 if len(digits) == 2 else 0)

    text = _ISO.sub(lambda m: mark(m, calendar_day(int(m[1]), int(m[2]), int(m[3]))), text)
    text = _DAY_FIRST.sub(lambda m: mark(m, calendar_day(year(m[4]), int(m[3]), int(m[1]))), text)
    text = _DAY_NAMED.sub(lambda m: mark(m, calendar_day(int(m[3]), MONTHS[m[2]], int(m[1]))), text)
    text = _MONTH_NAMED.sub(
        lambda m: mark(m, calendar_day(int(m[3]), MONTHS[m[1]], int(m[2]))), text
    )
    return text, dates


_UNIT: Final = (
    r"(?P<workdays>werktag\w*|arbeitstag\w*|bank(?:arbeits)?tag\w*"
    r"|(?:working|business|banking) days?|jours? ouvr\w+|werkdag\w*)"
    r"|(?P<days>(?:kalender|calendar[ -])?(?:tage?n?s?|tg|days?|dag(?:en|e|ar)?)\b|jours?\b|jrs?\b"
    r"|jf(?:dm|m)\b|j\b|dgn\b|giorni\b)"
    r"|(?P<weeks>wochen?\b|weeks?\b|semaines?\b|weken\b)"
    r"|(?P<months>monat(?:e|en|s)?\b|months?\b|mois\b|maand(?:en)?\b)"
)
_TERM: Final = re.compile(rf"(?<![\d.,])(?P<count>\d{{1,3}})\s?-?\s?(?:{_UNIT})")
#: "net 30", "n/30", "2/10 net 30".
_NET_COUNT: Final = re.compile(
    r"\b(?:netto|net|n/)\s*(?:in )?(\d{1,3})\b(?![.,]\d|\s*[%€$£]|\s*eur|\s*chf)"
)

_MONTH_END: Final = (
    r"(?:fin (?:de|du) mois|fdm|end of (?:the )?month|month[- ]end|einde (?:van de )?maand"
    r"|monatsende|ende (?:des |eines )?monats|ultimo)"
)
#: "30 jours fin de mois": the end of the month in which the thirty days are over.
_THEN_MONTH_END: Final = re.compile(
    rf"\s*(?:nett?o?\b)?\s*(?:date de facture|facture|zum|au|per|à)?\s*{_MONTH_END}"
    r"(?:\s+(?:le|the|am|de)\s+(?P<on>\d{1,2})\b)?"
)
#: "30 days after the end of the month", "net 30 EOM": thirty days from the end of this month.
_FROM_MONTH_END: Final = re.compile(
    rf"\s*(?:nett?o?\b)?\s*(?:e\.?o\.?m\b|(?:nach|ab|after|from|following|na|vanaf|après(?: la)?"
    rf"|à (?:partir|compter) de(?: la)?)\s+(?:the |dem |de )?{_MONTH_END})"
)
_MONTH_END_BEFORE: Final = re.compile(
    rf"(?:{_MONTH_END}|\be\.?o\.?m\.?)\s*(?:\+|plus|zuzüglich|und|à|,)?\s*\Z"
)
_ANY_MONTH_END: Final = re.compile(rf"\b{_MONTH_END}|\be\.?o\.?m\b")

_NEXT_MONTH: Final = (
    r"(?:folgemonats?|(?:nächsten|kommenden|folgenden) monats?|mois (?:suivant|prochain)"
    r"|(?:following|next) month|(?:volgende|komende) maand)"
)
_DAY_OF_NEXT_MONTH: Final = re.compile(
    rf"(?<![\d.,])(\d{{1,2}})(?:\.|er|e|ème|th|st|nd|rd)?\s*(?:tag )?"
    rf"(?:des |du |of (?:the )?|van de )?\s*{_NEXT_MONTH}"
)
_END_OF_NEXT_MONTH: Final = re.compile(
    rf"\b(?:ende|fin|end|einde|ultimo|letzten? tag)\s+(?:des |du |of (?:the )?|van de )?\s*"
    rf"{_NEXT_MONTH}"
)


def days_of(clause: str, dates: dict[str, date], issued_on: date) -> Reckoned:
    """The days by which the clause wants something paid.

    A date beats a count of days beside it ("innerhalb 30 Tagen bis 04.07."), and both beat
    words such as "sofort" or "on receipt".
    """
    dated = _dates_to_pay_by(clause, dates, issued_on)
    if dated:
        return dated
    counted = _counted(clause, issued_on)
    if counted:
        return counted
    if terms_words.IMMEDIATE.search(clause):
        return {issued_on}
    return set()


def _dates_to_pay_by(clause: str, dates: dict[str, date], issued_on: date) -> Reckoned:
    if not terms_words.PAY.search(clause):
        return set()
    return {
        dates[character]
        for place, character in enumerate(clause)
        if character in dates
        and not terms_words.PAST.search(clause[max(0, place - 12) : place])
        and 0 <= (dates[character] - issued_on).days <= LONGEST_TERM_DAYS
    }


def _counted(clause: str, issued_on: date) -> Reckoned:
    result: Reckoned = set()
    if match := _DAY_OF_NEXT_MONTH.search(clause):
        result.add(_on_day(_month_end(issued_on) + timedelta(days=1), int(match[1])))
        return result
    if _END_OF_NEXT_MONTH.search(clause):
        return {_month_end(_month_end(issued_on) + timedelta(days=1))}
    for match in _TERM.finditer(clause):
        day = _reckoned(match, clause, issued_on)
        if day is not None:
            result.add(day)
    for match in _NET_COUNT.finditer(clause):
        start = _month_end(issued_on) if _FROM_MONTH_END.match(clause, match.end()) else issued_on
        if int(match[1]) <= LONGEST_TERM_DAYS and not _TERM.match(clause, match.start(1)):
            result.add(start + timedelta(days=int(match[1])))
    if not result and _ANY_MONTH_END.search(clause):
        result.add(_month_end(issued_on))
    return result


def _reckoned(match: re.Match[str], clause: str, issued_on: date) -> date | None:
    """The day that one count of days, weeks or months comes to."""
    count = int(match["count"])
    start = issued_on
    if _MONTH_END_BEFORE.search(clause[: match.start()]) or _FROM_MONTH_END.match(
        clause, match.end()
    ):
        start = _month_end(issued_on)
    if match["months"]:
        if count > LONGEST_TERM_DAYS // 30:
            return None
        day = _months_later(start, count)
    elif match["workdays"]:
        day = _workdays_later(start, count)
    else:
        day = start + timedelta(days=count * (7 if match["weeks"] else 1))
    then = _THEN_MONTH_END.match(clause, match.end())
    if match["days"] in ("jfm", "jfdm") or (then and start == issued_on):
        day = _month_end(day)
        if then and then["on"]:
            day = _on_day(day + timedelta(days=1), int(then["on"]))
    return day if (day - issued_on).days <= LONGEST_TERM_DAYS else None


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _on_day(month: date, number: int) -> date:
    """Day `number` of the month, or its last day where it has none so high."""
    return month.replace(day=max(1, min(number, monthrange(month.year, month.month)[1])))


def _months_later(day: date, count: int) -> date:
    months = day.month - 1 + count
    return _on_day(date(day.year + months // 12, months % 12 + 1, 1), day.day)


def _workdays_later(day: date, count: int) -> date:
    """`count` days later, Saturdays and Sundays apart; holidays differ too much to be reckoned."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day

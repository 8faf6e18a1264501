"""The reader's language and country: texts by gettext, dates, numbers and money by Babel.

Texts in the code are English; `receivables/locale/<language>.po` translates them. The reader's
locale is set once around the rendering of a page or mail, and read by every filter.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from receivables.money import Money, digits_of

#: In the order in which a switcher offers them.
LANGUAGES = {
    "fr": "Français", "de": "Deutsch", "nl": "Nederlands", "it": "Italiano", "en": "English",
}  # fmt: skip

#: The language of a letter to somebody of whom we know the country alone.
LANGUAGE_OF_COUNTRY = {
    "AT": "de", "BE": "fr", "CH": "de", "DE": "de", "FR": "fr", "GB": "en", "IE": "en",
    "IT": "it", "LI": "de", "LU": "fr", "MC": "fr", "NL": "nl", "SM": "it", "US": "en",
}  # fmt: skip

_FOLDER = Path(__file__).parent / "locale"

_locale: ContextVar[str] = ContextVar("locale", default="en_GB")
_zone: ContextVar[str] = ContextVar("zone", default="UTC")


@contextmanager
def reading_as(locale: str, zone: str = "UTC") -> Iterator[None]:
    """Within the block, texts and formats are those of `locale`, instants those of `zone`."""
    locale_before, zone_before = _locale.set(locale), _zone.set(zone)
    try:
        yield
    finally:
        _locale.reset(locale_before)
        _zone.reset(zone_before)


def current_locale() -> str:
    return _locale.get()


def current_zone() -> str:
    return _zone.get()


def locale_for(language: str, country: str) -> str:
    """The locale whose formats this reader is used to: fr and CH give fr_CH.

    A language we do not speak becomes English; a pair Babel does not know, the language's own
    country.
    """
    spoken = language if language in LANGUAGES else "en"
    name = f"{spoken}_{country}"
    if _known(name):
        return name
    homes = {"fr": "fr_FR", "de": "de_DE", "nl": "nl_NL", "it": "it_IT"}
    return homes.get(spoken, "en_GB")


@cache
def _known(name: str) -> bool:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The translations into `language`; English is what the code says."""
    file = _FOLDER / f"{language}.po"
    if not file.exists():
        return gettext.NullTranslations()
    with file.open("rb") as source:
        messages = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(text: str) -> str:
    """`text` in the reader's language."""
    return _spelt(catalogue(_locale.get()[:2]).gettext(text))


def later(text: str) -> str:
    """Marks a text of a table; it is translated when it is shown."""
    return text


def pgettext(context: str, text: str) -> str:
    """`text` in the reader's language, as it is said of `context`.

    A word about the state of something ("broken", "late") is another one in other languages,
    depending on what it is said of: `pgettext("plan", "broken")`.
    """
    return _spelt(catalogue(_locale.get()[:2]).pgettext(context, text))


def translate_plural(singular: str, plural: str, count: int) -> str:
    """The form for `count` in the reader's language."""
    return _spelt(catalogue(_locale.get()[:2]).ngettext(singular, plural, count))


def _spelt(text: str) -> str:
    """The catalogue is German as in Germany; Switzerland and Liechtenstein write ss for ß."""
    return text.replace("ß", "ss") if _locale.get() in ("de_CH", "de_LI") else text


def money(amount: Money) -> str:
    """`CHF 4’280.50`, `1 950,00 EUR`: where the locale puts the code, never broken over a line."""
    return _money_style(_locale.get(), amount.currency, True).write(amount.minor)


def number_of(amount: Money) -> str:
    """The amount without its currency."""
    return _money_style(_locale.get(), amount.currency, False).write(amount.minor)


@dataclass(frozen=True, slots=True)
class _MoneyStyle:
    """How amounts of one currency are written in one locale, as Babel showed it once.

    A page writes a hundred amounts, and Babel parses its pattern anew for each.
    """

    digits: int
    decimal: str
    group: str
    #: Before and behind the number, when it is not negative and when it is.
    around: tuple[tuple[str, str], tuple[str, str]]

    @classmethod
    def learn(cls, locale: str, currency: str, *, with_code: bool) -> _MoneyStyle:
        digits = digits_of(currency)
        million = Money(1_111_111 * 10**digits, currency)
        shown, below_zero = (
            babel_money(amount, locale, with_code=with_code) for amount in (million, -million)
        )
        number = re.search(r"\d.*\d", shown)
        assert number is not None, shown
        written = number.group()
        return cls(
            digits=digits,
            decimal=written[-digits - 1] if digits else "",
            group=written[1] if not written[1].isdigit() else "",
            around=tuple(  # type: ignore[arg-type]  # two pairs
                tuple(one.split(written, 1)) for one in (shown, below_zero)
            ),
        )

    def write(self, minor: int) -> str:
        major, rest = divmod(abs(minor), 10**self.digits)
        before, behind = self.around[minor < 0]
        number = f"{major:,}".replace(",", self.group)
        if self.digits:
            number = f"{number}{self.decimal}{rest:0{self.digits}}"
        return before + number + behind


@cache
def _money_style(locale: str, currency: str, with_code: bool) -> _MoneyStyle:
    return _MoneyStyle.learn(locale, currency, with_code=with_code)


def babel_money(amount: Money, locale: str, *, with_code: bool) -> str:
    """An amount as Babel writes it, with what CLDR says and Babel leaves out.

    CLDR has a decimal mark of its own for money in some places (`currencyDecimal`: French
    Switzerland writes 4,5 % but 4 280.50 CHF), and asks for a space between a letter and a digit.
    """
    pattern = _currency_pattern(locale, digits_of(amount.currency))
    if with_code:
        pattern = pattern.replace("¤", "¤¤")
    else:
        pattern = ";".join(
            part.replace("¤", "").strip("\N{NO-BREAK SPACE} ") for part in pattern.split(";")
        )
    written = format_currency(
        amount.decimal, amount.currency, format=pattern, locale=locale, currency_digits=False
    )
    symbols = Locale.parse(locale).number_symbols["latn"]
    written = written.replace(
        symbols["decimal"], symbols.get("currencyDecimal", symbols["decimal"])
    )
    spaced = re.sub(r"(?<=[A-Z])(?=[\d-])", "\N{NO-BREAK SPACE}", written)
    return spaced.replace(" ", "\N{NO-BREAK SPACE}")


@cache
def _currency_pattern(locale: str, digits: int) -> str:
    """The locale's own pattern with the currency's own digits."""
    pattern: str = Locale.parse(locale).currency_formats["standard"].pattern
    return pattern.replace("0.00", "0." + "0" * digits if digits else "0")


def decimal(value: Decimal | int) -> str:
    return format_decimal(value, locale=_locale.get())


def percent(value: Decimal | float) -> str:
    """A fraction: 0.125 gives `12,5 %`, with the space the locale puts there."""
    pattern = Locale.parse(_locale.get()).percent_formats[None].pattern
    return format_percent(value, format=pattern.replace("0", "0.##", 1), locale=_locale.get())


def day(value: date) -> str:
    """`9 novembre 2026`."""
    return _day(value, _locale.get())


@lru_cache(4096)
def _day(value: date, locale: str) -> str:
    return format_date(value, format="long", locale=locale)


def short_day(value: date) -> str:
    """`9 nov. 2026`, never broken over a line."""
    return _short_day(value, _locale.get())


@lru_cache(4096)
def _short_day(value: date, locale: str) -> str:
    written = format_skeleton("yMMMd", value, locale=locale)
    return written.replace(" ", "\N{NO-BREAK SPACE}")


def instant(value: datetime) -> str:
    """Day and time where the reader lives."""
    local = value.astimezone(ZoneInfo(_zone.get()))
    written = format_skeleton("yMMMd", local, locale=_locale.get())
    return f"{written}, {format_time(local, 'short', locale=_locale.get())}"


def file_size(size_bytes: int) -> str:
    """`1.4 MB`, `1,4 Mo`, `12 kB`; never less than one."""
    if size_bytes >= 1_000_000:
        size, unit = (Decimal(size_bytes) / 1_000_000).quantize(Decimal("0.1")), "digital-megabyte"
    else:
        size, unit = Decimal(max(1, round(size_bytes / 1000))), "digital-kilobyte"
    written: str = format_unit(size, unit, length="short", locale=_locale.get())
    # One kilobyte is a "kbyte" in CLDR's German and Italian, two are "kB".
    return written.replace("kbyte", "kB").replace(" ", "\N{NO-BREAK SPACE}")

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import i18n
from receivables.i18n import locale_for, reading_as
from receivables.intake.csv_cells import amount as read_amount
from receivables.money import Money

NBSP, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def amount(written: str) -> Money:
    number, currency = written.split()
    return Money.parse(number, currency)


@pytest.mark.parametrize(
    ("locale", "value", "written"),
    [
        ("fr_CH", "4280.50 CHF", f"4{THIN}280.50{NBSP}CHF"),
        ("de_CH", "4280.50 CHF", f"CHF{NBSP}4’280.50"),
        ("it_CH", "4280.50 CHF", f"CHF{NBSP}4’280.50"),
        ("fr_FR", "4280.50 EUR", f"4{THIN}280,50{NBSP}EUR"),
        ("fr_BE", "1950.00 EUR", f"1{THIN}950,00{NBSP}EUR"),
        ("de_DE", "4280.50 EUR", f"4.280,50{NBSP}EUR"),
        ("en_GB", "4280.50 GBP", f"GBP{NBSP}4,280.50"),
        ("fr_CH", "-1950.00 CHF", f"-1{THIN}950.00{NBSP}CHF"),
        ("de_DE", "1234567 JPY", f"1.234.567{NBSP}JPY"),
        ("de_CH", "1234567 JPY", f"JPY{NBSP}1’234’567"),
        ("fr_CH", "1234.567 KWD", f"1{THIN}234.567{NBSP}KWD"),
        ("fr_FR", "0.050 KWD", f"0,050{NBSP}KWD"),
        ("en_GB", "1234.567 KWD", f"KWD{NBSP}1,234.567"),
    ],
)
def test_money_is_written_as_the_reader_s_country_writes_it(
    locale: str, value: str, written: str
) -> None:
    with reading_as(locale):
        assert i18n.money(amount(value)) == written
        assert i18n.number_of(amount(value)) == written.replace(amount(value).currency, "").strip()


def test_only_money_has_a_point_in_french_switzerland() -> None:
    with reading_as("fr_CH"):
        assert i18n.decimal(Decimal("4.5")) == "4,5"
        assert i18n.number_of(amount("4.50 CHF")) == "4.50"


@pytest.mark.parametrize("locale", ["fr_CH", "de_CH", "fr_FR", "fr_BE", "de_DE", "en_GB"])
@pytest.mark.parametrize("value", ["4280.50 CHF", "1234567.00 EUR", "0.05 GBP"])
def test_an_amount_typed_as_it_is_shown_is_understood(locale: str, value: str) -> None:
    with reading_as(locale):
        shown = i18n.number_of(amount(value))

    assert read_amount(shown, amount(value).currency, None) == amount(value)


@pytest.mark.parametrize(
    ("locale", "long", "short", "then"),
    [
        ("fr_CH", "9 novembre 2026", "9 nov. 2026", "10 nov. 2026, 00:30"),
        ("fr_FR", "9 novembre 2026", "9 nov. 2026", "10 nov. 2026, 00:30"),
        ("fr_BE", "9 novembre 2026", "9 nov. 2026", "10 nov. 2026, 00:30"),
        ("de_CH", "9. November 2026", "9. Nov. 2026", "10. Nov. 2026, 00:30"),
        ("de_DE", "9. November 2026", "9. Nov. 2026", "10. Nov. 2026, 00:30"),
        ("en_GB", "9 November 2026", "9 Nov 2026", "10 Nov 2026, 00:30"),
    ],
)
def test_days_and_instants_are_those_of_the_reader(
    locale: str, long: str, short: str, then: str
) -> None:
    with reading_as(locale, "Europe/Zurich"):
        assert i18n.day(date(2026, 11, 9)) == long
        assert i18n.short_day(date(2026, 11, 9)) == short.replace(" ", NBSP)
        assert i18n.instant(datetime(2026, 11, 9, 23, 30, tzinfo=UTC)) == then


@pytest.mark.parametrize(
    ("locale", "number", "share", "size"),
    [
        ("fr_CH", f"1{THIN}234,5", "12,5%", f"1,4{THIN}Mo"),
        ("fr_FR", f"1{THIN}234,5", f"12,5{NBSP}%", f"1,4{THIN}Mo"),
        ("fr_BE", f"1{THIN}234,5", f"12,5{NBSP}%", f"1,4{THIN}Mo"),
        ("de_CH", "1’234.5", "12.5%", f"1.4{NBSP}MB"),
        ("de_DE", "1.234,5", f"12,5{NBSP}%", f"1,4{NBSP}MB"),
        ("en_GB", "1,234.5", "12.5%", f"1.4{NBSP}MB"),
    ],
)
def test_numbers_shares_and_sizes_are_the_locale_s_own(
    locale: str, number: str, share: str, size: str
) -> None:
    with reading_as(locale):
        assert i18n.decimal(Decimal("1234.5")) == number
        assert i18n.percent(Decimal("0.125")) == share
        assert i18n.file_size(1_400_000) == size


def test_a_small_file_has_at_least_one_kilobyte() -> None:
    assert i18n.file_size(3) == f"1{NBSP}kB"
    with i18n.reading_as("de_CH"):
        assert i18n.file_size(3) == f"1{NBSP}kB"
    assert i18n.file_size(20_400) == f"20{NBSP}kB"


def test_german_is_spelt_without_sharp_s_in_switzerland_alone() -> None:
    def goodbye(locale: str) -> str:
        with reading_as(locale):
            return i18n.translate("With kind regards")

    assert goodbye("de_DE") == goodbye("de_AT") == "Freundliche Grüße"
    assert goodbye("de_CH") == goodbye("de_LI") == "Freundliche Grüsse"


def test_a_word_about_a_state_is_said_of_something() -> None:
    with reading_as("fr_CH"):
        said = [i18n.pgettext(about, "broken") for about in ("plan", "promise", "nothing we know")]
        assert said == ["rompu", "non tenue", "broken"]
    assert i18n.pgettext("plan", "broken") == "broken"


def test_plurals_follow_the_language() -> None:
    def days(locale: str, count: int) -> str:
        with reading_as(locale):
            return i18n.translate_plural("%(num)s day", "%(num)s days", count) % {"num": count}

    assert [days("fr_FR", count) for count in (0, 1, 2)] == ["0 jour", "1 jour", "2 jours"]
    assert [days("de_DE", count) for count in (0, 1, 2)] == ["0 Tage", "1 Tag", "2 Tage"]
    assert [days("en_GB", count) for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


@pytest.mark.parametrize(
    ("language", "country", "locale"),
    [
        ("fr", "CH", "fr_CH"),
        ("de", "LI", "de_LI"),
        ("xx", "CH", "en_CH"),
        ("xx", "QQ", "en_GB"),
        ("", "", "en_GB"),
        ("fr", "QQ", "fr_FR"),
        ("de", "QQ", "de_DE"),
    ],
)
def test_a_language_we_do_not_speak_becomes_english(
    language: str, country: str, locale: str
) -> None:
    assert locale_for(language, country) == locale


def test_a_text_nobody_translated_is_shown_as_written() -> None:
    with reading_as("fr_CH"):
        assert i18n.translate("A text that is in no catalogue") == "A text that is in no catalogue"


def test_readers_nest_and_leave_no_trace() -> None:
    with reading_as("fr_CH", "Europe/Zurich"):
        with reading_as("de_DE"):
            assert i18n.current_locale() == "de_DE"
            assert i18n.translate("Pay") == "Bezahlen"
        assert i18n.current_locale() == "fr_CH"
        assert i18n.translate("Pay") == "Payer"
    assert i18n.translate("Pay") == "Pay"


def test_a_reader_is_forgotten_when_the_page_breaks() -> None:
    with pytest.raises(ZeroDivisionError), reading_as("fr_CH"):
        raise ZeroDivisionError

    assert i18n.current_locale() == "en_GB"


def test_two_threads_do_not_read_each_other_s_language() -> None:
    both_read = threading.Barrier(2, timeout=60)
    heard: dict[str, str] = {}

    def read(locale: str) -> None:
        with reading_as(locale):
            both_read.wait()
            heard[locale] = i18n.translate("Pay now")
            both_read.wait()

    threads = [threading.Thread(target=read, args=(locale,)) for locale in ("fr_FR", "de_DE")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert heard == {"fr_FR": "Payer maintenant", "de_DE": "Jetzt bezahlen"}
    assert i18n.translate("Pay now") == "Pay now"


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(["fr_CH", "de_CH", "it_CH", "fr_FR", "fr_BE", "nl_BE", "de_DE", "en_GB"]),
    st.sampled_from(["CHF", "EUR", "JPY", "KWD"]),
    st.booleans(),
)
def test_amounts_are_written_as_babel_writes_them(
    minor: int, locale: str, currency: str, with_code: bool
) -> None:
    amount = Money(minor, currency)
    with i18n.reading_as(locale):
        written = i18n.money(amount) if with_code else i18n.number_of(amount)

    assert written == i18n.babel_money(amount, locale, with_code=with_code)

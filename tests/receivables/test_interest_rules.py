"""Late interest to the cent, against published rates and worked examples."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.interest.laws import (
    LAWS,
    Begins,
    DebtorKind,
    FixedSum,
    NoLateInterestRule,
    fixed_sum,
    law_of,
)
from receivables.interest.owed import Movement, Spell, steps_of
from receivables.interest.rates import Rate, RateBook, RateMissing, Series, shipped_rates
from receivables.interest.rules import (
    Interest,
    Notice,
    NotInDefault,
    RuleTooYoung,
    Step,
    Terms,
    accrue,
    first_day,
    half_up,
    quote,
)
from receivables.workdays import WEEKDAYS
from tests.support.builders import money

BOOK = RateBook(shipped_rates())
BUSINESS, CONSUMER = DebtorKind.BUSINESS, DebtorKind.CONSUMER
LATE = date(2023, 1, 15)


def terms(country: str = "FR", debtor: DebtorKind = BUSINESS, **given: object) -> Terms:
    values: dict[str, object] = {"law": law_of(country, debtor), "contracted_on": LATE}
    return Terms(**{**values, **given})  # type: ignore[arg-type]


def interest(
    agreement: Terms, amount: str, *, due: date, paid: date, notice: Notice | None = None
) -> Interest:
    begins_on = first_day(agreement, due, notice, calendar=WEEKDAYS)
    steps = [Step(begins_on, money(amount))]
    return accrue(agreement, steps, begins_on=begins_on, until=paid, book=BOOK)


@pytest.mark.parametrize(
    ("country", "debtor", "short", "long"),
    [
        ("FR", BUSINESS, "29.88 EUR", "3680.62 EUR"),
        ("BE", BUSINESS, "26.03 EUR", "3176.58 EUR"),
        ("DE", BUSINESS, "25.96 EUR", "3170.18 EUR"),
        ("DE", CONSUMER, None, "2084.16 EUR"),
        ("CH", BUSINESS, "10.41 EUR", "1357.53 EUR"),
    ],
)
def test_the_worked_examples_come_out_to_the_cent(country, debtor, short, long):
    def owed(amount: str, due: date, paid: date) -> Interest:
        agreement = terms(country, debtor, contracted_on=due)
        return interest(agreement, amount, due=due, paid=paid)

    if short:
        brief = owed("1000.00 EUR", date(2024, 5, 31), date(2024, 8, 15))
        assert (brief.total, brief.days) == (money(short), 76)
    years = owed("10000.00 EUR", date(2023, 1, 15), date(2025, 10, 2))
    assert (years.total, years.days) == (money(long), 991)


def test_no_day_is_lost_where_the_rate_changes():
    found = interest(terms("DE"), "10000.00 EUR", due=LATE, paid=date(2025, 10, 2))

    assert [one.days for one in found.segments] == [166, 184, 182, 184, 181, 94]
    assert found.segments[0].first_day == date(2023, 1, 16)
    assert found.segments[-1].last_day == date(2025, 10, 2)
    assert sum(one.amount.minor for one in found.segments) == found.total.minor


#: Semesters of the Moniteur belge, and of the Bundesbank (base rate), as they were published.
BELGIAN = {
    "2013-01": "9", "2013-07": "8.5", "2014-01": "8.5", "2014-07": "8.5", "2015-07": "8.5",
    "2016-01": "8.5", "2017-01": "8", "2018-07": "8", "2020-01": "8", "2020-07": "8",
    "2021-01": "8", "2023-01": "10.5", "2024-01": "12.5", "2024-07": "12.5", "2025-01": "11.5",
    "2025-07": "10.5", "2026-01": "10.5",
}  # fmt: skip
GERMAN = {
    "2009-01": "1.62", "2009-07": "0.12", "2010-01": "0.12", "2011-07": "0.37", "2012-01": "0.12",
    "2013-01": "-0.13", "2013-07": "-0.38", "2014-01": "-0.63", "2014-07": "-0.73",
    "2015-01": "-0.83", "2016-01": "-0.83", "2016-07": "-0.88", "2019-07": "-0.88",
    "2022-07": "-0.88", "2023-01": "1.62", "2023-07": "3.12", "2024-01": "3.62",
    "2024-07": "3.37", "2025-01": "2.27", "2025-07": "1.27", "2026-01": "1.27",
}  # fmt: skip
#: Of the Austrian chamber of commerce: base rate and 9.2 points.
AUSTRIAN = {
    "2013-07": "9.08", "2016-01": "9.08", "2016-07": "8.58", "2022-07": "8.58",
    "2023-01": "11.08", "2023-07": "12.58",
}  # fmt: skip


@pytest.mark.parametrize(
    ("country", "debtor", "published", "above"),
    [
        ("BE", BUSINESS, BELGIAN, "0"),
        ("DE", CONSUMER, GERMAN, "5"),
        ("DE", BUSINESS, GERMAN, "9"),
        ("AT", BUSINESS, AUSTRIAN, "0"),
    ],
)
def test_every_published_semester_comes_out_of_the_ecb_series(country, debtor, published, above):
    agreement = terms(country, debtor, contracted_on=date(2014, 7, 29))
    computed = {}
    for semester in published:
        day = date.fromisoformat(f"{semester}-01")
        computed[semester] = quote(agreement, day, begins_on=day, book=BOOK).percent

    assert computed == {at: Decimal(rate) + Decimal(above) for at, rate in published.items()}


def test_older_contracts_keep_the_margin_of_their_time():
    day = date(2014, 7, 15)

    def percent(country: str, contracted_on: date) -> Decimal:
        agreement = terms(country, contracted_on=contracted_on)
        return quote(agreement, day, begins_on=day, book=BOOK).percent

    assert percent("DE", date(2014, 7, 28)) == Decimal("7.27")
    assert percent("DE", date(2014, 7, 29)) == Decimal("8.27")
    assert percent("BE", date(2013, 3, 15)) == Decimal("7.5")
    with pytest.raises(RuleTooYoung):
        percent("LU", date(2013, 4, 14))


def test_british_interest_keeps_the_rate_of_the_half_year_in_which_it_began():
    found = interest(terms("UK"), "999.99 GBP", due=LATE, paid=date(2024, 7, 31))

    # Bank Rate was 3.50 % on 31 December 2022.
    assert [(one.percent, one.days) for one in found.segments] == [(Decimal("11.50"), 563)]


def test_dutch_interest_bears_interest_after_each_year():
    year = interest(terms("NL"), "1000.00 EUR", due=LATE, paid=date(2024, 1, 15))
    more = interest(terms("NL"), "1000.00 EUR", due=LATE, paid=date(2024, 1, 25))

    assert year.exact == Fraction(100000) * (
        Fraction("10.5") * 166 + 12 * 184 + Fraction("12.5") * 15
    ) / 36500  # fmt: skip
    assert more.exact - year.exact == (100000 + year.exact) * Fraction("12.5") * 10 / 36500


def test_a_french_contract_rate_is_raised_to_three_times_the_legal_rate_of_each_half_year():
    found = interest(
        terms(agreed=Decimal(8)), "1000.00 EUR", due=date(2023, 5, 31), paid=date(2025, 7, 31)
    )

    assert [one.percent for one in found.segments] == [
        Decimal(8), Decimal("12.66"), Decimal("15.21"), Decimal("14.76"), Decimal("11.13"),
        Decimal("8.28"),
    ]  # fmt: skip
    # The law's own rate is not raised, though three times the legal rate was more in 2024.
    plain = quote(terms(), date(2024, 3, 1), begins_on=LATE, book=BOOK)
    assert plain.percent == Decimal("14.50")


def test_a_belgian_consumer_never_owes_more_than_a_business_and_only_after_the_delay():
    sold = date(2023, 9, 15)
    reminder = Notice(date(2024, 1, 5), "electronic")
    due = date(2023, 12, 15)

    def percent(agreed: str | None) -> set[Decimal]:
        agreement = terms("BE", CONSUMER, contracted_on=sold, agreed=agreed and Decimal(agreed))
        found = interest(agreement, "500.00 EUR", due=due, paid=date(2024, 3, 1), notice=reminder)
        assert found.segments[0].first_day == date(2024, 1, 20)
        return {one.percent for one in found.segments}

    assert percent(None) == {Decimal("5.75")}
    assert percent("10") == {Decimal(10)}
    assert percent("14") == {Decimal("12.5")}
    with pytest.raises(NotInDefault):
        interest(
            terms("BE", CONSUMER, contracted_on=sold), "500.00 EUR", due=due, paid=date(2024, 3, 1)
        )


def test_the_belgian_delay_begins_with_the_third_working_day_after_a_letter():
    agreement = terms("BE", CONSUMER, contracted_on=date(2023, 9, 15))
    small = terms("BE", CONSUMER, contracted_on=date(2023, 9, 15), creditor_is_small=True)
    letter = Notice(date(2024, 1, 5), "post")  # a Friday: Wednesday 10 is the first of 14 days

    assert first_day(agreement, LATE, letter, calendar=WEEKDAYS) == date(2024, 1, 24)
    assert first_day(small, LATE, letter, calendar=WEEKDAYS) == date(2024, 1, 6)


def test_a_french_consumer_owes_the_legal_rate_from_the_formal_notice_whatever_was_agreed():
    agreement = terms("FR", CONSUMER, agreed=Decimal(12))
    notice = Notice(date(2024, 6, 20), "post")
    found = interest(
        agreement, "1000.00 EUR", due=date(2024, 3, 1), paid=date(2024, 7, 10), notice=notice
    )

    assert [(one.first_day, one.percent) for one in found.segments] == [
        (date(2024, 6, 21), Decimal("5.07")), (date(2024, 7, 1), Decimal("4.92")),
    ]  # fmt: skip
    with pytest.raises(NotInDefault):
        interest(agreement, "1000.00 EUR", due=date(2024, 3, 1), paid=date(2024, 7, 10))


def test_without_an_agreed_day_a_reminder_or_thirty_days_set_german_interest_running():
    loose = terms("DE", due_is_agreed=False)
    reminded = Notice(date(2023, 1, 20), "electronic")

    assert first_day(loose, LATE, reminded, calendar=WEEKDAYS) == date(2023, 1, 21)
    assert first_day(loose, LATE, None, calendar=WEEKDAYS) == LATE + timedelta(days=31)
    for country, debtor in (("DE", CONSUMER), ("CH", BUSINESS)):
        with pytest.raises(NotInDefault):
            first_day(terms(country, debtor, due_is_agreed=False), LATE, None, calendar=WEEKDAYS)


@pytest.mark.parametrize(
    ("amount", "indemnity"),
    [
        ("80.00 EUR", "20.00 EUR"), ("150.00 EUR", "20.00 EUR"), ("150.01 EUR", "30.00 EUR"),
        ("215.00 EUR", "36.50 EUR"), ("500.00 EUR", "65.00 EUR"), ("1000.00 EUR", "90.00 EUR"),
        ("39200.00 EUR", "2000.00 EUR"), ("99999.00 EUR", "2000.00 EUR"),
    ],
)  # fmt: skip
def test_the_belgian_scale_for_consumers(amount, indemnity):
    law = law_of("BE", CONSUMER)

    assert fixed_sum(law, money(amount), date(2024, 1, 1)) == money(indemnity)


def test_the_fixed_sums_of_the_others():
    def of(country: str, debtor: DebtorKind, amount: str) -> object:
        return fixed_sum(law_of(country, debtor), money(amount), date(2024, 1, 1))

    for country in ("FR", "BE", "DE", "LU", "NL", "AT", "IT"):
        assert of(country, BUSINESS, "12.00 EUR") == money("40.00 EUR")
    assert of("GB", BUSINESS, "999.99 GBP") == money("40.00 GBP")
    assert of("GB", BUSINESS, "1000.00 GBP") == money("70.00 GBP")
    assert of("GB", BUSINESS, "10000.00 GBP") == money("100.00 GBP")
    assert of("CH", BUSINESS, "1000.00 CHF") is None
    assert of("FR", CONSUMER, "1000.00 EUR") is None
    assert of("DE", CONSUMER, "1000.00 EUR") is None


def test_no_consumer_is_asked_for_what_only_businesses_owe_each_other():
    for (country, debtor), law in LAWS.items():
        if debtor is CONSUMER:
            assert law.fixed_sum in (FixedSum.NONE, FixedSum.BE_SCALE)
            assert law.begins is not Begins.DUE_DATE
            if country != "CH":  # one rate for everybody
                assert law.rate != LAWS[country, BUSINESS].rate
    for country in ("LU", "NL", "AT", "IT", "GB", "US"):
        with pytest.raises(NoLateInterestRule):
            law_of(country, CONSUMER)


def test_nothing_is_computed_past_the_last_known_rate_and_the_missing_one_is_named():
    until = date(2026, 6, 30)
    assert interest(terms(), "100.00 EUR", due=date(2026, 5, 31), paid=until).days == 30

    with pytest.raises(RateMissing) as missing:
        interest(terms(), "100.00 EUR", due=date(2026, 5, 31), paid=date(2026, 7, 1))

    assert missing.value.series is Series.ECB_MRO
    assert (missing.value.day, missing.value.known_until) == (date(2026, 7, 1), date(2026, 4, 1))
    assert "quittance rates load" in str(missing.value)
    # What never changes has no end.
    assert interest(terms("CH"), "100.00 CHF", due=LATE, paid=date(2030, 1, 1)).total


def test_a_later_row_counts_for_its_days_and_closes_the_gap():
    newer = Rate(Series.ECB_MRO, date(2026, 4, 2), date(2026, 12, 31), Decimal("2.40"), "ECB", LATE)
    wrong = Rate(Series.ECB_MRO, date(2025, 7, 1), date(2025, 7, 1), Decimal("9"), "typo", LATE)
    book = RateBook([*shipped_rates(), newer, wrong])

    assert quote(terms(), date(2026, 8, 1), begins_on=LATE, book=book).percent == Decimal("12.40")
    assert quote(terms(), date(2025, 8, 1), begins_on=LATE, book=book).percent == Decimal(19)
    assert quote(terms("BE"), date(2025, 8, 1), begins_on=LATE, book=book).percent == Decimal(
        "10.5"
    )


def test_payments_corrections_and_plans_change_what_bears_interest():
    begins_on = date(2024, 7, 1)
    steps = steps_of(
        money("1000.00 EUR"),
        [
            Movement(date(2024, 7, 10), money("300.00 EUR")),
            Movement(date(2024, 8, 10), money("200.00 EUR"), corrects=True),
            Movement(date(2024, 9, 1), money("-100.00 EUR")),
        ],
        begins_on=begins_on,
        spells=[Spell(date(2024, 10, 1), date(2024, 10, 31))],
    )

    # Payment: its own day still counts. Correction: as if never owed. Money taken back: from then.
    assert [(one.first_day, one.principal) for one in steps] == [
        (date(2024, 7, 1), money("800.00 EUR")), (date(2024, 7, 11), money("500.00 EUR")),
        (date(2024, 9, 2), money("600.00 EUR")), (date(2024, 10, 1), money("0.00 EUR")),
        (date(2024, 11, 1), money("600.00 EUR")),
    ]  # fmt: skip
    found = accrue(terms(), steps, begins_on=begins_on, until=date(2024, 11, 10), book=BOOK)
    assert found.exact == Fraction("14.25") * (
        80000 * 10 + 50000 * 53 + 60000 * 29 + 60000 * 10
    ) / 36500  # fmt: skip


def test_interest_on_what_is_disputed_is_the_difference_and_owed_again_from_the_first_day():
    begins_on = date(2024, 7, 1)

    def until_august(without: str) -> Fraction:
        steps = steps_of(money("1000.00 EUR"), [], begins_on=begins_on, without=money(without))
        return accrue(
            terms(), steps, begins_on=begins_on, until=date(2024, 7, 31), book=BOOK
        ).exact  # fmt: skip

    assert until_august("0.00 EUR") == until_august("300.00 EUR") + until_august("700.00 EUR")


KNOWN = sorted(LAWS, key=str)
days = st.dates(date(2014, 8, 1), date(2025, 12, 30))
steps_drawn = st.lists(
    st.tuples(st.integers(0, 4000), st.integers(0, 10**9)), min_size=1, max_size=5
)


def _drawn(country: str, debtor: DebtorKind, begins_on: date, drawn: list) -> tuple:
    sold = max(begins_on, date(2023, 9, 1)) if (country, debtor) == ("BE", CONSUMER) else begins_on
    agreement = terms(country, debtor, contracted_on=sold)
    parts = sorted({begins_on + timedelta(days=later): minor for later, minor in drawn}.items())
    parts[0] = (begins_on, parts[0][1])
    steps = [Step(day, money("0.01 EUR") + money(f"{minor}e-2 EUR")) for day, minor in parts]
    return agreement, steps


@given(law=st.sampled_from(KNOWN), ends=st.tuples(days, days, days), drawn=steps_drawn)
def test_interest_over_a_time_is_the_sum_over_any_cut_of_it(law, ends, drawn):
    begins_on, cut, until = sorted(ends)
    agreement, steps = _drawn(*law, max(begins_on, date(2016, 1, 1)), drawn)
    begins_on = steps[0].first_day

    def over(since: date | None, last_day: date) -> Fraction:
        return accrue(
            agreement, steps, begins_on=begins_on, until=last_day, since=since, book=BOOK
        ).exact

    assert over(None, until) == over(None, cut) + over(cut + timedelta(days=1), until)


@given(law=st.sampled_from(KNOWN), ends=st.tuples(days, days, days), drawn=steps_drawn,
       more=st.integers(1, 10**7))  # fmt: skip
def test_more_days_and_more_principal_never_mean_less_interest(law, ends, drawn, more):
    begins_on, sooner, later = sorted(ends)
    agreement, steps = _drawn(*law, max(begins_on, date(2016, 1, 1)), drawn)
    begins_on = steps[0].first_day
    raised = [Step(one.first_day, one.principal + money(f"{more}e-2 EUR")) for one in steps]

    def by(day: date, owed: list[Step]) -> Interest:
        return accrue(agreement, owed, begins_on=begins_on, until=day, book=BOOK)

    assert by(sooner, steps).exact <= by(later, steps).exact <= by(later, raised).exact
    whole = by(later, steps)
    assert sum(one.amount.minor for one in whole.segments) == whole.total.minor
    assert whole.total.minor == half_up(whole.exact)

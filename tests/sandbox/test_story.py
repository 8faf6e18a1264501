"""The demo's story: made up, and yet as strict about numbers and dates as the product is."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from stdnum import iban
from stdnum.be import vat as kbo
from stdnum.ch import uid
from stdnum.eu import vat as european_vat
from stdnum.fr import siren

from receivables.dunning.rules import Account as DunningAccount
from receivables.dunning.rules import Item, decide
from receivables.dunning.steps import THREE_MAILS as SCENARIO
from receivables.ids import DebtorId, InvoiceId, new_id
from receivables.intake import csv_table
from receivables.intake.parsed import ParsedInvoice
from receivables.intake.reading import read_file
from receivables.money import Money
from receivables.workdays import WEEKDAYS
from sandbox.story import HeroKind, Story, StoryReminder, StorySupplier, tell
from sandbox.story.calendar import next_working_day
from sandbox.story.dunned import messages

#: A week of days to begin on: the story must hold on every one of them.
MONDAY = date(2026, 11, 23)
TODAYS = [MONDAY + timedelta(days=days) for days in range(7)] + [date(2027, 1, 4)]


@pytest.fixture(scope="module", params=TODAYS, ids=str)
def story(request: pytest.FixtureRequest) -> Story:
    today: date = request.param
    return tell(today)


def paid(supplier: StorySupplier) -> dict[str, list[tuple[date, int]]]:
    payments = defaultdict(list)
    for transfer in supplier.transfers:
        payments[transfer.invoice_number].append((transfer.booked_on, transfer.amount_minor))
    return payments


def coming(supplier: StorySupplier, today: date, days: int) -> list[StoryReminder]:
    return messages(
        supplier.invoices,
        paid(supplier),
        first=today + timedelta(days=1),
        last=today + timedelta(days=days),
        open_numbers=(),
    )


def test_the_same_day_and_seed_tell_the_same_story_and_another_seed_another() -> None:
    assert tell(MONDAY) == tell(MONDAY)
    assert tell(MONDAY, seed=8) != tell(MONDAY)


def test_there_are_three_suppliers_sixty_customers_and_four_hundred_invoices(story: Story) -> None:
    assert [supplier.country for supplier in story.suppliers] == ["CH", "BE", "FR"]
    assert 58 <= sum(len(supplier.debtors) for supplier in story.suppliers) <= 66
    assert 380 <= sum(len(supplier.invoices) for supplier in story.suppliers) <= 430
    assert 110 <= sum(len(supplier.outstanding) for supplier in story.suppliers) <= 150
    amounts = [invoice.amount_minor for one in story.suppliers for invoice in one.invoices]
    assert min(amounts) >= 4_000
    assert max(amounts) >= 8_000_000


def test_every_number_is_once_and_passes_the_check_of_its_register(story: Story) -> None:
    checks = {"UID": uid, "KBO": kbo, "SIREN": siren}
    seen: Counter[str] = Counter()
    for supplier in story.suppliers:
        assert iban.is_valid(supplier.iban)
        for debtor in supplier.debtors:
            check = checks[debtor.registration_scheme]
            assert check.validate(debtor.registration_number) == debtor.registration_value
            if debtor.vat_number and debtor.country != "CH":
                assert european_vat.is_valid(debtor.vat_number)
            seen.update([debtor.registration_value, debtor.bureau_id])
        numbers = [one.number for one in (*supplier.invoices, *supplier.credits)]
        seen.update(f"{supplier.name} {number}" for number in numbers)
        seen.update(f"{supplier.name} {transfer.reference}" for transfer in supplier.transfers)
    assert max(seen.values()) == 1


def test_nobody_can_be_written_to_by_mistake(story: Story) -> None:
    for supplier in story.suppliers:
        addresses = [debtor.email for debtor in supplier.debtors]
        addresses += [person.email for person in supplier.staff]
        assert all(each.endswith(".example") for each in [*addresses, supplier.contact_email])
        assert len(set(addresses)) == len(addresses)


def test_everybodys_password_is_long_and_of_many_letters(story: Story) -> None:
    for supplier in story.suppliers:
        assert {person.role for person in supplier.staff} >= {"owner", "collector"}
        for person in supplier.staff:
            assert len(person.password) >= 12
            assert len(set(person.password.replace("quittance", ""))) >= 6


def test_the_lists_are_taken_by_the_product_as_they_are(story: Story) -> None:
    for supplier in story.suppliers:
        for content, told in (
            (supplier.invoices_csv, supplier.invoices),
            (supplier.credits_csv, supplier.credits),
        ):
            taken = csv_table.read(content, default_terms_days=30)
            assert [
                (one.number, one.issue_date, one.due_date, one.total, one.is_credit_note)
                for one in taken
            ] == [
                (
                    one.number,
                    one.issued_on,
                    one.due_on,
                    Money(one.amount_minor, one.currency),
                    one.is_credit,
                )
                for one in told
            ]
            assert {one.buyer.identified("DEBTOR") for one in taken} <= {
                debtor.number for debtor in supplier.debtors
            }
            assert all(_is_identified(supplier, one) for one in taken)


def _is_identified(supplier: StorySupplier, invoice: ParsedInvoice) -> bool:
    debtor = supplier.debtor(invoice.buyer.identified("DEBTOR") or "")
    return (
        invoice.buyer.identified(debtor.registration_scheme) == debtor.registration_value
        and (invoice.buyer.identified("VAT") is not None) == (debtor.vat_number is not None)
        and invoice.buyer.country == debtor.country
    )


def test_no_invoice_is_paid_twice_early_or_in_the_future(story: Story) -> None:
    for supplier in story.suppliers:
        invoices = {invoice.number: invoice for invoice in supplier.invoices}
        received: Counter[str] = Counter()
        for transfer in supplier.transfers:
            invoice = invoices[transfer.invoice_number]
            assert transfer.amount_minor > 0
            assert transfer.currency == invoice.currency
            assert transfer.debtor_number == invoice.debtor_number
            assert invoice.issued_on < transfer.booked_on < story.today
            received[invoice.number] += transfer.amount_minor
        assert all(received[number] <= one.amount_minor for number, one in invoices.items())
        assert all(one.issued_on <= story.today for one in supplier.invoices)
        parts = [number for number in supplier.outstanding if received[number]]
        assert parts, "somebody has paid a part of what is open"


def test_credits_lower_what_is_open_and_one_waits(story: Story) -> None:
    for supplier in story.suppliers:
        total = sum(invoice.amount_minor for invoice in supplier.invoices)
        transferred = sum(transfer.amount_minor for transfer in supplier.transfers)
        left = total - transferred - sum(supplier.outstanding.values())
        waiting = sum(one.amount_minor for one in supplier.credits) - left
        assert waiting == 18_000
        assert all(amount > 0 for amount in supplier.outstanding.values())


def decided(supplier: StorySupplier, today: date, day: date) -> dict[tuple[str, str], str]:
    """What the product itself decides for `day`, its history being that of the story."""
    received = paid(supplier)
    taken = defaultdict(set)
    for message in supplier.reminders:
        for item in message.items:
            taken[item.invoice_number].add(item.step)
    for message in coming(supplier, today, (day - today).days - 1):
        for item in message.items:
            taken[item.invoice_number].add(item.step)
    accounts: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for invoice in supplier.invoices:
        left = invoice.amount_minor - sum(amount for _, amount in received[invoice.number])
        if left:
            accounts[invoice.debtor_number, invoice.currency].append(
                Item(
                    invoice_id=InvoiceId(new_id()),
                    number=invoice.number,
                    issued_on=invoice.issued_on,
                    due_on=invoice.due_on,
                    outstanding=Money(left, invoice.currency),
                    processing=Money.zero(invoice.currency),
                    taken=frozenset(taken[invoice.number]),
                )
            )
    steps = {}
    for (number, currency), items in accounts.items():
        account = DunningAccount(
            debtor_id=DebtorId(new_id()),
            currency=currency,
            country=supplier.debtor(number).country,
            items=items,
            unapplied=Money.zero(currency),
            last_level=2,
        )
        verdict = decide(SCENARIO, account, day, calendar=WEEKDAYS)
        if verdict.step is not None:
            steps[number, currency] = verdict.step.name
    return steps


def test_the_product_decides_what_the_story_foretells(story: Story) -> None:
    for supplier in story.suppliers:
        assert decided(supplier, story.today, story.today) == {}, "today's messages are sent"
        day = next_working_day(story.today)
        foretold = {
            (message.debtor_number, message.currency): message.step
            for message in coming(supplier, story.today, (day - story.today).days)
        }
        assert decided(supplier, story.today, day) == foretold


def test_a_few_messages_go_out_on_each_working_day_of_the_next_fortnight(story: Story) -> None:
    for supplier in story.suppliers:
        of_day = Counter(message.run_on for message in coming(supplier, story.today, 14))
        days = [story.today + timedelta(days=days) for days in range(1, 15)]
        working = [day for day in days if day.weekday() < 5]
        assert all(1 <= of_day[day] <= 8 for day in working), (supplier.name, of_day)
        assert of_day[next_working_day(story.today)] >= 3
        assert not any(of_day[day] for day in days if day not in working)


def test_the_first_day_reminds_the_heroes(story: Story) -> None:
    day = next_working_day(story.today)
    for supplier in story.suppliers:
        steps = {
            message.debtor_number: (message.run_on, message.step)
            for message in coming(supplier, story.today, (day - story.today).days)
        }
        pays, german = supplier.hero(HeroKind.PAYS), supplier.hero(HeroKind.PAYS_IN_GERMAN)
        assert steps[pays.number] == (day, "r1")
        assert pays.language == "fr"
        assert steps[german.number] == (day, "r2")
        assert german.language == "de"
    first = story.suppliers[0]
    assert first.hero(HeroKind.PAYS).name == "Atelier Dubois Sàrl"
    assert first.hero(HeroKind.PAYS_IN_GERMAN).name == "Schreinerei Oberholzer GmbH"


def test_one_customer_of_each_owes_much_and_stands_at_71(story: Story) -> None:
    for supplier in story.suppliers:
        hero = supplier.hero(HeroKind.FALLS)
        owed = {one.number: supplier.outstanding.get(one.number, 0) for one in supplier.invoices}
        of_hero = sum(
            owed[one.number] for one in supplier.invoices if one.debtor_number == hero.number
        )
        assert hero.readings[-1].score == 71
        assert of_hero > sum(owed.values()) / 5
        assert of_hero < hero.readings[-1].limit * 100


def test_no_score_of_the_past_calls_for_an_alert_today(story: Story) -> None:
    edges = (20, 40, 50, 60, 80)
    for supplier in story.suppliers:
        for debtor in supplier.debtors:
            readings = debtor.readings
            assert len(readings) == 12
            assert all(a.as_of_on < b.as_of_on for a, b in pairwise(readings))
            before, last = readings[-2].score, readings[-1].score
            assert not any(last < edge <= before for edge in edges)
            assert before - last < 10
            assert max(one.score for one in readings[-4:]) - last < 20
            assert all(0 <= one.score <= 100 and one.limit > 0 for one in readings)
            assert timedelta(0) < story.today - readings[-1].as_of_on <= timedelta(days=10)


def test_one_customer_owes_in_two_currencies(story: Story) -> None:
    currencies = defaultdict(set)
    for supplier in story.suppliers:
        for invoice in supplier.invoices:
            if invoice.number in supplier.outstanding:
                currencies[invoice.debtor_number].add(invoice.currency)
    assert {"CHF", "EUR"} in currencies.values()


def test_the_sample_files_are_taken_but_for_the_one_with_a_mistake(story: Story) -> None:
    first = story.suppliers[0]
    known = {invoice.number for invoice in first.invoices}
    *documents, faulty = story.sample_files()
    for name, content in documents:
        report = read_file(name, content)
        assert report.accepted, report.faults
        (invoice,) = report.invoices
        assert invoice.seller.name == first.name
        assert invoice.seller.identified("UID")
        assert invoice.account == first.iban
        assert invoice.number not in known
        assert invoice.due_date > story.today
        assert sum(line.net.minor for line in invoice.lines if line.net) < invoice.total.minor

    refused = read_file(faulty.name, faulty.content)
    assert [fault.code for fault in refused.faults] == ["bad-date"]
    assert refused.faults[0].where == "line 3, column issued_on"

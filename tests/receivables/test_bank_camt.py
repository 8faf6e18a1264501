"""camt statements in any version: batches taken apart, reversals, references, refusals."""

from __future__ import annotations

import pytest

from receivables.bank.parsed import Format, ParsedEntry
from tests.support.bank_files import OWN_IBAN, PAYER_IBAN, camt, detail, entry, read

VERSIONS = [f"{number:02}" for number in range(2, 15)]


def entries(*lines: str, **given: str) -> list[ParsedEntry]:
    report, found = read(camt(*lines, **given))
    assert report.accepted, report.faults
    return found


def codes(content: str | bytes) -> list[str]:
    return [each.code for each in read(content)[0].faults]


def findings(content: str) -> list[str]:
    return [each.code for each in read(content)[0].statements[0].findings]


@pytest.mark.parametrize("message", ["camt.052", "camt.053", "camt.054"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_of_every_message_is_read(message: str, version: str) -> None:
    report, [only] = read(
        camt(entry("12.50", details=[detail()]), message=message, version=version)
    )

    assert report.format == Format(message)
    assert report.statements[0].account == OWN_IBAN
    assert (str(only.amount), only.credit_debit, only.status) == ("CHF 12.50", "CRDT", "BOOK")
    assert (only.counterparty, only.counterparty_account) == ("Atelier Dubois Sàrl", PAYER_IBAN)
    assert only.bank_code == "PMNT/RCDT/AUTT"


def test_the_shapes_of_later_versions_are_read_too() -> None:
    later = (
        entry("5.00", details=[detail(payer="Dubois")])
        .replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
        .replace("<Dbtr><Nm>Dubois</Nm></Dbtr>", "<Dbtr><Pty><Nm>Dubois</Nm></Pty></Dbtr>")
        .replace("<Dt>2026-11-02</Dt>", "<DtTm>2026-11-02T23:30:00+01:00</DtTm>", 1)
    )

    [only] = entries(later, version="08")

    assert (only.status, only.counterparty, str(only.booked_on)) == ("BOOK", "Dubois", "2026-11-02")


def test_a_batch_is_taken_apart_with_what_each_payer_said() -> None:
    first, second = entries(
        entry(
            "300.00",
            reference="BATCH-1",
            details=[
                detail("100.00", payer="One", references=["210000000003139471430009017"]),
                detail("200.00", payer="Two", words=["R-1", "and R-2"], end_to_end_id="E2E"),
            ],
        )
    )

    assert [first.part, second.part] == [1, 2]
    assert [first.batch_of, second.batch_of] == ["BATCH-1", "BATCH-1"]
    assert [str(first.amount), str(second.amount)] == ["CHF 100.00", "CHF 200.00"]
    assert first.structured_reference == "210000000003139471430009017"
    assert (second.counterparty, second.unstructured) == ("Two", "R-1 and R-2")
    assert second.end_to_end_id == "E2E"
    assert str(first.whole[0]) == "CHF 300.00"


@pytest.mark.parametrize("amounts", [["100.00", "150.00"], ["100.00", ""], ["", ""]])
def test_a_batch_that_does_not_add_up_stays_whole_with_all_its_references(
    amounts: list[str],
) -> None:
    document = camt(
        entry(
            "300.00",
            details=[
                detail(amount, references=[f"RF{place}"]) for place, amount in enumerate(amounts)
            ],
        )
    )

    _, [only] = read(document)

    assert (only.part, str(only.amount)) == (0, "CHF 300.00")
    assert only.structured_reference == "RF0, RF1"
    assert only.counterparty == "Atelier Dubois Sàrl"
    assert findings(document) == ["batch-sum"]


def test_a_reversal_goes_the_way_it_went_and_names_the_same_payer() -> None:
    [only] = entries(entry("40.00", direction="DBIT", reversal=True, details=[detail()]))

    assert only.is_reversal
    assert str(only.signed) == "CHF -40.00"
    assert only.counterparty == "Atelier Dubois Sàrl"


def test_the_other_side_of_money_out_is_who_got_it_and_never_ourselves() -> None:
    paid = entry("40.00", direction="DBIT", details=[detail(payer="Ourselves", account=OWN_IBAN)])
    named = paid.replace("</RltdPties>", "<Cdtr><Nm>Garage Rossi</Nm></Cdtr></RltdPties>")

    [nobody] = entries(paid)
    [payee] = entries(named)

    assert nobody.counterparty is None
    assert payee.counterparty == "Garage Rossi"


def test_balances_are_signed_and_compared_with_the_entries() -> None:
    fits = camt(entry("10.00"), entry("2.50", direction="DBIT"), opening="-5.00", closing="2.50")
    does_not = camt(entry("10.00"), opening="-5.00", closing="6.00")

    report, _ = read(fits)

    assert report.statements[0].opening is not None
    assert str(report.statements[0].opening.amount) == "CHF -5.00"
    assert findings(fits) == []
    assert findings(does_not) == ["does-not-add-up"]


def test_every_fault_of_a_file_is_told_with_its_line() -> None:
    report, _ = read(
        camt(
            entry("12,50"),
            entry("1.00", currency="XYZ"),
            entry("1.00", direction="BOTH"),
            entry("1.00", on="2026-02-30"),
            entry("-1.00"),
        )
    )

    told = [(each.where.partition(",")[0], each.code) for each in report.faults]
    assert told == [
        ("line 3", "bad-amount"),
        ("line 4", "bad-currency"),
        ("line 5", "bad-direction"),
        ("line 6", "bad-date"),
        ("line 6", "bad-date"),
        ("line 7", "bad-amount"),
    ]


def test_an_amount_with_more_decimals_than_its_currency_is_rounded_with_a_word() -> None:
    document = camt(entry("8.85000"), entry("8.85500"), opening="0.00000")

    _, found = read(document)

    assert [str(each.amount) for each in found] == ["CHF 8.85", "CHF 8.86"]
    assert findings(document) == ["rounded"]


def test_a_hundred_faults_are_cut_short() -> None:
    found = codes(camt(*[entry("x")] * 100))

    assert len(found) == 51
    assert found[-1] == "too-many-faults"


def test_hostile_and_broken_xml_is_refused() -> None:
    good = camt(entry("1.00"))
    bomb = "<!DOCTYPE a [<!ENTITY a 'a'><!ENTITY b '&a;&a;'>]>"

    assert codes(good[: len(good) // 2]) == ["xml-broken"]
    assert codes(good.replace("<Document", bomb + "<Document")) == ["xml-doctype"]
    assert codes(good.replace("<Document", " " * 70_000 + bomb + "<Document")) == ["other-xml"]
    assert codes(good.encode().replace(b"Atelier", b"\xff") + b"\xff") == ["xml-broken"]
    assert codes("<Invoice/>") == ["other-xml"]
    assert codes(good.replace("Stmt>", "Smt>").replace("BkToCstmrSmt", "BkToCstmrStmt")) != []

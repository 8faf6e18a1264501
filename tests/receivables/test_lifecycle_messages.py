"""Status messages, read and written: no database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.disputes.einvoice import reason_of
from receivables.disputes.reasons import Reason
from receivables.intake.faults import Refused
from receivables.lifecycle.codes import Status
from receivables.lifecycle.findings import in_zone
from receivables.lifecycle.outbox import FolderOutbox
from receivables.lifecycle.papers import Paper, read_paper
from receivables.lifecycle.parsed import Amount, Format, Motive, Stated
from receivables.lifecycle.reading import LARGEST_MB, read
from receivables.lifecycle.rules import (
    Effect,
    Movement,
    by_rate,
    cashed,
    contested,
    effect_of,
    paid,
    to_report,
)
from receivables.lifecycle.writing import Cashed, name_of, reference_of, write
from receivables.money import Money
from receivables.ports import StatusNotTaken
from tests.support.statuses import BUYER, NUMBER, cdar, e_invoice, referenced, response

TOTAL = Money.parse("1411.00", "EUR")
NET = Money.parse("1200.00", "EUR")


def at(written: str) -> datetime:
    """As messages have it: without a zone."""
    return datetime.fromisoformat(written)


def test_a_cdar_message_is_read_with_motive_amount_and_whose_invoice_it_is() -> None:
    document = referenced(
        206, motive="QTE_ERR", words="20 livres manquent", amounts=(("MNATTC", "105.50"),)
    )

    message = read(cdar(document, referenced(205, number="FA-2026-8"), reference="CDV-9"))

    assert (message.format, message.sender, message.reference) == (
        Format.CDAR, f"0002:{BUYER}", "CDV-9",
    )  # fmt: skip
    first, second = message.statuses
    assert first == Stated(
        number=NUMBER, issued_on=date(2026, 10, 26), seller="732829320", status=206, said="206",
        stated_at=at("2026-11-02T09:00"), motives=(Motive("QTE_ERR", "20 livres manquent"),),
        amounts=(Amount("MNATTC", Decimal("105.50"), "EUR"),),
    )  # fmt: skip
    assert first.words == "206 QTE_ERR: 20 livres manquent"
    assert (second.number, second.status, second.words) == ("FA-2026-8", 205, "205")


@pytest.mark.parametrize(
    ("code", "status"),
    [("AB", 202), ("IP", 204), ("UQ", 207), ("CA", 206), ("RE", 210), ("AP", 205), ("PD", 211)],
)
def test_an_invoice_response_of_peppol_says_the_same_in_other_codes(code: str, status: int) -> None:
    content = response(
        code, ("OPStatusReason", "REF", "no order number"), ("OPStatusAction", "PIN", "send it")
    )

    message = read(content)

    assert (message.format, message.sender) == (Format.INVOICE_RESPONSE, "0009:40483304800022")
    (stated,) = message.statuses
    assert (stated.number, stated.status, stated.said) == (NUMBER, status, code)
    assert stated.stated_at == at("2026-11-02T09:00")
    assert stated.words == f"{code} REF: no order number\n{code} PIN: send it"


def test_a_message_in_a_peppol_envelope_is_taken_out_of_it() -> None:
    inner = response("AP").partition(b"?>")[2]
    envelope = b"<StandardBusinessDocument><StandardBusinessDocumentHeader/>%b%b"
    end = b"</StandardBusinessDocument>"

    assert read(envelope % (inner, end)).statuses[0].status == Status.APPROVED
    with pytest.raises(Refused, match="holds 2"):
        read(envelope % (inner * 2, end))


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("20261102", datetime(2026, 11, 1, 23, tzinfo=UTC)),
        ("202611020930", datetime(2026, 11, 2, 8, 30, tzinfo=UTC)),
        ("20261102093015", datetime(2026, 11, 2, 8, 30, 15, tzinfo=UTC)),
        ("20261102093015-0500", datetime(2026, 11, 2, 14, 30, 15, tzinfo=UTC)),
        ("2026-11-02T09:30:15", datetime(2026, 11, 2, 8, 30, 15, tzinfo=UTC)),
        ("2026-11-02T09:30:15Z", datetime(2026, 11, 2, 9, 30, 15, tzinfo=UTC)),
    ],
)
def test_times_without_a_zone_are_the_sellers(written: str, instant: datetime) -> None:
    (stated,) = read(cdar(referenced(205), at=written)).statuses

    assert in_zone(stated.stated_at, ZoneInfo("Europe/Paris")) == instant


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"207;FA-2026-7", "no XML"),
        (b"<a/>", "no status message"),
        (e_invoice(), "Invoices are imported on their own page"),
        (cdar(), "names no invoice"),
        (cdar(referenced("20X")), "'20X' is no status"),
        (cdar(referenced(207, issued_on="20261332")), "'20261332' is no date"),
        (cdar(referenced(206, amounts=(("MNA", "1e9"),))), "'1e9' is no amount"),
        (cdar(referenced(207, number="")), "The number of the invoice is missing"),
        (cdar(referenced(207, number="7" * 81)), "81 characters"),
        (cdar(referenced(207), reference=""), "The id of the message is missing"),
        (cdar(referenced(207), at="soon"), "'soon' is no date"),
        (response("XX"), "'XX' is no status"),
        (cdar(*[referenced(205)] * 1001), "1001 invoices"),
        (b"<" + b"x" * (LARGEST_MB * 1_000_000), "1.0 MB"),
        (cdar(referenced(207)).replace(b"<rsm:Exch", b"<!DOCTYPE a><rsm:Exch", 1), "well-formed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
        (b"<a>" * 300, "nested more than 256"),
        (cdar(referenced(207))[:-40], "well-formed"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "utf-7"),
    ],
    ids=[
        "empty", "text", "other", "invoice", "none", "code", "date", "amount", "no-number",
        "long-number", "no-id", "no-time", "no-peppol-code", "many", "large", "doctype-inside",
        "entity", "deep", "cut", "charset",
    ],
)  # fmt: skip
def test_what_is_no_proper_message_is_refused_with_line_and_reason(
    content: bytes, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(content)

    told = [f"{one.where}: {one.what} {one.how}" for one in refused.value.faults]
    assert any(said in one for one in told), told


def test_a_refusal_names_every_fault_with_its_line() -> None:
    with pytest.raises(Refused) as refused:
        read(cdar(referenced("x"), referenced(207, number="")))

    lines = [one.where.partition(",")[0] for one in refused.value.faults]
    assert len(lines) == 2 and len(set(lines)) == 2
    assert all(line.startswith("line ") for line in lines)


def stated(
    status: int, *amounts: tuple[str, str], currency: str = "EUR", motives: tuple[Motive, ...] = ()
) -> Stated:
    return Stated(
        number=NUMBER, issued_on=None, seller="", status=status, said=str(status),
        stated_at=at("2026-11-02T09:00"), motives=motives,
        amounts=tuple(Amount(kind, Decimal(value), currency) for kind, value in amounts),
    )  # fmt: skip


def test_what_follows_from_each_status() -> None:
    assert {status for status in Status if effect_of(status) is Effect.CONTESTS} == {
        206, 207, 208, 210,
    }  # fmt: skip
    assert [one for one in Status if effect_of(one) is Effect.SAYS_IT_IS_PAID] == [211]
    assert effect_of(601) is Effect.NONE


def test_only_what_is_not_approved_is_contested() -> None:
    def part(*amounts: tuple[str, str], outstanding: Money = TOTAL, net: Money | None = NET):
        return contested(stated(206, *amounts), TOTAL, outstanding, net=net)

    assert part() is None
    assert part(("MNATTC", "105.50")) == Money.parse("105.50", "EUR")
    assert part(("MAPTTC", "1305.50")) == Money.parse("105.50", "EUR")
    assert part(("MNA", "120.00")) == Money.parse("141.10", "EUR")
    assert part(("MAP", "1080.00")) == Money.parse("141.10", "EUR")
    assert part(("MNA", "120.00"), net=None) is None
    assert part(("MNATTC", "105.50"), ("MNA", "1.00")) == Money.parse("105.50", "EUR")
    assert part(("MNATTC", "2000.00")) == TOTAL
    assert part(("MNATTC", "500.00"), outstanding=Money(7, "EUR")) == Money(7, "EUR")
    assert part(("MAPTTC", "1500.00")) == Money.zero("EUR")
    assert part(("MNATTC", "1.005")) is None
    assert contested(stated(206, ("MNATTC", "5.00"), currency="CHF"), TOTAL, TOTAL, net=NET) is None


def test_a_payment_that_was_sent_is_over_what_is_named_or_all() -> None:
    assert paid(stated(211), TOTAL) == TOTAL
    assert paid(stated(211, ("MPA", "400.00")), TOTAL) == Money.parse("400.00", "EUR")
    assert paid(stated(211, ("MPA", "0.00")), TOTAL) is None
    assert paid(stated(211, motives=(Motive("PPD", "half of it"),)), TOTAL) is None


def test_motives_come_to_reasons_that_somebody_answers_for() -> None:
    assert [reason_of(code) for code in ("QTE_ERR", "PU_ERR", "COORD_BANC_ERR", "JUSTIF_ABS")] == [
        Reason.QUANTITY, Reason.PRICE, Reason.BANK, Reason.OTHER,
    ]  # fmt: skip
    assert reason_of("QTY") is Reason.QUANTITY
    assert reason_of("CONTRAT_TERM") is Reason.UNKNOWN


def moved(minor: int, reason: str, *, id: str = "", source: str = "", day: int = 2) -> Movement:
    return Movement(id or f"{reason}{minor}", minor, reason, source, date(2026, 11, day))


def test_cashed_is_money_and_what_was_set_off_but_no_credit_note_of_its_own() -> None:
    movements = [
        moved(-1000, "invoice_issued", day=1),
        moved(400, "payment_settled", day=5),
        moved(100, "cash_allocated", source="note-1/x", day=6),
        moved(50, "cash_allocated", source="note-2/x", day=7),
        moved(30, "written_off", day=9),
        moved(-150, "charged_back", day=8),
    ]

    assert cashed(movements, {"note-1"}) == (300, date(2026, 11, 8))
    undone = moved(-100, "allocation_undone", source="cash_allocated100", day=10)
    assert cashed([*movements, undone], {"note-1"}) == (300, date(2026, 11, 8))
    assert cashed([moved(-1000, "invoice_issued")], set()) == (0, None)


@given(
    st.lists(
        st.tuples(st.sampled_from(["pay", "back", "waive"]), st.integers(1, 1000)), max_size=12
    )
)
def test_what_was_said_adds_up_to_what_was_cashed_whenever_it_is_paid(
    story: list[tuple[str, int]],
) -> None:
    """Money comes, goes back and is waived in any order; after each, what is due is said."""
    came = waived = said = 0
    for what, amount in story:
        if what == "pay":
            came += min(amount, 1000 - came - waived)
        elif what == "back":
            came -= min(amount, came)
        else:
            waived += min(amount, 1000 - came - waived)
        now = to_report(came, said, 1000 - came - waived)
        said += now
        assert to_report(came, said, 1000 - came - waived) == 0
        assert 0 <= said <= came
        assert came + waived < 1000 or said == came


RATES = [Decimal(20), Decimal("5.5"), Decimal(0)]


@given(
    st.integers(-(10**6), 10**6).filter(bool),
    st.lists(
        st.tuples(st.sampled_from(RATES), st.integers(0, 10**6)),
        min_size=1, max_size=6,
    ).filter(lambda parts: sum(minor for _, minor in parts) > 0),
)  # fmt: skip
def test_shares_by_rate_lose_nothing_and_name_each_rate_once(
    minor: int, gross: list[tuple[Decimal, int]]
) -> None:
    shares = by_rate(minor, gross)

    assert sum(part for _, part in shares) == minor
    assert len({rate for rate, _ in shares}) == len(shares)
    whole = sum(part for _, part in gross)
    in_full = dict(by_rate(whole, gross))
    for rate in {rate for rate, _ in gross}:
        assert in_full.get(rate, 0) == sum(part for other, part in gross if other == rate)


def paper(content: bytes) -> Paper:
    found = read_paper(content)
    assert found is not None
    return found


def test_the_tax_and_the_sides_are_read_from_the_e_invoice() -> None:
    found = paper(e_invoice())

    assert found.gross == ((Decimal(20), 120000), (Decimal("5.5"), 21100))
    assert found.seller.number == ("0002", "732829320")
    assert found.buyer.address == ("0225", BUYER)
    assert paper(e_invoice(has_tax=False)).gross == ()
    assert read_paper(b"<a/>") is None


def test_tax_is_read_from_cross_industry_invoices_of_both_generations() -> None:
    samples = Path(__file__).parent / "intake_samples"
    tax = (
        "<ram:ApplicableTradeTax><ram:CalculatedAmount>{1}</ram:CalculatedAmount>"
        "<ram:BasisAmount>{0}</ram:BasisAmount><ram:{2}>19.00</ram:{2}></ram:ApplicableTradeTax>"
        "</ram:{3}>"
    )

    for name, settlement, *part in (
        ("cii_invoice.xml", "ApplicableHeaderTradeSettlement", "-100.00", "-19.00",
         "RateApplicablePercent"),
        ("zugferd_1_basic.xml", "ApplicableSupplyChainTradeSettlement", "76.43", "14.52",
         "ApplicablePercent"),
    ):  # fmt: skip
        content = (samples / name).read_text(encoding="utf-8")
        assert paper(content.encode()).gross == (), name
        with_tax = content.replace(f"</ram:{settlement}>", tax.format(*part, settlement))
        ((rate, minor),) = paper(with_tax.encode()).gross
        assert (rate, abs(minor)) in ((Decimal(19), 11900), (Decimal(19), 9095))


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_written_reads_back_as_what_was_meant(sign: int) -> None:
    found = paper(e_invoice())
    made_at = at("2026-11-20T08:05:09")
    reference = reference_of(NUMBER, "380", date(2026, 10, 26), made_at)
    shares = [(rate, Money(part, "EUR")) for rate, part in by_rate(sign * TOTAL.minor, found.gross)]

    message = read(
        write(
            Cashed(
                reference=reference, number=NUMBER, issued_on=date(2026, 10, 26),
                cashed_on=date(2026, 11, 19), made_at=made_at, shares=shares, paper=found,
            )
        )
    )  # fmt: skip

    assert message.reference == "FA-2026-7_212_20261120080509#380_20261026"
    assert message.sender == "0002:732829320"
    (stated,) = message.statuses
    assert (stated.number, stated.status, stated.seller) == (NUMBER, 212, "732829320")
    assert (stated.issued_on, stated.stated_at) == (date(2026, 10, 26), at("2026-11-19"))
    minus = "-" if sign < 0 else ""
    assert stated.amounts == (
        Amount("MEN", Decimal(f"{minus}1200.00"), "EUR", Decimal(20)),
        Amount("MEN", Decimal(f"{minus}211.00"), "EUR", Decimal("5.50")),
    )


def test_a_file_appears_whole_once_and_under_a_name_that_is_one(tmp_path: Path) -> None:
    outbox = FolderOutbox(tmp_path)
    name = name_of("../FA 7/é", 1, "0a1b")

    outbox.put(name, b"one")
    outbox.put(name, b"one")

    assert name == "212_FA-7_1_0a1b.xml"
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [(name, b"one")]
    with pytest.raises(StatusNotTaken, match="another content"):
        outbox.put(name, b"two")
    with pytest.raises(StatusNotTaken):
        FolderOutbox(tmp_path / "missing").put(name, b"one")
    assert len(list(tmp_path.iterdir())) == 1

"""What follows from statuses that come in, and the 212 that goes out: on a database."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from receivables import checks
from receivables.clock import local_date
from receivables.database import SYSTEM, Scope
from receivables.disputes import deciding
from receivables.disputes import queries as disputes
from receivables.disputes.steps import Words
from receivables.history import of_invoice
from receivables.invoices.tables import Invoice
from receivables.jobs import Job, JobState
from receivables.ledger.holds import HoldReason
from receivables.ledger.writing_off import write_off
from receivables.lifecycle import queries
from receivables.lifecycle.command import add_parser
from receivables.lifecycle.events import StatusReceived
from receivables.lifecycle.importing import import_messages
from receivables.lifecycle.outbox import FolderOutbox
from receivables.lifecycle.reading import read
from receivables.lifecycle.reporting import choose_emission
from receivables.lifecycle.tables import Outcome, ReceivedStatus, SentState
from receivables.money import Money
from receivables.runtime import Runtime
from tests.support.builders import make_invoice, money
from tests.support.printing_shop import Shop
from tests.support.statuses import NUMBER, TOTAL, cdar, e_invoice, referenced, response


@pytest.fixture
def shop(runtime: Runtime, tmp_path: Path) -> Shop:
    folder = tmp_path / "out"
    folder.mkdir()
    return Shop(runtime, folder)


def test_a_207_opens_a_dispute_once_and_the_next_ones_are_added_to_it(shop: Shop) -> None:
    first = cdar(referenced(207, motive="PU_ERR", words="Prix du devis"))
    second = cdar(
        referenced(210, motive="AUTRE", words="Toujours"), reference="CDV-2", at="20261102093000"
    )

    assert shop.outcome(first) is Outcome.DISPUTED
    shop.clock.advance(timedelta(hours=1))
    assert shop.outcome(second) is Outcome.ADDED
    shop.world.run_jobs()

    (dispute,) = shop.disputes()
    assert (dispute.reason, str(dispute.disputed.decimal)) == ("price", "1411.00")
    assert shop.said() == ["207 PU_ERR: Prix du devis", "210 AUTRE: Toujours"]
    assert shop.held() == {HoldReason.DISPUTED: money(TOTAL)}
    assert "compta@librairie.example" in {one.to_address for one in shop.world.mail}
    with shop.world.runtime.reading(Scope(shop.supplier_id)) as session:
        timeline = of_invoice(session, shop.supplier_id, shop.invoice_id)
    heard = [one.event for one in timeline if isinstance(one.event, StatusReceived)]
    assert [(one.status, one.outcome) for one in heard] == [(207, "disputed"), (210, "added")]


def test_a_message_taken_twice_changes_nothing_and_its_id_is_not_used_again(shop: Shop) -> None:
    message = cdar(referenced(207, motive="PU_ERR"))

    first, again, other = shop.hear(message, message, cdar(referenced(205)))

    assert (first.outcome, again.outcome, other.outcome) == ("taken", "known", "refused")
    assert again.statuses[0].dispute_id == first.statuses[0].dispute_id
    assert [one.code for one in other.faults] == ["status-other-content"]
    nobody = cdar(referenced(204), issuer=""), cdar(referenced(205), issuer="")
    assert [line.outcome for line in shop.hear(*nobody)] == ["taken", "taken"]
    assert len(shop.said()) == 1


def test_what_comes_late_undoes_nothing_that_is_newer(shop: Shop) -> None:
    assert shop.outcome(cdar(referenced(205), at="20261102083000")) is Outcome.RECORDED
    late = cdar(referenced(207, motive="PU_ERR"), reference="CDV-0", at="20261101120000")

    assert shop.outcome(late) is Outcome.OVERTAKEN
    assert not shop.disputes()

    newer = cdar(referenced(207, motive="PU_ERR"), reference="CDV-2", at="20261102084500")
    assert shop.outcome(newer) is Outcome.DISPUTED
    older = cdar(referenced(205), reference="CDV-3", at="20261102083500")
    assert shop.outcome(older) is Outcome.OVERTAKEN
    assert len(shop.disputes()) == 1
    # A clock that is ahead does not silence what follows.
    ahead = cdar(referenced(204), reference="CDV-4", at="20991231000000")
    assert shop.outcome(ahead) is Outcome.RECORDED
    shop.clock.advance(timedelta(hours=2))
    approved = cdar(referenced(205), reference="CDV-5", at="20261102103000")
    assert shop.outcome(approved) is Outcome.RECORDED


@pytest.mark.parametrize(
    ("content", "reason", "amount"),
    [
        (
            cdar(referenced(206, motive="QTE_ERR", amounts=(("MNATTC", "105.50"),))),
            "quantity", "105.50",
        ),
        (cdar(referenced(206, motive="REM_ERR", amounts=(("MNA", "120.00"),))), "price", "141.10"),
        (cdar(referenced(208, motive="JUSTIF_ABS", words="bon de livraison")), "other", "1411.00"),
        (response("CA", ("OPStatusReason", "DEL", "late")), "delivery", "1411.00"),
        (response("UQ", ("OPStatusReason", "REF", "no order")), "reference", "1411.00"),
    ],
    ids=["part", "part-without-tax", "suspended", "conditionally", "under-query"],
)  # fmt: skip
def test_what_is_not_approved_is_held_and_no_more(
    shop: Shop, content: bytes, reason: str, amount: str
) -> None:
    assert shop.outcome(content) is Outcome.DISPUTED

    (dispute,) = shop.disputes()
    assert (dispute.reason, str(dispute.disputed.decimal)) == (reason, amount)
    assert shop.held() == {HoldReason.DISPUTED: money(f"{amount} EUR")}


def test_a_payment_that_was_sent_is_looked_for_and_reminders_wait(shop: Shop) -> None:
    sent = cdar(referenced(211, amounts=(("MPA", "400.00"),)))

    assert shop.outcome(sent) is Outcome.SAID_TO_BE_PAID
    assert shop.held() == {HoldReason.SAID_TO_BE_PAID: money("400.00 EUR")}
    again = response("PD", reference="IR-2", time="09:30:00")
    assert shop.outcome(again) is Outcome.RECORDED


def test_a_status_waits_for_its_invoice_and_touches_nobody_elses(shop: Shop) -> None:
    other_id = shop.world.supplier(name="Autre SARL", country="FR", currency="EUR")
    foreign, _ = shop.bill(e_invoice(number="FA-9"), other_id)
    messages = [
        cdar(referenced(207, number="FA-9", motive="PU_ERR"), reference="other"),
        cdar(referenced(207, seller="552100554"), reference="seller"),
        cdar(referenced(207, issued_on="20251026"), reference="date"),
    ]

    lines = shop.hear(*messages)

    assert [line.statuses[0].outcome for line in lines] == [Outcome.NOT_MATCHED] * 3
    with shop.world.runtime.reading(SYSTEM) as session:
        assert session.scalar(select(ReceivedStatus.invoice_id).limit(1)) is None
        assert session.get_one(Invoice, foreign).supplier_id == other_id
        assert not disputes.of_debtor(
            session, other_id, session.get_one(Invoice, foreign).debtor_id
        )

    shop.bill(e_invoice(number="FA-9"))
    shop.wait()

    with shop.world.runtime.reading(Scope(shop.supplier_id)) as session:
        rows = queries.received(session, shop.supplier_id, limit=9)
        assert {one.row.number: one.row.outcome for one in rows}["FA-9"] == Outcome.DISPUTED
        assert queries.count_received(session, shop.supplier_id, not_matched=True) == 2


def test_nothing_is_contested_of_what_is_paid(shop: Shop) -> None:
    shop.pay(TOTAL)

    assert shop.outcome(cdar(referenced(210, motive="PU_ERR"))) is Outcome.NOTHING_OPEN
    late = response("PD", reference="IR-2", time="09:30:00")
    assert shop.outcome(late) is Outcome.NOTHING_OPEN
    shop.wait()


def test_a_dry_run_says_what_would_follow_and_leaves_nothing(shop: Shop) -> None:
    files = [("207.xml", cdar(referenced(207, motive="PU_ERR"))), ("bad.xml", b"<a/>")]

    lines = list(import_messages(shop.world.runtime, shop.supplier_id, files, dry_run=True))

    assert [line.outcome for line in lines] == ["taken", "refused"]
    assert lines[0].as_json()["statuses"][0]["outcome"] == "disputed"
    assert not shop.disputes()
    assert shop.outcome(files[0][1]) is Outcome.DISPUTED


def test_from_a_207_by_file_to_one_212_in_a_file(shop: Shop) -> None:
    shop.hear(cdar(referenced(207, motive="PU_ERR", words="Prix du devis")))
    (dispute,) = shop.disputes()
    with shop.world.runtime.transaction(Scope(shop.supplier_id)) as session:
        deciding.decide(
            session, shop.supplier_id, dispute.id, {shop.invoice_id: Money.zero("EUR")},
            Words("Le devis dit 1 000."), clock=shop.clock,
        )  # fmt: skip
    shop.clock.advance(timedelta(days=1))
    shop.pay("411.00 EUR")
    shop.wait()
    assert not shop.files()

    shop.clock.advance(timedelta(days=1))
    shop.pay("1000.00 EUR", source="transfer-2")
    shop.wait()
    shop.wait()

    (file,) = shop.files()
    (stated,) = read(file.read_bytes()).statuses
    assert (stated.number, stated.status) == (NUMBER, 212)
    assert [(one.kind, str(one.value), str(one.rate)) for one in stated.amounts] == [
        ("MEN", "1200.00", "20.00"), ("MEN", "211.00", "5.50"),
    ]  # fmt: skip
    (row,) = shop.sent()
    assert row.cashed_on == local_date(shop.clock.now(), "Europe/Paris")
    assert (row.state, row.name) == (SentState.WRITTEN, file.name)
    with shop.world.runtime.reading(SYSTEM) as session:
        dead = select(Job.actor).where(Job.state == JobState.DEAD)
        assert session.scalars(dead).all() == []


def test_money_that_goes_back_is_said_below_zero_and_again_when_it_came_again(shop: Shop) -> None:
    shop.pay(TOTAL)
    shop.wait()
    assert shop.amounts() == ["1411.00"]

    shop.send_back()
    shop.wait()
    assert shop.amounts() == ["1411.00", "-1411.00"]

    shop.pay("1000.00 EUR", source="transfer-2")
    shop.wait()
    assert len(shop.sent()) == 2
    with shop.world.runtime.transaction(Scope(shop.supplier_id)) as session:
        write_off(
            session, supplier_id=shop.supplier_id, debtor_id=shop.debtor_id,
            invoice_id=shop.invoice_id, amount=money("411.00 EUR"), why="given up",
            source="form-1", booked_on=local_date(shop.clock.now(), "Europe/Paris"),
            clock=shop.clock,
        )  # fmt: skip
    shop.wait()

    assert shop.amounts() == ["1411.00", "-1411.00", "1000.00"]
    assert [one.sequence for one in shop.sent()] == [1, 2, 3]
    assert len(shop.files()) == 3


def test_without_a_folder_messages_wait_and_go_out_when_there_is_one(
    runtime: Runtime, tmp_path: Path
) -> None:
    shop = Shop(runtime, None)
    shop.pay(TOTAL)
    shop.wait()
    assert [one.state for one in shop.sent()] == [SentState.WAITING]

    shop.world.runtime = replace(shop.world.runtime, statuses=FolderOutbox(tmp_path / "late"))
    shop.wait()
    assert [one.state for one in shop.sent()] == [SentState.WAITING]
    # The folder is not there yet: the job tries again.
    (tmp_path / "late").mkdir()
    shop.wait()

    assert [one.state for one in shop.sent()] == [SentState.WRITTEN]
    assert len(list((tmp_path / "late").iterdir())) == 1


def test_only_those_who_tell_do_and_only_of_what_moved_since(
    runtime: Runtime, tmp_path: Path
) -> None:
    shop = Shop(runtime, tmp_path, country="BE")
    shop.pay("411.00 EUR")
    shop.clock.advance(timedelta(hours=1))
    second, _ = shop.bill(e_invoice(number="FA-2"))
    with shop.world.runtime.transaction(Scope(shop.supplier_id)) as session:
        choose_emission(session, shop.supplier_id, emits=True, clock=shop.clock)
    shop.wait()
    assert not shop.sent()

    shop.pay("1000.00 EUR", source="transfer-2")
    shop.wait()
    assert shop.amounts() == ["1411.00"]

    with shop.world.runtime.transaction(Scope(shop.supplier_id)) as session:
        choose_emission(session, shop.supplier_id, emits=False, clock=shop.clock)
    shop.invoice_id = second
    shop.pay(TOTAL, source="transfer-3")
    shop.wait()
    assert shop.amounts() == ["1411.00"]


def test_an_e_invoice_without_its_tax_is_said_to_be_unreportable_once(shop: Shop) -> None:
    shop.invoice_id, _ = shop.bill(e_invoice(number="FA-2", has_tax=False))
    shop.pay(TOTAL)
    shop.wait()
    shop.wait()

    (row,) = shop.sent()
    assert (row.state, row.why, row.name[:8]) == (SentState.IMPOSSIBLE, "no_tax", "212_FA-2")
    assert not shop.files()


def test_a_check_finds_an_e_invoice_whose_platform_was_not_told(shop: Shop) -> None:
    shop.wait()
    shop.pay(TOTAL)
    shop.clock.advance(timedelta(days=2))
    with shop.world.runtime.reading(SYSTEM) as session:
        found = [
            one.what
            for one in checks.findings(session, now=shop.clock.now())
            if "platform" in one.what
        ]
    assert len(found) == 1

    shop.wait()
    with shop.world.runtime.reading(SYSTEM) as session:
        later = shop.clock.now() + timedelta(days=2)
        found = [one.what for one in checks.findings(session, now=later) if "platform" in one.what]
    assert found == []


def test_the_command_takes_messages_in_and_writes_what_waits_once(
    runtime: Runtime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = Shop(runtime, None)
    shop.pay(TOTAL)
    shop.wait()
    told = tmp_path / "204.xml"
    told.write_bytes(cdar(referenced(204)))

    def run(*arguments: str) -> tuple[int, list[str]]:
        parser = argparse.ArgumentParser()
        add_parser(
            parser.add_subparsers(),
            lambda _settings: nullcontext(shop.world.runtime),
            lambda _runtime, _name: shop.supplier_id,
        )
        options = parser.parse_args(["statuses", *arguments])
        code = options.run(runtime.settings, options)
        return code, capsys.readouterr().out.splitlines()

    code, (line,) = run("import", str(told), "--json")
    assert (code, json.loads(line)["statuses"][0]["outcome"]) == (0, "recorded")
    assert run("import", str(tmp_path / "missing.xml"))[0] == 2

    folder = tmp_path / "out"
    assert run("export", "--out", str(folder))[0] == 2
    folder.mkdir()
    code, (line,) = run("export", "--out", str(folder), "--json")
    said = json.loads(line)
    assert (code, said["amount_minor"], said["number"]) == (0, 141100, NUMBER)
    assert [file.name for file in folder.iterdir()] == [said["file"]]
    assert run("export", "--out", str(folder)) == (0, [])
    code, lines = run("export", "--out", str(folder), "--all")
    assert (code, len(lines)) == (0, 1)


def test_what_an_invoices_own_credit_note_took_off_is_not_said_to_be_cashed(shop: Shop) -> None:
    with shop.world.runtime.transaction(Scope(shop.supplier_id)) as session:
        make_invoice(
            session, shop.supplier_id, shop.debtor_id, "411.00 EUR", clock=shop.clock,
            is_credit_note=True, preceding_number=NUMBER, zone="Europe/Paris",
        )  # fmt: skip
        make_invoice(
            session, shop.supplier_id, shop.debtor_id, "100.00 EUR", clock=shop.clock,
            is_credit_note=True, zone="Europe/Paris",
        )  # fmt: skip
    shop.pay("900.00 EUR")
    shop.wait()

    # What another credit note paid was set off, which counts.
    assert shop.amounts() == ["1000.00"]
    with shop.world.runtime.reading(SYSTEM) as session:
        later = shop.clock.now() + timedelta(days=2)
        found = [one.what for one in checks.findings(session, now=later) if "platform" in one.what]
    assert found == []

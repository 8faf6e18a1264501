"""The collection file: what is in it, who may have it, and what leaves automation with it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from pypdf import PdfReader, PdfWriter
from sqlalchemy import func, select

from receivables import history
from receivables.calls.tables import Call, CallAttempt
from receivables.collection.actions import KEPT, expire
from receivables.collection.rules import MOST_INVOICES_AT_ONCE
from receivables.collection.tables import CollectionFile, CollectionFilePart
from receivables.database import SYSTEM, Scope
from receivables.dunning.actions import dun_supplier
from receivables.dunning.handing_over import waiting_handovers
from receivables.dunning.holding import holds_of
from receivables.dunning.queries import preview
from receivables.dunning.reasons import Reason
from receivables.dunning.scenarios import save_scenarios
from receivables.dunning.steps import DEFAULT
from receivables.dunning.tables import Reminder
from receivables.ids import (
    CallAttemptId,
    CallId,
    DebtorId,
    ExecutionId,
    LetterBatchId,
    LetterId,
    new_id,
)
from receivables.invoices.tables import Document, Invoice
from receivables.ledger.holds import HoldReason
from receivables.plans.queries import items_of
from receivables.post.tables import Letter, LetterBatch, LetterPrint
from receivables.uploads.tables import Upload
from receivables.worklist.queries import asked_of, of_debtor
from receivables.worklist.rules import Kind
from tests.support.builders import money
from tests.support.faces import Browser
from tests.support.office import Office


def contester(office: Office) -> DebtorId:
    """The debtor whose invoice came as a file, and who disputes it with another."""
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        return DebtorId(
            session.scalars(
                select(Invoice.debtor_id)
                .join(Document, Document.invoice_id == Invoice.id)
                .where(Document.id == office.ids["document"])
            ).one()
        )


def happened(office: Office, debtor_id: UUID) -> list[tuple[str, str]]:
    """What happened to the file and the invoices of a debtor, and who did it, newest first."""
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        found = history.of_debtor(session, office.supplier_id, DebtorId(debtor_id))
    return [
        (one.event.kind, one.by)
        for one in found
        if one.event.kind.startswith(("collection.", "handover."))
    ]


def made(browser: Browser, debtor_id: UUID, language: str = "de") -> zipfile.ZipFile:
    page = f"/debtors/{debtor_id}/collection"
    assert browser.submit(page, {"language": language}, page=page).status_code == 303
    taken = browser.get(f"{page}.zip")
    assert taken.status_code == 200
    assert taken.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert taken.headers["content-length"] == str(len(taken.content))
    return zipfile.ZipFile(io.BytesIO(taken.content))


def rows(file: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read(name).decode("utf-8-sig"))))


def test_every_byte_of_the_zip_is_what_its_manifest_and_the_books_say(office: Office) -> None:
    debtor_id = contester(office)
    with office.signed_in(office.collector) as browser:
        file = made(browser, debtor_id)
        pdf = browser.get(f"/debtors/{debtor_id}/collection.pdf").content

    assert file.testzip() is None
    contents = {one.filename: file.read(one) for one in file.infolist()}
    assert len(contents) == len(file.infolist()), "no name twice"
    found = {
        path: (len(content), hashlib.sha256(content).hexdigest())
        for path, content in contents.items()
    }
    told = {one["path"]: one for one in json.loads(contents["manifest.json"])["files"]}
    assert {path: (one["bytes"], one["sha256"]) for path, one in told.items()} == {
        path: one for path, one in found.items() if path not in ("manifest.json", "SHA256SUMS")
    }
    sums = [line.split("  ") for line in contents["SHA256SUMS"].decode().splitlines()]
    assert {path: digest for digest, path in sums} == {
        path: digest for path, (_, digest) in found.items() if path != "SHA256SUMS"
    }
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        document = session.scalar(
            select(Document.content).where(Document.id == office.ids["document"])
        )
        upload = session.scalar(select(Upload.content).where(Upload.id == office.ids["upload"]))
    assert document in [one for path, one in contents.items() if path.startswith("invoices/")]
    assert upload in [one for path, one in contents.items() if path.startswith("disputes/D-")]
    assert pdf == contents["file.pdf"]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert json.loads(contents["manifest.json"])["debtor"]["name"] in text
    by = f"staff:{office.collector}"
    assert happened(office, debtor_id) == [
        ("collection.file_taken", by),
        ("collection.file_taken", by),
        ("collection.file_made", by),
        ("collection.file_asked", by),
    ]


def print_and_call(office: Office) -> None:
    """A letter, the second of two in its batch, and somebody who was reached by telephone."""
    now, contact_id = office.world.clock.now(), office.ids["contact"]
    mine = {"supplier_id": office.supplier_id}
    theirs = {
        **mine, "debtor_id": office.ids["debtor"], "contact_id": contact_id, "level": 3,
        "tone": "strict", "language": "fr", "about": {"invoices": []},
        "amount": money("120.00 CHF"), "created_at": now,
    }  # fmt: skip
    writer, pages = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_blank_page(300, 300)
    writer.write(pages)
    batch_id, call_id = LetterBatchId(new_id()), CallId(new_id())
    with office.runtime.transaction(Scope(office.supplier_id)) as session:
        session.add(
            LetterBatch(**mine, id=batch_id, state="printed", registered=True, letters=2,
                        created_at=now)
        )  # fmt: skip
        session.flush()
        session.add_all(
            [
                LetterPrint(**mine, batch_id=batch_id, sha256="0" * 64,
                            content=pages.getvalue(), set_at=now),
                Letter(**theirs, id=LetterId(new_id()), execution_id=ExecutionId(new_id()),
                       formal_notice=False, registered=True, state="printed", state_since=now,
                       batch_id=batch_id, place=2, first_page=2, pages=1, tracking="98.00.1",
                       sent_to="Atelier Dubois, 1003 Lausanne"),
                Call(**theirs, id=call_id, execution_id=ExecutionId(new_id()), state="done",
                     due_on=now.date()),
            ]
        )  # fmt: skip
        session.flush()
        session.add(
            CallAttempt(**mine, id=CallAttemptId(new_id()), debtor_id=office.ids["debtor"],
                        contact_id=contact_id, call_id=call_id, outcome="reached",
                        number="+41215550140", note="Sounded annoyed.", called_at=now)
        )  # fmt: skip


def test_the_file_has_the_proofs_the_account_and_no_solvency(office: Office) -> None:
    debtor_id = office.ids["debtor"]
    print_and_call(office)
    with office.signed_in() as browser:
        file = made(browser, debtor_id, "en")
        page = browser.get(f"/debtors/{debtor_id}/collection").text
        with office.signed_in(office.reader) as reader:
            refused = [
                reader.get(f"/debtors/{debtor_id}/collection.{what}").status_code
                for what in ("zip", "pdf")
            ]

    messages = rows(file, "messages.csv")
    (mail,) = [one for one in messages if one["message_id"].startswith("reminder-")]
    assert mail["state"] == "unknown"
    assert mail["handed_over_at"]
    (letter,) = [one for one in messages if one["message_id"] == "98.00.1"]
    assert letter["to"] == "Atelier Dubois, 1003 Lausanne"
    assert "" in [one["answer"] for one in messages if one["state"] == "reached"]
    copies = [
        [page.mediabox.width for page in PdfReader(io.BytesIO(file.read(one))).pages]
        for one in file.namelist()
        if one.startswith("letters/")
    ]
    assert [300] in copies, "theirs of the two in the batch"
    account = rows(file, "account.csv")
    assert account[-1]["balance"] == "765.00", "120, 45 and 600 are open"
    assert {"Invoice", "Payment", "Written off"} <= {one["what"] for one in account}
    everything = b"".join(file.read(one) for one in file.namelist() if not one.endswith(".pdf"))
    pdf = PdfReader(io.BytesIO(file.read("file.pdf")))
    text = "".join(one.extract_text() for one in pdf.pages) + everything.decode()
    assert "promised for" in text
    for word in ("bureau", "band", "score", "Band ", "annoyed"):
        assert word not in text, "what staff alone may know"
    assert refused == [403, 403]
    assert "Each download is on record" in page


def test_a_large_file_is_made_by_a_job_and_forgotten_when_it_was_kept_long_enough(
    bare: Office,
) -> None:
    world, supplier_id = bare.world, bare.supplier_id
    debtor_id = world.debtor(supplier_id=supplier_id, name="../../Dubois = Söhne")
    for number in range(MOST_INVOICES_AT_ONCE + 1):
        world.invoice(
            "10.00 CHF", debtor_id=debtor_id, supplier_id=supplier_id, number=f"../{number}",
            due_in_days=-4,
        )  # fmt: skip
    page = f"/debtors/{debtor_id}/collection"
    with bare.signed_in() as browser:
        browser.submit(page, {"language": "fr"}, page=page)
        before = browser.get(f"{page}.zip").status_code
        asked = browser.get(page).text
        world.run_jobs()
        taken = browser.get(f"{page}.zip")
        world.clock.advance(KEPT)
        world.clock.advance(KEPT)
        with bare.runtime.transaction(SYSTEM) as session:
            expire(session, clock=world.clock)
            left = session.scalar(select(func.count()).select_from(CollectionFilePart))
            states = list(session.scalars(select(CollectionFile.state)))

    assert before == 404
    assert "being made since" in asked
    assert "Sohne" in taken.headers["content-disposition"]
    file = zipfile.ZipFile(io.BytesIO(taken.content))
    assert not [one for one in file.namelist() if one.startswith(("/", ".")) or ".." in one]
    assert len(rows(file, "account.csv")) == MOST_INVOICES_AT_ONCE + 1
    assert (left, states) == (0, ["expired"])


def test_what_is_handed_over_is_left_alone_until_it_is_taken_back(office: Office) -> None:
    debtor_id, invoice_id = office.ids["debtor"], office.ids["invoice"]
    page = f"/debtors/{debtor_id}/collection"

    def reasons() -> list[HoldReason]:
        with office.runtime.reading(Scope(office.supplier_id)) as session:
            found = holds_of(session, office.supplier_id, DebtorId(debtor_id))
        return [one.reason for one in found if one.invoice_id == invoice_id]

    with office.signed_in() as browser:
        form = {"invoice": str(invoice_id), "recipient": "Maître Vuille"}
        unnamed = browser.submit(f"{page}/hand-over", {"invoice": str(invoice_id)}, page=page)
        answer = browser.submit(f"{page}/hand-over", form, page=page)
        held = reasons()
        with office.runtime.reading(Scope(office.supplier_id)) as session:
            plannable = [
                one.invoice_id for one in items_of(session, office.supplier_id, DebtorId(debtor_id))
            ]
        shown = browser.get(page).text
        again = browser.submit(f"{page}/hand-over", form, page=page)
        with_whom = {"invoice": str(invoice_id), "why": "They pay after all."}
        browser.submit(f"{page}/take-back", with_whom, page=page)
        twice = browser.submit(f"{page}/take-back", with_whom, page=page)

    assert (unnamed.status_code, answer.status_code, again.status_code) == (422, 303, 422)
    assert held == [HoldReason.HANDED_OVER]
    assert plannable
    assert invoice_id not in plannable, "no plan is made of what somebody else collects"
    assert "Maître Vuille" in shown
    assert twice.status_code == 422
    assert HoldReason.HANDED_OVER not in reasons()
    by = f"staff:{office.owner}"
    assert happened(office, debtor_id) == [
        ("handover.taken_back", by),
        ("handover.handed_over", by),
    ]


def test_what_is_contested_is_handed_over_only_when_somebody_confirms_it(office: Office) -> None:
    debtor_id = contester(office)
    page = f"/debtors/{debtor_id}/collection"
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        ids = session.scalars(select(Invoice.id).where(Invoice.debtor_id == debtor_id)).all()
    form = {"invoice": [str(one) for one in ids], "recipient": "Inkasso AG"}
    with office.signed_in() as browser:
        refused = browser.submit(f"{page}/hand-over", form, page=page)
        assert happened(office, debtor_id) == []
        browser.submit(f"{page}/hand-over", {**form, "confirmed": "yes"}, page=page)

    assert refused.status_code == 422
    assert "The contested ones go all the same" in refused.text
    assert [kind for kind, _ in happened(office, debtor_id)] == ["handover.handed_over"]


def test_the_step_that_hands_over_is_closed_by_a_yes_or_by_a_no_with_its_reason(
    office: Office,
) -> None:
    supplier_id, clock = office.supplier_id, office.world.clock
    debtors = [office.world.debtor(name=name, supplier_id=supplier_id) for name in ("Yes", "No")]
    with office.runtime.transaction(Scope(supplier_id)) as session:
        file = replace(DEFAULT.steps[-1], offset_days=5, level=1)
        first = replace(DEFAULT.steps[1], offset_days=60)
        short = replace(DEFAULT, name="short", steps=(file, first))
        save_scenarios(session, supplier_id, [short], clock=clock)
    owed = [
        office.world.invoice("90.00 CHF", debtor_id=one, supplier_id=supplier_id, due_in_days=-9)
        for one in debtors
    ]
    with office.runtime.transaction(Scope(supplier_id)) as session:
        dun_supplier(session, supplier_id, clock.now().date(), clock=clock)
        yes, no = (waiting_handovers(session, supplier_id, one)[0] for one in debtors)
    page = f"/debtors/{debtors[0]}/collection"
    other = f"/debtors/{debtors[1]}/collection"

    with office.signed_in() as browser:
        assert "waits for your decision" in browser.get(page).text
        assert "waits for your decision" in browser.get(f"/debtors/{debtors[0]}").text
        form = {"invoice": str(owed[0]), "recipient": "Maître Vuille"}
        assert browser.submit(f"{page}/hand-over", form, page=page).status_code == 303
        shown = browser.get(f"/debtors/{debtors[0]}").text
        step = {"step": str(no.id)}
        unsaid = browser.submit(f"{other}/keep", {**step, "why": " "}, page=other)
        anothers = browser.submit(f"{other}/keep", {"step": str(yes.id), "why": "No"}, page=other)
        kept = browser.submit(f"{other}/keep", {**step, "why": "They pay by May."}, page=other)
        said = browser.get(f"/debtors/{debtors[1]}").text

    assert "Maître Vuille" in shown and "waits for your decision" not in shown
    assert (unsaid.status_code, anothers.status_code, kept.status_code) == (422, 404, 303)
    assert "is not handed over for collection" in said and "They pay by May." in said
    with office.runtime.reading(Scope(supplier_id)) as session:
        assert [session.get_one(Reminder, one.id).state for one in (yes, no)] == ["sent", "vetoed"]
        asked = asked_of(session, supplier_id, clock=clock)
        tasks = [one for debtor in debtors for one in of_debtor(session, asked, debtor)]
        assert not [one for one in tasks if one.task.kind == Kind.STEP]
        left = {
            one.debtor_id: one.reason
            for one in preview(session, supplier_id, clock.now().date() + timedelta(days=1)).held
        }
    assert left[debtors[1]] is Reason.NOT_YET, "it was not handed over"

"""What staff do: import, acknowledge, resolve, revoke, set rules, manage the team."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from receivables.database import SYSTEM, Scope
from receivables.history import EVENTS, EventRow
from receivables.jobs import Job
from receivables.links.queries import grants_of
from receivables.parties.tables import Staff
from tests.support.builders import PASSWORD
from tests.support.faces import Browser, backoffice_client, email_of, sign_in
from tests.support.office import SAMPLES, Office

Upload = tuple[str, tuple[str, bytes, str]]


def upload(browser: Browser, *paths: Path, htmx: bool = False, **fields: str) -> str:
    files: list[Upload] = [
        ("files", (path.name, path.read_bytes(), "application/octet-stream")) for path in paths
    ]
    headers = {"Origin": browser.origin, **({"HX-Request": "true"} if htmx else {})}
    answer = browser.post(
        "/invoices/import",
        data={"_csrf_token": browser.token("/invoices/import"), **fields},
        files=files,
        headers=headers,
    )
    assert answer.status_code == 200, answer.text[:3000]
    return answer.text


def kinds(office: Office) -> list[str]:
    with office.runtime.reading(SYSTEM) as session:
        return list(session.scalars(select(EventRow.kind).order_by(EventRow.id)))


def test_several_files_are_imported_at_once_with_a_report_about_each(
    bare: Office, tmp_path: Path
) -> None:
    broken = tmp_path / "broken<b>.xml"
    broken.write_bytes(b"<Invoice")

    with bare.signed_in(bare.collector) as browser:
        page = upload(browser, SAMPLES / "ubl_invoice.xml", SAMPLES / "cii_invoice.xml", broken)
        again = upload(browser, SAMPLES / "ubl_invoice.xml")

    assert "3 files read" in page
    assert "1 refused" in page
    assert "BR-2026-0117" in page
    assert "The XML is not well-formed" in page
    assert "broken&lt;b&gt;.xml" in page
    assert "known already" in again
    assert sorted(kinds(bare)) == ["invoice.credit_note_issued", "invoice.issued"]


def test_who_imports_is_written_in_the_history(bare: Office) -> None:
    with bare.signed_in(bare.collector) as browser:
        upload(browser, SAMPLES / "ubl_invoice.xml")

    with bare.runtime.reading(Scope(bare.supplier_id)) as session:
        rows = session.scalars(select(EventRow.by).where(EventRow.kind == "invoice.issued"))
        assert list(rows) == [f"staff:{bare.collector}"]


def test_a_trial_run_takes_nothing_in(bare: Office) -> None:
    with bare.signed_in(bare.collector) as browser:
        page = upload(browser, SAMPLES / "ubl_invoice.xml", dry_run="yes")

    assert "BR-2026-0117" in page
    assert "not taken in: a trial" in page
    assert kinds(bare) == []


def test_htmx_gets_the_report_alone(bare: Office) -> None:
    with bare.signed_in(bare.collector) as browser:
        fragment = upload(browser, SAMPLES / "ubl_invoice.xml", htmx=True)

    assert "1 file read" in fragment
    assert "<html" not in fragment


def test_reasons_are_told_in_the_readers_language(bare: Office, tmp_path: Path) -> None:
    empty = tmp_path / "empty.xml"
    empty.write_bytes(b"")

    with bare.signed_in(bare.collector) as browser:
        browser.submit("/language", {"language": "fr", "next": "/"})
        page = upload(browser, empty)

    assert 'lang="fr-CH"' in page
    assert 'class="tag danger"' in page


def test_an_alert_is_acknowledged_once_with_a_decision(office: Office) -> None:
    path = "/monitoring/alerts/{alert}".format(**office.ids)
    form = {"decision": "prepayment", "note": "Spoke to <b>Mr Dubois</b>"}

    with office.signed_in(office.collector) as browser:
        done = browser.submit(f"{path}/acknowledge", form)
        page = browser.get(path).text
        again = browser.submit(f"{path}/acknowledge", {"decision": "keep"})
        shown_once = browser.get(path).text

    assert done.status_code == 303
    assert "Ask for payment in advance" in page
    assert "Your decision is kept with the alert." in page
    assert "Your decision is kept with the alert." not in shown_once
    assert "Spoke to &lt;b&gt;Mr Dubois&lt;/b&gt;" in page
    assert again.status_code == 409
    assert "Somebody did this already" in again.text


@pytest.mark.parametrize(("outcome", "kind"), [("sent", "sent"), ("not_sent", "failed")])
def test_a_reminder_of_unknown_outcome_is_resolved_by_a_person(
    office: Office, outcome: str, kind: str
) -> None:
    path = "/reminders/{reminder}/resolve".format(**office.ids)

    with office.signed_in(office.collector) as browser:
        done = browser.submit(path, {"outcome": outcome})
        page = browser.get("/reminders").text
        again = browser.submit(path, {"outcome": outcome})

    assert done.status_code == 303
    assert "Did these arrive?" not in page
    assert kinds(office).count(f"reminder.{kind}") >= 1
    assert again.status_code == 409


def test_a_link_is_revoked_and_another_one_mailed(office: Office) -> None:
    debtor = "/debtors/{debtor}".format(**office.ids)

    with office.signed_in(office.collector) as browser:
        browser.submit("{}/links/{grant}/revoke".format(debtor, **office.ids))
        closed = browser.get(debtor).text
        browser.submit("{}/contacts/{contact}/link".format(debtor, **office.ids))
        page = browser.get(debtor).text
    office.world.run_jobs()

    assert "The link is closed." in closed
    assert "link valid until" not in closed
    assert "A new link is on its way to" in page
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        debtor_id = office.ids["debtor"]
        now = office.world.clock.now()
        grants = grants_of(session, office.supplier_id, debtor_id, now=now)  # type: ignore[arg-type]
    assert sorted(grant.state for grant in grants) == ["revoked", "valid"]


def test_a_contact_of_another_debtor_is_not_written_to(office: Office) -> None:
    other = office.world.debtor(supplier_id=office.supplier_id)

    with office.signed_in(office.collector) as browser:
        answer = browser.submit(f"/debtors/{other}/contacts/{office.ids['contact']}/link")

    assert answer.status_code == 404


def test_a_rule_is_changed_and_numbers_that_make_no_sense_are_refused(office: Office) -> None:
    path = "/monitoring/rules/{rule}".format(**office.ids)

    with office.signed_in() as browser:
        good = browser.submit(path, {"threshold": "35", "window_days": "30", "is_on": "yes"})
        page = browser.get("/monitoring/rules").text
        bad = browser.submit(path, {"threshold": "9999", "is_on": "yes"})

    assert good.status_code == 303
    assert 'value="35"' in page
    assert "The rule is saved." in page
    assert bad.status_code == 422
    assert "Please give a whole number from 1 to 100." in bad.text


def test_a_rule_says_what_it_would_have_told_before_it_is_saved(office: Office) -> None:
    """With htmx the answer is the fragment alone; trying saves nothing."""
    path = "/monitoring/rules/{rule}".format(**office.ids)

    def numbers(threshold: int) -> dict[str, str]:
        return {"threshold": str(threshold), "severity_shift": "2", "is_on": "yes"}

    with office.signed_in() as browser:
        once = browser.submit(f"{path}/past", numbers(49))
        before = browser.get("/monitoring/rules").text
        browser.headers["HX-Request"] = "true"
        never = browser.submit(f"{path}/past", numbers(20))
        refused = browser.submit(f"{path}/past", numbers(0))
        del browser.headers["HX-Request"]
        saved = browser.submit(path, numbers(48))
        after = browser.get("/monitoring/rules").text

    assert once.status_code == 200
    assert "It would have fired 1 time in the last twelve months:" in once.text
    assert "Solvency fell from B to D" in once.text
    assert never.text.strip().startswith("<p")
    assert "It would not have fired in the last twelve months." in never.text
    assert "Please give a whole number from 1 to 100." in refused.text
    assert saved.status_code == 303
    assert ('value="49"' in before, 'value="48"' in after) == (False, True)
    assert 'value="2" selected' not in before
    assert 'value="2" selected' in after


def test_readings_are_uploaded_and_every_faulty_line_is_explained(office: Office) -> None:
    def send(browser: Browser, content: str) -> str:
        answer = browser.post(
            "/monitoring/readings",
            data={"_csrf_token": browser.token()},
            files={"file": ("scores.csv", content.encode(), "text/csv")},
            headers={"Origin": browser.origin},
        )
        assert answer.status_code in (200, 422)
        return answer.text

    header = "debtor_number,as_of_on,score\n"
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        from receivables.parties.queries import debtor

        number = debtor(session, office.supplier_id, office.ids["debtor"]).number  # type: ignore[arg-type]
    with office.signed_in(office.collector) as browser:
        taken = send(browser, f"{header}{number},2026-11-01,44\n")
        faulty = send(browser, f"{header}{number},2026-11-01,444\nK-NOBODY,2026-11-01,10\n")

    assert "1 new reading" in taken
    assert "Every line was understood." in taken
    assert "“444” is no score." in faulty


def test_a_dead_job_runs_again_when_the_owner_says_so(office: Office) -> None:
    with office.signed_in() as browser:
        page = browser.get("/settings/jobs").text
        answer = browser.submit("/settings/jobs/{job}/again".format(**office.ids))
        again = browser.submit("/settings/jobs/{job}/again".format(**office.ids))

    assert "nobody answered" in page
    assert answer.status_code == 303
    assert again.status_code == 404
    with office.runtime.reading(SYSTEM) as session:
        state = session.scalars(select(Job.state).where(Job.id == office.ids["job"])).one()
    assert state == "pending"


def test_an_owner_hires_somebody_who_can_sign_in(bare: Office) -> None:
    form = {
        "name": "Luc Rochat", "email": "Luc@rochat.example", "role": "collector",
        "language": "fr", "password": PASSWORD,
    }  # fmt: skip

    with bare.signed_in() as browser:
        assert browser.submit("/settings/team", form).status_code == 303
        page = browser.get("/settings/team").text
        twice = browser.submit("/settings/team", form)
        weak = browser.submit(
            "/settings/team", {**form, "email": "x@y.example", "password": "short"}
        )
    with backoffice_client(bare.runtime) as browser:
        signed_in = sign_in(browser, "luc@rochat.example")

    assert "Luc Rochat can sign in now." in page
    assert (twice.status_code, weak.status_code) == (422, 422)
    assert signed_in.status_code == 303


def test_one_owner_always_remains(bare: Office) -> None:
    with bare.signed_in() as browser:
        disabled = browser.submit(f"/settings/team/{bare.owner}/disable")
        demoted = browser.submit(f"/settings/team/{bare.owner}/role", {"role": "reader"})

    assert (disabled.status_code, demoted.status_code) == (422, 422)
    with bare.runtime.reading(SYSTEM) as session:
        owner = session.scalars(select(Staff).where(Staff.id == bare.owner)).one()
    assert (owner.role, owner.disabled_at) == ("owner", None)


def test_a_colleague_is_disabled_let_in_again_and_given_a_new_password(bare: Office) -> None:
    person, fresh = f"/settings/team/{bare.reader}", "a brand new pass phrase"
    email = email_of(bare.runtime, bare.reader)

    with bare.signed_in() as browser, backoffice_client(bare.runtime) as visitor:
        browser.submit(f"{person}/disable")
        assert sign_in(visitor, email).status_code == 422
        browser.submit(f"{person}/enable")
        assert sign_in(visitor, email).status_code == 303
        browser.submit(f"{person}/password", {"password": fresh})
        assert visitor.get("/").status_code == 303
        assert sign_in(visitor, email, fresh).status_code == 303
        browser.submit(f"{person}/role", {"role": "collector"})
        assert visitor.get("/").status_code == 303, "who has other rights signs in anew"


def test_every_event_has_a_sentence() -> None:
    from backoffice.timeline import OFFICE_WORDINGS
    from receivables.web.timeline import WORDINGS

    ours = {one for one in EVENTS.values() if one.__module__.startswith(("receivables", "monit"))}

    assert ours == set(OFFICE_WORDINGS)
    shown = {one for one in ours if one.shown_to_debtor}
    assert shown <= set(WORDINGS)
    assert not any(one.__module__.startswith("monitoring") for one in WORDINGS)

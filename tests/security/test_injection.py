"""What suppliers and debtors write stays text: in both faces, in mails, in logs."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import lxml.html
import pytest
from sqlalchemy import select

from receivables.clock import SystemClock
from receivables.database import Scope
from receivables.ids import ContactId, DebtorId
from receivables.invoices.tables import Invoice
from receivables.links.actions import grant_for
from receivables.links.tokens import make_token
from receivables.mail import compose
from receivables.parties.tables import Contact, Debtor
from receivables.ports import MailMessage
from tests.security.town import Town
from tests.support.browsing import text_of

pytestmark = pytest.mark.once("what pages and mails make of a text, whatever kept it")

PAYLOADS = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>", "<a href='data:text/html,<script>'>x</a>",
    "<body onload=alert(1)>", "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>", "<math href=javascript:alert(1)>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<style>*{background:url(//evil.example)}</style>", "<form action=//evil.example><button>",
    "<object data=javascript:alert(1)>", "<embed src=javascript:alert(1)>", "<template><script>",
    "\"><script>alert(1)</script>", "'><script>alert(1)</script>", "\" onmouseover=alert(1) x=\"",
    "' onmouseover=alert(1) x='", "` onmouseover=alert(1)", "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>", "</option></select><script>alert(1)</script>",
    "--><script>alert(1)</script><!--", "]]><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)]]>",
    "<div hx-get=//evil.example hx-trigger=load>", "<div hx-on:load=alert(1)>",
    "<b data-hx-get=/sign-out>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;alert(1)", "\\x3cscript\\x3ealert(1)",
    "\u2028<script>alert(1)</script>", "\ufeff<script>alert(1)", "＜script＞alert(1)＜/script＞",
    "{{1337*1337}}", "${1337*1337}", "#{1337*1337}", "<%= 1337*1337 %>", "{% raw %}{{1337*1337}}",
    "{{config}}", "{{''.__class__.__mro__}}", "%(x)s %s %d %n", "{0} {amount} {x.__class__}",
    "%(amount)s",
    "$(id)", "`id`", "'; DROP TABLE debtors; --", "' OR '1'='1", "=1+1", "@SUM(1)", "\u202eevil",
]  # fmt: skip
#: Work of a template that ran what it was given: 1337 times 1337.
EVALUATED = ("1787569", "<class", "Config(")


def _file() -> bytes:
    """One invoice for each payload, which stands in every column that takes words."""
    text = io.StringIO()
    columns = [
        "number", "issued_on", "due_on", "currency", "amount", "debtor_name", "debtor_number",
        "email", "language", "country", "street", "postcode", "city", "payment_reference", "note",
    ]  # fmt: skip
    writer = csv.writer(text, delimiter=";")
    writer.writerow(columns)
    for number, payload in enumerate(PAYLOADS):
        writer.writerow([
            f"{number}{payload}"[:60], "2026-09-01", "2026-10-20", "CHF", "120.00", payload,
            f"X{number}", f"x{number}@evil.example", ("fr", "de", "en")[number % 3], "CH", payload,
            "1003", payload, payload, payload,
        ])  # fmt: skip
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def poisoned(town: Town) -> Town:
    """A supplier into whose books all of it was imported, and reminded of."""
    with town.staff(town.near.owner) as browser:
        token = browser.token("/invoices/import")
        answer = browser.post(
            "/invoices/import",
            data={"_csrf_token": token},
            files={"files": ("<script>alert(1)</script>.csv", _file(), "text/csv")},
            headers={"Origin": browser.origin},
        )
    assert answer.status_code == 200
    check(answer.text)
    assert f"{len(PAYLOADS) - 1}{PAYLOADS[-1]}" in text_of(answer), text_of(answer)[:2000]
    town.near.world.advance(days=1)
    return town


def check(html: str) -> None:
    """No node that could run or load anything beyond what our own templates put there."""
    document = lxml.html.document_fromstring(html)
    for node in document.iter():
        if not isinstance(node.tag, str):
            continue
        assert node.tag not in (
            "iframe", "object", "embed", "base", "math", "video", "audio", "source", "template",
            "frame", "applet",
        ), lxml.html.tostring(node)[:200]  # fmt: skip
        if node.tag == "script":
            assert (node.get("src") or "").startswith("/static/"), lxml.html.tostring(node)[:200]
            assert not (node.text or "").strip()
        if node.tag == "link":
            assert (node.get("href") or "").startswith(("/static/", "/brand/", "/manifest"))
        for name, value in ((str(key), str(one)) for key, one in node.attrib.items()):
            assert not name.startswith("on"), (node.tag, name)
            assert not name.startswith(("hx-on", "data-hx")), (node.tag, name)
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "data"):
                flat = re.sub(r"[\x00-\x20]", "", value).lower()
                assert not flat.startswith(("javascript:", "data:", "vbscript:", "//")), value
                assert "evil.example" not in urlsplit(flat).netloc
    for word in EVALUATED:
        assert word not in html


def _debtors(town: Town) -> dict[str, DebtorId]:
    with town.runtime.reading(Scope(town.near.supplier_id)) as session:
        rows = session.execute(
            select(Debtor.number, Debtor.id).where(
                Debtor.supplier_id == town.near.supplier_id, Debtor.number.like("X%")
            )
        )
        return {row.number: row.id for row in rows}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u2028", " ")).strip().replace("\ufeff", "")


def test_pages_of_the_backoffice_hold_it_as_text(poisoned: Town) -> None:
    debtors = _debtors(poisoned)
    assert len(debtors) == len(PAYLOADS)
    with poisoned.staff(poisoned.near.owner) as browser:
        for page in (
            "/", "/debtors", "/debtors?page=2", "/invoices", "/invoices?page=2", "/reminders",
            "/reminders?page=2", "/search?q=alert", "/monitoring",
        ):  # fmt: skip
            answer = browser.get(page)
            assert answer.status_code == 200
            check(answer.text)
        for number, payload in enumerate(PAYLOADS):
            answer = browser.get(f"/debtors/{debtors[f'X{number}']}")
            assert answer.status_code == 200, payload
            check(answer.text)
            assert squeezed(payload) in squeezed(text_of(answer)), payload
            lists = ("/search", "/debtors", "/invoices", "/reminders", "/payments", "/monitoring")
            query = lists[number % len(lists)]
            found = browser.get(
                query, params={"q": payload, "show": payload, "sort": payload, "page": payload}
            )
            assert found.status_code == 200, (query, payload)
            check(found.text)


def test_an_invoice_and_its_page_hold_it_as_text(poisoned: Town) -> None:
    with poisoned.runtime.reading(Scope(poisoned.near.supplier_id)) as session:
        rows = session.execute(
            select(Invoice.id, Invoice.number).where(
                Invoice.supplier_id == poisoned.near.supplier_id,
                Invoice.debtor_id.in_(_debtors(poisoned).values()),
            )
        ).all()
    with poisoned.staff(poisoned.near.owner) as browser:
        for row in rows:
            answer = browser.get(f"/invoices/{row.id}")
            assert answer.status_code == 200
            check(answer.text)
            assert squeezed(row.number) in squeezed(text_of(answer)), row.number


def test_pages_of_the_portal_hold_it_as_text(poisoned: Town) -> None:
    near = poisoned.near
    links = poisoned.runtime.settings.links
    debtors = _debtors(poisoned)
    with poisoned.visitor() as browser:
        for number, payload in enumerate(PAYLOADS):
            with poisoned.runtime.transaction(Scope(near.supplier_id)) as session:
                contact = session.scalars(
                    select(Contact.id).where(Contact.debtor_id == debtors[f"X{number}"])
                ).one()
                grant = grant_for(
                    session, near.supplier_id, ContactId(contact), lifetime=timedelta(days=45),
                    clock=near.world.clock,
                )  # fmt: skip
            browser.get(f"/l/{make_token(grant, links.secrets)}")
            account = browser.get("/")
            assert account.status_code == 200
            check(account.text)
            assert squeezed(payload) in squeezed(text_of(account)), payload
            for page in ("/pay?currency=CHF", "/selection?currency=CHF"):
                check(browser.get(page, params={"invoice": payload}).text)
            inside = lxml.html.document_fromstring(account.text)
            addresses = [
                address
                for link in inside.iter("a")
                if (address := str(link.get("href"))).startswith("/invoices")
            ]
            assert addresses, payload
            shown = browser.get(addresses[0])
            assert shown.status_code == 200, addresses[0]
            check(shown.text)


def test_a_note_on_an_alert_is_text(poisoned: Town) -> None:
    alert = f"/monitoring/alerts/{poisoned.near.ids['alert']}"
    with poisoned.staff(poisoned.near.owner) as browser:
        note = " ".join(PAYLOADS[:40])
        answer = browser.submit(f"{alert}/acknowledge", {"decision": "keep", "note": note})
        assert answer.status_code == 303
        page = browser.get(alert)
        check(page.text)
        assert squeezed(note) in squeezed(text_of(page))
        for text in ("<script>alert(1)</script>", "{{1337*1337}}"):
            made = browser.submit(
                "/settings/team",
                {"name": text, "email": f"a{len(text)}@x.example", "role": "reader",
                 "password": "a long and decent pass phrase"},
            )  # fmt: skip
            assert made.status_code == 303
        team = browser.get("/settings/team")
        check(team.text)
        assert "{{1337*1337}}" in team.text


def test_mails_hold_it_as_text(poisoned: Town) -> None:
    mails = [mail for mail in poisoned.near.world.mail if mail.to_address.endswith("@evil.example")]
    assert len(mails) >= len(PAYLOADS) - 5, "reminders of nearly all were sent"
    for mail in mails:
        message = message_from_bytes(
            compose(mail, from_address="reminders@quittance.example", clock=SystemClock()),
            policy=policy.default,
        )
        assert len(message.get_all("subject", [])) == 1
        assert len(message.get_all("to", [])) == 1
        assert not message.get_all("bcc")
        assert "\n" not in mail.subject
        document = lxml.html.document_fromstring(mail.html)
        assert not document.xpath("//script | //iframe | //object | //embed | //form | //base")
        for node in document.iter():
            if isinstance(node.tag, str):
                assert not [name for name in node.attrib if str(name).startswith("on")]
                for name in ("href", "src"):
                    value = node.get(name) or ""
                    assert not value.lower().startswith(("javascript:", "data:", "//"))
                    assert "evil.example" not in urlsplit(value).netloc
        for word in EVALUATED:
            assert word not in mail.text + mail.html + mail.subject


@pytest.mark.parametrize("field", ["subject", "to_name", "from_name", "to_address", "reply_to"])
@pytest.mark.parametrize(
    "break_", ["\r\nBcc: all@evil.example", "\nX: y", "\rX: y", "\x00", "\x0bX: y", "\r\n\r\nbody"]
)
def test_no_field_of_a_mail_begins_another_header(field: str, break_: str) -> None:
    values = {
        "to_address": "a@b.example", "to_name": "A", "from_name": "B", "subject": "C",
        "reply_to": "r@b.example",
    }  # fmt: skip
    values[field] += break_
    message = MailMessage(
        message_id="x@quittance.example",
        text="t",
        html="<p>t</p>",
        language="en",
        **values,  # type: ignore[arg-type]  # of names that take text
    )
    with pytest.raises(ValueError, match="header"):
        compose(message, from_address="reminders@quittance.example", clock=SystemClock())

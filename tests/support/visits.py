"""Every page of both faces that a person sees: the address, who looks, what they do there first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler
from playwright.sync_api import FilePayload, Page, expect

FaceName = Literal["portal", "backoffice"]
Who = Literal["stranger", "debtor", "payer", "owner"]

_SAMPLES = Path(__file__).parents[1] / "receivables/intake_samples"


@dataclass(frozen=True, slots=True)
class Visit:
    """One page. What stands in braces in `path` is among the ids, payments and tokens of the
    showroom.
    """

    face: FaceName
    path: str
    who: Who
    status: int = 200
    act: Callable[[Page], None] | None = None

    def __str__(self) -> str:
        deed = f"-{self.act.__name__}" if self.act else ""
        return f"{self.face}{self.path}-{self.who}{deed}"


def paying_nothing_sensible(page: Page) -> None:
    page.locator("#choice-other").check()
    page.locator("#amount").fill("99999999999")
    page.locator("main form[action='/pay'] button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()


def asking_for_a_new_link(page: Page) -> None:
    page.locator("main form[action='/links/renew'] button").click()
    expect(page.locator("main form[action='/links/renew']")).to_have_count(0)


def a_wrong_password(page: Page) -> None:
    page.locator("input[name=email]").fill("nobody@rochat.example")
    page.locator("input[name=password]").fill("not the one")
    page.locator("form[action='/sign-in'] button[type=submit]").click()
    expect(page.locator("input[name=email]")).to_have_value("nobody@rochat.example")


def a_form_too_old(page: Page) -> None:
    page.evaluate("document.querySelectorAll('[name=_csrf_token]').forEach(e => e.value = 'x')")
    page.locator("main form[method=post] button[type=submit]:visible").first.click()
    expect(page.locator("main form[method=post]")).to_have_count(0)


def files_good_and_bad(page: Page) -> None:
    _give(page, "#files", [("good.xml", _SAMPLES / "cii_invoice.xml"), ("bad.csv", None)])
    expect(page.locator("#report table, #report .danger").first).to_be_visible()


def readings_with_faults(page: Page) -> None:
    _give(page, "input[type=file]", [("bad.csv", None)])
    expect(page.locator("main table").first).to_be_visible()


def _give(page: Page, where: str, files: list[tuple[str, Path | None]]) -> None:
    page.locator(where).set_input_files(
        [
            FilePayload(
                name=name,
                mimeType="application/octet-stream",
                buffer=file.read_bytes() if file else b"number;amount\nA-1;many\n",
            )
            for name, file in files
        ]
    )
    page.locator("form[enctype] button[type=submit]").click()


def assuming_nothing_sensible(page: Page) -> None:
    form = page.locator("main form[action$='/assumptions']")
    form.evaluate("(form) => { form.noValidate = true; }")
    form.locator("[name=lgd]").fill("many")
    form.locator("button[type=submit]").click()
    expect(page.locator("[name=lgd][aria-invalid=true]")).to_be_visible()


def a_rule_out_of_range(page: Page) -> None:
    form = page.locator("main form[action^='/monitoring/rules/']").first
    form.evaluate("(form) => { form.noValidate = true; }")
    form.locator("input[name=threshold]").fill("100000")
    form.locator("button[type=submit]").first.click()
    expect(page.locator(".wrong, [aria-invalid=true]").first).to_be_visible()


def words_with_faults(page: Page) -> None:
    page.locator("[name=opening]").fill("Dear {nobody}, {")
    page.locator("main form button[name=do]").first.click()
    expect(page.locator("main .wrong").first).to_be_visible()


def comparing_a_step(page: Page) -> None:
    page.locator("[name=days]").fill("9")
    page.locator("main button[name=do][value=compare]").click()
    expect(page.locator("main table").first).to_be_visible()


def stopping_for_no_reason(page: Page) -> None:
    _send_as_it_is(page, "main form[action$='/stops']")


def calling_with_nothing_said(page: Page) -> None:
    _send_as_it_is(page, "main form[action^='/calls/']")


def handing_over_to_nobody(page: Page) -> None:
    _send_as_it_is(page, "main form[action$='/hand-over']")


def putting_off_for_ever(page: Page) -> None:
    _send_as_it_is(page, "main form[action='/today/task']:has([value=put_off])")


def a_number_nobody_can_dial(page: Page) -> None:
    page.locator("[name=phone]").first.fill("12")
    _send_as_it_is(page, "main form[action$='/phone']")


def _send_as_it_is(page: Page, where: str) -> None:
    form = page.locator(where).first
    form.evaluate("(form) => { form.noValidate = true; }")
    form.locator("button[type=submit]").first.click()
    expect(page.locator("main .wrong").first).to_be_visible()


def _looks(face: FaceName, who: Who, *paths: str) -> tuple[Visit, ...]:
    return tuple(Visit(face, path, who) for path in paths)


PORTAL = (
    Visit("portal", "/l/{expired_token}", "stranger", 410),
    Visit("portal", "/l/{expired_token}", "stranger", 410, asking_for_a_new_link),
    Visit("portal", "/l/nothing", "stranger", 404),
    Visit("portal", "/", "stranger", 401),
    Visit("portal", "/pay?currency=CHF", "debtor", 200, paying_nothing_sensible),
    Visit("portal", "/pay?currency=CHF", "debtor", 200, a_form_too_old),
    Visit("portal", "/invoices/nobody-s", "debtor", 404),
    Visit("portal", "/contacts/confirm/nothing", "stranger", 404),
    *_looks("portal", "stranger", "/contacts/confirm/{confirm_token}"),
    *_looks(
        "portal", "debtor",
        "/",
        "/pay?currency=CHF",
        "/pay?currency=JPY",
        "/pay?currency=KWD",
        "/invoices/2026-RECHNUNG-000412",
        "/invoices/EXPORT/2026/17",
        "/invoices?number=EXPORT/2026/17",
        "/payments/{settled}/thanks",
        "/payments/{processing}/thanks",
        "/payments/{expired}/thanks",
        "/payments/{failed}/thanks",
        "/payments/{open}/thanks?cs={open_session}",
        "/payments/{open}/cancelled",
        "/already-paid?currency=CHF",
        "/promise?currency=CHF",
        "/confirm?next=/cards",
        "/plan?currency=CHF&invoice=2026-505",
        "/plan?currency=CHF",
        "/plan?currency=JPY",
        "/dispute",
        "/dispute?invoice=2026-503&invoice=2026-504",
        "/disputes/{dispute_asked}",
        "/disputes/{dispute_offered}",
        "/disputes/{dispute_refused}",
    ),
    *_looks(
        "portal", "payer",
        "/",
        "/already-paid/{claim}",
        "/promises/{promise}",
        "/cards",
        "/contacts",
        "/plan/sign?currency=CHF&parts=2&rhythm=monthly",
        "/plans/{plan}",
        "/plans/{plan}/sign",
    ),
)  # fmt: skip

BACKOFFICE = (
    Visit("backoffice", "/sign-in?out", "stranger"),
    Visit("backoffice", "/sign-in", "stranger", 200, a_wrong_password),
    Visit("backoffice", "/digests/off/{digests_token}", "stranger"),
    Visit("backoffice", "/debtors/{staff}", "owner", 404),
    Visit("backoffice", "/invoices/import", "owner", 200, files_good_and_bad),
    Visit("backoffice", "/monitoring/alerts/{alert}", "owner", 200, a_form_too_old),
    Visit("backoffice", "/monitoring/rules", "owner", 200, a_rule_out_of_range),
    Visit("backoffice", "/monitoring/readings", "owner", 200, readings_with_faults),
    Visit(
        "backoffice", "/monitoring/checks/{check}/assumptions", "owner", 200,
        assuming_nothing_sensible,
    ),
    Visit("backoffice", "/today/task?task=call:{call}", "owner", 200, putting_off_for_ever),
    Visit("backoffice", "/calls/{call}", "owner", 200, calling_with_nothing_said),
    Visit("backoffice", "/debtors/{debtor}/phones", "owner", 200, a_number_nobody_can_dial),
    Visit("backoffice", "/debtors/{big_debtor}/stops", "owner", 200, stopping_for_no_reason),
    Visit("backoffice", "/debtors/{big_debtor}/collection", "owner", 200, handing_over_to_nobody),
    Visit("backoffice", "/reminders/texts/r1/email/fr", "owner", 200, words_with_faults),
    Visit("backoffice", "/reminders/scenarios/step?step=r1", "owner", 200, comparing_a_step),
    *_looks(
        "backoffice", "owner",
        "/",
        "/today?show=all",
        "/today?show=all&kind=call&done=call:{call}",
        "/today?show=later",
        "/today/task?task=call:{call}",
        "/search?q=a",
        "/search?q=zzzz",
        "/debtors",
        "/debtors?q=zzzz",
        "/debtors/{big_debtor}",
        "/debtors/{debtor}",
        "/debtors/{big_debtor}/unapplied",
        "/debtors/{big_debtor}/promise",
        "/debtors/{debtor}/standing",
        "/debtors/{debtor}/solvency",
        "/debtors/{failing}/solvency",
        "/debtors/{failing}/claim",
        "/monitoring/effects",
        "/monitoring/publications",
        "/monitoring/publications?show=all",
        "/debtors/{debtor}/collection",
        "/debtors/{big_debtor}/collection",
        "/debtors/{debtor}/stops",
        "/debtors/{debtor}/phones",
        "/debtors/{debtor}/tasks",
        "/debtors/{big_debtor}/tasks",
        "/addresses",
        "/forecast",
        "/invoices",
        "/invoices/{invoice}",
        "/invoices/import/{list}/columns",
        "/invoices/import/columns",
        "/invoices/import/columns/{layout}",
        "/invoices/{invoice}/write-off",
        "/invoices/{invoice}/interest",
        "/invoices/{invoice}/dispute",
        "/invoices/{invoice}/why",
        "/invoices/{invoice}/statuses",
        "/statuses",
        "/statuses?show=sent",
        "/reminders",
        "/reminders/tomorrow",
        "/reminders/scenarios",
        "/reminders/scenarios/whom?scenario=new",
        "/reminders/scenarios/whom?scenario=0",
        "/reminders/scenarios/step",
        "/reminders/texts",
        "/reminders/texts/r1/email/de",
        "/reminders/texts/r2/sms/de",
        "/reminders/texts/formal/letter/fr",
        "/reminders/hours",
        "/reminders/effects",
        "/replies/{reply}",
        "/letters",
        "/letters?show=all",
        "/letters/batches/{batch}",
        "/calls",
        "/calls/{call}",
        "/payments",
        "/payments/{payment}",
        "/payments/{failed}",
        "/payments/{payment}/refund",
        "/payments/returns",
        "/payments/unapplied",
        "/bank",
        "/bank/statements/{statement}",
        "/bank/matching",
        "/bank/matching/{line}",
        "/bank/columns?header=Datum&header=Betrag",
        "/promises",
        "/proposals",
        "/said-to-be-paid",
        "/said-to-be-paid/{claim}",
        "/plans",
        "/plans/policy",
        "/plans/{plan}",
        "/plans/{plan}/cancel",
        "/disputes",
        "/disputes?show=ended&owner=nobody",
        "/disputes/{dispute_asked}",
        "/disputes/{dispute_refused}",
        "/disputes/{dispute_asked}/decide?choice=nothing",
        "/disputes/measures",
        "/monitoring?show=all",
        "/monitoring/alerts/{alert}",
        "/monitoring/rules",
        "/monitoring/readings",
        "/monitoring/checks",
        "/monitoring/checks/{check}",
        "/monitoring/checks/{check}/review",
        "/monitoring/checks/{check}/duplicates",
        "/monitoring/checks/{check}/actions",
        "/monitoring/checks/{check}/assumptions",
        "/monitoring/sources",
        "/settings/notifications",
        "/settings/webhooks",
        "/settings/webhooks/{endpoint}",
        "/settings/team",
        "/settings/jobs",
        "/settings/interest",
        "/settings/matching",
        "/settings/interest/rates",
    ),
)  # fmt: skip

#: What a browser gets that is no page of its own, by face.
NO_PAGES: dict[FaceName, dict[str, str]] = {
    "portal": {
        "/selection": "a part of the account",
        "/l/{token:str}/{errand:str}": "leads on to a page",
        "/payments/{payment_id:uuid}/state": "a part of the page after paying",
        "/documents/{document_id:uuid}": "a file",
        "/dispute-files/{upload_id:uuid}": "a file",
        "/statement.pdf": "a file",
        "/slip.pdf": "a file",
        "/slip.svg": "a picture",
        "/payments/{payment_id:uuid}/receipt.pdf": "a file",
        "/plans/{plan_id:uuid}/agreement.pdf": "a file",
        "/plans/{plan_id:uuid}/card": "leads back to the plan",
        "/cards/saved": "leads back to the cards",
        "/brand/{name:str}": "a style sheet",
        "/health": "for machines",
    },
    "backoffice": {
        "/documents/{document_id:uuid}": "a file",
        "/dispute-files/{upload_id:uuid}": "a file",
        "/disputes/{dispute_id:uuid}/codes.json": "for other software",
        "/payments/{payment_id:uuid}/receipt.pdf": "a file",
        "/debtors/{debtor_id:uuid}/claim.pdf": "a file",
        "/debtors/{debtor_id:uuid}/collection.pdf": "a file",
        "/debtors/{debtor_id:uuid}/collection.zip": "a file",
        "/monitoring/checks/{check_id:uuid}/report.pdf": "a file",
        "/monitoring/checks/{check_id:uuid}/customers.csv": "a file",
        "/monitoring/checks/{check_id:uuid}/prepayment.csv": "a file",
        "/monitoring/checks/{check_id:uuid}/insurer.csv": "a file",
        "/invoices/import/template.xlsx": "a file",
        "/letters/{letter_id:uuid}/file": "a file",
        "/statuses/{status_id:uuid}/file": "a file",
        "/reminders/texts/{stage:str}/{channel:str}/{language:str}/letter.pdf": "a file",
        "/letters/batches/{batch_id:uuid}/file": "a file",
        "/letters/batches/{batch_id:uuid}/list": "a file",
        "/letters/batches/{batch_id:uuid}/manifest": "a file",
        "/monitoring/terms.csv": "a file",
        "/alerts/stream": "a stream of parts",
        "/sw.js": "a script",
        "/manifest.webmanifest": "for browsers",
        "/health": "for machines",
    },
}

_KINDS = {"uuid": r"\{\w+\}", "str": "[^/]+", "path": ".+"}


def routes(handlers: Iterable[ControllerRouterHandler]) -> set[str]:
    """What a face answers when it is asked for an address."""
    return {
        path
        for handler in handlers
        if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods
        for path in handler.paths
    }


def visited(visits: Sequence[Visit], among: Iterable[str]) -> set[str]:
    """Which routes these visits lead to."""
    patterns = {
        route: re.compile(re.sub(r"\\{\w+:(\w+)\\}", _kind, re.escape(route))) for route in among
    }
    return {
        min(fitting, key=lambda route: route.count("{"))
        for visit in visits
        if (fitting := _fitting(visit.path.partition("?")[0], patterns))
    }


def _kind(found: re.Match[str]) -> str:
    return _KINDS[found[1]]


def _fitting(path: str, patterns: dict[str, re.Pattern[str]]) -> list[str]:
    return [route for route, pattern in patterns.items() if pattern.fullmatch(path)]

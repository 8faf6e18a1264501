"""Where one is sent after signing in or choosing a language: to a page of ours or to the start."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest

from tests.security.town import Town
from tests.support.faces import email_of, sign_in

pytestmark = pytest.mark.once("addresses are made without a database")

EVIL = "evil.example"
PAYLOADS = [
    f"//{EVIL}", f"///{EVIL}", f"////{EVIL}/", f"https://{EVIL}", f"http://{EVIL}",
    f"HTTPS://{EVIL}",
    f"https:/{EVIL}", f"https:{EVIL}", f"http:///{EVIL}", f"/\\{EVIL}", f"\\\\{EVIL}", f"\\/{EVIL}",
    f"/\\/{EVIL}", f"\\{EVIL}", f"/\t/{EVIL}", f"/\n/{EVIL}", f"/\r\n/{EVIL}", f"\t//{EVIL}",
    f"\t/\t/{EVIL}", f" //{EVIL}", f" https://{EVIL}", f"\x00//{EVIL}", f"\x01//{EVIL}",
    f"/\x00/{EVIL}", f"\x0b//{EVIL}", f"\u00a0//{EVIL}", f"\u3000//{EVIL}", f"\ufeff//{EVIL}",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)",
    "data:text/html,<script>",
    "vbscript:x", "file:///etc/passwd", "blob:x", f"ftp://{EVIL}", f"//{EVIL}@localhost:8001",
    f"https://localhost:8001@{EVIL}", f"https://localhost:8001.{EVIL}", f"@{EVIL}", f".{EVIL}",
    f"//localhost:8001@{EVIL}", f"//{EVIL}%2f@localhost", f"//{EVIL}#localhost",
    f"//{EVIL}?localhost",
    f"/ /{EVIL}", f"/.//{EVIL}/..//", f"/;//{EVIL}", f"?//{EVIL}", f"#//{EVIL}", "", " ", "/",
    f"//{EVIL}\\@localhost", f"///\\;@{EVIL}", f"//\u3002{EVIL}", f"/\u2215/{EVIL}",
    f"\uff0f\uff0f{EVIL}",
    f"%2f%2f{EVIL}", f"/%2f%2f{EVIL}", f"/%5c{EVIL}", f"/%09/{EVIL}",
    f"/%0d%0aLocation:%20//{EVIL}",
    "/\r\nSet-Cookie: x=y", "/\r\nLocation: //evil.example", "/x\r\n\r\n<script>alert(1)</script>",
    "/" + "a" * 9000, "/\u2603", "/é", "//", "/\\", "\\",
]  # fmt: skip


def leads_to(location: str, origin: str) -> str:
    """The host a browser would go to; browsers drop tabs and line ends, and read \\ as /."""
    seen = location.strip("".join(map(chr, range(33))))
    for dropped in "\t\r\n":
        seen = seen.replace(dropped, "")
    return urlsplit(urljoin(origin + "/sign-in", seen.replace("\\", "/"))).netloc


def test_there_are_sixty_and_more() -> None:
    assert len(PAYLOADS) >= 60
    assert leads_to("/\\evil.example", "http://localhost") == "evil.example", "the judge sees it"


def test_language_leads_nowhere_else(town: Town) -> None:
    with town.both() as browsers:
        for browser in browsers.values():
            token = browser.token("/")
            for payload in PAYLOADS:
                for language in ("de",):
                    answer = browser.post(
                        "/language",
                        data={"language": language, "next": payload, "_csrf_token": token},
                        headers={"Origin": browser.origin},
                    )
                    assert answer.status_code == 303, repr(payload)
                    location = answer.headers["location"]
                    assert location.startswith("/"), repr(payload)
                    assert leads_to(location, browser.origin) == urlsplit(browser.origin).netloc
                    assert "x=y" not in str(answer.headers.get("set-cookie"))
                    assert len(answer.headers.get_list("location")) == 1


def test_the_sign_in_page_leads_nowhere_else(town: Town) -> None:
    with town.staff() as stranger, town.staff(town.near.owner) as known:
        for payload in PAYLOADS:
            page = stranger.get("/sign-in", params={"next": payload})
            assert page.status_code in (200, 414), repr(payload)
            if page.status_code == 200:
                target = page.text.partition('name="next" value="')[2].partition('"')[0]
                assert leads_to(target, stranger.origin) == "localhost:8001", repr(payload)
            answer = known.get("/sign-in", params={"next": payload})
            if answer.status_code == 303:
                assert leads_to(answer.headers["location"], known.origin) == "localhost:8001"
            else:
                assert answer.status_code == 414


@pytest.mark.parametrize("payload", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_signing_in_leads_nowhere_else(town: Town, payload: str) -> None:
    with town.staff() as browser:
        answer = browser.submit(
            "/sign-in",
            {
                "email": email_of(town.runtime, town.near.owner),
                "password": "correct horse battery staple",
                "next": payload,
            },
            page="/sign-in",
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/%5cevil.example", "/.//evil.example", "/debtors?x=//evil.example"]
)
def test_whoever_is_not_signed_in_is_brought_back_to_us_alone(town: Town, path: str) -> None:
    with town.staff() as browser:
        for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"HX-Request": "true"}):
            answer = browser.get(path, headers=headers)
            told = (
                answer.headers.get("location")
                or answer.headers.get("hx-redirect")
                or answer.headers.get("refresh", "0;url=/").partition("url=")[2]
            )
            assert leads_to(told, browser.origin) == "localhost:8001", (path, told)


assert sign_in

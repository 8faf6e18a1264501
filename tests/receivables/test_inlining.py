"""The style of mails: on each tag, though no template is seen as a whole page."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import css_inline
import pytest

from receivables.inlining import inlined
from receivables.rendering import mail_environment, render_mail
from tests.support.sample_mails import mails

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "receivables" / "web" / "templates" / "mail"
BODIES = sorted(name for name in mail_environment().list_templates() if name.endswith("/body.html"))
BLOCK = re.compile(r"\{% block (\w+) %\}(.*?)\{% endblock %\}", re.DOTALL)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.found.append((tag, attributes.get("class"), attributes.get("style")))


def tags(html: str) -> list[tuple[str, str | None, str | None]]:
    """Each tag with its class and its style, in their order."""
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser.found


def test_a_mail_is_styled_as_it_would_be_if_all_of_it_were_inlined_at_once() -> None:
    style = (KIT / "mail.css").read_text()
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_at_rules=True, extra_css=style
    )
    for name, mail in mails():
        html = render_mail(name, locale="fr_CH", mail=mail).html
        bare = re.sub(r' style="[^"]*"|<style>.*?</style>', "", html, flags=re.DOTALL)
        assert len(bare) < len(html) * 0.75, "there was style to take away"

        assert tags(html) == tags(inliner.inline(bare)), name


@pytest.mark.parametrize("name", BODIES)
def test_each_body_is_styled_by_itself_as_it_is_within_its_page(name: str) -> None:
    environment = mail_environment()
    assert environment.loader is not None
    layout, body = (
        environment.loader.get_source(environment, one)[0] for one in ("mail/layout.html", name)
    )
    if 'extends "mail/layout.html"' not in body:
        assert not tags(body), "it is another body under a name of its own"
        return
    blocks = dict(BLOCK.findall(body))
    page = BLOCK.sub(lambda one: blocks.get(one[1], one[2]), layout)

    own = tags("".join(block for _, block in BLOCK.findall(inlined(body))))

    assert own
    assert Counter(own) <= Counter(tags(inlined(page)))


def test_what_jinja_has_to_do_stays_as_it_was_wherever_it_stands() -> None:
    source = (
        '{# a note #}<table class="bills"><tbody>{% for one in lines if one < 3 %}'
        "<tr><td>{{ one }}</td></tr>{% endfor %}</tbody></table>"
        '<a href="{{ link }}?to={{ to|in_address }}" title="{{ _(\'a > b\') }}">{{ "<&" }}</a>'
    )

    done = inlined(source)

    assert re.sub(r' style="[^"]*"', "", done) == source
    assert [tag for tag, _, style in tags(done) if style] == ["table", "td", "a"]


def test_rules_about_screens_stay_in_the_head_of_the_page_alone() -> None:
    page = inlined("<!DOCTYPE html><html><head><title>{{ a }}</title></head><body></body></html>")

    assert page.count("prefers-color-scheme: dark") == 1
    assert "<title>{{ a }}</title>" in page
    assert "prefers-color-scheme" not in inlined("<p>{{ a }}</p>")

"""The style of mails: put on each tag when a template is loaded, not on every mail.

Many readers of mail take no stylesheet. Which rules are about a tag follows from what stands
around it in its own template (`.bills td` within its table), so a template's source can be
inlined like a page once what Jinja is to do in it is set aside.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import css_inline
from jinja2.ext import Extension

_STYLE = Path(__file__).parent / "web" / "templates" / "mail" / "mail.css"

_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
#: What stands for a piece of Jinja: private letters, which no template of ours has.
_BEGIN, _END = "\ue000", "\ue001"
_TAG_OR_MARK = re.compile(f"<[^>]*>|{_BEGIN}[0-9]+{_END}")
#: In a title a comment is text.
_MARK = re.compile(f"(?:(?:<|&lt;)!--)?{_BEGIN}([0-9]+){_END}(?:--(?:>|&gt;))?")


class InlinedStyle(Extension):
    """Writes the style of mails into the HTML of templates as they are loaded."""

    def preprocess(
        self,
        source: str,
        name: str | None,
        filename: str | None = None,  # noqa: ARG002  (Jinja names it)
    ) -> str:
        return inlined(source) if name is not None and name.endswith(".html") else source


def inlined(source: str) -> str:
    """A template with the style on its tags; a whole page keeps the rules about screens in its
    head. Nothing is loaded from anywhere.
    """
    assert _BEGIN not in source, "a letter that stands for a piece of Jinja"
    pieces: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        pieces.append(found[0])
        return f"{_BEGIN}{len(pieces) - 1}{_END}"

    page = _TAG_OR_MARK.sub(_as_comment, _JINJA.sub(set_aside, source))
    if "<html" in page:
        page = _inliner().inline(page)
    else:
        page = _inliner().inline_fragment(page, _STYLE.read_text())
    return _MARK.sub(lambda mark: pieces[int(mark[1])], page)


def _as_comment(found: re.Match[str]) -> str:
    """Between tags a comment: text between the rows of a table would be thrown out of it."""
    return found[0] if found[0].startswith("<") else f"<!--{found[0]}-->"


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_at_rules=True, extra_css=_STYLE.read_text()
    )

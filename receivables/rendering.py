"""Templates: one Jinja environment for mails and for both faces' pages.

Autoescape and StrictUndefined: a misspelt name is an error in a test, not a blank on a bill.
Templates get finished values and cannot reach the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from receivables import i18n

_ROOT = Path(__file__).parent.parent
_KIT = _ROOT / "receivables" / "web" / "templates"


def make_environment(folders: Sequence[Path]) -> Environment:
    """Templates from `folders` (the first that has one wins) and from the kit."""
    environment = Environment(
        loader=FileSystemLoader([*folders, _KIT]),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        i18n.translate, i18n.translate_plural, newstyle=True
    )
    environment.filters.update(
        money=i18n.money,
        amount=i18n.number_of,
        number=i18n.decimal,
        filesize=i18n.file_size,
        percent=i18n.percent,
        day=i18n.day,
        shortday=i18n.short_day,
        instant=i18n.instant,
    )
    environment.globals["kept"] = _keeper(environment)
    environment.globals["languages"] = [
        {"code": code, "name": name} for code, name in i18n.LANGUAGES.items()
    ]
    return environment


#: How many rendered fragments an environment keeps; a row of a list is about a kilobyte.
FRAGMENTS_KEPT = 8192


def _keeper(environment: Environment) -> Callable[..., Markup]:
    """A global for templates: `kept("_row.html", invoice=invoice)` includes a fragment, and
    renders it once for the same reader's locale and the same values.

    The values are the key, so nothing ever has to be thrown away because it is out of date; they
    must be hashable, and the fragment must depend on nothing else (no form token).
    """

    @lru_cache(FRAGMENTS_KEPT)
    def rendered(template: str, locale: str, zone: str, values: tuple[Any, ...]) -> Markup:
        assert zone, "part of the key"
        text = environment.get_template(template).render({"locale": locale, **dict(values)})
        # The fragment escaped its own values.
        return Markup(text)  # noqa: S704

    def kept(template: str, **values: Any) -> Markup:
        return rendered(template, i18n.current_locale(), i18n.current_zone(), tuple(values.items()))

    return kept


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """The three faces of one message; text and HTML say the same."""

    subject: str
    text: str
    html: str


@cache
def _mail_environment() -> Environment:
    folders = [*sorted(_ROOT.glob("receivables/*/templates")), _ROOT / "monitoring" / "templates"]
    return make_environment([folder for folder in folders if folder != _KIT])


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def render_mail(name: str, *, locale: str, zone: str = "UTC", **context: Any) -> RenderedMail:
    """The mail templates `<name>/{subject.txt,body.txt,body.html}` for one reader."""
    environment = _mail_environment()
    values = {"locale": locale, **context}
    with i18n.reading_as(locale, zone):
        subject, text, html = (
            environment.get_template(f"{name}/{part}").render(values)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return RenderedMail(" ".join(subject.split()), text.strip() + "\n", _inliner().inline(html))

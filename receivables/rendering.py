"""Templates: one Jinja environment for mails and for both faces' pages.

Autoescape and StrictUndefined: a misspelt name is an error in a test, not a blank on a bill.
Templates get finished values and cannot reach the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from receivables import i18n
from receivables.inlining import InlinedStyle

_ROOT = Path(__file__).parent.parent
_KIT = _ROOT / "receivables" / "web" / "templates"


def make_environment(folders: Sequence[Path]) -> Environment:
    """Templates from `folders` (the first that has one wins) and from the kit."""
    environment = _Environment(
        loader=FileSystemLoader([*folders, _KIT]),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
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
        in_address=in_address,
    )
    environment.globals.update(
        _=_text,
        ngettext=_plural,
        pgettext=_text_about,
        csrf_token=_csrf_token,
        kept_macro=_macro_keeper(),
        languages=[{"code": code, "name": name} for code, name in i18n.LANGUAGES.items()],
    )
    return environment


#: Makes the form token of the page that is being written.
_token_maker: ContextVar[Callable[[], str] | None] = ContextVar("token maker", default=None)


@contextmanager
def forms_of(token: Callable[[], str] | None) -> Iterator[None]:
    """Within the block, `csrf_token()` says what `token` makes; with None, nothing."""
    before = _token_maker.set(token)
    try:
        yield
    finally:
        _token_maker.reset(before)


def _csrf_token() -> str:
    """The same for all templates, and no value of theirs: with a value, all that a page imports
    would have to be made anew for its reader.
    """
    make = _token_maker.get()
    assert make is not None, "a form in a mail, or in what is kept for other readers"
    return make()


@lru_cache(1024, typed=True)  # what was escaped is read back first
def in_address(text: str) -> str:
    """A text as one part of an address. What was escaped for HTML before is taken as it was meant:
    escaped for both, a reader of the address would meet `&amp;`.
    """
    return quote(text.unescape() if isinstance(text, Markup) else text, safe="@")


# Jinja's own extension for texts takes three calls through the context for each.


@pass_eval_context
def _text(context: EvalContext, text: str, /, **values: Any) -> str:
    """`_("of %(amount)s", amount=...)`: a text in the reader's language with its values.

    Without values, too, `%%` stands for a percent sign.
    """
    if not values:
        return _plain_text(text, i18n.current_locale(), context.autoescape)
    return _filled(_pattern("", text, i18n.current_locale(), context.autoescape), values)


@pass_eval_context
def _text_about(context: EvalContext, about: str, text: str, /, **values: Any) -> str:
    """`pgettext("plan", "broken")`: a text as it is said of something."""
    pattern = _pattern(about, text, i18n.current_locale(), context.autoescape)
    return _filled(pattern, values) if values else _filled_with_nothing(pattern)


@pass_eval_context
def _plural(context: EvalContext, singular: str, plural: str, num: int, /, **values: Any) -> str:
    """`ngettext("%(num)s day", "%(num)s days", days)`: the form for a number, which is `num`."""
    form = _form(singular, plural, num, i18n.current_locale(), context.autoescape)
    return _filled(form, {"num": num, **values})


@lru_cache(4096)
def _pattern(about: str, text: str, locale: str, autoescape: bool) -> str:
    """A text of ours, translated; markup where its values have to be escaped."""
    assert locale == i18n.current_locale(), "part of the key"
    translated = i18n.pgettext(about, text) if about else i18n.translate(text)
    return Markup(translated) if autoescape else translated  # noqa: S704


@lru_cache(4096)
def _form(singular: str, plural: str, num: int, locale: str, autoescape: bool) -> str:
    """A text of ours about so many, translated; markup where its values have to be escaped."""
    assert locale == i18n.current_locale(), "part of the key"
    translated = i18n.translate_plural(singular, plural, num)
    return Markup(translated) if autoescape else translated  # noqa: S704


@lru_cache(4096)
def _plain_text(text: str, locale: str, autoescape: bool) -> str:
    """A text without values, in one look-up: most are."""
    return _filled(_pattern("", text, locale, autoescape), {})


@lru_cache(4096, typed=True)
def _filled_with_nothing(pattern: str) -> str:
    return _filled(pattern, {})


def _filled(pattern: str, values: dict[str, Any]) -> str:
    if not isinstance(pattern, Markup):
        return pattern % values
    safe = {name: v if type(v) is int else _escaped(v) for name, v in values.items()}
    return Markup(str.__mod__(pattern, safe))  # noqa: S704  (the text is ours)


#: How many results of a macro: an amount or a day has a hundred bytes, a row of a list a thousand.
RESULTS_KEPT = 8192


def _macro_keeper() -> Callable[[str, Macro], Callable[..., str]]:
    """A global for templates: `{% set money = kept_macro("kit money", money) %}` makes a macro
    write the same values for the same locale and zone once.

    The values are the key, so nothing ever has to be thrown away because it is out of date; they
    must be hashable, and the macro must depend on nothing else. The name says which macro it is,
    since importing a template "with context" makes its macros anew.
    """
    macros: dict[str, Macro] = {}
    writers: dict[str, Callable[..., str]] = {}

    def kept_macro(name: str, macro: Macro) -> Callable[..., str]:
        macros[name] = macro
        if name not in writers:
            writers[name] = _writer(name, macros)
        return writers[name]

    return kept_macro


def _writer(name: str, macros: Mapping[str, Macro]) -> Callable[..., str]:
    @lru_cache(RESULTS_KEPT, typed=True)  # text and markup of the same letters are not the same
    def written(locale: str, zone: str, /, *values: Any, **named: Any) -> str:
        assert locale and zone, "part of the key"
        with forms_of(None):
            return macros[name](*values, **named)

    def write(*values: Any, **named: Any) -> str:
        return written(i18n.current_locale(), i18n.current_zone(), *values, **named)

    return write


class _Context(Context):
    """Jinja asks each thing it calls, at each call, what it wants to be given first: a third of
    what a mail costs. Texts and macros always want the same, our other functions nothing.
    """

    def call(self, called: Any, /, *args: Any, **named: Any) -> Any:
        kind = type(called)
        if kind is Macro:
            return self._written(called, args, named)
        if kind is FunctionType and called in _OF_OURS:
            args = (self.eval_ctx, *args)
        elif kind not in _PLAIN or "jinja_pass_arg" in called.__dict__:
            return super().call(called, *args, **named)
        # Of a loop's or a block's own names, which go to what asks for the context.
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return called(*args, **named)

    def _written(self, macro: Macro, args: tuple[Any, ...], named: dict[str, Any]) -> str:
        """What a macro writes; one that is given just what it takes needs no sorting of that."""
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        takes_more = macro.caller or macro.catch_kwargs or macro.catch_varargs
        if named or takes_more or len(args) != macro._argument_count:
            return macro(self.eval_ctx, *args, **named)
        text: str = macro._func(*args)
        return Markup(text) if self.eval_ctx.autoescape else text  # noqa: S704  (as Jinja does)


_OF_OURS = frozenset({_text, _text_about, _plural})
_PLAIN = frozenset({FunctionType, type(in_address)})  # the latter is what is cached


def _escaped(value: Any) -> str:
    """What markupsafe makes of a value, without asking markup what it is and writing it anew."""
    return value if type(value) is Markup else escape(value)


class _Template(Template):
    @classmethod
    def _from_namespace(
        cls,
        environment: Environment,
        namespace: MutableMapping[str, Any],
        globals: MutableMapping[str, Any],
    ) -> Template:
        namespace["escape"] = _escaped
        return super()._from_namespace(environment, namespace, globals)


class _Environment(Environment):
    context_class = _Context
    template_class = _Template

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._loaded: dict[str, Template] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        """None of ours ever changes while the process lives: one look-up, without Jinja's lock."""
        found = self._loaded.get(name) if isinstance(name, str) else None
        if found is not None and globals is None:
            return found
        made = super().get_template(name, parent, globals)
        if isinstance(name, str) and globals is None:
            self._loaded[name] = made
        return made

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dict for all: no template of ours has globals of its own, and Jinja's chain of two
        is walked in Python at each include and import.
        """
        return self.globals if d is None else super().make_globals(d)


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """The three faces of one message; text and HTML say the same."""

    subject: str
    text: str
    html: str


@cache
def mail_environment() -> Environment:
    """The templates of all mails; compiled once a process."""
    folders = [*sorted(_ROOT.glob("receivables/*/templates")), _ROOT / "monitoring" / "templates"]
    environment = make_environment([folder for folder in folders if folder != _KIT])
    environment.add_extension(InlinedStyle)
    return environment


@cache
def _faces(name: str) -> tuple[Template, ...]:
    environment = mail_environment()
    return tuple(
        environment.get_template(f"{name}/{part}")
        for part in ("subject.txt", "body.txt", "body.html")
    )


def render_mail(name: str, *, locale: str, zone: str = "UTC", **context: Any) -> RenderedMail:
    """The mail templates `<name>/{subject.txt,body.txt,body.html}` for one reader."""
    values = {"locale": locale, **context}
    with i18n.reading_as(locale, zone):
        subject, text, html = (face.render(values) for face in _faces(name))
    return RenderedMail(" ".join(subject.split()), text.strip() + "\n", html)

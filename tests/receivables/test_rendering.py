"""What is rendered once and kept: never another reader's words, never text taken for markup."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from jinja2 import Environment
from markupsafe import Markup

from receivables.i18n import reading_as
from receivables.money import Money
from receivables.rendering import forms_of, make_environment

KIT = """{% macro shout(text) %}<b>{{ text }}</b>{% endmacro %}
{% set shout = kept_macro("test shout", shout) %}
{% macro price(value) %}{{ value|money }}{% endmacro %}
{% set price = kept_macro("test price", price) %}"""


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "kit.html").write_text(KIT)
    return make_environment([tmp_path])


def shown(environment: Environment, text: str, **values: object) -> str:
    source = '{% from "kit.html" import shout, price %}' + text
    return environment.from_string(source).render(values)


def test_a_kept_macro_escapes_text_though_it_wrote_the_same_letters_as_markup(
    environment: Environment,
) -> None:
    trusted = shown(environment, "{{ shout(value) }}", value=Markup("<i>"))
    typed = shown(environment, "{{ shout(value) }}", value="<i>")

    assert (trusted, typed) == ("<b><i></b>", "<b>&lt;i&gt;</b>")


def test_a_kept_macro_writes_each_amount_for_each_reader(environment: Environment) -> None:
    def price(minor: int, locale: str) -> str:
        with reading_as(locale):
            return shown(environment, "{{ price(value) }}", value=Money(minor, "EUR"))

    written = [price(195000, "fr_FR"), price(195000, "en_GB"), price(195001, "en_GB")]

    assert len(set(written)) == 3
    assert written == [price(195000, "fr_FR"), price(195000, "en_GB"), price(195001, "en_GB")]


def test_texts_escape_their_values_and_a_doubled_percent_sign_is_one(
    environment: Environment,
) -> None:
    text = '{{ _("%(share)s of %(name)s, 100 %%", share=share, name=name) }} {{ _("5 %%") }}'

    said = shown(environment, text, share=Decimal("2.5"), name="<Muller & Co>")

    assert said == "2.5 of &lt;Muller &amp; Co&gt;, 100 % 5 %"


def test_a_text_is_said_of_something_and_escapes_its_values(environment: Environment) -> None:
    text = '{{ pgettext("plan", "broken") }} {{ pgettext("plan", "by %(who)s", who="<b>") }}'

    assert shown(environment, text) == "broken by &lt;b&gt;"


def test_a_plural_takes_the_form_of_its_number(environment: Environment) -> None:
    text = '{{ ngettext("%(num)s day", "%(num)s days", days) }}'

    assert [shown(environment, text, days=days) for days in (1, 2)] == ["1 day", "2 days"]


def test_a_form_carries_the_token_of_its_own_reader(environment: Environment) -> None:
    form = '{% from "kit/macros.html" import csrf_field %}{{ csrf_field() }}'

    def written(token: str) -> str:
        with forms_of(lambda: token):
            return shown(environment, form)

    assert ['value="hers"' in written("hers"), 'value="his"' in written("his")] == [True, True]


def test_no_token_can_get_into_what_is_kept_for_other_readers(environment: Environment) -> None:
    macro = "{% macro form() %}{{ csrf_token() }}{% endmacro %}"
    kept = '{{ kept_macro("test form", form)() }}'

    with forms_of(lambda: "hers"), pytest.raises(AssertionError):
        shown(environment, macro + kept)

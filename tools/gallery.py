"""Render every template with realistic pages, so that one can look at them without a database.

    python tools/gallery.py FOLDER [--catalog FOLDER] [--serve PORT]

Writes FOLDER/<locale>/<page>.html for three locales and FOLDER/index.html. A catalogue is a folder
with <language>/LC_MESSAGES/*.po. `--serve` shows it on the loopback with the security headers of
the real faces, so that what they forbid is seen to break.
"""

from __future__ import annotations

import argparse
import gettext
import io
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import css_inline
from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import gallery_billing  # noqa: E402  the path is set above
import gallery_mails  # noqa: E402
import gallery_office  # noqa: E402
import gallery_portal  # noqa: E402
import gallery_watch  # noqa: E402

from receivables.money import Money  # noqa: E402

LOCALES = {"en_GB": "Europe/London", "fr_CH": "Europe/Zurich", "de_CH": "Europe/Zurich"}

#: What the faces send with every page, the hosted payment page's origin apart.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

MAIL_HEADERS = {
    # Mails bring their style along; readers' programs allow it.
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str


LANGUAGES = [Language("fr", "Français"), Language("de", "Deutsch"), Language("en", "English")]


def translations(catalog: Path | None, language: str) -> gettext.NullTranslations:
    """The catalogue of one language, or English as written."""
    if catalog is None:
        return gettext.NullTranslations()
    merged: Translations | None = None
    for path in sorted((catalog / language / "LC_MESSAGES").glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=language))
        compiled.seek(0)
        part = Translations(compiled)
        merged = part if merged is None else merged.merge(part)
    return merged or gettext.NullTranslations()


def money(value: Money, *, locale: Locale) -> str:
    """Code and number as the locale writes them, never broken over a line."""
    pattern = locale.currency_formats["standard"].pattern.replace("¤", "¤¤")
    # CLDR sets a symbol close to the number; a code of three letters needs a space.
    pattern = re.sub(r"¤¤(?=[#0])", "¤¤\u00a0", pattern)
    text = numbers.format_currency(value.decimal, value.currency, pattern, locale=locale)
    return text.replace(" ", "\u00a0")


def amount(value: Money, *, locale: Locale) -> str:
    """The number alone."""
    pattern = locale.currency_formats["standard"].pattern
    bare = ";".join(part.replace("¤", "").strip("\u00a0 ") for part in pattern.split(";"))
    return numbers.format_currency(value.decimal, value.currency, bare, locale=locale)


def short_day(value: date, *, locale: Locale) -> str:
    return dates.format_skeleton("MMMd", value, locale=locale).replace(" ", "\u00a0")


def instant(value: datetime, *, locale: Locale, zone: str) -> str:
    here = value.astimezone(dates.get_timezone(zone))
    day = dates.format_skeleton("yMMMd", here, locale=locale)
    return f"{day}, {dates.format_time(here, 'short', locale=locale)}"


def file_size(value: int, *, locale: Locale) -> str:
    if value >= 1_000_000:
        return f"{numbers.format_decimal(Decimal(value) / 1_000_000, '0.0', locale=locale)} MB"
    return f"{max(1, round(value / 1000))} kB"


def environment(folders: list[Path], locale_name: str, catalog: Path | None) -> Environment:
    """Jinja as the faces and the mailer set it up, for one locale."""
    locale = Locale.parse(locale_name)
    env = Environment(
        loader=FileSystemLoader(folders),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_translations(  # type: ignore[attr-defined]
        translations(catalog, locale.language), newstyle=True
    )
    env.filters |= {
        "money": partial(money, locale=locale),
        "amount": partial(amount, locale=locale),
        "number": partial(numbers.format_decimal, locale=locale),
        "percent": partial(numbers.format_percent, format="#,##0.#%", locale=locale),
        "day": partial(dates.format_date, format="long", locale=locale),
        "shortday": partial(short_day, locale=locale),
        "instant": partial(instant, locale=locale, zone=LOCALES[locale_name]),
        "filesize": partial(file_size, locale=locale),
    }
    env.globals |= {
        "locale": locale_name,
        "languages": LANGUAGES,
        "static_url": lambda name: f"/static/{name}",
        "asset_version": "1",
        "csrf_token": lambda: "sample-token",
    }
    return env


def samples() -> Iterator[tuple[str, list[Path], str, dict[str, Any]]]:
    """Name of the file, where its templates are, the template, what it gets."""
    kit = ROOT / "receivables/web/templates"
    for name, template, context in gallery_portal.pages():
        yield f"portal/{name}", [ROOT / "portal/templates", kit], template, context
    for part in (gallery_office, gallery_billing, gallery_watch):
        for name, template, context in part.pages():
            yield f"office/{name}", [ROOT / "backoffice/templates", kit], template, context
    mails = [
        ROOT / f"{folder}/templates"
        for folder in (
            "receivables/dunning",
            "receivables/payments",
            "receivables/links",
            "monitoring",
        )
    ]
    for name, template, context in gallery_mails.mails():
        yield f"mail/{name}", [*mails, kit], template, context


def render(folder: Path, catalog: Path | None) -> int:
    """Write all pages; returns how many."""
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
    links: dict[str, list[str]] = {}
    for locale in LOCALES:
        environments: dict[str, Environment] = {}
        for name, folders, template, context in samples():
            env = environments.setdefault(str(folders[0]), environment(folders, locale, catalog))
            text = env.get_template(template).render(**context)
            if name.startswith("mail/") and template.endswith(".html"):
                text = inliner.inline(text)
            suffix = "" if template.endswith(".txt") else ".html"
            path = folder / locale / f"{name}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            links.setdefault(name + suffix, []).append(f"/{locale}/{name}{suffix}")
    rows = "\n".join(
        f"<li>{name}: " + " ".join(f'<a href="{url}">{url.split("/")[1]}</a>' for url in urls)
        for name, urls in links.items()
    )
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><title>Gallery</title><ul>{rows}</ul>', encoding="utf-8"
    )
    return sum(len(urls) for urls in links.values())


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        plain = path.partition("?")[0]
        if plain.startswith("/static/"):
            return str(ROOT / "static" / Path(plain).name)
        return super().translate_path(path)

    def do_GET(self) -> None:
        """A page; or the stream of alerts, with one alert that arrives by itself."""
        if self.path != "/alerts/stream":
            super().do_GET()
            return
        alert = Path(self.directory, "en_GB/office/alert-row.html").read_text(encoding="utf-8")
        lines = "".join(f"data: {line}\n" for line in alert.splitlines())
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(f"retry: 600000\nevent: alert\n{lines}\n".encode())
        self.wfile.flush()
        threading.Event().wait(5)

    def end_headers(self) -> None:
        for name, value in (MAIL_HEADERS if "/mail/" in self.path else HEADERS).items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: this is for looking."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--serve", type=int, metavar="PORT")
    arguments = parser.parse_args()
    print(f"{render(arguments.folder, arguments.catalog)} pages in {arguments.folder}")
    if arguments.serve is not None:
        handler = partial(_Handler, directory=str(arguments.folder))
        print(f"http://127.0.0.1:{arguments.serve}/")
        ThreadingHTTPServer(("127.0.0.1", arguments.serve), handler).serve_forever()


if __name__ == "__main__":
    main()

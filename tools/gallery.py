"""Render every template with realistic pages, so that one can look at them without a database.

    python tools/gallery.py FOLDER [--serve PORT]

Writes FOLDER/<locale>/<page>.html for a few locales and FOLDER/index.html, with the product's own
filters and catalogues. `--serve` shows it on the loopback with the security headers of the real
faces, so that what they forbid is seen to break.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import gallery_billing  # noqa: E402  the path is set above
import gallery_mails  # noqa: E402
import gallery_office  # noqa: E402
import gallery_portal  # noqa: E402
import gallery_watch  # noqa: E402

from receivables.i18n import reading_as  # noqa: E402
from receivables.rendering import make_environment  # noqa: E402

LOCALES = {
    "en_GB": "Europe/London",
    "fr_CH": "Europe/Zurich",
    "fr_FR": "Europe/Paris",
    "de_CH": "Europe/Zurich",
    "de_DE": "Europe/Berlin",
    "nl_BE": "Europe/Brussels",
    "it_CH": "Europe/Zurich",
}

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


def environment(folders: list[Path]) -> Environment:
    """Jinja as the faces and the mailer set it up."""
    env = make_environment(folders)
    env.globals |= {
        "static_url": lambda name: f"/static/{name}",
        "asset_version": "1",
        "csrf_token": lambda: "sample-token",
    }
    return env


def samples() -> Iterator[tuple[str, list[Path], str, dict[str, Any]]]:
    """Name of the file, where its templates are, the template, what it gets."""
    for name, template, context in gallery_portal.pages():
        yield f"portal/{name}", [ROOT / "portal/templates"], template, context
    for part in (gallery_office, gallery_billing, gallery_watch):
        for name, template, context in part.pages():
            yield f"office/{name}", [ROOT / "backoffice/templates"], template, context
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
        yield f"mail/{name}", mails, template, context


def render(folder: Path) -> int:
    """Write all pages; returns how many."""
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
    links: dict[str, list[str]] = {}
    environments: dict[str, Environment] = {}
    for locale, zone in LOCALES.items():
        for name, folders, template, context in samples():
            env = environments.get(str(folders[0])) or environment(folders)
            environments[str(folders[0])] = env
            with reading_as(locale, zone):
                text = env.get_template(template).render(locale=locale, **context)
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
    parser.add_argument("--serve", type=int, metavar="PORT")
    arguments = parser.parse_args()
    print(f"{render(arguments.folder)} pages in {arguments.folder}")
    if arguments.serve is not None:
        handler = partial(_Handler, directory=str(arguments.folder))
        print(f"http://127.0.0.1:{arguments.serve}/")
        ThreadingHTTPServer(("127.0.0.1", arguments.serve), handler).serve_forever()


if __name__ == "__main__":
    main()

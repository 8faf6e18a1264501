"""The command: everything an operator does with Quittance."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

import monitoring.tasks
import receivables.tables
import receivables.tasks
from monitoring.portfolio import command as portfolio_command
from monitoring.sources import gazette_command, register_command
from receivables import checks, logs
from receivables.bank.importing import StatementLine, import_statements, look_at_statements
from receivables.boot import alembic_config, build_runtime, schema_is_current
from receivables.database import SYSTEM
from receivables.errors import ReceivablesError
from receivables.growth import growing
from receivables.guards import grants
from receivables.ids import SupplierId
from receivables.intake import command as intake_command
from receivables.intake.importing import ImportLine, import_files, look_at_files
from receivables.interest import command as interest_command
from receivables.interest.queries import rate_book
from receivables.interest.rates import RateBook, shipped_rates
from receivables.lifecycle import command as statuses_command
from receivables.parties import actions as parties
from receivables.parties import queries
from receivables.payers import command as forecast_command
from receivables.push import make_vapid_key
from receivables.replies import command as replies_command
from receivables.runtime import Runtime
from receivables.settings import BadSetting, Settings, read_settings
from receivables.workshop import Workshop

if TYPE_CHECKING:
    from receivables.web.serving import FaceServer

assert receivables.tasks
assert monitoring.tasks  # both imported for their actors

FACES = ("backoffice", "portal")


class NoSuchSupplier(ReceivablesError):
    """The installation has no supplier of that name, or several and none was named."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 not done, 2 wrong usage)."""
    options = _parser().parse_args(arguments)
    if options.command == "demo":
        # Only the demo needs the sandbox, which production may leave out.
        from demo.running import run_demo

        return run_demo(Path(options.folder), options.port, running, wait_for_the_end)
    logs.configure()
    if alone := {"forecast": forecast_command, "portfolio": portfolio_command}.get(options.command):
        return int(alone.run(options, out=sys.stdout, err=sys.stderr))
    if options.command == "import" and options.dry_run and "DATABASE_URL" not in os.environ:
        without_books = _import_invoices if options.kind == "invoices" else _import_statements
        return without_books(None, options)
    if options.command == "interest" and "DATABASE_URL" not in os.environ:
        return _interest(None, options)
    try:
        settings = read_settings(os.environ)
    except BadSetting as error:
        print(f"setting {error}", file=sys.stderr)
        return 2
    try:
        return int(options.run(settings, options))
    except (NoSuchSupplier, parties.EmailTaken) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="quittance", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="everything on this machine, with a story to live")
    demo.add_argument("--folder", default="var/demo", help="where the demo keeps its state")
    demo.add_argument("--port", type=int, default=8000, help="the first of eleven ports")

    serve = commands.add_parser("serve", help="serve the faces (and work, with SQLite)")
    serve.add_argument("--face", choices=FACES, help="one face alone; both without")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--portal-port", type=int, help="default: the port in PORTAL_URL")
    serve.add_argument("--backoffice-port", type=int, help="default: the one in BACKOFFICE_URL")
    serve.set_defaults(run=_serve)
    commands.add_parser("worker", help="do the work the faces leave behind").set_defaults(run=_work)
    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(run=_migrate)
    commands.add_parser("check", help="put every invariant to the books").set_defaults(run=_check)

    imports = commands.add_parser("import", help="take files in")
    kinds = imports.add_subparsers(dest="kind", required=True)
    for kind, run, formats in (
        ("invoices", _import_invoices, "UBL, CII, Factur-X/ZUGFeRD, CSV, XLSX"),
        ("statement", _import_statements, "camt, MT940, CODA, a bank's CSV"),
    ):
        files = kinds.add_parser(kind, help=formats)
        files.add_argument("paths", nargs="+", metavar="PATH", type=Path)
        files.add_argument("--supplier", help="whose; needed when there are several")
        files.add_argument("--dry-run", action="store_true", help="read, report, change nothing")
        files.add_argument("--json", action="store_true", help="one object a line for each file")
        files.set_defaults(run=run)
    intake_command.add_arguments(kinds.choices["invoices"])
    register_command.add_parser(kinds)
    gazette_command.add_parser(kinds)
    _add_interest(commands)
    forecast = commands.add_parser("forecast", help="when invoices will be paid, from any history")
    forecast_command.add_arguments(forecast)
    portfolio_command.add_parser(commands)
    replies_command.add_parser(commands).set_defaults(run=_incoming)
    statuses_command.add_parser(commands, _opened, _supplier_id)
    hire = commands.add_parser("hire", help="give somebody at a supplier's a sign-in")
    hire.add_argument("--supplier", help="whose staff; needed when there are several")
    hire.add_argument("--email", required=True)
    hire.add_argument("--name", required=True)
    hire.add_argument("--role", choices=("owner", "collector", "reader"), default="collector")
    hire.add_argument("--language", default="en")
    hire.set_defaults(run=_hire)

    supplier = commands.add_parser("supplier", help="open a supplier's books, from a JSON file")
    supplier.add_argument("file", type=Path, help="fields as in README.md, Connecting")
    supplier.set_defaults(run=_add_supplier)
    key = commands.add_parser("vapid-key", help="make a key for web push")
    key.add_argument("file", type=Path)
    key.set_defaults(run=_make_key)
    return parser


def _add_interest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rates = commands.add_parser("rates", help="reference rates that late interest follows")
    what = rates.add_subparsers(dest="what", required=True)
    load = what.add_parser("load", help="take dated rates in, for every supplier")
    interest_command.add_load_arguments(load)
    load.set_defaults(run=_load_rates)
    interest = commands.add_parser("interest", help="what the law grants for late payment")
    interest_command.add_arguments(interest)
    interest.set_defaults(run=_interest)


@contextmanager
def _opened(settings: Settings) -> Iterator[Runtime]:
    runtime = build_runtime(settings)
    with closing(runtime.database), growing(runtime.database):
        yield runtime


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    with _opened(settings) as runtime:
        if not schema_is_current(runtime):
            print("the database is not of this version: quittance migrate", file=sys.stderr)
            return 1
        ports = {
            "portal": options.portal_port or _port_of(settings.web.portal_url),
            "backoffice": options.backoffice_port or _port_of(settings.web.backoffice_url),
        }
        names = [options.face] if options.face else FACES
        with running(runtime, {name: ports[name] for name in names}, host=options.host):
            print("ready " + " ".join(_addresses(settings, names)), flush=True)
            wait_for_the_end()
    return 0


def _addresses(settings: Settings, names: Sequence[str]) -> list[str]:
    urls = {"portal": settings.web.portal_url, "backoffice": settings.web.backoffice_url}
    return [f"{name} {urls[name]}" for name in names]


def _server(name: str, runtime: Runtime, *, host: str, port: int) -> FaceServer:
    # Whoever only imports a file need not load the pages: that takes longer than a hundred files.
    from receivables.web.serving import FaceServer

    if name == "portal":
        from portal.app import create_app
    else:
        from backoffice.app import create_app
    trusted = runtime.settings.web.trusted_proxies
    return FaceServer(create_app(runtime), host=host, port=port, trusted_proxies=trusted)


@contextmanager
def running(runtime: Runtime, ports: Mapping[str, int], host: str = "127.0.0.1") -> Iterator[None]:
    """Faces served and work being done (or handed to the broker) while the block lasts."""
    workshop = Workshop(runtime, workers=runtime.settings.broker.url is None)
    servers = [_server(name, runtime, host=host, port=port) for name, port in ports.items()]
    workshop.start()
    for server in servers:
        server.start()
    try:
        yield
    finally:
        for server in servers:
            server.stop()
        workshop.stop()


def wait_for_the_end() -> None:
    """Until somebody asks the process to stop, by Ctrl-C or SIGTERM."""
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    while not over.wait(1):
        pass


def _port_of(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _work(settings: Settings, _options: argparse.Namespace) -> int:
    if settings.broker.url is None:
        print("BROKER_URL is missing: SQLite has `quittance serve` do the work", file=sys.stderr)
        return 2
    with _opened(settings) as runtime:
        workshop = Workshop(runtime, workers=True)
        workshop.start()
        print("ready worker", flush=True)
        wait_for_the_end()
        workshop.stop()
    return 0


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    command.upgrade(alembic_config(settings), "head")
    owner, application = make_url(settings.database.migration_url), make_url(settings.database.url)
    if application.username and owner.username != application.username:
        engine = create_engine(owner.set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            for statement in grants(application.username, receivables.tables.metadata):
                connection.exec_driver_sql(statement)
        engine.dispose()
    return 0


def _check(settings: Settings, _options: argparse.Namespace) -> int:
    with _opened(settings) as runtime, runtime.reading(SYSTEM) as session:
        found = list(checks.findings(session, now=runtime.clock.now()))
    for finding in found:
        print(f"{finding.promise}  {finding.what}")
    print(f"{len(checks.CHECKS)} checks, {len(found)} findings")
    return 1 if found else 0


def _supplier_id(runtime: Runtime, name: str | None) -> SupplierId:
    with runtime.reading(SYSTEM) as session:
        found = [one for one in queries.suppliers(session) if name in (None, one.name, str(one.id))]
    if len(found) != 1:
        names = ", ".join(one.name for one in found) or "none"
        raise NoSuchSupplier(f"--supplier must name one supplier; found: {names}")
    return found[0].id


def _all_there(paths: Sequence[Path]) -> bool:
    """Whether every file exists; says which do not."""
    missing = [path for path in paths if not path.is_file()]
    if missing:
        print(f"no such file: {', '.join(map(str, missing))}", file=sys.stderr)
    return not missing


def _import_invoices(settings: Settings | None, options: argparse.Namespace) -> int:
    """Without settings (only ever for a dry run) the files are read and held against no books."""
    if not _all_there(options.paths):
        return 2
    files, said = ((str(path), path.read_bytes()) for path in options.paths), options.columns
    if settings is None:
        return _report(look_at_files(files, columns=said), as_json=options.json)
    with _opened(settings) as runtime:
        supplier_id = _supplier_id(runtime, options.supplier)
        lines = import_files(
            runtime, supplier_id, files, dry_run=options.dry_run, columns=said, progress=_show_taken
        )
        return _report(lines, as_json=options.json)


def _report(lines: Iterator[ImportLine] | Iterator[StatementLine], *, as_json: bool) -> int:
    """Print a line about each file; 0 when all were taken, 1 when some were refused."""
    all_taken = True
    for line in lines:
        all_taken = all_taken and line.accepted
        # In pieces: a statement may have a hundred thousand entries.
        for piece in line.json_pieces() if as_json else [line.text]:
            sys.stdout.write(piece)
        print(flush=True)
    return 0 if all_taken else 1


def _load_rates(settings: Settings, options: argparse.Namespace) -> int:
    with _opened(settings) as runtime:
        return _say(*interest_command.load(runtime, options.path))


def _interest(settings: Settings | None, options: argparse.Namespace) -> int:
    """Without settings (no database is named) the rates that came with this version count."""
    if settings is None:
        book = RateBook(shipped_rates())
        return _say(*interest_command.answer(options, book), as_json=options.json)
    with _opened(settings) as runtime:
        whose = _supplier_id(runtime, options.supplier) if options.supplier else None
        with runtime.reading(SYSTEM) as session:
            book = rate_book(session, whose)
    return _say(*interest_command.answer(options, book), as_json=options.json)


def _incoming(settings: Settings, options: argparse.Namespace) -> int:
    with _opened(settings) as runtime:
        return _say(*replies_command.take_mails(runtime, options.paths, sys.stdin.buffer))


def _say(code: int, lines: Sequence[str], *, as_json: bool = False) -> int:
    """An answer, or why there is none: as an object that is an answer, too."""
    for line in lines:
        print(line, file=sys.stderr if code == 2 or (code and not as_json) else sys.stdout)
    return code


def _import_statements(settings: Settings | None, options: argparse.Namespace) -> int:
    """Without settings, as with invoices."""
    if not _all_there(options.paths):
        return 2
    files = ((str(path), path) for path in options.paths)
    if settings is None:
        lines = look_at_statements(files, progress=_show_progress)
        return _report(lines, as_json=options.json)
    with _opened(settings) as runtime:
        supplier_id = _supplier_id(runtime, options.supplier)
        lines = import_statements(
            runtime, supplier_id, files, dry_run=options.dry_run, progress=_show_progress
        )
        return _report(lines, as_json=options.json)


def _show_progress(entries: int) -> None:
    _show(f"{entries} entries read")


def _show_taken(invoices: int) -> None:
    _show(f"{invoices} invoices taken in")


def _show(progress: str) -> None:
    """How far a long import is, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r{progress} ", end="", file=sys.stderr, flush=True)


def _hire(settings: Settings, options: argparse.Namespace) -> int:
    password = os.environ.get("QUITTANCE_PASSWORD") or getpass.getpass("Password: ")
    with _opened(settings) as runtime:
        supplier_id = _supplier_id(runtime, options.supplier)
        with runtime.transaction(SYSTEM) as session:
            parties.hire(
                session,
                supplier_id=supplier_id,
                email=options.email,
                name=options.name,
                role=options.role,
                language=options.language,
                password=password,
                clock=runtime.clock,
            )
    return 0


def _add_supplier(settings: Settings, options: argparse.Namespace) -> int:
    try:
        new = parties.NewSupplier(**json.loads(options.file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return 2
    with _opened(settings) as runtime, runtime.transaction(SYSTEM) as session:
        print(parties.register_supplier(session, new, clock=runtime.clock))
    return 0


def _make_key(_settings: Settings, options: argparse.Namespace) -> int:
    print(make_vapid_key(options.file).public)
    return 0


if __name__ == "__main__":
    sys.exit(main())

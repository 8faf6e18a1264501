"""What must hold all over the house and no single test would notice."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import text

import backoffice.app
import monitoring.events
import monitoring.tables
import monitoring.tasks
import portal.app
import receivables.tables
import receivables.tasks
from backoffice.timeline import OFFICE_WORDINGS
from receivables.broker import ACTORS, QUEUES
from receivables.database import SYSTEM
from receivables.guards import APPEND_ONLY, SYSTEM_ONLY, tenant_column
from receivables.history import EVENTS, REACTIONS
from receivables.web.timeline import WORDINGS

assert monitoring.tables  # imported for its tables
assert backoffice.app
assert portal.app  # both imported for whatever they declare

ROOT = Path(__file__).parent.parent
OURS = ("receivables", "monitoring", "portal", "backoffice", "demo")
TABLES = receivables.tables.metadata.sorted_tables
TENANT_TABLES = [table for table in TABLES if tenant_column(table)]


def python_files(*folders: str) -> list[Path]:
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    assert files, f"nothing in {folders}"
    return [file for file in files if "node_modules" not in file.parts]


def templates(*folders: str) -> list[Path]:
    files = [
        file
        for folder in folders
        for file in sorted((ROOT / folder).rglob("templates/**/*.html"))
        if "mail" not in file.relative_to(ROOT).parts[3:-1]
    ]
    assert files, f"nothing in {folders}"
    return files


def lines_with(pattern: str, files: list[Path]) -> list[str]:
    wanted = re.compile(pattern)
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if wanted.search(line)
    ]


def test_every_event_can_be_told_to_the_supplier():
    assert {kind for kind, event in EVENTS.items() if event not in OFFICE_WORDINGS} == set()


def test_every_event_a_debtor_may_see_can_be_told_by_the_portal_alone():
    shown = {kind: event for kind, event in EVENTS.items() if event.shown_to_debtor}
    assert shown
    assert {kind for kind, event in shown.items() if event not in WORDINGS} == set()


def test_nothing_is_worded_that_cannot_happen():
    assert {event for event in OFFICE_WORDINGS if EVENTS.get(event.kind) is not event} == set()


def test_a_kind_names_its_subject_and_what_happened():
    assert [kind for kind in EVENTS if not re.fullmatch(r"[a-z_]+\.[a-z_]+", kind)] == []


def test_every_actor_works_on_a_queue_that_has_workers():
    assert ACTORS
    assert {actor.queue_name for actor in ACTORS.values()} <= set(QUEUES)


def test_every_reaction_is_to_an_event_that_exists():
    assert REACTIONS
    assert set(REACTIONS) <= set(EVENTS)
    assert {name for names in REACTIONS.values() for name in names} <= set(ACTORS)


def test_every_module_with_actors_is_known_to_the_worker():
    """Imported by quittance.py through these two; another one would never be woken."""
    known = {actor.run.__module__ for actor in ACTORS.values()}
    declared = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in python_files("receivables", "monitoring")
        if re.search(r"^@(actor|reaction|scheduled)\(", file.read_text(encoding="utf-8"), re.M)
    }
    assert declared == {name for name in known if name.startswith(("receivables", "monitoring"))}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_row_says_whose_it_is(table):
    assert tenant_column(table) or table.name in SYSTEM_ONLY


@pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.name)
def test_a_row_can_only_point_at_rows_of_the_same_supplier(table):
    """PostgreSQL checks foreign keys without row-level security: the supplier is part of them."""
    alone = [
        key.name
        for key in table.foreign_key_constraints
        if key.referred_table.name != "suppliers"
        and not any(
            element.parent.name == element.column.name == "supplier_id" for element in key.elements
        )
    ]
    assert alone == []


@pytest.mark.postgresql
def test_postgresql_lets_a_supplier_see_only_its_own_rows(database):
    with database.reading(SYSTEM) as session:
        secured = {
            row.relname: row.relrowsecurity and row.relforcerowsecurity
            for row in session.execute(
                text(
                    "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
                    " WHERE relkind = 'r' AND relnamespace = 'public'\\:\\:regnamespace"
                )
            )
        }
        policies = dict(
            session.execute(
                text("SELECT tablename, qual || ' / ' || with_check FROM pg_policies")
            ).all()
        )
        current = session.execute(
            text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).one()

    assert {name for name, forced in secured.items() if not forced} <= {
        *SYSTEM_ONLY,
        "alembic_version",
    }
    for table in TENANT_TABLES:
        assert policies[table.name].count("app.supplier") == 2, table.name
    assert tuple(current) == (False, False), "the tests run as the application's own role"


def test_what_is_only_added_to_exists():
    assert {table.name for table in TABLES} >= set(APPEND_ONLY)


def test_a_face_never_fetches_by_id_alone():
    assert lines_with(r"session\.get\(", python_files("portal", "backoffice")) == []


def test_time_is_passed_in_below_the_edges():
    files = [file for file in python_files(*OURS) if file != ROOT / "receivables/clock.py"]
    assert lines_with(r"datetime\.(now|utcnow)\(|date\.today\(|\btime\.time\(", files) == []


def test_settings_are_read_in_one_place():
    """The reader of hostile files passes its child what a process needs to start, by name."""
    files = [file for file in python_files(*OURS) if file.name != "supervision.py"]
    assert lines_with(r"os\.(environ|getenv)", files) == []


def test_templates_hold_neither_scripts_nor_styles_nor_unescaped_text():
    faces = templates("portal", "backoffice", "receivables/web")
    inline = r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\|\s*safe\b|javascript:"
    assert lines_with(inline, faces) == []


def test_mails_load_nothing_from_anywhere():
    mails = list((ROOT / "receivables").rglob("body.html"))
    mails += (ROOT / "monitoring").rglob("body.html")
    assert mails
    assert lines_with(r"<img|<link|<script|url\(|@import|\|\s*safe\b", mails) == []


def test_files_fit_in_a_head():
    everything = python_files(*OURS, "sandbox", "tests", "tools", "benchmarks")
    everything += [ROOT / "quittance.py"]
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in everything}
    assert {str(file.relative_to(ROOT)): n for file, n in lengths.items() if n > 400} == {}


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From the first statement after the docstring to the end."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_fit_on_a_screen():
    long = {
        f"{file.relative_to(ROOT)} {node.name}": length
        for file in [*python_files(*OURS, "sandbox", "benchmarks"), ROOT / "quittance.py"]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := lines_of_code(node)) > 60
    }
    assert long == {}


def test_only_the_money_module_does_arithmetic_with_floats():
    money = python_files("receivables/ledger", "receivables/payments")
    assert lines_with(r"\bfloat\(|\bround\(", [*money, ROOT / "receivables/money.py"]) == []

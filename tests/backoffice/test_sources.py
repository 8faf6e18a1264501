"""The page of sources: what each gives, whether it is alive, and how one that is not is mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backoffice.charts import score_charts
from monitoring.sources.own_books import note_payer_class
from monitoring.sources.states import change, count, of_feed
from receivables.database import Scope
from receivables.settings import BureauSettings
from tests.support.browsing import text_of
from tests.support.office import Office


def test_a_source_that_refuses_and_a_file_that_is_late_say_how_they_are_mended(bare: Office):
    world, supplier_id = bare.world, bare.supplier_id
    settings = replace(world.runtime.settings, bureau=BureauSettings(url="https://bureau.example"))
    world.runtime = replace(world.runtime, settings=settings)
    now = world.clock.now()
    with world.runtime.transaction(Scope(supplier_id)) as session:
        of_feed(session, supplier_id, "bureau", now=now - timedelta(days=9))
        change(
            session, supplier_id, "bureau", last_success_at=now - timedelta(hours=60),
            last_error="answered 403", last_error_at=now,
        )  # fmt: skip
        count(session, supplier_id, "bureau", 12, now=now - timedelta(days=3))
        of_feed(session, supplier_id, "kbo", now=now)
        change(
            session, supplier_id, "kbo", last_success_at=now,
            newest_on=now.date() - timedelta(days=40),
        )  # fmt: skip

    with bare.signed_in() as browser:
        page = text_of(browser.get("/monitoring/sources"))

    for words in (
        "Credit bureau", "silent", "answered 403", "It does not let us in", "12",
        "Belgian register (KBO/BCE)", "late", "quittance import kbo FILE",
        "Other sources", "Creditsafe", "Companies House", "BODACC",
    ):  # fmt: skip
        assert words in page


def test_a_source_of_bands_alone_is_drawn_by_bands(bare: Office):
    world, supplier_id = bare.world, bare.supplier_id
    debtor_id = world.debtor(supplier_id=supplier_id)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        for before, after in (("B", "C"), ("C", "N")):
            note_payer_class(
                session, supplier_id=supplier_id, debtor_id=debtor_id, before=before, after=after,
                clock=world.clock,
            )  # fmt: skip
        (chart,) = score_charts(session, supplier_id, debtor_id)

    assert chart.is_banded
    assert [(point.band, point.score) for point in chart.points] == [
        ("B", 70), ("C", 50), ("none", None),
    ]  # fmt: skip
    with bare.signed_in() as browser:
        assert "Your own books: band" in text_of(browser.get(f"/debtors/{debtor_id}/solvency"))

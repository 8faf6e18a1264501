"""How debtors pay us is a source of its own, and never solvency."""

from __future__ import annotations

from monitoring import standing
from receivables.credit.actions import set_payer_class
from receivables.credit.rules import PayerClass
from receivables.database import Scope


def test_a_payer_class_that_falls_is_a_reading_and_leaves_solvency_alone(watch):
    debtor_id = watch.debtor()

    def pays(payer_class: PayerClass) -> list[str]:
        with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
            set_payer_class(
                session, supplier_id=watch.supplier_id, debtor_id=debtor_id,
                payer_class=payer_class, reason="paid late", clock=watch.world.clock,
            )  # fmt: skip
        watch.world.run_jobs()
        with watch.runtime.reading(Scope(watch.supplier_id)) as session:
            said = standing.history(session, watch.supplier_id, debtor_id, "payments")
            assert standing.bands(session, watch.supplier_id) == {}
        return [one.band.value for one in said]

    assert pays(PayerClass.B) == ["B"]
    assert pays(PayerClass.D) == ["B", "D"]
    assert pays(PayerClass.N) == ["B", "D", "none"]

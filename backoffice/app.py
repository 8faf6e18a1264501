"""The backoffice: what a supplier's staff see. Runs alone, behind the office door."""

from __future__ import annotations

from pathlib import Path

from litestar.di import Provide
from litestar.types import ASGIApp

from backoffice import (
    access,
    alerts,
    claims,
    contacts,
    dashboard,
    debtors,
    dispute_work,
    disputes,
    importing,
    invoices,
    jobs,
    payments,
    plan_policy,
    plan_steps,
    plans,
    promises,
    push,
    receipts,
    refunds,
    reminders,
    search,
    sign_in,
    stream,
    team,
    standing,
    unapplied,
    watching,
    write_offs,
)
from backoffice.errors import answer_with
from receivables.runtime import Runtime
from receivables.web.face import Face, make_app
from receivables.web.health import show_health

HANDLERS = (
    sign_in.show_sign_in,
    sign_in.take_sign_in,
    sign_in.take_sign_out,
    sign_in.choose_language,
    dashboard.show_today,
    search.show_search,
    debtors.show_debtors,
    debtors.show_debtor,
    debtors.revoke_link,
    debtors.send_link,
    invoices.show_invoices,
    invoices.show_invoice,
    standing.show_standing,
    standing.take_standing,
    invoices.download,
    importing.show_import,
    importing.take_import,
    reminders.show_reminders,
    reminders.resolve,
    disputes.show_disputes,
    disputes.show_measures,
    disputes.show_dispute,
    disputes.download_dispute_file,
    dispute_work.take,
    dispute_work.assign,
    dispute_work.write,
    dispute_work.preview_decision,
    dispute_work.decide,
    dispute_work.close,
    dispute_work.set_policy,
    plans.show_plans,
    plan_policy.show_policy,
    plan_policy.save_policy,
    plans.show_plan,
    plan_steps.preview_step,
    plan_steps.take_step,
    payments.show_payments,
    payments.show_payment,
    payments.ask,
    refunds.show_returns,
    refunds.show_refund,
    refunds.take_refund,
    refunds.ask_about_refund,
    refunds.see_refund,
    unapplied.show_unapplied,
    unapplied.show_allocate,
    unapplied.take_allocation,
    unapplied.undo_allocation,
    write_offs.show_write_off,
    write_offs.take_write_off,
    write_offs.take_reversal,
    receipts.download_receipt,
    promises.show_promises,
    promises.cancel_promise,
    promises.deal_with_promise,
    promises.show_new_promise,
    promises.take_new_promise,
    claims.show_claims,
    claims.show_claim,
    claims.match_claim,
    claims.mark_not_found,
    claims.approve_claim,
    claims.refuse_claim,
    contacts.show_proposals,
    contacts.approve_proposal,
    contacts.refuse_proposal,
    contacts.send_reminders_here,
    alerts.show_alerts,
    alerts.show_alert,
    alerts.acknowledge,
    stream.stream_alerts,
    watching.show_rules,
    watching.save_rule,
    watching.show_readings,
    watching.take_readings,
    watching.take_push,
    push.show_notifications,
    push.subscribe,
    push.unsubscribe,
    push.remove,
    push.try_it,
    push.service_worker,
    push.manifest,
    team.show_team,
    team.hire,
    team.change_role,
    team.disable,
    team.enable,
    team.give_password,
    team.change_own_password,
    jobs.show_jobs,
    jobs.again,
    show_health,
)


def create_app(runtime: Runtime) -> ASGIApp:
    return app_of(face_of(runtime))


def face_of(runtime: Runtime) -> Face:
    return Face(
        name="backoffice",
        runtime=runtime,
        origin=runtime.settings.web.backoffice_url,
        templates=Path(__file__).parent / "templates",
    )


def app_of(face: Face) -> ASGIApp:
    return make_app(
        face,
        HANDLERS,
        dependencies={
            "asker": Provide(access.provide_asker(face), sync_to_thread=True),
            "collector": Provide(access.provide_at_least("collector"), sync_to_thread=False),
            "owner": Provide(access.provide_at_least("owner"), sync_to_thread=False),
            "face": Provide(lambda: face, sync_to_thread=False),
            "runtime": Provide(lambda: face.runtime, sync_to_thread=False),
        },
        before_request=access.check_every_form(face),
        exception_handlers={Exception: answer_with(face)},
    )

"""The portal: what a debtor sees, and Stripe's door. Runs alone on the open internet."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from litestar.di import Provide
from litestar.types import ASGIApp

from portal import (
    access,
    account,
    cards,
    claims,
    contacts,
    dispute_form,
    disputes,
    invoices,
    pay,
    plan_choosing,
    plan_paying,
    plan_signing,
    plans,
    promises,
    receipts,
    slips,
    step_up,
    thanks,
    webhooks,
)
from portal.errors import answer_with
from receivables.runtime import Runtime
from receivables.web.brand import show_brand
from receivables.web.face import Face, make_app
from receivables.web.health import show_health

HANDLERS = (
    access.follow_link,
    access.follow_link_to,
    access.renew_link,
    access.choose_language,
    account.show_account,
    account.show_selection,
    cards.show_cards,
    cards.change_card,
    cards.card_saved,
    cards.remove_card,
    invoices.show_invoice,
    invoices.show_invoice_called,
    invoices.download,
    dispute_form.show_form,
    dispute_form.take_dispute,
    disputes.show_dispute,
    disputes.download_dispute_file,
    disputes.write_message,
    disputes.agree,
    disputes.withdraw,
    disputes.reopen,
    pay.choose,
    pay.pay,
    thanks.thanks,
    thanks.payment_state,
    thanks.cancelled,
    plan_choosing.choose_plan,
    plan_signing.read_plan,
    plan_signing.ask_for_plan,
    plan_signing.sign_plan,
    plan_signing.read_approved,
    plan_signing.sign_approved,
    plans.show_plan,
    plan_paying.pay_plan,
    plan_paying.use_another_card,
    plan_paying.back_with_card,
    plans.take_back,
    plans.download_agreement,
    receipts.download_receipt,
    receipts.download_statement,
    slips.show_slip,
    slips.download_slip,
    promises.show_promise_form,
    promises.take_promise,
    promises.show_promise,
    claims.show_claim_form,
    claims.take_claim,
    claims.show_claim,
    contacts.show_contacts,
    contacts.change_contact,
    contacts.show_confirm_address,
    contacts.confirm_address,
    step_up.show_confirm,
    step_up.send_code,
    step_up.take_code,
    webhooks.take_stripe_event,
    webhooks.take_text_report,
    show_brand,
    show_health,
)


def create_app(runtime: Runtime) -> ASGIApp:
    return app_of(face_of(runtime))


def face_of(runtime: Runtime) -> Face:
    return Face(
        name="portal",
        runtime=runtime,
        origin=runtime.settings.web.portal_url,
        templates=Path(__file__).parent / "templates",
    )


def app_of(face: Face) -> ASGIApp:
    return make_app(
        face,
        HANDLERS,
        dependencies={
            "asker": Provide(access.provide_asker(face), sync_to_thread=True),
            "visitor": Provide(access.provide_visitor(face), sync_to_thread=False),
            "face": Provide(lambda: face, sync_to_thread=False),
            "runtime": Provide(lambda: face.runtime, sync_to_thread=False),
        },
        before_request=partial(access.check_every_form, face),
        exception_handlers={Exception: answer_with(face)},
    )

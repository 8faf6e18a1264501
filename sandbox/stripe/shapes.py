"""The objects as the API shows them.

A field that Stripe documents as nullable is there and null; one that is optional is absent until it
means something. Filling everything with null would hide the AttributeErrors of absent fields.
Names that begin with an underscore are the sandbox's own notes and never leave it.
Source: the object pages of https://docs.stripe.com/api.
"""

from collections.abc import Sequence
from typing import Any

from sandbox.stripe.problems import Json


def public(thing: Any) -> Any:
    """Without the sandbox's own notes, at any depth."""
    if isinstance(thing, dict):
        return {k: public(v) for k, v in thing.items() if not k.startswith("_")}
    if isinstance(thing, list):
        return [public(item) for item in thing]
    return thing


def base(object_id: str, kind: str, created: int) -> Json:
    return {"id": object_id, "object": kind, "created": created, "livemode": False}


def nulls(*names: str) -> Json:
    return dict.fromkeys(names)


def billing_details(
    name: str | None = None, email: str | None = None, country: str | None = None
) -> Json:
    address = nulls("city", "line1", "line2", "postal_code", "state") | {"country": country}
    return {"address": address, "email": email, "name": name, "phone": None, "tax_id": None}


def customer(head: Json, params: Json) -> Json:
    return {
        **head,
        **nulls("address", "currency", "default_source", "description", "discount", "email"),
        **nulls("name", "phone", "shipping", "test_clock"),
        "balance": 0,
        "delinquent": False,
        "invoice_prefix": head["id"][-8:].upper(),
        "invoice_settings": nulls(
            "custom_fields", "default_payment_method", "footer", "rendering_options"
        ),
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        **params,
    }


def card_method(head: Json, number: str, brand: str, expiry: tuple[int, int], owner: Json) -> Json:
    month, year = expiry
    return {
        **head,
        "allow_redisplay": "unspecified",
        "billing_details": owner,
        "card": {
            "brand": brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "US",
            "display_brand": brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": f"Fp{number[-6:]}sandbox",
            "funding": "credit",
            "generated_from": None,
            "last4": number[-4:],
            "networks": {"available": [brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "customer": None,
        "customer_account": None,
        "metadata": {},
        "type": "card",
        "_number": number,
        "_set_up": False,
    }


def bank_method(head: Json, kind: str, owner: Json, details: Json) -> Json:
    return {
        **head,
        "allow_redisplay": "unspecified",
        "billing_details": owner,
        "customer": None,
        "customer_account": None,
        "metadata": {},
        "type": kind,
        kind: details,
    }


def mandate(head: Json, method: Json) -> Json:
    """A permission to debit a bank account again and again."""
    return {
        **head,
        "customer_acceptance": {
            "accepted_at": head["created"],
            "online": {"ip_address": "127.0.0.1", "user_agent": "the sandbox's page"},
            "type": "online",
        },
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": {
            "sepa_debit": {"reference": head["id"][-12:].upper(), "url": "https://hooks.test/"},
            "type": "sepa_debit",
        },
        "status": "active",
        "type": "multi_use",
    }


def payment_intent(head: Json, *, amount: int, currency: str, types: Sequence[str]) -> Json:
    return {
        **head,
        **nulls("application", "application_fee_amount", "canceled_at", "cancellation_reason"),
        **nulls("customer", "customer_account", "description", "excluded_payment_method_types"),
        **nulls("last_payment_error", "latest_charge", "next_action", "on_behalf_of"),
        **nulls("payment_method", "payment_method_configuration_details", "processing"),
        **nulls("receipt_email", "review", "setup_future_usage", "shipping", "source"),
        **nulls("statement_descriptor", "statement_descriptor_suffix", "transfer_data"),
        **nulls("transfer_group", "automatic_payment_methods", "allowed_payment_method_types"),
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic_async",
        "client_secret": f"{head['id']}_secret_sandbox",
        "confirmation_method": "automatic",
        "currency": currency,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": list(types),
        "status": "requires_payment_method",
    }


def setup_intent(head: Json, *, types: Sequence[str]) -> Json:
    return {
        **head,
        **nulls("application", "automatic_payment_methods", "cancellation_reason", "customer"),
        **nulls("customer_account", "description", "excluded_payment_method_types"),
        **nulls("flow_directions", "last_setup_error", "latest_attempt", "mandate", "next_action"),
        **nulls("on_behalf_of", "payment_method", "payment_method_configuration_details"),
        **nulls("single_use_mandate", "allowed_payment_method_types"),
        "client_secret": f"{head['id']}_secret_sandbox",
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": list(types),
        "status": "requires_payment_method",
        "usage": "off_session",
    }


def charge(head: Json, intent: Json, method: Json) -> Json:
    """A charge that has not yet been judged: `status` is pending until the caller says."""
    return {
        **head,
        **nulls("application", "application_fee", "application_fee_amount", "balance_transaction"),
        **nulls("failure_balance_transaction", "failure_code", "failure_message", "on_behalf_of"),
        **nulls("outcome", "receipt_email", "receipt_number", "receipt_url", "review", "shipping"),
        **nulls("source", "source_transfer", "statement_descriptor"),
        **nulls("statement_descriptor_suffix", "transfer_data", "transfer_group"),
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "QUITTANCE SANDBOX",
        "captured": False,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "metadata": dict(intent["metadata"]),
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _method_details(method),
        "radar_options": {},
        "refunded": False,
        "status": "pending",
    }


def _method_details(method: Json) -> Json:
    kind = method["type"]
    if kind != "card":
        shown = {k: v for k, v in method[kind].items() if k != "generated_from"}
        extra = {
            "sepa_debit": {"mandate": method.get("_mandate")}, "twint": nulls("mandate")
        }.get(kind, {})  # fmt: skip
        return {kind: {**shown, **extra}, "type": kind}
    kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding")
    card = {name: method["card"][name] for name in (*kept, "last4", "regulated_status", "wallet")}
    more = nulls("installments", "mandate", "network_token", "three_d_secure")
    return {"card": {**card, **more, "network": method["card"]["brand"]}, "type": "card"}


def outcome(decline_code: str | None = None, advice_code: str | None = None) -> Json:
    """What the network said of a charge; without a decline code it approved."""
    approved = decline_code is None
    return {
        "advice_code": advice_code,
        "network_advice_code": None,
        "network_decline_code": None if approved else "01",
        "network_status": "approved_by_network" if approved else "declined_by_network",
        "reason": decline_code,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete."
        if approved
        else "The bank did not return any further details with this decline.",
        "type": "authorized" if approved else "issuer_declined",
    }


def refund(head: Json, charge: Json, amount: int, reason: str | None) -> Json:
    kind = charge["payment_method_details"]["type"]
    destination: Json = {"type": kind}
    if kind == "card":
        destination["card"] = {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        }
    else:
        destination[kind] = {}
    shown = {name: value for name, value in head.items() if name != "livemode"}
    return {
        **shown,
        **nulls("receipt_number", "source_transfer_reversal", "transfer_reversal"),
        "amount": amount,
        "balance_transaction": f"txn_{head['id'][3:]}",
        "charge": charge["id"],
        "currency": charge["currency"],
        "destination_details": destination,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "succeeded",
    }


_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy "
    "refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation "
    "shipping_tracking_number uncategorized_file uncategorized_text"
).split()

_ANSWER_WITHIN_SECONDS = 7 * 86_400


def dispute(head: Json, charge: Json, *, amount: int, reason: str, status: str) -> Json:
    thing = {
        **head,
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": nulls(*_EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": head["created"] + _ANSWER_WITHIN_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": status.startswith("warning_"),
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": status,
    }
    if charge["payment_method_details"]["type"] == "card":
        brand = charge["payment_method_details"]["card"]["brand"]
        card = {
            "brand": brand,
            "case_type": "inquiry" if status.startswith("warning_") else "chargeback",
            "network": brand,
            "network_reason_code": "10.4",
        }
        thing["payment_method_details"] = {"card": card, "type": "card"}
    return thing


def event(head: Json, kind: str, thing: Json, *, account: str | None, request: Json) -> Json:
    shown = {
        **head,
        "data": {"object": public(thing)},
        "pending_webhooks": 0,
        "request": request,
        "type": kind,
    }
    return shown if account is None else {**shown, "account": account}

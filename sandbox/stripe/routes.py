"""Which call is answered by what, and which of the SDK's types is its contract."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import stripe
from stripe.params import checkout as checkout_params

from sandbox.stripe import accounts, checkout, customers, disputes, intents, methods, refunds
from sandbox.stripe.books import Books
from sandbox.stripe.problems import ApiProblem, Json

Handler = Callable[[Books, Json, str], Json]
p = stripe.params


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: str
    contract: type
    handler: Handler

    def match(self, method: str, path: str) -> str | None:
        """The id in the path, "" for a path without one, None for another path."""
        if method != self.method:
            return None
        found = re.fullmatch(self.pattern.replace("{id}", r"(?P<id>[\w-]+)"), path)
        if found is None:
            return None
        return found.groupdict().get("id") or ""


_C = "/v1/checkout/sessions"
_M = "/v1/payment_method_configurations"
ROUTES = (
    Route("POST", "/v1/customers", p.CustomerCreateParams, customers.create),
    Route("GET", "/v1/customers", p.CustomerListParams, customers.listing),
    Route("GET", "/v1/customers/{id}", p.CustomerRetrieveParams, customers.retrieve),
    Route("POST", "/v1/customers/{id}", p.CustomerUpdateParams, customers.update),
    Route(
        "GET",
        "/v1/customers/{id}/payment_methods",
        p.CustomerPaymentMethodListParams,
        customers.list_methods,
    ),
    Route("GET", "/v1/payment_methods", p.PaymentMethodListParams, customers.list_methods),
    Route(
        "GET", "/v1/payment_methods/{id}", p.PaymentMethodRetrieveParams, customers.retrieve_method
    ),
    Route("POST", "/v1/payment_methods/{id}/attach", p.PaymentMethodAttachParams, customers.attach),
    Route("POST", "/v1/payment_methods/{id}/detach", p.PaymentMethodDetachParams, customers.detach),
    Route("GET", _M, p.PaymentMethodConfigurationListParams, methods.listing),
    Route("GET", _M + "/{id}", p.PaymentMethodConfigurationRetrieveParams, methods.retrieve),
    Route("POST", _C, checkout_params.SessionCreateParams, checkout.create),
    Route("GET", _C, checkout_params.SessionListParams, checkout.listing),
    Route("GET", _C + "/{id}", checkout_params.SessionRetrieveParams, checkout.retrieve),
    Route("POST", _C + "/{id}", checkout_params.SessionUpdateParams, checkout.update),
    Route("POST", _C + "/{id}/expire", checkout_params.SessionExpireParams, checkout.expire),
    Route(
        "GET", _C + "/{id}/line_items", checkout_params.SessionLineItemListParams,
        checkout.list_lines,
    ),
    Route("POST", "/v1/payment_intents", p.PaymentIntentCreateParams, intents.create),
    Route("GET", "/v1/payment_intents", p.PaymentIntentListParams, intents.listing),
    Route("GET", "/v1/payment_intents/{id}", p.PaymentIntentRetrieveParams, intents.retrieve),
    Route("POST", "/v1/payment_intents/{id}", p.PaymentIntentUpdateParams, intents.update),
    Route(
        "POST", "/v1/payment_intents/{id}/confirm", p.PaymentIntentConfirmParams, intents.confirm
    ),
    Route("POST", "/v1/payment_intents/{id}/cancel", p.PaymentIntentCancelParams, intents.cancel),
    Route("GET", "/v1/setup_intents", p.SetupIntentListParams, intents.list_setups),
    Route("GET", "/v1/setup_intents/{id}", p.SetupIntentRetrieveParams, intents.retrieve_setup),
    Route("GET", "/v1/mandates/{id}", p.MandateRetrieveParams, customers.retrieve_mandate),
    Route("GET", "/v1/charges", p.ChargeListParams, intents.list_charges),
    Route("GET", "/v1/charges/{id}", p.ChargeRetrieveParams, intents.retrieve_charge),
    Route("POST", "/v1/refunds", p.RefundCreateParams, refunds.create),
    Route("GET", "/v1/refunds", p.RefundListParams, refunds.listing),
    Route("GET", "/v1/refunds/{id}", p.RefundRetrieveParams, refunds.retrieve),
    Route("GET", "/v1/disputes", p.DisputeListParams, disputes.listing),
    Route("GET", "/v1/disputes/{id}", p.DisputeRetrieveParams, disputes.retrieve),
    Route("GET", "/v1/events", p.EventListParams, accounts.list_events),
    Route("GET", "/v1/events/{id}", p.EventRetrieveParams, accounts.retrieve_event),
    Route("GET", "/v1/account", p.AccountRetrieveCurrentParams, accounts.current),
    Route("GET", "/v1/accounts/{id}", p.AccountRetrieveParams, accounts.retrieve),
)  # fmt: skip


def find(method: str, path: str) -> tuple[Route, str]:
    """The route and the id in the path. Raises ApiProblem for what Stripe, or we, do not know."""
    for route in ROUTES:
        object_id = route.match(method, path)
        if object_id is not None:
            return route, object_id
    raise ApiProblem(404, f"Unrecognized request URL ({method}: {path}).")

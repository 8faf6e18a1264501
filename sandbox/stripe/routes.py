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
    #: The SDK's type, loaded when it is first asked for: all together take a tenth of a second.
    contract: Callable[[], type]
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
    Route("POST", "/v1/customers", lambda: p.CustomerCreateParams, customers.create),
    Route("GET", "/v1/customers", lambda: p.CustomerListParams, customers.listing),
    Route("GET", "/v1/customers/{id}", lambda: p.CustomerRetrieveParams, customers.retrieve),
    Route("POST", "/v1/customers/{id}", lambda: p.CustomerUpdateParams, customers.update),
    Route(
        "GET",
        "/v1/customers/{id}/payment_methods",
        lambda: p.CustomerPaymentMethodListParams,
        customers.list_methods,
    ),
    Route("GET", "/v1/payment_methods", lambda: p.PaymentMethodListParams, customers.list_methods),
    Route(
        "GET",
        "/v1/payment_methods/{id}",
        lambda: p.PaymentMethodRetrieveParams,
        customers.retrieve_method,
    ),
    Route(
        "POST",
        "/v1/payment_methods/{id}/attach",
        lambda: p.PaymentMethodAttachParams,
        customers.attach,
    ),
    Route(
        "POST",
        "/v1/payment_methods/{id}/detach",
        lambda: p.PaymentMethodDetachParams,
        customers.detach,
    ),
    Route("GET", _M, lambda: p.PaymentMethodConfigurationListParams, methods.listing),
    Route(
        "GET", _M + "/{id}", lambda: p.PaymentMethodConfigurationRetrieveParams, methods.retrieve
    ),
    Route("POST", _C, lambda: checkout_params.SessionCreateParams, checkout.create),
    Route("GET", _C, lambda: checkout_params.SessionListParams, checkout.listing),
    Route("GET", _C + "/{id}", lambda: checkout_params.SessionRetrieveParams, checkout.retrieve),
    Route("POST", _C + "/{id}", lambda: checkout_params.SessionUpdateParams, checkout.update),
    Route(
        "POST", _C + "/{id}/expire", lambda: checkout_params.SessionExpireParams, checkout.expire
    ),
    Route(
        "GET",
        _C + "/{id}/line_items",
        lambda: checkout_params.SessionLineItemListParams,
        checkout.list_lines,
    ),
    Route("POST", "/v1/payment_intents", lambda: p.PaymentIntentCreateParams, intents.create),
    Route("GET", "/v1/payment_intents", lambda: p.PaymentIntentListParams, intents.listing),
    Route(
        "GET", "/v1/payment_intents/{id}", lambda: p.PaymentIntentRetrieveParams, intents.retrieve
    ),
    Route("POST", "/v1/payment_intents/{id}", lambda: p.PaymentIntentUpdateParams, intents.update),
    Route(
        "POST",
        "/v1/payment_intents/{id}/confirm",
        lambda: p.PaymentIntentConfirmParams,
        intents.confirm,
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}/cancel",
        lambda: p.PaymentIntentCancelParams,
        intents.cancel,
    ),
    Route("GET", "/v1/setup_intents", lambda: p.SetupIntentListParams, intents.list_setups),
    Route(
        "GET", "/v1/setup_intents/{id}", lambda: p.SetupIntentRetrieveParams, intents.retrieve_setup
    ),
    Route("GET", "/v1/mandates/{id}", lambda: p.MandateRetrieveParams, customers.retrieve_mandate),
    Route("GET", "/v1/charges", lambda: p.ChargeListParams, intents.list_charges),
    Route("GET", "/v1/charges/{id}", lambda: p.ChargeRetrieveParams, intents.retrieve_charge),
    Route("POST", "/v1/refunds", lambda: p.RefundCreateParams, refunds.create),
    Route("GET", "/v1/refunds", lambda: p.RefundListParams, refunds.listing),
    Route("GET", "/v1/refunds/{id}", lambda: p.RefundRetrieveParams, refunds.retrieve),
    Route("GET", "/v1/disputes", lambda: p.DisputeListParams, disputes.listing),
    Route("GET", "/v1/disputes/{id}", lambda: p.DisputeRetrieveParams, disputes.retrieve),
    Route("GET", "/v1/events", lambda: p.EventListParams, accounts.list_events),
    Route("GET", "/v1/events/{id}", lambda: p.EventRetrieveParams, accounts.retrieve_event),
    Route("GET", "/v1/account", lambda: p.AccountRetrieveCurrentParams, accounts.current),
    Route("GET", "/v1/accounts/{id}", lambda: p.AccountRetrieveParams, accounts.retrieve),
)


def find(method: str, path: str) -> tuple[Route, str]:
    """The route and the id in the path. Raises ApiProblem for what Stripe, or we, do not know."""
    for route in ROUTES:
        object_id = route.match(method, path)
        if object_id is not None:
            return route, object_id
    raise ApiProblem(404, f"Unrecognized request URL ({method}: {path}).")

"""What an account has switched on: its payment method configuration, and what may be offered by it.

An account is made with everything switched on that the sandbox plays.
"""

from collections.abc import Mapping

from sandbox.stripe.amounts import SEPA_MAXIMUM, TWINT_MAXIMUM
from sandbox.stripe.books import Books
from sandbox.stripe.problems import Json, not_played

_KIND = "payment_method_configuration"

#: What the sandbox's pages can collect, and the currencies each one takes (None: any).
#: Source: https://docs.stripe.com/payments/payment-methods/payment-method-support
METHODS: dict[str, frozenset[str] | None] = {
    "card": None,
    "twint": frozenset({"chf"}),
    "bancontact": frozenset({"eur"}),
    "ideal": frozenset({"eur"}),
    "sepa_debit": frozenset({"eur"}),
}

_MOST = {"twint": TWINT_MAXIMUM, "sepa_debit": SEPA_MAXIMUM}


def of_account(books: Books) -> Json:
    """The account's one configuration. A connected account's is a child of the platform's."""
    held, _more = books.store.select(books.owner, _KIND, where={}, created={}, limit=1)
    if held:
        return held[0]
    connected = books.account is not None
    return books.save(
        {
            **books.new("pmc_", _KIND),
            "active": True,
            "application": "ca_sandbox" if connected else None,
            "is_default": True,
            "name": "Default",
            "parent": "pmc_1ParentOfSandbox" if connected else None,
            **{kind: _switch(on=True) for kind in METHODS},
        }
    )


def _switch(*, on: bool) -> Json:
    word = "on" if on else "off"
    preference = {"overridable": None, "preference": word, "value": word}
    return {"available": on, "display_preference": preference}


def switch(books: Books, wanted: Mapping[str, bool]) -> Json:
    """The configuration after somebody switched methods on or off in the Dashboard."""
    for kind in sorted(wanted.keys() - METHODS.keys()):
        raise not_played(f"the payment method {kind}")
    switched = {kind: _switch(on=on) for kind, on in wanted.items()}
    return books.save(of_account(books) | switched)


def fitting(books: Books, currency: str, params: Json, amount: int | None) -> list[str]:
    """What may be offered for a currency and an amount (None: nothing is taken): what the account
    has switched on, after the caller's filters.
    """
    configured = of_account(books)
    allowed = params.get("allowed_payment_method_types")
    excluded = params.get("excluded_payment_method_types", [])
    return [
        kind
        for kind, currencies in METHODS.items()
        if configured[kind]["available"]
        and (currencies is None or currency in currencies)
        and (amount is None or amount <= _MOST.get(kind, amount))
        and (allowed is None or kind in allowed)
        and kind not in excluded
    ]


def details(books: Books) -> Json:
    """How a session or an intent names the configuration it was offered by."""
    configured = of_account(books)
    return {"id": configured["id"], "parent": configured["parent"]}


def retrieve(books: Books, _params: Json, configuration_id: str) -> Json:
    of_account(books)
    return _shown(books.get(_KIND, configuration_id))


def listing(books: Books, params: Json, _id: str) -> Json:
    of_account(books)
    page = books.page(
        _KIND,
        "/v1/payment_method_configurations",
        params,
        active=params.get("active"),
        application=params.get("application") or None,
    )
    data = [_shown(each) for each in page["data"]]
    if params.get("application") == "":
        data = [each for each in data if each["application"] is None]
    return page | {"data": data}


def _shown(configuration: Json) -> Json:
    """A configuration does not say when it was made."""
    return {name: value for name, value in configuration.items() if name != "created"}

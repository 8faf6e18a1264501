"""The root of every broken rule of the field."""


class ReceivablesError(Exception):
    """A rule of the domain was broken; the subclass names the rule and carries the values.

    The text is for the log. Each face has its own words for its own reader.
    """


class NoSuch(ReceivablesError):
    """What was asked for does not exist for the one who asks, which is the same to them."""


class TemporarilyUnavailable(ReceivablesError):
    """Something we depend on did not answer; the same request may succeed later."""

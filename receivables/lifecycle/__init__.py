"""The life cycle of e-invoices: statuses that come in from platforms, and those that go out."""

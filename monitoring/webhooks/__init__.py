"""Outgoing webhooks: signed messages to a supplier's own systems (Standard Webhooks)."""

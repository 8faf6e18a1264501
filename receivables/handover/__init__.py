"""Invoices that a lawyer or an agency collects: they leave automation until they are taken back."""

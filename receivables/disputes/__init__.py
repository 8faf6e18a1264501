"""A debtor contests an invoice, in whole or in part, and is told what becomes of it."""

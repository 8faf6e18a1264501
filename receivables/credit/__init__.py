"""A debtor's standing with a supplier: classes, limit, cover, and what is stopped."""

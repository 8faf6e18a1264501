"""Telephone calls: a script, what came of them, what was promised."""

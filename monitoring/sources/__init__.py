"""Asking sources and taking in what they send: how far each was read, and whether it is alive."""

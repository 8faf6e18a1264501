"""Addresses that do not work: bounces and complaints read, contacts left alone until fixed."""

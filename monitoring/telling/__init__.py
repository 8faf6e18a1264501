"""Telling people of alerts: who, when, by which way; digests, escalation, browsers that wake."""

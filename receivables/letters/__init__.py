"""Printable letters: one letterhead, the same templates as mails, set by Typst as PDF/A."""

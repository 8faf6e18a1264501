"""Instalment plans: policy, quote, consent, charges, default, acceleration."""

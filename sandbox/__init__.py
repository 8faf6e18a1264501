"""The outside world played on one machine, for demo and tests. Knows nothing of the product."""

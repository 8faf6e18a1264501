"""The demo: the product as it is, with `sandbox/` as its outside world, and a story to live."""

"""A supplier's own words in messages: by step, channel and language, with checked variables."""

"""Text messages: one segment with a link, handed to a gateway at most once."""

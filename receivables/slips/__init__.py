"""Payment slips: the QR code a banking app reads, and the same numbers as text."""

"""Letters: printed in batches, handed over, proven."""

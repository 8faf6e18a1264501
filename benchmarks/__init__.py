"""What a page and a job cost, beside their limits in the same run: `make bench`."""

"""What pages, jobs and imports cost, beside their limits in the same run: `make bench`."""

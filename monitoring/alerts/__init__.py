"""What suppliers want to be told of their customers, and the alerts that are raised."""

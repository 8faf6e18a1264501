"""What reminders bring about: how many invoices are paid after each step, and how soon."""

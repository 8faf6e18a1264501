"""Where tasks come from: one function for each subject, of one or two statements."""

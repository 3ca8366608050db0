"""What can be done to a merchant: one verb, one function."""

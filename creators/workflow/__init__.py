"""What can be done to a creator's profile: one verb, one function."""

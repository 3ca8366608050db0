"""How the policy changes: by new rows; what was in force stays on record."""

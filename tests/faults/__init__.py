"""Faults on real processes: every crash point, one by one, and everything at once by lot."""

"""Combinations of settings that must not start."""

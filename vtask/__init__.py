"""Composition: settings, addresses, the background workers and the commands that start them."""

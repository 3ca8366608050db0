"""Counting who follows a link (V60). Knows no order: a link is a subject, and that is all."""

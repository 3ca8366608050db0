"""What one order costs, and which machines carry how many of them: behind docs/scaling.md."""

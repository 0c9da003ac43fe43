"""What it would take: lever sets that reach a wanted value."""

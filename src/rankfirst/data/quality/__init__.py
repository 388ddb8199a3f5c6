"""What the rows say about themselves: suspect labels, near-duplicates, ambiguous classes, the label ceiling."""

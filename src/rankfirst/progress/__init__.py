"""Progress of a running fit: its state, and how a notebook shows it."""

"""Progress of a run: what is known of it while it goes on, and how a notebook shows it."""

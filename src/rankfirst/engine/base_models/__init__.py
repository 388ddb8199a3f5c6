"""Where a base model comes from, and which ones `auto:` compares."""

"""The training loop and what it needs: batches, cached states, checkpoints, memory plan."""

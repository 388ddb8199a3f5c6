"""A MODEL THAT LEAVES A RUN: what each rung predicts. Not for: training, which rung is delivered (policy)."""

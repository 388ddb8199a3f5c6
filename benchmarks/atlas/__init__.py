"""The atlas: what every single-knob move leads to, measured, so that a decision can be judged by its outcome."""

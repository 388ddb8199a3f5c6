"""The advice benchmark: which knob to move next, judged by where every move led (docs/benchmark.md)."""

"""Rows of an unlabelled pool that are worth labelling next, and what labelling them may gain."""

from rankfirst.lifecycle.label_next.label import label_next

__all__ = ["label_next"]

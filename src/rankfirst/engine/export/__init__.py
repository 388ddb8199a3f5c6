"""Trained weights in formats that other programs read, and back."""

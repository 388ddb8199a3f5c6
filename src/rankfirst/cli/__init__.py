"""The command line: one file per command, each thin; main.py joins them."""

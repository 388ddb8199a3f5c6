"""What the page does beside showing runs: assess a file, fit, stop, try a text, review labels, compare, note.

Work that takes long is a `rankfirst` command in a process of its own; what is written stays below the given folders.
"""

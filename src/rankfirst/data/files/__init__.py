"""Files and rows in memory to a `Dataset`, and rows back to files."""

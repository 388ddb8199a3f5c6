"""After delivery: may a model go out, has the data drifted, continue with more rows."""

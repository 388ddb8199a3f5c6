"""The options of a run, declared once in `fit_options`; flags, keywords, files and records are derived from them."""

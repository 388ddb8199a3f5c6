"""A run from rows to a chosen recipe: assess, search, train; its folder, journal and budgets."""

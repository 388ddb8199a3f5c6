"""`fit` with its defaults beside everything a user could have trained instead, on test rows."""

"""A RUN TAKEN UP AGAIN: more rows join the old ones, and the new model is set beside the one in use.

`parent` reads the run that is gone on from and finds its rows again; `story` fits and compares.
Not for: continuing a run that was stopped, which its own command does.
"""

from rankfirst.renew.story import Renewed, continue_run, folder_for

__all__ = ["Renewed", "continue_run", "folder_for"]

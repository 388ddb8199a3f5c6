"""Continued training: add rows to a finished run and compare the new model with the one in use.

`parent` reads the run to continue from and locates its rows; `story` fits and compares.
A run that was interrupted is resumed by its own command, not here.
"""

from rankfirst.lifecycle.continue_training.continuation import Renewed, continue_run, folder_for

__all__ = ["Renewed", "continue_run", "folder_for"]

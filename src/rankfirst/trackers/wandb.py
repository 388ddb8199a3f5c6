"""Weights & Biases: online where a key is configured, else a folder to be sent later with `wandb sync`."""

import netrc
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rankfirst.trackers.base import PROJECT, Entry

HOST = "api.wandb.ai"
# Seconds for opening a run. Its own are 90, and a process that ends waits for what is still being opened: a server that
# is gone would hold up the end of a run. Assumption.
OPENING = 20.0


class Backend:
    """Destination: a project, or ENTITY/PROJECT."""

    def __init__(self, destination: str, folder: Path) -> None:
        entity, _, project = destination.rpartition("/")
        self.entity, self.project, self.folder = entity or None, project or PROJECT, folder

    def begin(self, name: str, known: str) -> str:
        import wandb

        self.folder.mkdir(parents=True, exist_ok=True)
        # Only what rankfirst sends: no machine, command line, packages, git state, source or printed lines.
        settings = wandb.Settings(silent=True, console="off", disable_git=True, disable_code=True, save_code=False,
                                  x_disable_meta=True, x_disable_stats=True, x_disable_machine_info=True,
                                  x_save_requirements=False, init_timeout=OPENING)  # fmt: skip
        self.run = wandb.init(entity=self.entity, project=self.project, name=name, dir=str(self.folder),
                              id=known or None, resume="allow" if known else None,
                              mode=None if configured() else "offline", settings=settings)  # fmt: skip
        return str(self.run.id)

    def log(self, entry: Entry) -> None:
        self.run.config.update(dict(entry.params), allow_val_change=True)
        if entry.line:
            self.run.summary[entry.group] = entry.line
        rows = list(entry.rows())
        if [step for step, _ in rows] == [0]:  # a lone figure, no curve
            self.run.summary.update({f"{entry.group}/{name}": value for name, value in rows[0][1].items()})
            return
        if rows:  # a clock of its own: W&B's step never goes back
            self.run.define_metric(f"{entry.group}/*", step_metric=f"{entry.group}/step")
        for step, row in rows:
            self.run.log({f"{entry.group}/{name}": value for name, value in ({"step": step} | row).items()})

    def end(self, files: Sequence[Path], finished: bool) -> None:
        for file in files:  # a copy in its own folder: elsewhere it would only be linked to
            self.run.save(shutil.copy(file, self.run.dir), base_path=self.run.dir, policy="now")
        self.run.finish(exit_code=0 if finished else 1)


def configured() -> bool:
    """Whether the user has set W&B up; otherwise it would ask for a key in the middle of a run."""
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_MODE"):
        return True
    try:
        return netrc.netrc().authenticators(HOST) is not None
    except (OSError, netrc.NetrcParseError):
        return False

"""Weights & Biases: online if a key is configured, else a folder to upload later with `wandb sync`."""

import netrc
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rankfirst.trackers.base import PROJECT, Entry

HOST = "api.wandb.ai"
# Timeout in seconds for opening a run. The default is 90, and the process waits for it on exit: an unreachable server
# would delay the end of a run. Assumption.
OPENING = 20.0


class Backend:
    """Destination: a project, or ENTITY/PROJECT."""

    def __init__(self, destination: str, folder: Path) -> None:
        entity, _, project = destination.rpartition("/")
        self.entity, self.project, self.folder = entity or None, project or PROJECT, folder

    def begin(self, name: str, run_id: str) -> str:
        import wandb

        self.folder.mkdir(parents=True, exist_ok=True)
        # Disable everything rankfirst does not send: machine, command line, packages, git state, source and console
        # output.
        settings = wandb.Settings(silent=True, console="off", disable_git=True, disable_code=True, save_code=False,
                                  x_disable_meta=True, x_disable_stats=True, x_disable_machine_info=True,
                                  x_save_requirements=False, init_timeout=OPENING)  # fmt: skip
        self.run = wandb.init(entity=self.entity, project=self.project, name=name, dir=str(self.folder),
                              id=run_id or None, resume="allow" if run_id else None,
                              mode=None if configured() else "offline", settings=settings)  # fmt: skip
        return str(self.run.id)

    def log(self, entry: Entry) -> None:
        self.run.config.update(dict(entry.params), allow_val_change=True)
        if entry.line:
            self.run.summary[entry.group] = entry.line
        rows = list(entry.rows())
        if [step for step, _ in rows] == [0]:  # a single value, not a curve
            self.run.summary.update({f"{entry.group}/{name}": value for name, value in rows[0][1].items()})
            return
        if rows:  # its own step axis: W&B's step cannot decrease
            self.run.define_metric(f"{entry.group}/*", step_metric=f"{entry.group}/step")
        for step, row in rows:
            self.run.log({f"{entry.group}/{name}": value for name, value in ({"step": step} | row).items()})

    def end(self, files: Sequence[Path], finished: bool) -> None:
        for file in files:  # a copy in its own folder: other files would only be linked
            self.run.save(shutil.copy(file, self.run.dir), base_path=self.run.dir, policy="now")
        self.run.finish(exit_code=0 if finished else 1)


def configured() -> bool:
    """Whether the user has configured W&B; otherwise it would prompt for a key in the middle of a run."""
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_MODE"):
        return True
    try:
        return netrc.netrc().authenticators(HOST) is not None
    except (OSError, netrc.NetrcParseError):
        return False

"""MLflow: a server, a database or a folder. Uses the client, which records neither user nor script."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rankfirst.trackers.base import PROJECT, Entry

MOST_METRICS, MOST_PARAMS = 1000, 100  # per request, limits of MLflow
MOST_PARAM, MOST_TAG = 500, 5000  # characters; older servers accept no more
# Timeout in seconds and retries per request. MLflow's defaults, 120 s and 7, block for an hour if the server is gone.
LIMITS: Final = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "15", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}


class Backend:
    """Destination: an address, `sqlite:///file.db` or a folder; else MLFLOW_TRACKING_URI, else ./mlruns."""

    def __init__(self, destination: str, folder: Path) -> None:
        self.uri = destination or os.environ.get("MLFLOW_TRACKING_URI", "") or "./mlruns"

    def begin(self, name: str, run_id: str) -> str:
        for variable, value in LIMITS.items():
            os.environ.setdefault(variable, value)
        if "://" not in self.uri:  # a folder, which MLflow 3 only accepts with this setting
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
            self.uri = Path(self.uri).resolve().as_uri()
        from mlflow import MlflowClient

        self.client = MlflowClient(tracking_uri=self.uri)
        if run_id:
            self.client.update_run(run_id, status="RUNNING")
            self.run = run_id
        else:
            existing = self.client.get_experiment_by_name(PROJECT)
            experiment = existing.experiment_id if existing else self.client.create_experiment(PROJECT)
            self.run = self.client.create_run(experiment, run_name=name).info.run_id
        return self.run

    def log(self, entry: Entry) -> None:
        from mlflow.entities import Metric, Param, RunTag

        now = int(time.time() * 1000)
        metrics = [Metric(f"{entry.group}/{p.name}", p.value, now, p.step) for p in entry.points]
        params = [Param(_key(name), str(value)[:MOST_PARAM]) for name, value in entry.params.items()]
        tags = [RunTag(_key(entry.group), entry.line[:MOST_TAG])] if entry.line else []
        for at in range(0, max(1, len(params)), MOST_PARAMS):
            self.client.log_batch(self.run, params=params[at : at + MOST_PARAMS], tags=tags)
        for at in range(0, len(metrics), MOST_METRICS):
            self.client.log_batch(self.run, metrics=metrics[at : at + MOST_METRICS])

    def end(self, files: Sequence[Path], finished: bool) -> None:
        for file in files:
            self.client.log_artifact(self.run, str(file))
        self.client.set_terminated(self.run, "FINISHED" if finished else "KILLED")


def _key(name: str) -> str:
    """MLflow allows letters, digits, spaces and _ - . / in keys."""
    return "".join(c if c.isalnum() or c in "_-./ " else "_" for c in name)

"""TensorBoard: event files, one folder per curve, so that probes appear in the same chart.

Written by the `tensorboard` package itself; torch is not needed.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rankfirst.trackers.base import Entry


class Backend:
    """Destination: a folder; default `trackers/tensorboard` in the run's folder. Files are not stored."""

    def __init__(self, destination: str, folder: Path) -> None:
        self.folder = Path(destination) if destination else folder / "tensorboard"

    def begin(self, name: str, run_id: str) -> str:
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.plugins.text.summary_v2 import text_pb
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self.event, self.summary, self.text, self.writer = event_pb2, summary_pb2, text_pb, EventFileWriter
        self.folder.mkdir(parents=True, exist_ok=True)
        return str(self.folder)

    def log(self, entry: Entry) -> None:
        group = entry.group.replace("/", "-")
        curve = len({point.step for point in entry.points}) > 1
        writer = self.writer(str(self.folder / group if curve else self.folder))
        try:
            for step, row in entry.rows():
                # A curve has its own folder with the same tags as the others; a single value has its group in the tag.
                tags = row if curve else {f"{entry.group}/{name}": value for name, value in row.items()}
                values = [self.summary.Summary.Value(tag=tag, simple_value=value) for tag, value in tags.items()]
                self._add(writer, self.summary.Summary(value=values), step)
            listed = [f"- {name}: {value}" for name, value in entry.params.items()]
            if listed or entry.line:
                body = "\n".join([entry.line.replace("\n", "\n\n"), "", *listed]).strip()
                self._add(writer, self.text(entry.group, body), 0)
        finally:
            writer.close()

    def _add(self, writer: Any, summary: Any, step: int) -> None:
        writer.add_event(self.event.Event(wall_time=time.time(), step=step, summary=summary))

    def end(self, files: Sequence[Path], finished: bool) -> None:
        """Nothing to do: every entry is already flushed."""

"""What the routes of one page share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankfirst.messages import Lang
from rankfirst.ui.acts.home import Home
from rankfirst.ui.acts.jobs import Queue
from rankfirst.ui.run_index import RunIndex


@dataclass(frozen=True)
class Acts:
    """What the page needs to act. `load`: reads the model of a run, which this room must not import itself."""

    load: Callable[[Path], Any]


@dataclass(frozen=True)
class Site:
    """The runs, and where the page may write; `home` and `queue` are None on a page that only reads."""

    index: RunIndex
    lang: Lang
    texts: bool
    acts: Acts | None = None
    home: Home | None = None
    queue: Queue | None = None

    @property
    def place(self) -> Home:
        """`home`, on a page that acts."""
        assert self.home is not None
        return self.home

    @property
    def tasks(self) -> Queue:
        """`queue`, on a page that acts."""
        assert self.queue is not None
        return self.queue

    @classmethod
    def of(cls, index: RunIndex, lang: Lang, texts: bool, acts: Acts | None) -> "Site":
        """A page that acts, if it may and one of its folders can be written."""
        home = Home.of(index.roots) if acts is not None else None
        if home is None:
            return cls(index, lang, texts)
        return cls(index, lang, texts, acts, home, Queue(home.jobs, home.folder))

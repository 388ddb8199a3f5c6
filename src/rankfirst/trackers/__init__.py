"""THE OUTBOUND ROOM: a run told to an experiment tracker, as it happens (`follow`) or afterwards (`replay`).

Nothing here decides or trains. `entries` says what leaves the run, `outbox` that a tracker can neither stop nor slow
one, `sent` that nothing leaves twice; one thin file a backend, and `registry` finds it by name.
"""

from rankfirst.trackers.base import Entry, Tracker
from rankfirst.trackers.follow import Sending, follow, replay
from rankfirst.trackers.registry import Target, parse

__all__ = ["Entry", "Sending", "Target", "Tracker", "follow", "parse", "replay"]

"""Report a run to experiment trackers, while it runs (`follow`) or afterwards (`replay`).

`entries` selects what leaves the run, `outbox` keeps a tracker from stopping or slowing it, and `sent` prevents
repeated sending. There is one thin file per backend, which `registry` finds by name.
"""

from rankfirst.trackers.base import Entry, Tracker
from rankfirst.trackers.follow import Sending, follow, replay
from rankfirst.trackers.registry import Target, parse

__all__ = ["Entry", "Sending", "Target", "Tracker", "follow", "parse", "replay"]

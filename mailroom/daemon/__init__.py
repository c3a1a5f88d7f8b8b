"""The composition root: one process that runs the four stages on one state directory until it is told to stop."""

from mailroom.daemon.lock import only_one
from mailroom.daemon.service import Daemon

__all__ = ["Daemon", "only_one"]

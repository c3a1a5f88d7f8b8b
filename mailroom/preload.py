"""The fork server of the workers, started before anything else needs it.

It takes about a second to load the core and its language model (warm.py). Whoever calls prepare() first thing loads
configuration, rules and servers meanwhile. Importing this module loads nothing of the core.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver


def prepare() -> None:
    """Start the fork server, or do nothing where it runs. Does not wait for it."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["mailroom.warm"])
    forkserver.ensure_running()

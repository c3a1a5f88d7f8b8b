"""The door at which every outside effect says its name before it happens.

An IMAP command, a write to the spool, a commit, an SMTP command: each calls `effect("imap.move")` first. In service
the door does nothing. Tests build the same daemon with a door that counts, kills or raises, and so can fail the Nth
effect for every N. May be used by every room above the pure core.
"""

from __future__ import annotations

from collections.abc import Callable

Door = Callable[[str], None]


def passing(name: str) -> None:
    """The door of service: lets every effect pass."""

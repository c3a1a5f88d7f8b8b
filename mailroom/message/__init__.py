"""Octets to mailroom.model.Message: text, language, matter numbers, and whether the mail may be answered.

Promises: read() is total, pure and bounded: whatever the octets, a Message comes back, with what could not be read
named in `defects` (DEFECTS below). The original is never changed by it; parsing is advisory (contract section 1).
May import: its own modules, mailroom.identity, mailroom.model.
"""

from __future__ import annotations

from mailroom.message.language import warm
from mailroom.message.reading import DEFECTS, read

__all__ = ["DEFECTS", "read", "warm"]

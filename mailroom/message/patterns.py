"""Long patterns written as lines, so that a phrase more is a line more.

Promises: pure functions over pattern text.
May import: nothing.
"""

from __future__ import annotations


def compiled(text: str) -> list[str]:
    """The lines of a block, trimmed, without blank ones: one pattern each."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def alternatives(text: str) -> str:
    """The lines of a block as one alternation, to be put into a group."""
    return "|".join(compiled(text))

"""What the daemon says of itself: log lines. One line a step, with our reference and never a word of a message.

Values are references, slugs, codes, counts and durations. Addresses, names, subjects and texts have no way in: a
line is an event's fixed name and fields that the caller chose from those kinds (T-23).
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

_LOG = logging.getLogger("mailroom")


def event(name: str, *, level: int = logging.INFO, **fields: str | int | float | bool | None) -> None:
    """Log one step: `event("decided", reference="SU-2026-000123-K", unit="press")`."""
    if _LOG.isEnabledFor(level):
        _LOG.log(level, name, extra={"fields": fields})


def trouble(name: str, error: BaseException) -> str:
    """Log our own mistake by its place in the code, and give that place.

    The exception's text may hold a message's words: it stays out.
    """
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    place = " ".join(frames[-4:])
    event(name, level=logging.ERROR, error=type(error).__name__, place=place)
    return f"{type(error).__name__} at {place}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps({**line, **getattr(record, "fields", {})}, ensure_ascii=True)


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, "fields", {}).items())
        mark = "" if record.levelno < logging.WARNING else f"{record.levelname} "
        return f"{at} {mark}{record.getMessage()} {fields}".rstrip()


def set_up(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """JSON lines, or plain ones in a terminal. Other libraries speak only when something is wrong with us."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Plain() if stream.isatty() else _Json())
    _LOG.handlers = [handler]
    _LOG.propagate = False
    _LOG.setLevel(level)
    # The libraries' own lines may repeat what a server or a message said.
    for name in ("imapclient", "aiosmtplib", "mailparser", "apscheduler", "asyncio", "pebble"):
        library = logging.getLogger(name)
        library.handlers = [logging.NullHandler()]
        library.propagate = False

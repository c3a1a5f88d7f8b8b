"""Log lines: an event's name and fields, and nothing that a message or a server said."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from mailroom import observe


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    log = logging.getLogger("mailroom")
    before = log.handlers, log.propagate, log.level
    made = io.StringIO()
    observe.set_up(made, level=logging.DEBUG)
    yield made
    log.handlers, log.propagate = before[0], before[1]
    log.setLevel(before[2])


def test_a_step_is_one_json_line(stream: io.StringIO) -> None:
    observe.event("decided", reference="SU-2026-000123-K", unit="press\nforged", confident=True)
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line) | {"at": ""} == {
        "at": "",
        "level": "info",
        "event": "decided",
        "reference": "SU-2026-000123-K",
        "unit": "press\nforged",
        "confident": True,
    }


def test_a_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    log = logging.getLogger("mailroom")
    before = log.handlers, log.propagate, log.level
    made = Terminal()
    observe.set_up(made)
    observe.event("relay-held", level=logging.WARNING, phase="auth")
    assert made.getvalue().endswith("WARNING relay-held phase=auth\n")
    log.handlers, log.propagate = before[0], before[1]
    log.setLevel(before[2])


def test_t23_trouble_names_the_place_and_never_what_the_exception_says(stream: io.StringIO) -> None:
    try:
        raise ValueError("Ana Invented <ana@example.net> wrote about her brother")
    except ValueError as error:
        told = observe.trouble("mistake", error)
    assert told.startswith("ValueError at tests.test_observe:")
    assert "Ana" not in stream.getvalue() + told
    assert "example" not in stream.getvalue() + told


@pytest.mark.parametrize("name", ["imapclient", "aiosmtplib", "mailparser", "apscheduler", "asyncio", "pebble"])
def test_t23_libraries_say_nothing_at_any_level(
    stream: io.StringIO, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for level in (logging.DEBUG, logging.ERROR):
        logging.getLogger(f"{name}.inner").log(level, "250 ana@example.net ok")
    assert stream.getvalue() == ""
    assert capsys.readouterr().err == ""

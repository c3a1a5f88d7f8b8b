"""Every crash window and every server's way has a row in cases.md, and each test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
UNTESTED: set[str] = set()


def test_every_case_names_a_test_that_exists() -> None:
    table = re.findall(r"^\| ([DI]-\d\d) \|[^|]*\| (\w+) \|$", (HERE / "cases.md").read_text("utf-8"), re.MULTILINE)
    assert [case for case, _ in table] == [f"D-{n:02}" for n in range(1, 19)] + [f"I-{n:02}" for n in range(1, 31)]
    written = {
        name
        for file in HERE.parent.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", file.read_text("utf-8"), re.MULTILINE)
    }
    assert [case for case, test in table if test != "none" and test not in written] == []
    assert {case for case, test in table if test == "none"} == UNTESTED

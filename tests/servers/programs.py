"""Programs of the system that a few tests ask: skipped where they are missing, but never on a build server."""

from __future__ import annotations

import os
import shutil

import pytest


def needs(program: str, package: str) -> pytest.MarkDecorator:
    """Skip where the program is missing; with CI=true the test runs all the same, and fails for want of it."""
    missing = shutil.which(program) is None and os.environ.get("CI", "").lower() != "true"
    return pytest.mark.skipif(missing, reason=f"no {program} (Debian: apt-get install {package})")

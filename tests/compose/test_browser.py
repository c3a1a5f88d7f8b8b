"""Every acknowledgement in a real browser: nothing sticks out at 320 pixels, everything can be read, light and dark.

Skipped where no Chromium is installed (Debian: apt-get install chromium).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import cache
from html import escape, unescape
from pathlib import Path

import pytest

from mailroom.compose import TemplateSet, load_templates
from mailroom.compose.templates import SAMPLE_DAY, SAMPLE_REFERENCE
from mailroom.model import LANGUAGES
from tests.compose.samples import sources

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=20000",
    "--dump-dom",
)

MEASURE = """
function channel(c) { c /= 255; return c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4); }
function luminance(colour) {
  const [r, g, b] = colour.match(/[0-9.]+/g).map(Number);
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
}
function contrast(a, b) {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}
window.addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument, root = page.documentElement;
    const back = frame.contentWindow.getComputedStyle(page.body).backgroundColor;
    const texts = [...page.querySelectorAll("p, h2, a, strong")];
    const styles = texts.map(one => frame.contentWindow.getComputedStyle(one));
    return {
      name: frame.title,
      wide: Math.max(root.scrollWidth, ...texts.map(one => one.getBoundingClientRect().right)) - root.clientWidth,
      texts: texts.length,
      contrast: Math.min(...styles.map(style => contrast(style.color, back))),
      size: Math.min(...styles.map(style => parseFloat(style.fontSize))),
      back: luminance(back),
      languages: [...page.querySelectorAll("section[lang]")].length,
      height: root.scrollHeight,
    };
  });
  document.body.textContent = "";
  const out = document.createElement("pre");
  out.textContent = JSON.stringify(found);
  document.body.append(out);
});
"""


@cache
def linked() -> TemplateSet:
    """The shipped set with a long link in each place, the hardest case for narrow screens."""
    made = dict(sources())
    long = "https://www.example.org/" + "aratherlongname" * 4
    made["settings.txt"] = re.sub(r"(?m)^(link_\w+):$", rf"\1: {long}", made["settings.txt"])
    return load_templates(made)


@pytest.mark.skipif(
    BROWSER is None and os.environ.get("CI") != "true", reason="no Chromium (Debian: apt-get install chromium)"
)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 800])
def test_every_acknowledgement_can_be_read(tmp_path: Path, width: int, dark: bool) -> None:
    assert BROWSER is not None, "no Chromium (Debian: apt-get install chromium)"
    frames = "\n".join(
        f'<iframe title="{kind} {form}" width="{width}" height="600" style="border:0" '
        f'srcdoc="{escape(linked().render(kind, form, SAMPLE_REFERENCE, SAMPLE_DAY).html)}"></iframe>'
        for kind in sorted(linked().kinds)
        for form in (*LANGUAGES, "unknown")
    )
    page = tmp_path / "page.html"
    page.write_text(
        '<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<script>{MEASURE}</script><body>{frames}</body>",
        encoding="utf-8",
    )
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = subprocess.run(
        [BROWSER, *OPTIONS, *scheme, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    match = re.search(r"<pre>(.*)</pre>", done.stdout, re.DOTALL)
    assert match, done.stderr[-2000:]
    found = json.loads(unescape(match[1]))
    assert len(found) == len(linked().kinds) * 5
    for one in found:
        assert one["texts"] >= 2, one
        assert one["wide"] <= 0, one
        assert one["contrast"] >= 4.5, one
        assert one["size"] >= 16, one
        assert (one["back"] < 0.2) is dark, one
        assert one["languages"] == (4 if one["name"].endswith("unknown") else 1), one

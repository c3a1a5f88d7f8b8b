"""What came, where it went, how fast, why some got no answer, and what staff corrected: counts, no content.

Pure: rows of the ledger in, a Report out; as text, HTML or CSV. Times are seconds; medians and ninth deciles, since one
night with a server away says nothing about the rest.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from statistics import quantiles

from mailroom.ledger import Correction, Reported


@dataclass(frozen=True, slots=True)
class Report:
    since: date
    until: datetime
    messages: int
    urgent: int
    tables: Mapping[str, Sequence[tuple[str, int]]]  # title -> (what, how many), most first
    times: Mapping[str, tuple[float, float] | None]  # title -> (median, ninth decile) in seconds


def report(rows: Sequence[Reported], corrections: Sequence[Correction], since: date, now: datetime) -> Report:
    forwards = [max((one.forwarded - one.arrived).total_seconds(), 0.0) for one in rows if one.forwarded]
    answers = [max((one.acknowledged - one.arrived).total_seconds(), 0.0) for one in rows if one.acknowledged]
    answered = sum(one.acknowledged is not None for one in rows)
    return Report(
        since=since,
        until=now,
        messages=len(rows),
        urgent=sum(one.urgent for one in rows),
        tables={
            "Channel": _count(one.channel for one in rows),
            "Language": _count(one.language or "not read yet" for one in rows),
            "Unit": _count(one.unit or "not decided yet" for one in rows),
            "Folder": _count((one.folder or "not decided yet").partition("/")[0] for one in rows),
            "Acknowledgement": [
                *([("sent", answered)] if answered else []),
                *_count(f"none: {one.silence or 'still to come'}" for one in rows if one.acknowledged is None),
            ],
            "Corrected by staff": _count(f"{one.was or 'not decided yet'} to {one.becomes}" for one in corrections),
            "Day": sorted(Counter(one.recorded.date().isoformat() for one in rows).items()),
        },
        times={"Arrival to first forward": _spread(forwards), "Arrival to acknowledgement": _spread(answers)},
    )


def as_text(made: Report) -> str:
    lines = [_title(made), ""]
    for name, spread in made.times.items():
        lines.append(f"{name:<28} {_words(spread)}")
    for title, rows in made.tables.items():
        if rows:
            lines += ["", title]
            lines += [f"  {count:>7}  {share(count, made)}  {what}" for what, count in rows]
    return "\n".join(lines) + "\n"


def as_csv(made: Report) -> str:
    """table,what,count lines; times as whole seconds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("table", "what", "count"))
    writer.writerow(("All", "messages", made.messages))
    writer.writerow(("All", "urgent", made.urgent))
    for name, spread in made.times.items():
        if spread is not None:
            writer.writerow((name, "median seconds", round(spread[0])))
            writer.writerow((name, "ninth decile seconds", round(spread[1])))
    for title, rows in made.tables.items():
        writer.writerows((title, what, count) for what, count in rows)
    return out.getvalue()


def as_html(made: Report) -> str:
    tables = "".join(
        f"<h2>{escape(title)}</h2>\n<table>\n"
        + "".join(
            f"<tr><th scope=row>{escape(what)}</th><td>{count}</td><td>{share(count, made).strip()}</td></tr>\n"
            for what, count in rows
        )
        + "</table>\n"
        for title, rows in made.tables.items()
        if rows
    )
    times = "".join(f"<p>{escape(name)}: {_words(spread)}</p>\n" for name, spread in made.times.items())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>mailroom: report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(_title(made))}</h1>\n{times}{tables}</body>\n</html>\n"
    )


_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:48em;margin:0 auto;padding:1em}"
    "table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:normal}td{text-align:right;width:6em}"
    "th,td{border-bottom:1px solid #8886;padding:.2em 0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}"
)


def share(count: int, made: Report) -> str:
    return f"{count / made.messages:>4.0%}" if made.messages else ""


def _title(made: Report) -> str:
    until = made.until.date()
    return f"{made.messages} messages from {made.since} to {until}, {made.urgent} of them urgent"


def _count(values: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(values).items(), key=lambda one: (-one[1], one[0]))


def _spread(seconds: Sequence[float]) -> tuple[float, float] | None:
    if not seconds:
        return None
    deciles = quantiles(seconds, n=10, method="inclusive") if len(seconds) > 1 else [seconds[0]] * 9
    return deciles[4], deciles[8]


def _words(spread: tuple[float, float] | None) -> str:
    if spread is None:
        return "none yet"
    return f"half within {_span(spread[0])}, nine of ten within {_span(spread[1])}"


def _span(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.1f} seconds"

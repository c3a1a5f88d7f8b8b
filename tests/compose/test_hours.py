"""What is said about when the Section is at work: only what holds."""

from __future__ import annotations

import quopri
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.compose.acknowledgement import acknowledgement
from mailroom.compose.hours import reopens
from mailroom.compose.names import long_date
from mailroom.model import LANGUAGES, Hours
from tests.compose.samples import CONTEXT, DECISION, MESSAGE, OURS, templates

WEEK = Hours(frozenset(range(5)), time(9), time(17), frozenset({date(2026, 11, 26)}), frozenset({(12, 25), (1, 1)}))
WASHINGTON = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-24 10:00", None),  # a Tuesday
        ("2026-11-24 08:59", "2026-11-24"),
        ("2026-11-24 17:00", "2026-11-25"),
        ("2026-11-25 18:00", "2026-11-27"),  # Thursday is a holiday
        ("2026-11-26 10:00", "2026-11-27"),
        ("2026-11-27 23:00", "2026-11-30"),  # over a weekend
        ("2026-12-24 17:30", "2026-12-28"),  # a holiday of every year, then a weekend
        ("2027-12-31 20:00", "2028-01-03"),
    ],
)
def test_the_day_on_which_the_doors_open_again(moment: str, day: str | None) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=WASHINGTON)
    assert reopens(WEEK, local) == (date.fromisoformat(day) if day else None)


def test_without_a_calendar_nothing_is_said() -> None:
    assert reopens(None, datetime(2026, 12, 25, tzinfo=WASHINGTON)) is None


def test_a_calendar_without_a_working_day_ahead_says_nothing() -> None:
    never = Hours(
        frozenset(range(7)), time(9), time(17), frozenset(date(2026, 1, 1) + timedelta(n) for n in range(400))
    )
    assert reopens(never, datetime(2026, 3, 1, 10, tzinfo=WASHINGTON)) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
def test_what_is_promised_is_the_next_working_day_and_no_earlier_one(moment: datetime) -> None:
    day = reopens(WEEK, moment.replace(tzinfo=WASHINGTON))
    if day is None:
        assert time(9) <= moment.time() < time(17)
        return
    assert day >= moment.date()
    assert reopens(WEEK, datetime.combine(day, time(10), WASHINGTON)) is None  # somebody is there
    between = [moment.date() + timedelta(n) for n in range((day - moment.date()).days)]
    assert all(reopens(WEEK, datetime.combine(one, time(12), WASHINGTON)) for one in between if one > moment.date())


@pytest.mark.parametrize("language", [*LANGUAGES, "unknown"])
def test_the_sentence_stands_only_when_the_doors_are_closed(language: str) -> None:
    received, opening = date(2026, 11, 27), date(2026, 11, 30)
    said = templates().render("general", language, "SU-1", received, opening)
    silent = templates().render("general", language, "SU-1", received)
    for one in (language,) if language in LANGUAGES else LANGUAGES:
        assert long_date(opening, one) in " ".join(said.text.split())
        assert long_date(opening, one) in said.html
        assert long_date(opening, one) not in silent.text
    discreet = templates().render("discreet", language, "SU-1", received, opening)
    assert discreet == templates().render("discreet", language, "SU-1", received)


def test_french_writes_the_first_of_a_month_as_an_ordinal() -> None:
    assert [long_date(date(2026, 12, n), "fr") for n in (1, 2, 11)] == [
        "1er décembre 2026", "2 décembre 2026", "11 décembre 2026"
    ]  # fmt: skip


def test_an_acknowledgement_of_a_saturday_says_when_the_section_opens() -> None:
    saturday = datetime(2026, 11, 28, 15, tzinfo=UTC)
    made = acknowledgement(MESSAGE, DECISION, replace(CONTEXT, now=saturday), replace(OURS, hours=WEEK), templates())
    assert "30 de noviembre de 2026" in quopri.decodestring(made.head).decode()
    weekday = replace(CONTEXT, now=saturday - timedelta(days=4))
    open_now = acknowledgement(MESSAGE, DECISION, weekday, replace(OURS, hours=WEEK), templates())
    assert "cerrada" not in quopri.decodestring(open_now.head).decode()

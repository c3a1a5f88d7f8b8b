"""When the Section is at work: what an acknowledgement may truthfully say about it.

Promises: pure; says nothing without a calendar, nothing while people are there, and never when somebody will answer:
only the day on which the doors open again.
May import: datetime, mailroom.model.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from mailroom.model import Hours

FURTHEST = 60  # days ahead; a calendar without a working day in them says nothing


def reopens(hours: Hours | None, local: datetime) -> date | None:
    """The day on which the Section opens next, or None while it is open. `local`: in the calendar's time zone."""
    if hours is None:
        return None
    today = local.date()
    if _works(hours, today):
        if local.time() < hours.opens:
            return today
        if local.time() < hours.closes:
            return None
    days = (today + timedelta(days=n) for n in range(1, FURTHEST + 1))
    return next((day for day in days if _works(hours, day)), None)


def _works(hours: Hours, day: date) -> bool:
    holiday = day in hours.holidays or (day.month, day.day) in hours.yearly
    return day.weekday() in hours.days and not holiday

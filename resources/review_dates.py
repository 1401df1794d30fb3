"""When resources are to be reviewed next: pure arithmetic of days."""

import calendar
from datetime import timedelta

MONTHS_BETWEEN = 12  # reviews


def in_months(day, months):
    """The same day so many months on, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def spread(first, months, count):
    """So many days, evenly from the first over so many months, each a working day: none has all its reviews at once."""
    length = (in_months(first, months) - first).days
    return [_working_day(first + timedelta(days=place * length // count)) for place in range(count)]


def _working_day(day):
    """The day itself, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)

"""Dates and lengths of time in the words the NHS uses."""

import re
from datetime import date, datetime

from django.utils import timezone


def in_words(day):
    """A date as the NHS writes it: 24 November 2026. Takes a date, a moment or an ISO text."""
    if isinstance(day, str):
        day = datetime.fromisoformat(day) if "T" in day else date.fromisoformat(day)
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return f"{day.day} {day:%B %Y}"


def clock(moment):
    """The time of a moment as the NHS writes it: 9:05am, 12:30pm."""
    local = timezone.localtime(moment)
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def duration(minutes):
    """A length of time in words: 45 minutes, 2 hours, 1 hour 30 minutes."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((hours, "hour"), (rest, "minute")) if n]
    return " ".join(parts)


def join_words(words):
    """One, two and three."""
    words = [str(word) for word in words]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def sayable_in_xml(text):
    """The text with a blank for each character that XML cannot say: one that was pasted unseen must not break a feed."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", " ", text)

"""Files that other programs read: reference managers (RIS) and calendars (iCalendar)."""

from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

RIS_TYPES = {"journal-articles-reports-and-research": "RPRT", "courses-workshops-and-events": "GEN"}


def as_ris(records, catalogue):
    """Lines of RIS, one reference a record; the day of publication only where it is known."""
    for record in records:
        yield f"TY  - {RIS_TYPES.get(record.category, 'ELEC')}"
        yield f"TI  - {_line(record.title)}"
        for slug in record.providers:
            yield f"AU  - {_line(catalogue.labels['provider'][slug])}"
        if record.source_published_on:
            yield f"PY  - {record.source_published_on[:4]}"
        yield f"UR  - {_line(record.url)}"
        yield f"AB  - {_line(record.summary)}"
        yield "ER  - "
        yield ""


def _line(text):
    return " ".join(text.split())


def as_calendar(records):
    """The records that have a first day, as all-day events (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SERVICE_NAME}//EN")
    calendar.add("version", "2.0")
    for record in records:
        if record.starts_on:
            calendar.add_component(_event(record))
    return calendar.to_ical()


def _event(record):
    address = settings.BASE_URL + reverse("resources:resource", args=[record.slug])
    event = Event()
    event.add("uid", address)
    event.add("dtstamp", _moment(record.updated_at))
    event.add("summary", record.title)
    event.add("description", record.summary)
    event.add("url", address)
    event.add("dtstart", date.fromisoformat(record.starts_on))
    event.add("dtend", date.fromisoformat(record.ends_on or record.starts_on) + timedelta(days=1))  # the day after the last
    return event


def _moment(text):
    return datetime.fromisoformat(text).astimezone(UTC)

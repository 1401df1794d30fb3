"""An organisation's actions as files: CSV, a workbook, a calendar. Whatever somebody typed arrives whole, and is never computed."""

import csv
import re
from datetime import UTC, timedelta
from io import BytesIO, StringIO
from itertools import count
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from accounts.cells import inert
from resources.wording import in_words

WIDTHS = {
    "Action": 50,
    "Title of the question": 30,
    "Component": 34,
    "Who": 26,
    "Round": 20,
    "Why stopped": 40,
    "Notes": 60,
    "Note": 80,
    "Written by": 26,
    "Reference": 38,
}
BOLD, TOP = Font(bold=True), Alignment(wrap_text=True, vertical="top")
TO_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # what a workbook cannot hold, and text that looks as if it stood for that


def fields_of(action):
    """Every field of an action by its heading: a text, a date or none."""
    question = action.question
    return {
        "Action": action.title,
        "Question": question.number if question else "",
        "Title of the question": question.title if question else "",
        "Component": question.component.name if question else "",
        "Who": action.whose if action.owner or action.owner_name else "",
        "Due": action.due_on,
        "State": action.get_state_display(),
        "Overdue": "Overdue" if action.is_overdue else "",
        "Why stopped": action.stopped_reason,
        "Done or stopped on": action.finished_on,
        "Round": action.assessment.name if action.assessment else "",
        "Added on": timezone.localdate(action.created_at),
        "Reference": str(action.public_id),
    }


HEADINGS = (
    "Action",
    "Question",
    "Title of the question",
    "Component",
    "Who",
    "Due",
    "State",
    "Overdue",
    "Why stopped",
    "Done or stopped on",
    "Round",
    "Added on",
)


def in_a_line(note):
    return f"{in_words(note.at)}, {note.by or 'somebody who has left'}: {note.text}"


def as_csv(actions):
    """One row an action, its notes in the last cell but one. Dates as 2027-03-31, which every spreadsheet takes for dates."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow([*HEADINGS, "Notes", "Reference"])
    for action in actions:
        fields = fields_of(action)
        notes = "\n".join(in_a_line(note) for note in action.notes.all())
        writer.writerow([*(_plain(fields[name]) for name in HEADINGS), inert(notes), fields["Reference"]])
    return "\ufeff" + file.getvalue()


def _plain(value):
    return "" if value is None else inert(value) if isinstance(value, str) else value.isoformat()


def as_workbook(actions):
    """Two sheets: a row for each action, and a row for each note, so that no cell is too long to hold what it says."""
    book = Workbook()
    sheet, notes = book.active, book.create_sheet("Notes")
    sheet.title = "Actions"
    _put(sheet, 1, [*HEADINGS, "Notes", "Reference"], font=BOLD)
    _put(notes, 1, ["Action", "Question", "Written on", "Written by", "Note", "Reference"], font=BOLD)
    rows_of_notes = count(2)
    for row, action in enumerate(actions, 2):
        fields, written = fields_of(action), list(action.notes.all())
        _put(sheet, row, [*(fields[name] for name in HEADINGS), str(len(written)), fields["Reference"]])
        for note in written:
            by = str(note.by or "Somebody who has left")
            _put(notes, next(rows_of_notes), [action.title, fields["Question"], timezone.localdate(note.at), by, note.text, fields["Reference"]])
    for made in (sheet, notes):
        _lay_out(made)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _put(sheet, row, values, font=None):
    """A row: texts as text, whatever they begin with, and dates as dates."""
    for column, value in enumerate(values, 1):
        if value is None:
            continue
        cell = sheet.cell(row, column)
        if isinstance(value, str):
            cell.value = TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
            cell.data_type = "s"  # even where it begins with =
            cell.number_format, cell.quotePrefix = "@", True  # and still as text after somebody has edited it
        else:
            cell.value, cell.number_format = value, "d mmmm yyyy"
        cell.alignment = TOP
        if font:
            cell.font = font


def _lay_out(sheet):
    """Widths in characters, headings that stay, filters, and a page that prints."""
    for column in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS.get(sheet.cell(1, column).value, 18)
    sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows = "B2", sheet.dimensions, "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


# A calendar -----------------------------------------------------------------------------------------------------------


def as_calendar(actions, organisation):
    """Each action as an all-day event on its due date (RFC 5545): events, since most calendars show no tasks of others."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SERVICE_NAME}//Actions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Actions of {organisation}")
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    for action in actions:
        calendar.add_component(_event(action, organisation))
    return calendar.to_ical()


def _event(action, organisation):
    address = settings.BASE_URL + reverse("assessments:action", args=[organisation.code, action.public_id])
    about = [f"Question {action.question}" if action.question else "", f"Who: {action.whose}", f"State: {action.get_state_display()}", address]
    event = Event()
    event.add("uid", f"{action.public_id}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", action.created_at.astimezone(UTC))
    event.add("sequence", action.version - 1)
    event.add("summary", action.title)
    event.add("description", "\n".join(filter(None, about)))
    event.add("url", address)
    event.add("dtstart", action.due_on)
    event.add("dtend", action.due_on + timedelta(days=1))  # the day after the last
    event.add("transp", "TRANSPARENT")  # nobody is busy all day because something is due
    return event

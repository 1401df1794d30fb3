"""The published list of NHS trusts ("etr"), read as it really is: 27 quoted columns, no header, dates as yyyymmdd.

Only form is judged here: what a row says against what the portal knows is for accounts.ods.
"""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime

from accounts.naming import readable_name

COLUMNS = 27
CODE, NAME, REGION, ICB, OPENED, CLOSED = 0, 1, 2, 3, 10, 11  # where they stand in a row
LARGEST = 5 * 1024 * 1024  # bytes; the real list has 57,000
LONGEST_NAME = 200  # characters, as in Organisation
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # control characters, which no name or code holds


class OdsError(Exception):
    """The file, or what was asked for, cannot be used at all. One sentence that says what to do."""


@dataclass(frozen=True)
class Row:
    """What one row says of a trust."""

    number: int
    code: str
    name: str
    region: str  # codes, blank where the list has none (Wales)
    icb: str
    opened: date | None
    closed: date | None


@dataclass(frozen=True)
class Refused:
    """A row that changes nothing here, and why."""

    row: int
    column: str
    value: str
    reason: str


class Refusal(Exception):
    """Raised while a row is judged; becomes a Refused."""

    def __init__(self, column, value, reason):
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


def read(content):
    """The rows of a file's bytes that are well formed, and the others as refused. Raises OdsError if it is no such file."""
    if len(content) > LARGEST:
        raise OdsError("The file is larger than 5 MB: the list of trusts is far smaller, so choose that one.")
    records = _records(_text(content))
    if not any(len(record) == COLUMNS for _, record in records):
        raise OdsError("The file is not the list of NHS trusts (etr): none of its rows has 27 columns separated by commas.")
    rows, refused, seen = [], [], {}
    for number, record in records:
        try:
            row = _row(number, record)
            if row.code in seen:
                raise Refusal("code", row.code, f"Row {seen[row.code]} has this code already")
            seen[row.code] = number
            rows.append(row)
        except Refusal as refusal:
            refused.append(Refused(number, refusal.column, refusal.value, refusal.reason))
    return rows, refused


def _text(content):
    if not content.strip():
        raise OdsError("The file is empty: download it again.")
    for encoding in ("utf-16",) if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise OdsError("The file is not CSV text in UTF-8 or Windows-1252: save it as CSV and try again.")


def _records(text):
    """Pairs of row number, from 1, and fields; blank lines are counted and left out."""
    try:
        return [(number, record) for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1) if record]
    except csv.Error as error:
        raise OdsError(f"The file is not well-formed CSV ({error}): download it again.") from error


def _row(number, record):
    if len(record) != COLUMNS:
        raise Refusal("columns", str(len(record)), f"A row has {COLUMNS} columns, and this one has {len(record)}")
    opened, closed = _day("opened", record[OPENED]), _day("closed", record[CLOSED])
    if opened and closed and closed < opened:
        raise Refusal("closed", record[CLOSED], f"It would close before it opened ({record[OPENED]})")
    return Row(number, _code("code", record[CODE]), _name(record[NAME]), _place("region", record[REGION]), _place("ICB", record[ICB]), opened, closed)


def _clean(column, value):
    if UNSEEN.search(value):
        raise Refusal(column, value, "It holds a character that cannot be seen: type it again")
    return " ".join(value.split())


def _code(column, value):
    code = _clean(column, value)
    if not re.fullmatch(r"[A-Za-z0-9]{3,5}", code):
        raise Refusal(column, value, "A code has 3 to 5 letters and digits")
    return code.upper()


def _place(column, value):
    return _code(column, value) if value.strip() else ""


def _name(value):
    name = _clean("name", value)
    if not name:
        raise Refusal("name", value, "The name is missing")
    if len(name) > LONGEST_NAME:
        raise Refusal("name", value, f"A name has {LONGEST_NAME} characters at most, and this one has {len(name)}")
    return readable_name(name)


def _day(column, value):
    """A date written yyyymmdd, or none where there is none."""
    text = value.strip()
    if not text:
        return None
    try:
        if not re.fullmatch(r"[0-9]{8}", text):
            raise ValueError
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError as error:
        raise Refusal(column, value, "A date is written yyyymmdd, such as 20260401") from error

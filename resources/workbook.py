"""Workbooks (.xlsx) that somebody gives us: refused before they are read where they could be a bomb, then read as plain rows.

A workbook is a zip of XML. A small one can unpack to gigabytes, lie about its size, or hold XML with a DTD, whose entities
multiply or reach for other files. So each member is unpacked once into nothing, counted, and its XML looked at on the way.
"""

import zipfile
from io import BytesIO
from xml.parsers import expat

from openpyxl import load_workbook

LARGEST = 5 * 1024 * 1024  # bytes of the file
UNPACKED = 50 * 1024 * 1024  # bytes of all its members together
MEMBERS = 200
CHUNK = 64 * 1024
LONGEST_TAG = 1024 * 1024  # bytes of one tag or comment
NO_WORKBOOK = "The file is not an Excel workbook: save it as .xlsx and choose it again"


class WorkbookError(Exception):
    """The file cannot be used. One sentence that says what to do."""


class Computed(str):
    """A cell that holds no text of its own: a formula, or the error that one came to."""


def read_sheets(content, names, *, most_rows, most_columns):
    """Those sheets of a workbook's bytes that have one of these names (in small letters): by that name, rows of values.

    A value is text, a number, a date, none or Computed. Columns past those asked for are left out. Raises WorkbookError.
    """
    refuse_bombs(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        wanted = {name: sheet for sheet in reversed(book.worksheets) if (name := sheet.title.strip().lower()) in names}
        return {name: _rows(sheet, most_rows, most_columns) for name, sheet in wanted.items()}
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl promises no kind of error for what is no workbook
        raise WorkbookError(NO_WORKBOOK) from error


def read_sheet(content, name, *, most_rows, most_columns):
    """The sheet of this name (in small letters), or else the first, as rows of values. Raises WorkbookError."""
    refuse_bombs(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        sheet = next((sheet for sheet in book.worksheets if sheet.title.strip().lower() == name), book.worksheets[0])
        return _rows(sheet, most_rows, most_columns)
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl promises no kind of error for what is no workbook
        raise WorkbookError(NO_WORKBOOK) from error


def _rows(sheet, most_rows, most_columns):
    rows = []
    for number, row in enumerate(sheet.iter_rows(max_col=most_columns), 1):
        if number <= most_rows:
            rows.append([_value(cell) for cell in row])
        elif any(cell.value is not None for cell in row):
            raise WorkbookError(f"The sheet {sheet.title} has something in row {number}: {most_rows:,} rows are read at most")
    return rows


def _value(cell):
    return Computed(cell.value) if cell.data_type in ("f", "e") else cell.value


def refuse_bombs(content):
    """Raise WorkbookError unless these bytes are a zip that is small, unpacks to little, and whose XML names no DTD."""
    if len(content) > LARGEST:
        raise WorkbookError("The file is larger than 5 MB: take out what is not needed")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _refuse_members(archive)
    except WorkbookError:
        raise
    except Exception as error:  # zipfile's own errors, zlib's, and those of names and dates that make no sense
        raise WorkbookError(NO_WORKBOOK) from error


def _refuse_members(archive):
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise WorkbookError(f"The workbook is made of more than {MEMBERS} parts: take out pictures and sheets that are not needed")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1 for member in members):
        raise WorkbookError("The workbook is packed or locked in a way that Excel's own are not: save it again without a password")
    left = UNPACKED
    for member in members:
        left -= _unpacked(archive, member, left)


def _unpacked(archive, member, most):
    """How many bytes a member has, unpacked to nowhere. Raises WorkbookError for more than `most`, whatever it claims, and for a DTD."""
    found, markup = 0, Markup()
    if member.file_size > most:
        raise WorkbookError("The workbook unpacks to more than 50 MB: take out what is not needed")
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK):
            found += len(chunk)
            if found > most:
                raise WorkbookError("The workbook unpacks to more than 50 MB: take out what is not needed")
            markup.feed(chunk)
    return found


class Markup:
    """Looks at XML, in whatever encoding, as it passes. What is no XML is of no concern here."""

    def __init__(self):
        self.parser: expat.XMLParserType | None = expat.ParserCreate()
        self.fed = 0
        self.parser.StartDoctypeDeclHandler = self._refuse_document_type

    def feed(self, chunk):
        if self.parser is None:
            return
        try:
            self.parser.Parse(chunk)
        except expat.ExpatError:
            self.parser = None
            return
        self.fed += len(chunk)
        if self.fed - self.parser.CurrentByteIndex > LONGEST_TAG:  # older expats read it again from its start with each chunk
            raise WorkbookError("The workbook holds XML that takes too long to read: save it again in Excel")

    def _refuse_document_type(self, *args):
        raise WorkbookError("The workbook holds XML with a document type, which no workbook needs: save it again in Excel")

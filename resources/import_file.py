"""Files of resources: CSV in any sane encoding and separator, or a workbook (.xlsx), read into rows of text by column."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from accounts.cells import RISKY
from resources import workbook
from resources.import_columns import ADVICE, HEADINGS, LABELS, plain
from resources.workbook import Computed, WorkbookError

MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_TEXT = 10_000_000  # characters: a workbook says a long text once and shows it in every cell
SHEET = "resources"
SEPARATORS = ",;\t|"
TOO_MANY = f"The file has more than {MOST_ROWS:,} rows: make two files of it"
NO_TEXT = "The file is neither text nor a workbook: save it as CSV or .xlsx and choose it again"
KEPT_APART = re.compile("^'+(?=[" + re.escape("".join(RISKY)) + "])")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how workbooks write what XML cannot say


@dataclass
class Table:
    """A file's rows: the columns it has, and (number, {column: text}) for each row that says anything, as spreadsheets number them."""

    columns: list
    rows: list


def read(content):
    """The rows of a file. Raises WorkbookError with one sentence where it cannot be used."""
    if len(content) > workbook.LARGEST:
        raise WorkbookError("The file is larger than 5 MB: take out what is not needed")
    rows = _workbook_rows(content) if content.startswith(b"PK\x03\x04") else _csv_rows(_text(content))
    numbered = [(number, row) for number, row in enumerate(_measured(rows), 1) if any(row)]
    if not numbered:
        raise WorkbookError("The file is empty: choose one that has a row of headings and rows under it")
    columns = columns_of(numbered[0][1])
    if len(numbered) > MOST_ROWS + 1:
        raise WorkbookError(TOO_MANY)
    if len(numbered) == 1:
        raise WorkbookError("The file has headings and nothing under them: fill in a row")
    return Table([name for name in columns if name in LABELS], [(number, _cells(number, row, columns)) for number, row in numbered[1:]])


def _measured(rows):
    """The same rows, as long as they do not come to too much text."""
    held = 0
    for row in rows:
        held += sum(map(len, row))
        if held > MOST_TEXT:
            raise WorkbookError("The file holds too much text: make two files of it")
        yield row


def _cells(number, row, columns):
    """A row by column. Raises WorkbookError where a cell stands under no heading."""
    for at, cell in enumerate(row):
        if cell and (at >= len(columns) or columns[at] is None):
            raise WorkbookError(f"Row {number} has “{cell[:40]}” where the first row has no heading: give the column one, or look for a separator too many")
    return {name: released(row[at]) if at < len(row) else "" for at, name in enumerate(columns) if name in LABELS}


# Headings -------------------------------------------------------------------------------------------------------------


def columns_of(headings):
    """The column that each heading names: "" for advice, none for no heading. Raises WorkbookError naming those that are unknown or there twice."""
    headings = [heading.strip() for heading in headings]
    while headings and not headings[-1]:
        headings.pop()
    unknown = [heading for heading in headings if heading and plain(heading) not in HEADINGS and plain(heading) != plain(ADVICE)]
    if len(unknown) == sum(map(bool, headings)):
        raise WorkbookError(f"The first row of the file must be its headings, and none of them is a column here. {_all_columns()}")
    if unknown:
        raise WorkbookError(f"{' '.join(map(_no_such_column, unknown[:10]))} {_all_columns()}")
    columns = ["" if plain(heading) == plain(ADVICE) else HEADINGS.get(plain(heading)) for heading in headings]
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice:
        raise WorkbookError(f"The column {LABELS[twice]} is there twice: take one out")
    return columns


def _no_such_column(heading):
    near = get_close_matches(plain(heading), HEADINGS, n=1, cutoff=0.7)
    hint = f": did you mean {LABELS[HEADINGS[near[0]]]}?" if near else ": take it out."
    return f"There is no column “{heading[:60]}”{hint}"


def _all_columns():
    return f"The columns are: {', '.join(LABELS.values())}."


# Cells ----------------------------------------------------------------------------------------------------------------


def kept_apart(text):
    """Text that no spreadsheet takes for a formula: an apostrophe before it, and one more before what already looks so."""
    return f"'{text}" if text.startswith(RISKY) or KEPT_APART.match(text) else text


def released(cell):
    """The text that `kept_apart` was given."""
    return cell[1:] if KEPT_APART.match(cell) else cell


def xml_safe(text):
    """Text for a cell of a workbook: what XML cannot say is written as workbooks do."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)", lambda found: f"_x{ord(found[0]):04X}_", text)


# Comma-separated ------------------------------------------------------------------------------------------------------


def _text(content):
    """A file's bytes as text: UTF-8, UTF-16 with a mark, or Windows-1252. Raises WorkbookError for what is none."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise WorkbookError("The file is an old workbook (.xls) or has a password: save it as .xlsx without one and choose it again")
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and not content.startswith(b"%PDF"):
            return text
    raise WorkbookError(NO_TEXT)


def _csv_rows(text):
    """The rows of a CSV, whatever separates its cells: the separator by which most of its headings are columns here."""
    first = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    named = re.fullmatch(r'"?sep=(.)"?', first.strip(), re.IGNORECASE)  # Excel's own first line
    separators = named[1] if named and named[1] in SEPARATORS else SEPARATORS
    start = "\n".join(text.lstrip("\r\n").splitlines()[named is not None :][:1])
    best = max(separators, key=lambda separator: sum(plain(word) in HEADINGS for word in start.replace('"', "").split(separator)))
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=best, strict=True):
            rows.append(row)
            if len(rows) > 2 * MOST_ROWS:
                raise WorkbookError(TOO_MANY)
    except csv.Error as error:
        where = f"Row {len(rows) + 1} cannot be read"
        raise WorkbookError(f"{where}: a cell that begins with a quotation mark must end with one, and hold at most 100,000 characters") from error
    return [[], *rows[1:]] if named else rows


# Workbooks ------------------------------------------------------------------------------------------------------------


def _workbook_rows(content):
    rows = workbook.read_sheet(content, SHEET, most_rows=2 * MOST_ROWS, most_columns=MOST_COLUMNS)
    return ([_word(cell) for cell in row] for row in rows)


def _word(value):
    """A cell of a workbook as somebody would type it. A formula is its own text: nothing is computed here."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute or value.second) else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Computed) else ESCAPED.sub(_unescaped, str(value))


def _unescaped(found):
    """The character that a workbook's escape stands for, unless no database could keep it."""
    code = int(found[1], 16)
    return chr(code) if code and not 0xD800 <= code <= 0xDFFF else found[0]

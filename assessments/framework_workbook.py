"""Frameworks as a workbook of two sheets: one about the framework, one with a row for each question. Made so that Excel leaves the words alone."""

import re
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from assessments.framework_text import Fault, FrameworkFileError, Said
from assessments.models.framework import LEVELS
from resources.workbook import Computed, WorkbookError, read_sheets

ABOUT = {"Address": "slug", "Title": "title", "Edition": "edition", "Source": "source", "Note": "note"}
LEVEL_LABELS = [f"Level {level}" for level in LEVELS]
COLUMNS = {"Number": "number", "Component": "component", "Title": "title", "What it asks": "asks", "You might see": "examples"}
WIDTHS = (9, 34, 28, 42, 48, *[36] * len(LEVELS))
MOST_ROWS, MOST_COLUMNS = 1_000, 40
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel writes a character that XML cannot hold, and text that looks like one

TO_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


# Reading --------------------------------------------------------------------------------------------------------------


def parse(content):
    """What the bytes of a workbook say, and the faults of its form. Raises FrameworkFileError where it is no workbook, or none of ours."""
    try:
        sheets = read_sheets(content, ("framework", "questions"), most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
    except WorkbookError as error:
        raise FrameworkFileError([Fault("the file", "", str(error))]) from error
    missing = [name.capitalize() for name in ("framework", "questions") if name not in sheets]
    if missing:
        raise FrameworkFileError([Fault("the file", "", f"Add a sheet named {name}: an export shows how it looks") for name in missing])
    faults = []
    said = _about(sheets["framework"], faults)
    said["questions"] = Said("sheet Questions", _questions(sheets["questions"], faults))
    return Said("the file", said), faults


def _about(rows, faults):
    """The first sheet: a name in column A, the words beside it in column B."""
    names = {label.lower(): label for label in (*ABOUT, *LEVEL_LABELS)}
    found = {}
    for number, row in enumerate(rows, 1):
        label, where = _words(row[:1]), f"sheet Framework, row {number}"
        if not any(value is not None for value in row):
            continue
        name = names.get(label.lower())
        if name is None or name in found:
            faults.append(Fault(f"{where}, column A", label, "This name is here twice: keep one" if name else f"Use one of {', '.join(names.values())}"))
        else:
            found[name] = _said(row, 1, f"{where}, column B ({name})", faults)
    for name in names.values():
        if name not in found and name != "Note":
            faults.append(Fault("sheet Framework", "", f"Add a row with {name} in column A"))
    levels = [found.get(label, Said("sheet Framework", None)) for label in LEVEL_LABELS]
    return {
        **{field: found.get(label, Said("sheet Framework", "" if label == "Note" else None)) for label, field in ABOUT.items()},
        "level_names": Said("sheet Framework", levels),
    }


def _questions(rows, faults):
    """The second sheet: headings in row 1, then a question a row."""
    places = _headings(rows[0] if rows else [], faults)
    said = []
    for number, row in enumerate(rows[1:], 2):
        if any(value is not None for value in row):
            said.append(Said(f"sheet Questions, row {number}", _question(row, f"sheet Questions, row {number}", places, faults)))
    return said


def _headings(row, faults):
    """The column of each heading, from 0."""
    names = {label.lower(): label for label in (*COLUMNS, *LEVEL_LABELS)}
    places = {}
    for column, value in enumerate(row):
        label, where = _words([value]), f"sheet Questions, row 1, column {_letter(column)}"
        name = names.get(label.lower())
        if label and (name is None or name in places):
            faults.append(Fault(where, label, "This heading is here twice: keep one" if name else f"Use one of {', '.join(names.values())}"))
        elif name:
            places[name] = column
    for name in names.values():
        if name not in places and name != "You might see":
            faults.append(Fault("sheet Questions, row 1", "", f"Add a column headed {name}"))
    return places


def _question(row, where, places, faults):
    def cell(label):
        column = places.get(label)
        return Said(where, None) if column is None else _said(row, column, f"{where}, column {_letter(column)} ({label})", faults)

    said = {field: cell(label) for label, field in COLUMNS.items()}
    examples = said["examples"]
    lines = (examples.value or "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    said["examples"] = Said(examples.where, [Said(examples.where, line) for line in lines if line.strip()])
    return {**said, "levels": Said(where, [cell(label) for label in LEVEL_LABELS])}


def _letter(column):
    """A column's letters, counted from 0."""
    return chr(ord("A") + column) if column < 26 else f"A{chr(ord('A') + column - 26)}"


def _said(row, column, where, faults):
    """What a cell says, if it says it in words."""
    value = row[column] if column < len(row) else None
    if isinstance(value, Computed):
        faults.append(Fault(where, value, "This cell holds a formula: put its text in its place"))
    elif value is not None and not isinstance(value, (str, int, float)):
        faults.append(Fault(where, str(value), "Excel has made this a date or a time: format the cell as text and type it again"))
    else:
        return Said(where, _words([value]))
    return Said(where, None)


def _words(cells):
    """The text of a cell, given as a list of one or none; a number as it is written, and 2 rather than 2.0."""
    value = cells[0] if cells else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(value)) if value is not None else ""


# Writing --------------------------------------------------------------------------------------------------------------


def dump(text):
    """A framework's text as the bytes of a workbook. Every cell is text, so nothing in it is ever computed."""
    book = Workbook()
    about, questions = book.active, book.create_sheet("Questions")
    about.title = "Framework"
    values = {label: getattr(text, field) for label, field in ABOUT.items()} | dict(zip(LEVEL_LABELS, text.level_names, strict=False))
    for number, (label, value) in enumerate(values.items(), 1):
        _put(about, number, 1, label, bold=True)
        _put(about, number, 2, value)
    for column, label in enumerate((*COLUMNS, *LEVEL_LABELS), 1):
        _put(questions, 1, column, label, bold=True)
    for number, question in enumerate(text.questions, 2):
        cells = (question.number, question.component, question.title, question.asks, "\n".join(question.examples), *question.levels)
        for column, value in enumerate(cells, 1):
            _put(questions, number, column, value)
    _lay_out(about, (16, 100), None)
    _lay_out(questions, WIDTHS, "D2")
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _put(sheet, row, column, text, bold=False):
    cell = sheet.cell(row, column, TO_ESCAPE.sub(_escaped, text))
    cell.data_type = "s"  # as text, even where it begins with =
    cell.number_format, cell.quotePrefix = "@", True  # and still as text after somebody has edited it
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(bold=bold)


def _escaped(found):
    return f"_x{ord(found[0]):04X}_"


def _lay_out(sheet, widths, frozen):
    """Widths in characters, and a page that prints."""
    for column, width in enumerate(widths):
        sheet.column_dimensions[_letter(column)].width = width
    sheet.freeze_panes = frozen
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True

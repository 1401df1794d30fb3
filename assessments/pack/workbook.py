"""The pack's workbook: everything, one row an answer. Every cell that holds words is text, so nothing in it is ever computed."""

from datetime import date, datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from assessments.framework_workbook import TO_ESCAPE
from assessments.pack import sentences, tables
from assessments.pack.board import stamp, title
from resources.wording import in_words

WIDE = 240  # characters that can be read on one page of A4
LONGEST = 32_767  # characters that a cell holds
TOO_LONG = " … (cut: a cell holds no more; the whole is in the report)"
COMMENTS = "Raters’ comments are on the sheet Comments, by letter, without names. They are in no other file of the pack."
NO_COMMENTS = "Raters’ comments are not part of the pack: this round was open, and only the people who work on the self-assessment see who said what."
FACE = {"name": "Arial", "size": 11}
PLAIN, BOLD, HEAD, FILL = Font(**FACE), Font(bold=True, **FACE), Font(bold=True, color="FFFFFF", **FACE), PatternFill("solid", fgColor="003D78")
LINE, TALLEST = 15, 409  # points of a line, and of a row at most


def workbook_xlsx(result, sha256):
    """The workbook as the bytes of an .xlsx."""
    book = Workbook()
    book.remove(book.active)
    for name, make, widths in SHEETS:
        head, rows = make(result)
        _sheet(book, name, head, rows, widths, stamp(result))
    _about(book, result, sha256)
    _properties(book, result, sha256)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _properties(book, result, sha256):
    about = book.properties
    about.title, about.creator, about.language = title(result)[:255], result.organisation["name"][:255], "en-GB"
    about.subject, about.keywords = stamp(result)[:255], f"{result.data['reference']}, version {result.data['version']}, sha256:{sha256}"
    about.created = about.modified = datetime.fromisoformat(result.data["submitted_on"])
    for name, value in {"Reference": result.data["reference"], "Version": str(result.data["version"]), "SHA-256": sha256}.items():
        book.custom_doc_props.append(StringProperty(name=name, value=value))


# Sheets ---------------------------------------------------------------------------------------------------------------


def answers(result):
    """One row an answer: what was agreed, in the framework's words, and all that was written with it."""
    head = ("Question", "Component", "Component's name", "Title", "What it asks", "Level", "Agreed", "Agreed, in words", *TEXTS, "What matters most: place")
    places = {question.number: place for place, (question, _) in enumerate(result.priorities, 1)}
    return head, [_answer(question, places.get(question.number, "")) for question in result.questions]


TEXTS = ("Why", "Evidence", "What would change our mind", "Who sees it otherwise")


def _answer(question, place):
    about = (question.number, question.component["number"], question.component["name"], question.title, question.asks)
    said = (question.reason, question.row["evidence"], question.would_change, question.dissent)
    return (*about, question.level or "", question.agreed, question.level_text, *said, place)


def spreads(result):
    """What raters said, and to which questions that is not shown, and why."""
    head, rows = tables.spreads(result)
    hidden = [(question.number, why) for question in result.questions if (why := result.not_shown(question))]
    return head, [*rows, *((number, f"Not shown: {why}") for number, why in hidden)]


def comments(result):
    """What raters wrote, by letter, where nobody can tell who."""
    return ("Question", "Title", "Comment"), [(question.number, question.title, text) for question in result.questions for text in question.row["comments"]]


def actions(result):
    """Every action as it stood; its day as a date."""
    head, rows = tables.actions(result)
    days = [row["due_on"] and date.fromisoformat(row["due_on"]) for row in result.data["actions"]]
    return (*head, "Due, as a date"), [(*row, day or "") for row, day in zip(rows, days, strict=True)]


def said(result):
    """Every sentence of the board page, with its receipt."""
    about = [sentences.raters(result), *sentences.profile(result), *(sentences.component(result, component) for component in result.components)]
    apart = [sentences.disagreement(result, question) for question in sentences.disputed(result, len(result.questions))]
    rest = [*sentences.not_disputed(result), sentences.actions(result), *sentences.change(result)]
    return ("Sentence", "Rests on"), [(sentence.text, sentence.rests_on) for sentence in [*about, *apart, *rest]]


SHEETS = (  # each with its name, its rows, and the widths of its columns in characters
    ("Answers", answers, (9, 11, 26, 24, 40, 7, 14, 36, 50, 40, 40, 40, 12)),
    ("Sentences", said, (110, 40)),
    ("Spread", spreads, (9, 36, *[13] * 8, 14, 24, 14)),
    ("Comments", comments, (9, 36, 110)),
    ("Priorities", tables.priorities, (7, 9, 26, 14, 50, 14, 50)),
    ("Resources", tables.resources, (9, 50, 30, 26, 60)),
    ("Actions", actions, (50, 11, 26, 26, 14, 40, 20)),
    ("History", tables.history, (14, 8, 24, 18, 30, 14, 9, 11, 7, 26)),
)


def about(result, sha256):
    """What the workbook is, as (name, words)."""
    data, round_ = result.data, result.round
    return [
        ("Organisation", f"{result.organisation['name']} ({result.organisation['code']})"),
        ("Integrated care board", result.organisation["icb"] or "None"),
        ("Region", result.organisation["region"] or "None"),
        ("Round", round_["name"]),
        ("Reference", data["reference"]),
        ("Version", data["version"]),
        ("Submitted on", in_words(data["submitted_on"])),
        ("Rating began on", in_words(round_["started_on"])),
        ("Rating ended on", in_words(round_["closed_on"])),
        ("Who finished rating", str(sentences.raters(result).text)),
        *((f"Finished, {name}", count) for name, count in _groups(result)),
        ("Questions", f"{result.framework['title']}, {result.framework['edition']}"),
        ("Whose questions", result.framework["note"] or result.framework["source"]),
        ("Source of the questions", result.framework["source"]),
        ("Comments", COMMENTS if result.round["anonymous"] else NO_COMMENTS),
        ("Groups", result.no_groups or "Shown on the sheet Spread, where five people or more gave a level."),
        ("Levels", "Levels are words in rising order, not marks. They are not added up, and there is no total."),
        ("SHA-256 of the submitted result", sha256),
        ("To check this file", f"manage.py verify_pack FILE {data['reference']} --version {data['version']}"),
    ]


def _groups(result):
    """How many finished, of each group that may be shown; of none in an open round."""
    return [] if result.crowds_only or result.nothing_shown else result.round["rated"].get("groups", [])


def _about(book, result, sha256):
    sheet = book.create_sheet("About", 0)
    for number, row in enumerate(about(result, sha256), 1):
        for column, value in enumerate(row, 1):
            _put(sheet, number, column, value, BOLD if column == 1 else None)
    _lay_out(sheet, (32, 100), stamp(result))
    book.active = 0


# Cells ----------------------------------------------------------------------------------------------------------------


def _sheet(book, name, head, rows, widths, footer):
    sheet = book.create_sheet(name)
    for column, value in enumerate(head, 1):
        _put(sheet, 1, column, value, HEAD)
        sheet.cell(1, column).fill = FILL
    for number, row in enumerate(rows or [("None",)], 2):
        for column, value in enumerate(row, 1):
            _put(sheet, number, column, value)
    sheet.freeze_panes, sheet.print_title_rows, sheet.print_title_cols = "B2", "1:1", "A:A"
    if rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(rows) + 1}"
    _lay_out(sheet, widths, footer)


def _put(sheet, row, column, value, font=None):
    """A number or a date as such; anything else as text, even where it begins with =, now and after somebody has edited it."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = _held(value)
        cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
    else:
        cell.value = value
        cell.number_format = "d mmmm yyyy" if isinstance(value, date) else "0"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = font or PLAIN


def _held(text):
    """A text that fits a cell, and that Excel does not take for one of its own escapes."""
    escaped = TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return escaped if len(escaped) <= LONGEST else escaped[: LONGEST - len(TOO_LONG)] + TOO_LONG


def _lay_out(sheet, widths, footer):
    """Widths in characters, rows tall enough for their longest cell, and pages that print: a wide sheet on two or more beside each other."""
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        lines = max(_lines(str(value), width) for value, width in zip(row, widths, strict=False) if value is not None)
        sheet.row_dimensions[number].height = min(LINE * lines + 2, TALLEST)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1 + sum(widths) // WIDE, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text = footer.replace("&", "&&")
    sheet.oddFooter.right.text = "Page &P of &N"


def _lines(text, width):
    """How many lines a text needs in a column."""
    return sum(1 + len(line) // max(width - 2, 1) for line in text.split("\n"))

"""Is a file what the submitted result says? It is read as a reader sees it, cell by cell and line by line, and held against what is made now."""

import json
import re
from datetime import date, datetime
from io import BytesIO

from openpyxl import load_workbook
from pptx import Presentation

from assessments.pack import pdf_text
from assessments.pack.parts import PARTS
from assessments.pack.tables import NOBODY
from assessments.pack.words import TO_THE_LEFT, fit_text
from assessments.snapshot import fingerprint

UNSEEN = re.compile("[\\s\u00ad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
SHA256 = re.compile("sha256:([0-9a-f]{64})")


class NoPack(ValueError):
    """The file is none of a pack's."""


def verify(content, name, submission):
    """How a file's bytes differ from a submitted result: (how many places were compared, differences, places where only a member's name differs)."""
    read, part, named = _reader(content, name)
    if fingerprint(submission.snapshot) != submission.sha256:
        return 0, [f"the portal’s own copy of {submission} is not what was submitted: its SHA-256 is {fingerprint(submission.snapshot)}"], []
    found, expected = read(content), read(PARTS[part].of(submission))
    differences = [] if named == submission.sha256 else [f"the file’s properties name another result: SHA-256 {named or 'missing'}, not {submission.sha256}"]
    names = []
    for where in [*(where for where in found if where not in expected), *expected]:
        here, there = found.get(where, ""), expected.get(where, "")
        if _seen(here) != _seen(there):
            told = f"{where}: the file says {_short(here)}, the result {_short(there)}"
            (names if _but_for_names(here, there, submission) else differences).append(told)
    return len(expected), differences, names


def _seen(text):
    """A text as the eye has it: how lines break is no matter, and the order of letters of a line that runs both ways is the program's."""
    text = UNSEEN.sub("", text)
    return "".join(sorted(text)) if TO_THE_LEFT.search(text) else text


def _short(text):
    text = " ".join(text.split())
    return f"“{text[:80]}…”" if len(text) > 80 else f"“{text}”" if text else "nothing"


def _but_for_names(here, there, submission):
    """Does only the name of a member who sees to an action differ? Names are looked up when a file is made, and people change theirs."""
    raw = json.loads(submission.snapshot)["actions"]
    members = {fit_text(named["owner"]) or NOBODY for row, named in zip(raw, submission.data["actions"], strict=True) if "person" in row["owner"]}
    return any(name in there and re.fullmatch(".{1,200}".join(map(re.escape, there.split(name))), here, re.DOTALL) for name in members)


# Reading --------------------------------------------------------------------------------------------------------------


def _reader(content, name):
    """How to read a file, which part of a pack it is, and which result its properties name."""
    suffix = f".{name.rsplit('.', 1)[-1].lower()}"
    try:
        if suffix == ".pdf":
            about = pdf_text.PdfReader(BytesIO(content)).metadata or {}
            return pdf_text.read, "board.pdf" if str(about.get("/Title", "")).endswith("board page") else "report.pdf", _named(about.get("/Keywords"))
        if suffix == ".pptx":
            return read_slides, "slides.pptx", _named(Presentation(BytesIO(content)).core_properties.keywords)
        if suffix == ".xlsx":
            return read_workbook, "workbook.xlsx", _named(load_workbook(BytesIO(content), read_only=True).properties.keywords)
    except Exception as error:  # three libraries, and none promises a kind of error for what is no such file
        raise NoPack(f"{name} cannot be read as {suffix}: {type(error).__name__}") from error
    raise NoPack("A pack’s files end in .pdf, .pptx or .xlsx")


def _named(keywords):
    found = SHA256.search(str(keywords or ""))
    return found[1] if found else ""


def read_workbook(content):
    """Every cell of a workbook, by its sheet, place, row and column."""
    found = {}
    for sheet in load_workbook(BytesIO(content)).worksheets:
        rows = list(sheet.iter_rows())
        for row in rows:
            for cell in row:
                if cell.value not in (None, ""):
                    column = str(rows[0][cell.column - 1].value or "") if sheet.title != "About" else ""
                    where = ", ".join(filter(None, (f"sheet {sheet.title}", f"cell {cell.coordinate}", str(row[0].value or "")[:60], column)))
                    found[where] = _value(cell)
    return found


def _value(cell):
    if cell.data_type in ("f", "e"):
        return f"(a formula) {cell.value}"
    if isinstance(cell.value, datetime):
        return cell.value.date().isoformat()
    return cell.value.isoformat() if isinstance(cell.value, date) else str(cell.value)


def read_slides(content):
    """Every text, cell and value of a chart on the slides, and their notes."""
    found = {}
    for number, slide in enumerate(Presentation(BytesIO(content)).slides, 1):
        for shape in slide.shapes:
            found |= {f"slide {number}, {shape.name}{where}": text for where, text in _shape(shape).items()}
        if slide.has_notes_slide:
            lines = slide.notes_slide.notes_text_frame.paragraphs
            found |= {f"slide {number}, notes, line {line}": paragraph.text for line, paragraph in enumerate(lines, 1)}
    return found


def _shape(shape):
    described = shape._element.xpath(".//p:cNvPr")[0].get("descr", "")
    said = {", description": described} if described else {}
    if shape.has_text_frame:
        said |= {f", line {line}": paragraph.text for line, paragraph in enumerate(shape.text_frame.paragraphs, 1)}
    elif shape.has_table:
        rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
        said |= {f", row {y}, column {x} ({rows[0][x - 1]})": text for y, row in enumerate(rows, 1) for x, text in enumerate(row, 1)}
    elif shape.has_chart:
        plot = shape.chart.plots[0]
        for series in plot.series:
            said |= {f", {category}, {series.name}": f"{value:g}" for category, value in zip(plot.categories, series.values, strict=True)}
    else:
        said[""] = "a picture or drawing"
    return said

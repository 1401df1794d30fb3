"""Spreadsheets of resources for curators: the template to fill in, the catalogue as it is, rows to mend. Each is a file that the import takes."""

import csv
import io

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from resources.import_columns import ADVICE, LABELS, REQUIRED, ROWS, Known
from resources.import_file import MOST_ROWS, kept_apart, xml_safe
from resources.models import Resource

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALLOWED = "Allowed values"
DUPLICATE = "Take the row out, or give it the slug of that resource to change it; or say at the import that it is no duplicate."
WIDE = {"title", "summary", "url", "providers", ADVICE}
HOW = {  # what the template says of each column that has no list of values
    "title": "As its source calls it. At most 300 characters",
    "slug": "The last part of its address here. Empty for a new resource; to change one that is here, keep what is there",
    "credit": "How the source names its authors, where that says more than the publishers",
    "url": "Where the resource is, beginning with https:// or http://",
    "summary": "In our words, a sentence or two",
    "audience": "Only where the source names one",
    "minutes": "A whole number, such as 90",
    "source_published_on": "A day such as 2026-11-24 or 24/11/2026",
    "starts_on": "A day, for a course or event with dates",
    "ends_on": "A day that is not before it starts",
    "review_on": "A day. Nothing is published without one",
}
SEVERAL = {"providers": "Several with semicolons between. One that is not here yet is made", "components": "Numbers or names, several with semicolons between"}


def as_file(name, kind, headings, rows):
    """A download: CSV or a workbook of these rows of text."""
    content, content_type = (as_workbook(headings, rows, allowed_values()), XLSX) if kind == "xlsx" else (as_csv(headings, rows), CSV)
    return HttpResponse(content, content_type, headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'})


def exported(queryset):
    """The headings and rows of resources, by title."""
    data = ROWS.export(queryset=queryset.order_by("title", "pk").select_related("category", "owner", "deputy").prefetch_related("providers", "components"))
    return list(LABELS.values()), data


def to_mend(batch):
    """The headings and rows of an import that were left, each with what to do; that column is not read on its way back."""
    rows = batch.rows.left().order_by("number").exclude(cells={})
    used = [name for name in LABELS if any(name in cells for cells in rows.values_list("cells", flat=True)[:1])] or list(LABELS)
    lines = ([*(row.cells.get(name, "") for name in used), advice(row)] for row in rows.iterator(500))
    return [*(LABELS[name] for name in used), ADVICE], lines


def advice(row):
    """What to do with a row, in one cell."""
    said = [f"{LABELS.get(column, column)}: {words}." for column, _, words in row.problems]
    return " ".join([*said, *([DUPLICATE] if row.kind == row.Kind.DUPLICATE else [])])


# Comma-separated ------------------------------------------------------------------------------------------------------


def as_csv(headings, rows):
    """UTF-8 with the mark by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(headings)
    writer.writerows([kept_apart(text) for text in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


# Workbooks ------------------------------------------------------------------------------------------------------------


def as_workbook(headings, rows, allowed):
    """A sheet of rows with lists of the values allowed, {column: its values}, and a sheet that says them all."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Resources")
    sheet.freeze_panes = "B2"
    for at, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(at)].width = 45 if heading in {LABELS.get(name, name) for name in WIDE} else 18
    _offer_lists(sheet, headings, allowed)
    sheet.append([_heading(sheet, heading) for heading in headings])
    for row in rows:
        sheet.append([xml_safe(kept_apart(text)) or None for text in row])
    _write_allowed(book.create_sheet(ALLOWED), allowed)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def allowed_values():
    """{column: its values}, for the columns that have a list of them."""
    known = Known()
    choices = {name: [label for _, label in field.widget.choices] for name, field in ROWS.fields.items() if hasattr(field.widget, "choices")}
    staff = [user.email for user in known.staff.values()]
    return {
        "providers": sorted(known.providers.values(), key=str.casefold),
        "category": [category.name for category in known.category_rows],
        "components": [str(component) for component in known.component_rows],
        **choices,
        "featured": ["yes", "no"],
        "owner": staff,
        "deputy": staff,
    }


def _heading(sheet, text):
    cell = WriteOnlyCell(sheet, text)
    cell.font, cell.fill, cell.alignment = Font(bold=True, color="FFFFFF"), PatternFill("solid", "005EB8"), Alignment(wrap_text=True, vertical="top")
    return cell


def _offer_lists(sheet, headings, allowed):
    """Drop-down lists; where several values may stand together, anything else may be typed as well."""
    for at, name in enumerate(allowed, 1):
        if LABELS[name] in headings and allowed[name]:
            column, source = get_column_letter(headings.index(LABELS[name]) + 1), get_column_letter(at)
            rule = DataValidation("list", f"'{ALLOWED}'!${source}$3:${source}${len(allowed[name]) + 2}", allow_blank=True)
            rule.showErrorMessage = name not in SEVERAL
            rule.error, rule.errorTitle = f"Choose a value from the list, or see the sheet “{ALLOWED}”", LABELS[name]
            rule.add(f"{column}2:{column}{MOST_ROWS + 1}")
            sheet.data_validations.append(rule)


def _write_allowed(sheet, allowed):
    """A column for each list, then a line for each other column; what must be filled in is said."""
    for at in range(1, len(LABELS) + 1):
        sheet.column_dimensions[get_column_letter(at)].width = 32
    others = [name for name in LABELS if name not in allowed]
    names = [*allowed, *others]
    sheet.append([_heading(sheet, LABELS[name]) for name in names])
    sheet.append([_told(name) for name in names])
    for row in range(max(map(len, allowed.values()), default=0)):
        sheet.append([xml_safe(kept_apart(values[row])) if row < len(values) else None for values in allowed.values()])


def _told(name):
    """What is to be said of a column."""
    must = "Must be filled in. " if name in REQUIRED else "Leave empty what you do not know. " if name != "slug" else ""
    return must + (HOW.get(name) or SEVERAL.get(name) or "One of these")


# Downloads ------------------------------------------------------------------------------------------------------------


def template(kind):
    """The template, without a row."""
    return as_file("resources-template", kind, list(LABELS.values()), [])


def catalogue(kind, queryset=None):
    """Resources as a file: all of them, or those chosen."""
    return as_file("resources", kind, *exported(Resource.objects.all() if queryset is None else queryset))


def left_rows(batch, kind):
    """The rows of an import that are to be mended."""
    return as_file(f"import-{batch.pk}-to-mend", kind, *to_mend(batch))

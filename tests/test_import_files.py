"""Files of resources: any sane encoding and separator, and what comes out goes back in as it was."""

import io
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from accounts.cells import RISKY
from resources import spreadsheet
from resources.import_apply import dry_run
from resources.import_columns import LABELS
from resources.import_file import MOST_ROWS, kept_apart, read, released, xml_safe
from resources.models import Category, Resource
from resources.workbook import WorkbookError
from tests.imports import GOOD, as_csv, good_row
from tests.people import make_person
from tests.test_workbook import BOMBS

ROW = good_row(1, title="Café “Größe” – £5", summary="Two lines\nand a half; or, so | it says\tindeed")


def first_row(content):
    table = read(content)
    assert len(table.rows) == 1
    return table.rows[0]


@pytest.mark.one_database
@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_in_any_sane_encoding_and_separator(encoding, delimiter, end):
    number, cells = first_row(as_csv([ROW], encoding=encoding, delimiter=delimiter, lineterminator=end))
    assert (number, cells) == (2, ROW)


@pytest.mark.one_database
def test_headings_may_be_codes_or_words_in_any_order_and_advice_is_not_read():
    words = as_csv([{**ROW, "minutes": "5"}], headings={**LABELS, "minutes": "What to do", "title": "TITLE", "url": "url"})
    assert first_row(words)[1] == ROW
    assert first_row(b"sep=;\r\nSlug;Review date\r\n\r\n\r\nteam-huddles;24/11/2026\r\n") == (5, {"slug": "team-huddles", "review_on": "24/11/2026"})


REFUSED = {
    "nothing": (b"", "The file is empty"),
    "blank lines": (b"\n\n ,,\n", "headings"),
    "headings alone": (as_csv([], columns=list(LABELS)), "headings and nothing under them"),
    "an unknown column": (b"Title,Titel,Colour\nx,y,z\n", "There is no column “Titel”: did you mean Title"),
    "a column twice": (b"Title,title\nx,y\n", "The column Title is there twice"),
    "no headings": (b"Huddles,1,2\nMore,3,4\n", "none of them is a column here"),
    "a cell too many": (b"Title,Slug\na,b,c\n", "Row 2 has “c” where the first row has no heading"),
    "NULs": (b"Title,Slug\na\x00,b\n", "neither text nor a workbook"),
    "an open quotation mark": (b'Title,Slug\n"a,b\nc,d\n', "Row 2 cannot be read"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "neither text nor a workbook"),
    "a PDF": (b"%PDF-1.7 hello", "neither text nor a workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old workbook"),
    "half a character": (b"\xff\xfe\x00", "neither text nor a workbook"),
    "more than 5 MB": (b"Title\n" + b"x" * 5 * 1024 * 1024, "larger than 5 MB"),
    "too many rows": (b"Title\n" + b"x\n" * (MOST_ROWS + 1), "more than 20,000 rows"),
    "one endless cell": (b"Title\n" + b"x" * 200_000, "cannot be read"),
}


@pytest.mark.one_database
@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(kind):
    content, words = REFUSED[kind]
    with pytest.raises(WorkbookError) as refused:
        read(content)
    assert words in str(refused.value) and len(str(refused.value)) < 900


@pytest.mark.one_database
@pytest.mark.parametrize("kind", [kind for kind, (make, _) in BOMBS.items() if kind not in ("nothing",)])
def test_a_workbook_that_is_a_bomb_is_refused(kind):
    with pytest.raises(WorkbookError):
        read(BOMBS[kind][0]())


def workbook(*rows, title="Anything"):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.one_database
def test_a_workbook_s_numbers_days_and_formulas_are_read_as_somebody_would_type_them():
    content = workbook(
        ["Title", "Minutes", "Starts on", "Ends on", "Shown first", "Components", "Summary"],
        [2026, 45.0, date(2026, 11, 24), datetime(2026, 11, 25), True, 3, "=1+1"],
    )
    assert first_row(content)[1] == {
        "title": "2026",
        "minutes": "45",
        "starts_on": "2026-11-24",
        "ends_on": "2026-11-25",
        "featured": "TRUE",
        "components": "3",
        "summary": "=1+1",
    }


@pytest.mark.one_database
def test_a_workbook_cannot_grow_beyond_measure_by_repeating_a_long_text():
    with pytest.raises(WorkbookError, match="too much text"):
        read(workbook(["Title", "Summary"], *[["x" * 30_000, "x" * 30_000]] * 200))


# Out and in again -----------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60)
AWKWARD = st.builds(
    lambda first, rest: first + rest,
    st.sampled_from([*RISKY, "'", "''", "'=", '"', ";", " ", "\u200f", "\u202e", "🙂", "_x000D_", "_x005F_", "\x0b", "\x85", "\uffff", "\r\n", "https://"]),
    TEXTS,
)


@pytest.mark.one_database
@given(AWKWARD | TEXTS)
@example("'=1+1")
@example("_x0000_")
def test_no_text_is_lost_or_comes_as_a_formula(text):
    assert released(kept_apart(text)) == text
    assert not kept_apart(text).startswith(RISKY)
    content = spreadsheet.as_workbook(["Title"], [[text]], {})
    cell = load_workbook(io.BytesIO(content))["Resources"]["A2"]
    assert cell.data_type == "s"
    assert xml_safe(kept_apart(text)) == cell.value.replace("\r\n", "\n") or "\r" in text or "\n" in text
    if text.strip("\r\n\t \x0b\x85"):
        assert first_row(content)[1]["title"].replace("\r\n", "\n") == text.replace("\r\n", "\n")
        assert first_row(spreadsheet.as_csv(["Title"], [[text]]))[1]["title"] == text


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=AWKWARD, summary=AWKWARD | TEXTS, credit=AWKWARD, publisher=AWKWARD)
def test_an_export_goes_back_in_and_changes_nothing(title, summary, credit, publisher, shared_curator):
    resource = Resource.objects.get(slug="team-huddles")
    resource.title, resource.summary, resource.credit, resource.minutes, resource.url = title, summary, credit, 90, "javascript:alert(1)"
    resource.owner, resource.starts_on = shared_curator, "2026-11-24"
    resource.save()
    provider = resource.providers.first()
    provider.name = publisher
    provider.save()
    for kind in ("csv", "xlsx"):
        batch = dry_run(spreadsheet.catalogue(kind).content, f"export.{kind}", shared_curator)
        assert batch.counts()["unchanged"] == Resource.objects.count(), [(row.changes, row.problems) for row in batch.rows.exclude(kind="unchanged")]


@pytest.fixture
def shared_curator(db):
    return make_person("curator@example.org", is_staff=True)


@pytest.mark.django_db
def test_the_template_offers_the_values_allowed_and_takes_an_example(shared_curator):
    book = load_workbook(io.BytesIO(spreadsheet.template("xlsx").content))
    sheet, allowed = book["Resources"], book["Allowed values"]
    assert [cell.value for cell in sheet[1]] == list(LABELS.values())
    lists = {next(iter(rule.sqref.ranges)).min_col: rule for rule in sheet.data_validations.dataValidation}
    category = lists[list(LABELS).index("category") + 1]
    assert category.showErrorMessage and not lists[list(LABELS).index("providers") + 1].showErrorMessage
    column = category.formula1.split("$")[1]
    assert [cell.value for cell in allowed[column]][2:7] == list(Category.objects.values_list("name", flat=True))
    for at, name in enumerate(LABELS, 1):
        sheet.cell(2, at, GOOD.get(name))
    file = io.BytesIO()
    book.save(file)
    assert dry_run(file.getvalue(), "filled.xlsx", shared_curator).counts()["new"] == 1


# Damaged --------------------------------------------------------------------------------------------------------------

PLAIN_CSV = as_csv([good_row(n) for n in range(3)])


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(PLAIN_CSV)), damage=st.binary(max_size=12), cut=st.integers(0, 40))
def test_a_damaged_file_is_refused_or_looked_at_and_nothing_else(place, damage, cut, shared_curator):
    before = Resource.objects.count()
    try:
        batch = dry_run(PLAIN_CSV[:place] + damage + PLAIN_CSV[place + cut :], "damaged.csv", shared_curator)
        assert sum(batch.counts().values()) >= 1
    except WorkbookError as error:
        assert str(error)
    assert Resource.objects.count() == before

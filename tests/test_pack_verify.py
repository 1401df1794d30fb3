"""A file of a pack is held against what was submitted: whatever somebody changed in it is named."""

import zipfile
from copy import deepcopy
from datetime import date
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from openpyxl import load_workbook
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText

from assessments.pack.parts import PARTS
from assessments.pack.verify import verify as differences_of
from tests.packs import hostile, make_submission

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # drawn from a snapshot, whatever database kept it


@pytest.fixture(scope="module", params=["usual", "hostile"])
def any_submission(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_submission(words=hostile, organisation="Trust =1 & קול")[1] if request.param == "hostile" else make_submission()[1]
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def submission(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        _, made = make_submission(code="ZZ1", email="verified@example.org")
        made.files = {name: part.of(made) for name, part in PARTS.items()}
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def verify(tmp_path, submission):
    """Ask the command about these bytes: (does it say they are right, what it says)."""

    def ask(content, name, **options):
        path = tmp_path / name
        path.write_bytes(content)
        out = StringIO()
        try:
            call_command("verify_pack", str(path), submission.reference, stdout=out, **options)
        except CommandError as error:
            return False, out.getvalue() + str(error)
        return True, out.getvalue()

    return ask


def saved(book_or_deck):
    file = BytesIO()
    (book_or_deck.write if hasattr(book_or_deck, "write") else book_or_deck.save)(file)
    return file.getvalue()


@pytest.mark.parametrize("name", PARTS)
def test_a_file_as_it_was_made_shows_what_was_submitted(any_submission, name, tmp_path):
    path = tmp_path / f"anything-{name}"
    path.write_bytes(PARTS[name].of(any_submission))
    out = StringIO()
    call_command("verify_pack", str(path), any_submission.reference, stdout=out)
    assert f"shows what was submitted as {any_submission.reference}, version 1" in out.getvalue()


def test_a_changed_cell_is_named_with_its_row_and_column(submission, verify):
    book = load_workbook(BytesIO(submission.files["workbook.xlsx"]))
    cell = book["Answers"]["F3"]
    was, cell.value = cell.value, 5
    right, words = verify(saved(book), "workbook.xlsx")
    assert not right
    assert f"sheet Answers, cell F3, 1.2, Level: the file says “5”, the result “{was}”" in words


@pytest.mark.parametrize(
    "sheet, place, value",
    [("Spread", "C2", 99), ("Answers", "I2", "Another reason"), ("History", "I5", 1), ("Spread", "A900", "more"), ("Actions", "G2", date(2030, 1, 1))],
)
def test_a_number_a_word_a_date_and_a_row_too_many_are_each_found(submission, verify, sheet, place, value):
    book = load_workbook(BytesIO(submission.files["workbook.xlsx"]))
    assert book[sheet][place].value != value
    book[sheet][place].value = value
    right, words = verify(saved(book), "workbook.xlsx")
    assert not right and f"sheet {sheet}, cell {place}" in words


def test_a_formula_in_place_of_its_value_is_found(submission, verify):
    book = load_workbook(BytesIO(submission.files["workbook.xlsx"]))
    book["Spread"]["C2"].value = "=1+1"
    assert "a formula" in verify(saved(book), "workbook.xlsx")[1]


def test_a_sheet_that_is_gone_or_that_nobody_made_is_found(submission, verify):
    book = load_workbook(BytesIO(submission.files["workbook.xlsx"]))
    book.remove(book["Actions"])
    book.create_sheet("Scores")["A1"] = "Total: 71 %"
    right, words = verify(saved(book), "workbook.xlsx")
    assert not right and "sheet Scores, cell A1" in words and "the result nothing" in words
    assert "sheet Actions, cell A2" in words and "the file says nothing" in words


def test_a_changed_bar_of_a_chart_is_named(submission, verify):
    deck = Presentation(BytesIO(submission.files["slides.pptx"]))
    chart = next(shape.chart for shape in deck.slides[1].shapes if shape.has_chart)
    data = CategoryChartData()
    data.categories = list(chart.plots[0].categories)
    for level, series in enumerate(chart.plots[0].series):
        data.add_series(series.name, [value + (level == 4) for value in series.values])
    chart.replace_data(data)
    right, words = verify(saved(deck), "slides.pptx")
    assert not right and "slide 2, Agreed levels by component, 1 Building" in words and "Improving and sustaining: the file says “1”, the result “0”" in words


def change_title(slide):
    slide.shapes.title.text_frame.paragraphs[0].runs[0].text = "All is well"


def change_table(slide):
    table = next(shape.table for shape in slide.shapes if shape.has_table)
    table.cell(1, 4).text_frame.paragraphs[0].runs[0].text = "Done"


def change_notes(slide):
    slide.notes_slide.notes_text_frame.text = "Nothing to see"


def add_a_box(slide):
    slide.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "Total: 71 %"


@pytest.mark.parametrize("change", [change_title, change_table, change_notes, add_a_box])
def test_a_title_a_cell_of_a_table_the_notes_and_a_box_too_many_on_a_slide_are_found(submission, verify, change):
    deck = Presentation(BytesIO(submission.files["slides.pptx"]))
    change(deck.slides[4])
    right, words = verify(saved(deck), "slides.pptx")
    assert not right and "Differs: slide 5" in words


def altered(submission, change):
    """The same result but for one thing, with the very SHA-256 of the true one: what a careful forger would make."""
    data = deepcopy(submission.data)
    change(data)
    return SimpleNamespace(data=data, sha256=submission.sha256, reference=submission.reference, version=submission.version)


def raise_a_level(data):
    data["questions"][0]["level"] = 5


def add_a_rater(data):
    data["questions"][0]["spread"][4] += 1


def drop_a_dissent(data):
    next(question for question in data["questions"] if question["number"] == "1.2")["dissent"] = ""


def move_a_day(data):
    data["actions"][0]["due_on"] = "2031-01-01"


def rewrite_the_past(data):
    data["history"][0]["levels"]["1.1"] = 1


@pytest.mark.parametrize("change", [raise_a_level, add_a_rater, drop_a_dissent, move_a_day, rewrite_the_past])
def test_a_workbook_made_of_other_figures_is_found_out_whatever_its_properties_say(submission, verify, change):
    right, words = verify(PARTS["workbook.xlsx"].of(altered(submission, change)), "workbook.xlsx")
    assert not right and "Differs: " in words and "properties" not in words


def test_a_report_made_of_other_figures_is_found_out_place_by_place_as_a_reader_finds_them(submission):
    def all_of_them(data):
        for change in (raise_a_level, add_a_rater, drop_a_dissent, move_a_day, rewrite_the_past):
            change(data)

    _, differences, names = differences_of(PARTS["report.pdf"].of(altered(submission, all_of_them)), "report.pdf", submission)
    told = "\n".join(differences)
    assert not names and "properties" not in told
    for place in (
        "Agreed levels”, table 2, row 2, column 3 (Agreed level): the file says “5 Improving and sustaining”",
        "/ 1.1 Board sets purpose / What the raters had said”, table 1, row 2, column 6 (5 Improving and sustaining)",
        "Every question / 1. Building a shared purpose and vision / 1.2 Work follows priorities / Who sees it otherwise”, paragraph 1: the file says nothing",
        "Actions”, table 1, row 2, column 4 (Due): the file says “1 January 2031”",
        "Since last round”, table 1, row 2, column 2 (Autumn 2025): the file says “Starting”",
    ):
        assert place in told, place


@pytest.mark.parametrize("name", ["board.pdf", "slides.pptx"])
def test_a_short_part_made_of_other_figures_is_found_out_too(submission, verify, name):
    right, words = verify(PARTS[name].of(altered(submission, raise_a_level)), name)
    assert not right and "5" in words


def test_a_note_laid_over_a_pdf_is_found(submission, verify):
    writer = PdfWriter(clone_from=PdfReader(BytesIO(submission.files["board.pdf"])))
    writer.add_annotation(0, FreeText(text="Spreading", rect=(200, 600, 300, 620)))
    right, words = verify(saved(writer), "board.pdf")
    assert not right and "Spreading" in words


def test_something_drawn_over_a_pdf_is_found(submission, verify):
    writer = PdfWriter(clone_from=PdfReader(BytesIO(submission.files["board.pdf"])))
    page = writer.pages[0]
    stamp = PdfReader(BytesIO(PARTS["board.pdf"].of(altered(submission, raise_a_level)))).pages[0]
    page.merge_page(stamp)
    assert not verify(saved(writer), "board.pdf")[0]


def test_properties_that_name_another_result_are_found(submission, verify):
    book = load_workbook(BytesIO(submission.files["workbook.xlsx"]))
    book.properties.keywords = f"sha256:{'0' * 64}"
    right, words = verify(saved(book), "workbook.xlsx")
    assert not right and "properties name another result" in words


def test_a_member_s_new_name_is_said_and_is_no_difference(submission, verify):
    lead = submission.submitted_by
    lead.name = "Lee Married"
    lead.save()
    for name in ("board.pdf", "slides.pptx", "workbook.xlsx"):
        right, words = verify(submission.files[name], name)
        assert right, words
        assert "Only the name of a member" in words and "Lee Lead" in words


def test_another_version_is_another_result(submission, verify, tmp_path):
    with transaction.atomic():
        assessment = submission.assessment
        assessment.refresh_from_db()
        assessment.submissions.reopen(by=submission.submitted_by, reason="A figure was wrong")
        answer = assessment.answers.first()
        typed = {name: getattr(answer, name) for name in ("does_not_apply", "reason", "evidence", "would_change", "dissent")}
        answer.agree(by=submission.submitted_by, version=answer.version, level=5, **typed)
        from tests.rounds import submit

        submit(assessment, submission.submitted_by)
        assert not verify(submission.files["workbook.xlsx"], "workbook.xlsx")[0]
        assert verify(submission.files["workbook.xlsx"], "workbook.xlsx", result_version=1)[0]
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "content, name",
    [
        (b"", "board.pdf"),
        (b"%PDF-1.7 no", "board.pdf"),
        (b"PK\x03\x04 no", "slides.pptx"),
        (b"no", "workbook.xlsx"),
        (b"words", "notes.txt"),
        (b"words", "nothing"),
    ],
)
def test_what_is_no_file_of_a_pack_is_told_so_in_a_sentence(verify, content, name):
    right, words = verify(content, name)
    assert not right and ("cannot be read as" in words or "files end in" in words)


def test_a_workbook_of_something_else_is_no_file_of_this_result(verify):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert not verify(file.getvalue(), "workbook.xlsx")[0]


def test_a_reference_that_does_not_exist_and_a_file_that_is_not_there_are_told(submission, tmp_path):
    with pytest.raises(CommandError, match="No result was submitted as NO1-2026-1"):
        call_command("verify_pack", str(tmp_path / "board.pdf"), "NO1-2026-1")
    with pytest.raises(CommandError, match="version 9"):
        call_command("verify_pack", str(tmp_path / "board.pdf"), submission.reference, result_version=9)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_pack", str(tmp_path / "board.pdf"), submission.reference)

"""The pack for the board: who may have it, and that each file says all of what was submitted, whole, inert and nothing else."""

import functools
import logging
import re
from copy import deepcopy
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

from assessments.pack import pdf, pdf_text
from assessments.pack.parts import PARTS, result_of
from assessments.pack.words import fit_text
from assessments.pack_tasks import check_pack
from tests.background import do_what_waits
from tests.packs import hostile, make_submission
from tests.people import make_person
from tests.rounds import make_lead

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # drawn from a snapshot, whatever database kept it
read = functools.cache(pdf_text.read)


def kept_for_this_module(**options):
    """A submitted round made once, and gone when the module's tests are done."""

    @pytest.fixture(scope="module")
    def submission(django_db_setup, django_db_blocker):
        with django_db_blocker.unblock(), transaction.atomic():
            _, made = make_submission(**options)
            made.files = {name: part.of(made) for name, part in PARTS.items()}
            yield made
            transaction.set_rollback(True)

    return submission


usual = kept_for_this_module()
attacked = kept_for_this_module(words=hostile, title='=cmd() & "Ann" שלום \x1b', organisation='Trust "A" & <i>B</i> קול', code="CD1", email="other@example.org")


@pytest.fixture
def viewer(usual):
    """Somebody who may only read."""
    viewer = make_person("viewer@example.org", name="Vi Viewer")
    usual.assessment.organisation.memberships.create(user=viewer, role="viewer")
    client = Client()
    client.force_login(viewer)
    return client


def address(submission, name, version=None):
    return reverse(f"assessments:{name}", args=[submission.assessment.organisation.code, submission.assessment.number, version or submission.version])


ROUTES = {"pack_board_pdf": "board.pdf", "pack_report": "report.pdf", "pack_slides": "slides.pptx", "pack_workbook": "workbook.xlsx"}


def squeezed(text):
    """A text without what tells nothing: blanks, and marks of direction."""
    return re.sub("[\\s\u200e\u202a-\u202e\u2066-\u2069]", "", text)


def words_of(content):
    return squeezed("".join(read(content).values()))


# Who may have it, and how it comes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROUTES)
def test_a_viewer_has_each_file_whole_by_a_plain_name_and_nobody_keeps_a_copy_on_the_way(viewer, usual, name):
    response = viewer.get(address(usual, name))
    part = PARTS[ROUTES[name]]
    assert response.status_code == 200
    assert response["Content-Type"] == part.content_type
    assert response["Content-Disposition"] == f'attachment; filename="{usual.reference}-v1-{part.name}"'
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content.startswith(b"%PDF" if part.kind == "PDF" else b"PK")


@pytest.mark.parametrize("name", ["pack", "pack_board", *ROUTES])
def test_a_stranger_a_result_not_submitted_and_a_version_that_is_not_are_all_nothing(viewer, usual, name):
    stranger = Client()
    stranger.force_login(make_lead("XY1", "Other", "stranger@example.org"))
    assert stranger.get(address(usual, name)).status_code == 404
    assert viewer.get(address(usual, name, 2)).status_code == 404
    assert viewer.get(address(usual, name, 10**40)).status_code == 404


def test_the_page_lists_each_file_with_its_type_and_its_size(viewer, usual, text_of):
    words = text_of(viewer.get(address(usual, "pack")))
    for part in PARTS.values():
        assert f"{part.title} ({part.kind}, {part.most})" in words


@pytest.mark.parametrize("name", PARTS)
def test_no_file_is_larger_than_its_page_says(usual, attacked, name):
    number, unit = PARTS[name].most.removeprefix("under ").split()
    for submission in (usual, attacked):
        assert len(submission.files[name]) < int(number) * {"kB": 1_000, "MB": 1_000_000}[unit]


@pytest.mark.parametrize("name", ["pack", "pack_board", *ROUTES])
def test_each_asks_the_database_the_same_few_times_however_much_there_is(viewer, usual, name):
    with CaptureQueriesContext(connection) as few:
        viewer.get(address(usual, name))
    assert len(few) <= 7


def test_a_part_that_cannot_be_made_says_so_with_a_number_that_the_log_has_and_leaves_the_rest(viewer, usual, text_of, caplog, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "TEMPLATES", tmp_path)  # as if the templates had been lost
    with caplog.at_level(logging.ERROR):
        response = viewer.get(address(usual, "pack_report"))
    assert response.status_code == 503
    words = text_of(response)
    assert "The full report could not be made" in words and "our fault" in words
    incident = re.search("give this number: ([0-9a-f]{8})", words)[1]
    assert f"incident {incident}: " in caplog.text and usual.reference in caplog.text
    assert "two sites do not yet" not in caplog.text  # nothing that people wrote
    assert viewer.get(address(usual, "pack_slides")).status_code == 200
    assert viewer.get(address(usual, "pack_board")).status_code == 200


def test_every_file_is_tried_in_the_background_as_soon_as_a_result_is_submitted_and_the_page_says_how_it_went(
    viewer, usual, text_of, monkeypatch, tmp_path, caplog
):
    assert "made every file once" not in text_of(viewer.get(address(usual, "pack")))
    check_pack.enqueue(usual.pk)
    check_pack.enqueue(usual.pk)
    do_what_waits()
    assert usual.pack_checks.get().places > 200
    assert re.search(r"We made every file once, on .* and read it back: [\d,]+ places say what was submitted", text_of(viewer.get(address(usual, "pack"))))

    usual.pack_checks.all().delete()
    monkeypatch.setattr(pdf, "TEMPLATES", tmp_path)
    check_pack.enqueue(usual.pk)
    do_what_waits()
    words = text_of(viewer.get(address(usual, "pack")))
    assert "The board page could not be made" in words and "The full report could not be made" in words and "Slides could" not in words
    assert "two sites do not yet" not in caplog.text


# The whole of what was submitted --------------------------------------------------------------------------------------


def all_that_was_written(submission):
    """Everything that people wrote in a result, fit for a file."""
    for question in submission.data["questions"]:
        yield from (text for field in ("reason", "would_change", "dissent") if (text := fit_text(question[field])))
        yield from (line.strip() for line in fit_text(question["evidence"]).split("\n") if line.strip())
    for action in submission.data["actions"]:
        yield from filter(None, (fit_text(action["title"]), fit_text(action["owner"]), fit_text(action["stopped_reason"])))


def test_the_report_holds_every_answer_reason_evidence_dissent_and_action(usual):
    words = words_of(usual.files["report.pdf"])
    for text in all_that_was_written(usual):
        assert squeezed(text) in words, text
    said = read(usual.files["report.pdf"])
    result = result_of(usual)
    rows = {row[0]: row for row in tables_of(said, "Agreed levels")}
    for question in result.questions:
        assert question.agreed in rows[f"{question.number} {question.title}"][2]
    spreads = spreads_in_report(said)
    assert spreads == {(q.number, who): row for q in result.questions for who, row in shown(q)}


def shown(question):
    """What the snapshot shows of a question's ratings: (who, the eight counts)."""
    return [("All", tuple(question.row["spread"])), *((name, tuple(row)) for name, row in question.row["groups"])] if question.row["spread"] else []


def tables_of(said, heading):
    """The rows of every table under a heading of a PDF."""
    rows = {}
    for where, text in said.items():
        found = re.search(f"{heading}.*”, table (\\d+), row (\\d+), column", where)
        if found:
            rows.setdefault((int(found[1]), int(found[2])), []).append(text)
    return list(rows.values())


def spreads_in_report(said):
    found = {}
    for where, text in said.items():
        place = re.search("/ (\\d[.]\\d+) [^/]*/ What the raters had said”, table 1, row (\\d+), column", where)
        if place and place[2] != "1":
            found.setdefault((place[1], place[2]), []).append(text)
    return {(number, row[0]): tuple(map(int, row[1:9])) for (number, _), row in found.items()}


def test_the_workbook_holds_one_row_an_answer_with_all_that_was_written(usual):
    sheet = rows_of(usual, "Answers")
    assert [row["Question"] for row in sheet] == [q["number"] for q in usual.data["questions"]]
    for row, question in zip(sheet, usual.data["questions"], strict=True):
        assert (row["Level"] or None) == question["level"]
        assert (row["Why"], row["Evidence"], row["What would change our mind"], row["Who sees it otherwise"] or "") == tuple(
            question[field] for field in ("reason", "evidence", "would_change", "dissent")
        )
    actions = rows_of(usual, "Actions")
    assert [row["Action"] for row in actions] == [action["title"] for action in usual.data["actions"]]
    assert [row["Who"] for row in actions][:2] == ["Lee Lead", "Sam O'Neill & co"]
    history = rows_of(usual, "History")
    assert {row["Question"]: row["Level"] for row in history} == usual.data["history"][0]["levels"]
    assert [row["Question"] for row in rows_of(usual, "Priorities")] == ["1.2", "3.1", "4.2"]


def rows_of(submission, sheet):
    rows = load_workbook(BytesIO(submission.files["workbook.xlsx"]))[sheet].iter_rows(values_only=True)
    head = next(rows)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_workbook_shows_each_spread_with_its_lowest_median_and_highest(usual):
    rows = rows_of(usual, "Spread")
    result = result_of(usual)
    found = {(row["Question"], row["Who"]): tuple(list(row.values())[2:10]) for row in rows if not str(row["Who"]).startswith("Not shown")}
    assert found == {(q.number, who): row for q in result.questions for who, row in shown(q)}
    first = next(row for row in rows if row["Who"] == "All")
    spread = result.numbered(first["Question"]).spread
    assert (first["Lowest"], first["Highest"]) == (result.names[spread.lowest - 1], result.names[spread.highest - 1])


def test_an_anonymous_round_s_comments_are_in_the_workbook_without_names_and_in_an_order_that_tells_nothing(usual, open_round):
    book = load_workbook(BytesIO(usual.files["workbook.xlsx"]))
    rows = [(number, text) for number, _, text in list(book["Comments"].iter_rows(values_only=True))[1:]]
    assert rows == [(question["number"], text) for question in usual.data["questions"] for text in question["comments"]]
    first = [text for number, text in rows if number == "1.1"]
    assert len(first) == 7 and first == sorted(first) and all(text.startswith("=comment of") for text in first)
    assert not any(cell.data_type == "f" for row in book["Comments"].iter_rows() for cell in row)
    cells = [str(cell.value) for row in load_workbook(BytesIO(open_round.files["workbook.xlsx"]))["Comments"].iter_rows() for cell in row]
    assert not any("comment of" in cell or "More, " in cell for cell in cells)


def test_the_workbook_says_what_it_is_and_prints_with_its_heads(usual):
    book = load_workbook(BytesIO(usual.files["workbook.xlsx"]))
    about = {row[0]: str(row[1]) for row in book["About"].iter_rows(values_only=True)}
    assert about["Reference"] == usual.reference and about["SHA-256 of the submitted result"] == usual.sha256
    assert "without names" in about["Comments"] and "not NHS England’s wording" in about["Whose questions"]
    assert book.properties.title == "Our Trust: how we improve" and book.properties.language == "en-GB"
    for sheet in book.worksheets:
        assert usual.reference in sheet.oddFooter.left.text
        if sheet.title != "About":
            assert (sheet.freeze_panes, sheet.print_title_rows) == ("B2", "$1:$1")


def test_there_are_six_slides_with_titles_native_charts_described_and_notes_that_say_what_they_rest_on(usual):
    slides = Presentation(BytesIO(usual.files["slides.pptx"])).slides
    assert [slide.shapes.title.text for slide in slides] == [
        "Our Trust: how we improve",
        "What we agreed",
        "Where we disagreed",
        "What matters most, and its next level",
        "What we do about it",
        "Since last round",
    ]
    for slide in slides:
        assert re.search(r"\[(\d\.\d|count|AB1)", slide.notes_slide.notes_text_frame.text)
        assert any(usual.reference in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        for shape in slide.shapes:
            assert shape.shape_type != 13, "a picture"
            if shape.has_chart or shape.has_table:
                assert len(shape._element.xpath(".//p:cNvPr")[0].get("descr")) > 20
    chart = next(shape.chart for shape in slides[1].shapes if shape.has_chart)
    result = result_of(usual)
    for level, series in enumerate(chart.plots[0].series):
        assert list(series.values) == [c.spread.counts[level] for c in reversed(result.components)]


@pytest.mark.parametrize("name", ["board.pdf", "report.pdf"])
def test_a_pdf_is_tagged_for_pdf_ua_with_title_language_headings_heads_of_tables_and_words_for_figures(usual, attacked, name):
    for submission in (usual, attacked):
        reader = PdfReader(BytesIO(submission.files[name]))
        root = reader.trailer["/Root"]
        assert root["/Lang"] == "en-GB" and root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert (
            reader.metadata.title.startswith(fit_text(submission.data["organisation"]["name"]).replace("\u200e", "")[:5]) or "\u200e" in reader.metadata.title
        )
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
        assert submission.sha256 in reader.metadata["/Keywords"]
        assert reader.outline
        tags = list(tags_of(root["/StructTreeRoot"]))
        names = [tag for tag, _ in tags]
        assert {"H1", "H2", "P", "Table", "TH", "TD"} <= set(names) and names.count("H1") == 1
        assert all(node.get("/Alt") for tag, node in tags if tag == "Figure")
        assert "Figure" in names or name == "board.pdf"
        fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
        assert all("/ToUnicode" in font and has_file(font) for font in fonts)


def tags_of(node):
    node = node.get_object()
    if "/S" in node:
        yield str(node["/S"])[1:], node
    inside = node.get("/K", [])
    for child in inside if isinstance(inside, list) else [inside]:
        child = child.get_object()
        if hasattr(child, "keys") and ("/S" in child or "/K" in child):
            yield from tags_of(child)


def has_file(font):
    descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
    return "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_the_board_page_is_one_page_and_each_page_of_the_report_names_the_result(usual, attacked):
    for submission in (usual, attacked):
        assert len(PdfReader(BytesIO(submission.files["board.pdf"])).pages) == 1
        for name in ("board.pdf", "report.pdf"):
            said = read(submission.files[name])
            feet = [text for where, text in said.items() if where.endswith("in the margins")]
            pages = len(PdfReader(BytesIO(submission.files[name])).pages)
            assert len(feet) == pages
            for foot in feet:
                assert submission.reference in foot and "version 1" in foot and "working edition" in foot and "not NHS England’s wording" in foot
            assert not any("outside" in where for where in said)


def test_page_pdf_and_slides_say_the_same_sentences(viewer, usual, text_of):
    from assessments.pack import sentences

    result = result_of(usual)
    page = squeezed(text_of(viewer.get(address(usual, "pack_board"))))
    board, report = words_of(usual.files["board.pdf"]), words_of(usual.files["report.pdf"])
    notes = squeezed("".join(slide.notes_slide.notes_text_frame.text for slide in Presentation(BytesIO(usual.files["slides.pptx"])).slides))
    disputed = [sentences.disagreement(result, question) for question in sentences.disputed(result, 3)]
    for sentence in [sentences.raters(result), *sentences.profile(result), *disputed, sentences.actions(result), *sentences.change(result)]:
        for words in (page, board, report, notes):
            assert squeezed(str(sentence)) in words, sentence


# What breaks files ----------------------------------------------------------------------------------------------------


def test_whatever_people_write_comes_out_whole_in_the_workbook_and_computes_nothing(attacked):
    book = load_workbook(BytesIO(attacked.files["workbook.xlsx"]))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    values = {unescaped(cell.value) for cell in cells if isinstance(cell.value, str)}
    for text in all_that_was_written_whole(attacked):
        assert text in values, text
    longest = next(q for q in attacked.data["questions"] if q["number"] == "2.1")
    assert len(longest["reason"]) == 5000 and fit_text(longest["reason"]) in values


def all_that_was_written_whole(submission):
    for question in submission.data["questions"]:
        yield from (fit_text(question[field]) for field in ("reason", "evidence", "would_change", "dissent") if question[field])
    yield from (fit_text(action["title"]) for action in submission.data["actions"])


def unescaped(text):
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def test_whatever_people_write_comes_out_whole_in_the_report(attacked):
    words = words_of(attacked.files["report.pdf"])
    for text in all_that_was_written(attacked):
        for piece in re.split("[\u0590-\u06ff\u202e]+", text):  # what runs from right to left is drawn in its own order
            assert squeezed(piece) in words or "\u202e" in text, piece
    in_viewer = squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(attacked.files["report.pdf"])).pages))
    assert "שלום" in in_viewer or "םולש" in in_viewer
    assert "日" in words and "\U0001f600" in words and "বাংলা" in words  # no typeface here has them: they are boxes to the eye, and text all the same
    assert "Whereaboxstandsinplaceofaletter" in words


def test_a_report_whose_letters_can_all_be_drawn_says_nothing_of_boxes(usual):
    assert "Whereabox" not in words_of(usual.files["report.pdf"])


def test_whatever_people_write_comes_out_whole_on_the_slides_or_says_where_the_whole_is(attacked):
    slides = Presentation(BytesIO(attacked.files["slides.pptx"])).slides
    notes = "\n".join(slide.notes_slide.notes_text_frame.text for slide in slides)
    for action in attacked.data["actions"]:
        assert fit_text(action["title"]) in notes
    assert 'Trust "A" & <i>B</i> קול' in slides[0].shapes.title.text


def test_whatever_people_write_is_text_on_the_board_page(attacked):
    client = Client()
    client.force_login(attacked.submitted_by)
    html = client.get(address(attacked, "pack_board")).content.decode()
    assert "<i>B</i>" not in html and "&lt;i&gt;B&lt;/i&gt;" in html
    assert not any(character in html for character in "\x01\x1b\x7f")
    assert "=cmd()" in html


# Anonymity ------------------------------------------------------------------------------------------------------------


small = kept_for_this_module(crowd={"Board and executive": 2, "Leaders and managers": 6, "Staff": 8}, before=False, code="EF1", email="small@example.org")
open_round = kept_for_this_module(anonymous=False, before=False, code="GH1", email="open@example.org")


def spreads_in_files(submission):
    """Every spread that any file shows, by reading it: {(question, who): the counts of levels, and of none}."""
    found = spreads_in_report(read(submission.files["report.pdf"]))
    for row in rows_of(submission, "Spread"):
        if not str(row["Who"]).startswith("Not shown"):
            found[row["Question"], row["Who"]] = tuple(list(row.values())[2:10])
    slide = Presentation(BytesIO(submission.files["slides.pptx"])).slides[2]
    for chart in (shape.chart for shape in slide.shapes if shape.has_chart):
        for place, category in enumerate(chart.plots[0].categories):
            number, counts = category.split()[0], tuple(series.values[place] for series in chart.plots[0].series)
            assert found[number, "All"][:5] == counts
    return found


@pytest.mark.parametrize("which", ["usual", "small"])
def test_whoever_adds_up_and_subtracts_all_that_the_files_show_never_learns_what_one_rater_said(which, request):
    from assessments.anonymity import FEWEST
    from assessments.levels import Spread
    from tests.test_anonymity import what_can_be_worked_out

    submission = request.getfixturevalue(which)
    found = spreads_in_files(submission)
    blocks = dict(submission.data["round"]["rated"]["groups"])
    merged = {name: [None] * size for name, size in blocks.items()}
    for number in {number for number, _ in found}:
        figures = [({who} if who != "All" else set(blocks), Spread.from_row(row)) for (asked, who), row in found.items() if asked == number]
        for groups, row in what_can_be_worked_out(merged, figures).items():
            levels = row[:5]
            assert sum(row) == sum(len(merged[name]) for name in groups)
            assert sum(levels) == 0 or sum(levels) >= FEWEST, f"{number}: the levels of {sum(levels)} raters of {sorted(groups)} stand alone"


@pytest.mark.parametrize("which", ["usual", "small"])
def test_no_file_shows_a_group_or_a_number_that_the_snapshot_does_not_hold(which, request):
    from assessments.pack import sentences

    submission = request.getfixturevalue(which)
    result = result_of(submission)
    assert spreads_in_files(submission) == {(q.number, who): row for q in result.questions for who, row in shown(q)}
    allowed = {(name, median, str(count)) for q in result.questions for name, median, count in sentences.groups(result, q)}
    words = "\n".join(read(submission.files["board.pdf"]).values())
    medians = re.findall(r"(?:^|[\];] )([^;\]\n]+?): ((?:between )?[A-Z][a-z]+(?: and [A-Za-z ]+?)?) \((\d+)\)", words)
    assert medians and set(medians) <= allowed


def test_an_open_round_s_files_show_no_group_and_name_no_rater(open_round):
    assert {who for _, who in spreads_in_files(open_round)} == {"All"}
    for name in PARTS:
        words = words_of(open_round.files[name]) if name.endswith(".pdf") else office_words(open_round.files[name])
        assert "Rater1" not in words and "rater-1@" not in words
        assert "Leadersandmanagers" not in words


def office_words(content):
    import zipfile

    with zipfile.ZipFile(BytesIO(content)) as archive:
        return squeezed("".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist()))


# Over rounds ----------------------------------------------------------------------------------------------------------


def test_after_other_questions_every_part_says_that_nothing_is_compared_and_calls_old_levels_by_number(usual):
    data = deepcopy(usual.data)
    data["history"][0] |= {"framework": "another", "edition": "an older edition"}
    other = SimpleNamespace(data=data, sha256=usual.sha256, reference=usual.reference, version=usual.version)
    told = "The last round, Autumn 2025, asked other questions (an older edition). Its levels mean something else, so they are not compared with these."
    for name in ("board.pdf", "report.pdf"):
        words = words_of(PARTS[name].of(other))
        assert squeezed(told) in words and "standhigher" not in words
    slide = Presentation(BytesIO(PARTS["slides.pptx"].of(other))).slides[5]
    table = next(shape.table for shape in slide.shapes if shape.has_table)
    assert table.cell(0, 1).text == "Autumn 2025 (other questions)"
    assert re.fullmatch(r"Levels? \d( and \d)?", table.cell(1, 1).text)
    sheet = load_workbook(BytesIO(PARTS["workbook.xlsx"].of(other)))["History"]
    assert [cell.value for cell in sheet["F"]][1] == "No" and "Named by its own edition" in [cell.value for cell in sheet["J"]]

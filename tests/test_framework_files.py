"""A framework's files: what goes out comes back unchanged in both formats, and every fault is named with its place."""

import string
from dataclasses import asdict, replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from assessments.framework_file import as_file, is_never_seen, read
from assessments.framework_text import FrameworkFileError, FrameworkText, QuestionText

pytestmark = pytest.mark.one_database
COMPONENTS = {"purpose": 1, "people": 2, "leaders": 3, "skills": 4, "systems": 5}
BOTH = pytest.mark.parametrize("suffix", [".yaml", ".xlsx"])
ODD = [
    "=1+1",
    "+44 20",
    "-5",
    "@home",
    "#N/A",
    "1.10",
    "1e3",
    "null",
    "~",
    "yes",
    "- a",
    "a: b # c",
    "'",
    '"',
    "_x0041_",
    "%",
    "{a}",
    "*a",
    "&a",
    "!a",
    "|",
    "é🙂",
]


def question(number="1.1", **others):
    slug = next(slug for slug, component in COMPONENTS.items() if str(component) == number[0])
    words = {"title": "A title", "asks": "Does it?", "examples": ("One.", "Two."), "levels": ("a", "b", "c", "d", "e")}
    return QuestionText(**{"number": number, "component": slug, **words, **others})


def framework(*questions, **others):
    words = {"slug": "ours", "title": "Ours", "edition": "first", "source": "Us.", "note": "", "level_names": ("One", "Two", "Three", "Four", "Five")}
    return FrameworkText(**{**words, "questions": questions or (question(),), **others})


def back(content, suffix, **options):
    return read(content, f"file{suffix}", components=COMPONENTS, **options)


def faults(content, suffix=".yaml", **options):
    with pytest.raises(FrameworkFileError) as raised:
        back(content, suffix, **options)
    return [str(fault) for fault in raised.value.faults]


# There and back -------------------------------------------------------------------------------------------------------

seen = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")).filter(lambda character: not is_never_seen(character))


def line(most):
    text = st.one_of(st.sampled_from(ODD), st.text(seen, min_size=1, max_size=30), st.text(string.printable[:95], min_size=1, max_size=most))
    return text.map(lambda text: text.strip()[:most].strip()).filter(bool)


lines = st.lists(st.one_of(line(200), st.just("")), min_size=1, max_size=4).map(lambda parts: "\n".join(parts).strip())
numbers = st.sets(st.tuples(st.integers(1, 5), st.integers(1, 99)), min_size=1, max_size=6).map(sorted)


@st.composite
def frameworks(draw):
    """Any framework that there can be here."""
    five = st.lists(line(200), min_size=5, max_size=5).map(tuple)
    questions = tuple(
        question(f"{a}.{b}", title=draw(line(80)), asks=draw(line(300)), examples=tuple(draw(st.lists(line(300), max_size=3))), levels=draw(five))
        for a, b in draw(numbers)
    )
    names = draw(st.lists(line(40), min_size=5, max_size=5, unique_by=str.casefold).map(tuple))
    slug = draw(st.from_regex(r"[a-z0-9]{1,10}(-[a-z0-9]{1,10}){0,3}", fullmatch=True))
    return framework(*questions, slug=slug, title=draw(line(120)), edition=draw(line(60)), source=draw(lines.filter(bool)), note=draw(lines), level_names=names)


@BOTH
@settings(max_examples=60, deadline=None)
@given(text=frameworks())
def test_what_goes_out_comes_back_unchanged(suffix, text):
    assert back(as_file(text, suffix), suffix) == text
    assert FrameworkText.from_dict(asdict(text)) == text


@BOTH
@pytest.mark.parametrize("odd", ODD)
def test_text_that_looks_like_something_else_stays_text(suffix, odd):
    text = framework(question(title=odd, asks=odd, examples=(odd, odd), levels=(odd,) * 5), title=odd, source=odd, note=odd)
    assert back(as_file(text, suffix), suffix) == text


def test_nothing_in_a_workbook_that_goes_out_is_ever_computed():
    risky = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://example.org")')
    content = as_file(framework(question(levels=risky, examples=risky), note="=1+1"), ".xlsx")
    cells = [cell for sheet in load_workbook(BytesIO(content)) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"} and {cell.quotePrefix for cell in cells} == {True} and {cell.number_format for cell in cells} == {"@"}
    assert "=1+1" in {cell.value for cell in cells}


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_even_a_draft_with_characters_no_file_can_hold_goes_out(text):
    for suffix in (".yaml", ".xlsx"):
        assert as_file(framework(question(title=text)), suffix)


# A hand-made file -----------------------------------------------------------------------------------------------------

YAML = as_file(framework(question("1.1"), question("1.10"), question("2.1")), ".yaml").decode()


def test_a_file_made_by_hand_is_taken_as_people_write_it():
    hand = ("\ufeff" + YAML.replace("'1.10'", "1.10").replace("note: ''", "note:").replace("examples:\n      - One.\n      - Two.", "examples: []", 1)).replace(
        "\n", "\r\n"
    )
    text = back(hand.encode(), ".YML")
    assert [q.number for q in text.questions] == ["1.1", "1.10", "2.1"] and text.note == "" and text.questions[0].examples == ()
    assert back(YAML.replace("note: ''\n", "").encode(), ".yaml").note == ""


def number_of(line):
    return YAML[: YAML.index(line)].count("\n") + 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("title: Ours", "titel: Ours"), "line {titel: Ours}: 'titel': There is no such key: use slug, title"),
        (("edition: first", "edition: first\nedition: second"), "line {edition: second}: 'edition': This key is here twice"),
        (("slug: ours", "slug: Our Own"), "slug: 'Our Own': Write the address in small letters"),
        (("number: '1.1'\n", "number: one\n"), "question one, number: 'one': Write the number as 2.3"),
        (("number: '1.10'", "number: '1.1'"), "question 1.1, number: '1.1': This number is here twice"),
        (("number: '2.1'", "number: '1.9'"), "question 1.9, number: '1.9': Put the questions in order: this one comes before 1.10"),
        (("component: people", "component: animals"), "question 2.1, component: 'animals': There is no such component: use one of purpose, people, leaders"),
        (("component: people", "component: leaders"), "question 2.1, component: 'leaders': This is component 3: a question in it cannot be 2.1"),
        (("      - e\n", ""), "question 1.1, levels: Give five levels, lowest first: there are 4"),
        (("      - e\n", "      - e\n      - f\n"), "question 1.1, levels: Give five levels, lowest first: there are 6"),
        (("      - e\n", "      -\n"), "question 1.1, levels: Enter the level in words: nothing is here"),
        (("  - Two", "  - one"), "level_names: Two levels have the same name"),
        (("asks: Does it?", "asks:"), "question 1.1, asks: Enter what it asks: nothing is here"),
        (("asks: Does it?", "asks: [a, b]"), "question 1.1, asks: Write text"),
        (("levels:\n", "levels: no\n    more:\n"), "question 1.1, levels: 'no': Write a list"),
        (("title: A title", f"title: {'x' * 81}"), "question 1.1, title: 'xxxxx"),
        (("title: A title", 'title: "a\\nb"'), "question 1.1, title: 'a\\nb': Write it in one line"),
        (("title: A title", 'title: "a\\x07b"'), "question 1.1, title: 'a\\x07b': It holds a character that cannot be seen"),
        (("title: A title", 'title: "a\\ud800b"'), "not well-formed YAML (found invalid Unicode"),
        (("slug: ours", "slug: &a ours"), "line {slug: &a ours}: Write the words themselves"),
        (("title: Ours", "title: *a"), "line {title: *a}: Write the words themselves"),
        (("title: Ours", "title: !!python/name:os.system Ours"), "Write the words themselves"),
        (("title: Ours", "title: a: b"), "line {title: a: b}: This is not well-formed YAML"),
        (("title: Ours", "title: a\x00b"), "It holds a character that YAML does not allow"),
        (("  - One\n", "  - One\n---\n"), "not well-formed YAML|more than one"),
    ],
)
def test_a_fault_in_yaml_is_named_with_its_line_and_what_to_do(change, says):
    changed = YAML.replace(*change, 1)
    assert changed != YAML
    if "{" in says:
        words = says[says.index("{") + 1 : says.index("}")]
        says = says.replace("{" + words + "}", str(changed[: changed.index(words)].count("\n") + 1))
    found = faults(changed.encode())
    assert any(part in fault for part in says.split("|") for fault in found), found


def test_all_faults_are_named_and_not_only_the_first():
    spoiled = YAML.replace("slug: ours", "slug: OURS").replace("component: people", "component: animals").replace("asks: Does it?", "asks:")
    found = faults(spoiled.encode())
    assert len(found) == 5, found
    assert all(fault.startswith("line ") for fault in found)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "It is empty"),
        (b"# nothing", "It is empty"),
        (b"- a\n- b", "Write keys and values"),
        (b"hello", "Write keys and values"),
        (b"a: b\n---\nc: d", "more than one framework"),
        (b"slug: \xff", "line 1: Save the file as UTF-8 text"),
        (b"[" * 100_000, "exceeded maximum nesting depth"),
        (b"a: {" * 50_000, "more here than any framework holds"),
        (b"questions:\n" + b"- {}\n" * 30_000, "more here than any framework holds"),
        (b"questions:\n- \n- 1\n- []", "Add slug"),
        (b"? [a]\n: b", "There is no such key"),
        (b"a" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_framework_says_so(content, says):
    assert any(says in fault for fault in faults(content)), faults(content)


def test_aliases_that_would_multiply_are_refused_before_they_do():
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert faults(laughs.encode()) == ["line 1: Write the words themselves: anchors (&), references (*) and tags (!) are not taken"]


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet="slug:title-[]{}&*!|>'\"#\n \t?%@", max_size=80).map(str.encode)))
def test_no_bytes_bring_the_reader_down(content):
    for suffix in (".yaml", ".xlsx"):
        assert faults(content, suffix)


def test_another_kind_of_file_is_refused():
    assert faults(b"", ".ods") == ["the file: Choose a file whose name ends in .yaml, .yml or .xlsx"]
    assert faults(b"", "") == ["the file: Choose a file whose name ends in .yaml, .yml or .xlsx"]


@BOTH
def test_the_address_of_a_published_framework_is_taken(suffix):
    assert "new wording is a new framework, so give it another address" in faults(as_file(framework(), suffix), suffix, published={"ours"})[0]


# A workbook by hand ---------------------------------------------------------------------------------------------------


def spoiled(change):
    """Our own export, opened, changed and saved as somebody would in Excel."""
    book = load_workbook(BytesIO(as_file(framework(question("1.1"), question("2.1")), ".xlsx")))
    change(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def put(sheet, cell, value):
    def change(book):
        book[sheet][cell].value = value

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("Questions", "A3", "two"), "sheet Questions, row 3, column A (Number): 'two': Write the number as 2.3"),
        (put("Questions", "B3", "animals"), "sheet Questions, row 3, column B (Component): 'animals': There is no such component"),
        (put("Questions", "H2", None), "sheet Questions, row 2, column H (Level 3): Enter the level in words: nothing is here"),
        (put("Questions", "D2", "=A1"), "sheet Questions, row 2, column D (What it asks): '=A1': This cell holds a formula: put its text in its place"),
        (put("Questions", "C2", "x" * 81), "row 2, column C (Title): 'xxx"),
        (put("Questions", "A1", "Nummer"), "sheet Questions, row 1, column A: 'Nummer': Use one of Number, Component"),
        (put("Questions", "A1", "Title"), "sheet Questions, row 1, column C: 'Title': This heading is here twice"),
        (put("Questions", "L1", "Remarks"), "sheet Questions, row 1, column L: 'Remarks': Use one of"),
        (put("Framework", "A2", "Titel"), "sheet Framework, row 2, column A: 'Titel': Use one of Address, Title"),
        (put("Framework", "A2", None), "sheet Framework, row 2, column A: Use one of"),
        (put("Framework", "B3", None), "sheet Framework, row 3, column B (Edition): Enter the edition: nothing is here"),
        (put("Framework", "A3", "Title"), "This name is here twice"),
        (lambda book: book.remove(book["Questions"]), "the file: Add a sheet named Questions"),
        (lambda book: book["Questions"].delete_rows(2, 9), "sheet Questions: Add questions"),
        (lambda book: book["Questions"].delete_rows(1, 9), "sheet Questions, row 1: Add a column headed Number"),
        (lambda book: book["Framework"].delete_rows(6), "sheet Framework: Add a row with Level 1 in column A"),
        (put("Questions", "A2000", "far below"), "something in row 2000"),
    ],
)
def test_a_fault_in_a_workbook_is_named_with_sheet_row_and_column(change, says):
    found = faults(spoiled(change), ".xlsx")
    assert any(says in fault for fault in found), found


def test_a_date_that_excel_made_of_a_number_is_said():
    from datetime import date

    assert "Excel has made this a date or a time: format the cell as text" in faults(spoiled(put("Questions", "A2", date(2026, 1, 1))), ".xlsx")[0]


def test_a_workbook_typed_from_nothing_is_taken():
    book = Workbook()
    book.active.title = "FRAMEWORK"
    for row in [("address", "ours"), ("Title", "Ours"), (), ("Edition", "first"), ("Source", "Us."), *((f"level {n}", f"L{n}") for n in range(1, 6))]:
        book.active.append(row)
    sheet = book.create_sheet("questions")
    sheet.append(["Title", "number", "Component", "What it asks", "Level 5", "Level 4", "Level 3", "Level 2", "Level 1"])
    sheet.append([])
    sheet.append(["A title", 1.1, "purpose", "Does it?", "e", "d", "c", 2, "a_x000D_"])
    file = BytesIO()
    book.save(file)
    text = back(file.getvalue(), ".xlsx")
    assert text.questions == (question(examples=(), levels=("a", "2", "c", "d", "e")),) and text.level_names == ("L1", "L2", "L3", "L4", "L5")


def test_too_many_questions_are_refused():
    many = framework(*(question(f"{n // 60 + 1}.{n % 60 + 1}") for n in range(100)))
    assert "There are 100 questions: keep 99 at most" in faults(as_file(many, ".xlsx"), ".xlsx")[0]
    assert back(as_file(replace(many, questions=many.questions[:99]), ".yaml"), ".yaml")

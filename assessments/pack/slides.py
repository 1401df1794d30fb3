"""The pack's slides: six, 16:9, with native tables and charts that can be edited. What is too long for a slide is cut, and stands whole in its notes."""

from datetime import datetime
from io import BytesIO

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from assessments import level_words
from assessments.pack import sentences, tables
from assessments.pack.board import stamp, title
from assessments.pack.words import cut

INK, QUIET, BLUE, PALE = (RGBColor.from_string(colour) for colour in ("212B32", "4C6272", "003D78", "E8F1FB"))
RAMP = [RGBColor.from_string(colour) for colour in ("E8F1FB", "B3D0EE", "73A9DD", "1F6FBF", "003D78")]
WHITE = RGBColor.from_string("FFFFFF")
ENGLISH = MSO_LANGUAGE_ID.ENGLISH_UK
LEFT, WIDTH, TOP = Inches(0.6), Inches(12.13), Inches(1.5)
BODY, SMALL = Pt(22), Pt(18)
DISPUTED, GROUPS, ROWS, ROUNDS = 3, 4, 6, 4  # how many of each can be read at the back of a room
NO_SPACE = Pt(0)
WHOLE = "whole in the report"
ACROSS = 95  # characters of BODY in a line
LONGEST = 255  # characters of a property
TITLE_ONLY = 5  # the layout of python-pptx's own template


def slides_pptx(result, sha256):
    """The slides as the bytes of a .pptx."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    _draw_edge(deck)
    for make in (_opening, _profile, _disagreement, _priorities, _actions, _change):
        make(deck, result)
    _properties(deck, result, sha256)
    file = BytesIO()
    deck.save(file)
    return file.getvalue()


def _properties(deck, result, sha256):
    about = deck.core_properties
    about.title, about.author, about.language = title(result)[:LONGEST], result.organisation["name"][:LONGEST], "en-GB"
    about.subject, about.keywords = stamp(result)[:LONGEST], f"{result.data['reference']}, version {result.data['version']}, sha256:{sha256}"
    about.last_modified_by = ""
    about.created = about.modified = datetime.fromisoformat(result.data["submitted_on"])


# A slide and what stands on it ----------------------------------------------------------------------------------------


def _draw_edge(deck):
    """A blue edge, on the layout, so that no slide has to describe it."""
    layout = deck.slide_layouts[TITLE_ONLY]
    for shape in list(layout.placeholders)[1:]:
        shape._element.getparent().remove(shape._element)
    drawn_on = deck.slides.add_slide(layout)
    edge = drawn_on.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, Inches(0.22), deck.slide_height)
    edge.fill.solid()
    edge.fill.fore_color.rgb = BLUE
    edge.line.fill.background()
    layout.shapes._spTree.append(edge._element)
    listed = deck.slides._sldIdLst[0]
    deck.part.drop_rel(listed.rId)
    deck.slides._sldIdLst.remove(listed)


def _slide(deck, result, heading, notes):
    """A slide with its title, its footer and its notes."""
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = LEFT, Inches(0.35), WIDTH, Inches(0.95)
    shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    _write(shape.text_frame, [heading], Pt(34), BLUE, bold=True)
    note = f" {cut(result.framework['note'], 150, WHOLE)}" if result.framework["note"] else ""
    _text(slide, "Which result this is", [stamp(result) + note], LEFT, Inches(7.0), WIDTH, Inches(0.4), Pt(11), QUIET)
    slide.notes_slide.notes_text_frame.text = "\n".join(map(str, notes))
    return slide


def _text(slide, name, lines, left, top, width, height, size=BODY, colour=INK, **style):
    """A box of text. Each line is a text, or pieces of (text, is it bold?)."""
    box = slide.shapes.add_textbox(left, top, width, height)
    box.name = name
    box.text_frame.word_wrap = True
    _write(box.text_frame, lines, size, colour, **style)
    return box


def _in_short(slide, said):
    """Sentences across the top. Returns how far down they reach."""
    lines = [cut(sentence.text, 130, WHOLE) for sentence in said]
    height = Inches(0.41) * sum(1 + len(line) // ACROSS for line in lines) + Inches(0.25)
    _text(slide, "In short", lines, LEFT, Inches(1.25), WIDTH, height, after=Pt(3))
    return Inches(1.25) + height


def _write(frame, lines, size, colour=INK, *, bold=False, after=NO_SPACE):
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.space_after, paragraph.alignment = after, PP_ALIGN.LEFT
        for text, is_bold in [(line, bold)] if isinstance(line, str) else line:
            run = paragraph.add_run()
            run.text = text
            run.font.size, run.font.bold, run.font.color.rgb, run.font.name = size, is_bold, colour, "Arial"
            run.font.language_id = ENGLISH


def _describe(shape, name, words):
    """The alternative text of a chart or table."""
    shape.name = name
    shape._element.xpath(".//p:cNvPr")[0].set("descr", words)


def _table(slide, name, words, table, widths, top, size=SMALL):
    """A native table with a row of headings."""
    head, rows = table
    shape = slide.shapes.add_table(len(rows) + 1, len(head), LEFT, top, WIDTH, Inches(0.5) * (len(rows) + 1))
    _describe(shape, name, words)
    for column, width in zip(shape.table.columns, widths, strict=True):
        column.width = int(WIDTH * width / sum(widths))
    for y, row in enumerate([head, *rows]):
        for x, value in enumerate(row):
            cell = shape.table.cell(y, x)
            cell.margin_top = cell.margin_bottom = Pt(3)
            cell.fill.solid()
            cell.fill.fore_color.rgb = BLUE if y == 0 else WHITE if y % 2 else PALE
            _write(cell.text_frame, [str(value)], size, WHITE if y == 0 else INK, bold=y == 0)


def _bars(slide, name, words, rows, names, left, top, width, height):
    """A native stacked bar chart: `rows` of (label, how many at each level)."""
    data = CategoryChartData(number_format="0;;")  # a nought shows nothing
    data.categories = [label for label, _ in reversed(rows)]  # PowerPoint draws the first at the bottom
    for level, level_name in enumerate(names):
        data.add_series(level_name, [counts[level] for _, counts in reversed(rows)])
    shape = slide.shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, left, top, width, height, data)
    _describe(shape, name, words)
    chart = shape.chart
    chart.has_title, chart.has_legend = False, True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(18), "Arial", INK
    chart.value_axis.visible, chart.value_axis.has_major_gridlines = False, False
    chart.category_axis.format.line.color.rgb = QUIET
    _ramp(chart.plots[0])


def _ramp(plot):
    """One hue from light to dark, each bar with its number."""
    plot.gap_width, plot.overlap = 45, 100
    for level, series in enumerate(plot.series):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = RAMP[level]
        series.format.line.color.rgb = BLUE
        labels = series.data_labels
        labels.show_value, labels.number_format, labels.number_format_is_linked = True, "0;;", False
        labels.font.size, labels.font.bold, labels.font.color.rgb = Pt(18), True, WHITE if level > 2 else INK


# The six --------------------------------------------------------------------------------------------------------------


def _opening(deck, result):
    rated = sentences.raters(result)
    slide = _slide(
        deck,
        result,
        cut(title(result), 80, WHOLE),
        [rated, f"Questions: {result.framework['title']}, {result.framework['edition']}. {result.framework['note']}"],
    )
    place = ", ".join(filter(None, (result.organisation["code"], result.organisation["icb"], result.organisation["region"])))
    lines = [
        [("Self-assessment, " + cut(result.round["name"], 100, WHOLE), True)],
        cut(place, 160, WHOLE),
        [("Reference ", False), (f"{result.data['reference']}, version {result.data['version']}", True)],
        cut(rated.text, 300, WHOLE),
        "Levels are words in rising order, not marks. They are not added up, and there is no total.",
    ]
    _text(slide, "About this result", lines, LEFT, Inches(1.9), WIDTH, Inches(4), Pt(24), after=Pt(14))


def _profile(deck, result):
    said = sentences.profile(result)
    notes = [*said, *(sentences.component(result, component) for component in result.components)]
    slide = _slide(deck, result, "What we agreed", notes)
    rows = [(f"{c.number} {c.name}: {c.median}", c.spread.counts) for c in result.components]
    words = "How many questions of each component were agreed to stand at each level. " + " ".join(
        f"{label}: {level_words.counts(c.spread, result.names) or 'no level'}." for (label, _), c in zip(rows, result.components, strict=True)
    )
    below = _in_short(slide, said)
    _bars(slide, "Agreed levels by component", words, rows, result.names, LEFT, below, WIDTH, Inches(6.95) - below)


def _disagreement(deck, result):
    disputed, rest = sentences.disputed(result, DISPUTED), sentences.not_disputed(result)
    notes = [*(f"{q.number} {q.title}: {sentences.disagreement(result, q)}" for q in disputed), *rest]
    notes += [f"{q.number}, who sees it otherwise: {q.dissent} [{q.number}]" for q in disputed if q.dissent]
    slide = _slide(deck, result, "Where we disagreed", notes)
    if not disputed:
        _text(slide, "In short", [cut(sentence.text, 300, WHOLE) for sentence in rest], LEFT, TOP, WIDTH, Inches(3))
        return
    rows = [(f"{q.number} {q.title}", q.spread.counts) for q in disputed]
    words = "How many people chose each level. " + " ".join(f"{q.number} {q.title}: {level_words.counts(q.spread, result.names)}." for q in disputed)
    _bars(slide, "What raters said to the most disputed questions", words, rows, result.names, LEFT, Inches(1.3), Inches(6.9), Inches(5.6))
    lines = []
    for question in disputed:
        groups = sentences.groups(result, question)[:GROUPS]
        seen = "; ".join(f"{cut(name, 28, WHOLE)} {median}" for name, median, _ in groups)
        lines.append([(f"{question.number} agreed: {question.agreed}. ", True), (seen, False)])
    _text(slide, "Who saw it how", lines, Inches(7.7), Inches(1.35), Inches(5.03), Inches(5.5), Pt(18), after=Pt(12))


def _priorities(deck, result):
    chosen = [question for question, _ in result.priorities]
    notes = [f"{q.number} {q.title}: {said}" for q in chosen for said in (sentences.now(q), sentences.following(q))]
    slide = _slide(deck, result, "What matters most, and its next level", notes)
    if not chosen:
        _text(slide, "In short", ["No questions were chosen as mattering most."], LEFT, TOP, WIDTH, Inches(1))
        return
    room = WIDTH / len(chosen)
    for place, question in enumerate(chosen):
        whole = f"{WHOLE}, {question.number}"
        lines = [
            [(f"{place + 1}. {question.title}", True)],
            [("Question ", False), (question.number, True)],
            [("Now: ", True), (cut(f"{question.agreed}. {question.level_text}".strip(), 130, whole), False)],
            [("Next: ", True), (cut(sentences.following(question).text.removeprefix("Next: "), 130, whole), False)],
        ]
        _text(slide, f"Priority {place + 1}", lines, int(LEFT + room * place), TOP, int(room - Inches(0.35)), Inches(5.2), after=Pt(10))


def _actions(deck, result):
    said = sentences.actions(result)
    rows = tables.actions(result)[1]
    notes = [said, *(f"{action}: {who}, {due}, {state}. {why} [{question}]" for action, question, who, due, state, why in rows)]
    slide = _slide(deck, result, "What we do about it", notes)
    more = f" {len(rows) - ROWS} more are in the report." if len(rows) > ROWS else ""
    _text(slide, "In short", [said.text + more], LEFT, Inches(1.25), WIDTH, Inches(0.6))
    if rows:
        shown = [(cut(action, 70, WHOLE), question, cut(who, 26, WHOLE), due, state) for action, question, who, due, state, _ in rows[:ROWS]]
        words = "Each action with the question it serves, who sees to it, when it is due and how it stands."
        _table(slide, "Actions", words, (tables.ACTIONS_HEAD[:5], shown), (4.1, 1.4, 2.4, 2.3, 1.4), Inches(2))


def _change(deck, result):
    said = sentences.change(result)
    slide = _slide(deck, result, "Since last round", said)
    below = _in_short(slide, said)
    if not result.last_round:
        return
    table = tables.medians(result, ROUNDS, shorter=lambda name: cut(name, 40, WHOLE))
    words = "The median of each component in each round." + (
        "" if not any("other questions" in name for name in table[0]) else " Rounds that asked other questions cannot be compared."
    )
    _table(slide, "Medians over rounds", words, table, (3.2, *[1.6] * (len(table[0]) - 1)), below)

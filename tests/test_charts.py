"""Charts: where things stand, what a screen reader hears, and colours that read in grey."""

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from assessments import geometry, level_words, result_tables
from assessments.levels import LEVELS, Spread
from assessments.models.framework import LEVEL_NAMES
from assessments.result import Result

pytestmark = pytest.mark.one_database

CSS = (Path(settings.BASE_DIR) / "static" / "portal.css").read_text()
CHARTS = engines["jinja2"].env.get_template("components/charts.jinja").module
BODY = engines["jinja2"].env.get_template("assessments/result_body.jinja").module

levels = st.sampled_from([None, *LEVELS])


# A result to draw -----------------------------------------------------------------------------------------------------


def question(number, level, groups=(), spread=None, **rest):
    component = {"number": int(number[0]), "name": f"Component {number[0]}"}
    words = dict.fromkeys(("reason", "evidence", "would_change", "dissent"), "")
    base = {"number": number, "title": f"Title {number}", "asks": "Asks?", "component": component, "levels": list("abcde"), "does_not_apply": level is None}
    return {**base, **words, "level": level, "spread": spread, "groups": list(groups), **rest}


def snapshot(questions, history=(), **rest):
    """A snapshot as assessments/snapshot.py writes it."""
    groups = list(dict.fromkeys(name for q in questions for name, _ in q["groups"]))
    return {
        "format": 1,
        "reference": "AB1-2026-1",
        "version": 1,
        "submitted_on": "2026-11-24",
        "organisation": {"code": "AB1", "name": "Our Trust", "region": "", "icb": ""},
        "framework": {"slug": "small", "title": "Small", "edition": "first", "source": "", "note": "", "level_names": list(LEVEL_NAMES)},
        "round": {
            "number": 2,
            "name": "Autumn 2026",
            "anonymous": True,
            "closed_on": "2026-11-20",
            "rated": {"finished": 20, "groups": [[g, 10] for g in groups]},
        },
        "questions": questions,
        "priorities": [],
        "history": list(history),
        **rest,
    }


def past(name, levels, framework="small"):
    components = {number: int(number[0]) for number in levels}
    return {
        "reference": "",
        "version": 1,
        "name": name,
        "submitted_on": "2025-11-24",
        "framework": framework,
        "edition": framework,
        "components": components,
        "levels": levels,
    }


STAFF, BOARD = [1, 4, 1, 0, 0, 0, 0, 0], [0, 0, 0, 3, 3, 0, 0, 0]
FIVE = [
    question("1.1", 2, [("Staff", STAFF), ("Board", BOARD)], spread=[1, 4, 1, 3, 3, 1, 0, 2]),
    question("1.2", 3, [("Staff", STAFF)]),
    question("2.1", None),
    question("3.1", 5, [("Board", BOARD)]),
    question("4.1", 1),
    question("5.1", 4),
]


def drawn(data, **options):
    """The result as it is drawn, as a tree: it must be well formed."""
    html = str(BODY.body(data, **options))
    return ElementTree.fromstring(html.replace("<br>", "<br/>")), html


# Geometry -------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 500), min_size=1), st.floats(1, 100))
def test_a_bar_is_as_long_as_its_share_and_never_longer_than_there_is_room(counts, room):
    lengths = [geometry.share(n, max(counts), room) for n in counts]
    assert all(0 <= length <= room + 0.05 for length in lengths)
    assert sorted(lengths) == [length for _, length in sorted(zip(counts, lengths, strict=True))]


@given(st.lists(levels, min_size=3, max_size=9))
def test_each_corner_of_a_radar_stands_on_its_spoke_as_far_out_as_its_level(levels):
    radar = geometry.radar(levels)
    for place, (level, point) in enumerate(zip(levels, radar.points, strict=True)):
        assert (point is None) == (level is None)
        if point:
            x, y = point.x - geometry.CENTRE[0], point.y - geometry.CENTRE[1]
            assert math.hypot(x, y) == pytest.approx(geometry.RADIUS * level / 5, abs=0.2)
            turn = (math.atan2(x, -y) / (2 * math.pi)) % 1
            assert min(abs(turn - place / len(levels)), 1 - abs(turn - place / len(levels))) < 0.01
    assert bool(radar.outline) == (None not in levels)
    assert len(radar.rings) == 5


@given(st.lists(st.tuples(levels, st.booleans()), min_size=1, max_size=10))
def test_a_trend_joins_neighbours_that_can_be_compared_and_no_others(rows):
    levels, comparable = [level for level, _ in rows], [same for _, same in rows]
    trend = geometry.trend(levels, comparable)
    joined = [a and b and same for a, b, same in zip(levels, levels[1:], comparable[1:], strict=False)]
    assert len(trend.lines) == sum(map(bool, joined))
    assert len(trend.breaks) == comparable[1:].count(False)
    assert trend.columns == sorted(trend.columns) and all(geometry.TREND_LEFT < x < 100 for x in trend.columns)
    for level, point in zip(levels, trend.points, strict=True):
        assert (point is None) == (level is None)
        assert point is None or geometry.TREND_TOP <= point.y <= geometry.TREND_BOTTOM


def test_a_higher_level_stands_higher():
    heights = [geometry.height(level, 130, 30) for level in LEVELS]
    assert heights == [130, 105, 80, 55, 30]


# What a chart says ----------------------------------------------------------------------------------------------------


def test_every_chart_is_an_image_with_a_title_a_description_and_ids_of_its_own():
    tree, html = drawn(snapshot(FIVE, [past("Autumn 2025", {"1.1": 1, "2.1": 2})]))
    charts = [svg for svg in tree.iter("svg") if "app-chart" in svg.get("class", "")]
    assert {svg.get("class") for svg in charts} == {f"app-chart app-chart--{kind}" for kind in ("bars", "radar", "heat", "trend", "spread")}
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for svg in charts:
        assert svg.get("role") == "img" and svg.find("title").text.strip() and svg.find("desc").text.strip()
        assert svg.get("aria-labelledby").split() == [svg.find("title").get("id"), svg.find("desc").get("id")]
    others = [svg for svg in tree.iter("svg") if svg not in charts and "nhsuk" not in svg.get("class", "")]
    assert all(svg.get("aria-hidden") == "true" for svg in others)
    assert "style=" not in html


def test_the_descriptions_say_what_the_charts_show():
    _, html = drawn(snapshot(FIVE))
    for words in (
        "1.1 Title 1.1: Developing. 1.2 Title 1.2: Progressing. ",
        "2.1 Title 2.1: Does not apply. ",
        "Component 1: Between Developing and Progressing. Component 2: No level. Component 3: Improving and sustaining. ",
        "Component 1: Developing. Component 2: not shown. Component 3: not shown. ",
        "Component 1: between Spreading and Improving and sustaining. ",
        "Starting 1, Developing 4, Progressing 1, Spreading 3, Improving and sustaining 3.",
    ):
        assert words in html, words


def test_a_median_between_two_levels_is_drawn_at_the_lower_and_said_to_be():
    data = snapshot(FIVE)
    tree, html = drawn(data)
    assert "the lower is drawn: 1." in html
    first = next(circle for circle in tree.iter("circle"))
    assert float(first.get("cy")) == pytest.approx(geometry.CENTRE[1] - geometry.RADIUS * 2 / 5)
    assert "4 Spreading *" in html


def test_a_component_without_a_level_leaves_a_gap_in_the_radar():
    tree, _ = drawn(snapshot(FIVE))
    radar = next(svg for svg in tree.iter("svg") if "app-chart--radar" in svg.get("class", ""))
    assert len(list(radar.iter("circle"))) == 4
    assert not [p for p in radar.iter("polygon") if p.get("class") == "app-chart__area"]
    assert len([line for line in radar.iter("line") if line.get("class") == "app-chart__line"]) == 3


def test_the_heat_map_takes_its_medians_from_the_spreads_shown_and_from_nothing_else():
    result = Result(snapshot(FIVE))
    staff = {component.number: spread for component, spread in result.cells("Staff")}
    assert staff[1] == Spread((2, 8, 2, 0, 0)) and all(staff[number] is None for number in (2, 3, 4, 5))
    rows = result_tables.groups(result)[1]
    assert rows[0] == ("Staff", "1 Component 1", "Developing", "12 levels, 2 of 2 questions")
    assert rows[5] == ("Board", "1 Component 1", "Between Spreading and Improving and sustaining", "6 levels, 1 of 2 questions")
    assert rows[1][2:] == ("Not shown: fewer than five", "none shown")
    assert [component.number for component, _, _ in result.widest_apart] == [1]


def test_every_chart_has_its_numbers_in_a_table_below():
    _, html = drawn(snapshot(FIVE, [past("Autumn 2025", {"1.1": 1})]))
    for kind, caption in (
        ("bars", "Agreed levels"),
        ("radar", "How the agreed levels are distributed"),
        ("heat", "Median of the levels that each group gave"),
        ("trend", "Median of each component, round by round"),
        ("spread", "What raters said to 1.1"),
    ):
        assert html.index(f"app-chart--{kind}") < html.index(f">{caption}</caption>"), kind


def test_a_trend_goes_back_ten_rounds_and_breaks_where_the_questions_changed():
    history = [past(f"Round {n}", {"1.1": 1 + n % 5}, "older" if n < 7 else "small") for n in range(12)]
    result = Result(snapshot(FIVE, history))
    assert [round_.name for round_ in result.rounds] == [*(f"Round {n}" for n in range(3, 12)), "Autumn 2026"]
    assert result.comparable == [False, True, True, True, False, True, True, True, True, True]
    assert result.middles(result.components[0])[-2:] == [2, 2]
    assert result.middles(result.components[4]) == [None] * 9 + [4]


def test_a_framework_of_one_question_and_a_round_in_which_nobody_rated_are_drawn_too():
    data = snapshot([question("1.1", 3)])
    data["round"]["rated"] = {}
    tree, html = drawn(data)
    assert "Nobody finished rating" in html and "app-chart--radar" not in html
    assert len([svg for svg in tree.iter("svg") if "app-chart--bars" in svg.get("class", "")]) == 1


def test_names_of_levels_and_groups_are_text_and_never_markup():
    data = snapshot([question("1.1", 3, [("<b>&", STAFF)], spread=STAFF)])
    data["framework"]["level_names"] = ["<i>1", "&2", "3", "4", "5"]
    tree, html = drawn(data)
    assert not list(tree.iter("b")) and not list(tree.iter("i")) and "&lt;i&gt;1" in html


# Sentences ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ([], "Nobody gave a level."),
        (["unknown", "none", ""], "Nobody gave a level. 1 did not know, 1 said that it does not apply, 1 gave no answer."),
        (["2"], "1 person gave a level, at Developing."),
        (["2", "2"], "2 people gave a level, all at Developing."),
        (["1", "3", "3", "unknown"], "3 people gave a level, from Starting to Progressing, median Progressing. 1 did not know."),
        (["1", "3"], "2 people gave a level, from Starting to Progressing, median between Starting and Progressing."),
    ],
)
def test_a_spread_in_a_sentence(choices, words):
    assert level_words.sentence(Spread.of(choices), LEVEL_NAMES) == words


# Colours --------------------------------------------------------------------------------------------------------------


def fill(step):
    return re.search(rf"\.app-ramp--{step} \{{ fill: (#\w+)", CSS)[1]


def luminance(colour):
    channels = [int(colour.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_the_ramp_goes_from_light_to_dark_so_that_it_reads_in_grey():
    shades = [luminance(fill(step)) for step in LEVELS]
    assert shades == sorted(shades, reverse=True)
    assert all(contrast(fill(a), fill(a + 1)) > 1.4 for a in range(1, 5))


def test_each_step_has_an_outline_of_3_to_1_and_text_on_it_of_4_and_a_half_to_1():
    outline = re.search(r"\.app-ramp \{ stroke: (#\w+)", CSS)[1]
    assert contrast(outline, "#ffffff") >= 3
    white = {int(step) for step in re.findall(r"\.app-chart \.app-on-ramp--(\d)[^{]*\{ fill: #fff", CSS)} | {5}
    for step in LEVELS:
        text = "#ffffff" if step in white else "#212b32"
        assert contrast(fill(step), text) >= 4.5, step


def test_forced_colours_leave_no_colour_of_ours():
    forced = re.search(r"(?s)/\* Charts.*?@media \(forced-colors: active\) \{(.*?)\n\}", CSS)[1]
    assert not re.search(r"#[0-9a-f]{3}", forced)
    for what in ("app-ramp", "app-chart__line", "app-chart__point", "app-chart__area", "app-on-ramp"):
        assert what in forced

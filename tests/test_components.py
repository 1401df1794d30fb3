"""Our components (templates/components/nhs.jinja) draw what the official nhsuk-frontend components draw.

Each test names official fixtures, says their parameters to our macro and compares the two as trees.
Needs `npm ci`, but no Django and no database.
"""

import functools
import json
import re
import tomllib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from jinja2.runtime import Macro
from markupsafe import Markup

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parent.parent
OFFICIAL = ROOT / "node_modules" / "nhsuk-frontend" / "dist" / "nhsuk" / "components"
TEMPLATES = jinja2.FileSystemLoader(ROOT / "templates")

nhs = jinja2.Environment(loader=TEMPLATES, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template("components/nhs.jinja").module


# Two pieces of HTML are the same when their outlines are.

VOID = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Element:
    tag: str
    attributes: dict = field(default_factory=dict)
    children: list = field(default_factory=list)

    def has(self, name):
        return name in self.attributes.get("class", "").split()

    def replace(self, wanted, replacement):
        """Put the list `replacement(element)` in the place of every element below that is `wanted(element)`."""
        children = []
        for child in self.children:
            if isinstance(child, Element):
                child.replace(wanted, replacement)
                children += replacement(child) if wanted(child) else [child]
            else:
                children.append(child)
        self.children = children

    def drop(self, wanted):
        self.replace(wanted, lambda element: [])

    def lines(self, indent=""):
        """One line for each element and text; attributes and classes in alphabetical order."""
        values = {name: " ".join(sorted(value.split())) if name == "class" else value for name, value in self.attributes.items()}
        yield f"{indent}<{self.tag}{''.join(f' {name}={values[name]!r}' for name in sorted(values))}>"
        for child in self.children:
            yield from child.lines(indent + "  ") if isinstance(child, Element) else [f"{indent}  {child!r}"]


class Parser(HTMLParser):
    """Builds Elements, ignoring comments and layout; complains of a tag left open."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [Element("document")], ""

    def handle_data(self, data):
        self.text += data

    def end_text(self):
        """White space with a line break at the edge of a text is layout; a space within a line is a space."""
        text = re.sub(r"^[ \t]*\n\s*|\s*\n[ \t]*$", "", self.text)
        text = re.sub(r"[ \t\r\n]+", " ", text)
        self.open[-1].children += [text] if text else []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.end_text()
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        self.end_text()
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"


def outline(html, *rules):
    parser = Parser()
    parser.feed(str(html))
    parser.close()
    parser.end_text()
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is left open"
    for rule in rules:
        rule(parser.open[0])
    return list(parser.open[0].lines())


# The known, honest differences: each rule takes one away from both sides.


def without_the_logo(tree):
    """The NHS logo is restricted: the service's name stands alone, as the link the official header draws beside a logo."""
    tree.drop(lambda e: e.has("nhsuk-header__logo"))

    def name_alone(link):
        return [Element("a", {"class": name.attributes["class"], "href": link.attributes["href"]}, name.children) for name in link.children]

    tree.replace(lambda e: e.has("nhsuk-header__service-logo"), name_alone)


def without_the_service(tree):
    """Some official headers have a logo and no service name; ours always has the name."""
    tree.drop(lambda e: e.has("nhsuk-header__service"))


def without_the_copyright(tree):
    """The official footer ends with a copyright line; ours has one closing line in all."""
    tree.drop(lambda e: e.tag == "p" and any("©" in child for child in e.children if isinstance(child, str)))


def without_the_back_link(tree):
    """Our breadcrumb's back link is always to the last item."""
    tree.drop(lambda e: e.has("nhsuk-back-link"))


def without_the_page_heading(tree):
    """An official legend or label may be the page's <h1>; ours never is, for these macros serve pages of several fields."""
    tree.replace(lambda e: e.tag == "h1", lambda heading: heading.children)


def without_the_hint(tree):
    """Our search field has no hint."""
    tree.drop(lambda e: e.has("nhsuk-hint"))
    tree.replace(lambda e: e.tag == "input", lambda e: [Element(e.tag, {k: v for k, v in e.attributes.items() if k != "aria-describedby"})])


def without_utility_classes(tree):
    """Our table cells cannot be given widths or other classes of their own."""

    def plain(cell):
        classes = [name for name in cell.attributes["class"].split() if not name.startswith("nhsuk-u-")]
        return [Element(cell.tag, cell.attributes | {"class": " ".join(classes)}, cell.children)]

    tree.replace(lambda e: e.tag in ("th", "td"), plain)


def with_one_box(tree):
    """Our single checkbox is the official group without a fieldset, cut to its first item."""
    tree.replace(lambda e: e.has("nhsuk-checkboxes"), lambda e: [Element(e.tag, e.attributes, e.children[:1])])


# The official fixtures.


@dataclass
class Fixture:
    context: dict
    html: str

    def body(self, after, before):
        """What the fixture's call block said, which its context does not tell."""
        start = self.html.index(after) + len(after)
        return body(self.html[start : self.html.rindex(before)])


@functools.cache
def fixtures(component):
    if not OFFICIAL.is_dir():
        pytest.fail("node_modules/nhsuk-frontend is missing, so nothing says what our components should draw: run `npm ci` (`make test` does)")
    return json.loads((OFFICIAL / component / "fixtures.json").read_text(encoding="utf-8"))["fixtures"]


@pytest.fixture
def official(request):
    """The first official fixture of a component with a name, and with these parameters where several share the name."""
    component, name, parameters = request.param
    for each in fixtures(component):
        if each["name"] == name and all(each["context"].get(key) == value for key, value in parameters.items()):
            return Fixture(each["context"], each["html"])
    pytest.fail(f"nhsuk-frontend no longer has the fixture {name!r} {parameters} of {component}")


def like(component, *wanted):
    """Run a test for each wanted fixture: a name, or (name, parameters)."""
    cases = [(component, *((each, {}) if isinstance(each, str) else each)) for each in wanted]
    names = [" ".join([name, *map(str, parameters.values())]) for _, name, parameters in cases]
    return pytest.mark.parametrize("official", cases, ids=names, indirect=True)


def said(option):
    """An official option as we say it: text, or Markup for HTML."""
    if isinstance(option, dict):
        return Markup(option["html"]) if "html" in option else option.get("heading") or option["text"]
    return option


def body(html):
    """What `{% call %}` hands to a macro."""
    return lambda: Markup(html)


def links(items):
    return [(item["text"], item["href"]) for item in items]


def choices(context):
    """Items of checkboxes or radios as ours."""
    return [item.get("divider") or (item["value"], item["text"], item.get("checked"), said(item.get("hint"))) for item in context["items"]]


def assert_same(ours, official, *rules):
    assert outline(ours, *rules) == outline(official.html, *rules)


# Furniture.


@like("skip-link", "default")
def test_our_skip_link_draws_what_the_official_skip_link_draws(official):
    assert_same(nhs.skip_link(), official)


@like("header", "default", "with service name (linked)", "with service name (linked and long), search", "with service name (linked with logo)")
def test_our_header_draws_what_the_official_header_draws_but_the_logo(official):
    service, search = official.context["service"], official.context.get("search")
    label = search["label"]["visuallyHiddenText"] if isinstance(search, dict) else "Search the NHS website"
    items = [(text, href, False) for text, href in links(official.context.get("navigation", {}).get("items", []))]
    ours = nhs.header(service["text"], service["href"], items, search and ("https://www.nhs.uk/search/", "q", "", label))
    assert_same(ours, official, without_the_logo)


@like("header", "with navigation")
def test_our_header_marks_the_current_section_as_the_official_header_does(official):
    items = [(item["text"], item["href"], item.get("active")) for item in official.context["navigation"]["items"]]
    assert_same(nhs.header("Service", "/", items), official, without_the_service)


def test_our_header_tells_the_current_page_from_the_current_section():
    assert 'aria-current="page"' in nhs.header("Service", "/", [("Home", "/", "page")])


@like("header", "with account (logged out)")
def test_our_header_draws_the_account_the_official_header_draws(official):
    assert_same(nhs.header("Service", "/", account=links(official.context["account"]["items"])), official, without_the_service)


def test_our_header_keeps_what_was_searched_for():
    assert 'value="falls"' in nhs.header("Service", "/", search=("/", "q", "falls", "Search"))


@like("breadcrumb", "default")
def test_our_breadcrumb_draws_what_the_official_breadcrumb_draws(official):
    assert_same(nhs.breadcrumb(links(official.context["items"])), official)


@like("breadcrumb", "with back link custom text", "with back link as a button")
def test_our_breadcrumb_lists_what_the_official_breadcrumb_lists(official):
    assert_same(nhs.breadcrumb(links(official.context["items"])), official, without_the_back_link)


@like("back-link", "default")
def test_our_back_link_draws_what_the_official_back_link_draws(official):
    assert_same(nhs.back_link(official.context["href"], official.context["text"]), official)
    assert_same(nhs.back_link(official.context["href"]), official)


@like("footer", "default", "with meta links", "with copyright text only", "with custom copyright text")
def test_our_footer_draws_what_the_official_footer_draws(official):
    copyright = official.context.get("copyright", {"text": "© NHS England"})
    assert_same(nhs.footer(links(official.context.get("meta", {}).get("items", [])), said(copyright)), official)


@like("footer", "with meta text", "with meta text string", "with meta links and text")
def test_our_footer_draws_the_closing_line_the_official_footer_draws(official):
    meta = official.context["meta"]
    items = meta.get("items", []) if isinstance(meta, dict) else []
    assert_same(nhs.footer(links(items), said(meta)), official, without_the_copyright)


def test_our_phase_banner_is_a_tag_in_a_paragraph_in_a_named_region():
    drawn = outline(nhs.phase_banner("Beta", caller=body('Tell us <a href="/feedback/">what you think</a>.')))
    assert [line.split()[0] for line in drawn if "<" in line] == ["<document>", "<div", "<p", "<strong", "<a"]
    assert "aria-label='Service phase'" in drawn[1] and "role='region'" in drawn[1]


# Content.

COLOURS = ["white", "grey", "green", "aqua-green", "blue", "purple", "pink", "red", "orange", "yellow"]


@like("tag", "default", "with text escaping", "with HTML", *[("default", {"colour": colour}) for colour in COLOURS])
def test_our_tag_draws_what_the_official_tag_draws(official):
    assert_same(nhs.tag(said(official.context), official.context.get("colour", "")), official)


@like("tag", "without colour")
def test_our_tag_without_colour_is_the_official_one(official):
    assert_same(nhs.tag(official.context["text"], "no-colour"), official)


@like("card", "basic with heading link", "clickable", "top task")
def test_our_card_draws_what_the_official_card_draws(official):
    c, heading = official.context, official.context["heading"]
    description = {"caller": body(f'<p class="nhsuk-card__description">{c["description"]}</p>')} if "description" in c else {}
    ours = nhs.card(heading["text"], c["href"], heading.get("level", 2), c.get("clickable"), heading["size"], **description)
    assert_same(ours, official)


@like("card", "basic with summary list and heading link")
def test_our_card_takes_any_body_as_the_official_card_does(official):
    assert_same(nhs.card("Regional Manager", "#", 3, caller=official.body("</h3>", "  </div>\n</div>")), official)


SIZES = [("heading", {"heading": {"text": "If you need help now, but it's not an emergency", "size": size}}) for size in ("s", "m", "l", "xl")]


@like("card", "default", "basic with custom HTML", "basic with custom HTML and heading as string", *SIZES)
def test_our_plain_card_draws_what_the_official_card_draws(official):
    heading = official.context["heading"]
    heading = heading if isinstance(heading, dict) else {"text": heading}
    level = heading.get("level", 2)
    ours = nhs.card_plain(heading["text"], level, heading.get("size", ""), caller=official.body(f"</h{level}>", "  </div>\n</div>"))
    assert_same(ours, official)


@like("inset-text", "default", "with HTML", "with HTML via call block")
def test_our_inset_text_draws_what_the_official_inset_text_draws(official):
    assert_same(nhs.inset_text(caller=official.body("Information: </span>", "</div>")), official)


@like("warning-callout", "default", "with custom heading", "with custom heading as string", "with HTML", "with HTML via call block")
def test_our_warning_callout_draws_what_the_official_warning_callout_draws(official):
    assert_same(nhs.warning_callout(said(official.context["heading"]), caller=official.body("</h3>", "  </div>\n</div>")), official)


@like("details", "default", "with HTML", "with HTML via call block", "with summary as string", "with summary HTML")
def test_our_details_draws_what_the_official_details_draws(official):
    text = official.body('<div class="nhsuk-details__text">', "</div>\n</details>")
    assert_same(nhs.details(said(official.context["summary"]), caller=text), official)


@like("details", "expander", "expander with HTML", "expander with HTML via call block")
def test_our_expander_draws_what_the_official_expander_draws(official):
    text = official.body('<div class="nhsuk-details__text">', "</div>\n</details>")
    assert_same(nhs.expander(said(official.context["summary"]), caller=text), official)


def summary_row(row):
    """A row of a summary list as ours, with its action if it has one."""
    actions = row.get("actions", {}).get("items", [])
    return said(row["key"]), said(row["value"]), *[(action["text"], action["href"], action["visuallyHiddenText"]) for action in actions]


@like("summary-list", "default", "with item strings", "example person: Karen Francis", "with actions")
def test_our_summary_list_draws_what_the_official_summary_list_draws(official):
    assert_same(nhs.summary_list([summary_row(row) for row in official.context["rows"]]), official)


def test_a_row_without_an_action_among_rows_with_one_is_marked_so():
    drawn = nhs.summary_list([("Name", "Ann", ("Change", "#", "name")), ("Age", "9")])
    assert [("no-actions" in line) for line in outline(drawn) if "<div" in line] == [False, True]


PAST = [f"numeric format (full width, past {period})" for period in ("day", "week", "month", "year")]


@like("tables", "default", "with string items", "with tags", *[f"with {name}" for name in PAST], "with numeric format", "with column widths")
def test_our_table_draws_what_the_official_table_draws(official):
    c, caption = official.context, official.context["caption"]
    numeric = [i for i, cell in enumerate(c["head"]) if isinstance(cell, dict) and cell.get("format") == "numeric"]
    rows = [[said(cell) for cell in row] for row in c["rows"]]
    size = caption["size"] if isinstance(caption, dict) else ""
    ours = nhs.table(said(caption), [said(cell) for cell in c["head"]], rows, numeric, c.get("firstCellIsHeader", False), size)
    assert_same(ours, official, without_utility_classes)


@dataclass
class Message:
    """A message as Django keeps it."""

    text: str
    tags: str = "info"

    def __str__(self):
        return self.text


def without_a_word_on_focus(tree):
    """The official fixtures of a success say how it takes the focus; ours leaves that as it comes."""
    tree.replace(
        lambda e: e.has("nhsuk-notification-banner"),
        lambda e: [Element(e.tag, {name: value for name, value in e.attributes.items() if name != "data-disable-auto-focus"}, e.children)],
    )


@like("notification-banner", "default", "auto-focus disabled, with success variant")
def test_our_notices_draw_what_the_official_notification_banner_draws(official):
    assert_same(nhs.notices([Message(official.context["text"], official.context.get("variant", "info"))]), official, without_a_word_on_focus)


def test_without_messages_there_is_no_notice():
    assert not nhs.notices([]).strip()


# Where to go next.


@like("action-link", "default", "with HTML")
def test_our_action_link_draws_what_the_official_action_link_draws(official):
    assert_same(nhs.action_link(said(official.context), official.context["href"]), official)


@like("pagination", "numbered", "numbered first page", "numbered last page", "numbered with many pages")
def test_our_pagination_draws_what_the_official_numbered_pagination_draws(official):
    c = official.context
    items = [None if item.get("ellipsis") else (item["number"], item["href"], item.get("current")) for item in c["items"]]
    assert_same(nhs.pagination(c.get("previous", {}).get("href"), c.get("next", {}).get("href"), items), official)


@like("pagination", "default", "with only previous", "with only next")
def test_our_pagination_without_numbers_draws_what_the_official_one_draws(official):
    previous, following = official.context.get("previous", {}), official.context.get("next", {})
    ours = nhs.pagination(previous.get("href"), following.get("href"), [], previous.get("label"), following.get("label"))
    assert_same(ours, official)


# Forms.


@like("button", "default", "secondary", "warning")
def test_our_button_draws_what_the_official_button_draws(official):
    variant = official.context.get("variant")
    assert_same(nhs.button(official.context["text"], variant == "secondary", warning=variant == "warning"), official)


@like("button", "as a link", "secondary as a link")
def test_our_button_link_draws_what_the_official_button_draws(official):
    c = official.context
    assert_same(nhs.button_link(c["text"], c["href"], c.get("variant") == "secondary"), official)


@like("error-summary", "default", "with multiple errors", "without error link", "without error link (mixed)")
def test_our_error_summary_draws_what_the_official_error_summary_draws(official):
    assert_same(nhs.error_summary([(error["text"], error.get("href")) for error in official.context["errorList"]]), official)


def legend(size):
    return ("legend", {"fieldset": {"legend": {"text": "How do you want to be contacted about this?", "size": size}}})


GROUPS = [
    "default",
    ("default", {"small": True}),
    "with hints on items",
    ("with hints on items", {"small": True}),
    *map(legend, "sml"),
    "without heading",
]


@like("checkboxes", *GROUPS, "with hint", "with long text")
def test_our_checkboxes_draw_what_the_official_checkboxes_draw(official):
    c = official.context
    caption = c["fieldset"]["legend"]
    size = caption["size"] if isinstance(caption, dict) else ""
    ours = nhs.checkboxes(c["name"], said(caption), choices(c), c.get("small", False), c.get("idPrefix", ""), said(c.get("hint")), size)
    assert_same(ours, official, without_the_page_heading)


@like("checkboxes", "without fieldset", ("without fieldset", {"small": True}))
def test_our_single_checkbox_draws_what_the_official_checkboxes_draw(official):
    c = official.context
    ours = nhs.checkbox(c["name"], c["idPrefix"], c["items"][0]["value"], c["items"][0]["text"], small=c.get("small", False))
    assert_same(ours, official, with_one_box)


@like("radios", *GROUPS, "inline", ("inline", {"small": True}), "with hint", "with long text", "with divider", ("with divider", {"small": True}))
def test_our_radios_draw_what_the_official_radios_draw(official):
    c = official.context
    caption = c["fieldset"]["legend"]
    size = caption["size"] if isinstance(caption, dict) else ""
    flags = {"inline": c.get("inline"), "small": c.get("small"), "hint": said(c.get("hint")), "size": size}
    ours = nhs.radios(c["name"], said(caption), choices(c), c.get("idPrefix", ""), **flags)
    assert_same(ours, official, without_the_page_heading)


LABELS = [("label", {"label": {"heading": "Sort by", "size": size}}) for size in ("s", "m", "l", "xl")]


@like("select", "default", "without heading", "with selected value", *LABELS)
def test_our_select_draws_what_the_official_select_draws(official):
    c = official.context
    size = c["label"]["size"] if isinstance(c["label"], dict) else ""
    items = [(item["value"], item["text"], item["value"] == c.get("value")) for item in c["items"]]
    assert_same(nhs.select(c["name"], c.get("id", c["name"]), said(c["label"]), items, size), official, without_the_page_heading)


EXAMPLES = ["example address line 1", "example address postcode"]


@like("input", "default", *EXAMPLES, "with autocomplete attribute", *[("width", {"width": width}) for width in (2, 3, 4, 5, 10, 20, 30)])
def test_our_input_draws_what_the_official_input_draws(official):
    c = official.context
    optional = {"autocomplete": c.get("autocomplete"), "width": c.get("width"), "size": c["label"].get("size", "")}
    ours = nhs.input(c["name"], c.get("id", c["name"]), said(c["label"]), hint=said(c.get("hint")), **optional)
    assert_same(ours, official, without_the_page_heading)


ERRORS = ["with error message", "with error message and hint", "with error message and hint, without heading", "with error message, without heading"]


def draw_textarea(c):
    """Our textarea for an official context."""
    label = c["label"] if isinstance(c["label"], dict) else {"text": c["label"]}
    optional = {"rows": c.get("rows", 5), "error": said(c.get("errorMessage")), "size": label.get("size", ""), "hint": said(c.get("hint"))}
    return nhs.textarea(
        c["name"], c.get("id", c["name"]), said(label), c.get("value", ""), maxlength=c.get("maxlength"), threshold=c.get("threshold"), **optional
    )


@like("textarea", "default", "with hint", "without heading", *ERRORS)
def test_our_textarea_draws_what_the_official_textarea_draws(official):
    assert_same(draw_textarea(official.context), official, without_the_page_heading)


@like("character-count", "default", "with hint", "with custom rows", "with threshold", "with value", "without heading", *ERRORS)
def test_our_textarea_of_a_length_draws_what_the_official_character_count_draws(official):
    assert_same(draw_textarea(official.context), official, without_the_page_heading)


@like("search-input", "without heading", "with brand button", "with brand button text", "with hint and value")
def test_our_search_input_draws_what_the_official_search_input_draws(official):
    c = official.context
    pressed, size = c.get("button", {}), c["label"]["size"] if isinstance(c["label"], dict) else ""
    optional = {"width": c.get("width"), "size": size, "brand": pressed.get("variant") == "brand"}
    ours = nhs.search_input(c["name"], c["name"], said(c["label"]), c.get("value", ""), pressed.get("text", ""), **optional)
    assert_same(ours, official, without_the_page_heading, without_the_hint)


@pytest.mark.parametrize("draw", [nhs.checkboxes, nhs.radios])
def test_what_was_chosen_stays_chosen(draw):
    drawn = outline(draw("place", "Place", [("n", "North", True, None), ("s", "South", False, None)]))
    assert [("checked" in line) for line in drawn if "<input" in line] == [True, False]


# Safety.

HOSTILE = '"><script>'

ARGUMENTS = {  # every argument of every macro, with `t` where a text may stand
    "skip_link": lambda t: {},
    "header": lambda t: {"service_name": t, "home": t, "items": [(t, t, True), (t, t, False)], "search": (t, t, t, t), "account": [(t, t)]},
    "phase_banner": lambda t: {"tag_text": t},
    "breadcrumb": lambda t: {"items": [(t, t), (t, t)]},
    "back_link": lambda t: {"href": t, "text": t},
    "footer": lambda t: {"items": [(t, t)], "meta": t},
    "tag": lambda t: {"text": t, "colour": t},
    "card": lambda t: {"heading": t, "href": t, "level": 2, "clickable": True, "size": t},
    "card_plain": lambda t: {"heading": t, "level": 2, "size": t},
    "inset_text": lambda t: {},
    "notices": lambda t: {"messages": [Message(t, t)]},
    "warning_callout": lambda t: {"heading": t, "level": 2},
    "details": lambda t: {"summary": t},
    "expander": lambda t: {"summary": t},
    "summary_list": lambda t: {"rows": [(t, t), (t, t, (t, t, t))]},
    "table": lambda t: {"caption": t, "head": [t, t], "rows": [[t, t]], "numeric": [1], "row_headers": True, "size": t},
    "action_link": lambda t: {"text": t, "href": t},
    "pagination": lambda t: {"previous": t, "next": t, "items": [], "previous_label": t, "next_label": t},
    "button": lambda t: {"text": t, "secondary": True, "name": t, "value": t, "warning": True},
    "button_link": lambda t: {"text": t, "href": t, "secondary": True},
    "error_summary": lambda t: {"errors": [(t, t), (t, None)]},
    "checkboxes": lambda t: {
        "name": t,
        "legend": t,
        "items": [(t, t, True, t), (t, t, False, None)],
        "small": True,
        "id_prefix": t,
        "hint": t,
        "size": t,
    },
    "checkbox": lambda t: {"name": t, "id": t, "value": t, "text": t, "checked": True, "small": True},
    "radios": lambda t: {
        "name": t,
        "legend": t,
        "items": [(t, t, True, t), t, (t, t, False, None)],
        "id_prefix": t,
        "inline": True,
        "small": True,
        "hint": t,
        "size": t,
    },
    "select": lambda t: {"name": t, "id": t, "label": t, "items": [(t, t, True), (t, t, False)], "size": t},
    "input": lambda t: {"name": t, "id": t, "label": t, "value": t, "hint": t, "type": t, "autocomplete": t, "width": t, "size": t},
    "textarea": lambda t: {
        "name": t,
        "id": t,
        "label": t,
        "value": t,
        "hint": t,
        "rows": t,
        "error": t,
        "size": t,
        "maxlength": t,
        "threshold": t,
    },
    "search_input": lambda t: {"name": t, "id": t, "label": t, "value": t, "button_text": t, "width": t, "size": t, "brand": True},
}

MACROS = {name: macro for name, macro in vars(nhs).items() if isinstance(macro, Macro)}


def draw(name, text, **changes):
    arguments = ARGUMENTS[name](text) | changes
    caller = {"caller": body("<p>Body</p>")} if MACROS[name].caller else {}
    return MACROS[name](**arguments, **caller)


def assert_escaped(name, **changes):
    """Hostile text is only ever a text or an attribute's value: apart from it, the tree is the one plain text draws."""
    hostile = draw(name, HOSTILE, **{key: value(HOSTILE) for key, value in changes.items()})
    assert "<script" not in hostile
    plain = draw(name, "plain", **{key: value("plain") for key, value in changes.items()})
    assert [line.replace(HOSTILE, "plain").replace("'", '"') for line in outline(hostile)] == [line.replace("'", '"') for line in outline(plain)]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_hostile_text_in_any_argument_stays_text(name):
    assert set(ARGUMENTS[name]("")) == set(MACROS[name].arguments), "an argument is untried"
    assert_escaped(name)


def test_hostile_text_in_numbered_pagination_stays_text():
    assert_escaped("pagination", items=lambda t: [(t, t, True), None, (t, t, False)])


def test_hostile_text_in_a_plain_table_cell_stays_text():
    assert_escaped("table", row_headers=lambda t: False)


def test_no_macro_is_left_out_of_the_hostile_text():
    assert set(ARGUMENTS) == set(MACROS)


# Versions.


def test_the_npm_package_and_the_python_package_are_the_pair_that_goes_together():
    npm = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    python = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert npm["nhsuk-frontend"] == "10.6.1"
    assert "nhsuk-frontend-jinja==0.10.2" in python

"""The portal's own pages: from Markdown, by way of an allow-list, to HTML that can run nothing."""

import functools

import nh3
from django.conf import settings
from markdown_it import MarkdownIt
from markupsafe import Markup

from impact_portal.models import Page
from resources.seed import FixtureError, Seed

TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "code", "pre", "blockquote", "br", "hr", "table", "thead", "tbody", "tr", "th", "td"}
ORDER = ("about", "accessibility-statement", "cookies", "privacy", "terms", "contact")

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def fill_in(text):
    """Put the operator's settings where a page names them."""
    for token in ("operator", "controller", "contact_email", "service_name", "base_url"):
        text = text.replace("{{" + token + "}}", getattr(settings, token.upper()))
    return text.replace("{{except_fonts}}", " except the typeface, which comes from the NHS’s own host" if settings.NHS_IDENTITY else "")


@functools.lru_cache(maxsize=64)
def render_markdown(text):
    """Safe HTML of a page's Markdown: headings from h2 down, lists, links, tables; no script, style or attribute of them."""
    html = nh3.clean(_markdown.render(text), tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None)
    return Markup(html)


def load_pages(directory, counts):
    """The pages of a directory of Markdown files: the first line is the title."""
    seed = Seed(Page, "slug", counts)
    for path in sorted(directory.glob("*.md")):
        title, _, body = path.read_text(encoding="utf-8").partition("\n")
        if not title.startswith("# "):
            raise FixtureError(f"{path.name}: begin the first line with '# ' and the page's title")
        position = ORDER.index(path.stem) if path.stem in ORDER else len(ORDER)
        seed.put(path.name, {"slug": path.stem, "title": title[2:].strip(), "body": body.strip(), "position": position})

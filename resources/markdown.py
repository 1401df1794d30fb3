"""Markdown that curators write, by way of an allow-list, to HTML that can run nothing."""

import functools

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "code", "pre", "blockquote", "br", "hr", "table", "thead", "tbody", "tr", "th", "td"}

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@functools.lru_cache(maxsize=64)
def render_markdown(text):
    """Safe HTML of a page's Markdown: headings from h2 down, lists, links, tables; no script, style or attribute of them."""
    html = nh3.clean(_markdown.render(text), tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None)
    return Markup(html)

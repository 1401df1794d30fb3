"""The portal's own pages: from Markdown, by way of an allow-list, to HTML that can run nothing."""

from django.conf import settings

from impact_portal.models import Page
from resources.seed import FixtureError, Seed

ORDER = ("about", "accessibility-statement", "cookies", "privacy", "terms", "contact")


def fill_in(text):
    """Put the operator's settings where a page names them."""
    for token in ("operator", "controller", "contact_email", "service_name", "base_url"):
        text = text.replace("{{" + token + "}}", getattr(settings, token.upper()))
    return text.replace("{{except_fonts}}", " except the typeface, which comes from the NHS’s own host" if settings.NHS_IDENTITY else "")


def load_pages(directory, counts):
    """The pages of a directory of Markdown files: the first line is the title."""
    seed = Seed(Page, "slug", counts)
    for path in sorted(directory.glob("*.md")):
        title, _, body = path.read_text(encoding="utf-8").partition("\n")
        if not title.startswith("# "):
            raise FixtureError(f"{path.name}: begin the first line with '# ' and the page's title")
        position = ORDER.index(path.stem) if path.stem in ORDER else len(ORDER)
        seed.put(path.name, {"slug": path.stem, "title": title[2:].strip(), "body": body.strip(), "position": position})

"""The catalogue as a spreadsheet: what each column is called, how a cell of it is read, and how it is written.

Built of django-import-export's resource, fields and widgets: `clean` reads, `render` writes, and what `render` wrote `clean` reads back.
"""

import re
import unicodedata
from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_slug
from import_export import resources, widgets
from import_export.fields import Field

from resources.models import Category, Component, Provider, Resource
from resources.search import NearTitles

LONGEST_TEXT = 10_000  # characters of a cell that is taken
MOST_MINUTES = 1_000_000
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^;]*))\s*(?:;|$)')  # one of several between semicolons; in quotes where it has one itself


def fold(text):
    """A name as we compare it: no case, single blanks."""
    return " ".join(text.casefold().split())


class Known:
    """What cells may name: categories, components, publishers and curators, read once. Publishers that a file brings are added as they are met."""

    def __init__(self):
        self.category_rows = list(Category.objects.all())
        self.categories = {fold(word): category for category in self.category_rows for word in (category.slug, category.name)}
        self.component_rows = list(Component.objects.all())
        self.components = {fold(word): c for c in self.component_rows for word in (str(c.number), c.name, str(c), c.slug)}
        self.staff = {user.email.casefold(): user for user in get_user_model().objects.filter(is_staff=True, is_active=True).order_by("email")}
        self.providers = {fold(name): name for name in Provider.objects.values_list("name", flat=True)}
        self.near_providers = NearTitles((name, name) for name in self.providers.values())
        self.new_providers = {}  # name: the publisher here that is almost called so, or none

    def provider(self, name):
        """The publisher of this name as it is called here; one that is not here is new."""
        if fold(name) not in self.providers:
            near = self.near_providers.find(name)
            self.new_providers[name] = near and near[0]
            self.near_providers.add(name, name)
            self.providers[fold(name)] = name
        return self.providers[fold(name)]


class Text(widgets.CharWidget):
    """Words. In a field of one line, breaks and tabs are blanks."""

    def __init__(self, most, lines=False):
        super().__init__()
        self.most, self.lines = most, lines

    def clean(self, value, row=None, **kwargs):
        text = value.strip() if self.lines else re.sub(r"\s*[\r\n\t]\s*", " ", value.strip())
        if any((unicodedata.category(char) in ("Cc", "Cs") and char not in "\r\n\t") or char in "\ufffe\uffff" for char in text):
            raise ValueError("Type it again: it has characters that cannot be shown")
        if len(text) > self.most:
            raise ValueError(f"Shorten it to {self.most:,} characters: it has {len(text):,}")
        return text


class Slug(Text):
    """The last part of a resource's address here, by which it is known."""

    def clean(self, value, row=None, **kwargs):
        text = super().clean(value)
        try:
            if text:
                validate_slug(text)
        except ValidationError as error:
            raise ValueError("Use small letters, numbers and hyphens, such as team-huddles, or leave it empty for a new resource") from error
        return text


class Address(Text):
    """A web address."""

    def clean(self, value, row=None, **kwargs):
        text = super().clean(value)
        try:
            if text:
                URLValidator(["http", "https"])(text)
        except ValidationError as error:
            raise ValueError("Enter a full web address, such as https://www.england.nhs.uk/page") from error
        return text


class Choice(widgets.Widget):
    """One of a few values, by code or in words; empty is not known."""

    def __init__(self, choices, empty=""):
        super().__init__()
        self.choices, self.empty = choices, empty
        self.codes = {fold(word): code for code, label in choices for word in (code, label)}

    def clean(self, value, row=None, **kwargs):
        if not value.strip():
            return self.empty
        if fold(value) not in self.codes:
            raise ValueError(f"Use one of: {', '.join(label for _, label in self.choices)}")
        return self.codes[fold(value)]

    def render(self, value, obj=None, **kwargs):
        return dict(self.choices).get(value, value or "")


class YesNo(widgets.Widget):
    """Yes or no; empty is no."""

    def clean(self, value, row=None, **kwargs):
        word = fold(value)
        if word in ("yes", "y", "true", "1"):
            return True
        if word in ("no", "n", "false", "0", ""):
            return False
        raise ValueError("Use yes or no")

    def render(self, value, obj=None, **kwargs):
        return "yes" if value else "no"


class Day(widgets.Widget):
    """A day."""

    def clean(self, value, row=None, **kwargs):
        text = value.strip()
        for form in DAYS if text else ():
            try:
                found = datetime.strptime(text, form).date()
            except ValueError:
                continue
            if 1900 <= found.year <= 2200:
                return found
        if text:
            raise ValueError("Enter a day such as 2026-11-24 or 24/11/2026")
        return None

    def render(self, value, obj=None, **kwargs):
        return value.isoformat() if isinstance(value, date) else ""


class Minutes(widgets.Widget):
    """A whole number of minutes."""

    def clean(self, value, row=None, **kwargs):
        text = value.strip()
        if not text:
            return None
        found = re.fullmatch(r"([0-9]{1,7})(\.0+)?", text)
        if not found or not 1 <= int(found[1]) <= MOST_MINUTES:
            raise ValueError("Enter a whole number of minutes, such as 90")
        return int(found[1])

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


class CategoryName(widgets.Widget):
    """A category, by name or slug."""

    def clean(self, value, row=None, known=None, **kwargs):
        found = known.categories.get(fold(value))
        if value.strip() and not found:
            raise ValueError(f"Use one of: {', '.join(category.name for category in known.category_rows)}")
        return found

    def render(self, value, obj=None, **kwargs):
        return value.name if value else ""


class Components(widgets.Widget):
    """Components, by number or name, with semicolons between."""

    def clean(self, value, row=None, known=None, **kwargs):
        words = [word for word in re.split(r"[;,\n]", value) if word.strip()]
        found = {known.components.get(fold(word)) for word in words}
        if None in found:
            raise ValueError(f"Use the numbers, with semicolons between: {', '.join(map(str, known.component_rows))}")
        return sorted(found, key=lambda component: component.number)

    def render(self, value, obj=None, **kwargs):
        return "; ".join(str(number) for number in sorted(component.number for component in _all(value)))


class Publishers(widgets.Widget):
    """Publishers by name, with semicolons between. One that is not here yet is new."""

    def clean(self, value, row=None, known=None, **kwargs):
        names = []
        for quoted, plain in NAME.findall(value):
            name = Text(200).clean(quoted.replace('""', '"') or plain)
            names += [known.provider(name)] if name else []
        return sorted(set(names), key=fold)

    def render(self, value, obj=None, **kwargs):
        names = sorted((getattr(provider, "name", provider) for provider in _all(value)), key=fold)
        return "; ".join(self._quoted(name) if ";" in name or name[:1] in ('"', " ") or name[-1:] == " " else name for name in names)

    def _quoted(self, name):
        return '"' + name.replace('"', '""') + '"'


class Curator(widgets.Widget):
    """A curator, by e-mail address."""

    def clean(self, value, row=None, known=None, **kwargs):
        found = known.staff.get(value.strip().casefold())
        if value.strip() and not found:
            raise ValueError("Enter the e-mail address of a curator, or leave it empty")
        return found

    def render(self, value, obj=None, **kwargs):
        return value.email if value else ""


def _all(value):
    """Related rows, whether they come as a manager or have just been read from a cell."""
    return value.all() if hasattr(value, "all") else value or ()


class CatalogueRows(resources.ModelResource):
    """One row a resource. Only what a curator sets: publishing and withdrawing are not done by spreadsheet."""

    title = Field("title", "Title", Text(300))
    slug = Field("slug", "Slug", Slug(100))
    providers = Field("providers", "Publishers", Publishers())
    credit = Field("credit", "Credit", Text(300))
    category = Field("category", "Category", CategoryName())
    components = Field("components", "Components", Components())
    url = Field("url", "Web address", Address(500))
    url_confidence = Field("url_confidence", "Is the address right?", Choice(Resource.UrlConfidence.choices, empty=Resource.UrlConfidence.INFERRED))
    summary = Field("summary", "Summary", Text(LONGEST_TEXT, lines=True))
    audience = Field("audience", "Audience", Text(200))
    format = Field("format", "Format", Choice(Resource.Format.choices))
    minutes = Field("minutes", "Minutes", Minutes())
    cost = Field("cost", "Cost", Choice(Resource.Cost.choices))
    sign_in = Field("sign_in", "Sign-in", Choice(Resource.SignIn.choices))
    source_published_on = Field("source_published_on", "Published by its source on", Day())
    starts_on = Field("starts_on", "Starts on", Day())
    ends_on = Field("ends_on", "Ends on", Day())
    featured = Field("featured", "Shown first", YesNo())
    owner = Field("owner", "Owner", Curator())
    deputy = Field("deputy", "Deputy", Curator())
    review_on = Field("review_on", "Review due on", Day())

    class Meta:
        model = Resource
        import_id_fields = ("slug",)
        fields = COLUMNS = (
            "title slug providers credit category components url url_confidence summary audience format minutes cost sign_in "
            "source_published_on starts_on ends_on featured owner deputy review_on"
        ).split()
        export_order = fields
        chunk_size = 1000


ROWS = CatalogueRows()
FIELDS = {name: ROWS.fields[name] for name in CatalogueRows.Meta.COLUMNS}
LABELS = {name: field.column_name for name, field in FIELDS.items()}
REQUIRED = {
    "title": "Enter a title",
    "providers": "Enter at least one publisher",
    "category": "Enter a category",
    "components": "Enter at least one component",
    "url": "Enter the web address",
    "summary": "Enter a summary in our words, a sentence or two",
}
UNSEEN = {"owner", "deputy", "review_on"}  # what readers do not see
ADVICE = "What to do"  # the column of a file to mend: not read on its way back
OTHER_NAMES = {"provider": "providers", "publisher": "providers", "component": "components", "address": "url", "link": "url", "signinneeded": "sign_in",
               "reviewdate": "review_on", "timeneededinminutes": "minutes", "publishedon": "source_published_on"}  # fmt: skip


def plain(heading):
    """A heading as we compare it: letters and figures alone."""
    return "".join(char for char in heading.casefold() if char.isalnum())


HEADINGS = {**OTHER_NAMES, **{plain(word): name for name, label in LABELS.items() for word in (name, label)}}


def shown(resource):
    """A resource as a row of the spreadsheet: {column: text}."""
    return {name: ROWS.export_field(field, resource) for name, field in FIELDS.items()}

"""A list of resources as a page shows it: results, facets with counts, chips, pages. Everything stands in the address."""

import math
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from resources.facets import FACET_BY_NAME
from resources.filters import SORTS, ResourceFilter
from resources.reading_list import ReadingList

PAGE_SIZE = 20
UNFOLDED = 8  # values of a facet shown before "show all"


@dataclass(slots=True)
class Value:
    """A value of a facet in the form."""

    value: str
    html: str  # its label, escaped
    count: int
    checked: bool


@dataclass
class Group:
    """A facet in the form: the values shown at once, and those folded away."""

    name: str
    label: str
    shown: list
    folded: list
    all_label: str


class Listing:
    """What the address asks of the catalogue, and one page of the answer."""

    def __init__(self, catalogue, data, path, fixed=None):
        self.catalogue = catalogue
        self.path = path
        self.fixed = fixed or {}  # what the page itself is about, such as its category: such a page has neither search nor filters
        if fixed:
            self.text, self.chosen, self.facets, asked_sort = "", self.fixed, [], ""
        else:
            asked = ResourceFilter(data, catalogue)
            self.text, self.chosen, self.facets, asked_sort = asked.text, asked.chosen, catalogue.facets(), asked.sort
        self.sort = asked_sort if asked_sort in self.sorts else self.usual_sort
        self.reading_list = ReadingList.read(data)
        self.as_typed = data.get("exact") == "1"
        self.page = read_page(data.get("page"))
        self.results = self._search(self.page)
        if self.page > self.pages:
            self.page = self.pages
            self.results = self._search(self.page)

    def _search(self, page):
        return self.catalogue.index.search(
            self.text,
            self.chosen,
            order="" if self.sort == "relevance" else self.sort,
            page=page,
            size=PAGE_SIZE,
            counted=[facet.name for facet in self.facets],
            correct=not self.as_typed,
        )

    @property
    def usual_sort(self):
        return "relevance" if self.text else "title"

    @cached_property
    def sorts(self):
        """The orders that mean something here, with their labels."""
        possible = {"relevance": bool(self.text), "title": True, "newest": self.catalogue.can_sort_by_date()}
        return {sort: label for sort, label in SORTS.items() if possible[sort]}

    @property
    def total(self):
        return self.results.total

    @property
    def pages(self):
        return max(math.ceil(self.total / PAGE_SIZE), 1)

    @property
    def narrowed(self):
        """The facets that the reader chose, without what the page is about."""
        return {name: values for name, values in self.chosen.items() if name not in self.fixed}

    # Addresses --------------------------------------------------------------------------------------------------------

    def query(self, *, text=None, chosen=None, page=1, sort=None, reading_list=None):
        """The part of the address after the question mark, for this list or one that differs in a thing or two."""
        text = self.text if text is None else text
        chosen = self.narrowed if chosen is None else chosen
        sort = self.sort if sort is None else sort
        pairs = [("q", text)] if text else []
        pairs += [(name, value) for name, values in chosen.items() for value in values]
        if sort != ("relevance" if text else "title"):
            pairs.append(("sort", sort))
        if page > 1:
            pairs.append(("page", str(page)))
        kept = self.reading_list if reading_list is None else reading_list
        if kept.begun:
            pairs.append(("list", str(kept)))
        return urlencode(pairs)

    def address(self, **changes):
        """The address of this list, or of one that differs in a thing or two."""
        query = self.query(**changes)
        return f"{self.path}?{query}" if query else self.path

    new_list = ReadingList(begun=True)

    def toggled(self, number):
        """The address of this page with a resource added to the reading list, or taken out of it."""
        kept = self.reading_list
        return self.address(page=self.page, reading_list=kept.removing(number) if number in kept else kept.adding(number))

    def without(self, name, value=None):
        """The address with one choice fewer, or with one facet fewer."""
        return self.address(chosen=self._fewer(name, value))

    def _fewer(self, name, value=None):
        left = [v for v in self.narrowed[name] if value is not None and v != value]
        return {**{n: v for n, v in self.narrowed.items() if n != name}, **({name: left} if left else {})}

    # What the page shows ----------------------------------------------------------------------------------------------

    def groups(self):
        """The facets as the form shows them."""
        groups = [self._group(facet) for facet in self.facets]
        return [group for group in groups if group.shown]

    def _group(self, facet):
        """A facet's values that would show something, and those chosen; the commonest in sight, the rest folded."""
        counts, labels = self.results.counts[facet.name], self.catalogue.labels_as_html[facet.name]
        chosen = self.chosen.get(facet.name, ())
        values = [Value(v, html, counts.get(v, 0), v in chosen) for v, html in labels.items() if v in counts or v in chosen]
        if len(values) <= UNFOLDED:
            return Group(facet.name, facet.label, values, [], facet.all_label)
        foremost = {v.value for v in sorted(values, key=lambda v: (not v.checked, -v.count))[: max(UNFOLDED, len(chosen))]}
        return Group(facet.name, facet.label, [v for v in values if v.value in foremost], [v for v in values if v.value not in foremost], facet.all_label)

    def chips(self):
        """Each choice with its facet's label and the address without it."""
        return [
            (FACET_BY_NAME[name].label, self.catalogue.labels[name][value], self.without(name, value))
            for name, values in self.narrowed.items()
            for value in values
        ]

    def ways_out(self):
        """For a list that is empty: each choice dropped in turn, with how many that would show."""
        ways = []
        for name in self.narrowed:
            left = self._fewer(name)
            total = self.catalogue.index.search(self.text, left, size=1).total
            if total:
                label = join_labels(self.catalogue.labels[name][value] for value in self.narrowed[name])
                ways.append((f"{FACET_BY_NAME[name].label}: {label}", self.address(chosen=left), total))
        if self.text and self.narrowed:
            total = self.catalogue.index.search("", self.chosen, size=1).total
            if total:
                ways.append((f"your words: {self.text}", self.address(text=""), total))
        return ways

    def spelling(self):
        """The search as the catalogue would spell it, where that is another and was not searched already."""
        index = self.catalogue.index
        corrected = index.correct(self.text) if self.text and not self.results.corrected else ""
        return corrected if corrected and index.search(corrected, size=1, correct=False).total else ""

    def nearest_categories(self):
        """The kinds of resource that have most to do with the words, each with its count in all; all kinds where none has."""
        catalogue = self.catalogue
        some = catalogue.index.search(self.text, size=1, counted=["category"]).counts["category"]
        everywhere = catalogue.counts["category"]
        return [(category, everywhere[slug]) for slug, category in catalogue.categories.items() if everywhere.get(slug) and (slug in some or not some)]

    def pagination(self):
        """(previous, next, numbered links) where there is more than one page; a gap is none."""
        if self.pages == 1:
            return None
        near = {1, self.pages, *range(self.page - 1, self.page + 2)}
        items: list[tuple[int, str, bool] | None] = []
        last = 0
        for number in sorted(n for n in near if 1 <= n <= self.pages):
            if number - last == 2:
                items.append((last + 1, self.address(page=last + 1), False))
            elif number - last > 2:
                items.append(None)
            items.append((number, self.address(page=number), number == self.page))
            last = number
        previous = self.address(page=self.page - 1) if self.page > 1 else None
        following = self.address(page=self.page + 1) if self.page < self.pages else None
        return previous, following, items


def join_labels(labels):
    return " or ".join(labels)


def read_page(text, otherwise=1):
    """A page number from an address; whatever is not one is the first."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 6 and int(text) else otherwise

"""Search over the published catalogue: the one file that knows the engine (tantivy, in memory, in this process).

A word finds its inflections (stemming), its synonyms, and what it is the beginning of; title counts over provider over
summary. "Quotes" make a phrase, a minus excludes. Any text is a search: nothing in it is an error.
"""

import json
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import tantivy
from markupsafe import Markup, escape
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from resources.facets import FACETS
from resources.models import Record

MAX_CHARACTERS = 200  # of a search; what is beyond is not read
MAX_WORDS = 16
TEXT_FIELDS = {"in_title": 4.0, "in_provider": 2.0, "in_summary": 1.0, "in_about": 0.5}  # and how much a match in each counts
SYNONYM_WEIGHT = 0.8
PREFIX_WEIGHT = 0.4
PREFIX_SHORTEST = 3
MOST_ALSO = 3  # synonyms to tell the reader of
PREFIX_WIDEST = 50  # words that a beginning may stand for

STOP_WORDS = frozenset(
    """
    a about an and any are as at be by can do does for from get has have how i in is it me my of on or our should some than that the their there these this
    those to us was we what when where which who why will with you your
    """.split()
)
WORD = re.compile(r"[^\W_]+")
PIECE = re.compile(r'(-?)"([^"]*)"|(\S+)')


ORDERS = {"title": "by_title", "newest": "by_date", "soonest": "by_start", "featured": "featured_first"}  # a sort, and the field that ranks by it


def _analyzer(stem):
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(60)).filter(Filter.lowercase()).filter(Filter.ascii_fold())
    return (builder.filter(Filter.stemmer("english")) if stem else builder).build()


STEM = _analyzer(stem=True)
PLAIN = _analyzer(stem=False)


def _schema():
    builder = tantivy.SchemaBuilder()
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="stem")
    builder.add_text_field("words", tokenizer_name="plain", index_option="basic")
    builder.add_text_field("slug", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_unsigned_field("broken", indexed=True)
    for facet in FACETS:
        builder.add_unsigned_field(facet.name, indexed=True, fast=True)
    for order in ORDERS.values():
        builder.add_unsigned_field(order, fast=True)
    builder.add_bytes_field("record", stored=True)
    return builder.build()


SCHEMA = _schema()


@dataclass
class Results:
    """One page of a search, the total, and each facet's counts under the other facets' choices."""

    total: int = 0
    records: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)
    patterns: tuple = ()  # regular expressions of what matched, for highlighting
    corrected: str = ""  # what was searched instead, where the words as typed are unknown here
    partial: bool = False  # nothing had all of the words; these have some
    unknown: bool = False  # nothing at all has what was typed, whatever the filters
    also: tuple = ()  # the other words that were searched, as curators or custom have them


class Index:
    """The published records of one moment, ready to be searched. Made once, then only read."""

    def __init__(self, records, by_title, texts_of, codes, synonyms=(), today=None):
        """`records` may be a stream; `by_title` are their ids in the order of titles; `texts_of(record)` gives the words of each text field;
        `codes` numbers each facet's values; `synonyms` are (term, meanings)."""
        self.codes = codes
        self.values = {name: {code: value for value, code in by_value.items()} for name, by_value in codes.items()}
        self.index = tantivy.Index(SCHEMA)
        self.index.register_tokenizer("stem", STEM)
        self.index.register_tokenizer("plain", PLAIN)
        self._write(records, by_title, texts_of, today)
        self.searcher = self.index.searcher()
        self.total = self.searcher.num_docs
        self.known = {f.name: self._filled(f.name) for f in FACETS}
        self._read_vocabulary()
        self._read_synonyms(synonyms)

    # Making -----------------------------------------------------------------------------------------------------------

    def _write(self, records, by_title, texts_of, today):
        self.dated = 0
        ranks = {pk: rank for rank, pk in enumerate(by_title)}
        writer = self.index.writer(heap_size=50_000_000, num_threads=1)
        for record in records:
            document = tantivy.Document()
            texts = texts_of(record)
            for name, text in texts.items():
                document.add_text(name, text)
            document.add_text("words", " ".join(texts.values()))
            document.add_text("slug", record.slug)
            document.add_unsigned("id", record.id)
            document.add_unsigned("broken", int(record.broken))
            for facet in FACETS:
                for value in facet.values(record, today):
                    if value in self.codes[facet.name]:
                        document.add_unsigned(facet.name, self.codes[facet.name][value])
            self.dated += bool(record.source_published_on)
            rank = ranks.get(record.id, len(ranks))
            document.add_unsigned("by_title", rank)
            document.add_unsigned("by_date", _newest_first(record.source_published_on, rank))
            document.add_unsigned("by_start", _soonest_first(record.starts_on, rank))
            document.add_unsigned("featured_first", rank if record.featured else rank + len(ranks))
            document.add_bytes("record", json.dumps(vars(record), ensure_ascii=False, separators=(",", ":")).encode())
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def _filled(self, facet):
        """How many rows have each value of the facet."""
        return self._counts(Query.all_query(), [facet])[facet]

    def _read_vocabulary(self):
        """The catalogue's own words, how many rows have each, and which words share a stem."""
        self.vocabulary = {word: count for word, count in self.searcher.terms_with_prefix("words", "") if not word.isdigit()}
        self.inflections = defaultdict(list)
        for word in self.vocabulary:
            for stem in STEM.analyze(word):
                self.inflections[stem].append(word)

    def _read_synonyms(self, synonyms):
        """From the stems of a term to the stems of each meaning, and back."""
        self.synonyms = defaultdict(list)
        self.synonym_words = set()
        for term, meanings in synonyms:
            for meaning in meanings:
                for one, other in ((term, meaning), (meaning, term)):
                    key, alternative = tuple(STEM.analyze(one)), tuple(STEM.analyze(other))
                    if key and alternative and key != alternative:
                        self.synonyms[key].append((alternative, other))
                    self.synonym_words.update(PLAIN.analyze(one))
        self.longest_synonym = max(map(len, self.synonyms), default=0)
        self.spelling = sorted(w for w in {*self.vocabulary, *self.synonym_words} if len(w) > 2 and w not in STOP_WORDS)

    # Searching --------------------------------------------------------------------------------------------------------

    def search(self, text="", filters=None, *, order="", page=1, size=20, counted=(), correct=True):
        """One page of what matches the text and every facet's choices; `filters` is {facet: values}, `counted` the facets to count."""
        filters = {name: values for name, values in (filters or {}).items() if values}
        chosen = {name: self._any_of(name, values) for name, values in filters.items()}
        reading, results = self._read(text), Results()
        query = reading.query()
        found = self._page(query, chosen, order, reading, page, size)
        if not found.count and not reading.blank and not (chosen and self._count(query)):
            reading, query, results = self._otherwise(text, reading, correct)
            found = self._page(query, chosen, order, reading, page, size)
        results.total = found.count
        results.records = [self._record(address) for _, address in found.hits]
        results.counts = self._facet_counts(query, chosen, counted, everything=reading.blank)
        results.patterns, results.also = tuple(reading.patterns), tuple(dict.fromkeys(reading.also))[:MOST_ALSO]
        return results

    def _page(self, query, chosen, order, reading, page, size):
        by = ORDERS.get(order, "featured_first" if reading.blank else None)
        within = _all_of([query, *chosen.values()])
        return self.searcher.search(within, limit=size, offset=(page - 1) * size, order_by_field=by, order=tantivy.Order.Asc)

    def _otherwise(self, text, reading, correct):
        """Nothing at all has what was typed: what the catalogue would call it; failing that, what has some of the words."""
        results = Results(unknown=True)
        corrected = self.correct(text) if correct else ""
        if corrected:
            results.corrected, typed, reading = corrected, reading, self._read(corrected)
            if self._count(reading.query()):
                return reading, reading.query(), results
        if len(reading.required) > 1:
            partly = reading.query(partly=True)
            if self._count(partly):
                results.partial = True
                return reading, partly, results
        if corrected:  # the other spelling was no better
            results.corrected, reading = "", typed
        return reading, reading.query(), results

    def _facet_counts(self, query, chosen, counted, everything):
        if everything and not chosen:
            return {name: self.known[name] for name in counted}
        within = _all_of([query, *chosen.values()])
        counts = self._counts(within, [name for name in counted if name not in chosen])
        for name in counted:
            if name in chosen:  # counted without itself: what choosing one more value would show
                others = [other for facet, other in chosen.items() if facet != name]
                counts |= self._counts(_all_of([query, *others]), [name])
        return counts

    def _counts(self, query, names):
        if not names:
            return {}
        asked = {name: {"terms": {"field": name, "size": max(len(self.codes[name]), 1)}} for name in names}
        answer = self.searcher.aggregate(query, asked)
        return {name: {self.values[name][int(bucket["key"])]: bucket["doc_count"] for bucket in answer[name]["buckets"]} for name in names}

    def _count(self, query):
        return self.searcher.search(query, limit=1).count

    def _any_of(self, name, values):
        return _one_of(name, [self.codes[name][value] for value in values if value in self.codes[name]])

    def _record(self, address):
        stored: Any = self.searcher.doc(address).get_first("record")
        return Record(json.loads(bytes(stored)))

    def get(self, slug):
        """The published record at this address, or none."""
        hits = self.searcher.search(Query.term_query(SCHEMA, "slug", slug), limit=1).hits
        return self._record(hits[0][1]) if hits else None

    def by_id(self, ids):
        """Published records by their ids, in that order; those not published are left out."""
        hits = self.searcher.search(_one_of("id", ids), limit=max(len(ids), 1), count=False).hits
        found = {record.id: record for record in (self._record(address) for _, address in hits)}
        return [found[i] for i in ids if i in found]

    def first(self, size, filters, working=False):
        """The first few of a shelf: those shown first, then by title. `working` leaves out those whose link is known to be broken."""
        within = _all_of([*(self._any_of(name, values) for name, values in filters.items()), _working() if working else None])
        hits = self.searcher.search(within, limit=size, count=False, order_by_field="featured_first", order=tantivy.Order.Asc).hits
        return [self._record(address) for _, address in hits]

    def count_values(self, name, filters):
        """How many rows have each value of a facet under some filters."""
        return self._counts(_all_of([self._any_of(other, values) for other, values in filters.items()]), [name])[name]

    def everything(self, text="", filters=None, order="title"):
        """All that match, for files and feeds."""
        return self.search(text, filters, order=order, size=max(self.searcher.num_docs, 1)).records

    def related(self, record, size=4):
        """The curator's choice first, then what is alike in its words; nothing whose link is broken."""
        chosen = [r for r in self.by_id(record.related) if not r.broken][:size]
        words = {"in_title": [record.title], "in_summary": [record.summary]}
        query = Query.more_like_this_document_fields_query(
            SCHEMA, words, min_doc_frequency=2, min_term_frequency=1, max_query_terms=12, stop_words=list(STOP_WORDS)
        )
        known = {record.id, *(r.id for r in chosen)}
        alike = [self._record(address) for _, address in self.searcher.search(_all_of([query, _working()]), limit=size + len(known), count=False).hits]
        return (chosen + [r for r in alike if r.id not in known])[:size]

    def fitting(self, texts, filters, size):
        """What speaks of the same as these texts, the likest first, among what the filters let through and works: (record, the words they share)."""
        words = {"in_title": texts, "in_summary": texts}
        query = Query.more_like_this_document_fields_query(
            SCHEMA, words, min_doc_frequency=1, min_term_frequency=1, max_query_terms=25, stop_words=list(STOP_WORDS)
        )
        within = _all_of([query, _working(), *(self._any_of(name, values) for name, values in filters.items())])
        records = [self._record(address) for _, address in self.searcher.search(within, limit=size, count=False).hits]
        return [(record, self._shared(texts, record)) for record in records]

    def alternatives(self, record, size=2):
        """What to read instead, all of which works: of the same kind and component, the likest first; failing that, of the same component."""
        here = {"component": [str(number) for number in record.components]}
        alike = {**here, "category": [record.category]}
        likest = [other for other, _ in self.fitting([record.title, record.summary], alike, size + 1)]
        found = [*likest, *self.first(size + 1, alike, working=True), *self.first(2 * size + 1, here, working=True)]
        return list({other.id: other for other in found if other.id != record.id}.values())[:size]

    def _shared(self, texts, record):
        """The words of the texts that a record's title or summary has too, in some form, in the texts' order."""
        theirs = set(STEM.analyze(f"{record.title} {record.summary}"))
        words = [word for text in texts for word in WORD.findall(text.lower()) if word not in STOP_WORDS and len(word) > 3]
        return list({STEM.analyze(word)[0]: word for word in reversed(words) if STEM.analyze(word) and STEM.analyze(word)[0] in theirs}.values())[::-1]

    def suggest(self, text, size=6):
        """Titles that fit what has been typed so far, the last word being unfinished."""
        reading = self._read(text, unfinished=True)
        if reading.blank:
            return []
        return [self._record(address) for _, address in self.searcher.search(reading.query(), limit=size, count=False).hits]

    # Reading what was typed -------------------------------------------------------------------------------------------

    def _read(self, text, *, unfinished=False):
        return Reading(self, text, unfinished)

    def is_known(self, stem):
        """Has any row a word of this stem?"""
        return stem in self.inflections

    def beginnings(self, word):
        """The catalogue's words that begin so."""
        if len(word) < PREFIX_SHORTEST:
            return []
        return [w for w, _ in self.searcher.terms_with_prefix("words", word, limit=PREFIX_WIDEST)]

    def correct(self, text):
        """The text with each unknown word turned into the nearest of the catalogue's own, or "" where that changes nothing."""
        text, changed = text[:MAX_CHARACTERS], False

        def nearest(match):
            nonlocal changed
            word = match.group().lower()
            last = match.end() == len(text.rstrip())
            if word in STOP_WORDS or word in self.synonym_words or any(map(self.is_known, STEM.analyze(word))) or (last and self.beginnings(word)):
                return match.group()
            found = self._nearest(word)
            changed = changed or bool(found)
            return found or match.group()

        corrected = WORD.sub(nearest, text)
        return corrected if changed else ""

    def _nearest(self, word):
        if not 3 < len(word) <= 40:
            return ""
        most = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
        near = process.extract(word, self.spelling, scorer=OSA.distance, score_cutoff=most, limit=10)
        return min(near, key=lambda n: (n[1], n[0][0] != word[0], -self.vocabulary.get(n[0], 1), n[0]), default=("",))[0]


LAST_DAY = 99999999


def _soonest_first(day, rank):
    """A number that sorts by day, then by title; undated rows last."""
    return (int(day.replace("-", "")) if day else LAST_DAY) * 10_000_000 + rank


def _newest_first(day, rank):
    """The same, newest first."""
    return (LAST_DAY - int(day.replace("-", "")) if day else LAST_DAY) * 10_000_000 + rank


def _all_of(queries):
    queries = [q for q in queries if q is not None]
    if not queries:
        return Query.all_query()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, q) for q in queries])


def _one_of(name, numbers):
    """Rows with any of these numbers in a field, for no score. Terms one by one: a term set builds an automaton, at forty times the cost."""
    terms = [Query.term_query(SCHEMA, name, number, index_option="basic") for number in numbers]
    if not terms:
        return Query.empty_query()
    return Query.const_score_query(terms[0] if len(terms) == 1 else Query.boolean_query([(Occur.Should, term) for term in terms]), 0.0)


def _working():
    """Rows whose link is not known to be broken."""
    return _one_of("broken", [0])


def _in_any_field(stems, weight=1.0):
    """The stem, or the stems in a row, in any text field."""
    fields = []
    for name, boost in TEXT_FIELDS.items():
        query = Query.term_query(SCHEMA, name, stems[0]) if len(stems) == 1 else Query.phrase_query(SCHEMA, name, list(stems))
        fields.append(Query.boost_query(query, boost * weight))
    return Query.disjunction_max_query(fields, tie_breaker=0.2)


class Reading:
    """What a search asks for: the parts that must match, and the parts that must not."""

    def __init__(self, index, text, unfinished=False):
        self.index = index
        self.required = []
        self.excluded = []
        self.patterns = set()
        self.also = []
        text = text[:MAX_CHARACTERS].replace("\x00", " ")
        run = []  # words in a row, outside quotes: synonyms may span several
        for minus, phrase, word in PIECE.findall(text):
            if word and not (word.startswith("-") and len(word) > 1):
                run += WORD.findall(word)
                continue
            self._read_run(run)
            run = []
            stems = STEM.analyze(phrase or word)[:MAX_WORDS]
            if not stems:
                continue
            if minus or word:
                self.excluded.append(_in_any_field(stems))
            else:
                self.required.append(_in_any_field(stems))
                self._see(stems)
        self._read_run(run, unfinished=unfinished and not text.endswith((" ", '"')))

    @property
    def blank(self):
        """Does it ask for nothing at all?"""
        return not self.required and not self.excluded

    def _see(self, stems):
        """Remember how these stems, in a row, stand in a text."""
        inflections = [self.index.inflections.get(stem) for stem in stems]
        if all(inflections):
            self.patterns.add(r"\W+".join("(?:" + "|".join(map(re.escape, words)) + ")" for words in inflections))

    def _read_run(self, run, unfinished=False):
        """Words in a row: the longest synonym first, then each word that tells something."""
        words = run[:MAX_WORDS]
        stems = [(STEM.analyze(word) or [""])[0] for word in words]
        nothing_else = not self.required and all(word.lower() in STOP_WORDS for word in words)
        at = 0
        while at < len(words):
            length = self._synonym_length(stems, at)
            last = at + length == len(words)
            if length > 1 or (stems[at] and (nothing_else or words[at].lower() not in STOP_WORDS)):
                self.required.append(self._part(stems[at : at + length], words[at], last=last, unfinished=unfinished and last))
            at += length

    def _synonym_length(self, stems, at):
        for length in range(min(self.index.longest_synonym, len(stems) - at), 1, -1):
            if tuple(stems[at : at + length]) in self.index.synonyms:
                return length
        return 1

    def _part(self, stems, word, *, last, unfinished):
        """One word, or words that have a synonym together: as they are, or any synonym, or what they begin."""
        ways = [_all_of([_in_any_field([stem]) for stem in stems])]
        for stem in stems:
            self._see([stem])
        alternatives = self.index.synonyms.get(tuple(stems), ())
        for alternative, words in alternatives:
            ways.append(_in_any_field(alternative, SYNONYM_WEIGHT))
            if all(self.index.is_known(stem) for stem in alternative):
                self.also.append(words)
                self._see(alternative)
        if len(stems) == 1 and (unfinished or (last and not alternatives and not self.index.is_known(stems[0]))):
            begun = self.index.beginnings(*(PLAIN.analyze(word)[:1] or [""]))
            if begun:
                ways.append(self._any_word_of(begun))
                self.patterns.update(map(re.escape, begun))
        return ways[0] if len(ways) == 1 else Query.disjunction_max_query(ways, tie_breaker=0.1)

    def _any_word_of(self, words):
        stems = {stem for word in words for stem in STEM.analyze(word)}
        return Query.disjunction_max_query([_in_any_field([stem], PREFIX_WEIGHT) for stem in sorted(stems)[:PREFIX_WIDEST]])

    def query(self, partly=False):
        """All of the parts, or (partly) as many as most of them."""
        if self.blank:
            return Query.all_query()
        excluded = [(Occur.MustNot, q) for q in self.excluded]
        if not self.required:
            return Query.boolean_query([(Occur.Must, Query.all_query()), *excluded])
        if partly:
            fewest = math.ceil(len(self.required) / 2)
            return Query.boolean_query([(Occur.Should, q) for q in self.required] + excluded, minimum_number_should_match=fewest)
        return Query.boolean_query([(Occur.Must, q) for q in self.required] + excluded)


def highlighter(patterns):
    """A function that turns a text into HTML in which what matched is marked; none where nothing did."""
    if not patterns:
        return None
    pattern = re.compile(r"\b(" + "|".join(sorted(patterns, key=len, reverse=True)) + r")\b", re.IGNORECASE)

    def mark(text):
        parts = pattern.split(text)
        if len(parts) == 1:
            return escape(text)
        return Markup("".join(f"<mark>{escape(part)}</mark>" if at % 2 else escape(part) for at, part in enumerate(parts)))

    return mark


# Titles alike ---------------------------------------------------------------------------------------------------------

NEAR = 90  # of 100: how alike two titles are that may be one


class NearTitles:
    """Titles (or names), asked whether one is there that is almost the same. Other numbers, such as another year, make another title."""

    MOST_LOOKED_UP = 3  # words by which a title is looked for, the rarest first

    def __init__(self, titles=()):
        """`titles` are pairs of a title and what it stands for."""
        self.titles, self.plain, self.by_word, self.short = [], [], defaultdict(list), []
        for title, what in titles:
            self.add(title, what)

    def add(self, title, what):
        """One more."""
        words, at = self._words(title), len(self.titles)
        self.titles.append((title, what))
        self.plain.append(" ".join(words))
        for word in set(words):
            self.by_word[word].append(at)
        if len(words) < self.MOST_LOOKED_UP:
            self.short.append(at)

    def find(self, title, but=None):
        """The nearest one, as (its title, what it stands for), or none; never the one that stands for `but`."""
        words = self._words(title)
        near = process.extract(" ".join(words), self._candidates(words), scorer=fuzz.ratio, score_cutoff=NEAR, limit=5)
        found = (self.titles[at] for plain, _, at in near if _numbers(plain) == _numbers(" ".join(words)))
        return next((pair for pair in found if but is None or pair[1] != but), None)

    def _candidates(self, words):
        """Those that share one of its rarest words; for short titles, in which one slip leaves nothing to look for, all the short ones too."""
        known = sorted((word for word in set(words) if word in self.by_word), key=lambda word: (len(self.by_word[word]), word))
        places = {at for word in known[: self.MOST_LOOKED_UP] for at in self.by_word[word]}
        if len(words) <= self.MOST_LOOKED_UP:
            places.update(self.short)
        return {at: self.plain[at] for at in places}

    def _words(self, title):
        words = PLAIN.analyze(title[:500])
        return [word for word in words if word not in STOP_WORDS] or words


def _numbers(text):
    return re.findall(r"\d+", text)

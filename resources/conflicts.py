"""Two people at one row: what the second typed set beside what the first saved meanwhile, so that neither is lost.

Values are compared as a browser would send them: what a field shows is what an untouched field says.
"""

from dataclasses import dataclass, field

from django import forms
from django.db.models import Max

from resources.history import NOTHING, latest_line, values_of, values_of_lines


@dataclass
class Clash:
    """One row that was saved by somebody else after its form was opened."""

    line: object  # the last line of its history
    both: list = field(default_factory=list)  # [(label, theirs now, yours)] where both changed it: the form keeps yours
    theirs: list = field(default_factory=list)  # [(label, theirs now, what the form had)] where only they did: the form takes theirs

    def merge(self, data, form, now, opened):
        """Set in `data`, which was sent, what only the others changed in one form; keep in words what differs. `opened` may be unknown (none)."""
        for bound in form:
            name, key = bound.name, bound.html_name
            if name not in now or bound.is_hidden:
                continue
            typed, current = sorted(data.getlist(key)), as_sent(bound.field, now[name])
            if _plain(typed) == _plain(current):
                continue
            untouched = opened is not None and _plain(typed) == _plain(as_sent(bound.field, opened.get(name)))
            told = (bound.label, in_words(bound.field, current), in_words(bound.field, typed))
            (self.theirs if untouched else self.both).append(told)
            if untouched:
                data.setlist(key, current)


def as_sent(field, value):
    """What a browser sends for a field that shows this value: a sorted list of texts, empty for an empty tick box."""
    widget = getattr(field.widget, "widget", field.widget)  # the admin wraps those of related rows
    if isinstance(value, tuple) and not isinstance(field, forms.ModelMultipleChoiceField):
        value = list(value)
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown = widget.format_value(field.prepare_value(list(value) if isinstance(value, tuple) else value))
    if isinstance(shown, (list, tuple)):
        return sorted(str(one) for one in shown if one not in (None, ""))
    return ["" if shown is None else str(shown)]


def _plain(texts):
    """Sent texts, comparable: browsers end lines their own way, and an empty choice may be sent or not."""
    return [text.replace("\r\n", "\n").strip() for text in texts if text.strip()]


def in_words(field, texts):
    """Sent texts as people read them."""
    if isinstance(getattr(field.widget, "widget", field.widget), forms.CheckboxInput):
        return "yes" if texts else "no"
    texts = _plain(texts)
    if hasattr(field, "queryset"):
        keys = [key for text in texts for key in text.split(",") if key.strip().isdecimal() and len(key) < 19]
        texts = [str(row) for row in field.queryset.model._base_manager.filter(pk__in=keys)]
    elif hasattr(field, "choices"):
        labels = {str(value): str(label) for value, label in field.choices}
        texts = [labels.get(text, text) for text in texts]
    return ", ".join(texts) or NOTHING


def version_of(row, parts):
    """What a form of a row remembers: the last line of its history, and of that of its parts. `parts`: [(model, its column for the row)]."""
    lines = [model.history.filter(**{column: row.pk}).aggregate(last=Max("history_id"))["last"] for model, column in parts if hasattr(model, "history")]
    return "-".join(str(line or 0) for line in [latest_line(row), *lines])


def lines_in(version):
    """The lines of history that a form was opened at; none where the text is not one that a form remembers."""
    lines = version.split("-")
    return [int(line) for line in lines] if all(line.isascii() and line.isdecimal() and len(line) < 19 for line in lines) else []


def clash_of(row, data, version, form, inlines):
    """Merge what was sent (`data`, changed in place) with a row saved meanwhile. `inlines`: unbound formsets of its parts as they are now."""
    clash, opened = Clash(row.history.first()), lines_in(version)
    line = row.history.filter(history_id=opened[0]).first() if opened else None
    clash.merge(data, form, values_of([row])[row.pk], line and values_of_lines([line])[line.history_id])
    with_history = [formset for formset in inlines if hasattr(formset.model, "history")]
    lasts = opened[1:] if len(opened) == len(with_history) + 1 else [None] * len(with_history)
    for formset, last in zip(with_history, lasts, strict=True):
        _merge_parts(clash, data, formset, last)
    return clash


def _merge_parts(clash, data, formset, last):
    """Merge the rows of one inline, each found by its own key in what was sent; `last` is the last line of theirs when the form was opened."""
    kept = formset.initial_forms
    name = formset.model._meta.pk.name
    place_of = {data.get(f"{formset.prefix}-{n}-{name}"): n for n in range(1000) if f"{formset.prefix}-{n}-{name}" in data}
    now = values_of([form.instance for form in kept])
    for form in kept:
        place = place_of.get(str(form.instance.pk))
        if place is not None:
            form.prefix = f"{formset.prefix}-{place}"
            then = form.instance.history.filter(history_id__lte=last).first() if last is not None else None
            part = Clash(None)
            part.merge(data, form, now[form.instance.pk], then and values_of_lines([then])[then.history_id])
            told = f"{formset.model._meta.verbose_name.capitalize()} {place + 1}: "
            clash.both += [(f"{told}{label}", *texts) for label, *texts in part.both]
            clash.theirs += [(f"{told}{label}", *texts) for label, *texts in part.theirs]

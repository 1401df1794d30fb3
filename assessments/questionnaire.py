"""A framework as its raters meet it: a page for each component, in the framework's order."""

from dataclasses import dataclass
from functools import lru_cache

from assessments.models import Framework
from assessments.rating_forms import choice_names

BEFORE, AFTER = 1, 2  # pages before and after those of the components: the cover; check and thanks


@dataclass(frozen=True)
class Page:
    """The questions of one component, and its place from 1: the number in its address."""

    place: int
    component: object
    questions: tuple


class Questionnaire:
    """The pages of a published framework, and the words of every choice."""

    def __init__(self, framework):
        self.framework = framework
        self.questions = framework.with_everything()
        for question in self.questions:
            question.framework = framework
        together = {}
        for question in self.questions:
            together.setdefault(question.component, []).append(question)
        self.pages = [Page(place, component, tuple(questions)) for place, (component, questions) in enumerate(together.items(), 1)]
        self.of_pages = BEFORE + len(self.pages) + AFTER
        self.levels = {question.pk: {str(level.level): level.text for level in question.levels.all()} for question in self.questions}
        self.choices = choice_names(framework.level_names)

    def page(self, place):
        """One of the pages, or none."""
        return self.pages[place - 1] if 0 < place <= len(self.pages) else None

    def looks_like(self, question, choice):
        """What a level of a question looks like in words; nothing for the other choices."""
        return self.levels[question.pk].get(choice, "")

    def items(self, question, chosen):
        """The choices of a question as radios have them: the levels, and apart from them and from each other the two that are none."""
        levels = self.levels[question.pk]
        items = [(value, name, value == chosen, levels.get(value)) for value, name in self.choices.items()]
        return [*items[: len(levels)], "or", items[-2], "or", items[-1]]

    def first_unanswered(self, answered):
        """The first page with a question whose key is not among the answered, or none."""
        return next((page for page in self.pages if any(question.pk not in answered for question in page.questions)), None)


@lru_cache(maxsize=50)
def _read(pk, slug, published_at):
    return Questionnaire(Framework.objects.get(pk=pk))


def questionnaire(framework):
    """The questionnaire of a published framework. It never changes any more, so each process reads it once."""
    return _read(framework.pk, framework.slug, framework.published_at)

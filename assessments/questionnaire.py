"""A framework as its raters meet it: a page for each component, in the framework's order."""

from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from markupsafe import Markup

from assessments.models import Framework
from assessments.models.rating import LONGEST_COMMENT
from assessments.rating_forms import choice_names

BLANK = "\ue000"  # stands where a comment goes
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
        together = {}
        for question in self.questions:
            question.framework = framework
            together.setdefault(question.component, []).append(question)
        self.pages = [Page(place, component, tuple(questions)) for place, (component, questions) in enumerate(together.items(), 1)]
        self.of_pages = BEFORE + len(self.pages) + AFTER
        self.levels = {question.pk: {str(level.level): level.text for level in question.levels.all()} for question in self.questions}
        self.choices = choice_names(framework.level_names)
        self._drawn = {}

    def page(self, place):
        """One of the pages, or none."""
        return self.pages[place - 1] if 0 < place <= len(self.pages) else None

    def looks_like(self, question, choice):
        """What a level of a question looks like in words; nothing for the other choices."""
        return self.levels[question.pk].get(choice, "")

    def first_unanswered(self, answered):
        """The first page with a question whose key is not among the answered, or none."""
        return next((page for page in self.pages if any(question.pk not in answered for question in page.questions)), None)

    def items(self, question, chosen):
        """The choices of a question as radios have them: the levels, and apart from them and from each other the two that are none."""
        levels = self.levels[question.pk]
        items = [(value, name, value == chosen, levels.get(value)) for value, name in self.choices.items()]
        return [*items[: len(levels)], "or", items[-2], "or", items[-1]]

    def drawn(self, entry):
        """A question as it stands on a page. But for the comment it is the same for all who chose the same, and so it is drawn once for each choice."""
        if entry.error:
            return self._draw(entry.question, entry.choice, entry.comment, entry.error)
        key = (entry.question.pk, entry.choice if entry.choice in self.choices else "")
        if key not in self._drawn:
            self._drawn[key] = self._draw(entry.question, key[1], BLANK).split(BLANK)
        return self._drawn[key][0] + entry.comment + self._drawn[key][1]

    def _draw(self, question, chosen, comment, error=""):
        words = {"question": question, "items": self.items(question, chosen), "comment": comment, "error": error, "longest": LONGEST_COMMENT}
        return Markup(render_to_string("assessments/rate_question.jinja", words))


@lru_cache(maxsize=50)
def _read(pk):
    return Questionnaire(Framework.objects.get(pk=pk))


def questionnaire(assessment):
    """The questionnaire of a round. Its framework is published and never changes any more, so each process reads it once."""
    return _read(assessment.framework_id)


forget_all = _read.cache_clear  # for tests, which begin with the same keys again

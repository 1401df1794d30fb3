"""A framework as text, apart from any database or file: what is compared, judged, written to files and read from them."""

from dataclasses import dataclass
from typing import Any

from assessments.models.framework import LEVELS

FRAMEWORK_LINES = ("slug", "title", "edition", "source", "note")
QUESTION_LINES = ("number", "component", "title", "asks")


class FrameworkFileError(Exception):
    """A file, or what was asked of it, cannot be used. Holds every fault."""

    def __init__(self, faults):
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where it stands, what stands there, and what to do."""

    where: str
    value: str
    remedy: str

    def __str__(self):
        value = self.value if len(self.value) <= 60 else f"{self.value[:57]}..."
        return f"{self.where}: {f'{value!r}: ' if value else ''}{self.remedy}"


@dataclass(frozen=True)
class Said:
    """What a file says in one place: text, a list of Said, a dict of Said, or none where what stands there has been faulted already."""

    where: str
    value: Any


@dataclass(frozen=True)
class QuestionText:
    """A question in words; its component by its slug."""

    number: str
    component: str
    title: str
    asks: str
    examples: tuple[str, ...]
    levels: tuple[str, ...]

    @classmethod
    def of(cls, question):
        """Of a question here; a level that a draft lacks is blank."""
        levels = {level.level: level.text for level in question.levels.all()}
        words = tuple(levels.get(level, "") for level in LEVELS)
        return cls(question.number, question.component.slug, question.title, question.asks, tuple(question.might_see), words)


@dataclass(frozen=True)
class FrameworkText:
    """A framework in words. Equal if and only if every word is."""

    slug: str
    title: str
    edition: str
    source: str
    note: str
    level_names: tuple[str, ...]
    questions: tuple[QuestionText, ...]

    @classmethod
    def of(cls, framework, questions=None):
        """Of a framework here; `questions` where they are at hand, with components and levels."""
        return cls(
            **{field: getattr(framework, field) for field in FRAMEWORK_LINES},
            level_names=tuple(framework.level_names),
            questions=tuple(QuestionText.of(question) for question in (framework.with_everything() if questions is None else questions)),
        )

    @classmethod
    def from_dict(cls, held):
        """The same again from what `dataclasses.asdict` made of it, perhaps by way of JSON."""
        questions = (QuestionText(**{**q, "examples": tuple(q["examples"]), "levels": tuple(q["levels"])}) for q in held["questions"])
        return cls(**{**held, "level_names": tuple(held["level_names"]), "questions": tuple(questions)})

    def by_component(self):
        """How many questions each component has, by its slug."""
        counts = {}
        for question in self.questions:
            counts[question.component] = counts.get(question.component, 0) + 1
        return counts

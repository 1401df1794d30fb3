"""A framework's file, whatever its format: read and judged whole, so that every fault is named at once, and written so that it goes back in unchanged."""

import re
import unicodedata
from functools import lru_cache
from pathlib import PurePath

from assessments import framework_workbook, framework_yaml
from assessments.framework_text import FRAMEWORK_LINES, Fault, FrameworkFileError, FrameworkText, QuestionText
from assessments.models.framework import LEVELS

FORMATS = {".yaml": framework_yaml, ".yml": framework_yaml, ".xlsx": framework_workbook}
TYPES = {".yaml": "application/yaml; charset=utf-8", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LONGEST = {  # characters
    "slug": 60,
    "title": 120,
    "edition": 60,
    "source": 5_000,
    "note": 5_000,
    "level_names": 40,
    "number": 6,
    "component": 100,
    "asks": 1_000,
    "examples": 300,
    "levels": 1_000,
}
OF_QUESTION = {**LONGEST, "title": 80}
MOST_QUESTIONS = 99
MOST_EXAMPLES = 10
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NUMBER = re.compile(r"([1-9])\.([1-9][0-9]?)")
NEVER_SEEN = {"Cc", "Cs", "Zl", "Zp"}  # controls, halves of characters, and separators of lines that are no ends of lines
IN_WORDS = {
    "slug": "the address",
    "asks": "what it asks",
    "examples": "the example",
    "levels": "the level in words",
    "level_names": "the level’s name",
}
TAKEN = "This framework is published and cannot change: new wording is a new framework, so give it another address"


def format_of(name):
    """The module that reads and writes files of this name. Raises FrameworkFileError."""
    try:
        return FORMATS[PurePath(name).suffix.lower()]
    except KeyError as error:
        raise FrameworkFileError([Fault("the file", "", "Choose a file whose name ends in .yaml, .yml or .xlsx")]) from error


def read(content, name, *, components, published=()):
    """The framework that the bytes of a file of this name hold. Raises FrameworkFileError with every fault.

    `components`: the number of each component by its slug; `published`: the addresses whose wording is fixed.
    """
    said, faults = format_of(name).parse(content)
    judge = Judge(components, published, faults)
    text = judge.framework(said)
    if judge.faults:
        raise FrameworkFileError(judge.faults)
    return text


@lru_cache(maxsize=16)
def as_file(text, suffix):
    """A framework's text as the bytes of a file. Each is made once: what is published never changes."""
    return format_of(f"framework{suffix}").dump(text)


class Judge:
    """Judges what a file says, place by place, and notes each fault. What comes out counts only where there is none."""

    def __init__(self, components, published, faults):
        self.components, self.published, self.faults = components, published, faults

    def fault(self, said, remedy, value=None):
        self.faults.append(Fault(said.where, value if value is not None else said.value if isinstance(said.value, str) else "", remedy))
        return ""

    def framework(self, said):
        if said.value is None:
            return None
        parts = said.value
        lines = {field: self.text(parts[field], field, several_lines=field in ("source", "note"), needed=field != "note") for field in FRAMEWORK_LINES}
        self._address(parts["slug"], lines["slug"])
        names = self._five(parts["level_names"], "level_names")
        if len({name.casefold() for name in names if name}) < len([name for name in names if name]):
            self.fault(parts["level_names"], "Two levels have the same name: give each its own")
        return FrameworkText(**lines, level_names=names, questions=self._questions(parts["questions"]))

    def _address(self, said, slug):
        if slug and not SLUG.fullmatch(slug):
            self.fault(said, "Write the address in small letters and digits with hyphens between them, such as working-edition")
        elif slug in self.published:
            self.fault(said, TAKEN)

    def _questions(self, said):
        if said.value is None:
            return ()
        if not said.value:
            self.fault(said, "Add questions")
        if len(said.value) > MOST_QUESTIONS:
            self.fault(said, f"There are {len(said.value)} questions: keep {MOST_QUESTIONS} at most")
            return ()
        questions, last = [], None
        for one in said.value:
            if one.value is None:
                continue
            question = self._question(one.value)
            last = self._order(one.value["number"], question, last)
            questions.append(question)
        return tuple(questions)

    def _question(self, parts):
        lines = {field: self.text(parts[field], field, longest=OF_QUESTION) for field in ("number", "component", "title", "asks")}
        self._place(parts, lines["number"], lines["component"])
        examples = parts["examples"].value or []
        if len(examples) > MOST_EXAMPLES:
            self.fault(parts["examples"], f"Keep {MOST_EXAMPLES} examples at most: there are {len(examples)}")
        seen = tuple(self.text(example, "examples") for example in examples[:MOST_EXAMPLES])
        return QuestionText(**lines, examples=seen, levels=self._five(parts["levels"], "levels"))

    def _place(self, parts, number, component):
        """A number such as 2.3, and the component that it says."""
        matched = NUMBER.fullmatch(number)
        if number and not matched:
            self.fault(parts["number"], "Write the number as 2.3: the component, a point, the place in it")
        if component and component not in self.components:
            self.fault(parts["component"], f"There is no such component: use one of {', '.join(self.components)}")
        elif component and matched and self.components[component] != int(matched[1]):
            self.fault(parts["component"], f"This is component {self.components[component]}: a question in it cannot be {number}")

    def _order(self, said, question, last):
        """The place of a question, which must come after the last one."""
        matched = NUMBER.fullmatch(question.number)
        if not matched:
            return last
        place = tuple(map(int, matched.groups()))
        if last and place == last:
            self.fault(said, "This number is here twice: give each question its own, written as text so that 1.10 does not become 1.1")
        elif last and place < last:
            self.fault(said, f"Put the questions in order: this one comes before {last[0]}.{last[1]}")
        return max(place, last) if last else place

    def _five(self, said, field):
        """Five texts, lowest level first."""
        if said.value is None:
            return ()
        if len(said.value) != len(LEVELS):
            self.fault(said, f"Give five {field.replace('_', ' ')}, lowest first: there are {len(said.value)}")
        return tuple(self.text(one, field) for one in said.value)

    def text(self, said, field, *, longest=LONGEST, several_lines=False, needed=True):
        """The text in a place: blanks at its ends are no part of it."""
        if said.value is None:
            return ""
        text = said.value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
        if not text:
            return self.fault(said, f"Enter {IN_WORDS.get(field, f'the {field}')}: nothing is here") if needed else ""
        if any(is_never_seen(character) for character in text if character != "\n"):
            return self.fault(said, "It holds a character that cannot be seen: type it again")
        if "\n" in text and not several_lines:
            return self.fault(said, "Write it in one line")
        if len(text) > longest[field]:
            return self.fault(said, f"Write {longest[field]:,} characters at most: there are {len(text)}")
        return text


def is_never_seen(character):
    """Is it one that no file can carry safely, or nobody can see? The last two of each plane of Unicode are no characters at all."""
    return unicodedata.category(character) in NEVER_SEEN or ord(character) & 0xFFFE == 0xFFFE

"""What was agreed about a question in an earlier round, read from what was submitted. Pure: no Django."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Earlier:
    """The answer of one submission to one question, as its snapshot has it."""

    reference: str
    round_name: str
    submitted_on: str  # ISO 8601
    edition: str
    level_names: list[str]
    question: dict
    same_framework: bool  # the same words, so that it may be carried over

    @property
    def level_name(self):
        """Its level in the words of its framework, or none where it did not apply."""
        level = self.question["level"]
        return self.level_names[level - 1] if level else None


def last_answer(submissions, number, framework):
    """The newest answer to the question of this number. `submissions`: newest round first; `framework`: the slug of the one now used."""
    for submission in submissions:
        data = submission.data
        question = next((question for question in data["questions"] if question["number"] == number), None)
        if question:
            used = data["framework"]
            return Earlier(
                reference=str(submission),
                round_name=data["round"]["name"],
                submitted_on=data["submitted_on"],
                edition=used["edition"],
                level_names=used["level_names"],
                question=question,
                same_framework=used["slug"] == framework,
            )
    return None

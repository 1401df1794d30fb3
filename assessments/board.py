"""The order in which people talk about the questions: where they disagree most comes first. Pure: no Django.

The ratings are fixed once agreement has begun, so the order is too: an answer that is agreed keeps its place.
"""

from dataclasses import dataclass
from typing import Any


def by_disagreement(answers):
    """The answers, given in the framework's order, in the order to talk about them; those without a spread last."""
    return sorted(answers, key=_agreement)


def _agreement(answer):
    """The more people agree, the later; of two alike, the one whose lowest and highest are nearer."""
    spread = answer.spread_of_all
    if spread is None or not spread.count:
        return 1, 0, 0
    return 0, -spread.disagreement, spread.lowest - spread.highest


@dataclass(frozen=True)
class Neighbours:
    """What stands beside an answer in an order: each an answer or none."""

    before: Any
    after: Any
    next_open: Any  # the next without an answer, from the start again after the end


def neighbours(answers, answer):
    """What stands beside one of the answers, in their order."""
    at = next(place for place, other in enumerate(answers) if other.pk == answer.pk)
    following = [*answers[at + 1 :], *answers[:at]]
    return Neighbours(
        before=answers[at - 1] if at else None,
        after=answers[at + 1] if at + 1 < len(answers) else None,
        next_open=next((other for other in following if not other.is_answered), None),
    )

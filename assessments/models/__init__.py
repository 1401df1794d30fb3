"""The self-assessment's nouns: the framework, a round, who rates in it, and what each says."""

from assessments.models.assessment import Assessment, RoundEvent
from assessments.models.framework import Framework, Level, Question
from assessments.models.rater import Rater, RaterGroup
from assessments.models.rating import Rating

__all__ = ["Assessment", "Framework", "Level", "Question", "Rater", "RaterGroup", "Rating", "RoundEvent"]

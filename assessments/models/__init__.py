"""The self-assessment's nouns: the framework, a round, who rates in it, what each says, what is agreed, and what was submitted."""

from assessments.models.action import Action, ActionNote
from assessments.models.action_feed import ActionFeed
from assessments.models.action_mail import ActionMail, ActionMailStop
from assessments.models.answer import Answer, Conflict
from assessments.models.assessment import Assessment, RoundEvent
from assessments.models.framework import Framework, Level, Question
from assessments.models.pack_check import PackCheck
from assessments.models.pick import Pick
from assessments.models.rater import Rater, RaterGroup
from assessments.models.rating import Rating
from assessments.models.submission import ReadingLink, Submission

__all__ = [
    "Action",
    "ActionFeed",
    "ActionMail",
    "ActionMailStop",
    "ActionNote",
    "Answer",
    "Assessment",
    "Conflict",
    "Framework",
    "Level",
    "PackCheck",
    "Pick",
    "Question",
    "Rater",
    "RaterGroup",
    "Rating",
    "ReadingLink",
    "RoundEvent",
    "Submission",
]

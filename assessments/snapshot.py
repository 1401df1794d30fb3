"""The snapshot: everything that was agreed, as one canonical JSON text. Each page and file of a submitted result is drawn from it alone.

Canonical: keys sorted, no blanks between, UTF-8, nothing escaped that need not be. So the same content is the same bytes, and its
SHA-256 says whether something has changed. It holds the words of the framework and the titles of the recommended resources too, so that
an old result renders the same for ever. It holds no member's name: whoever
sees to an action stands in it by an opaque id.
"""

import hashlib
import json

from django.utils import timezone

from accounts.models import User
from assessments.recommendations import recommend
from assessments.trend import remembered

FORMAT = 1  # the shape of the snapshot; a reader of old ones looks at it


def build(assessment, *, reference, version, day, history):
    """What would be submitted on a day, as plain values. `history`: the earlier rounds' submissions, oldest first."""
    answers = list(assessment.answers.select_related("question__component").prefetch_related("question__levels", "question__picks__resource"))
    return {
        "format": FORMAT,
        "reference": reference,
        "version": version,
        "submitted_on": day.isoformat(),
        "organisation": {
            "code": assessment.organisation.code,
            "name": assessment.organisation_name,
            "region": assessment.region_name,
            "icb": assessment.icb_name,
        },
        "framework": _framework(assessment.framework),
        "round": _round(assessment),
        "questions": [_question(answer) for answer in answers],
        "priorities": _priorities(answers),
        "actions": [_action(action) for action in assessment.actions.select_related("question", "owner").order_by("pk")],
        "history": _history(history),
    }


def _framework(framework):
    return {name: getattr(framework, name) for name in ("slug", "title", "edition", "source", "note", "level_names")}


def _round(assessment):
    return {
        "number": assessment.number,
        "name": assessment.name,
        "anonymous": assessment.anonymous,
        "practice": assessment.practice,
        "started_on": timezone.localdate(assessment.started_at).isoformat(),
        "closed_on": (timezone.localdate(assessment.closed_at) if assessment.closed_at else assessment.closes_on).isoformat(),
        "rated": assessment.rated,
    }


def _question(answer):
    question = answer.question
    return {
        "number": question.number,
        "title": question.title,
        "asks": question.asks,
        "component": {"number": question.component.number, "name": question.component.name},
        "levels": [level.text for level in question.levels.all()],
        "level": answer.level,
        "does_not_apply": answer.does_not_apply,
        "reason": answer.reason,
        "evidence": answer.evidence,
        "would_change": answer.would_change,
        "dissent": answer.dissent,
        "spread": answer.published.get("total"),
        "groups": answer.published.get("groups", []),
        "comments": sorted(text for rater, text in answer.comments if rater is None),  # of an anonymous round; by letter, which tells nothing
    }


def _priorities(answers):
    """The questions that matter most, in order, each with what fits its next level."""
    chosen = sorted((answer for answer in answers if answer.priority), key=lambda answer: answer.priority)
    return [{"number": answer.question.number, "resources": [fit.as_dict() for fit in recommend(answer.question, answer.level)]} for answer in chosen]


def _action(action):
    """An action as it stood; a member who sees to it by their opaque id, see `with_names`."""
    return {
        "title": action.title,
        "question": action.question.number if action.question else None,
        "owner": {"person": str(action.owner.public_id)} if action.owner else {"name": action.owner_name},
        "due_on": action.due_on and action.due_on.isoformat(),
        "state": action.state,
        "stopped_reason": action.stopped_reason,
    }


def with_names(data):
    """The same values to read: whoever sees to an action by name. Names are looked up now, so that erasing a person changes no snapshot."""
    ids = {action["owner"]["person"] for action in data["actions"] if "person" in action["owner"]}
    names = {str(user.public_id): str(user) for user in User.objects.filter(public_id__in=ids)} if ids else {}
    actions = [{**action, "owner": names.get(action["owner"].get("person"), action["owner"].get("name", ""))} for action in data["actions"]]
    return {**data, "actions": actions}


def _history(submissions):
    """Each earlier round in its latest version of then."""
    latest = {submission.assessment_id: submission.data for submission in submissions}
    return [{"reference": data["reference"], "version": data["version"], **remembered(data)} for data in latest.values()]


def canonical(data):
    """The one text of a snapshot."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(text):
    """SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()

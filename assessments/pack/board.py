"""What the board page says, worked out once for the page and the PDF: no more than fits on one side of A4. Pure: no Django models.

Whatever is cut says so, and where the whole stands.
"""

import json

from assessments.pack import sentences, tables
from assessments.pack.words import aside, cut
from resources.wording import in_words

DISPUTED, GROUPS, ACTIONS = 3, 4, 2  # how many of each there is room for
LONG = 5_800  # characters
REPORT = "the rest is in the report"


def stamp(result):
    """Which result this is: its reference, version, day and edition, for every part."""
    return f"{result.data['reference']}, version {result.data['version']}, {in_words(result.data['submitted_on'])}. Questions: {result.framework['edition']}."


def title(result):
    return f"{aside(result.organisation['name'])}: how we improve"


def board(result):
    """Everything the board page shows, as plain values; `long` where there is so much of it that it needs smaller type."""
    shown = _shown(result)
    return {**shown, "long": len(json.dumps(shown, ensure_ascii=False)) > LONG}


def _shown(result):
    return {
        "title": cut(title(result), 90, "name cut"),
        "organisation": result.organisation["name"],
        "code": result.organisation["code"],
        "round": result.round["name"],
        "stamp": stamp(result),
        "note": cut(result.framework["note"], 160, REPORT),
        "names": result.names,
        "raters": _said(sentences.raters(result)),
        "profile": [_component(result, component) for component in result.components],
        "profile_sentences": [_said(sentence) for sentence in sentences.profile(result)],
        "disputed": [_disputed(result, question) for question in sentences.disputed(result, DISPUTED)],
        "not_disputed": [_said(sentence) for sentence in sentences.not_disputed(result)],
        "priorities": [_priority(result, place, question) for place, (question, _) in enumerate(result.priorities, 1)],
        "actions": _said(sentences.actions(result)),
        "change": [_said(sentence) for sentence in sentences.change(result)],
    }


def _said(sentence, most=320):
    """A sentence and its receipt, each cut where somebody's words make it long."""
    return {"text": cut(sentence.text, most, REPORT), "rests_on": cut(sentence.rests_on, 90, REPORT)}


def _component(result, component):
    """A component's questions, each under its agreed level, and those without one."""
    return {
        "number": component.number,
        "name": component.name,
        "cells": [[q.number for q in component.questions if q.level == level] for level in range(1, 6)],
        "without": [q.number for q in component.questions if not q.level],
        "median": component.median,
    }


def _disputed(result, question):
    groups = sentences.groups(result, question)
    return {
        "number": question.number,
        "title": question.title,
        "said": _said(sentences.disagreement(result, question)),
        "groups": [{"name": cut(name, 60, "name cut"), "median": median, "count": count} for name, median, count in groups[:GROUPS]],
        "more_groups": len(groups) - GROUPS if len(groups) > GROUPS else 0,
        "dissent": cut(question.dissent, 140, f"the rest is in the report, {question.number}"),
    }


def _priority(result, place, question):
    mine = [row for row in tables.actions(result)[1] if row[1] == question.number]
    whole = f"the rest is in the report, {question.number}"
    return {
        "place": place,
        "number": question.number,
        "title": question.title,
        "now": cut(sentences.now(question).text, 170, whole),
        "next": cut(sentences.following(question).text, 170, whole),
        "actions": [_action(row, question) for row in mine[:ACTIONS]],
        "more_actions": max(len(mine) - ACTIONS, 0),
    }


def _action(row, question):
    title, _, who, due, state, _ = row
    whole = f"the rest is in the report, {question.number}"
    return {"title": cut(title, 100, whole), "who": cut(who, 40, "name cut"), "due": f"Due {due}" if due != tables.NO_DAY else due, "state": state}

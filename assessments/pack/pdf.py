"""The pack's PDFs, by Typst: tagged, PDF/UA-1. What people typed goes in as data and is never part of a template's source."""

import json
import subprocess
import sys
from pathlib import Path

from assessments import result_tables
from assessments.pack import sentences, tables
from assessments.pack.board import board

LAST = 6  # rounds side by side
TEMPLATES = Path(__file__).parent / "typst"
PATIENCE, MOST_SAID = 30, 500  # seconds for one PDF, and characters of why there is none


class NotTypeset(Exception):
    """Why a PDF could not be set, without anybody's words in it."""


def board_pdf(result, sha256):
    """The board page as the bytes of a PDF of one page: the template takes the largest type in which it fits."""
    return _compile("board.typ", {**board(result), **_identity(result, sha256)}, result)


def report_pdf(result, sha256):
    """The whole result as the bytes of a PDF."""
    return _compile("report.typ", {**board(result), **_report(result), **_identity(result, sha256)}, result)


def _compile(template, values, result):
    """A template with its values, as PDF; see typesetter.py. Raises NotTypeset."""
    asked = {"templates": str(TEMPLATES), "template": template, "values": values, "day": result.data["submitted_on"]}
    command = [sys.executable, "-I", str(Path(__file__).with_name("typesetter.py"))]
    done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, timeout=PATIENCE, check=False)
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise NotTypeset(done.stderr.decode(errors="replace").strip()[-MOST_SAID:])
    return done.stdout


def _identity(result, sha256):
    return {"reference": result.data["reference"], "version": result.data["version"], "sha256": sha256, "edition": result.framework["edition"]}


def _report(result):
    """What the report has beyond the board page."""
    return {
        "framework": result.framework,
        "practice": result.round["practice"],
        "place": ", ".join(filter(None, (result.organisation["icb"], result.organisation["region"]))),
        "whole_note": result.framework["note"],
        "component_sentences": [_said(sentences.component(result, component)) for component in result.components],
        "all_disputed": [_disputed(result, question) for question in sentences.disputed(result, 5)],
        "levels": _table(result_tables.levels(result)),
        "components": _table(tables.components(result)),
        "groups": _table(result_tables.groups(result)) if result.group_names else None,
        "no_groups": result.no_groups,
        "matters": [_matter(question, fits) for question, fits in result.priorities],
        "action_table": _table(tables.actions(result)),
        "changes": _table(result_tables.changes(result)) if result.changes else None,
        "trend": _table(tables.medians(result, LAST)) if result.last_round else None,
        "questions": [{"name": f"{c.number}. {c.name}", "questions": [_question(result, q) for q in c.questions]} for c in result.components],
        "whole_change": [_said(sentence) for sentence in sentences.change(result)],
        "whole_profile": [_said(sentence) for sentence in sentences.profile(result)],
    }


def _said(sentence):
    return {"text": sentence.text, "rests_on": sentence.rests_on}


def _table(table):
    head, rows = table
    return {"head": list(head), "rows": [[str(cell) for cell in row] for row in rows]}


def _disputed(result, question):
    return {"number": question.number, "title": question.title, "said": _said(sentences.disagreement(result, question))}


def _matter(question, fits):
    return {"number": question.number, "title": question.title, "now": sentences.now(question).text, "next": sentences.following(question).text, "fits": fits}


def _question(result, question):
    return {
        "number": question.number,
        "title": question.title,
        "asks": question.asks,
        "agreed": f"{question.level} {question.agreed}" if question.level else question.agreed,
        "level_text": question.level_text,
        "said": [(heading, text) for heading, text in _texts(question) if text],
        "evidence": question.evidence,
        "counts": question.spread.row[:5] if question.spread else None,
        "spread": _table(tables.spread(result, question)) if question.spread else None,
        "not_shown": result.not_shown(question),
    }


def _texts(question):
    return (("Why", question.reason), ("What would change our mind", question.would_change), ("Who sees it otherwise", question.dissent))

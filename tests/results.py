"""Results for tests: rounds agreed and submitted, with reasons, evidence and dissent."""

from tests.rounds import make_rated_round, submit

GROUPS = ("Board and executive", "Leaders and managers", "Staff")
EVIDENCE = "Staff survey 2026, question 7: https://example.org/survey?year=2026.\nBoard minutes (https://example.org/minutes_(may))\njavascript:alert(1)"


def choices(rater, questions):
    """What a rater chose, differing by rater and by question; not knowing among it."""
    return [("unknown" if (rater + place) % 11 == 10 else str(1 + (rater // 3 + place * 2 + rater * place) % 5)) for place in range(questions)]


def make_agreeing(lead, framework, raters=14, groups=GROUPS, **rest):
    """A round that has been rated and closed, and in which people agree."""
    questions = framework.questions.count()
    ratings = {name: [choices(n, questions) for n in range(raters) if n % len(groups) == place] for place, name in enumerate(groups)}
    assessment = make_rated_round(lead, framework, ratings, **rest)
    assessment.begin_agreeing(by=lead)
    return assessment


def agree(assessment, by, levels=(2, 3, 4, 1, 5), **typed):
    """Agree an answer to each question, the levels in turn; none is "does not apply"."""
    for place, answer in enumerate(assessment.answers.all()):
        level = levels[place % len(levels)]
        words = {"reason": "We talked about it for a while.", "evidence": "", "would_change": "", "dissent": "", **typed}
        answer.agree(by=by, version=answer.version, level=level, does_not_apply=level is None, **words)


def make_submitted(lead, framework, levels=(2, 3, 4, 1, 5), priorities=(), **rest):
    """A round with a submitted result. Returns (the round, its submission)."""
    assessment = make_agreeing(lead, framework, **rest)
    agree(assessment, lead, levels, evidence=EVIDENCE, would_change="A year of data", dissent="Two of us see it a level lower")
    if priorities:
        assessment.answers.set_priorities(list(priorities), by=lead)
    return assessment, submit(assessment, lead)

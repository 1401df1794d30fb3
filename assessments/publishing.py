"""What may be shown of a round's ratings: worked out once, when agreement begins, and kept with the answers."""

import secrets
from collections import Counter

from assessments.anonymity import publish, put_together
from assessments.levels import Spread


def publish_round(assessment):
    """Write into each answer what may be shown, and return what may be said of the round as a whole.

    Only raters who have finished count. In an open round everything is shown, with who said it, by the rater's key: names are looked
    up on reading, so that a person can be erased.
    """
    raters = list(assessment.finished_raters().select_related("group").order_by("group__position", "pk"))
    said = {answer.question_id: {} for answer in assessment.answers.all()}
    ratings = assessment.finished_raters().filter(ratings__isnull=False)
    for rater, question, choice, comment in ratings.values_list("pk", "ratings__question", "ratings__choice", "ratings__comment"):
        said[question][rater] = (choice, comment)
    make = _anonymous if assessment.anonymous else _open
    blocks = _blocks(raters, assessment.anonymous)
    answers = list(assessment.answers.all())
    for answer in answers:
        answer.published = make(raters, blocks, said[answer.question_id])
    assessment.answers.bulk_update(answers, ["published"])
    sizes = Counter(blocks.get(rater.group.name) for rater in raters)
    return {"finished": len(raters), "groups": [[block, sizes[block]] for block in dict.fromkeys(blocks.values())]}


def _blocks(raters, anonymous):
    """For each group's name the name under which it is shown: its own, or of several put together. Empty where nothing may be shown."""
    sizes = Counter(rater.group.name for rater in raters)
    if not anonymous:
        return {name: name for name in sizes}
    return {name: joined(names) for names in put_together(sizes) for name in names}


def joined(names):
    """Several groups' names as one: Staff, with Board and executive."""
    return ", with ".join(names)


def _anonymous(raters, blocks, said):
    """Spreads of five or more, and comments without a name, shuffled for each question anew."""
    if not blocks:
        return {}
    by_block = {block: [] for block in dict.fromkeys(blocks.values())}
    for rater in raters:
        by_block[blocks[rater.group.name]].append(said.get(rater.pk, ("", ""))[0])
    shown = publish(by_block)
    comments = [[None, comment] for _, comment in said.values() if comment]
    secrets.SystemRandom().shuffle(comments)
    return {"total": shown.total and shown.total.row, "groups": [[name, spread.row] for name, spread in shown.groups.items()], "comments": comments}


def _open(raters, blocks, said):
    """Every spread, and who said what."""
    by_group = {}
    for rater in raters:
        by_group.setdefault(rater.group.name, []).append(said.get(rater.pk, ("", ""))[0])
    spreads = {name: Spread.of(choices) for name, choices in by_group.items()}
    return {
        "total": sum(spreads.values(), Spread()).row if raters else None,
        "groups": [[name, spread.row] for name, spread in spreads.items()] if len(spreads) > 1 else [],
        "people": [[rater.pk, said.get(rater.pk, ("", ""))[0]] for rater in raters],
        "comments": [[rater.pk, said[rater.pk][1]] for rater in raters if said.get(rater.pk, ("", ""))[1]],
    }

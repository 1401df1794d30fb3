"""A pack tried in the background as soon as a result is submitted, so that nobody finds out on the day of the board that a file cannot be made."""

import logging

from django_tasks import task

from assessments.models import PackCheck, Submission
from assessments.pack.parts import PARTS
from assessments.pack.verify import verify

log = logging.getLogger(__name__)


@task(queue_name="slow")
def check_pack(submission_id):
    """Try the files of a pack. Each is made, read back and held against the result; once for each submission, however often this is run."""
    submission = Submission.objects.filter(pk=submission_id, pack_checks=None).select_related("assessment__organisation").first()
    if submission is None:
        return
    places, problems = 0, []
    for part in PARTS.values():
        compared, wrong = _try(part, submission)
        places += compared
        problems += [[part.title, wrong]] if wrong else []
    PackCheck.objects.create(submission=submission, places=places, problems=problems)


def _try(part, submission):
    """(how many places were compared, what is wrong in words, or blank)."""
    try:
        compared, differences, _ = verify(part.of(submission), part.file_name(submission), submission)
    except Exception as error:  # whatever its library raises; its words could be somebody's, so only its kind is written down
        log.error("%s of %s could not be made: %s", part.title, submission, type(error).__name__)
        return 0, "could not be made"
    if differences:
        log.error("%s of %s does not show what was submitted in %s places", part.title, submission, len(differences))
        return compared, f"does not show what was submitted in {len(differences)} places"
    return compared, ""

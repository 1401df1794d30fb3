"""From what visits found to a verdict that is fair: nothing bad is said of a link after a single failure.

Pure arithmetic, no Django. The words are those of `Link.Verdict` and `LinkCheck.Outcome`.
"""

from dataclasses import dataclass, replace
from datetime import date

MEANS = {  # what an outcome says, if it goes on
    "fine": "fine",
    "moved": "moved",
    "gone": "gone",
    "failed": "gone",
    "sign-in": "sign-in",
    "robots": "robots",
    "slow": "slow",
    "refused": "robots",  # we do not look, so somebody else must
}
DAYS = {"moved": 2, "sign-in": 2, "robots": 2, "slow": 3, "gone": 3}  # on how many different days in a row it must be found
SILENT = ("gone", "slow")  # no answer of use; a mixture of both counts as the milder


@dataclass(frozen=True)
class Standing:
    """What is held of a link, and what is in doubt."""

    verdict: str = "unchecked"
    doubt: str = ""
    doubted_days: int = 0
    doubted_on: date | None = None

    @property
    def works(self):
        """Does it lead people where it should, as far as we know?"""
        return self.verdict in ("fine", "moved")


def weigh(standing, outcome, day, looked=False):
    """The standing after one more visit. `looked`: a curator has seen not long ago that it is there, though we cannot."""
    found = MEANS[outcome]
    if looked and found in SILENT:
        found = "robots"
    if found in ("fine", "moved") and standing.verdict != "moved":  # it answers, whatever else
        standing = replace(standing, verdict="fine")
    if found in (standing.verdict, "fine"):
        return Standing(found)
    return _doubt(standing, found, day)


def _doubt(standing, found, day):
    """One more day on which it was not as it stands."""
    goes_on = standing.doubt == found or (standing.doubt in SILENT and found in SILENT)
    if not goes_on:
        return replace(standing, doubt=found, doubted_days=1, doubted_on=day)
    doubt = "slow" if found != standing.doubt else found
    days = standing.doubted_days + (standing.doubted_on is None or day > standing.doubted_on)
    if days >= DAYS[doubt]:
        return Standing(doubt)
    return replace(standing, doubt=doubt, doubted_days=days, doubted_on=max(day, standing.doubted_on or day))

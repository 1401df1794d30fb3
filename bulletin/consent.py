"""The words with which people agree to be mailed. Change the words and their version together: both are kept with each consent."""

VERSION = "1, 24 November 2026"
BULLETIN = (
    "I want the bulletin by e-mail as chosen here. I can change what I get, or stop it, by a link in every mail. "
    "My address is used for nothing else, and nobody records whether I open a mail or follow a link."
)
ALERT = (
    "I want an e-mail when the catalogue has something new that fits this search, once a week at most. I can stop it by a link in every mail. "
    "My address is used for nothing else, and nobody records whether I open a mail or follow a link."
)


def words(search):
    """What is agreed to: for a saved search, or for the bulletin."""
    return ALERT if search else BULLETIN

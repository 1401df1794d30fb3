"""The mail of an issue: drawn once for each set of items that somebody gets."""

import re

from bulletin import topics
from bulletin.mails import Mould, short
from resources.markdown import render_markdown

MOST_MOULDS = 64  # held at a time: so many sets of items are rarely asked for


class IssueMail:
    """`issue_mail.for_subscriber(subscriber)` is their copy, or none where nothing in the issue is of their topics."""

    def __init__(self, issue):
        self.issue = issue
        self.items = issue.with_items()
        self.moulds = {}

    def for_subscriber(self, subscriber):
        mould = self.mould(subscriber.topics)
        return mould.for_one(subscriber.email, subscriber.key) if mould else None

    def mould(self, chosen):
        """The mail of whoever chose these topics, or none."""
        theirs = tuple(item.pk for item in self.items if topics.fits(chosen, category=item.category, components=item.components))
        if not theirs:
            return None
        if theirs not in self.moulds:
            if len(self.moulds) >= MOST_MOULDS:
                self.moulds.pop(next(iter(self.moulds)))
            self.moulds[theirs] = self._make(theirs)
        return self.moulds[theirs]

    def _make(self, theirs):
        items = [item for item in self.items if item.pk in theirs]
        rows = [{"title": i.title, "address": i.address, "publisher": i.publisher, "words": i.words or short(i.summary)} for i in items]
        return Mould(
            "bulletin_issue",
            self.issue.subject,
            whole=False,  # whose mail it is stands in From; the subject is what curators wrote
            items=rows,
            left_out=len(self.items) - len(items),
            intro_html=render_markdown(self.issue.intro),
            intro_text=as_text(self.issue.intro),
            number=self.issue.number,
        )


LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+|mailto:[^)\s]+)\)")


def as_text(markdown):
    """Markdown as it reads in a mail without formatting: a link is its words and its address."""
    return re.sub(r"(?m)^#{1,6} +", "", LINK.sub(r"\1 (\2)", markdown)).replace("**", "").replace("\r\n", "\n").strip()

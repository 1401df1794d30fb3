"""A reading list without an account: the numbers of its resources, in order, in the address and nowhere else."""

from django.urls import reverse

MOST = 100


class ReadingList:
    """The resources that an address names: `list=12-7-40`. An empty one (`list=`) is a list just begun; none is no list."""

    def __init__(self, ids=(), begun=False):
        self.ids = list(dict.fromkeys(ids))[:MOST]
        self.begun = begun or bool(self.ids)

    @classmethod
    def read(cls, data):
        """From a request's query. What is not a number is left out."""
        text = data.get("list")
        numbers = [int(part) for part in (text or "").split("-") if part.isascii() and part.isdigit() and len(part) < 10]
        return cls(numbers, begun=text is not None)

    def __str__(self):
        return "-".join(map(str, self.ids))

    def __contains__(self, number):
        return number in self.ids

    def __len__(self):
        return len(self.ids)

    def __bool__(self):
        return self.begun

    def adding(self, number):
        return ReadingList([*self.ids, number], begun=True)

    def removing(self, number):
        return ReadingList([i for i in self.ids if i != number], begun=True)

    def raising(self, number):
        """The same, with one resource a place nearer the top."""
        at = self.ids.index(number)
        ids = self.ids.copy()
        ids.insert(max(at - 1, 0), ids.pop(at))
        return ReadingList(ids)

    @property
    def address(self):
        """Where the list is, to keep or to send."""
        return f"{reverse('resources:reading_list')}?list={self}"

    @property
    def carried(self):
        """What a link to another page adds, so that the list is still there."""
        return f"?list={self}" if self.begun else ""

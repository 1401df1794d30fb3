"""Which of an organisation's actions a page or file shows, and in what order: as its address asks.

What an address asks that cannot be is left out, or finds nothing; it is never an error.
"""

import re
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

SOON = 14  # days: what is due within them is due soon
LONGEST_KEY = 120
ABOUT = re.compile(r"[1-9](\.[1-9]\d?)?|none")
STATES = {"": "To do and doing", "todo": "To do", "doing": "Doing", "done": "Done", "stopped": "Stopped", "ended": "Done and stopped", "all": "All"}
WITHIN = {"": ("todo", "doing"), "ended": ("done", "stopped"), "all": ("todo", "doing", "done", "stopped")}
DUE = {"overdue": "Overdue", "soon": f"In the next {SOON} days", "later": "Later", "none": "No due date"}
ARRANGED = {"": "Question", "owner": "Who", "due": "Due date", "state": "State"}


def about_of(action):
    return action.question.number if action.question else "none"


def owner_of(action):
    """The key of whoever sees to it."""
    if action.owner:
        return str(action.owner.public_id)
    return f"name:{action.owner_name}" if action.owner_name else "nobody"


def due_of(action):
    """Overdue, soon, later or none; where it has ended, never overdue."""
    if action.due_on is None:
        return "none"
    if action.is_overdue:
        return "overdue"
    return "soon" if action.due_on <= timezone.localdate() + timedelta(days=SOON) else "later"


class ActionList:
    """The actions that an address asks for, the choices of its filters with their counts, and the groups they stand in."""

    def __init__(self, actions, query, me):
        """`actions`: all of the organisation; `query`: request.GET; `me`: who asks."""
        self.me = str(me.public_id)
        self.asked = _read(query)
        state = self.asked["state"]
        self.held = list(actions.filter(state__in=WITHIN.get(state, (state,))).to_show())
        self.rows = [action for action in self.held if self._fits(action)]

    # What is asked ----------------------------------------------------------------------------------------------------

    def query(self, **changes):
        """The same question of the address with changes: "?owner=me", or nothing."""
        asked = {name: value for name, value in {**self.asked, **changes}.items() if value}
        return f"?{urlencode(asked)}" if asked else ""

    def _fits(self, action, but=""):
        asked = {**self.asked, but: ""}
        about, owner, due = asked["question"], self.me if asked["owner"] == "me" else asked["owner"], asked["due"]
        return (
            (not about or about_of(action) == about or about_of(action).startswith(f"{about}."))
            and (not owner or owner_of(action) == owner)
            and (not due or due_of(action) == due)
        )

    # Filters ----------------------------------------------------------------------------------------------------------

    def filters(self):
        """(name, label, [(value, words, chosen)]) of each."""
        return [
            ("question", "Question", self._choices("question", "All", self._questions())),
            ("owner", "Who", self._choices("owner", "Everybody", self._owners())),
            ("due", "Due", self._choices("due", "Any day", {key: (words, lambda a, key=key: due_of(a) == key) for key, words in DUE.items()})),
            ("state", "State", [(key, words, key == self.asked["state"]) for key, words in STATES.items()]),
            ("by", "Grouped by", [(key, words, key == self.asked["by"]) for key, words in ARRANGED.items()]),
        ]

    def chips(self):
        """(filter, what is chosen, the query without it) of each filter in use but the state."""
        chosen = ((name, label, words) for name, label, choices in self.filters() for value, words, is_chosen in choices if is_chosen and value)
        return [(label, words.rpartition(" (")[0], self.query(**{name: ""})) for name, label, words in chosen if name in ("question", "owner", "due")]

    def _choices(self, name, everything, choices):
        """The choices that would find something, each with how much, and the one that is chosen."""
        rows = [action for action in self.held if self._fits(action, but=name)]
        chosen = self.asked[name]
        counted = [(key, words, sum(map(fits, rows))) for key, (words, fits) in choices.items()]
        shown = [(key, f"{words} ({number})", key == chosen) for key, words, number in counted if number or key == chosen]
        if chosen and chosen not in choices:
            shown.append((chosen, "Nothing here (0)" if name == "owner" else f"{chosen} (0)", True))
        return [("", everything, not chosen), *shown]

    def _questions(self):
        """The components and questions that actions are about."""
        found = {}
        for action in sorted((a for a in self.held if a.question), key=_place):
            component, number = action.question.component, action.question.number
            found.setdefault(number.split(".")[0], (f"Component {number.split('.')[0]}, {component.name}", self._is_about(number.split(".")[0])))
            found.setdefault(number, (str(action.question), self._is_about(number)))
        return {**found, "none": ("No question", self._is_about("none"))}

    @staticmethod
    def _is_about(key):
        return lambda action: about_of(action) == key or about_of(action).startswith(f"{key}.")

    def _owners(self):
        """Whoever sees to something: oneself first, nobody last."""
        named = {owner_of(action): action.whose for action in self.held}
        named.pop("nobody", None)
        others = sorted(named.items(), key=lambda item: item[1].casefold())
        found = {key: (words, lambda action, key=key: owner_of(action) == key) for key, words in others}
        mine = {"me": ("You", lambda action: owner_of(action) == self.me)}
        return {**mine, **found, "nobody": ("Nobody yet", lambda action: owner_of(action) == "nobody")}

    # Groups -----------------------------------------------------------------------------------------------------------

    def groups(self):
        """(heading, actions) in order, as the address arranges them."""
        place, heading = {
            "": (_place, lambda action: str(action.question) if action.question else "No question"),
            "owner": (lambda action: (owner_of(action) == "nobody", action.whose.casefold()), lambda action: action.whose),
            "due": (lambda action: list(DUE).index(due_of(action)), lambda action: DUE[due_of(action)]),
            "state": (lambda action: action.State.values.index(action.state), lambda action: action.get_state_display()),
        }[self.asked["by"]]
        found: dict[tuple, list] = {}
        for action in sorted(self.rows, key=place):  # stable: within a group they stay in the order of their due dates
            found.setdefault((place(action), heading(action)), []).append(action)
        return [(words, actions) for (_, words), actions in found.items()]


def _place(action):
    """Where an action stands by its question: those without one last."""
    return tuple(int(part) for part in action.question.number.split(".")) if action.question else (99,)


def _read(query):
    """What an address asks, of what can be asked."""
    about = query.get("question") or query.get("component") or ""
    owner = query.get("owner", "").replace("\x00", "")[:LONGEST_KEY]
    due, state, by = query.get("due", ""), query.get("state", ""), query.get("by", "")
    return {
        "question": about if ABOUT.fullmatch(about) else "",
        "owner": owner,
        "due": due if due in DUE else "",
        "state": state if state in STATES else "",
        "by": by if by in ARRANGED else "",
    }

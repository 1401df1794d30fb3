"""What a lead pastes to invite people: read as names and addresses, whatever it was copied from. Pure: nothing here knows the database.

Understood are one person a line, lists with commas or semicolons as mail programs copy them ("Ash, Ann <ann@x.org>; Bo Bell <bo@y.org>"),
rows of a spreadsheet, and a name before or after its address.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

MOST = 200  # people at a time, and in a round
LONGEST_TEXT = 100_000  # characters: 200 of the longest names and addresses
LONGEST_ADDRESS, LONGEST_NAME = 254, 150
SHOWN = 60  # how much of a wrong piece is repeated

TOKEN = re.compile(r'<[^<>\n]*>|[^\s<>,;"()]+')
ASIDE = re.compile(r"\([^()]*\)")  # mail programs add the organisation: ASH, Ann (QUIET VALLEY NHS TRUST)
NUMBERING = re.compile(r"^\d+[.)]\s+")
check_address = EmailValidator(allowlist=[])


@dataclass(frozen=True)
class Person:
    """Somebody to invite. Of a name nothing is asked; the address has one @ and no blank."""

    name: str
    email: str


@dataclass(frozen=True)
class Fault:
    """A piece that cannot be used: its line, what stands there, and what to do."""

    line: int
    text: str
    what_to_do: str

    def __str__(self):
        return f"Line {self.line}, “{self.text}”: {self.what_to_do}"


@dataclass
class Pasted:
    """What was understood: each address once, as it stood first."""

    people: list[Person] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def too_many(self):
        """By how many people there are more than can be invited at a time."""
        return max(0, len(self.people) - MOST)


def read(text):
    """Understand what was pasted. Never raises: what cannot be used is named among the faults."""
    pasted, seen, repeated = Pasted(), set(), set()
    for number, line in enumerate(text[:LONGEST_TEXT].splitlines(), 1):
        for piece in _visible(line).split(";"):
            people, fault = _people(piece)
            if fault:
                pasted.faults.append(Fault(number, _short(piece), fault))
            for person in people:
                address = person.email.lower()
                if address not in seen:
                    pasted.people.append(person)
                elif address not in repeated:
                    pasted.twice.append(person.email)
                    repeated.add(address)
                seen.add(address)
    return pasted


def _people(piece):
    """The people in a piece without semicolons, or none and what is wrong with it."""
    tokens = list(TOKEN.finditer(piece))
    found = [token for token in tokens if "@" in token[0]]
    if not found:
        return [], "there is no e-mail address here. Add one, or take this out" if tokens else ""
    gaps = [piece[before.end() if before else 0 : after.start() if after else len(piece)] for before, after in zip([None, *found], [*found, None], strict=True)]
    people = []
    for token, name in zip(found, _names(found, gaps), strict=True):
        address = unicodedata.normalize("NFC", token[0].replace("’", "'").strip("<> '.").removeprefix("mailto:"))
        fault = _fault(address, name)
        if fault:
            return [], fault
        is_echo = token[0].startswith("<") and people and people[-1].email.lower() == address.lower()  # ann@x.org <ann@x.org>
        if not is_echo:
            people.append(Person(name, address))
    return people, ""


def _names(found, gaps):
    """Whose name stands in which gap between the addresses. A name stands before an address in <>, else on the side of the first name."""
    names: list[list[str]] = [[] for _ in found]
    before_first = bool(_tidy(gaps[0]))
    for at, gap in enumerate(gaps):  # the gap after address at - 1 and before address at
        if at < len(found) and found[at][0].startswith("<"):
            names[at].append(_turned(gap))
        elif at == 0:
            names[at].append(gap)
        elif at == len(found):
            names[at - 1].append(gap)
        else:
            first, *middle, last = gap.split(",") if "," in gap else ("", gap)
            names[at - 1].append(first)
            names[at].append(last)
            names[at if before_first else at - 1].extend(middle)
    return [_tidy(" ".join(parts)) for parts in names]


def _turned(name):
    """A name as mail programs sort it, the right way round: "Ash, Ann" is Ann Ash."""
    parts = [part for part in ASIDE.sub(" ", name).split(",") if _tidy(part)]
    return f"{parts[1]} {parts[0]}" if len(parts) == 2 else " ".join(parts)


def _tidy(name):
    """A name on one line, without what only held it together."""
    words = ASIDE.sub(" ", name).replace(",", " ").replace('"', " ").split()
    tidy = unicodedata.normalize("NFC", " ".join(words)).strip("<>()'-–:* ")
    tidy = NUMBERING.sub("", tidy)
    return tidy if any(letter.isalpha() for letter in tidy) else ""


def _fault(address, name):
    """What to do about an address that cannot be used, or nothing."""
    local, _, domain = address.rpartition("@")
    if "@" in name:
        return "there is more than one @ here. Put each person on a line of their own"
    if len(name) > LONGEST_NAME:
        return f"this name is longer than {LONGEST_NAME} characters. Shorten it"
    if len(address) > LONGEST_ADDRESS:
        return f"this address is longer than {LONGEST_ADDRESS} characters. Check it"
    if not local.isascii():
        return "mail cannot be sent to an address with an accent before the @. Check it, or ask for another"
    try:
        check_address(address)
        domain.encode("idna")
    except (ValidationError, UnicodeError):
        return "this is not an e-mail address. Write it as name@example.nhs.uk"
    if "[" in domain or "=?" in local:
        return "this is not an e-mail address. Write it as name@example.nhs.uk"
    return ""


def _visible(line):
    """A line without what cannot be seen, each kind of blank as a plain one. So nothing in it can end a header of a mail."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() or unicodedata.category(letter) == "Cc" else "" for letter in line)


def _short(piece):
    piece = " ".join(piece.split())
    return piece if len(piece) <= SHOWN else piece[: SHOWN - 1] + "…"

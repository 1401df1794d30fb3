"""Evidence as it is typed: lines of text in which addresses become links. Pure: no Django.

Only http and https addresses become links, and each shows in full where it leads. Everything else stays text.
"""

import re

ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
CLOSING = ".,;:!?)]’”"  # at its end, what belongs to the sentence around it


def pieces(line):
    """A line as (text, is it an address?), in order; joined they are the line again."""
    found, done = [], 0
    for match in ADDRESS.finditer(line):
        end = match.end() - _sentence_end(match[0])
        if "://" not in line[match.start() : end] or line[match.start() : end].endswith("://"):
            continue
        found += [(line[done : match.start()], False), (line[match.start() : end], True)]
        done = end
    return [piece for piece in [*found, (line[done:], False)] if piece[0]]


def _sentence_end(address):
    """How many characters at the end of an address belong to the sentence. A closing bracket that was opened in it is its own."""
    stripped = address.rstrip(CLOSING)
    if "(" in stripped and address[len(stripped) :].startswith(")"):
        return len(address) - len(stripped) - 1
    return len(address) - len(stripped)


def lines(text):
    """Every line that says something, in pieces."""
    return [pieces(line.strip()) for line in text.splitlines() if line.strip()]

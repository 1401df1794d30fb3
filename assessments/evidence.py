"""Evidence as it is typed: lines of text in which addresses become links. Pure: no Django.

Only http and https addresses become links, and each shows in full where it leads. Everything else stays text.
"""

import re

ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
CLOSING = ".,;:!?)]’”"  # at its end, what belongs to the sentence around it


def pieces(text):
    """Each line that says something, as its (words, href) in order: href is blank where the words are no address. Joined, the words are the line."""
    return [_line(line.strip()) for line in text.splitlines() if line.strip()]


def _line(line):
    found, done = [], 0
    for match in ADDRESS.finditer(line):
        address = _without_sentence_end(match[0])
        if address.endswith("://"):
            continue
        found += [(line[done : match.start()], ""), (address, address)]
        done = match.start() + len(address)
    return [piece for piece in [*found, (line[done:], "")] if piece[0]]


def _without_sentence_end(address):
    """An address without what belongs to the sentence around it. A closing bracket that was opened in it is its own."""
    stripped = address.rstrip(CLOSING)
    return stripped + ")" if "(" in stripped and address[len(stripped) :].startswith(")") else stripped

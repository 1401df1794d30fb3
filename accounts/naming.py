"""Names of organisations as people read them. The published list has them in capitals."""

import re

SMALL = frozenset("an and at by for from in le of on or sur the to under upon with".split())
INITIALS = frozenset("CIC HMP ICB NHS UK".split())
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # letters, and apostrophes between them
APOSTROPHE = re.compile("(['’])")


def readable_name(capitals):
    """A name in capitals as its owner writes it: KING'S LYNN AND ST. IVES NHS TRUST becomes King's Lynn and St. Ives NHS Trust.

    Only the case of letters changes. A name that holds a small letter already was written by somebody who chose it, and stays as it is.
    """
    if any(letter.islower() for letter in capitals):
        return capitals
    first = WORD.search(capitals)
    return WORD.sub(lambda found: _word(found[0], is_first=found.span() == (first and first.span())), capitals)


def _word(word, is_first):
    if word in INITIALS:
        return word
    if _lower(word) in SMALL and not is_first:
        return _lower(word)
    parts = APOSTROPHE.split(word)
    for at in range(0, len(parts), 2):
        is_ending = at > 0 and not _is_prefix(parts, at)  # the s of King's, not the Brien of O'Brien
        parts[at] = _lower(parts[at]) if is_ending else parts[at][0] + _lower(parts[at][1:])
    return "".join(parts)


def _is_prefix(parts, at):
    """Does a prefix of one letter stand before this part, as in O'Brien and D'Arcy?"""
    return len(parts[at - 2]) == 1 and len(parts[at]) > 1


def _lower(text):
    """Small letters, one for each: the few that have no single small letter stay."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)

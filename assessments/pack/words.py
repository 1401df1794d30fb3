"""What people typed, made fit for every format: whole, and with nothing in it that a format would run, refuse or be led astray by. Pure: no Django."""

import re
import unicodedata

LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
NO_CHARACTERS = re.compile(
    "[\x80-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef" + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)) + "]"
)
EMBEDDINGS, ISOLATES = "\u202a\u202b\u202d\u202e", "\u2066\u2067\u2068"  # what turns the direction of the text after it ...
POP, POP_ISOLATE = "\u202c", "\u2069"  # ... and what ends that
MARK = "\u200e"  # says to what is beside it: here it runs from left to right
JOINERS = "\u200d\ufe0e\ufe0f"  # what belongs to the character before it, or joins it to the next


def fit(value):
    """Every text of a snapshot's values, made fit."""
    if isinstance(value, str):
        return fit_text(value)
    if isinstance(value, dict):
        return {fit(key): fit(inner) for key, inner in value.items()}
    return [fit(inner) for inner in value] if isinstance(value, list) else value


def fit_text(text):
    """A text with plain line ends. Control characters, which no format holds, show as their pictures (␛), and what is no character as �."""
    text = LINE_ENDS.sub("\n", text)
    text = CONTROLS.sub(lambda found: "␡" if found[0] == "\x7f" else chr(0x2400 + ord(found[0])), text)
    return "\n".join(map(_ended, NO_CHARACTERS.sub("�", text).split("\n")))


def _ended(line):
    """A line that leaves the direction of what comes after it alone."""
    open_ones = []
    for character in line:
        if character in EMBEDDINGS:
            open_ones.append(POP)
        elif character in ISOLATES:
            open_ones.append(POP_ISOLATE)
        elif open_ones and character == open_ones[-1]:
            open_ones.pop()
    return line + "".join(reversed(open_ones))


TO_THE_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")  # scripts that run from right to left


def aside(name):
    """A name within a sentence: where it runs from right to left, the words around it keep their places."""
    return f"{MARK}{name}{MARK}" if TO_THE_LEFT.search(name) else name


def cut(text, most, whole_in):
    """A text on one line, in at most so many characters. Where it is cut it says so, and where the whole stands."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head = line[: most + 1]
    head = head.rsplit(" ", 1)[0] if " " in head[most // 2 :] else line[:most]
    while head and line[len(head) : len(head) + 1] and (unicodedata.combining(line[len(head)]) or line[len(head)] in JOINERS or head[-1] in JOINERS):
        head = head[:-1]
    return f"{_ended(head.rstrip(' ,;:'))}… ({whole_in})"

"""What a tagged PDF says, part by part: each heading, paragraph and cell of a table with its text, as somebody hears it read.

Text is read from the marks that the page itself carries, so it is what the page shows, in the order of the tags.
"""

import re
from collections import defaultdict
from io import BytesIO

from pypdf import PdfReader
from pypdf.generic import ContentStream

BLOCKS = {"P", "H1", "H2", "H3", "H4", "H5", "H6", "TH", "TD", "LBody", "Caption", "TOCI", "Title"}
HEX = re.compile(rb"<([0-9A-Fa-f]+)>")


def read(content):
    """A PDF's bytes as {where: text}. Whatever its pages show outside the tags has its own place."""
    reader = PdfReader(BytesIO(content))
    marked, found = {}, {}
    for number, page in enumerate(reader.pages, 1):
        texts, footer, loose = _page(reader, page)
        marked |= {(page.indirect_reference.idnum, mark): text for mark, text in texts.items()}
        found[f"page {number}, in the margins"] = footer
        found[f"page {number}, outside the document’s own text"] = loose + _notes(page)
    root = reader.trailer["/Root"].get("/StructTreeRoot")
    if root is not None:
        found |= _named(_blocks(root.get_object(), None, marked))
    return {where: text for where, text in found.items() if text.strip()}


def _notes(page):
    """Notes and stamps that somebody has laid over a page: they show, but are no part of it."""
    notes = [note.get_object() for note in page.get("/Annots", [])]
    return " ".join(f"[{note['/Subtype']}: {note.get('/Contents', '')}]" for note in notes if note["/Subtype"] != "/Link")


# The marks of a page --------------------------------------------------------------------------------------------------


def _page(reader, page):
    """The texts of a page: {mark: text}, those in its margins, and those that bear no mark."""
    texts, stack, font = defaultdict(str), [], {}
    fonts = {name: _letters(font.get_object()) for name, font in page["/Resources"].get("/Font", {}).items()}
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"BDC":
            tag, properties = operands
            said = properties.get("/ActualText") if hasattr(properties, "get") else None
            mark = properties.get("/MCID") if hasattr(properties, "get") else None
            stack.append((tag, mark, said))
            if said is not None and sum(entry[2] is not None for entry in stack) == 1:
                texts[_target(stack)] += str(said)
        elif operator == b"BMC":
            stack.append((operands[0], None, None))
        elif operator == b"EMC":
            stack.pop()
        elif operator == b"Tf":
            font = fonts.get(operands[0], {})
        elif operator in (b"Tj", b"TJ", b"'", b'"') and not any(said is not None for *_, said in stack):
            texts[_target(stack)] += "".join(_decoded(piece, font) for piece in _strings(operands[-1]))
        elif operator == b"Do":
            texts["loose"] += " [a drawing]"
    return {mark: text for mark, text in texts.items() if isinstance(mark, int)}, texts["margin"], texts["loose"]


def _target(stack):
    """Where text belongs that stands here."""
    for tag, mark, _ in reversed(stack):
        if mark is not None:
            return int(mark)
        if tag == "/Artifact":
            return "margin"
    return "loose"


def _strings(operand):
    return [piece for piece in operand if isinstance(piece, (bytes, str))] if isinstance(operand, list) else [operand]


def _letters(font):
    """What a font's codes stand for: {code: text}. None for a font that says nothing of it: its codes are letters themselves."""
    if "/ToUnicode" not in font:
        return None
    found, codes = {}, font["/ToUnicode"].get_data()
    for section in re.findall(rb"beginbfchar(.*?)endbfchar", codes, re.S):
        pairs = HEX.findall(section)
        found |= {int(code, 16): _text(text) for code, text in zip(pairs[::2], pairs[1::2], strict=True)}
    for section in re.findall(rb"beginbfrange(.*?)endbfrange", codes, re.S):
        for first, last, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", section):
            start = int(text, 16)
            found |= {code: chr(start + code - int(first, 16)) for code in range(int(first, 16), int(last, 16) + 1)}
    return found


def _text(digits):
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")


def _decoded(piece, letters):
    raw = piece.original_bytes if hasattr(piece, "original_bytes") else bytes(piece)
    if letters is None:
        return raw.decode("latin-1")
    return "".join(letters.get(int.from_bytes(raw[i : i + 2], "big"), "�") for i in range(0, len(raw), 2))


# The tags -------------------------------------------------------------------------------------------------------------


def _children(node):
    inside = node.get("/K", [])
    return inside.get_object() if isinstance(inside.get_object(), list) else [inside]


def _blocks(node, page, marked):
    """Each part of the document in order, as (tag, text)."""
    page = node.raw_get("/Pg").idnum if "/Pg" in node else page
    tag = str(node.get("/S", "")).lstrip("/")
    if tag == "Figure":
        yield tag, str(node.get("/Alt", "")) + "".join(_words(node, page, marked))
    elif tag in BLOCKS:
        yield tag, "".join(_words(node, page, marked))
    else:
        if tag in ("Table", "TR"):
            yield tag, ""
        for child in _children(node):
            child = child.get_object()
            if isinstance(child, int):
                yield "P", marked.get((page, child), "")
            elif "/S" in child:
                yield from _blocks(child, page, marked)


def _words(node, page, marked):
    page = node.raw_get("/Pg").idnum if "/Pg" in node else page
    for child in _children(node):
        child = child.get_object()
        if isinstance(child, int):
            yield marked.get((page, child), "")
        elif "/MCID" in child:
            yield marked.get((child.raw_get("/Pg").idnum if "/Pg" in child else page, child["/MCID"]), "")
        elif "/S" in child:
            yield from _words(child, page, marked)


def _named(blocks):
    """Each part by where it stands: under which headings, and of a table in which row and column."""
    found, headings, seen, heads, row, column = {}, {}, defaultdict(int), [], 0, 0
    for tag, text in blocks:
        under = f"under “{' / '.join(headings.values())}”"
        if tag in ("Table", "TR"):
            heads, row, column = ([], 0, 0) if tag == "Table" else (heads, row + 1, 0)
            seen["Table"] += tag == "Table"
        elif tag in ("TH", "TD"):
            heads += [text] if row == 1 else []
            column += 1
            name = f" ({heads[column - 1]})" if column <= len(heads) else ""
            found[f"{under}, table {seen['Table']}, row {row}, column {column}{name}"] = text
        else:
            seen[tag] += 1
            found[f"{under}, {NAMES.get(tag, 'heading')} {seen[tag]}"] = text
            if tag[1:].isdigit():
                headings = {level: heading for level, heading in headings.items() if level < tag} | {tag: text[:60]}
                seen = defaultdict(int)
    return found


NAMES = {"P": "paragraph", "LBody": "item", "TOCI": "line of contents", "Figure": "figure", "Caption": "caption"}

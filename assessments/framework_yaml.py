"""Frameworks as YAML: text that people can read, compare and keep under version control.

Everything is taken as text, so that question 1.10 is not the number 1.1. Nothing is constructed: the file is walked event by event, which
gives each line its number, and leaves no room for aliases (a small file can multiply by them) or for tags.
"""

import yaml

from assessments.framework_text import FRAMEWORK_LINES, QUESTION_LINES, Fault, FrameworkFileError, Said
from resources.workbook import LARGEST

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C wherever PyYAML comes ready made
QUESTION = {**dict.fromkeys(QUESTION_LINES, str), "examples": [str], "levels": [str]}
FRAMEWORK = {**dict.fromkeys(FRAMEWORK_LINES, str), "level_names": [str], "questions": [QUESTION]}
OPTIONAL = ("note", "examples")
MOST_EVENTS = 20_000  # a hundred questions make some 2,500
DEEPEST = 5
KINDS: dict[type, str] = {str: "text", list: "a list, each item on a line of its own after a dash", dict: "keys and values, such as title: Board sets purpose"}
HEADING = """\
# A framework of the self-assessment. `manage.py import_framework FILE` shows what it would bring in, and names each fault with its line.

"""


def parse(content):
    """What the bytes of a file say, and the faults of its form. Raises FrameworkFileError where it is no YAML, or none that we take."""
    root = _tree(_text(content))
    faults = []
    said = _shaped(root, FRAMEWORK, "", faults)
    return said, faults


# From text to a tree --------------------------------------------------------------------------------------------------


def _refused(line, remedy, value=""):
    return FrameworkFileError([Fault(f"line {line}" if line else "the file", value, remedy)])


def _text(content):
    if len(content) > LARGEST:
        raise _refused(0, "It is larger than 5 MB: take out what is not needed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(content.count(b"\n", 0, error.start) + 1, "Save the file as UTF-8 text") from error


class Node:
    """A value in the file: text, a list of nodes, or a list of pairs of them."""

    def __init__(self, kind, line, value):
        self.kind, self.line, self.value = kind, line, value


def _tree(text):
    """The one document of a file as a tree of nodes."""
    roots, open_nodes = [], []
    try:
        for number, event in enumerate(yaml.parse(text, Loader=LOADER)):
            line = event.start_mark.line + 1
            if number > MOST_EVENTS or len(open_nodes) > DEEPEST:
                raise _refused(line, "There is more here than any framework holds: take out what is not needed")
            if getattr(event, "anchor", None) or getattr(event, "tag", None):
                raise _refused(line, "Write the words themselves: anchors (&), references (*) and tags (!) are not taken")
            _grow(event, line, roots, open_nodes)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(mark.line + 1 if mark else 0, f"This is not well-formed YAML ({error.problem}): put text that holds : or # in quotes") from error
    except yaml.YAMLError as error:
        raise _refused(0, "It holds a character that YAML does not allow: type that text again") from error
    if len(roots) != 1:
        raise _refused(0, "It holds more than one framework: keep one" if roots else "It is empty: start with slug, title, edition, source and questions")
    return roots[0]


def _grow(event, line, roots, open_nodes):
    if isinstance(event, yaml.CollectionEndEvent):
        open_nodes.pop()
    elif isinstance(event, yaml.NodeEvent):
        kind = dict if isinstance(event, yaml.MappingStartEvent) else list if isinstance(event, yaml.SequenceStartEvent) else str
        node = Node(kind, line, _scalar(event) if kind is str else [])
        (open_nodes[-1].value if open_nodes else roots).append(node)
        if kind is not str:
            open_nodes.append(node)


def _scalar(event):
    """The text; blank where an unquoted null stands for nothing."""
    return "" if event.implicit[0] and event.value in ("~", "null", "Null", "NULL") else event.value


# From a tree to what it says ------------------------------------------------------------------------------------------


def _shaped(node, schema, path, faults):
    """What a node says, if it has the shape asked for: text, a list, or keys and values. None where it has not, which is a fault."""
    kind = schema if schema is str else type(schema)
    where = f"line {node.line}{path}"
    if kind is not str and node.kind is str and not node.value:
        node = Node(kind, node.line, [])  # a key with nothing after it
    if node.kind is not kind:
        faults.append(Fault(where, node.value if node.kind is str else "", f"Write {KINDS[kind]}"))
        return Said(where, None)
    if kind is dict:
        return Said(where, _keys(node, schema, path, faults))
    return Said(where, [_shaped(child, schema[0], _path(path, child), faults) for child in node.value] if kind is list else node.value)


def _path(path, child):
    """Where an item of a list stands, in words: a question by its number."""
    if child.kind is not dict:
        return path
    number = next((value.value for key, value in _pairs(child) if key.value == "number" and value.kind is str), "")
    return f", question {number[:20]}" if number else ", a question without a number"


def _pairs(node):
    return zip(node.value[::2], node.value[1::2], strict=True)


def _keys(node, schema, path, faults):
    found = {}
    for key, value in _pairs(node):
        name = key.value if key.kind is str else "?"
        where = f"line {key.line}{path}"
        if name in found:
            faults.append(Fault(where, name, "This key is here twice: keep one"))
        elif name not in schema:
            faults.append(Fault(where, name, f"There is no such key: use {', '.join(schema)}"))
        else:
            found[name] = _shaped(value, schema[name], f"{path}, {name}", faults)
    for name in schema:
        if name not in found and name not in OPTIONAL:
            faults.append(Fault(f"line {node.line}{path}", "", f"Add {name}"))
        if name not in found:
            found[name] = Said(f"line {node.line}{path}", ([] if isinstance(schema[name], list) else "") if name in OPTIONAL else None)
    return found


# Writing --------------------------------------------------------------------------------------------------------------


class Dumper(yaml.SafeDumper):
    """Text of several lines as it stands, and not as one long line with marks."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)  # dashes stand under their key, further in


Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def dump(text):
    """A framework's text as the bytes of a file."""
    said = {name: getattr(text, name) for name in FRAMEWORK_LINES}
    said["level_names"] = list(text.level_names)
    said["questions"] = [
        {**{name: getattr(q, name) for name in QUESTION_LINES}, "examples": list(q.examples), "levels": list(q.levels)} for q in text.questions
    ]
    return (HEADING + yaml.dump(said, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=140)).encode()

"""Sets one PDF by Typst, in a process of its own: Typst keeps what it has set for the next time, and would keep up to 2 GB in the portal's.

Run as a script: takes JSON from standard input, gives a PDF on standard output, or says in one line why not. Imports nothing of the portal.
"""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import typst

UNDRAWN = "could not be displayed"  # Typst's words for a letter that no typeface has


def typeset(templates, template, values, day):
    """A template with its values as a PDF. A letter that no typeface here has is drawn as a box, and stays in the text: then the file says so."""
    for boxes in ("", "yes"):
        compiler = typst.Compiler(
            input=str(templates / template),
            root=str(templates),
            font_paths=typefaces(templates, boxes),
            sys_inputs={"values": json.dumps(values, ensure_ascii=False), "boxes": boxes},
        )
        try:
            return compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=datetime.fromisoformat(day).replace(tzinfo=UTC))
        except typst.TypstError as error:
            if boxes or UNDRAWN not in error.message:
                raise
    raise AssertionError("the second time, every letter can be drawn")


def typefaces(templates, boxes):
    """Ours and Typst's own, never the machine's, so that a file looks the same wherever it was made."""
    ours = [str(templates / "fonts"), *([str(templates / "boxes")] if boxes else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=ours)


def main():
    asked = json.load(sys.stdin.buffer)
    try:
        pdf = typeset(Path(asked["templates"]), asked["template"], asked["values"], asked["day"])
    except typst.TypstError as error:
        sys.exit(re.split("[`\"']", error.message)[0])  # what it quotes may be somebody's words
    except Exception as error:
        sys.exit(type(error).__name__)
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()

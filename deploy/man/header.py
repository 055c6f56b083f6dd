"""Makes gatewatch(3) out of the headers of the library, which are written to be read.

    header.py VERSION gatewatch.h gatewatch_core.h > gatewatch.3

What one of them includes stands where it is included, once.
"""

import os
import re
import sys
from os.path import commonprefix

PIECES = re.compile(r"""
    (?P<comment>/\*.*?\*/)
  | (?P<block>(?:struct|enum)\b[^;{}\n]*\{[^{}\n]*\};|(?:struct|enum)\b[^;{]*\{.*?^\};
      |struct[ ]\w+;)
  | (?P<function>^[a-z][\w ]*[ *]gatewatch_\w+\([^;]*\);)
  | (?P<number>^\#define[ ]\w+[ ]\w+$)
  | (?P<other>^[^\n]+$)
""", re.VERBOSE | re.DOTALL | re.MULTILINE)


def plain(text):
    """Text that groff takes as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line
                     for line in text.split("\n"))


def paragraphs(comment):
    """A comment's text: what is indented or in columns stays as it is."""
    lines = [re.sub(r"^ \* ?", "", line) for line in comment[2:-2].strip("\n").split("\n")]
    lines = [line.strip() if place == 0 else line.rstrip() for place, line in enumerate(lines)]
    found = []
    for block in "\n".join(lines).strip().split("\n\n"):
        is_table = any(re.search(r"\S {2,}\S|^ {2,}\S", line) for line in block.split("\n"))
        text = plain("\n".join(line if is_table else line.strip()
                               for line in block.split("\n")))
        found.append(f".PP\n.EX\n{text}\n.EE" if is_table else f".PP\n{text}")
    return "\n".join(found)


def code(text):
    return f".PP\n.EX\n{plain(text)}\n.EE"


def numbers(enum):
    """What the names of an enumeration have in common, or else all of them."""
    names = re.findall(r"\b(GATEWATCH_\w+) = ", enum)
    prefix = commonprefix(names)
    return ", ".join(names) if prefix == "GATEWATCH_" else prefix + "*"


def pieces(header):
    """What there is to say, in the header's order: the comment that goes before, and the code."""
    comment = ""
    for match in PIECES.finditer(header):
        kind, text = match.lastgroup, match.group().strip()
        if kind == "comment":
            if comment:
                yield "comment", comment, ""
            comment = text
        elif kind != "other":
            yield kind, comment, text
            comment = ""
        elif comment and text.startswith("#ifndef"):
            yield "comment", comment, ""
            comment = ""


def read(path, seen):
    """A header, with those of its folder that it includes, unless they have been seen."""
    if path in seen:
        return ""
    seen.add(path)
    with open(path, encoding="utf-8") as file:
        return re.sub(r'^#include "(.*)"$',
                      lambda match: read(os.path.join(os.path.dirname(path), match[1]), seen),
                      file.read(), flags=re.MULTILINE)


def heading(comment):
    """What a comment that belongs to no code is about: a file, or what its first words say."""
    text = comment[2:].lstrip(" *\n")
    name = re.match(r"\w+\.h", text)
    return plain(name[0] if name else text.split(":")[0].split(".")[0].strip())


def main(version, *paths):
    seen = set()
    found = list(pieces("\n".join(read(path, seen) for path in paths)))
    functions = [text for kind, _, text in found if kind == "function"]
    print(f'.TH GATEWATCH 3 "" "Gatewatch {version}" "Library Functions Manual"')
    print(".SH NAME\ngatewatch \\- BFD sessions inside an agent\n.SH SYNOPSIS")
    includes = "\n".join(f"#include <{os.path.basename(path)}>" for path in paths)
    print(code(includes + "\n\n" + "\n".join(functions)))
    print(".SH DESCRIPTION")
    is_first = True
    for kind, comment, text in found:
        if kind == "function":
            print(f".SS {re.search(r'gatewatch_[a-z_]+', text[text.index(' '):]).group()}()")
        elif kind == "block" and text.startswith("struct") and "{" in text:
            print(f".SS {text.split('{')[0].strip()}")
        elif kind == "block" and text.startswith("enum"):
            print(f".SS {numbers(text)}")
        elif kind == "comment" and not is_first:
            print(".SS " + heading(comment))
        is_first = False
        if comment:
            print(paragraphs(comment))
        if text:
            print(code(text))
    print(".SH SEE ALSO\n.BR gatewatch (1)")


if __name__ == "__main__":
    main(*sys.argv[1:])

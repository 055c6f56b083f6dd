"""Manual pages from what the command line says of itself.

usage: gatewatch --experimental-dump-help | manual.py FOLDER

Writes gatewatch.1 and a page for each command, such as gatewatch-peer-disable.1.
"""

import json
import pathlib
import sys
import textwrap

SECTION = 1


def escaped(text):
    """Text as roff takes it literally."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.split("\n"))


def invocation(argument):
    """How an argument is written on the command line."""
    value = argument.get("valueName", "value")
    if argument["kind"] == "positional":
        return "\\fI%s\\fR" % escaped(value)
    names = []
    for name in argument["names"]:
        dashes = "--" if name["kind"] == "long" else "-"
        names.append("\\fB%s\\fR" % escaped(dashes + name["name"]))
    text = ", ".join(names)
    return text + " \\fI%s\\fR" % escaped(value) if argument["kind"] == "option" else text


def synopsis(argument):
    """The same in a synopsis: one name, in brackets when it may be left out."""
    short = dict(argument)
    if "preferredName" in argument:
        short["names"] = [argument["preferredName"]]
    text = invocation(short)
    if argument["isRepeating"]:
        text += " ..."
    return "[%s]" % text if argument["isOptional"] else text


def discussion(text):
    """Paragraphs are filled, what is indented stays as it is."""
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        filled = [line for line in lines if not line.startswith(" ")]
        kept = textwrap.dedent("\n".join(line for line in lines if line.startswith(" ")))
        if filled:
            yield ".PP\n" + escaped("\n".join(filled))
        if kept:
            yield ".PP\n.nf\n.RS\n%s\n.RE\n.fi" % escaped(kept)


def visible(command, what):
    """The parts of a command that its help shows."""
    return [part for part in command.get(what, []) if part.get("shouldDisplay", True)]


def page(command, path, siblings):
    """The page of one command."""
    name = "-".join(path)
    shown = visible(command, "arguments")
    commands = [each for each in visible(command, "subcommands") if each["commandName"] != "help"]
    yield '.TH "%s" %d "" "Gatewatch" "Gatewatch"' % (name.upper(), SECTION)
    yield ".SH NAME\n%s \\- %s" % (escaped(name), escaped(command.get("abstract", "").rstrip(".")))
    yield ".SH SYNOPSIS\n.B %s" % escaped(" ".join(path))
    for argument in shown:
        yield synopsis(argument)
    if commands:
        yield "\\fIcommand\\fR ..."
    if command.get("discussion"):
        yield ".SH DESCRIPTION"
        yield from discussion(command["discussion"])
    sections = {}
    for argument in shown:
        title = argument.get("sectionTitle") or (
            "Arguments" if argument["kind"] == "positional" else "Options")
        sections.setdefault(title, []).append(argument)
    for title, arguments in sections.items():
        yield '.SH "%s"' % escaped(title.upper())
        for argument in arguments:
            text = argument.get("abstract", "")
            if argument.get("defaultValue"):
                text += " (default: %s)" % argument["defaultValue"]
            yield ".TP\n%s\n%s" % (invocation(argument), escaped(text))
    if commands:
        yield ".SH COMMANDS"
        for each in commands:
            yield ".TP\n\\fB%s\\fR\n%s" % (
                escaped(each["commandName"]), escaped(each.get("abstract", "")))
    if siblings:
        yield ".SH SEE ALSO\n" + ",\n".join(
            "\\fB%s\\fR(%d)" % (escaped(sibling), SECTION) for sibling in siblings)


def write(command, folder, path=()):
    """The pages of a command and of all below it."""
    path = (*path, command["commandName"])
    below = [each for each in visible(command, "subcommands") if each["commandName"] != "help"]
    siblings = ["-".join(path[:-1])] if len(path) > 1 else []
    siblings += ["-".join((*path, each["commandName"])) for each in below]
    text = "\n".join(page(command, path, siblings)) + "\n"
    (folder / ("%s.%d" % ("-".join(path), SECTION))).write_text(text, encoding="utf-8")
    for each in below:
        write(each, folder, path)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(json.load(sys.stdin)["command"], folder)


main()

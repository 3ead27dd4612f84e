# SPDX-License-Identifier: MIT
"""Make docstrings of the headers' comments, as SWIG directives.

usage: docs.py HEADER... > docs.i

A comment counts when it begins with /** and a declaration follows. That of a
function becomes the docstring of its wrapper.
"""
import re
import sys

ENTRY = re.compile(r"/\*\*(?P<text>.*?)\*/\s*(?P<decl>GREEN_API[^;]*?"
                   r"\b(?P<name>green_\w+)\s*\(|struct\s+(?P<struct>green_\w+)"
                   r"\s*\{)", re.S)


def plain(comment):
    """The comment's lines, without the stars and tabs that frame them."""
    lines = [re.sub(r"^\s*\* ?", "", line).rstrip()
             for line in comment.strip().splitlines()]
    return "\n".join(lines).strip()


def main():
    print("/* Made by docs.py from the headers' comments. */")
    for path in sys.argv[1:]:
        with open(path) as header:
            text = header.read()
        for entry in ENTRY.finditer(text):
            # The last comment before the declaration, not the first.
            doc = plain(entry.group("text").split("/**")[-1])
            if "*/" in doc:
                continue  # that comment belonged to something else
            name = entry.group("name") or entry.group("struct")
            doc = doc.replace("\\", "\\\\").replace('"', '\\"')
            print('%%feature("docstring") %s "%s"' % (name, doc))


main()

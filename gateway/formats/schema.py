"""XML schemas: built once, run on a small tree, their complaints turned into plain values.

lxml validates a header of fifty recipients in a few hundredths of a millisecond. Elements that a
schema does not name are left out before it runs, so that a schema can stay strict on what it
knows without refusing what it does not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice
from threading import Lock
from typing import Final

from lxml import etree

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_PREFIX = "x"
#: Complaints beyond these help nobody.
_MOST = 50
#: How libxml2 words a broken facet, and how we say what it wants.
_EXPECTATIONS = (
    (re.compile(r"the set \{(.*)\}", re.DOTALL), "{}"),
    (re.compile(r"by the pattern '(.*)'", re.DOTALL), "{}"),
    (re.compile(r"maximum length of '(\d+)'"), "≤ {} ký tự (characters)"),
    (re.compile(r"This element is (not expected)"), "≤ 1"),
)


@dataclass(slots=True, kw_only=True)
class Node:
    """One element, by its local name; *text* is trimmed when the element has ended."""

    name: str
    path: str = ""  #: of local names, with ``[2]`` from the second sibling of one name on
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def child(self, name: str) -> "Node | None":
        """Return the first child called *name*."""
        return next((each for each in self.children if each.name == name), None)

    def all(self, name: str) -> "Iterator[Node]":
        """Yield the children called *name*."""
        return (each for each in self.children if each.name == name)

    def value(self, *names: str) -> str:
        """Return the text at a path of first children, "" when there is none."""
        found: Node | None = self
        for name in names:
            found = found.child(name) if found is not None else None
        return found.text if found is not None else ""


#: libxml2 sets up its built-in types with the first schema, and not safely for threads.
_COMPILING = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One place where a tree breaks its schema."""

    path: str
    found: str
    expected: str  #: allowed values, a pattern, a length; or the words of the validator


class Schema:
    """A compiled schema with one global element."""

    def __init__(self, source: bytes) -> None:
        """Compile *source*; it is ours, never a stranger's."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        tree = etree.XML(source, parser)
        with _COMPILING:
            self._validator = etree.XMLSchema(tree)
        self._validating = Lock()  # the validator keeps the log of its last run
        self._namespace = tree.get("targetNamespace", "")
        self._members: Mapping[str, Mapping[str, str]] = {
            each.get("name", ""): {
                member.get("name", ""): member.get("type", "")
                for member in each.iter(f"{_XS}element")
            }
            for each in tree.findall(f"{_XS}complexType")
        }
        top = tree.find(f"{_XS}element")
        self._top_type = "" if top is None else top.get("type", "")

    def complaints(self, node: Node) -> tuple[Complaint, ...]:
        """Return where *node* breaks the schema, in the order of the message."""
        nodes: list[Node] = []
        element = self._project(node, self._top_type, None, nodes)
        with self._validating:
            if self._validator.validate(element):
                return ()
            entries = list(islice(list(self._validator.error_log), _MOST))  # type: ignore[call-overload]
        by_path = {each.path: each for each in nodes}
        first: dict[str, Complaint] = {}
        for entry in entries:
            broken = by_path[_path(node, str(entry.path))]
            # a facet and the type that it belongs to are two entries for one fault
            first.setdefault(broken.path, _complaint(broken, str(entry.message)))
        return tuple(first.values())

    def _project(
        self, node: Node, type_name: str, parent: "etree._Element | None", nodes: list[Node]
    ) -> "etree._Element":
        tag = f"{{{self._namespace}}}{node.name}"
        element = (
            etree.Element(tag, nsmap={_PREFIX: self._namespace})
            if parent is None
            else etree.SubElement(parent, tag)
        )
        nodes.append(node)
        members = self._members.get(type_name)
        if members is None:
            element.text = node.text
            return element
        for each in node.children:
            if each.name in members:
                self._project(each, members[each.name], element, nodes)
        return element


def _path(top: Node, path: str) -> str:
    """Turn the validator's ``/x:Header/x:To[1]/x:Id`` into a path of local names like ours."""
    below = path.replace(f"{_PREFIX}:", "").replace("[1]", "").lstrip("/").partition("/")[2]
    return f"{top.path}/{below}" if below else top.path


def _complaint(node: Node, message: str) -> Complaint:
    return Complaint(path=node.path, found=node.text, expected=_expected(message))


def _expected(message: str) -> str:
    for pattern, wording in _EXPECTATIONS:
        found = pattern.search(message)
        if found is not None:
            return wording.format(found.group(1).replace("'", "").removeprefix(", "))
    return message.rpartition("': ")[2].strip()


@cache
def load_schema(*path: str) -> Schema:
    """Return the schema shipped under ``schemas/`` at *path*, compiled once."""
    return Schema(files("schemas").joinpath(*path).read_bytes())

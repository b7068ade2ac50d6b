"""XML schemas: built once, run on a small tree, their complaints turned into plain values.

lxml validates a header of fifty recipients in a few hundredths of a millisecond. Elements that a
schema does not name are left out before it runs, so that a schema can stay strict on what it
knows without refusing what it does not. What it refuses is explained by ``explanation.py``, which
is slow and therefore asked about a few elements of rejected messages only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from threading import Lock
from typing import Final

from lxml import etree

from gateway.formats.explanation import Expectation, Explainer
from gateway.formats.tree import Node

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_PREFIX = "x"
#: Complaints beyond these help nobody.
_MOST = 50
#: Elements that are validated at a time. libxml2 counts siblings for every fault that it tells:
#: without portions a hundred thousand faults would take it a minute.
_PORTION = 500

#: libxml2 sets up its built-in types with the first schema, and not safely for threads.
_COMPILING = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One place where a tree breaks its schema."""

    path: str
    found: str
    expected: Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Type:
    """A complex type: what its elements may be, and whether they may come any number of times."""

    members: Mapping[str, str]  #: name of an element -> name of its type
    repeats: bool


@dataclass(slots=True, kw_only=True)
class _Portion:
    """Part of a tree as lxml has it; line n of an element stands for ``nodes[n - 1]``."""

    root: "etree._Element"
    nodes: list[Node] = field(default_factory=list)
    types: list[str] = field(default_factory=list)


class Schema:
    """A compiled schema with one global element."""

    def __init__(self, source: bytes) -> None:
        """Compile *source*; it is ours, never a stranger's."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        tree = etree.XML(source, parser)
        with _COMPILING:
            self._validator = etree.XMLSchema(tree)
        self._validating = Lock()  # the validator keeps the log of its last run
        self._source = source
        self._namespace = f"{{{tree.get('targetNamespace', '')}}}"
        self._nsmap = {_PREFIX: tree.get("targetNamespace", "")}
        self._types = {
            each.get("name", ""): _Type(
                members={
                    member.get("name", ""): member.get("type", "")
                    for member in each.iter(f"{_XS}element")
                },
                repeats=each.find(f"{_XS}all") is None,
            )
            for each in tree.findall(f"{_XS}complexType")
        }
        top = tree.find(f"{_XS}element")
        self._top_type = "" if top is None else top.get("type", "")

    def complaints(self, node: Node) -> tuple[Complaint, ...]:
        """Return where *node* breaks the schema, in the order of the message."""
        found: list[Complaint] = []
        for portion in _Division(self._types, self._namespace, self._nsmap).of(
            node, self._top_type
        ):
            found += self._complaints_about(portion)
            if len(found) >= _MOST:
                break
        return tuple(found[:_MOST])

    def _complaints_about(self, portion: _Portion) -> Iterator[Complaint]:
        with self._validating:
            if self._validator.validate(portion.root):
                return
            # a facet and the type that it belongs to are two entries for one fault
            lines = dict.fromkeys(entry.line for entry in self._validator.error_log)  # type: ignore[attr-defined]
        for line in lines:
            node = portion.nodes[line - 1]
            expected = self._explainer.expectation(portion.types[line - 1], node.text)
            yield Complaint(path=node.path, found=node.text, expected=expected)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._source)


class _Division:
    """Makes lxml elements of what a schema names, in portions that keep their place."""

    def __init__(
        self, types: Mapping[str, _Type], namespace: str, nsmap: Mapping[str, str]
    ) -> None:
        self._types = types
        self._namespace = namespace
        self._nsmap = nsmap
        self._open: list[tuple[Node, str, etree._Element]] = []  #: from the top down
        self._portion: _Portion

    def of(self, top: Node, type_name: str) -> Iterator[_Portion]:
        """Yield the portions of *top*; only elements that may repeat are torn from siblings."""
        self._start(top, type_name)
        yield from self._fill(top, type_name)
        yield self._portion

    def _fill(self, node: Node, type_name: str) -> Iterator[_Portion]:
        known = self._types[type_name]
        for child in node.children:
            child_type = known.members.get(child.name)
            if child_type is None:
                continue
            if known.repeats and len(self._portion.nodes) >= _PORTION:
                yield self._portion
                self._start_again()
            element = self._add(child, child_type)
            if child_type in self._types:
                self._open.append((child, child_type, element))
                yield from self._fill(child, child_type)
                self._open.pop()
            else:
                element.text = child.text

    def _start(self, top: Node, type_name: str) -> None:
        root = etree.Element(f"{self._namespace}{top.name}", nsmap=dict(self._nsmap))
        self._portion = _Portion(root=root)
        self._open = [(top, type_name, root)]
        self._number(root, top, type_name)

    def _start_again(self) -> None:
        """Begin a portion in which the same elements are open."""
        (top, type_name, _), *below = self._open
        self._start(top, type_name)
        for node, below_type, _ in below:
            self._open.append((node, below_type, self._add(node, below_type)))

    def _add(self, node: Node, type_name: str) -> "etree._Element":
        element = etree.SubElement(self._open[-1][2], f"{self._namespace}{node.name}")
        self._number(element, node, type_name)
        return element

    def _number(self, element: "etree._Element", node: Node, type_name: str) -> None:
        self._portion.nodes.append(node)
        self._portion.types.append(type_name)
        element.sourceline = len(self._portion.nodes)  # type: ignore[assignment]


@cache
def load_schema(*path: str) -> Schema:
    """Return the schema shipped under ``schemas/`` at *path*, compiled once."""
    return Schema(files("schemas").joinpath(*path).read_bytes())

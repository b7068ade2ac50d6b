"""Writes one message in any of the forms that edXML takes in practice.

A message is a tree of elements by their local names; a form says how names, spaces and line ends
are written. All names, numbers and texts are invented.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

QCVN = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
EDOC = "http://www.e-doc.vn/Schema/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(frozen=True, kw_only=True)
class Element:
    """One element: a text, or elements; *markup* is written inside as it is."""

    name: str
    text: str = ""
    children: tuple["Element", ...] = ()
    attributes: str = ""
    markup: str = ""

    def at(self, *path: str) -> "Element":
        """Return the first element at *path*."""
        found = self
        for name in path:
            found = next(each for each in found.children if each.name == name)
        return found

    def with_child(
        self, path: Sequence[str], change: Callable[["Element"], "Element"]
    ) -> "Element":
        """Return this tree with the first element at *path* changed."""
        if not path:
            return change(self)
        children = list(self.children)
        n = next(n for n, each in enumerate(children) if each.name == path[0])
        children[n] = children[n].with_child(path[1:], change)
        return self.but(children=children)

    def everywhere(self, change: Callable[["Element"], "Element"]) -> "Element":
        """Return this tree with every element changed, from the leaves up."""
        return change(self.but(children=[each.everywhere(change) for each in self.children]))

    def but(
        self,
        *,
        name: str | None = None,
        text: str | None = None,
        children: Sequence["Element"] | None = None,
        attributes: str | None = None,
        markup: str | None = None,
    ) -> "Element":
        """Return this element with another name, text, children, attributes or markup."""
        return Element(
            name=self.name if name is None else name,
            text=self.text if text is None else text,
            children=self.children if children is None else tuple(children),
            attributes=self.attributes if attributes is None else attributes,
            markup=self.markup if markup is None else markup,
        )


def leaf(name: str, text: str) -> Element:
    """Return an element with a text."""
    return Element(name=name, text=text)


def branch(name: str, *children: Element, attributes: str = "") -> Element:
    """Return an element with elements in it."""
    return Element(name=name, children=children, attributes=attributes)


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a tree becomes text."""

    prefix: Callable[[str, str], str]  #: of an element: by its own name and that of its parent
    declared: str  #: namespaces at the root
    local: dict[str, str] = field(default_factory=dict)  #: and at elements of these names
    indent: str = "  "
    line_end: str = "\r\n"
    declaration: str = DECLARATION
    before_text: str = ""
    behind_text: str = ""


def _sdk_prefix(name: str, parent: str) -> str:
    is_outside = name in {"edXML", "AttachmentEncoded", "Attachment"} or parent == "Attachment"
    return "" if is_outside and name != "ContentTransferEncoded" else "edXML:"


#: As the client SDK of the axis writes.
SDK = Form(
    prefix=_sdk_prefix,
    declared=f' xmlns="{QCVN}"',
    local={
        "edXMLEnvelope": f' xmlns:edXML="{QCVN}"',
        "ContentTransferEncoded": f' xmlns:edXML="{QCVN}"',
    },
)


def one_prefix(prefix: str, namespace: str) -> Form:
    """Return the form in which every element has the same *prefix*."""
    declared = f' xmlns:{prefix}="{namespace}"'
    return Form(prefix=lambda name, parent: f"{prefix}:", declared=declared)


def no_prefix(declared: str) -> Form:
    """Return the form without any prefix."""
    return Form(prefix=lambda name, parent: "", declared=declared)


def written(tree: Element, form: Form = SDK) -> bytes:
    """Return *tree* in *form*."""
    lines = [form.declaration] if form.declaration else []
    _write(tree, form, lines, depth=0, parent="")
    return form.line_end.join([*lines, ""]).encode()


def _write(element: Element, form: Form, lines: list[str], *, depth: int, parent: str) -> None:
    tag = form.prefix(element.name, parent) + element.name
    indent = form.indent * depth
    declared = form.declared if depth == 0 else form.local.get(element.name, "")
    start = f"{indent}<{tag}{declared}{element.attributes}"
    if element.children:
        lines.append(f"{start}>{element.markup}")
        for child in element.children:
            _write(child, form, lines, depth=depth + 1, parent=element.name)
        lines.append(f"{indent}</{tag}>")
    elif element.text or element.markup:
        text = f"{form.before_text}{escape(element.text)}{form.behind_text}{element.markup}"
        lines.append(f"{start}>{text}</{tag}>")
    else:
        lines.append(f"{start}/>")

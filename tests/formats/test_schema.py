"""The schemas: proved by a second validator, equal to the code lists, and explained."""

import time
from importlib.resources import files

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.formats.codelists import business_types, priorities, statuses
from gateway.formats.edxml_names import NAMESPACE
from gateway.formats.schema import Complaint, load_schema
from gateway.formats.tree import Node

SOURCE = files("schemas").joinpath("edxml", "2016", "edxml-header.xsd").read_text("utf-8")
PROVED = xmlschema.XMLSchema10(SOURCE, allow="none")
#: Places in a header, with the type of what stands there.
LEAVES = {
    "MessageHeader/DocumentId": "DocumentIdType",
    "MessageHeader/DueDate": "DateType",
    "MessageHeader/SteeringType": "SmallNumberType",
    "MessageHeader/StatusCode": "StatusCodeType",
    "MessageHeader/To/OrganId": "OrganIdType",
    "MessageHeader/Code/CodeNumber": "CodeNumberType",
    "MessageHeader/Code/CodeNotation": "CodeNotationType",
    "MessageHeader/DocumentType/Type": "NumberType",
    "MessageHeader/OtherInfo/Priority": "PriorityType",
    "MessageHeader/OtherInfo/Direction": "TruthType",
    "TraceHeaderList/Bussiness/Paper": "ZeroOrOneType",
    "TraceHeaderList/Bussiness/BussinessDocType": "BussinessDocTypeType",
}


def tree(*leaves: tuple[str, str]) -> Node:
    """Return a header with every leaf in branches of its own."""
    top = Node("edXMLHeader", (None, "edXMLHeader", 1))
    for path, text in leaves:
        parent = top
        for name in path.split("/"):
            nth = sum(each.name == name for each in parent.children) + 1
            child = Node(name, (parent.place, name, nth))
            parent.children.append(child)
            parent = child
        parent.text = text
    return top


def complaints(*leaves: tuple[str, str]) -> tuple[Complaint, ...]:
    """Return what the schema says of a header with *leaves*."""
    return load_schema("edxml", "2016", "edxml-header.xsd").complaints(tree(*leaves))


def as_xml(node: Node) -> str:
    """Return the tree of *node* as XML text."""

    def element(node: Node) -> "etree._Element":
        made = etree.Element(f"{{{NAMESPACE}}}{node.name}")
        made.text = node.text
        made.extend([element(child) for child in node.children])
        return made

    return etree.tostring(element(node), encoding="unicode")


def test_the_schema_is_sound_for_a_second_validator() -> None:
    """Two implementations of XML Schema 1.0 take it."""
    assert PROVED.elements["edXMLHeader"].type.name == f"{{{NAMESPACE}}}HeaderType"


@pytest.mark.parametrize("path", LEAVES)
@given(
    text=st.one_of(
        st.sampled_from(
            ["", "0", "1", "9", "01", "07", "-1", "true", "x", "2026/11/20", "2026-1-5"]
        ),
        st.sampled_from(["2026/11/20 08:30:00", "20/11/2026", "2026-11-20T00:00:00Z", "1" * 201]),
        st.text("0123456789/-: TZ+.abcĐ ", max_size=60),
    )
)
def test_both_validators_judge_alike(path: str, text: str) -> None:
    """What lxml refuses, xmlschema refuses, and nothing else."""
    text = text.strip()

    assert bool(complaints((path, text))) is not PROVED.is_valid(as_xml(tree((path, text))))


@pytest.mark.parametrize(
    ("type_name", "values"),
    [
        ("PriorityType", {str(value) for value in priorities()}),
        ("StatusCodeType", set(statuses())),
        ("BussinessDocTypeType", {str(value) for value in business_types()}),
    ],
)
def test_the_schema_lists_what_the_code_lists_list(type_name: str, values: set[str]) -> None:
    """One list is not longer than the other; an empty element is always allowed."""
    listed = PROVED.types[type_name].enumeration  # type: ignore[union-attr]  # a simple type

    assert {str(value) for value in listed or ()} == values | {""}


@pytest.mark.parametrize("type_name", sorted(set(LEAVES.values())))
def test_every_type_can_say_what_it_expects(type_name: str) -> None:
    """In both languages, whatever is wrong."""
    path = next(path for path, each in LEAVES.items() if each == type_name)

    (found,) = complaints((path, "€" * 300))

    assert (found.path, found.found) == (f"/edXMLHeader/{path}", "€" * 300)
    assert "".join((found.expected.vi and "vi", found.expected.en and "en")) == "vien"


def test_a_number_is_explained_in_words() -> None:
    """Not by a regular expression."""
    (found,) = complaints(("MessageHeader/SteeringType", "một"))

    assert (found.expected.vi, found.expected.en) == (
        "số nguyên, tối đa 3 chữ số",
        "a whole number of at most 3 digits",
    )


def test_a_second_element_where_one_may_be_is_explained() -> None:
    """The second one is pointed at."""
    node = tree(("MessageHeader/Code/CodeNumber", "1"))
    code = node.children[0].children[0]
    code.children.append(Node("CodeNumber", (code.place, "CodeNumber", 2), "2"))

    (found,) = load_schema("edxml", "2016", "edxml-header.xsd").complaints(node)

    assert (found.path, found.expected.en) == (
        "/edXMLHeader/MessageHeader/Code/CodeNumber[2]",
        "one such element",
    )


@settings(max_examples=20)
@given(st.sets(st.integers(1, 1300), max_size=60))
def test_a_long_list_is_judged_element_by_element(wrong: set[int]) -> None:
    """Portions do not lose, move or repeat a complaint; the first fifty are told."""
    header = Node("edXMLHeader", (None, "edXMLHeader", 1))
    message = Node("MessageHeader", (header.place, "MessageHeader", 1))
    header.children.append(message)
    for n in range(1, 1301):
        to = Node("To", (message.place, "To", n))
        to.children.append(
            Node("OrganId", (to.place, "OrganId", 1), "1" * (51 if n in wrong else 5))
        )
        message.children.append(to)

    found = load_schema("edxml", "2016", "edxml-header.xsd").complaints(header)

    assert [each.path for each in found] == [
        f"/edXMLHeader/MessageHeader/To{'' if n == 1 else f'[{n}]'}/OrganId"
        for n in sorted(wrong)[:50]
    ]


def test_a_hundred_thousand_faults_are_judged_in_a_second() -> None:
    """The validator is stopped once enough was found."""
    header = Node("edXMLHeader", (None, "edXMLHeader", 1))
    message = Node("MessageHeader", (header.place, "MessageHeader", 1))
    header.children.append(message)
    message.children = [
        Node("SteeringType", (message.place, "SteeringType", n), "x") for n in range(1, 100_001)
    ]
    begun = time.thread_time()

    found = load_schema("edxml", "2016", "edxml-header.xsd").complaints(header)

    assert (len(found), time.thread_time() - begun < 1) == (50, True)

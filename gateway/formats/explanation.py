"""Says what a schema wants where a value breaks it, in the schema's own words.

xmlschema knows the facets and annotations of every type but is some seventy times slower than
lxml and takes a tenth of a second to load and to compile: it is asked about single values of
rejected messages, in worker threads, and loaded with the first of them.
"""

from dataclasses import dataclass
from threading import Lock
from typing import Any

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What was expected."""

    vi: str
    en: str


#: The value is well: the element itself is one too many.
_ONE = Expectation(vi="chỉ một phần tử như vậy", en="one such element")


class Explainer:
    """Explains one schema."""

    def __init__(self, source: bytes) -> None:
        """Take the *source* of a schema of ours."""
        self._source = source
        self._types: Any = None
        self._compiling = Lock()

    def expectation(self, type_name: str, value: str) -> Expectation:
        """Return what the type called *type_name* expects instead of *value*."""
        with self._compiling:
            if self._types is None:
                self._types = self._compile()
            wanted = self._types[type_name]
            if wanted.is_complex() or wanted.is_valid(value):
                return _ONE
            return _expectation(wanted)

    def _compile(self) -> Any:  # noqa: ANN401 - the library's types stop here
        import xmlschema  # noqa: PLC0415 - only rejected messages need it

        return xmlschema.XMLSchema10(self._source.decode(), allow="none").types


def _expectation(wanted: Any) -> Expectation:  # noqa: ANN401 - the library's types stop here
    if wanted.enumeration:
        values = ", ".join(value for value in wanted.enumeration if value)
        return Expectation(vi=values, en=values)
    if wanted.max_length is not None:
        longest = wanted.max_length
        return Expectation(vi=f"tối đa {longest} ký tự", en=f"at most {longest} characters")
    texts = {each.get(_LANGUAGE): each.text or "" for each in wanted.annotation.documentation}
    return Expectation(vi=texts["vi"], en=texts["en"])

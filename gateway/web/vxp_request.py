"""A request of the VXP protocol: what its signature covers is what it asks.

A system signs a JSON text, `XroadVnpt-sign-header`, that repeats its headers; the bytes of that
text as received are what the signature is checked over, and its values are the parameters. The
plain headers must agree with it, as far as they are there: a stack may fold two names that differ
in case only. Neither path nor body is signed, so that the body counts by its signed digest alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from gateway.domain.errors import Refused
from gateway.domain.wire import System, hops

_PREFIX = "xroadvnpt-"
_SIGN_HEADER, _HASH_HEADER = "sign-header", "hash-header"
#: Sent beside what is signed.
_UNSIGNED = frozenset({_SIGN_HEADER, _HASH_HEADER, "sign-header-key", "version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What the headers of a request say, before anybody proved anything."""

    text: bytes  #: the signed text as received
    signature: str
    parameters: Mapping[str, str]  #: by name without the prefix, case as given

    def value(self, *names: str) -> str:
        """Return the first of the parameters *names* that is there, ``""`` for none.

        Only the exact spelling counts: `docId` and `docid` may both be there and differ, as one
        may be left over from an earlier call.
        """
        return next((self.parameters[name] for name in names if self.parameters.get(name)), "")

    @property
    def trace(self) -> tuple[str, ...]:
        """Return the nodes that it passed; an office system names none."""
        return hops(self.value("trace"))


def read_signed(request: web.Request) -> Signed:
    """Return the signed parameters of *request*.

    Raises:
        Refused: a header is missing or unreadable, or a plain one says something else.
    """
    plain: dict[str, list[bytes]] = {}
    for raw_name, raw_value in request.raw_headers:
        name = raw_name.decode("latin-1").lower()
        if name.startswith(_PREFIX):
            plain.setdefault(name.removeprefix(_PREFIX), []).append(raw_value)
    text, signature = _only(plain, _SIGN_HEADER), _only(plain, _HASH_HEADER)
    parameters = _parameters(text)
    _agree(plain, parameters)
    return Signed(text=text, signature=signature.decode("latin-1"), parameters=dict(parameters))


def recipients(text: str) -> tuple[str, ...]:
    """Return the codes of a parameter `to`: an array, text that holds one, a code, or a list."""
    for _ in range(2):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            break
        if isinstance(value, list):
            return tuple(str(each).strip() for each in value if str(each).strip())
        if not isinstance(value, str):
            break
        text = value
    return tuple(part.strip() for part in text.split(",") if part.strip())


def is_node(signed: Signed, system: System, node: str) -> bool:
    """Whether *system* is another node that numbers itself: it names its hops.

    An office below this *node* is numbered here, whatever it says.
    """
    agency = system.client.agency
    below = agency == node or agency.startswith(f"{node}.")
    return bool(signed.trace) and not below


def _only(plain: Mapping[str, list[bytes]], name: str) -> bytes:
    values = set(plain.get(name, ()))
    if len(values) != 1:
        raise _unreadable(f"thiếu hoặc lặp XroadVnpt-{name} / XroadVnpt-{name} is needed once")
    return values.pop()


def _parameters(text: bytes) -> Mapping[str, str]:
    try:
        value = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise _unreadable(
            "XroadVnpt-sign-header không phải JSON / the signed header is no JSON"
        ) from error
    if not isinstance(value, dict) or any(
        isinstance(each, dict | list) or each is None for each in value.values()
    ):
        raise _unreadable(
            "XroadVnpt-sign-header không phải đối tượng phẳng / it is no flat JSON object"
        )
    return dict(_named(value))


def _named(value: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, each in value.items():
        _encodable(f"{key}{each}")
        name = key[len(_PREFIX) :] if key.lower().startswith(_PREFIX) else key
        yield name, each if isinstance(each, str) else json.dumps(each)


def _encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _unreadable("ký tự không hợp lệ / a character is only half there") from error


def _agree(plain: Mapping[str, list[bytes]], parameters: Mapping[str, str]) -> None:
    signed: dict[str, set[str]] = {}
    for name, value in parameters.items():
        signed.setdefault(name.lower(), set()).add(value.strip())
    for name, values in plain.items():
        if name in _UNSIGNED:
            continue
        given = {value.decode("utf-8", "replace").strip() for value in values}
        if not given <= signed.get(name, set()):
            raise _unreadable(
                f"XroadVnpt-{name[:40]} khác với nội dung đã ký / "
                f"XroadVnpt-{name[:40]} differs from what was signed"
            )


def _unreadable(text: str) -> Refused:
    return Refused(text, code="vxp-header")

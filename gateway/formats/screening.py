"""Whether XML may be given to a library that makes a tree of it: the guards of the house first."""

from collections.abc import Mapping

from gateway.formats.xml import SafeParser


class _Deaf:
    """Takes the events of a message and does nothing: only the guards of the parser count."""

    in_bulk = True  #: text is bounded by the size of the file

    def take(self, _run: bytes) -> bool:
        return False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        pass

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


def screen_xml(data: bytes) -> bool:
    """Whether *data* passes the guards of the house and may become a tree."""
    parser = SafeParser(_Deaf())
    parser.feed(data)
    parser.close()
    return parser.finding is None

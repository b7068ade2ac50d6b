"""The sentence of a key."""

from msgspec import Meta


def doc(text: str) -> Meta:
    """Return the sentence that stands beside a key, here and in the file that is made."""
    return Meta(description=text)

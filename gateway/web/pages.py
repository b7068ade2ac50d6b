"""A page of a list, rendered item by item, that ends before it becomes too large to hold."""

import msgspec

#: A document has up to thousands of deliveries, and a page up to 500 documents.
LARGEST_PAGE_BYTES = 8 << 20


class PageBody:
    """Items as JSON, and the place of the last of them; the first always fits."""

    def __init__(self, *, most_bytes: int = LARGEST_PAGE_BYTES) -> None:
        """Take items of *most_bytes* in all."""
        self._most_bytes = most_bytes
        self._size = 0
        self._items: list[msgspec.Raw] = []
        self._last: int | None = None

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def add(self, item: object, place: int) -> bool:
        """Render *item*, which lies at *place*; return False when it does not fit any more."""
        rendered = msgspec.json.encode(item)
        self._size += len(rendered)
        if self._items and self._size > self._most_bytes:
            return False
        self._items.append(msgspec.Raw(rendered))
        self._last = place
        return True

    def body(self, *, more: bool) -> dict[str, object]:
        """Return the answer; when there is *more*, the next page begins after the last item."""
        following = str(self._last) if more and self._items else None
        return {"items": self._items, "next": following}

"""Compound files ([MS-CFB]) made by code: storages, streams, records of Office 97."""

import struct

_FREE, _END_OF_CHAIN, _FAT_SECTOR, _NO_ENTRY = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_SECTOR = 512
_LEAST_STREAM = 4096


def compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file; ``/`` in a name makes storages."""
    entries: list[list[object]] = [["Root Entry", 5, _NO_ENTRY, _END_OF_CHAIN, 0]]
    tree: dict[str, int] = {"": 0}
    for name, content in streams.items():
        parts = name.split("/")
        for depth in range(1, len(parts)):
            path = "/".join(parts[:depth])
            if path not in tree:
                tree[path] = len(entries)
                entries.append([parts[depth - 1], 1, _NO_ENTRY, 0, 0])
        tree[name] = len(entries)
        entries.append([parts[-1], 2, _NO_ENTRY, content, len(content)])
    return _file(entries, tree)


def _file(entries: list[list[object]], tree: dict[str, int]) -> bytes:
    sectors: list[bytes] = []
    chains: list[int] = []

    def put(content: bytes) -> int:
        pieces = [content[at : at + _SECTOR] for at in range(0, len(content), _SECTOR)]
        begin = len(sectors)
        sectors.extend(piece.ljust(_SECTOR, b"\0") for piece in pieces)
        chains.extend([*range(begin + 1, begin + len(pieces)), _END_OF_CHAIN])
        return begin

    for entry in entries:
        if isinstance(entry[3], bytes):
            entry[4] = max(len(entry[3]), _LEAST_STREAM)
            entry[3] = put(entry[3].ljust(_LEAST_STREAM, b"\0"))
    directory = b"".join(
        _entry(index, entry, entries, tree) for index, entry in enumerate(entries)
    )
    directory_at = put(directory.ljust(-(-len(directory) // _SECTOR) * _SECTOR, b"\0"))
    count = -(-(len(chains) + 8) // 128)
    fat_at = len(sectors)
    table = [*chains, *[_FAT_SECTOR] * count]
    table += [_FREE] * (count * 128 - len(table))
    header = struct.pack(
        "<8s16sHHHHH6xLLLLLLLLL",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, count, directory_at, 0, _LEAST_STREAM, _END_OF_CHAIN, 0, _END_OF_CHAIN, 0,
    )  # fmt: skip
    fat = [*range(fat_at, fat_at + count), *[_FREE] * (109 - count)]
    header += struct.pack("<109L", *fat)
    return header + b"".join(sectors) + struct.pack(f"<{len(table)}L", *table)


def _entry(
    index: int, entry: list[object], entries: list[list[object]], tree: dict[str, int]
) -> bytes:
    """Return a directory entry; siblings hang to the right of one another."""
    path = next(name for name, at in tree.items() if at == index)
    parent = path.rpartition("/")[0]
    siblings = [at for name, at in tree.items() if name and name.rpartition("/")[0] == parent]
    right = next((at for at in siblings if at > index), _NO_ENTRY) if index else _NO_ENTRY
    prefix = f"{path}/" if path else ""
    children = [
        at
        for name, at in tree.items()
        if name and name.startswith(prefix) and "/" not in name.removeprefix(prefix)
    ]
    child = min(children) if children and entry[1] != 2 else _NO_ENTRY
    encoded = str(entry[0]).encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBLLL", len(encoded) + 2, entry[1], 1, _NO_ENTRY, right, child)
        + bytes(36)
        + struct.pack("<LLL", entry[3], entry[4], 0)
    )


def record(kind: int, body: bytes = b"") -> bytes:
    """Return a BIFF record."""
    return struct.pack("<HH", kind, len(body)) + body


def a_workbook(*records: bytes) -> bytes:
    """Return an xls whose globals hold *records*."""
    globals_ = record(0x809, bytes(16)) + b"".join(records) + record(0x0A)
    return compound({"Workbook": globals_})


def a_sheet(kind: int) -> bytes:
    """Return the record of a sheet; 1 is a sheet of Excel 4.0 macros."""
    return record(0x85, struct.pack("<LBB", 0, 0, kind) + b"\x05\x00Sheet")


def a_word_document(*, flags: int = 0, **streams: bytes) -> dict[str, bytes]:
    """Return the streams of a doc with the *flags* of its FIB."""
    fib = struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0, 0, flags)
    return {"WordDocument": fib, **streams}


def a_package(name: str, content: bytes) -> bytes:
    """Return the native data of a packaged file."""
    label = name.encode("latin-1") + b"\0"
    path = f"C:\\{name}".encode("latin-1") + b"\0"
    body = (
        struct.pack("<H", 2) + label + path + struct.pack("<HH", 0, 3)
        + struct.pack("<L", len(path)) + path + struct.pack("<L", len(content)) + content
    )  # fmt: skip
    return struct.pack("<L", len(body)) + body

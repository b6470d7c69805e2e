"""Reads a data frame from the data folder of an installed R package, without R.

An R package with lazy data keeps two files: `Rdata.rdx`, a compressed index `{variables: {name: [offset, length]}}`, and
`Rdata.rdb`, the objects one after another, each a four-byte length followed by a zlib stream. Index and objects are both
R's XDR serialisation (versions 2 and 3), of which this module reads the part that data frames use.
"""
import gzip
import struct
import zlib

import numpy as np

# Type numbers of R's serialisation ("R Internals", section 1.8).
SYMBOL, PAIRLIST, CHAR = 1, 2, 9
LOGICAL, INTEGER, REAL, STRINGS, LIST = 10, 13, 14, 16, 19
ALTREP, ATTRIBUTES_PAIRLIST, NULL, REFERENCE = 238, 239, 254, 255


class RVector:
    """A vector (NumPy array, or Python list for strings and lists) with its attributes."""

    def __init__(self, values, attributes):
        self.values = values
        self.attributes = attributes

    def named(self):
        """The elements of a named list or data frame as a dict."""
        return dict(zip(self.attributes["names"].values, self.values))


class XdrReader:
    """Reads one serialised R object from bytes; `read()` gives RVector, str, None or a dict (pairlist)."""

    def __init__(self, data):
        if data[:2] != b"X\n":
            raise ValueError("not R's XDR serialisation")
        self.data = data
        self.at = 2
        self.references = []
        version, _, _ = (self.integer() for _ in range(3))
        if version == 3:
            self.take(self.integer())  # the name of the native encoding
        elif version != 2:
            raise ValueError(f"R serialisation version {version} is not supported (2 and 3 are)")

    def take(self, size):
        if size < 0 or self.at + size > len(self.data):
            raise ValueError("R object ends early")
        self.at += size
        return self.data[self.at - size : self.at]

    def integer(self):
        return struct.unpack(">i", self.take(4))[0]

    def array(self, kind):
        count = self.integer()
        return np.frombuffer(self.take(count * np.dtype(kind).itemsize), kind).astype(np.dtype(kind).newbyteorder("="))

    def read(self):
        flags = self.integer()
        kind, has_attributes, has_tag = flags & 0xFF, bool(flags & 0x200), bool(flags & 0x400)
        if kind == NULL:
            return None
        if kind == SYMBOL:
            self.references.append(self.read())
            return self.references[-1]
        if kind == REFERENCE:
            return self.references[(flags >> 8 or self.integer()) - 1]
        if kind in (PAIRLIST, ATTRIBUTES_PAIRLIST):
            return self.pairlist(has_attributes, has_tag)
        if kind == CHAR:
            size = self.integer()
            return None if size == -1 else self.take(size).decode("latin-1" if flags >> 12 & 4 else "utf-8")
        if kind == ALTREP:
            return self.compact_form()
        return self.vector(kind, has_attributes)

    def vector(self, kind, has_attributes):
        if kind in (LOGICAL, INTEGER):
            values = self.array(">i4")
        elif kind == REAL:
            values = self.array(">f8")
        elif kind in (STRINGS, LIST):
            values = [self.read() for _ in range(self.integer())]
        else:
            raise ValueError(f"R type {kind} is not supported")
        return RVector(values, self.read() if has_attributes else {})

    def pairlist(self, has_attributes, has_tag):
        items = {}
        while True:
            if has_attributes:
                self.read()
            tag = self.read() if has_tag else len(items)
            items[tag] = self.read()
            flags = self.integer()
            if flags & 0xFF == NULL:
                return items
            if flags & 0xFF != PAIRLIST:
                raise ValueError("R pairlist with a tail that is not a list")
            has_attributes, has_tag = bool(flags & 0x200), bool(flags & 0x400)

    def compact_form(self):
        """An integer range, stored as (length, first, step); the one compact form that data frames carry (row names)."""
        (name, *_), state, _ = self.read().values(), self.read(), self.read()
        if name != "compact_intseq":
            raise ValueError(f"R compact form {name} is not supported")
        length, first, step = (int(v) for v in state.values)
        return RVector(first + step * np.arange(length), {})


def read_data_frame(index, objects, name):
    """Columns of data frame `name` as {column: array or list}; factors become lists of their level names.

    `index` and `objects` are the bytes of `Rdata.rdx` and `Rdata.rdb`. Raises KeyError for an unknown name and ValueError
    for content outside the supported part of the format.
    """
    located = XdrReader(_inflate(index)).read().named()["variables"].named()[name]
    offset, length = (int(v) for v in located.values)
    frame = XdrReader(zlib.decompress(objects[offset + 4 : offset + length])).read()
    return {column: _plain(vector) for column, vector in frame.named().items()}


def _inflate(data):
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else zlib.decompress(data)


def _plain(vector):
    levels = vector.attributes.get("levels")
    if levels is None:
        return vector.values
    return [levels.values[code - 1] for code in vector.values]

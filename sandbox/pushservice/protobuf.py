"""As much of Protocol Buffers' wire format as Google's check-in and messaging need."""

from __future__ import annotations

from collections.abc import Iterable

#: A field: its number, and an int (varint), bytes or str (length-delimited) or Fixed64.
Value = int | bytes | str


class Fixed64(int):
    """An integer that travels as eight bytes."""


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def encode(fields: Iterable[tuple[int, Value]]) -> bytes:
    """A message with these fields, in this order."""
    encoded = b""
    for number, value in fields:
        if isinstance(value, Fixed64):
            encoded += varint(number << 3 | 1) + value.to_bytes(8, "little")
        elif isinstance(value, int):
            encoded += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            encoded += varint(number << 3 | 2) + varint(len(data)) + data
    return encoded


def decode(data: bytes) -> dict[int, list[int | bytes]]:
    """All values of each field; ValueError when the bytes are no message."""
    fields: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        kind = key & 7
        value: int | bytes
        if kind == 0:
            value, at = _read_varint(data, at)
        else:
            if kind == 2:
                length, at = _read_varint(data, at)
            elif kind in (1, 5):
                length = 8 if kind == 1 else 4
            else:
                raise ValueError(f"wire type {kind}")
            value, at = data[at : at + length], at + length
            if len(value) != length:
                raise ValueError("the message ends in the middle of a field")
            if kind != 2:
                value = int.from_bytes(value, "little")
        fields.setdefault(key >> 3, []).append(value)
    return fields


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("a number that does not end")

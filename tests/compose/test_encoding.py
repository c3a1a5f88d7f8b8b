"""encode_original and quoted_printable: the bytes come back as they went in."""

from __future__ import annotations

import base64
import quopri
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.compose import encode_original
from mailroom.compose.encoding import PIECE, encoded_pieces, quoted_printable

SIZES = [0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 57 * 512 - 1, 57 * 512, 57 * 512 + 1, 57 * 1024 + 30]


@pytest.mark.parametrize("size", SIZES)
def test_base64_is_that_of_the_standard_library_with_crlf(size: int) -> None:
    original = random.Random(size).randbytes(size)
    assert encode_original(original) == base64.encodebytes(original).replace(b"\n", b"\r\n")


@given(st.binary(max_size=500))
def test_base64_decodes_to_the_same_bytes_in_lines_of_76(original: bytes) -> None:
    encoded = encode_original(original)
    assert base64.b64decode(encoded) == original
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))
    assert encoded == b"" or encoded.endswith(b"\r\n")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=300))
def test_quoted_printable_decodes_to_the_same_text(text: str) -> None:
    encoded = quoted_printable(text)
    assert quopri.decodestring(encoded.replace(b"\r\n", b"\n")).decode() == text
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))
    assert encoded.isascii()


def test_other_line_ends_become_crlf() -> None:
    assert quoted_printable("a\rb\r\nc\nd") == b"a\r\nb\r\nc\r\nd"


@pytest.mark.parametrize("line", ["From here", ".", "..", ".hidden", "trailing blank ", "tab\t", "=", "=_boundary"])
def test_no_line_is_changed_on_the_way(line: str) -> None:
    encoded = quoted_printable(f"before\n{line}\nafter")
    assert quopri.decodestring(encoded.replace(b"\r\n", b"\n")).decode() == f"before\n{line}\nafter"
    assert b"\r\n.\r\n" not in encoded
    assert b"=_" not in encoded
    assert not any(one.endswith((b" ", b"\t")) for one in encoded.split(b"\r\n"))


@pytest.mark.parametrize("octets", [0, 1, 57, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5])
def test_pieces_make_the_whole(octets: int) -> None:
    original = (bytes(range(256)) * (octets // 256 + 1))[:octets]
    pieces = list(encoded_pieces(original))
    assert b"".join(pieces) == encode_original(original)
    assert all(piece.endswith(b"\r\n") for piece in pieces)

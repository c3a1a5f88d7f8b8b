"""Durable bytes: whole or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from pathlib import Path

import pytest

from mailroom.model import LedgerBroken
from mailroom.spool import ORPHAN_AGE, Spool

NASTY = [b"", b"\x00" * 10, b"a\rb\nc\r\n", bytes(range(256)), b"x" * 5000, "Petición\n".encode("latin-1")]


def test_every_octet_comes_back(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for data, original in zip(NASTY, spool.put(NASTY), strict=True):
        assert original.sha256 == hashlib.sha256(data).hexdigest()
        assert original.size == len(data)
        assert spool.read(original.sha256) == data


def test_files_are_private_and_named_by_their_hash_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    (one,) = spool.put([b"Subject: ../../etc/passwd\r\n\r\n"])
    assert stat.S_IMODE(spool.path(one.sha256).stat().st_mode) == 0o600
    assert [file.name for file in spool.directory.iterdir()] == [f"{one.sha256}.eml"]


def test_slices_make_the_same_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with spool.slices() as file:
        for piece in (b"one ", b"two ", b"three"):
            file.write(piece)
    assert spool.read(file.original.sha256) == b"one two three"


@pytest.mark.parametrize("step", ["spool.write", "spool.fsync", "spool.rename"])
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, step: str) -> None:
    def door(name: str) -> None:
        if name == step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(LedgerBroken, match="No space left"):
        Spool(tmp_path, door).put([b"a message"])
    assert list(tmp_path.iterdir()) == []


def test_the_sweep_takes_old_orphans_and_other_processes_scraps_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    wanted, old, young = spool.put([b"wanted", b"old", b"young"])
    past = time.time() - ORPHAN_AGE - 60
    for one in (wanted, old):
        os.utime(spool.path(one.sha256), (past, past))
    (tmp_path / "1-1.tmp").write_bytes(b"half")
    assert spool.sweep(frozenset({wanted.sha256})) == 2
    assert {file.stem for file in tmp_path.iterdir()} == {wanted.sha256, young.sha256}

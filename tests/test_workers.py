"""Workers: a message that hangs, eats memory or kills its process costs that message a try, and nobody else."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom import policy, workers
from mailroom.model import Context, Original, Ours, Plan
from mailroom.workers import CHUNK, CHUNK_BYTES, Job, Poisoned, Workers
from tests.scenarios.mail import letter

ROOT = Path(__file__).parent.parent
OURS = Ours("support@example.org", authserv_id="mail.example.org", envelope_from="bounces@example.org", key=b"k" * 32)
AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    started = Workers(2, policy.load(ROOT / "rules.yaml", ROOT / "templates", ["example.org"]), OURS)
    yield started
    started.stop()


def job(folder: Path, number: int, raw: bytes | None = None) -> Job:
    data = letter(number) if raw is None else raw
    file = folder / f"{number}.eml"
    file.write_bytes(data)
    return Job(
        file,
        Original(file.stem, len(data)),
        Context(now=AT, reference=f"SU-2026-{number:06}-X", job=f"SU-2026-{number:06}-X"),
    )


def test_plans_come_back_in_order(pool: Workers, tmp_path: Path) -> None:
    plans = pool.run([job(tmp_path, number) for number in range(2 * CHUNK + 3)])
    assert [one.context.job for one in plans if isinstance(one, Plan)] == [
        f"SU-2026-{number:06}-X" for number in range(2 * CHUNK + 3)
    ]
    assert all(isinstance(one, Plan) and one.decision.unit == "petitions-registry" for one in plans)


def test_a_message_that_is_gone_costs_only_itself(pool: Workers, tmp_path: Path) -> None:
    jobs = [job(tmp_path, number) for number in range(4)]
    jobs[2].path.unlink()
    plans = pool.run(jobs)
    assert [isinstance(one, Plan) for one in plans] == [True, True, False, True]
    assert plans[2] == Poisoned("FileNotFoundError")


@pytest.mark.parametrize(
    ("what", "reason"), [("die", "died"), ("hang", "timeout"), ("eat", "memory")], ids=["dies", "hangs", "eats memory"]
)
def test_a_poison_message_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, reason: str
) -> None:
    """The worker's job is replaced by one that misbehaves for one file; pool, limits and recovery are the real ones."""
    monkeypatch.setattr(workers, "_plan", misbehaving)
    monkeypatch.setattr(workers, "JOB_TIMEOUT", 2.0)
    pool = Workers(2, policy.load(ROOT / "rules.yaml", ROOT / "templates", ["example.org"]), OURS)
    try:
        jobs = [job(tmp_path, number) for number in range(5)]
        jobs[1] = job(tmp_path, 1, what.encode())
        plans = pool.run(jobs)
        assert [isinstance(one, Plan) for one in plans] == [True, False, True, True, True]
        assert plans[1] == Poisoned(reason)
        assert all(isinstance(one, Plan) for one in pool.run([jobs[0], jobs[4]]))
    finally:
        pool.stop()


def misbehaving(jobs: list[Job]) -> list[Plan]:
    for one in jobs:
        raw = one.path.read_bytes()
        if raw == b"die":
            os._exit(9)
        if raw == b"hang":
            time.sleep(600)
        if raw == b"eat":
            bytearray(workers.MEMORY * 2)
    return plan_of_the_real_worker(jobs)


plan_of_the_real_worker = workers._plan


def test_chunks_are_bounded_by_number_and_by_octets() -> None:
    small = [Job(Path("x"), Original("x", 100), Context(AT, "r"))] * 100
    assert {len(one) for one in workers._chunks(small, 2)} <= set(range(1, CHUNK + 1))
    large = [Job(Path("x"), Original("x", CHUNK_BYTES - 1), Context(AT, "r"))] * 3
    assert [len(one) for one in workers._chunks(large, 1)] == [1, 1, 1]

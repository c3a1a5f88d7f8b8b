"""A pool of limited processes in which the core runs. A job's death is a value, not an exception.

Promises: a message that hangs, eats memory or kills its process costs that message a try and nobody else (D-16,
T-09). A pool is one generation of the Policy: a new Policy starts a new pool, and the old one ends when its jobs
have. The one impure function of a worker, reading the original from the spool, stands here.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as JobTimeout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from mailroom import compose, pipeline
from mailroom.model import Context, Original, Ours, Plan
from mailroom.pipeline import Policy
from mailroom.preload import prepare
from mailroom.rules import RuleSet

JOB_TIMEOUT = 60.0  # seconds for one message; for a chunk as well, since an ordinary one takes milliseconds
MEMORY = 2 << 30  # octets of address space a worker may have
CHUNK = 16  # messages a job; fewer when they are large
CHUNK_BYTES = 2_000_000
BEGINNING = 1_000_000  # octets that are read of an original above max_size


@dataclass(frozen=True, slots=True)
class Job:
    path: Path  # of the original in the spool
    original: Original
    context: Context


@dataclass(frozen=True, slots=True)
class Poisoned:
    """This message could not be read this time."""

    reason: str  # a fixed word: "timeout" "died" "memory" or an exception's type


class Workers:
    def __init__(self, count: int, policy: Policy, ours: Ours) -> None:
        prepare()
        self._count = count
        self._context = multiprocessing.get_context("forkserver")
        self._pool: Any = self._start(policy, ours)

    def _start(self, policy: Policy, ours: Ours) -> ProcessPool:
        # Compiled templates do not pickle, so their sources travel.
        initial = (policy.rules, dict(policy.templates.sources), policy.hash, ours)
        return ProcessPool(max_workers=self._count, initializer=_begin, initargs=initial, context=self._context)

    def replace(self, policy: Policy, ours: Ours) -> None:
        """A new generation; call it between two runs."""
        old, self._pool = self._pool, self._start(policy, ours)
        old.close()
        old.join()

    def ready(self) -> None:
        """Wait until there is a worker. Whoever claims messages before counts a try that nobody makes."""
        self._pool.schedule(_ready).result()

    def begin(self, jobs: Sequence[Job]) -> Under:
        """Set the workers to planning these messages; does not wait."""
        chunks = _chunks(jobs, self._count)
        return Under([(chunk, self._schedule(chunk)) for chunk in chunks], self._schedule)

    def run(self, jobs: Sequence[Job]) -> list[Plan | Poisoned]:
        """Plan each message, in order. Blocks until all are done."""
        return self.begin(jobs).wait()

    def _schedule(self, chunk: Sequence[Job]) -> ProcessFuture[list[Plan]]:
        future: ProcessFuture[list[Plan]] = self._pool.schedule(_plan, args=[list(chunk)], timeout=JOB_TIMEOUT)
        return future

    def stop(self) -> None:
        self._pool.stop()
        self._pool.join()


@dataclass(slots=True)
class Under:
    """Messages under way in the workers."""

    chunks: list[tuple[list[Job], ProcessFuture[list[Plan]]]]
    schedule: Callable[[Sequence[Job]], ProcessFuture[list[Plan]]]

    def wait(self) -> list[Plan | Poisoned]:
        """The plans, in order. Blocks until all are done; a chunk that dies is tried again one by one."""
        results: list[Plan | Poisoned] = []
        alone: list[tuple[int, Job]] = []
        for chunk, future in self.chunks:
            outcome = _await(future)
            if not isinstance(outcome, Poisoned):
                results.extend(outcome)
                continue
            if len(chunk) > 1:
                alone.extend((len(results) + n, job) for n, job in enumerate(chunk))
            results.extend([outcome] * len(chunk))
        for n, future in [(n, self.schedule([job])) for n, job in alone]:
            outcome = _await(future)
            results[n] = outcome if isinstance(outcome, Poisoned) else outcome[0]
        return results


def _chunks(jobs: Sequence[Job], count: int) -> list[list[Job]]:
    most = max(1, min(CHUNK, -(-len(jobs) // count)))
    chunks: list[list[Job]] = []
    size = 0
    for job in jobs:
        if not chunks or len(chunks[-1]) >= most or size + job.original.size > CHUNK_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append(job)
        size += job.original.size
    return chunks


def _await(future: ProcessFuture[list[Plan]]) -> list[Plan] | Poisoned:
    try:
        plans: list[Plan] = future.result()
        return plans
    except JobTimeout:
        return Poisoned("timeout")
    except ProcessExpired:
        return Poisoned("died")
    except MemoryError:
        return Poisoned("memory")
    except Exception as error:
        return Poisoned(type(error).__name__)


# ----------------------------------------------------------------------------------- inside a worker


@dataclass(slots=True)
class _Bench:
    """What this process works with; set once, before its first job."""

    policy: Policy | None = None
    ours: Ours | None = None


_bench = _Bench()


def _begin(rules: RuleSet, sources: dict[str, str], digest: str, ours: Ours) -> None:
    # A worker ends with the fork server, and that with the daemon, however it ends: prctl(PR_SET_PDEATHSIG, SIGKILL).
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the daemon, which ends its workers itself
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold messages (T-21)
    _bench.policy = Policy(rules, compose.load_templates(sources), digest)
    _bench.ours = ours
    # warm.py switched it off. What stays for good is never walked through, and collections are few: a fifth less time.
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)


def _ready() -> None:
    """Nothing: that it ran says all."""


def _plan(jobs: list[Job]) -> list[Plan]:
    assert _bench.policy is not None
    assert _bench.ours is not None
    return [_plan_one(job, _bench.ours, _bench.policy) for job in jobs]


def _plan_one(job: Job, ours: Ours, policy: Policy) -> Plan:
    """Of an original that is announced and not sent on, the beginning is read: headers and text stand first (I-22)."""
    if job.original.size <= max(ours.max_size, BEGINNING):
        return _lean(pipeline.plan(job.path.read_bytes(), job.context, ours, policy))
    with job.path.open("rb") as file:
        return _lean(pipeline.plan(file.read(BEGINNING), job.context, ours, policy, job.original))


def _lean(plan: Plan) -> Plan:
    """As it travels to the daemon: the rules that matched, most of its objects, stand in its record."""
    return replace(plan, decision=replace(plan.decision, rules=()))

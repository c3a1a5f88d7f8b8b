"""The verbs of the ledger: what each makes true, and what it refuses."""

from __future__ import annotations

import sqlite3
import stat
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailroom.identity import valid_reference
from mailroom.ledger import Ledger, Settlement
from mailroom.lifecycle import IllegalMove, Limits, SubmissionState
from mailroom.model import Arrival, Channel, LedgerBroken, SubmissionKind
from tests.ledger.conftest import NOON, Bench, arrival, original, plan, submission

S = SubmissionState


def test_the_file_is_private_and_durable(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ledger = Ledger(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ledger.close()
    with sqlite3.connect(file) as peer:
        assert peer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert peer.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_ledger_of_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    Ledger(file).close()
    with sqlite3.connect(file) as peer:
        peer.execute("PRAGMA user_version = 99")
    with pytest.raises(LedgerBroken, match="newer mailroom"):
        Ledger(file)


def test_the_key_is_made_once(bench: Bench) -> None:
    assert bench.ledger.key() == bench.ledger.key()
    assert len(bench.ledger.key()) == 32


def test_references_run_and_can_be_checked(bench: Bench) -> None:
    first = bench.ledger.record([(arrival(1), original("a")), (arrival(2), original("b"))], NOON)
    second = bench.ledger.record([(arrival(3), original("c"))], NOON)
    assert [one[:14] for one in (*first, *second)] == ["SU-2026-000001", "SU-2026-000002", "SU-2026-000003"]
    assert all(valid_reference(one) for one in (*first, *second))


def test_the_same_bytes_are_one_message_with_two_pointers(bench: Bench) -> None:
    first = bench.ledger.record([(arrival(1), original("a"))], NOON)
    again = bench.ledger.record([(arrival(9), original("a"))], NOON)
    assert first == again
    assert len(bench.ledger.claim_messages(NOON, 10)) == 1
    assert bench.ledger.known("", "INBOX", 7, [1, 2, 9]) == {1, 9}


def test_the_try_is_counted_before_it_is_made(bench: Bench) -> None:
    bench.ledger.record([(arrival(1), original("a"))], NOON)
    assert bench.ledger.claim_messages(NOON, 10)[0].tries == 1
    bench.ledger.recover(NOON)  # the process died meanwhile
    assert bench.ledger.claim_messages(NOON, 10)[0].tries == 2
    assert bench.ledger.claim_messages(NOON, 10) == []


def test_what_a_crash_left_is_tried_one_by_one_after_what_is_new(bench: Bench) -> None:
    bench.ledger.record([(arrival(n), original(str(n))) for n in (1, 2, 3)], NOON)
    assert len(bench.ledger.claim_messages(NOON, 10)) == 3
    bench.ledger.recover(NOON)  # the process died, and any of the three may have been the reason
    bench.ledger.record([(arrival(4), original("4"))], NOON)
    assert [[one.tries for one in bench.ledger.claim_messages(NOON, 10)] for _ in range(5)] == [[1], [2], [2], [2], []]


def test_what_was_released_comes_back_when_due(bench: Bench) -> None:
    bench.ledger.record([(arrival(1), original("a"))], NOON)
    (one,) = bench.ledger.claim_messages(NOON, 10)
    bench.ledger.released([one.id], NOON + timedelta(minutes=1))
    assert bench.ledger.claim_messages(NOON, 10) == []
    assert bench.ledger.next_message() == NOON + timedelta(minutes=1)
    assert len(bench.ledger.claim_messages(NOON + timedelta(minutes=1), 10)) == 1


def test_a_decision_is_made_once(bench: Bench) -> None:
    bench.ledger.record([(arrival(1), original("a"))], NOON)
    (one,) = bench.ledger.claim_messages(NOON, 10)
    bench.ledger.decided([(one, plan(one))], NOON)
    with pytest.raises(IllegalMove):
        bench.ledger.decided([(one, plan(one))], NOON)
    assert bench.states() == {("forward", "queued"): 1, ("acknowledgement", "queued"): 1}


def test_one_wrong_row_undoes_the_whole_step(bench: Bench) -> None:
    bench.ledger.record([(arrival(1), original("a")), (arrival(2), original("b"))], NOON)
    one, other = bench.ledger.claim_messages(NOON, 10)
    with pytest.raises(IllegalMove):
        bench.ledger.decided([(one, plan(one)), (replace(other, id=999), plan(other))], NOON)
    assert bench.states() == {}


def test_no_acknowledgement_before_an_accepted_forward(bench: Bench) -> None:
    bench.decide("a")
    (forward,) = bench.claim()
    assert forward.submission.kind is SubmissionKind.FORWARD
    assert forward.attempts == 1
    assert bench.claim() == []
    bench.settle(forward, S.ACCEPTED)
    (acknowledgement,) = bench.claim()
    assert acknowledgement.submission.kind is SubmissionKind.ACKNOWLEDGEMENT


def test_a_forward_comes_back_byte_for_byte(bench: Bench) -> None:
    bench.decide("a")
    (forward,) = bench.claim()
    wanted = submission(forward.reference, SubmissionKind.FORWARD)
    assert forward.submission == wanted
    assert forward.original == original("a").sha256


def test_after_a_crash_a_forward_is_repeated_and_an_acknowledgement_never(bench: Bench) -> None:
    bench.decide("a", "b", sender_key="one")
    for forward in bench.claim()[:1]:
        bench.settle(forward, S.ACCEPTED)
    (acknowledgement,) = bench.claim()
    assert acknowledgement.submission.kind is SubmissionKind.ACKNOWLEDGEMENT
    assert bench.ledger.recover(NOON) == {"repeated": 1, "unknown": 1}
    assert bench.states() == {
        ("forward", "accepted"): 1,
        ("forward", "queued"): 1,
        ("acknowledgement", "unknown"): 1,
        ("acknowledgement", "queued"): 1,
    }
    again = bench.claim()
    assert [one.submission.kind for one in again] == [SubmissionKind.FORWARD]
    assert again[0].attempts == 2


def test_only_what_is_being_sent_can_be_settled(bench: Bench) -> None:
    bench.decide("a")
    (forward,) = bench.claim()
    bench.settle(forward, S.ACCEPTED)
    with pytest.raises(IllegalMove):
        bench.settle(forward, S.ACCEPTED)


def test_a_relay_failure_gives_the_attempt_back(bench: Bench) -> None:
    bench.decide("a")
    (forward,) = bench.claim()
    bench.ledger.settle([Settlement(forward.submission.id, S.QUEUED, NOON, "held", attempt_counts=False)], NOON)
    assert bench.claim()[0].attempts == 1


def test_a_refused_forward_and_what_replaces_it_are_one_step(bench: Bench) -> None:
    bench.decide("a")
    (forward,) = bench.claim()
    fresh = submission(forward.reference, SubmissionKind.FORWARD, unit="user-support")
    bench.ledger.settle([Settlement(forward.submission.id, S.FAILED, NOON, "550", 550, replacement=fresh)], NOON)
    assert bench.ledger.units_tried(fresh.id) == {"press", "user-support"}
    (again,) = bench.claim()
    assert again.submission == fresh
    assert again.original == original("a").sha256
    assert bench.ledger.due_for_filing(10) == []


def test_urgent_ones_go_first(bench: Bench) -> None:
    bench.ledger.record([(arrival(1), original("a")), (arrival(2), original("b"))], NOON)
    first, second = bench.ledger.claim_messages(NOON, 10)
    late = plan(second)
    urgent = replace(late, submissions=tuple(replace(one, priority=0) for one in late.submissions))
    bench.ledger.decided([(first, plan(first)), (second, urgent)], NOON)
    assert [one.reference for one in bench.claim()] == [second.reference, first.reference]


def test_the_sender_limit_is_counted_where_the_permission_is_taken(bench: Bench) -> None:
    bench.decide("a", "b", "c", "d", "e")
    for forward in bench.claim():
        bench.settle(forward, S.ACCEPTED)
    assert len(bench.claim()) == 3
    assert bench.states()["acknowledgement", "cancelled"] == 2
    assert {row.silence for row in bench.ledger.overview()} == {None, "sender-limit"}


@pytest.mark.parametrize(("days", "more"), [(0, 0), (1, 1), (-1, 0)])
def test_the_limit_holds_for_a_day_and_when_the_clock_jumps_back(bench: Bench, days: int, more: int) -> None:
    bench.limits = Limits(per_sender_per_day=1, within=timedelta(days=30))
    later = NOON + timedelta(days=days, seconds=1 if days > 0 else 0)
    for text, at in (("a", NOON), ("b", later)):
        bench.decide(text, at=at)
        for forward in bench.claim(at):
            bench.settle(forward, S.ACCEPTED, at)
        answers = bench.claim(at)
        for answer in answers:
            bench.settle(answer, S.ACCEPTED, at)
    assert len(answers) == more


def test_an_old_message_is_not_acknowledged(bench: Bench) -> None:
    bench.decide("a", at=NOON - timedelta(hours=25))
    for forward in bench.claim():
        bench.settle(forward, S.ACCEPTED)
    assert bench.claim() == []
    assert [row.silence for row in bench.ledger.overview()] == ["stale"]


def test_filing_waits_for_every_forward_and_the_first_try_of_the_answer(bench: Bench) -> None:
    bench.decide("a")
    assert bench.ledger.due_for_filing(10) == []
    (forward,) = bench.claim()
    assert bench.ledger.due_for_filing(10) == []
    bench.settle(forward, S.ACCEPTED)
    assert bench.ledger.due_for_filing(10) == []
    (answer,) = bench.claim()
    assert bench.ledger.due_for_filing(10) == []
    bench.settle(answer, S.DEFERRED)
    (filing,) = bench.ledger.due_for_filing(10)
    assert filing.target == "Done/press"
    assert filing.keywords == ("press",)
    bench.ledger.filed([filing], NOON)
    assert bench.ledger.due_for_filing(10) == []
    assert [row.state for row in bench.ledger.overview()] == ["filed"]


def test_a_message_dragged_back_is_only_filed_again(bench: Bench) -> None:
    bench.decide("a", acknowledge=False)
    bench.settle(bench.claim()[0], S.ACCEPTED)
    bench.ledger.filed(bench.ledger.due_for_filing(10), NOON)
    bench.ledger.record([(arrival(77), original("a"))], NOON)
    assert bench.ledger.claim_messages(NOON, 10) == []
    assert bench.claim() == []
    assert [one.uid for one in bench.ledger.due_for_filing(10)] == [77]


def test_a_message_dropped_into_reroute_is_decided_again(bench: Bench) -> None:
    bench.decide("a", acknowledge=False)
    bench.settle(bench.claim()[0], S.ACCEPTED)
    bench.ledger.filed(bench.ledger.due_for_filing(10), NOON)
    dropped = Arrival(Channel.REROUTE, "Mailroom/Reroute/rele", 3, 5, 100, NOON, "rele")
    bench.ledger.record([(dropped, original("a"))], NOON)
    (one,) = bench.ledger.claim_messages(NOON, 10)
    assert (one.correction, one.generation, one.channel, one.tries) == ("rele", 1, Channel.REROUTE, 1)


def test_a_message_dropped_into_reroute_twice_is_sent_once_while_it_is_under_way(bench: Bench) -> None:
    """Two accounts hold a copy each; or the pointer was lost, and it is found anew."""
    bench.decide("a", acknowledge=False)
    bench.settle(bench.claim()[0], S.ACCEPTED)
    for number, unit in enumerate(("rele", "rele", "press", "rele")):
        dropped = Arrival(Channel.REROUTE, f"Mailroom/Reroute/{unit}", 3, number, 100, NOON, unit, "legal")
        bench.ledger.record([(dropped, original("a"))], NOON)
        claimed = bench.ledger.claim_messages(NOON, 10)
        if number == 1:
            assert claimed == []
            continue
        (one,) = claimed
        assert (one.correction, one.generation) == (unit, (1, 1, 2, 3)[number])
        bench.ledger.decided([(one, plan(one, acknowledge=False))], NOON)


def test_a_new_uidvalidity_closes_pointers_and_repeats_nothing(bench: Bench) -> None:
    bench.decide("a", acknowledge=False)
    bench.settle(bench.claim()[0], S.ACCEPTED)
    assert bench.ledger.lost_pointers("", "INBOX", 8, NOON) == 1
    assert bench.ledger.due_for_filing(10) == []
    bench.ledger.record([(arrival(1, uidvalidity=8), original("a"))], NOON)
    assert bench.ledger.claim_messages(NOON, 10) == []
    (filing,) = bench.ledger.due_for_filing(10)
    assert (filing.uidvalidity, filing.uid) == (8, 1)
    assert bench.ledger.lost_pointers("", "INBOX", 8, NOON) == 0


def test_two_inboxes_have_uids_of_their_own(bench: Bench) -> None:
    ledger = bench.ledger
    ledger.record([(arrival(1, inbox="legal"), original("a")), (arrival(1, inbox="press"), original("b"))], NOON)
    assert [(one.inbox, one.original) for one in ledger.claim_messages(NOON, 10)] == [
        ("legal", original("a")),
        ("press", original("b")),
    ]
    assert ledger.known("legal", "INBOX", 7, [1, 2]) == ledger.known("press", "INBOX", 7, [1, 2]) == {1}
    assert ledger.lost_pointers("legal", "INBOX", 8, NOON) == 1
    assert ledger.lost_pointers("press", "INBOX", 7, NOON) == 0


def test_the_same_bytes_in_two_inboxes_are_one_message_and_leave_both(bench: Bench) -> None:
    ledger = bench.ledger
    first, again = ledger.record(
        [(arrival(5, inbox="legal"), original("a")), (arrival(9, inbox="press"), original("a"))], NOON
    )
    assert first == again
    (one,) = ledger.claim_messages(NOON, 10)
    assert one.inbox == "legal"
    ledger.decided([(one, plan(one, acknowledge=False))], NOON)
    (forward,) = bench.claim()
    assert forward.inbox == "legal"
    bench.settle(forward, S.ACCEPTED)
    (here,) = ledger.due_for_filing(10, inbox="press")
    ledger.filed([here], NOON)
    assert ledger.health(NOON).messages == {"decided": 1}  # the other still lies in its inbox
    ledger.filed(ledger.due_for_filing(10, inbox="legal"), NOON)
    assert ledger.health(NOON).messages == {"filed": 1}


def test_an_inbox_that_is_read_no_more_holds_nothing_up_and_may_come_back(bench: Bench) -> None:
    ledger = bench.ledger
    ledger.record([(arrival(5, inbox="legal"), original("a"))], NOON)
    (one,) = ledger.claim_messages(NOON, 10)
    ledger.decided([(one, plan(one, acknowledge=False))], NOON)
    bench.settle(bench.claim()[0], S.ACCEPTED)
    assert ledger.left_behind(["legal", "press"], NOON) == 0
    assert ledger.left_behind(["press"], NOON) == 1
    assert ledger.close_pointerless(NOON) == 1
    assert ledger.known("legal", "INBOX", 7, [5]) == set()
    ledger.record([(arrival(5, inbox="legal"), original("a"))], NOON)
    assert ledger.claim_messages(NOON, 10) == []
    assert [one.uid for one in ledger.due_for_filing(10, inbox="legal")] == [5]


def test_uids_that_were_known_in_one_account_hide_nothing_in_another(bench: Bench) -> None:
    """UIDVALIDITY is the same in many accounts: Gmail says 1, Dovecot the second in which the folder was made."""
    ledger = bench.ledger
    before = {"legal": ("imap.example.org", "legal"), "press": ("imap.example.org", "press")}
    assert ledger.of_accounts(before, NOON) == 0
    ledger.record([(arrival(1, inbox=name), original(name)) for name in ("legal", "press")], NOON)
    bench.ledger.filed([], NOON)
    assert ledger.of_accounts(before, NOON) == 0
    assert ledger.of_accounts({**before, "news": ("imap.example.org", "news")}, NOON) == 0
    assert ledger.known("legal", "INBOX", 7, [1]) == {1}
    # Left out for a while, and back as another account.
    assert ledger.of_accounts({"press": before["press"]}, NOON) == 0
    assert ledger.of_accounts({**before, "legal": ("imap.example.org", "new")}, NOON) == 1
    assert ledger.known("legal", "INBOX", 7, [1]) == set()
    assert ledger.known("press", "INBOX", 7, [1]) == {1}


def test_a_bounce_opens_a_forward_once(bench: Bench) -> None:
    bench.decide("a", acknowledge=False)
    (forward,) = bench.claim()
    assert bench.ledger.by_token([str(forward.submission.token)]) == {}  # not accepted yet
    bench.settle(forward, S.ACCEPTED)
    token = str(forward.submission.token)
    assert bench.ledger.by_token([token, "guessed"])[token].submission == forward.submission
    fresh = submission(forward.reference, SubmissionKind.FORWARD, unit="user-support")
    for _ in range(2):
        bench.ledger.bounced([(forward.submission.id, fresh)], NOON)
    assert bench.states() == {("forward", "bounced"): 1, ("forward", "queued"): 1}


def test_our_messages_are_found_by_their_message_id_and_reference(bench: Bench) -> None:
    bench.decide("a")
    (row,) = bench.ledger.overview()
    answer = submission(row.reference, SubmissionKind.ACKNOWLEDGEMENT)
    found = bench.ledger.conversations([answer.message_id, "<other@example.org>"], [row.reference, "SU-2026-009999-X"])
    assert set(found) == {answer.message_id, row.reference}
    assert {(one.reference, one.unit) for one in found.values()} == {(row.reference, "press")}


def test_a_waiting_answer_does_not_wake_anybody_before_its_forward_went(bench: Bench) -> None:
    bench.decide("a")
    (forward,) = bench.claim()
    assert bench.ledger.next_submission() is None
    bench.settle(forward, S.DEFERRED)
    assert bench.ledger.next_submission() == NOON + timedelta(hours=1)


def test_many_threads_claim_each_submission_once(bench: Bench) -> None:
    bench.decide(*[f"message {n}" for n in range(60)], acknowledge=False)
    taken: list[str] = []

    def work() -> None:
        for _ in range(10):
            got = bench.ledger.claim_submissions(NOON, bench.limits, forwards=3, acknowledgements=3)
            taken.extend(one.submission.id for one in got)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_a_story_tells_every_step(bench: Bench) -> None:
    bench.decide("a")
    bench.settle(bench.claim()[0], S.ACCEPTED)
    (row,) = bench.ledger.overview()
    story = bench.ledger.story(row.reference)
    assert story is not None
    assert [step.became for step in story.steps] == ["recorded", "decided", "sending", "accepted"]
    assert bench.ledger.story("SU-2026-999999-X") is None


def test_a_backup_is_whole_while_others_write(bench: Bench, tmp_path: Path) -> None:
    bench.decide("a", "b")
    key = bench.ledger.key()
    bench.ledger.backup(tmp_path / "copy.db", NOON)
    copy = Ledger(tmp_path / "copy.db")
    assert copy.overview() == bench.ledger.overview()
    assert copy.key() == key
    copy.close()


def test_a_write_that_fails_is_a_broken_ledger_and_changes_nothing(tmp_path: Path) -> None:
    def door(name: str) -> None:
        if name == "ledger.record":
            raise sqlite3.OperationalError("database or disk is full")

    ledger = Ledger(tmp_path / "ledger.db", door)
    with pytest.raises(LedgerBroken, match="full"):
        ledger.record([(arrival(1), original("a"))], NOON)
    assert ledger.overview() == []
    ledger.close()


def test_a_senders_earlier_messages_are_counted_with_the_last_ones_language(bench: Bench) -> None:
    bench.decide("a", "b", sender_key="somebody")
    bench.decide("c", sender_key="somebody else")
    later = NOON + timedelta(minutes=1)
    assert bench.ledger.earlier(["somebody", "nobody"], later) == {"somebody": (2, "unknown")}
    assert bench.ledger.earlier(["somebody"], NOON) == {}


def test_where_the_permission_cannot_be_recorded_nothing_is_taken_for_sending(tmp_path: Path) -> None:
    """A-58: no acknowledgement without a recorded intent; the forward waits for the ledger."""
    failing: list[bool] = []

    def door(name: str) -> None:
        if name == "ledger.claim_submissions" and failing:
            raise sqlite3.OperationalError("disk I/O error")

    ledger = Ledger(tmp_path / "ledger.db", door)
    bench = Bench(ledger)
    bench.decide("a")
    failing.append(True)
    with pytest.raises(LedgerBroken, match="disk I/O error"):
        bench.claim()
    failing.clear()
    assert bench.states() == {("forward", "queued"): 1, ("acknowledgement", "queued"): 1}
    assert [one.submission.kind for one in bench.claim()] == [SubmissionKind.FORWARD]
    ledger.close()


def test_a_dispatch_that_begins_anew_sends_forwards_again_and_answers_never(bench: Bench) -> None:
    bench.decide("a")
    (forward,) = bench.claim()
    bench.settle(forward, S.ACCEPTED)
    bench.claim()  # the acknowledgement
    bench.decide("b")
    bench.claim()  # the second forward
    assert bench.ledger.give_back_submissions(NOON) == {"repeated": 1, "unknown": 1}
    assert bench.states()["acknowledgement", "unknown"] == 1
    assert bench.states()["forward", "queued"] == 1
    assert bench.ledger.give_back_submissions(NOON) == {}

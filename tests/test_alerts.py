"""The way by which mailroom asks for a person: seldom, once, durable, and never about itself (T-31)."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailroom import alerts as room
from mailroom import runbook
from mailroom.alerts import Alerts
from mailroom.ledger import Ledger
from mailroom.lifecycle import Limits, SubmissionState, after
from mailroom.model import Ours, Outcome, Result, Scope, SubmissionKind
from mailroom.runbook import RUNBOOK, Entry

ROOT = Path(__file__).parent.parent
LIMITS = Limits()


class Desk:
    """An Alerts on a real ledger, with a clock that is set by hand."""

    def __init__(self, file: Path, *to: str) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.to = to or ("it@example.org",)
        self.ledger = Ledger(file)
        self.wakes = 0
        self.start()

    def start(self) -> None:
        ours = Ours("support@example.org", envelope_from="bounces@example.org", key=b"k", timezone="America/New_York")
        config = Path("/srv/mailroom/config.toml")
        self.alerts = Alerts(self.ledger, lambda: ours, self.to, config, lambda: self.now, self.wake)

    def wake(self) -> None:
        self.wakes += 1

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def sent(self) -> list[EmailMessage]:
        """What was queued since the last look."""
        claimed = self.ledger.claim_submissions(self.now, LIMITS, forwards=1000, acknowledgements=0)
        return [
            email.message_from_bytes(one.submission.head + one.submission.tail, policy=email.policy.default)
            for one in claimed
        ]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    book = {
        "event": Entry("Something happened", "Look at it:", "mailroom status --config {config}"),
        "other": Entry("Something else happened", "Look at it:", "mailroom status"),
        "state": Entry("Something lasts", "Mend it:", "mailroom check", lasting=True),
    }
    monkeypatch.setattr(runbook, "RUNBOOK", book)
    made = Desk(tmp_path / "ledger.db")
    yield made
    made.ledger.close()


def test_t31_an_alert_says_what_since_when_and_what_to_do(desk: Desk) -> None:
    desk.alerts.tell("event", "SU-2026-000123-K")
    (mail,) = desk.sent()
    assert mail["To"] == "it@example.org"
    assert mail["Subject"] == "mailroom: Something happened"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"
    assert mail.get_content().splitlines() == [
        "Something happened",
        "",
        "Since 2026-03-02 04:00 EST",
        "",
        "SU-2026-000123-K",
        "",
        "Look at it:",
        "",
        "    mailroom status --config /srv/mailroom/config.toml",
        "",
        "More in docs/alerts.md, under event.",
    ]
    assert desk.wakes == 1


def test_the_same_code_is_told_at_most_once_an_hour_and_what_came_meanwhile_is_counted(desk: Desk) -> None:
    mails = []
    for number in range(120):
        desk.alerts.tell("event", f"SU-{number}")
        mails += desk.sent()
        desk.later(minutes=1)
    assert len(mails) == 2
    text = mails[1].get_content()
    assert "Since 2026-03-02 04:01 EST, 60 times; the last time 2026-03-02 05:00 EST" in text
    assert text.count("SU-") == 10  # and not sixty lines


def _flush(desk: Desk, **span: float) -> list[EmailMessage]:
    desk.later(**span)
    desk.alerts.flush()
    return desk.sent()


def test_t31_a_flood_of_alerts_is_one_digest(desk: Desk) -> None:
    for code in ("state", "event", "other", "event"):
        desk.alerts.tell(code)
    assert len(desk.sent()) == 1  # the first at once
    assert _flush(desk, minutes=4) == []
    (mail,) = _flush(desk, minutes=1)
    assert mail["Subject"] == "mailroom: 2 things need a person"
    assert "Something else happened" in mail.get_content()
    assert "2 times" in mail.get_content()


def test_a_state_that_lasts_is_repeated_ever_more_rarely_and_its_end_is_told(desk: Desk) -> None:
    times = []
    start = desk.now
    while desk.now - start < timedelta(days=3):
        desk.alerts.tell("state", "refused")
        if desk.sent():
            times.append((desk.now - start) / timedelta(hours=1))
        desk.later(minutes=10)
    assert times == [0, 1, 5, 29, 53]
    desk.alerts.over("state")
    (mail,) = desk.sent()
    assert mail["Subject"] == "mailroom: Over: something lasts"
    assert "Since 2026-03-02 04:00 EST, until 2026-03-05 04:00 EST" in mail.get_content()
    assert _flush(desk, hours=30) == []
    assert desk.ledger.alarms() == []


def test_a_state_that_comes_and_goes_is_one_state(desk: Desk) -> None:
    sent = 0
    for _ in range(60):
        desk.alerts.tell("state")
        desk.later(seconds=20)
        desk.alerts.over("state")
        desk.later(seconds=20)
        desk.alerts.flush()
        sent += len(desk.sent())
    assert sent == 1


def test_a_state_that_ends_before_anybody_was_told_is_nobodys_news(desk: Desk) -> None:
    desk.alerts.tell("event")
    desk.alerts.tell("state")
    desk.alerts.over("state")
    assert len(desk.sent()) == 1
    assert _flush(desk, hours=2) == []


def test_there_is_a_cap_for_all_codes_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"code-{n}": Entry(f"Thing {n}", "Look:", "mailroom status") for n in range(300)}
    monkeypatch.setattr(runbook, "RUNBOOK", many)
    mails = []
    for code in many:
        desk.alerts.tell(code)
        desk.later(minutes=4)
        mails += desk.sent()
    assert len(mails) == room.PER_DAY
    assert "message 20 within 24 hours. The next one is not sent before 2026-03-03 04:00 EST" in mails[-1].get_content()
    (rest,) = _flush(desk, hours=8)
    told = [line for mail in [*mails, rest] for line in mail.get_content().splitlines() if line.startswith("Thing ")]
    assert sorted(told) == sorted(f"Thing {n}" for n in range(300))  # held back, not lost


def test_what_was_told_is_remembered_over_a_restart(desk: Desk) -> None:
    desk.alerts.tell("state", "refused")
    desk.alerts.tell("event")
    assert len(desk.sent()) == 1
    desk.start()
    desk.alerts.tell("state", "refused")
    assert desk.sent() == []
    (mail,) = _flush(desk, minutes=5)
    assert mail["Subject"] == "mailroom: Something happened"
    desk.alerts.over("state")
    assert [one["Subject"] for one in _flush(desk, hours=1)] == ["mailroom: Over: something lasts"]


def test_other_people_get_only_what_concerns_them(desk: Desk) -> None:
    desk.alerts.tell("event")
    desk.sent()
    desk.alerts.tell("other", also=["team@example.org"])
    desk.alerts.tell("state")
    mails = {mail["To"]: mail["Subject"] for mail in _flush(desk, minutes=5)}
    assert mails == {
        "it@example.org": "mailroom: 2 things need a person",
        "team@example.org": "mailroom: Something else happened",
    }


def test_an_address_that_cannot_be_written_to_costs_the_others_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "ledger.db", "jörg@example.org", "it@example.org")
    desk.alerts.tell("rules-refused")
    assert [mail["To"] for mail in desk.sent()] == ["it@example.org"]
    desk.ledger.close()


def test_t31_an_alert_that_is_refused_is_given_up() -> None:
    outcome = Outcome(Result.FAILED, Scope.RECIPIENT, 550, phase="rcpt")
    following = after(SubmissionKind.ALERT, outcome, 1, timedelta(0), give_up=timedelta(1), last_resort=True)
    assert following.state is SubmissionState.FAILED


# ------------------------------------------------------------------------------------- the runbook


def _sections() -> dict[str, str]:
    text = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    parts = re.split(r"(?m)^## ", text)[1:]
    return {part.partition("\n")[0].strip(): part for part in parts}


def test_every_alert_has_its_entry_in_the_runbook_of_the_docs() -> None:
    assert sorted(_sections()) == sorted(RUNBOOK)
    for code, text in _sections().items():
        for heading in ("**What happened.**", "**What it means.**", "**What to do.**"):
            assert heading in text, (code, heading)
        assert re.search(r"(?m)^    \S", text), f"{code}: no command"


def test_every_alert_is_provoked_by_a_test() -> None:
    files = [file.read_text(encoding="utf-8") for file in Path(__file__).parent.rglob("test_*.py")]
    provoked = {code for text in files for code in re.findall(r'mark\.provokes\("([a-z0-9-]+)"\)', text)}
    assert provoked == set(RUNBOOK)


def test_every_alert_names_a_command_that_exists() -> None:
    from mailroom.cli import COMMANDS

    for code, entry in RUNBOOK.items():
        words = entry.command.format(config="FILE").split()
        assert words[0] in {"mailroom", "systemctl", "journalctl", "df"}, code
        if words[0] == "mailroom":
            assert words[1] in COMMANDS, code

"""The doctor: each finding is provoked on a real Dovecot, the SMTP sink, a DNS server, or this machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from mailroom import config as configuration
from mailroom.config import Config
from mailroom.connections import make_relay, open_mailbox
from mailroom.doctor import examine, names, premises, relay
from mailroom.doctor import mailbox as mailboxes
from mailroom.doctor.finding import Finding, Level
from tests.scenarios.installation import Installation
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.names import Names, Table
from tests.servers.sink import Fault, Sink


def configured(tmp_path: Path, imap: int = 1, user: str = "u", smtp: int = 1, **settings: Any) -> Config:
    return configuration.load(Installation(tmp_path / "m", imap=imap, user=user, smtp=smtp, **settings).config)


def of_mailbox(config: Config) -> list[Finding]:
    return list(mailboxes.examine(config.imap[0], lambda: open_mailbox(config, config.imap[0])))


def of_relay(config: Config) -> list[Finding]:
    return list(relay.examine(config, make_relay(config)))


def problems(found: list[Finding]) -> list[str]:
    assert all(one.mend for one in found if one.level is Level.PROBLEM)
    return [one.what for one in found if one.level is Level.PROBLEM]


def notes(found: list[Finding]) -> str:
    return "\n".join(one.what for one in found if one.level is Level.NOTE)


def goods(found: list[Finding]) -> str:
    return "\n".join(one.what for one in found if one.level is Level.OK)


# ------------------------------------------------------------------------------------------- mailbox


def test_a_good_server_has_no_problem_and_nothing_is_changed(mailbox: Account, tmp_path: Path) -> None:
    mailbox.deliver(letter(1))
    before = mailbox.folders()
    found = of_mailbox(configured(tmp_path, mailbox.port, mailbox.user))
    assert problems(found) == []
    assert "signed in, 1 messages in INBOX" in goods(found)
    assert "keywords" in goods(found) and "MOVE" in goods(found) and "IDLE" in goods(found)
    assert "Mailroom is made when it is first needed" in notes(found)
    assert mailbox.folders() == before and mailbox.count() == 1


def test_what_a_server_lacks_is_said_with_what_follows(
    mailbox_without_move: Account, mailbox_without_move_and_uidplus: Account, tmp_path: Path
) -> None:
    found = of_mailbox(configured(tmp_path, mailbox_without_move.port, mailbox_without_move.user))
    assert "filed by COPY and UID EXPUNGE" in notes(found)
    other = mailbox_without_move_and_uidplus
    found = of_mailbox(configured(tmp_path, other.port, other.user))
    assert "stays in the inbox, marked as deleted" in notes(found)
    assert problems(found) == []


def test_a_folder_of_suspected_spam_that_nobody_reads_is_named(mailbox_with_rights: Account, tmp_path: Path) -> None:
    account = mailbox_with_rights
    account.deliver(letter(1), "Spam")
    client = account.client()
    client.subscribe_folder("Spam")
    client.logout()
    found = of_mailbox(configured(tmp_path, account.port, account.user, imap__junk='"Junk E-Mail"'))
    assert problems(found) == ["there is no folder Junk E-Mail; suspected spam lies in Spam"]
    found = of_mailbox(configured(tmp_path, account.port, account.user))
    assert "is taken for spam lies in Spam" in notes(found)
    found = of_mailbox(configured(tmp_path, account.port, account.user, imap__junk='"Spam"'))
    assert "Spam is looked into as well" in goods(found)


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ("lr", "the folder INBOX can only be read"),
        ("lrs", "mailroom's account may not: tag, remove, expunge (INBOX)"),
        ("lrswi", "mailroom's account may not: remove, expunge (INBOX)"),
    ],
)
def test_i15_rights_that_lack_are_named(mailbox_with_rights: Account, tmp_path: Path, rights: str, words: str) -> None:
    account = mailbox_with_rights
    account.deliver(letter(1))
    (account.server.root / "home" / account.user / "Maildir" / "dovecot-acl").write_text(f"owner {rights}\n")
    assert problems(of_mailbox(configured(tmp_path, account.port, account.user))) == [words]


def test_wrong_password_folder_and_port_are_problems(mailbox: Account, tmp_path: Path) -> None:
    assert (
        "refused the user name"
        in problems(of_mailbox(configured(tmp_path, mailbox.port, mailbox.user, imap__password='"wrong"')))[0]
    )
    assert (
        "no folder Nowhere"
        in problems(of_mailbox(configured(tmp_path, mailbox.port, mailbox.user, imap__inbox='"Nowhere"')))[0]
    )
    assert "cannot be reached" in problems(of_mailbox(configured(tmp_path)))[0]


def test_each_of_several_inboxes_is_looked_at_by_its_name(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    inboxes = [{"name": '"support"'}, {"name": '"legal"', "username": f'"{mailbox.user}-l"', "password": '"wrong"'}]
    found = examine(configured(tmp_path, mailbox.port, mailbox.user, sink.port, inboxes=inboxes))
    of_imap = [one for one in found if one.area == "imap"]
    assert {one.what.partition(": ")[0] for one in of_imap} == {"support", "legal"}
    assert "refused the user name" in "".join(problems([one for one in of_imap if one.what.startswith("legal: ")]))
    assert problems([one for one in of_imap if one.what.startswith("support: ")]) == []


# --------------------------------------------------------------------------------------------- relay


def test_a_good_relay_has_no_problem_and_gets_no_message(sink: Sink, tmp_path: Path) -> None:
    found = of_relay(configured(tmp_path, smtp=sink.port))
    assert problems(found) == []
    assert "null sender <> is accepted" in goods(found) and "8BITMIME" in goods(found)
    assert sink.received() == []


def test_a_relay_that_refuses_the_null_sender_takes_too_little_or_says_little(sink: Sink, tmp_path: Path) -> None:
    sink.script(Fault("mail", code=550, text="5.7.1 no", sender=""), size=20_000_000, dsn=False, **{"8bitmime": False})
    found = of_relay(configured(tmp_path, smtp=sink.port))
    first, second = problems(found)
    assert first.startswith("the server takes 20 MB; a message of max_size (35 MB)")
    assert [one.mend for one in found if one.what == first] == [
        'max_size = "14MB" in [forwarding]: larger ones then go as a notice'
    ]
    assert second == "the null sender <> is refused (550): no acknowledgement can go out"
    assert "no DSN" in notes(found) and "no 8BITMIME" in notes(found)
    sink.script(size=None)
    assert "states no SIZE" in notes(of_relay(configured(tmp_path, smtp=sink.port)))


def test_a_relay_that_refuses_or_is_away(sink: Sink, tmp_path: Path) -> None:
    sink.script(password="right")
    config = configured(tmp_path, smtp=sink.port, smtp__username='"u"', smtp__password='"wrong"')
    assert "refused the user name or the password" in problems(of_relay(config))[0]
    assert "fails at: connect" in problems(of_relay(configured(tmp_path)))[0]


def test_a_clock_that_is_off_is_a_problem(sink: Sink, tmp_path: Path) -> None:
    config = configured(tmp_path, smtp=sink.port)
    for hours in (0, 2):
        said = format_datetime(datetime.now(UTC) + timedelta(hours=hours))
        sink.script(Fault("banner", code=220, text=f"mail.example.org ESMTP ready at {said}"))
        found = of_relay(config)
        if hours:
            assert "behind the server's" in problems(found)[0]
        else:
            assert problems(found) == [] and "clock agrees" in goods(found)


# ----------------------------------------------------------------------------------------------- dns

GOOD: Table = {
    ("example.org", "MX"): ["10 mx.example.org."],
    ("example.org", "TXT"): ['"v=spf1 mx " "-all"', '"other"'],
    ("s1._domainkey.example.org", "TXT"): ['"v=DKIM1; k=rsa; p=MIGf" "MA0"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"'],
}


def of_names(tmp_path: Path, table: Table) -> list[Finding]:
    with Names(table) as server:
        return list(names.examine(configured(tmp_path, mailroom__dkim_selector='"s1"'), names.ask_at(server.port)))


def test_a_domain_in_good_order(tmp_path: Path) -> None:
    found = of_names(tmp_path, GOOD)
    assert [one.level for one in found] == [Level.OK] * 4
    assert "policy reject" in goods(found)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({("example.org", "MX"): []}, "no MX record"),
        ({("example.org", "MX"): ["0 ."]}, "no MX record"),
        ({("example.org", "TXT"): []}, "no SPF record"),
        ({("example.org", "TXT"): ['"v=spf1 -all"', '"v=spf1 mx -all"']}, "2 SPF records"),
        ({("example.org", "TXT"): ['"v=spf1 +all"']}, "lets everybody send"),
        ({("s1._domainkey.example.org", "TXT"): []}, "no DKIM key"),
        ({("s1._domainkey.example.org", "TXT"): ['"v=DKIM1; p="']}, "was withdrawn"),
    ],
)
def test_each_record_that_lacks_is_a_problem(tmp_path: Path, changed: Table, words: str) -> None:
    found = problems(of_names(tmp_path, GOOD | changed))
    assert len(found) == 1 and words in found[0]


def test_of_several_inboxes_every_domain_is_looked_at(tmp_path: Path) -> None:
    inboxes = [{"name": '"support"'}, {"name": '"legal"', "address": '"legal@example.net"', "username": '"l"'}]
    with Names(GOOD | {("example.net", "MX"): ["10 mx.example.net."]}) as server:
        found = list(names.examine(configured(tmp_path, inboxes=inboxes), names.ask_at(server.port)))
    assert ["example.net" in one for one in problems(found)] == [True]  # no SPF there
    assert notes(found).count("its selector is not known") == 1
    assert "example.net has no DMARC record" in notes(found)


def test_no_dmarc_is_a_note_and_an_unknown_domain_a_problem(tmp_path: Path) -> None:
    assert "no DMARC record" in notes(of_names(tmp_path, {**GOOD, ("_dmarc.example.org", "TXT"): []}))
    (only,) = problems(of_names(tmp_path, {("org", "NS"): ["a."]}))
    assert only == "the domain example.org does not exist"


def test_a_resolver_that_knows_its_own_names_alone_is_a_note(tmp_path: Path) -> None:
    assert [one.level for one in of_names(tmp_path, {("printer.internal", "A"): ["192.0.2.1"]})] == [Level.NOTE]


def test_where_no_resolver_answers_it_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "PATIENCE", 0.2)
    found = list(names.examine(configured(tmp_path), names.ask_at(1)))
    assert [one.level for one in found] == [Level.NOTE]


# ------------------------------------------------------------------------------------------- machine


def test_what_others_can_read_is_a_problem(tmp_path: Path) -> None:
    one = configured(tmp_path, smtp__password_file='"smtp.secret"', smtp__username='"u"')
    assert problems(list(premises.examine(one))) == [f"[smtp] names {one.path('smtp.secret')}, which does not exist"]
    one.path("smtp.secret").write_text("x")
    one.path("smtp.secret").chmod(0o640)
    one.state.mkdir(mode=0o755)
    assert [what.split(",")[0] for what in problems(list(premises.examine(one)))] == [
        f"others can look into {one.state}",
        f"others can read {one.path('smtp.secret')}",
    ]
    one.path("smtp.secret").chmod(0o600)
    one.state.chmod(0o700)
    assert problems(list(premises.examine(one))) == []


def test_a_full_disk_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(premises, "TOO_LITTLE", 10**18)
    assert "GB are free" in problems(list(premises.examine(configured(tmp_path))))[0]


# ------------------------------------------------------------------------------------------- command


def test_check_connect_prints_findings_and_fails_on_a_problem(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    one = Installation(tmp_path / "m", imap=mailbox.port, user=mailbox.user, smtp=sink.port)
    sink.script(Fault("mail", code=550, sender=""))
    done = one.command("check", "--connect", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(row.keys() == {"area", "level", "what", "mend"} for row in rows)
    assert {"configuration", "rules", "templates", "machine", "imap", "smtp", "dns"} == {row["area"] for row in rows}
    assert done.returncode == 1
    assert any("null sender" in row["what"] and row["level"] == "problem" for row in rows)

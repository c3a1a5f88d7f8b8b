"""Every alert by its code: what its message says, and what a person should do.

docs/alerts.md has a section of the same name for each; a test holds the two together, and wants for each code a test
that provokes it. `{config}` stands for the configuration file. No words of a message may stand in what is told.

What is about one of several inboxes is known by code and name together: "mailbox-refused/legal".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    title: str  # what happened
    do: str  # what to do, a sentence or two
    command: str  # the first command to type
    lasting: bool = False  # a state that ends by itself or by a hand, not an event; people are told its end too
    hourly: bool = False  # of a lasting state: never told more rarely than every hour


_CONNECT = "mailroom check --connect --config {config}"
_STATUS = "mailroom status --config {config}"
_QUEUE = "mailroom queue list --config {config}"

RUNBOOK: Mapping[str, Entry] = {
    "rules-refused": Entry(
        "The files of rules or templates are wrong",
        "What was in force before stays in force, and no mail is held up. Mend the lines named here; they take effect"
        " within seconds, without a restart. To try them first:",
        "mailroom check --config {config}",
        lasting=True,
    ),
    "configuration-refused": Entry(
        "The changed configuration is wrong",
        "The daemon goes on with what it had; a restart would fail. Mend the lines named here. To try them first:",
        "mailroom check --config {config}",
        lasting=True,
    ),
    "mailbox-refused": Entry(
        "The mailbox refuses mailroom",
        "Its mail stays in the inbox until this is mended. mailroom tries again every five minutes. To try at once:",
        _CONNECT,
        lasting=True,
    ),
    "mailbox-unreachable": Entry(
        "The mailbox cannot be reached",
        "Its mail stays in the inbox meanwhile. Is the IMAP server up, and the way to it?",
        _CONNECT,
        lasting=True,
    ),
    "relay-refused": Entry(
        "The submission server refuses mailroom",
        "Mail is taken in and decided, and waits to be sent; nothing is lost, and no message loses an attempt. This"
        " alert could be sent, so the server is well again, or was for a moment. To try:",
        _CONNECT,
        lasting=True,
    ),
    "relay-unreachable": Entry(
        "The submission server cannot be reached",
        "Mail is taken in and decided, and waits to be sent; nothing is lost, and no message loses an attempt. The"
        " queue drains by itself, urgent messages first. To try:",
        _CONNECT,
        lasting=True,
    ),
    "disk-full": Entry(
        "The disk has no room, or can only be read",
        "No mail is taken in; it stays in the inbox. Nothing is lost, and nothing goes out without a record. Make room"
        " where the state lies: mailroom goes on by itself, without a restart.",
        "df -h",
        lasting=True,
    ),
    "no-poll": Entry(
        "No look into the mailbox has finished for a long time",
        "mailroom runs, and something holds it up. Look at the log; where nothing explains it, restart mailroom.",
        "journalctl -u mailroom --since -1h",
        lasting=True,
    ),
    "backlog-old": Entry(
        "A message has waited long to be decided",
        "Mail comes in faster than it is read, or a reader hangs. It is safe, and comes in turn. Look at the numbers:",
        _STATUS,
        lasting=True,
    ),
    "waiting-long": Entry(
        "A message has waited long to be sent",
        "The list says what waits, since when, and what the submission server answered the last time.",
        _QUEUE,
        lasting=True,
    ),
    "undeliverable": Entry(
        "Nobody takes a message",
        "The unit's mailbox refused it, and so did its fallback and the default unit, or they put it off for four days."
        " Nothing is dropped: mailroom keeps it, and tries the default unit again. Is that mailbox full, or gone? Hand"
        " the message on by hand if it cannot wait: it lies in the mailbox of mailroom.",
        _QUEUE,
        lasting=True,
        hourly=True,
    ),
    "unit-refused": Entry(
        "A unit's mailbox refused a message",
        "It goes to the unit's fallback, or to the default unit, instead; where only the original was refused"
        " (552, 5.3.4, 5.6), the unit gets its text and facts. The server's answer stands in the line above."
        " Is the mailbox gone or renamed? Then name the right one in rules.yaml.",
        _QUEUE,
    ),
    "bounced": Entry(
        "A forward came back after it had been accepted",
        "The line above says to whom it goes now. Where that is nobody else, hand the message on by hand, or send it"
        " again with `mailroom queue retry` when the mailbox works. The report lies in Mailroom/Automatic.",
        "mailroom show REFERENCE --config {config}",
    ),
    "unreadable": Entry(
        "A message could not be read",
        "It was forwarded untouched to the default unit, and lies in Mailroom/Quarantine. Look at it with care: it may"
        " be meant to break programs.",
        "mailroom show REFERENCE --config {config}",
    ),
    "listed-but-not-given": Entry(
        "The mailbox lists a message and does not give it",
        "Open the folder in a mail program, and move the message out and in again, or handle it by hand. The others are"
        " handled meanwhile.",
        "mailroom check --connect --config {config}",
    ),
    "junk-missing": Entry(
        "The folder of suspected spam cannot be opened",
        "All other mail goes its way; what is taken for spam is read by nobody meanwhile. This says how the server"
        " calls the folder; set junk in [imap], or leave it out:",
        _CONNECT,
        lasting=True,
    ),
    "folder-refused": Entry(
        "A message cannot be filed in its folder",
        "It was forwarded and acknowledged as decided, and stays in the inbox, where mailroom tries again. May"
        " mailroom's account make folders, and is the mailbox full?",
        _CONNECT,
    ),
    "breaker-open": Entry(
        "So much mail came that mailroom stopped acknowledging for a while",
        "Forwarding goes on as ever; acknowledgements go on by themselves when less comes. Is somebody flooding the"
        " address? The limits are in [acknowledgements].",
        _STATUS,
    ),
    "too-many-hops": Entry(
        "A message has been through more than 50 servers",
        "It was forwarded and not acknowledged. Mail may be running in a circle through this address: look at the"
        " Received fields of the original in Mailroom/Review.",
        "mailroom show REFERENCE --config {config}",
    ),
    "own-mail-loop": Entry(
        "mailroom's own mail keeps coming back",
        "It is filed in Mailroom/Automatic and never answered, so the circle ends here. Look there for who sends it"
        " back: often a unit's mailbox that forwards to this address.",
        _STATUS,
    ),
    "canary-missing": Entry(
        "mailroom's message to itself did not come back",
        "Somewhere between the submission server and the inbox mail is held up or lost: people's mail may be as well."
        " The line above says how far it came.",
        _QUEUE,
        lasting=True,
    ),
    "called-spam": Entry(
        "Somebody's provider reports an acknowledgement as unwanted",
        "That person gets no further acknowledgement; their mail is forwarded as ever. The report is in"
        " Mailroom/Review. Several in a week: is our mail signed (DKIM), and do the texts say who writes?",
        "mailroom no-answer list --config {config}",
    ),
    "ledger-restored": Entry(
        "The ledger is a restored backup: acknowledgements are off",
        "Who was answered after the backup was made is not known, so nobody is. Mail is forwarded; what lay in the"
        " inbox may reach its unit a second time, and says so. When the inbox is empty and all looks right:",
        "mailroom restore --finished --config {config}",
        lasting=True,
    ),
    "mistake": Entry(
        "mailroom made a mistake",
        "This should not happen. Nothing is lost; the part concerned tries again. Report the line below, which holds"
        " no word of any message, and look whether it repeats:",
        "journalctl -u mailroom --since -1h",
    ),
}

OF_AN_INBOX = frozenset({"mailbox-refused", "mailbox-unreachable", "no-poll", "junk-missing"})
"""What lasts for one inbox, and not for the others."""


def known_as(code: str, inbox: str) -> str:
    """The name under which it is open. `inbox`: "" where it is about none, or about the only one."""
    return f"{code}/{inbox}" if inbox else code


def parted(name: str) -> tuple[str, str]:
    """Code and inbox of what is open under this name."""
    code, _, inbox = name.partition("/")
    return code, inbox


def is_known(name: str) -> bool:
    """Whether this program knows it (still)."""
    return parted(name)[0] in RUNBOOK


def entry(name: str) -> Entry:
    return RUNBOOK[parted(name)[0]]


def title(name: str) -> str:
    """What happened, and to which inbox."""
    _, inbox = parted(name)
    return entry(name).title + (f" ({inbox})" if inbox else "")

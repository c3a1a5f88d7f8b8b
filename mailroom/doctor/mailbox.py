"""The IMAP side: can we sign in, what the server can do and what follows from it, and what we may do in its folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mailroom.config import Imap
from mailroom.doctor.finding import Finding, note, ok, problem
from mailroom.imap import Mailbox
from mailroom.model import Misconfigured, Refused, Unavailable

AREA = "imap"
_RIGHTS = {"r": "read", "s": "keep \\Seen", "w": "tag", "t": "remove", "e": "expunge", "l": "see"}  # RFC 4314
_TWINS = {"t": "d", "e": "d", "k": "c"}  # RFC 2086 said them together


def examine(imap: Imap, connect: Callable[[], Mailbox]) -> Iterator[Finding]:
    """Of one inbox; where it has a name, each finding begins with it."""
    for one in _examine(imap, connect):
        yield replace(one, what=f"{imap.name}: {one.what}") if imap.name else one


def _examine(imap: Imap, connect: Callable[[], Mailbox]) -> Iterator[Finding]:
    place = f"{imap.host}:{imap.port}"
    try:
        mailbox = connect()
    except Misconfigured as error:
        yield problem(AREA, f"{place}: {error}", error.mend)
        return
    except Unavailable as error:
        yield problem(AREA, f"{place}: {error}", f"is {place} right, is the server up, and the way to it open?")
        return
    try:
        yield from _inbox(imap, mailbox, place)
        yield from _capabilities(imap, mailbox)
        yield from _folders(imap, mailbox)
    except Misconfigured as error:
        yield problem(AREA, str(error), error.mend)
    except Unavailable as error:
        yield problem(AREA, f"{place}: {error}", "try again; does the account have the rights that it needs?")
    finally:
        mailbox.logout()


def _inbox(imap: Imap, mailbox: Mailbox, place: str) -> Iterator[Finding]:
    try:
        selected = mailbox.select(imap.inbox)
    except Refused:
        yield problem(AREA, f"{place}: signed in, and there is no folder {imap.inbox}", "inbox in [imap]")
        return
    waiting = len(mailbox.uids(selected.uidnext))
    yield ok(AREA, f"{place}: signed in, {waiting} messages in {imap.inbox}")
    if selected.keywords:
        yield ok(AREA, "the server keeps keywords: tags are shown in mail programs")
    else:
        yield note(AREA, "the server keeps no keywords: tags stand in the cover note and in mailroom's records alone")


def _capabilities(imap: Imap, mailbox: Mailbox) -> Iterator[Finding]:
    if imap.claim is not None and not mailbox.can_claim:
        told = "no MOVE or no CONDSTORE, by which several hosts claim"
        yield problem(AREA, told, "leave out claim in [imap], and run one host only")
    if mailbox.can_move:
        yield ok(AREA, "MOVE: messages are filed in one step")
    elif mailbox.can_expunge_uid:
        yield note(AREA, "no MOVE: messages are filed by COPY and UID EXPUNGE; a kill in between leaves a second copy")
    else:
        yield note(
            AREA,
            "neither MOVE nor UIDPLUS: what was filed stays in the inbox, marked as deleted",
            "expunge the inbox every now and then by hand, or ask for a server that has UIDPLUS (RFC 4315)",
        )
    if mailbox.has("IDLE") or not imap.idle:
        seconds = int(imap.poll.total_seconds())
        told = "IDLE: new mail is handled at once" if imap.idle else "IDLE is switched off"
        yield ok(AREA, f"{told}; the inbox is looked at every {seconds} s besides")
    else:
        yield problem(AREA, "the server offers no IDLE", "set idle = false in [imap]; poll says how often we look")
    if mailbox.can_claim:
        told = "this host" if imap.claim is not None else "several hosts, each with claim in [imap],"
        yield ok(AREA, f"MOVE and CONDSTORE: {told} can claim messages")
    if not mailbox.has("SPECIAL-USE"):
        yield note(AREA, "no SPECIAL-USE: whether there is a folder of suspected spam cannot be seen from here")


def _folders(imap: Imap, mailbox: Mailbox) -> Iterator[Finding]:
    junk = mailbox.special("\\Junk")
    if imap.junk is not None and not mailbox.exists(imap.junk):
        yield problem(
            AREA,
            f"there is no folder {imap.junk}" + (f"; suspected spam lies in {junk}" if junk else ""),
            f'junk = "{junk}" in [imap]' if junk else "junk in [imap]: the folder's name, or leave it out",
        )
    elif imap.junk is not None:
        yield ok(AREA, f"{imap.junk} is looked into as well, for review and without acknowledgement")
    elif junk is not None:
        yield note(AREA, f"people's mail that is taken for spam lies in {junk}, unread", f'junk = "{junk}" in [imap]')
    there = mailbox.exists(imap.folder)
    yield ok(AREA, f"{imap.folder} is there") if there else note(AREA, f"{imap.folder} is made when it is first needed")
    if not mailbox.has("ACL"):
        return
    yield from _rights(mailbox, imap.inbox, _RIGHTS)
    if there:
        yield from _rights(mailbox, imap.folder, {"k": "make folders in", "i": "put messages into"})


def _rights(mailbox: Mailbox, folder: str, needed: dict[str, str]) -> Iterator[Finding]:
    rights = mailbox.rights(folder)
    missing = [one for one in needed if one not in rights and _TWINS.get(one, one) not in rights]
    if missing:
        words = ", ".join(needed[one] for one in missing)
        yield problem(
            AREA,
            f"mailroom's account may not: {words} ({folder})",
            f"give it the rights {''.join(missing)} on {folder} (RFC 4314)",
        )
    else:
        yield ok(AREA, f"mailroom's account has the rights that it needs on {folder}")

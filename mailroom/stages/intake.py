"""Stage 1: what lies in the inbox becomes bytes in the spool and a row in the ledger.

The inbox is the queue: everything in it is work, whatever its flags. Bytes are durable before their row is (D-02,
D-03), and a row before anything else happens (D-04). A UID recorded before is not downloaded again. Where the disk has
no room, nothing is fetched: mail is safe in the inbox.

Where several hosts share a mailbox (I-26), each first marks what it takes with a keyword of its own, by a STORE that
the server does only where nothing has changed since we looked (RFC 7162), so that one host has it; moves that into a
folder of its own, and works there. MOVE alone is not enough: two sessions that move one message at one moment make two
of it. A kill after the mark, or after the MOVE, leaves what the next turn goes on with; nothing is recorded before, so
nothing can be repeated. The mark of a host that stays away lapses after an hour.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailroom.alerts import Alerts
from mailroom.imap import SLICE, Listed, Mailbox
from mailroom.ledger import Ledger
from mailroom.letters import channel_of, marked
from mailroom.model import Arrival, Channel, Misconfigured, Original, Refused, Unavailable
from mailroom.observe import event
from mailroom.spool import Spool

BATCH = 50  # messages a FETCH
BATCH_BYTES = 8_000_000  # and octets
TURN = 500  # messages a turn, so that filing gets its own
CLAIM = "$mailroom-claim-"  # and the name of the host: the keyword by which it takes a message
CLAIM_LAPSES = timedelta(hours=1)  # a host moves what it has marked at once, unless it died just then
PATIENCE = 5  # polls a message may be listed and not given before staff are told (I-05)


@dataclass(frozen=True, slots=True)
class Source:
    """A folder to look into."""

    folder: str
    channel: Channel
    unit: str | None = None
    own: str | None = None  # the folder into which we move what we take, where others look into `folder` too
    host: str | None = None  # our name among them, with `own`


@dataclass(slots=True)
class Intake:
    ledger: Ledger
    spool: Spool
    now: Callable[[], datetime]
    arrived: Callable[[], None]  # tells triage that there is work
    alerts: Alerts
    room: Callable[[int], None]  # raises Unwritable where so many octets are too many for the disk
    inbox: str = ""  # its name
    _key: bytes = field(init=False, repr=False)
    _absent: dict[tuple[str, int, int], int] = field(default_factory=dict)
    _most: int = BATCH_BYTES  # octets a FETCH now: less where the line proved too slow for more
    _theirs: dict[tuple[str, int, int, str], datetime] = field(default_factory=dict)  # marks of others, since when

    def __post_init__(self) -> None:
        self._key = self.ledger.key()

    def turn(self, mailbox: Mailbox, sources: Iterable[Source]) -> bool:
        """Record what is new in the folders. True where more is left for another turn. Blocks on the network."""
        more = False
        for source in sources:
            try:
                more |= self._folder(mailbox, source)
            except Refused:
                if source.channel is Channel.INBOX:
                    raise
                # A folder beside the inbox that is gone or closed to us keeps no other mail from going its way.
                event("folder-not-opened", level=logging.WARNING, channel=source.channel)
                if source.channel is Channel.JUNK:
                    self.alerts.tell("junk-missing", f"junk in [imap]: {source.folder}", inbox=self.inbox)
            else:
                if source.channel is Channel.JUNK:
                    self.alerts.over("junk-missing", inbox=self.inbox)
        return more

    def _folder(self, mailbox: Mailbox, source: Source) -> bool:
        if source.own is not None:
            self._claim(mailbox, source.folder, source.own, f"{CLAIM}{source.host}".lower())
            source = replace(source, folder=source.own)
        selected = mailbox.select(source.folder)
        if lost := self.ledger.lost_pointers(self.inbox, source.folder, selected.uidvalidity, self.now()):
            event("uidvalidity-changed", pointers=lost)
        present = mailbox.uids(selected.uidnext)
        if source.own is not None:  # who has it is plain now; somebody who moves it back gives it to all
            for mark, some in _by_mark(mailbox.marks(present, CLAIM)).items():
                mailbox.untag(some, mark)
        known = self.ledger.known(self.inbox, source.folder, selected.uidvalidity, present)
        new = [uid for uid in present if uid not in known]
        for batch in _batches(mailbox.listed(new[:TURN]), self._most):
            self.room(sum(one.size for one in batch))
            try:
                found = self._fetch(mailbox, batch, source, selected.uidvalidity)
            except Unavailable:  # perhaps more than this line carries in the time that a command may take
                self._most = max(self._most // 4, 1)
                raise
            self._most = min(2 * self._most, BATCH_BYTES)
            if found:
                self.ledger.record(found, self.now())
                self.arrived()
                event("recorded", messages=len(found), channel=source.channel)
        return len(new) > TURN

    def _claim(self, mailbox: Mailbox, shared: str, own: str, mark: str) -> None:
        mend = "leave out claim in [imap], and run mailroom on one host only"
        if not mailbox.can_claim:
            raise Misconfigured("without MOVE and CONDSTORE on the server two hosts could take the same message", mend)
        mailbox.ensure(own)
        since = mailbox.highest_change(shared)  # before we look: what changes from here on is left alone
        selected = mailbox.select(shared)
        if since == 0 or not selected.keywords:
            raise Misconfigured(f"the folder {shared} keeps no keywords, and hosts claim by them", mend)
        uids = mailbox.uids(selected.uidnext)
        marks = mailbox.marks(uids, CLAIM)
        if free := [uid for uid in uids if uid not in marks][:TURN]:
            mailbox.mark(free, mark, since=since)
            marks |= mailbox.marks(free, CLAIM)
        self._lapse(mailbox, shared, selected.uidvalidity, since, {u: one for u, one in marks.items() if one != mark})
        ours = [uid for uid, one in marks.items() if one == mark][:TURN]
        if not ours:
            return
        try:
            mailbox.move(ours, own)
        except Refused:  # RFC 9051 section 7.1, EXPUNGEISSUED: somebody else moved it just now
            if mailbox.remaining(ours) == set(ours):
                raise
        event("claimed", messages=len(ours))

    def _lapse(self, mailbox: Mailbox, folder: str, uidvalidity: int, since: int, theirs: Mapping[int, str]) -> None:
        """A host that marked and did not move within an hour has died in between: its mark goes, and the next turn of
        any host takes the message."""
        now = self.now()
        places = {(folder, uidvalidity, uid, mark): uid for uid, mark in theirs.items()}
        for place in [one for one in self._theirs if one[0] == folder and one not in places]:
            del self._theirs[place]
        old = {}
        for place, uid in places.items():
            if now - self._theirs.setdefault(place, now) > CLAIM_LAPSES:
                old[uid] = theirs[uid]
        for mark, uids in _by_mark(old).items():
            mailbox.mark(uids, mark, since=since, on=False)
            event("claim-lapsed", level=logging.WARNING, messages=len(uids))

    def _fetch(
        self, mailbox: Mailbox, batch: list[Listed], source: Source, uidvalidity: int
    ) -> list[tuple[Arrival, Original]]:
        """Fetch and spool one batch; what vanished between SEARCH and FETCH is left for the next poll."""
        arrivals = {
            one.uid: Arrival(
                source.channel,
                source.folder,
                uidvalidity,
                one.uid,
                one.size,
                one.internal_date,
                source.unit,
                self.inbox,
            )
            for one in batch
        }
        if len(batch) == 1 and batch[0].size > SLICE:
            of_ours = False
            with self.spool.slices() as file:
                for piece in mailbox.slices(batch[0].uid, batch[0].size):
                    of_ours = of_ours or (file.size == 0 and marked(piece))
                    file.write(piece)
            self.spool.sync()
            if of_ours:
                self._mark(arrivals, batch[0].uid, self.spool.read(file.original.sha256))
            # Expunged half-way, a server just stops giving: only a message that is still there was read whole.
            whole = file.size == batch[0].size or bool(mailbox.remaining([batch[0].uid]))
            got = {batch[0].uid: file.original} if file.size and whole else {}
        else:
            bodies = mailbox.bodies(list(arrivals))
            for uid, raw in bodies.items():
                self._mark(arrivals, uid, raw)
            got = dict(zip(bodies, self.spool.put(bodies.values()), strict=True)) if bodies else {}
        for uid in arrivals.keys() - got.keys():
            place = (source.folder, uidvalidity, uid)
            self._absent[place] = self._absent.get(place, 0) + 1
            if self._absent[place] == PATIENCE:
                event("listed-but-not-given", polls=PATIENCE, uid=uid)
                self.alerts.tell("listed-but-not-given", f"{source.folder}, UID {uid}", inbox=self.inbox)
        return [(arrivals[uid], original) for uid, original in sorted(got.items()) if uid in arrivals]

    def _mark(self, arrivals: dict[int, Arrival], uid: int, raw: bytes) -> None:
        """A letter or a visit that `mailroom intake` put into the inbox keeps its channel."""
        arrival = arrivals.get(uid)
        if arrival and arrival.channel is Channel.INBOX and (came := channel_of(raw, self._key)):
            arrivals[uid] = replace(arrival, channel=came)


def _by_mark(marks: Mapping[int, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for uid, mark in marks.items():
        found.setdefault(mark, []).append(uid)
    return found


def _batches(listed: Iterable[Listed], most: int) -> Iterable[list[Listed]]:
    """Bounded by number and by `most` octets; a large message travels alone, in slices."""
    batch: list[Listed] = []
    size = 0
    for one in listed:
        alone = one.size > SLICE
        if batch and (alone or len(batch) >= BATCH or size + one.size > most):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.size
        if alone:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch

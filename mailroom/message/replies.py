"""What the person wrote now, apart from what they answered, passed on, or put under every mail.

Promises: every line of the text lands in exactly one of said, quoted, forwarded and signature; nothing is deleted.
Knows how Gmail, Outlook (web, desktop, mobile), Apple Mail, Thunderbird, Yahoo, Samsung and plain ">" mark quotations
in es, en, pt, fr (and de, it, nl, ca, gl), with the answer above, below or between. In doubt a line was said: a rule
that sees too much is better than a plea that nobody reads. Linear in the text.
May import: message/phrases.py, message/html.py (the mark).
"""

from __future__ import annotations

from dataclasses import dataclass

from mailroom.message.html import MARK
from mailroom.message.phrases import (
    ADDRESS,
    ATTRIBUTION,
    CLOCK,
    CLOSING,
    CONTACT,
    DATED,
    DISCLAIMER,
    FOOTER,
    FORWARD_LINE,
    LABEL,
    REPLY_LINE,
    REPLY_SUBJECT,
    SENT_LABEL,
    SUBJECT_PREFIX,
    TIME_OR_ADDRESS,
    WEAK_ATTRIBUTION,
)

MAX_LINES = 8_000


@dataclass(frozen=True, slots=True)
class Parts:
    """The text, sorted."""

    said: str
    quoted: str
    forwarded: str
    signature: str


def is_forward(subject: str) -> bool | None:
    """Whether the subject's first prefix says forward (True) or reply (False); None where it has no prefix."""
    found = SUBJECT_PREFIX.match(subject)
    return None if found is None else REPLY_SUBJECT.match(found[0]) is None


def _quoted(line: str) -> bool:
    return line.startswith((">", " >", "  >", "|>"))


def _bare(line: str) -> str:
    """A line without quotation marks and the asterisks that stand for bold."""
    return line.lstrip("> \t|").rstrip().replace("*", "")


class _Reader:
    """A single pass over the lines."""

    def __init__(self, text: str, forward: bool | None, reply: bool) -> None:
        lines = text.split("\n")
        self.lines = lines[:MAX_LINES]
        self.rest = lines[MAX_LINES:]
        self.forward, self.reply = forward, reply
        self.said: list[str] = []
        self.quoted: list[str] = []
        self.forwarded: list[str] = []
        self.signature: list[str] = []
        self.signing = 0  # lines of the signature read so far; 0 when not in one

    # -- looking ahead

    def next_text(self, i: int) -> int:
        """The index of the next line that is not blank, or the end."""
        while i < len(self.lines) and not self.lines[i].strip():
            i += 1
        return i

    def attribution(self, i: int) -> tuple[int, bool] | None:
        """(lines, whether it stands without ">" after it) of "On ... X wrote:" beginning at i, at most four lines."""
        joined = ""
        for n in range(4):
            if i + n >= len(self.lines):
                break
            line = self.lines[i + n].strip()
            if not line or (n and _quoted(line)) or line == MARK:
                break
            joined = f"{joined} {line}" if n else line
            if len(joined) > 500:
                break
            if ":" not in line:
                continue
            found = ATTRIBUTION.match(joined)
            if found:
                after = self.next_text(i + n + 1)
                followed = after < len(self.lines) and _quoted(self.lines[after])
                if self.strong(joined, found[0]):
                    return n + 1, not followed
                if followed:
                    return n + 1, False
            elif joined.endswith(":") and ADDRESS.search(joined) and CLOCK.search(joined):  # in any language
                after = self.next_text(i + n + 1)
                if after < len(self.lines) and _quoted(self.lines[after]):
                    return n + 1, False
            if joined.endswith(":") and WEAK_ATTRIBUTION.search(joined):
                after = self.next_text(i + n + 1)
                if after < len(self.lines) and _quoted(self.lines[after]):
                    return n + 1, False
        return None

    @staticmethod
    def strong(joined: str, attribution: str) -> bool:
        """Whether an attribution is a program's even without ">" below. "On 3 May he wrote: go" is a person's."""
        if ADDRESS.search(attribution):
            return True
        alone = not joined[len(attribution) :].strip()
        return alone and DATED.search(attribution) is not None and CLOCK.search(attribution) is not None

    def header_block(self, i: int, marked: bool = False) -> bool:
        """Whether From/Sent/To/Subject lines begin at i; `marked`: a separator stood before them."""
        kinds: set[str] = set()
        address = False
        blanks = 0
        for line in self.lines[i : i + 14]:
            bare = _bare(line)
            if not bare:
                blanks += 1
                if blanks > 4 or (blanks > 1 and not kinds):
                    break
                continue
            label = LABEL.match(bare)
            if label is None:
                if not kinds or blanks > 4:
                    break
                if len(bare) > 200 or (address and len(kinds) >= 3):
                    break
                continue  # a folded recipient list
            kinds.add(_KIND_OF_LABEL[label.lastgroup or ""])
            address = address or TIME_OR_ADDRESS.search(bare) is not None
            if len(kinds) == 1 and "from" not in kinds and "date" not in kinds and "subject" not in kinds:
                break
        if "from" not in kinds:
            return False
        return len(kinds) >= 2 if marked else len(kinds) >= 3 and address

    # -- sorting

    def run(self) -> Parts:
        i = 0
        while i < len(self.lines):
            i = self.step(i)
        if self.rest:
            (self.forwarded if self.forwarded and not self.quoted else self.quoted).extend(self.rest)
        self._trailing()
        return Parts(*(_join(part) for part in (self.said, self.quoted, self.forwarded, self.signature)))

    def step(self, i: int) -> int:
        line = self.lines[i]
        text = line.strip()
        if not text:
            (self.signature if self.signing else self.said).append("")
            return i + 1
        if text == MARK:
            return self.marked(i)
        if _quoted(line):
            return self.block(i, self.forwarding(i))
        first = text[0]
        bare = text.replace("*", "")
        if (first in "-_=*" or len(text) < 90) and FORWARD_LINE.match(bare):
            return self.separated(i, 1, True)
        if (first in "-_=*" or len(text) < 60) and REPLY_LINE.match(bare):
            after = self.next_text(i + 1)
            if first == "_" or not text.strip("-_=* "):
                if self.header_block(after):
                    return self.separated(i, 1, self.forward is True)
            elif first in "-_=" or self.header_block(after, marked=True):
                return self.separated(i, 1, self.forward is True and not self.has_said())
        if ":" in text and LABEL.match(bare) and self.header_block(i) and self.separates(i):
            return self.separated(i, 0, self.forward is True)
        found = self.attribution(i)
        if found is not None:
            return self.attributed(i, *found)
        return self.speak(i, line, text)

    def has_said(self) -> bool:
        return any(line.strip() for line in self.said)

    def separates(self, i: int) -> bool:
        """A bare header block in a mail that answers nothing is a letterhead, unless only programs write its labels."""
        if self.reply or self.forward is not None:
            return True
        return self.has_said() and any(SENT_LABEL.match(_bare(line)) for line in self.lines[i : i + 5])

    def speak(self, i: int, line: str, text: str) -> int:
        if self.signing:
            self.signing += 1
            self.signature.append(line)
        elif text == "--" and self.has_said() and self.signature_length(i) <= 15:
            self.signing = 1
            self.signature.append(line)
        elif FOOTER.match(text):
            self.signature.append(line)
        elif len(text) > 15 and self.has_said() and DISCLAIMER.match(text):
            self.signing = 1
            self.signature.append(line)
        else:
            self.said.append(line)
        return i + 1

    def signature_length(self, i: int) -> int:
        """Lines from "--" to the next quotation or the end."""
        n = 0
        for line in self.lines[i + 1 : i + 40]:
            if _quoted(line) or line.strip() == MARK:
                break
            n += bool(line.strip())
        return n

    def forwarding(self, i: int) -> bool:
        """Whether a block of ">" lines passes something on: it begins with a header block or a forward's line."""
        if FORWARD_LINE.match(_bare(self.lines[i])):
            return True
        return self.forward is True and self.header_block(i, marked=True)

    def block(self, i: int, forward: bool) -> int:
        """Consecutive ">" lines; blank lines between them belong to them."""
        target = self.forwarded if forward else self.quoted
        self.signing = 0
        while i < len(self.lines):
            line = self.lines[i]
            if not _quoted(line):
                after = self.next_text(i)
                if after == i or after >= len(self.lines) or not _quoted(self.lines[after]):
                    break
                target.append("")
                i = after
                continue
            target.append(line.replace(MARK, ""))
            i += 1
        return i

    def separated(self, i: int, lines: int, forward: bool) -> int:
        """After a separator: a ">" block, or all the rest."""
        target = self.forwarded if forward else self.quoted
        while self.said and not self.said[-1].strip(" _-=*"):
            self.said.pop()
        self.signing = 0
        target.extend(self.lines[i : i + lines])
        i += lines
        at = self.next_text(i)
        if at < len(self.lines) and _quoted(self.lines[at]):
            return self.block(at, forward)
        # header lines outside, the text itself as ">" lines: what follows those was said
        end = at
        while end < len(self.lines) and (not self.lines[end].strip() or LABEL.match(_bare(self.lines[end]))):
            end += 1
        if end > at and end < len(self.lines) and _quoted(self.lines[end]):
            target.extend(self.lines[at:end])
            return self.block(end, forward)
        target.extend(line for line in self.lines[i:] if line.strip() != MARK)
        return len(self.lines)

    def attributed(self, i: int, lines: int, to_the_end: bool) -> int:
        self.signing = 0
        self.quoted.extend(self.lines[i : i + lines])
        i += lines
        if to_the_end:
            self.quoted.extend(line for line in self.lines[i:] if line.strip() != MARK)
            return len(self.lines)
        at = self.next_text(i)
        return self.block(at, self.forwarding(at)) if at < len(self.lines) else at

    def marked(self, i: int) -> int:
        """Where the HTML itself said that a quotation begins: up to the ">" block, else to the end."""
        self.lines[i] = ""
        start = self.next_text(i)
        for n in range(start, min(start + 6, len(self.lines))):
            if _quoted(self.lines[n]):
                self.signing = 0
                self.quoted.extend(self.lines[start:n])
                return self.block(n, self.forwarding(n))
        if start >= len(self.lines):
            return start
        if FORWARD_LINE.match(self.lines[start].strip().replace("*", "")):
            return self.separated(start, 1, True)
        return self.separated(start, 0, self.forward is True)

    def _trailing(self) -> None:
        """A contact block under "Atentamente," is a signature: at least one of its lines is a number or address."""
        said = self.said
        end = len(said)
        texts = [n for n in range(end) if said[n].strip()][-12:]
        for place, n in enumerate(texts):
            below = texts[place + 1 :]
            if n > 0 and len(below) >= 3 and CLOSING.match(said[n].strip()):
                lines = [said[k].strip() for k in below]
                if all(len(text) < 90 for text in lines) and any(CONTACT.search(text) for text in lines):
                    self.signature[:0] = said[n + 1 :]
                    del said[n + 1 :]
                return


_KIND_OF_LABEL = {"from": "from", "date": "date", "to": "to", "subject": "subject", "other": "other", "": "other"}


def _join(lines: list[str]) -> str:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    out: list[str] = []
    blank = False
    for line in lines[start:end]:
        line = line.rstrip()
        if line or not blank:
            out.append(line)
        blank = not line
    return "\n".join(out)


def split(text: str, forward: bool | None = None, reply: bool = False) -> Parts:
    """Sort the lines of a mail's text.

    `forward`: what the subject's prefix says (is_forward); `reply`: In-Reply-To or References is there.
    """
    if not text.strip():
        return Parts("", "", "", "")
    return _Reader(text.replace("\u00a0", " ").replace("\u202f", " "), forward, reply).run()

"""What the program writes, kept as files to look at: `python -m tests.compose.golden` writes them anew.

tests/compose/golden/*.eml are whole messages, with LF in place of CRLF; docs/templates.md ends with all
acknowledgements. A change of either is a change of what people receive: look at the difference before keeping it.
"""

from __future__ import annotations

from dataclasses import replace

from mailroom import compose
from mailroom.model import (
    Address,
    Attachment,
    Authentication,
    Channel,
    Disposition,
    Language,
    Match,
    Message,
    Silence,
    SilenceCode,
    Submission,
)
from tests.compose.samples import (
    CONTEXT,
    DECISION,
    GOLDEN,
    MESSAGE,
    ORIGINAL,
    OURS,
    PETITIONS,
    PRESS,
    TEMPLATES,
    UNITS,
    acknowledgement,
    forward,
    sha256,
    templates,
    whole,
)

GUIDE = TEMPLATES.parent / "docs" / "templates.md"
MARK = "<!-- What follows is written by: python -m tests.compose.golden -->\n"

RISK = Message(
    message_id="<risk@mail.example.net>",
    from_=(Address("Marie «Manmi» Pierre", "marie@example.net"),),
    reply_to=(Address("", "cousin@example.com"),),
    to=(Address("CIDH", "support@example.org"),),
    cc=(Address("", "other@example.net"),),
    subject="URGENT menaces contre ma sœur",
    said="Madame, Monsieur,\n\nDes hommes armés sont revenus cette nuit.\nNe répondez pas à cette adresse.\n",
    language=Language("fr", 0.99),
    matters=("12.345", "MC-12-21"),
    attachments=(Attachment("photo.jpg", "image/jpeg", 1_450_000), Attachment("", "audio/ogg", 999)),
    authentication=Authentication(spf="softfail", dmarc="fail", trusted=True),
    asks_silence=True,
    defects=("date-missing",),
)
RISK_DECISION = replace(
    DECISION,
    unit="press",
    copies=("petitions",),
    tags=("risk", "measure"),
    urgent=True,
    sensitive=True,
    silence=Silence(SilenceCode.ASKED, "the person asks not to be answered"),
    template=None,
    rules=(Match("Amenazas", 17, ()), Match("Pide que no se responda", 8, ())),
)


def samples() -> dict[str, bytes]:
    """Name -> message, CRLF line ends."""
    made: dict[str, bytes] = {}

    def add(name: str, submission: Submission, original: bytes = b"") -> None:
        made[name] = whole(submission, original)

    for language in ("es", "en", "pt", "fr"):
        unit = replace(PRESS, language=language)
        add(f"forward-{language}", forward(RISK, RISK_DECISION, unit=unit), ORIGINAL)
    review = replace(DECISION, rules=(), confident=False, disposition=Disposition.REVIEW, tags=(), template="general")
    add("forward-review", forward(MESSAGE, review, context=replace(CONTEXT, channel=Channel.JUNK)), ORIGINAL)
    add("notice", compose.notice(MESSAGE, DECISION, CONTEXT, OURS, PETITIONS, UNITS, size=48_000_000))
    add("raw", compose.raw_forward(ORIGINAL, sha256(ORIGINAL), CONTEXT, OURS, PRESS, "timeout"), ORIGINAL)
    add("alert", compose.alert(OURS, "it@example.org", "rules.yaml", "Line 3.", CONTEXT, "A-1/alert/-/0"))
    add("acknowledgement-status", acknowledgement())
    unknown = replace(MESSAGE, language=Language("other:ht", 0.8))
    add("acknowledgement-all", acknowledgement(unknown, replace(DECISION, template="general")))
    french = replace(MESSAGE, language=Language("fr", 0.9))
    add("acknowledgement-discreet", acknowledgement(french, replace(DECISION, sensitive=True, template="discreet")))
    return made


def guide() -> str:
    """docs/templates.md as it should be: what is written by hand, then all acknowledgements."""
    by_hand = GUIDE.read_text(encoding="utf-8").partition(MARK)[0]
    return by_hand + MARK + "\n" + compose.catalogue(templates())


def write() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name, data in samples().items():
        (GOLDEN / f"{name}.eml").write_bytes(data.replace(b"\r\n", b"\n"))
    GUIDE.write_text(guide(), encoding="utf-8")


if __name__ == "__main__":
    write()

"""The core on one page: understand, decide, compose. Text in, decisions and submissions out.

Pure: no clock, no file, no socket, no chance. Daemon, explain, replay and check call the same functions here; only
their surroundings differ. `plan` never raises for anything a message holds: what goes wrong inside it leaves the
implicit keep, the original untouched to the default unit, without an acknowledgement.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mailroom import compose, message, rules
from mailroom.compose import TemplateSet
from mailroom.identity import CANARY, canary_of, sign_id
from mailroom.model import (
    Context,
    Decision,
    Disposition,
    Facts,
    Language,
    Message,
    Original,
    Ours,
    Plan,
    Silence,
    SilenceCode,
    Submission,
    Unit,
)
from mailroom.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules and templates in force, checked together: one value, one hash."""

    rules: RuleSet
    templates: TemplateSet
    hash: str


def link(ruleset: RuleSet, templates: TemplateSet) -> Policy:
    digest = hashlib.sha256(f"{ruleset.hash}\n{templates.hash}".encode()).hexdigest()
    return Policy(ruleset, templates, digest)


def decide(
    raw: bytes, context: Context, ours: Ours, policy: Policy, whole: Original | None = None, *, why: bool = True
) -> tuple[Message, Decision]:
    """Understand and decide: all that explain needs. `why`: rules.decide."""
    understood = message.read(raw, ours)
    if whole is not None:
        understood = replace(understood, size=whole.size)
    if context.earlier_language is not None and understood.language.in_doubt:
        understood = replace(understood, language=Language(context.earlier_language, understood.language.confidence))
    decision = rules.decide(understood, context, policy.rules, why)
    return understood, replace(decision, policy=policy.hash)


def plan(raw: bytes, context: Context, ours: Ours, policy: Policy, whole: Original | None = None) -> Plan:
    """`whole`: where `raw` is only the beginning of an original above ours.max_size, what that original is."""
    ours = ours.at(context.inbox)
    understood, decision = decide(raw, context, ours, policy, whole, why=False)
    if ours.canary and (seal := canary_of(understood.message_id or "", ours)):
        return _canary(seal, raw, context, ours, _facts(understood, ours), policy)
    acknowledgement: tuple[Submission, ...] = ()
    if decision.acknowledge:
        try:
            acknowledgement = (compose.acknowledgement(understood, decision, context, ours, policy.templates),)
        except Exception:
            # T-06: a template that fails on this message costs the answer, never the forward.
            decision = replace(decision, silence=Silence(SilenceCode.RENDER, "the template failed"), template=None)
    forwards = _forwards(raw, understood, decision, context, ours, policy.rules, whole) if decision.forward else ()
    submissions = (*forwards, *acknowledgement)
    return Plan(decision, context, _facts(understood, ours), submissions, _record(decision, context))


def _canary(seal: str, raw: bytes, context: Context, ours: Ours, facts: Facts, policy: Policy) -> Plan:
    """Our own message that tries out the whole way: on to the canary's mailbox, and to no unit, whatever rules say."""
    silence = Silence(SilenceCode.OWN_MAIL, "mailroom's canary")
    decision = Decision(CANARY, silence=silence, disposition=Disposition.CANARY, policy=policy.hash)
    forward = compose.canary_forward(ours, seal, raw, context)
    return Plan(decision, context, facts, (forward,), _record(decision, context))


def raw_plan(raw: bytes | Original, context: Context, ours: Ours, policy: Policy, reason: str) -> Plan:
    """For a message that no parser can read: untouched to the default unit, kept in Quarantine, never answered.

    `raw`: the bytes, or of an original above ours.max_size what it is: then a notice says where it lies.
    """
    ours = ours.at(context.inbox)
    unit = policy.rules.units[policy.rules.default_unit]
    decision = Decision(
        unit=unit.slug,
        tags=("unreadable",),
        sensitive=True,
        silence=Silence(SilenceCode.UNREADABLE, reason),
        disposition=Disposition.QUARANTINE,
        policy=policy.hash,
    )
    if isinstance(raw, Original):
        submission = _bare_notice(raw, decision, context, ours, unit, policy.rules)
    else:
        sha256 = hashlib.sha256(raw).hexdigest()
        submission = compose.raw_forward(raw, sha256, context, ours, unit, reason)
    return Plan(decision, context, Facts(), (submission,), _record(decision, context))


def _bare_notice(
    whole: Original, decision: Decision, context: Context, ours: Ours, unit: Unit, ruleset: RuleSet
) -> Submission:
    """A notice that says nothing of the message but what and where it is."""
    nothing = Message(size=whole.size)
    return compose.notice(nothing, decision, context, ours, unit, ruleset.units, size=whole.size, sha256=whole.sha256)


def _forwards(
    raw: bytes,
    understood: Message,
    decision: Decision,
    context: Context,
    ours: Ours,
    ruleset: RuleSet,
    whole: Original | None,
) -> tuple[Submission, ...]:
    units: Mapping[str, object] = ruleset.units
    wanted = [slug for slug in dict.fromkeys((decision.unit, *decision.copies)) if slug in units]
    made = []
    for slug in wanted or [ruleset.default_unit]:  # F-19: never without a recipient
        unit = ruleset.units[slug]
        try:
            if whole is not None or len(raw) > ours.max_size:
                known = whole or Original(hashlib.sha256(raw).hexdigest(), len(raw))
                made.append(
                    compose.notice(
                        understood, decision, context, ours, unit, ruleset.units, size=known.size, sha256=known.sha256
                    )
                )
            else:
                made.append(compose.forward(understood, decision, context, ours, unit, ruleset.units, raw))
        except Exception:
            if whole is not None:
                made.append(_bare_notice(whole, decision, context, ours, unit, ruleset))
                continue
            sha256 = hashlib.sha256(raw).hexdigest()
            made.append(compose.raw_forward(raw, sha256, context, ours, unit, "the cover note could not be written"))
    return tuple(made)


def _record(decision: Decision, context: Context) -> str:
    whole = {"decision": decision, "context": context}
    return json.dumps(whole, ensure_ascii=False, check_circular=False, default=_plain)


def _plain(value: Any) -> Any:
    """A frozen value as an object of its fields, one level at a time; the rest (times) as text."""
    fields = getattr(value, "__dataclass_fields__", None)
    return str(value) if fields is None else {name: getattr(value, name) for name in fields}


def _facts(understood: Message, ours: Ours) -> Facts:
    sender = understood.sender
    return Facts(
        kind=understood.kind,
        sender_key=sign_id(ours.key, "sender", compose.limit_key(sender)) if sender else None,
        ours=understood.ours,
        our_references=understood.our_references,
        dsn=understood.dsn,
        complaint=understood.complaint,
        token=_token(understood, ours),
        language=understood.language,
    )


def _token(understood: Message, ours: Ours) -> str | None:
    """What a report is about, or a unit's out-of-office that answers the envelope sender (A-52)."""
    if understood.dsn is not None and understood.dsn.token:
        return understood.dsn.token
    local, _, domain = ours.envelope_from.lower().rpartition("@")
    for one in understood.to:
        name, _, place = one.address.lower().rpartition("@")
        if place == domain and local and name.startswith(f"{local}+"):
            return name[len(local) + 1 :]
    return None

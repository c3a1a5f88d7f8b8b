"""What DNS says of our domain: whether answers reach us (MX), and whether others believe that our mail is ours.

SPF is RFC 7208, DKIM RFC 6376, DMARC RFC 9989. A place where no resolver answers is a note, never a problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import dns.exception
import dns.resolver

from mailroom.config import Config
from mailroom.doctor.finding import Finding, note, ok, problem

AREA = "dns"
PATIENCE = 3.0  # seconds a question


class _Silent(Exception):
    """No resolver answers."""


class Ask(Protocol):
    def __call__(self, name: str, kind: str) -> list[str] | None:
        """The records, as text; None where the name does not exist; [] where it has none of this kind."""


def ask(name: str, kind: str) -> list[str] | None:
    """Of the system's resolver. Raises _Silent."""
    try:
        return _answer(dns.resolver.Resolver(), name, kind)
    except dns.resolver.NoResolverConfiguration:
        raise _Silent from None


def ask_at(port: int) -> Ask:
    """Of a resolver on loopback, for tests."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    return lambda name, kind: _answer(resolver, name, kind)


def _answer(resolver: dns.resolver.Resolver, name: str, kind: str) -> list[str] | None:
    try:
        answer = resolver.resolve(name, kind, lifetime=PATIENCE, search=False)
    except dns.resolver.NXDOMAIN:
        return None
    except dns.resolver.NoAnswer:
        return []
    except (dns.exception.DNSException, OSError):
        raise _Silent from None
    if kind == "TXT":  # one record may come in several strings (RFC 7208 section 3.3)
        return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]
    return [one.to_text() for one in answer]


def examine(config: Config, ask: Ask = ask) -> Iterator[Finding]:
    addresses = (config.mailroom.address, *(config.address(one) for one in config.imap))
    domains = list(dict.fromkeys(one.rpartition("@")[2] for one in addresses))
    bounces = config.smtp.envelope_from.rpartition("@")[2]
    try:
        for one in dict.fromkeys((*domains, bounces)):
            if ask(one, "MX") is None:
                if ask(one.rpartition(".")[2], "NS") is None:
                    raise _Silent  # not even the top of the name: this resolver knows no names but its own
                yield problem(
                    AREA, f"the domain {one} does not exist", "address in [mailroom], envelope_from in [smtp]"
                )
                return
            yield from _mx(one, ask)
            yield from _spf(one, ask)
        for one in domains:
            if (selector := config.mailroom.dkim_selector) is not None or one == domains[0]:
                yield from _dkim(selector, one, ask)
            yield from _dmarc(one, ask)
    except _Silent:
        yield note(AREA, "no resolver that knows the world answers here: SPF, DKIM, DMARC and MX were not looked at")


def _mx(domain: str, ask: Ask) -> Iterator[Finding]:
    records = ask(domain, "MX")
    if not records or records == ["0 ."]:  # RFC 7505: a domain that takes no mail
        yield problem(AREA, f"{domain} has no MX record: no answer and no bounce reaches it", f"add one to {domain}")
    else:
        yield ok(AREA, f"{domain} takes mail ({len(records)} MX)")


def _spf(domain: str, ask: Ask) -> Iterator[Finding]:
    records = [one for one in ask(domain, "TXT") or () if one.lower().split(" ")[0] == "v=spf1"]
    if not records:
        mend = f'add a TXT record to {domain}: "v=spf1 … -all", with the servers that send for it'
        yield problem(AREA, f"{domain} has no SPF record: our mail may be taken for forged", mend)
    elif len(records) > 1:
        mend = "make one of them: several count as none (RFC 7208 section 4.5)"
        yield problem(AREA, f"{domain} has {len(records)} SPF records", mend)
    elif records[0].lower().split()[-1] in ("+all", "all"):
        yield problem(AREA, f"SPF of {domain} lets everybody send in its name", 'end it with "-all" or "~all"')
    else:
        yield ok(AREA, f"{domain} has an SPF record")


def _dkim(selector: str | None, domain: str, ask: Ask) -> Iterator[Finding]:
    if selector is None:
        mend = "dkim_selector in [mailroom]: the word after s= in the DKIM-Signature of a message that your server sent"
        yield note(AREA, "the DKIM key was not looked at: its selector is not known", mend)
        return
    name = f"{selector}._domainkey.{domain}"
    tags = [dict(_tags(one)) for one in ask(name, "TXT") or ()]
    keys = [one["p"] for one in tags if "p" in one]
    if not keys:
        yield problem(AREA, f"there is no DKIM key at {name}", "publish the one that your server signs with")
    elif not keys[0]:
        yield problem(AREA, f"the DKIM key at {name} was withdrawn (p= is empty)", "set dkim_selector to the new one")
    else:
        yield ok(AREA, f"there is a DKIM key at {name}")


def _dmarc(domain: str, ask: Ask) -> Iterator[Finding]:
    labels = domain.split(".")
    for n in range(max(len(labels) - 1, 1)):  # up to the domain above the last (RFC 9989: a walk up the tree)
        name = "_dmarc." + ".".join(labels[n:])
        found = [dict(_tags(one)) for one in ask(name, "TXT") or () if one.startswith("v=DMARC1")]
        if found:
            policy = found[0].get("p", "none")
            yield ok(AREA, f"{name} has a DMARC record, with the policy {policy}")
            return
    mend = f'add a TXT record to _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:…"'
    yield note(AREA, f"{domain} has no DMARC record: large providers distrust mail without one", mend)


def _tags(record: str) -> Iterator[tuple[str, str]]:
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            yield name.strip().lower(), value.strip()

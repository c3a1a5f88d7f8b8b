"""config.toml → frozen settings, one small class a room.

Promises: unknown keys are errors that suggest the nearest known one; all errors come at once, each with file, line,
column, the value as written and how to mend it; a secret never stands in an error or a repr.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

from mailroom.lifecycle import Limits
from mailroom.model import Hours, Problem, Rejected

Keys = tuple[str, ...]
"""Keys from the top of the file down; the number of one in a list, from 0, as text."""

Places = dict[Keys, tuple[int, int]]
"""(line, column), from 1."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def _duration(value: object) -> timedelta:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+)\s*([smhd])", value.strip())):
        if int(found[1]) == 0:
            raise ValueError('a length of time must be more than nothing: "60s"')
        return timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    raise ValueError('write a length of time as a number and a unit in quotes: "60s", "5m", "24h" or "90d"')


def _size(value: object) -> int:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+)\s*(|kb|mb|gb)", value.strip().lower())):
        return int(found[1]) * _SIZES[found[2]]
    raise ValueError('write a size as a number and a unit in quotes: "35MB"')


def _mailbox(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[^\s@<>\",;:()\[\]\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value):
        return value
    raise ValueError('write one e-mail address: "support@example.org"')


def _inbox_name(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", value):
        return value
    raise ValueError('write a short name of small letters, digits and dashes: "legal"')


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        raise ValueError('write the name of a time zone: "America/New_York"') from None


def _on_loopback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.hostname in _LOOPBACK and parts.path in ("", "/")
    except ValueError:
        return False


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Size = Annotated[int, BeforeValidator(_size)]
Mailbox = Annotated[str, BeforeValidator(_mailbox)]
Zone = Annotated[str, BeforeValidator(_zone)]
Port = Annotated[int, Field(ge=1, le=65535)]
Security = Literal["tls", "starttls", "none"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Server(_Section):
    host: str = Field(min_length=1)
    port: Port
    security: Security
    username: str = ""
    password: SecretStr | None = None
    password_file: str | None = None
    password_env: str | None = None
    auth: Literal["password", "xoauth2"] = "password"
    ca_file: str | None = None

    @model_validator(mode="after")
    def _one_password(self) -> _Server:
        if sum(one is not None for one in (self.password, self.password_file, self.password_env)) > 1:
            raise ValueError("give one of password_file, password_env and password, and take the others out")
        return self

    @model_validator(mode="after")
    def _loopback(self) -> _Server:
        if self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError(
                'security = "none" is allowed only towards this machine (127.0.0.1): use "tls" or "starttls"'
            )
        return self


class Imap(_Server):
    port: Port = 993
    security: Security = "tls"
    inbox: str = "INBOX"
    folder: str = "Mailroom"
    poll: Duration = timedelta(seconds=60)
    idle: bool = True
    junk: str | None = None  # a folder of suspected spam to look into as well
    claim: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] | None = None  # our name, where several hosts work
    name: Annotated[str, BeforeValidator(_inbox_name)] = ""  # by which the ledger knows this inbox among several
    address: Mailbox | None = None  # absent: [mailroom]'s
    aliases: list[Mailbox] | None = None  # absent: [mailroom]'s

    @property
    def account(self) -> tuple[str, str, int]:
        """Whose mail it is: with another one, every UID means another message."""
        # On this machine one host has many servers, by their ports; elsewhere two ports are two ways to one.
        return self.host.lower(), self.username.lower(), self.port if self.host in _LOOPBACK else 0


class Smtp(_Server):
    port: Port = 587
    security: Security = "starttls"
    connections: int = Field(default=4, ge=1, le=20)
    envelope_from: Mailbox
    instead_of_null: Mailbox | None = None  # where the server refuses <>: an address that never answers


class OAuth2(_Section):
    provider: Literal["microsoft", "google"]
    tenant: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    client_secret_file: str | None = None
    client_secret_env: str | None = None
    certificate_file: str | None = None  # PEM, certificate and private key, in place of a secret
    service_account_file: str | None = None
    ca_file: str | None = None
    endpoint: str | None = None  # for tests: where tokens are asked for in place of Microsoft; only on loopback

    @model_validator(mode="after")
    def _complete(self) -> OAuth2:
        credentials = (self.client_secret, self.client_secret_file, self.client_secret_env, self.certificate_file)
        given = sum(one is not None for one in credentials)
        if self.provider == "microsoft":
            if self.tenant is None or self.client_id is None:
                raise ValueError("microsoft needs tenant and client_id: docs/signin.md says where to find them")
            if re.search(r"[^A-Za-z0-9.-]", self.tenant):
                raise ValueError("tenant is an ID, or a domain such as example.onmicrosoft.com")
            if given != 1:
                raise ValueError("microsoft needs either certificate_file or client_secret_file, and not both")
        elif self.service_account_file is None:
            raise ValueError("google needs service_account_file, the key of a service account: docs/signin.md")
        if self.endpoint is not None and not _on_loopback(self.endpoint):
            raise ValueError('endpoint is for tests: "https://127.0.0.1:…"; leave it out')
        return self


class Forwarding(_Section):
    allowed_domains: list[str] = Field(min_length=1)
    max_size: Size = 35 * 10**6


class Acknowledgements(_Section):
    enabled: bool = True
    per_sender_per_day: int = Field(default=3, ge=0)
    per_sender_per_week: int = Field(default=10, ge=0)
    per_domain_per_hour: int = Field(default=500, ge=0)
    per_hour: int = Field(default=2000, ge=0)
    acknowledge_within: Duration = timedelta(hours=24)
    only_if_addressed: bool = True
    never_from: list[Mailbox] = []  # of our addresses those that never answer

    @property
    def limits(self) -> Limits:
        return Limits(
            enabled=self.enabled,
            per_sender_per_day=self.per_sender_per_day,
            per_sender_per_week=self.per_sender_per_week,
            per_domain_per_hour=self.per_domain_per_hour,
            per_hour=self.per_hour,
            within=self.acknowledge_within,
        )


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _clock(value: object) -> time:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    raise ValueError('write a time of day in quotes: "09:00"')


def _holiday(value: object) -> str:
    """ "2026-12-25" is one day, "12-25" is that day of every year."""
    with suppress(ValueError):
        text = value.isoformat() if isinstance(value, date) else str(value)
        date.fromisoformat(text if len(text) > 5 else f"2024-{text}")
        return text
    raise ValueError('write a day in quotes: "2026-12-25", or "12-25" for that day of every year')


class WorkingHours(_Section):
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = ["mon", "tue", "wed", "thu", "fri"]
    opens: Annotated[time, BeforeValidator(_clock)] = time(9)
    closes: Annotated[time, BeforeValidator(_clock)] = time(17)
    holidays: list[Annotated[str, BeforeValidator(_holiday)]] = []

    @model_validator(mode="after")
    def _in_order(self) -> WorkingHours:
        if self.opens >= self.closes:
            raise ValueError("opens must be earlier than closes")
        if not self.days:
            raise ValueError('name at least one day: days = ["mon", "tue", "wed", "thu", "fri"]')
        return self

    @property
    def hours(self) -> Hours:
        return Hours(
            days=frozenset(_DAYS.index(day) for day in self.days),
            opens=self.opens,
            closes=self.closes,
            holidays=frozenset(date.fromisoformat(one) for one in self.holidays if len(one) > 5),
            yearly=frozenset((int(one[:2]), int(one[3:])) for one in self.holidays if len(one) == 5),
        )


class Retention(_Section):
    content: Duration = timedelta(days=90)


class Metrics(_Section):
    listen: str
    public: bool = False  # whether others than this machine may ask

    @model_validator(mode="after")
    def _only_this_machine(self) -> Metrics:
        host, port = self.place
        if not host or not 0 < port < 65536:
            raise ValueError('listen: write an address and a port: "127.0.0.1:9108" or "[::1]:9108"')
        if host not in _LOOPBACK and not self.public:
            raise ValueError(
                'listen: others than this machine could ask there. Use "127.0.0.1:9108", or, where a firewall keeps'
                " strangers out, say public = true"
            )
        return self

    @property
    def place(self) -> tuple[str, int]:
        """Host and port; "" and 0 where it is none."""
        host, _, port = self.listen.rpartition(":")
        return host.removeprefix("[").removesuffix("]"), int(port) if port.isdigit() else 0


class Alerts(_Section):
    to: list[Mailbox] = []
    after: Duration = timedelta(minutes=15)  # how long a server may be away, or a message wait to be decided
    waiting: Duration = timedelta(hours=1)  # how long a message may wait to be sent


class Canary(_Section):
    mailbox: Mailbox  # where it is forwarded to when it has come back
    interval: Duration = timedelta(hours=1)
    within: Duration = timedelta(minutes=10)


class General(_Section):
    address: Mailbox
    aliases: list[Mailbox] = []
    authserv_id: str | None = None
    dkim_selector: str | None = None  # for `check --connect`: where our server's DKIM key stands in DNS
    rules: str = "rules.yaml"
    templates: str = "templates"
    state: str = "state"
    timezone: Zone = "UTC"
    workers: int = Field(default=2, ge=1, le=16)
    free_space: Size = 500 * 10**6  # kept free where the state lies; below it no mail is fetched


class Config(_Section):
    mailroom: General
    imap: list[Imap] = Field(min_length=1)  # [imap] is a list of one
    smtp: Smtp
    oauth2: OAuth2 | None = None
    forwarding: Forwarding
    acknowledgements: Acknowledgements = Acknowledgements()
    hours: WorkingHours | None = None
    retention: Retention = Retention()
    metrics: Metrics | None = None
    alerts: Alerts = Alerts()
    canary: Canary | None = None
    file: Path = Field(default=Path("config.toml"), exclude=True)

    def path(self, value: str) -> Path:
        """A path of the file, relative to the file."""
        return (self.file.parent / Path(value).expanduser()).resolve()

    @property
    def rules(self) -> Path:
        return self.path(self.mailroom.rules)

    @property
    def templates(self) -> Path:
        return self.path(self.mailroom.templates)

    @property
    def state(self) -> Path:
        return self.path(self.mailroom.state)

    @property
    def servers(self) -> list[tuple[Keys, Imap | Smtp]]:
        """Every server that is signed in to, with where its section stands in the file."""
        return [*((("imap", str(n)), one) for n, one in enumerate(self.imap)), (("smtp",), self.smtp)]

    def address(self, imap: Imap) -> str:
        """Where people write who write to this inbox, and the From of its acknowledgements."""
        return imap.address or self.mailroom.address

    def reached_by(self, imap: Imap) -> set[str]:
        """All addresses that lead to this inbox, lower case."""
        aliases = self.mailroom.aliases if imap.aliases is None else imap.aliases
        return {one.lower() for one in (self.address(imap), *aliases)}

    @property
    def addresses(self) -> list[str]:
        """All that are ours, of every inbox, as written; [mailroom]'s own is the first."""
        of_inboxes = [one for imap in self.imap for one in (self.address(imap), *(imap.aliases or ()))]
        return list(dict.fromkeys((self.mailroom.address, *self.mailroom.aliases, *of_inboxes)))

    def secret(self, section: Imap | Smtp) -> str | None:
        """The password of a server. Raises Rejected where it is named and cannot be read."""
        return _secret(self, next(path for path, one in self.servers if one is section), "password", section)

    def client_secret(self) -> str:
        """The secret of [oauth2]. Raises Rejected where it cannot be read."""
        assert self.oauth2 is not None
        return _secret(self, ("oauth2",), "client_secret", self.oauth2) or ""


def load(file: Path) -> Config:
    """Read and check the administrator's file. Raises Rejected with everything that is wrong."""
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors put a byte order mark before it
    except UnicodeDecodeError:
        mend = 'Save it with the encoding "UTF-8"'
        raise Rejected((Problem(str(file), 0, 0, "the configuration is no UTF-8 text", mend),)) from None
    except OSError as error:
        mend = "Name the file with --config FILE or $MAILROOM_CONFIG, or write a first one with: mailroom init DIR"
        raise Rejected((Problem(str(file), 0, 0, f"cannot read the configuration: {error.strerror}", mend),)) from None
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (0, 0)
        what, mend = _no_toml(re.sub(r" \(at .*\)$", "", str(error)))
        raise Rejected((Problem(str(file), line, column, what, mend),)) from None
    if isinstance(tree.get("imap"), dict):
        tree["imap"] = [tree["imap"]]
    try:
        config = Config.model_validate({**tree, "file": file.resolve()})
    except ValidationError as error:
        places = _places(text)
        problems = tuple(_problem(str(file), error_, places, tree) for error_ in error.errors())
        raise Rejected(tuple(sorted(problems, key=lambda one: (one.line, one.column)))) from None
    _readable(config, text)
    _apart(config, text)
    _signs_in(config, text)
    _nothing_to_ourselves(config, text)
    return config


# ------------------------------------------------------------------------------------------- secrets


def private(file: Path) -> bool:
    """Whether a secret is read by its owner alone. Raises OSError.

    systemd gives credentials by an access list, which shows as a right of the group; their directory keeps others out.
    """
    mode = stat.S_IMODE(file.stat().st_mode)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    given = credentials is not None and file.is_relative_to(Path(credentials).resolve())
    return not mode & (0o007 if given else 0o077)


def _secret(config: Config, section: Keys, name: str, values: BaseModel) -> str | None:
    plain = getattr(values, name)
    if isinstance(plain, SecretStr):
        return plain.get_secret_value()
    if (path := getattr(values, f"{name}_file")) is not None:
        file = config.path(path)
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            places = _places_of(config)
            what = f'{_title(places, section)} {name}_file = "{path}": cannot read {file}: {error.strerror}'
            mend = f"Write the password into that file, readable by mailroom alone: chmod 600 {file}"
            place = _find(places, (*section, f"{name}_file"))
            raise Rejected((Problem(str(config.file), *place, what, mend),)) from None
    if (variable := getattr(values, f"{name}_env")) is not None:
        if variable in os.environ:
            return os.environ[variable]
        places = _places_of(config)
        what = f'{_title(places, section)} {name}_env = "{variable}": this environment variable is not set'
        place = _find(places, (*section, f"{name}_env"))
        raise Rejected((Problem(str(config.file), *place, what, "Set it for the daemon, or use password_file"),))
    return None


def _places_of(config: Config) -> Places:
    """Where things stand in the file now; nothing where it cannot be read any more."""
    try:
        return _places(config.file.read_text(encoding="utf-8"))
    except OSError:
        return {}


def _readable(config: Config, text: str) -> None:
    """A password in the file itself is refused where others can read the file."""
    inline = [(path, "password") for path, one in config.servers if one.password is not None]
    if config.oauth2 is not None and config.oauth2.client_secret is not None:
        inline.append((("oauth2",), "client_secret"))
    if inline and stat.S_IMODE(config.file.stat().st_mode) & 0o077:
        (section, key), places = inline[0], _places(text)
        what = f"{_title(places, section)} {key} stands in a file that others can read"
        mend = f"chmod 600 {config.file}, or move the password into a file of its own and name it with {key}_file"
        raise Rejected((Problem(str(config.file), *_find(places, (*section, key)), what, mend),))


def _apart(config: Config, text: str) -> None:
    """Of several inboxes each has a name of its own, and folders that no other looks into: a message has one way."""
    places = _places(text)
    names: set[str] = set()
    folders: dict[tuple[object, ...], str] = {}  # of an account -> the inbox that has it
    problems = []

    def problem(n: int, key: str, what: str, mend: str) -> None:
        place = _find(places, ("imap", str(n), key))
        problems.append(Problem(str(config.file), *place, f"[[imap]] {what}", mend))

    for n, one in enumerate(config.imap):
        if not one.name and len(config.imap) > 1:
            problem(n, "name", "name is missing", 'Each of several has one: name = "legal"; it is kept for good')
        elif one.name in names:
            problem(n, "name", f'name = "{one.name}" is the name of another', "Give each inbox a name of its own")
        names.add(one.name)
        for key in ("inbox", "junk", "folder"):
            folder = getattr(one, key)
            place = (*one.account, "INBOX" if (folder or "").upper() == "INBOX" else folder)
            if folder is not None and folders.setdefault(place, f"{n}") != f"{n}":
                what = f'{key} = "{folder}" is a folder of another [[imap]] with the same host and username'
                problem(n, key, what, "Leave out one of the two, or name another folder")
    if problems:
        raise Rejected(tuple(problems))


def _signs_in(config: Config, text: str) -> None:
    """A server that wants a token needs to know whose, and from whom."""
    places = _places(text)
    for section, server in config.servers:
        if server.auth != "xoauth2":
            continue
        place, title = _find(places, (*section, "auth")), _title(places, section)
        if config.oauth2 is None:
            what = f'{title} auth = "xoauth2", and there is no section [oauth2]'
            raise Rejected((Problem(str(config.file), *place, what, "Add [oauth2]; docs/signin.md has examples"),))
        if not server.username:
            what = f'{title} auth = "xoauth2" without a username'
            raise Rejected((Problem(str(config.file), *place, what, "username is the address of the mailbox"),))


def _nothing_to_ourselves(config: Config, text: str) -> None:
    """An alert, or a canary's forward, must not come back as mail to be handled (T-31)."""
    places = _places(text)
    if config.canary is not None:
        what = mend = ""
        if any(one.claim is not None for one in config.imap):
            what = "[canary] beside claim in [imap]: another host may take the canary, and it would seem lost"
            mend = "Leave out one of the two"
        elif not any(config.mailroom.address.lower() in config.reached_by(one) for one in config.imap):
            what = "[canary] goes to the address of [mailroom], which leads to none of the inboxes"
            mend = "Make it the address or an alias of one [[imap]], or leave out [canary]"
        if what:
            raise Rejected((Problem(str(config.file), *_find(places, ("canary",)), what, mend),))
    own = {one.lower() for one in (*config.addresses, config.smtp.envelope_from)}
    named = [("alerts", "to", to) for to in config.alerts.to]
    named += [("canary", "mailbox", config.canary.mailbox)] if config.canary else []
    for section, key, to in named:
        if to.lower() in own:
            what = f'[{section}] {key} holds "{to}", which mailroom reads itself'
            mend = "Name a mailbox that no mailroom reads"
            raise Rejected((Problem(str(config.file), *_find(places, (section, key)), what, mend),))


# -------------------------------------------------------------------------------------------- errors


def _places(text: str) -> Places:
    """Where each table and key stands. Dotted and inline tables give their first key's place."""
    places: Places = {}
    table: Keys = ()
    tables: Counter[Keys] = Counter()  # of each array of tables, how many so far
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*(\[+)\s*([\w.\"-]+)\s*\]+", line):
            table = tuple(part.strip('"') for part in found[2].split("."))
            places.setdefault(table, (number, found.start(2) + 1))
            if found[1] == "[[":
                tables[table] += 1
                table = (*table, str(tables[table] - 1))
                places[table] = (number, found.start(2) + 1)
        elif found := re.match(r"\s*([\w\"-]+)\s*=", line):
            places.setdefault((*table, found[1].strip('"')), (number, found.start(1) + 1))
    return places


def _find(places: Places, path: Keys) -> tuple[int, int]:
    """Where it stands, or else the nearest that holds it; zeros for nowhere."""
    for n in range(len(path), 0, -1):
        for keys in (path[:n], _words(path[:n])):
            if keys in places:
                return places[keys]
    return 0, 0


def _words(path: Keys) -> Keys:
    """Without the numbers of lists."""
    return tuple(part for part in path if not part.isdigit())


def _title(places: Places, path: Keys) -> str:
    """A section as it is written: "[imap]", or "[[imap]]" where it may stand more than once."""
    return f"[[{path[0]}]]" if (path[0], "0") in places else f"[{path[0]}]"


def _problem(file: str, error: Mapping[str, Any], places: Places, tree: Mapping[str, Any]) -> Problem:
    path = tuple(str(part) for part in error["loc"])
    keys = _words(path)
    line, column = _find(places, path)
    title = _title(places, path) if path else ""
    name = f"{title} {'.'.join(keys[1:])}".strip() if keys else "the file"
    written = _written(tree, path)
    match error["type"]:
        case "missing":
            what = f"{name} is missing"
            mend = f"Add it below {title}" if len(keys) > 1 else f"Add the section {title}"
        case "extra_forbidden":
            what = f"{name} is no setting that mailroom knows"
            near = difflib.get_close_matches(keys[-1], _known(keys[:-1]), n=1)
            mend = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(_known(keys[:-1]))}"
        case "value_error":
            what = f"{name} = {written}" if written else name
            mend = str(error["msg"]).removeprefix("Value error, ")
        case _:
            what = f"{name} = {written}: {error['msg'][0].lower()}{error['msg'][1:]}"
            mend = _MENDS.get(error["type"], "docs/reference.md has every setting and what it is if left out")
    return Problem(file, line, column, what, mend)


def _no_toml(error: str) -> tuple[str, str]:
    """What the parser says, and how to mend it."""
    if error == "Cannot overwrite a value":
        return "this setting stands here a second time", "Take one of the two out"
    if found := re.fullmatch(r"Cannot declare \((.*?),?\) twice", error):
        section = found[1].replace("'", "").replace(", ", ".")
        several = "; several inboxes: [[imap]], docs/running.md" if section == "imap" else ""
        return f"[{section}] stands here a second time", f"Put both together{several}"
    mend = 'A setting is written: name = "words in quotes", or name = 12, or name = true'
    return f"this is not TOML: {error}", mend


_MENDS = {
    "int_type": "Write a whole number, without quotes",
    "bool_type": "Write true or false, without quotes",
    "string_type": "Write it in quotes",
    "list_type": 'Write a list: ["example.org"]',
    "too_short": "Name at least one",
    "string_too_short": "Write its name",
    "literal_error": "Write one of these, in quotes",
}


def _written(tree: Mapping[str, Any], path: tuple[str, ...]) -> str:
    value: Any = tree
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return ""
    if path[-1] in ("password", "client_secret"):
        return '"…"'
    return "" if isinstance(value, dict) else repr(value).replace("'", '"')


def _known(keys: tuple[str, ...]) -> list[str]:
    """The settings that may stand in a section."""
    model: type[BaseModel] = Config
    for key in keys:
        field = model.model_fields.get(key)
        options = [field.annotation, *get_args(field.annotation)] if field else []
        nested = [one for one in options if isinstance(one, type) and issubclass(one, BaseModel)]
        if not nested:
            return []
        model = nested[0]
    return [name for name in model.model_fields if name != "file"]

"""A real Dovecot for tests and benchmarks: its own configuration in a folder of its own, on a free loopback port.

Promises: works as root and as an ordinary user (Dovecot 2.3); any user name with the password "secret" has its own
empty mailbox, so that tests share one server; `deliver` puts in exactly the octets given. Folder names use "/" here,
whatever the server's own delimiter is (a Maildir's is ".").
"""

from __future__ import annotations

import contextlib
import grp
import itertools
import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from tests.servers import processes
from tests.servers.certificates import Certificate

PASSWORD = "secret"
JUNK = "mailbox Spam {\n special_use = \\Junk\n }"
WITHOUT_MOVE = "IMAP4rev1 SASL-IR LITERAL+ UIDPLUS IDLE"
WITHOUT_MOVE_AND_UIDPLUS = "IMAP4rev1 SASL-IR LITERAL+ IDLE"

_PLACES = ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/opt/homebrew/sbin/dovecot")
_MAIL_UID = 5000  # of the mailboxes when we are root; needs no entry in passwd
_PATIENCE = 15.0  # seconds for a start or a kick
_counter = itertools.count(1)


def find() -> str | None:
    """Where Dovecot is installed, or None."""
    return next((one for one in _PLACES if Path(one).exists()), None) or shutil.which("dovecot")


class Dovecot:
    """One server. `with Dovecot() as server:` starts and stops it."""

    def __init__(
        self,
        capability: str | None = None,
        tls: Certificate | None = None,
        introspection: str | None = None,
        acl: bool = False,
    ) -> None:
        """`capability` replaces what the server announces after the login; `tls` adds STARTTLS and a TLS port.

        `introspection`: a URL to which a token is appended; users then sign in by XOAUTH2 alone, but for a master
        user "admin" with the usual password, by whom the tests look. `acl`: rights (RFC 4314), and a folder Spam that
        is \\Junk.
        """
        program = find()
        if program is None:
            raise FileNotFoundError("dovecot is not installed (Debian: dovecot-imapd)")
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._tls = tls
        self.capability = capability
        self.port = processes.free_port()
        self.tls_port = processes.free_port() if tls else 0
        self.ca_file = tls.ca_file if tls else None
        self.root = processes.scratch("dc-")
        self.root.chmod(0o755)
        self._uid, self._gid = (_MAIL_UID, _MAIL_UID) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        for name in ("run", "home"):
            (self.root / name).mkdir()
        self._own(self.root / "home")
        self._introspection, self._acl = introspection, acl
        if introspection is not None:
            (self.root / "oauth2.conf").write_text(
                f"introspection_url = {introspection}\nintrospection_mode = get\nactive_attribute = active\n"
                "active_value = true\nusername_attribute = username\nusername_format = %u\ntokeninfo_url =\n"
            )
        self.config = self.root / "dovecot.conf"
        self.config.write_text(self._configuration())

    # ---------------------------------------------------------------------------------------- running

    def start(self) -> None:
        """Start, and wait for the greeting."""
        command = [self._program, "-F", "-c", str(self.config)]
        log = (self.root / "stderr").open("ab")
        with log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=processes.die_with_parent
            )
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                probe.settimeout(_PATIENCE)
                if probe.recv(100).startswith(b"* OK"):
                    return
            time.sleep(0.01)
        self.stop()
        raise RuntimeError(f"dovecot did not start:\n{self.log()}")

    def stop(self) -> None:
        """Stop; the mailboxes stay."""
        if self._process is not None:
            processes.end(self._process)
            self._process = None

    def restart(self) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop, and remove everything."""
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self) -> Dovecot:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def log(self) -> str:
        """What the server wrote about itself."""
        files = (self.root / "stderr", self.root / "log")
        return "".join(one.read_text(errors="replace") for one in files if one.exists())

    def doveadm(self, *words: str) -> str:
        """Run doveadm on this server; its output. Raises CalledProcessError."""
        command = [str(Path(self._program).parent.parent / "bin" / "doveadm"), "-c", str(self.config), *words]
        if not Path(command[0]).exists():
            command[0] = "doveadm"
        done = subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        return done.stdout.decode(errors="replace")

    # --------------------------------------------------------------------------------------- mailboxes

    def client(self, user: str) -> Any:
        """An IMAPClient that is logged in as this user. The caller logs out."""
        client: Any = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=60)
        client._imap.debug = 0
        client.login(f"{user}*admin" if self._introspection else user, PASSWORD)
        return client

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX", internal_date: datetime | None = None) -> None:
        """Put one message into a folder, as a delivery agent does; `internal_date` (aware) becomes INTERNALDATE."""
        self.deliver_all(user, [raw], folder, internal_date)

    def deliver_all(
        self, user: str, messages: Iterable[bytes], folder: str = "INBOX", internal_date: datetime | None = None
    ) -> None:
        """Put messages into a folder, in this order. Raises ValueError for what Dovecot would not hand out unchanged.

        It serves a bare LF as CRLF and a NUL as 0x80.
        """
        place = self._maildir(user, folder)
        self._make(place, user)
        for raw in messages:
            if b"\n" in raw.replace(b"\r\n", b"") or b"\0" in raw:
                raise ValueError("Dovecot would change this message: it has a bare LF or a NUL")
            # S and W: the size as stored and as served, here the same, since the lines end in CRLF.
            name = f"{time.time():.6f}".replace(".", ".M") + f"P{os.getpid()}Q{next(_counter)}.localhost"
            name += f",S={len(raw)},W={len(raw)}"
            temporary = place / "tmp" / name
            temporary.write_bytes(raw)
            self._own(temporary)
            if internal_date is not None:
                os.utime(temporary, (internal_date.timestamp(), internal_date.timestamp()))
            temporary.rename(place / "new" / name)

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The octets of every message in a folder, by UID; empty where the folder is missing."""
        client = self.client(user)
        try:
            name = folder.replace("/", _delimiter(client))
            if not client.folder_exists(name):
                return []
            client.select_folder(name, readonly=True)
            uids = sorted(client.search())
            found: dict[int, Any] = {}
            for start in range(0, len(uids), 100):
                found.update(client.fetch(uids[start : start + 100], ["BODY.PEEK[]"]))
            return [bytes(found[uid][b"BODY[]"]) for uid in uids]
        finally:
            client.logout()

    def count(self, user: str, folder: str = "INBOX") -> int:
        """How many messages a folder holds; 0 where it is missing."""
        client = self.client(user)
        try:
            name = folder.replace("/", _delimiter(client))
            if not client.folder_exists(name):
                return 0
            return int(client.folder_status(name, ["MESSAGES"])[b"MESSAGES"])
        finally:
            client.logout()

    def folders(self, user: str) -> list[str]:
        """The names of all folders that can hold messages, sorted."""
        client = self.client(user)
        try:
            delimiter = _delimiter(client)
            rows = client.list_folders()
            return sorted(
                str(name).replace(delimiter, "/")
                for flags, _, name in rows
                if not {b"\\Noselect", b"\\NonExistent"} & set(flags)
            )
        finally:
            client.logout()

    def kick(self, user: str) -> None:
        """Throw out every session of this user, and wait until they are gone."""
        deadline = time.monotonic() + _PATIENCE
        while self._sessions(user):
            with contextlib.suppress(subprocess.CalledProcessError):
                self.doveadm("kick", user)
            if time.monotonic() > deadline:
                raise RuntimeError(f"the sessions of {user} do not end")
            time.sleep(0.02)

    def reset_uidvalidity(self, user: str, folder: str = "INBOX") -> None:
        """Give a folder a new UIDVALIDITY and number its messages anew from 1, as after a restored backup."""
        self.set_uidvalidity(user, None, folder)

    def set_uidvalidity(self, user: str, value: int | None, folder: str = "INBOX") -> None:
        """Give a folder this UIDVALIDITY, None for a new one, and number its messages anew from 1."""
        self.kick(user)
        place = self._maildir(user, folder)
        uidlist = place / "dovecot-uidlist"
        head, _, _ = uidlist.read_text().partition("\n")
        found = re.fullmatch(r"3 V(\d+) N\d+(.*)", head)
        if found is None:
            raise RuntimeError(f"unknown form of dovecot-uidlist: {head}")
        for index in place.glob("dovecot.index*"):
            index.unlink()
        uidlist.write_text(f"3 V{value or int(found[1]) + 1000} N1{found[2]}\n")

    # ----------------------------------------------------------------------------------------- private

    def _sessions(self, user: str) -> bool:
        return any(line.split()[:1] == [user] for line in self.doveadm("who", user).splitlines())

    def _maildir(self, user: str, folder: str) -> Path:
        maildir = self.root / "home" / user / "Maildir"
        return maildir if folder.upper() == "INBOX" else maildir / ("." + folder.replace("/", "."))

    def _make(self, place: Path, user: str) -> None:
        for folder in (place.parent.parent, place.parent, place, place / "tmp", place / "new", place / "cur"):
            if folder.is_relative_to(self.root / "home" / user) and not folder.exists():
                folder.mkdir(mode=0o700)
                self._own(folder)

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._uid, self._gid)

    def _configuration(self) -> str:
        lines = [
            f"base_dir = {self.root}/run",
            f"state_dir = {self.root}/run",
            f"log_path = {self.root}/log",
            "protocols = imap",
            "listen = 127.0.0.1",
            "disable_plaintext_auth = no",
            "mail_max_userip_connections = 100",
            "mail_location = maildir:~/Maildir",
            "mail_fsync = never",
        ]
        if self._tls is not None:
            lines += ["ssl = yes", f"ssl_cert = <{self._tls.cert_file}", f"ssl_key = <{self._tls.key_file}"]
        else:
            lines.append("ssl = no")
        if os.geteuid() != 0:
            me = pwd.getpwuid(os.geteuid()).pw_name
            lines += [f"default_internal_user = {me}", f"default_login_user = {me}"]
            lines.append(f"default_internal_group = {grp.getgrgid(os.getegid()).gr_name}")
        if self._uid < 500:
            lines.append(f"first_valid_uid = {self._uid}")
        if self.capability is not None:
            lines.append(f"imap_capability = {self.capability}")
        # Each brace needs a line of its own.
        blocks = f"""
            passdb {{
              {"master = yes" if self._introspection else ""}
              driver = static
              args = password={PASSWORD}
            }}
            userdb {{
              driver = static
              args = uid={self._uid} gid={self._gid} home={self.root}/home/%n
            }}
            namespace inbox {{
              inbox = yes
              {JUNK if self._acl else ""}
            }}
            service anvil {{
              chroot =
            }}
            service imap-login {{
              chroot =
              inet_listener imap {{
                port = {self.port}
              }}
              inet_listener imaps {{
                port = {self.tls_port}
              }}
            }}
        """
        if self._introspection is not None:
            lines += ["auth_mechanisms = plain login xoauth2 oauthbearer", "auth_master_user_separator = *"]
            blocks += f"""
            passdb {{
              driver = oauth2
              mechanisms = xoauth2 oauthbearer
              args = {self.root}/oauth2.conf
            }}
            """
        if self._acl:
            lines.append("mail_plugins = acl")
            blocks += """
            plugin {
              acl = vfile
            }
            protocol imap {
              mail_plugins = acl imap_acl
            }
            """
        return "\n".join(lines) + blocks


def _delimiter(client: Any) -> str:
    rows = client.list_folders("", "INBOX")
    return str(rows[0][1], "ascii") if rows else "."


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox of a server: what a test is given."""

    server: Dovecot
    user: str
    password: str = PASSWORD

    @property
    def port(self) -> int:
        return self.server.port

    def client(self) -> Any:
        return self.server.client(self.user)

    def deliver(self, raw: bytes, folder: str = "INBOX", internal_date: datetime | None = None) -> None:
        self.server.deliver(self.user, raw, folder, internal_date)

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        return self.server.messages(self.user, folder)

    def count(self, folder: str = "INBOX") -> int:
        return self.server.count(self.user, folder)

    def folders(self) -> list[str]:
        return self.server.folders(self.user)

    def contents(self) -> dict[str, list[bytes]]:
        """Every folder with its messages."""
        return {folder: self.messages(folder) for folder in self.folders()}

    def kick(self) -> None:
        self.server.kick(self.user)

    def reset_uidvalidity(self, folder: str = "INBOX") -> None:
        self.server.reset_uidvalidity(self.user, folder)

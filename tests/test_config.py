"""The administrator's file: what loads, and what the errors say, word for word."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from mailroom import config
from mailroom.model import Rejected

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def rejected(file: Path) -> str:
    with pytest.raises(Rejected) as caught:
        config.load(file)
    return str(caught.value).replace(str(file), "config.toml")


def test_the_example_is_a_configuration_that_loads() -> None:
    loaded = config.load(EXAMPLE)
    assert loaded.mailroom.address == "support@example.org"
    assert loaded.mailroom.authserv_id == "mail.example.org"
    assert loaded.forwarding.allowed_domains == ["example.org"]
    assert loaded.forwarding.max_size == 35_000_000
    assert loaded.acknowledgements.limits.within == timedelta(hours=24)
    assert loaded.rules == EXAMPLE.parent / "rules.yaml"


def test_every_setting_of_the_contract_is_known(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^# (\[|\w+ = )", r"\1", EXAMPLE.read_text(encoding="utf-8"))
    loaded = config.load(written(tmp_path, text))
    assert loaded.metrics is not None
    assert loaded.alerts.to == ["it@example.org"]
    assert loaded.canary is not None
    assert loaded.oauth2 is not None


def test_a_canary_and_claim_exclude_each_other(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("idle = true", 'idle = true\nclaim = "host-a"')
    assert config.load(written(tmp_path, text)).imap[0].claim == "host-a"
    text += '[canary]\nmailbox = "canary@example.org"\n'
    assert "another host may take the canary" in rejected(written(tmp_path, text))
    assert "claim" in rejected(written(tmp_path, text.replace('"host-a"', '"a/b"')))


def test_all_errors_come_at_once_each_with_its_place_its_value_and_the_mend(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    text = (
        text.replace("address =", "adress =").replace('poll = "60s" ', "poll = 60 ").replace("port = 587", 'port = "x"')
    )
    assert rejected(written(tmp_path, text)).splitlines() == [
        "config.toml:4:2: [mailroom] address is missing",
        "    Add it below [mailroom]",
        "config.toml:5:1: [mailroom] adress is no setting that mailroom knows",
        "    Did you mean address?",
        "config.toml:22:1: [imap] poll = 60",
        '    write a length of time as a number and a unit in quotes: "60s", "5m", "24h" or "90d"',
        'config.toml:28:1: [smtp] port = "x": input should be a valid integer',
        "    Write a whole number, without quotes",
    ]


def test_a_byte_order_mark_is_no_mistake_and_another_encoding_is_named(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8-sig")
    assert config.load(file).mailroom.address == "support@example.org"
    file.write_text(text, encoding="utf-16")
    assert 'Save it with the encoding "UTF-8"' in rejected(file)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('security = "tls"', 'security = "none"', 'security = "none" is allowed only towards this machine'),
        ('security = "tls"', 'security = "ssl"', 'config.toml:17:1: [imap] security = "ssl"'),
        ('timezone = "America/New_York"', 'timezone = "Mars"', 'config.toml:12:1: [mailroom] timezone = "Mars"'),
        ('max_size = "35MB"', "max_size = 35", "write a size as a number and a unit"),
        ('envelope_from = "bounces@example.org"', 'envelope_from = "bounces"', 'envelope_from = "bounces"'),
        ("idle = true", "idle = true\nidle = false", "config.toml:24:13: this setting stands here a second time"),
        (
            "[smtp]",
            "[imap]\n[smtp]",
            "[imap] stands here a second time\n    Put both together; several inboxes: [[imap]]",
        ),
        (
            'poll = "60s"',
            'poll = "0s"',
            'config.toml:22:1: [imap] poll = "0s"\n    a length of time must be more than nothing',
        ),
        ("enabled = true", 'enabled = "true"', "Write true or false, without quotes"),
        ('["example.org"]', '"example.org"', 'Write a list: ["example.org"]'),
        (
            "password_file =",
            'password_env = "PW"\npassword_file =',
            "give one of password_file, password_env and password",
        ),
        ('# to = ["it@example.org"]', 'to = ["INFO@example.org"]', "which mailroom reads itself"),
        ("[smtp]", "[stmp]", "config.toml:26:2: [stmp] is no setting that mailroom knows\n    Did you mean smtp?"),
        ('["example.org"]', "[]", "allowed_domains = []"),
        (
            "[retention]",
            '[hours]\nopens = "9am"\n[retention]',
            'write a time of day in quotes: "09:00"',
        ),
        ("[retention]", '[hours]\nopens = "18:00"\n[retention]', "opens must be earlier than closes"),
        ("[retention]", '[hours]\nholidays = ["31-12"]\n[retention]', 'write a day in quotes: "2026-12-25"'),
        ("[retention]", '[hours]\ndays = ["monday"]\n[retention]', "[hours] days"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("# [alerts]", "[alerts]")
    assert old in text
    assert expected in rejected(written(tmp_path, text.replace(old, new)))


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    assert "mailroom init" in rejected(tmp_path / "config.toml")


def test_a_password_in_a_file_that_others_can_read_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace('password_file = "imap.secret"', 'password = "canary-4711"')
    message = rejected(written(tmp_path, text, 0o644))
    assert "config.toml:19:1: [imap] password stands in a file that others can read" in message
    assert "canary-4711" not in message
    loaded = config.load(written(tmp_path, text, 0o600))
    assert loaded.secret(loaded.imap[0]) == "canary-4711"
    assert "canary-4711" not in repr(loaded)


def test_a_password_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace('password_file = "smtp.secret"', 'password_env = "MAIL_PW"')
    loaded = config.load(written(tmp_path, text))
    (tmp_path / "imap.secret").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("MAIL_PW", "from the environment")
    assert loaded.secret(loaded.imap[0]) == "from a file"
    assert loaded.secret(loaded.smtp) == "from the environment"
    monkeypatch.delenv("MAIL_PW")
    with pytest.raises(Rejected, match=r"config.toml:31:1: \[smtp\] password_env = \"MAIL_PW\""):
        loaded.secret(loaded.smtp)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("", 'auth = "xoauth2", and there is no section [oauth2]'),
        ('provider = "microsoft"', "microsoft needs tenant and client_id"),
        ('provider = "microsoft"\ntenant = "a/b"\nclient_id = "c"', "tenant is an ID, or a domain"),
        ('provider = "microsoft"\ntenant = "a"\nclient_id = "c"', "either certificate_file or client_secret_file"),
        (
            'provider = "microsoft"\ntenant = "a"\nclient_id = "c"\ncertificate_file = "x"\nclient_secret_file = "y"',
            "either certificate_file or client_secret_file",
        ),
        ('provider = "google"', "google needs service_account_file"),
        (
            'provider = "google"\nservice_account_file = "x"\nendpoint = "https://127.0.0.1.example.com"',
            "endpoint is for tests",
        ),
        ('provider = "google"\nservice_account_file = "x"\nendpoint = "http://127.0.0.1:1"', "endpoint is for tests"),
    ],
)
def test_a_section_oauth2_that_cannot_work_says_what_it_lacks(tmp_path: Path, section: str, words: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace('password_file = "imap.secret" ', 'auth = "xoauth2" ')
    text += f"\n[oauth2]\n{section}\n" if section else ""
    assert words in rejected(written(tmp_path, text))


def test_t22_no_setting_turns_checks_of_certificates_off(tmp_path: Path) -> None:
    names = set(config.Imap.model_fields) | set(config.Smtp.model_fields) | set(config.OAuth2.model_fields)
    assert not [one for one in names if re.search("verif|insecure|check|trust", one)]
    text = EXAMPLE.read_text(encoding="utf-8").replace('security = "tls" ', 'security = "none" ')
    assert "allowed only towards this machine" in rejected(written(tmp_path, text))


def test_t21_a_secret_that_others_can_read_is_not_private_but_for_one_that_systemd_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    for mode, expected in ((0o600, True), (0o400, True), (0o440, False), (0o604, False)):
        secret.chmod(mode)
        assert config.private(secret) is expected
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret.chmod(0o440)  # systemd's access list shows so
    assert config.private(secret)
    secret.chmod(0o444)
    assert not config.private(secret)


# ------------------------------------------------------------------------------------ several inboxes


SEVERAL = """
[mailroom]
address = "support@example.org"
aliases = ["info@example.org"]

[[imap]]
name = "support"
host = "imap.example.org"
username = "support"

[[imap]]
name = "legal"
address = "legal@legal.example.org"
aliases = ["law@example.org"]
host = "imap.example.org"
username = "legal"
password_env = "LEGAL_PW"

[smtp]
host = "smtp.example.org"
envelope_from = "bounces@example.org"

[forwarding]
allowed_domains = ["example.org"]
"""


def test_one_table_imap_is_a_list_of_one_without_a_name(tmp_path: Path) -> None:
    (imap,) = config.load(EXAMPLE).imap
    assert (imap.name, imap.host) == ("", "imap.example.org")
    text = EXAMPLE.read_text(encoding="utf-8").replace("[imap]\n", "[[imap]]\n")
    (imap,) = config.load(written(tmp_path, text)).imap
    assert (imap.name, imap.host) == ("", "imap.example.org")


def test_each_of_several_inboxes_has_its_address_and_all_addresses_are_ours(tmp_path: Path) -> None:
    loaded = config.load(written(tmp_path, SEVERAL))
    assert [(one.name, loaded.address(one)) for one in loaded.imap] == [
        ("support", "support@example.org"),
        ("legal", "legal@legal.example.org"),
    ]
    assert loaded.addresses == ["support@example.org", "info@example.org", "legal@legal.example.org", "law@example.org"]
    support, legal = loaded.imap
    assert loaded.reached_by(support) == {"support@example.org", "info@example.org"}
    assert loaded.reached_by(legal) == {"legal@legal.example.org", "law@example.org"}


def test_the_secret_of_one_of_several_is_its_own_and_so_is_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = config.load(written(tmp_path, SEVERAL))
    support, legal = loaded.imap
    monkeypatch.setenv("LEGAL_PW", "of legal")
    assert (loaded.secret(support), loaded.secret(legal)) == (None, "of legal")
    monkeypatch.delenv("LEGAL_PW")
    with pytest.raises(Rejected, match=r'config.toml:17:1: \[\[imap\]\] password_env = "LEGAL_PW"'):
        loaded.secret(legal)
    text = SEVERAL.replace('password_env = "LEGAL_PW"', 'password = "canary-4711"')
    message = rejected(written(tmp_path, text, 0o644))
    assert "config.toml:17:1: [[imap]] password stands in a file that others can read" in message
    assert "canary-4711" not in message


ALERTS = '\n[alerts]\nto = ["{}"]\n'
CANARY = '\n[canary]\nmailbox = "canary@example.org"\n'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "legal"\n', "", "config.toml:11:3: [[imap]] name is missing\n    Each of several has one:"),
        ('name = "legal"', 'name = "support"', 'config.toml:12:1: [[imap]] name = "support" is the name of another'),
        ('name = "legal"', 'name = "Legal unit"', 'config.toml:12:1: [[imap]] name = "Legal unit"\n    write a short'),
        (
            'username = "legal"',
            'username = "SUPPORT"',
            'config.toml:11:3: [[imap]] inbox = "INBOX" is a folder of another',
        ),
        ('username = "legal"', 'username = "support"\ninbox = "Legal"\nfolder = "Legal mail"', ""),
        (
            'username = "legal"',
            'username = "support"\ninbox = "Legal"',
            '11:3: [[imap]] folder = "Mailroom" is a folder of',
        ),
        ('username = "legal"', 'username = "legal"\npol = "1s"', "config.toml:17:1: [[imap]] pol is no setting"),
        ('username = "legal"', 'username = "legal"\npol = "1s"', "Did you mean poll?"),
        (
            'username = "legal"',
            'username = "legal"\npoll = 1',
            "config.toml:17:1: [[imap]] poll = 1\n    write a length",
        ),
        (
            'host = "imap.example.org"\nusername = "legal"',
            "",
            "11:3: [[imap]] host is missing\n    Add it below [[imap]]",
        ),
        (
            'password_env = "LEGAL_PW"',
            'auth = "xoauth2"',
            'config.toml:17:1: [[imap]] auth = "xoauth2", and there is no',
        ),
        ('["law@example.org"]', '["law"]', "config.toml:14:1: [[imap]] aliases"),
        ("[smtp]", ALERTS.format("Law@example.org") + "[smtp]", "which mailroom reads itself"),
        ("[smtp]", ALERTS.format("legal@legal.example.org") + "[smtp]", "which mailroom reads itself"),
        ("[smtp]", CANARY + "[smtp]", ""),
        (
            'username = "support"',
            f'username = "support"\naddress = "us@example.org"\naliases = ["support@example.org"]{CANARY}',
            "",
        ),
        (
            'username = "support"',
            f'username = "support"\naddress = "us@example.org"{CANARY}',
            "leads to none of the inboxes",
        ),
        ('password_env = "LEGAL_PW"', f'claim = "host-a"{CANARY}', "[canary] beside claim"),
        ("[smtp]", '[imap]\nhost = "imap.example.org"\n[smtp]', "[imap] stands here a second time"),
    ],
)
def test_what_is_wrong_with_one_of_several_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in SEVERAL
    file = written(tmp_path, SEVERAL.replace(old, new, 1))
    if expected:
        assert expected in rejected(file)
    else:
        config.load(file)


def test_on_this_machine_another_port_is_another_server(tmp_path: Path) -> None:
    text = SEVERAL.replace("imap.example.org", "127.0.0.1").replace('username = "legal"', 'username = "support"')
    assert "is a folder of another" in rejected(written(tmp_path, text))
    config.load(written(tmp_path, text.replace('name = "legal"', 'name = "legal"\nport = 1993')))


def test_no_inbox_at_all_is_refused(tmp_path: Path) -> None:
    text = SEVERAL.replace("[[imap]]", "[[other]]")
    assert "[imap] is missing\n    Add the section [imap]" in rejected(written(tmp_path, text))

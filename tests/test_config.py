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
        "    Compare with config.example.toml",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('security = "tls"', 'security = "none"', 'security = "none" is allowed only towards this machine'),
        ('security = "tls"', 'security = "ssl"', 'config.toml:17:1: [imap] security = "ssl"'),
        ('timezone = "America/New_York"', 'timezone = "Mars"', 'config.toml:12:1: [mailroom] timezone = "Mars"'),
        ('max_size = "35MB"', "max_size = 35", "write a size as a number and a unit"),
        ('envelope_from = "bounces@example.org"', 'envelope_from = "bounces"', 'envelope_from = "bounces"'),
        ("idle = true", "idle = true\nidle = false", "config.toml:24:"),
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

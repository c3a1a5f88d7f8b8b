"""The commands as people use them: what they print, and their exit codes."""

from __future__ import annotations

import json
import mailbox
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.mail import letter, newsletter

ROOT = Path(__file__).parent.parent.parent
FIELDS = {
    "source", "message_id", "from", "subject", "language", "language_confidence", "unit", "confident", "forward_to",
    "tags", "urgent", "sensitive", "references", "acknowledge", "silence", "template", "rules", "defects",
}  # fmt: skip


def mailroom(*words: str, given: bytes = b"", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "mailroom", *words], input=given, capture_output=True, cwd=cwd, timeout=120
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed") / "mailroom"
    done = mailroom("init", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def test_init_writes_what_loads_and_overwrites_nothing(installed: Path) -> None:
    files = {"config.toml", "rules.yaml", "rules.schema.json", "templates", "mailroom.service"}
    assert {one.name for one in installed.iterdir()} >= files
    (installed / "rules.yaml").open("a", encoding="utf-8").write("\n# staff's remark\n")
    again = mailroom("init", str(installed))
    assert "kept " in again.stdout
    assert "written" not in again.stdout
    assert "# staff's remark" in (installed / "rules.yaml").read_text(encoding="utf-8")
    unit = (installed / "mailroom.service").read_text(encoding="utf-8")
    assert f"--config {installed.resolve()}/config.toml" in unit
    done = mailroom("--config", str(installed / "config.toml"), "check")
    assert done.returncode == 0, done.stderr
    assert "28 units" in done.stdout


def test_rules_schema_prints_what_editors_complete_by(installed: Path) -> None:
    done = mailroom("rules", "schema")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "rules.schema.json").read_text(encoding="utf-8")
    assert done.stdout == (installed / "rules.schema.json").read_text(encoding="utf-8")
    first = (installed / "rules.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=rules.schema.json"


def test_preview_shows_one_kind_in_one_language(installed: Path, tmp_path: Path) -> None:
    config, page = str(installed / "config.toml"), tmp_path / "page.html"
    words = ("--config", config, "preview", "--output", str(page), "--template")
    assert mailroom(*words, "petition", "--language", "fr").returncode == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("<article") == 1
    assert 'id="petition-fr"' in html
    wrong = mailroom(*words, "petitions")
    assert wrong.returncode == 2
    assert "there is no petitions; there are " in wrong.stderr


@pytest.mark.parametrize("place", ["before", "after", "environment"])
def test_config_stands_before_or_after_the_verb_or_in_the_environment(
    installed: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(installed / "config.toml")
    if place == "environment":
        monkeypatch.setenv("MAILROOM_CONFIG", file)
    words = {"before": ("--config", file, "check"), "after": ("check", "--config", file), "environment": ("check",)}
    assert mailroom(*words[place]).returncode == 0


def explain(installed: Path, *words: str, given: bytes = b"") -> list[dict[str, object]]:
    done = mailroom("explain", "--config", str(installed / "config.toml"), "--json", *words, given=given)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_explain_gives_the_decision_of_the_contract(installed: Path, tmp_path: Path) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(letter(1))
    (one,) = explain(installed, str(file))
    assert set(one) == FIELDS
    assert one["source"] == str(file)
    assert one["message_id"] == "<letter.1@example.com>"
    assert one["from"] == "person1@example.com"
    assert one["language"] == "en"
    assert one["unit"] == "petitions-registry"
    assert one["forward_to"] == ["petitions-registry@example.org"]
    assert one["acknowledge"] is True
    assert one["silence"] is None
    rules = one["rules"]
    assert isinstance(rules, list)
    assert rules
    assert set(rules[0]) == {"name", "line", "evidence"}


def test_explain_reads_folders_mboxes_maildirs_and_standard_input(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.eml").write_bytes(letter(number))
    maildir = mailbox.Maildir(tmp_path / "maildir")
    maildir.add(letter(3))
    box = mailbox.mbox(tmp_path / "box")
    box.add(letter(4))
    box.add(newsletter(5))
    box.flush()
    rows = explain(installed, str(folder), str(tmp_path / "maildir"), str(tmp_path / "box"), "-", given=letter(6))
    assert [one["message_id"] for one in rows] == [f"<letter.{number}@example.com>" for number in range(1, 7)]
    assert [str(one["source"]).rpartition("#")[2] for one in rows[3:5]] == ["1", "2"]
    assert rows[4]["silence"] == "list"


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"Subject:\n" * 50_000, b"(" * 100_000, letter(1)[:150]])
def test_explain_answers_whatever_it_is_given(installed: Path, raw: bytes) -> None:
    (one,) = explain(installed, "-", given=raw)
    assert set(one) == FIELDS
    assert one["acknowledge"] is False


def test_explain_for_people_marks_what_matched_and_names_the_line(installed: Path, tmp_path: Path) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(letter(1))
    done = mailroom("explain", "--config", str(installed / "config.toml"), str(file))
    assert "goes to      petitions-registry" in done.stdout
    assert "rules.yaml:" in done.stdout
    assert "how do I file a petition" in done.stdout
    assert "  points       petitions-registry " in done.stdout
    assert "tags _" not in done.stdout
    assert " left notes for these: --notes" in done.stdout
    noted = mailroom("explain", "--notes", "--config", str(installed / "config.toml"), str(file))
    assert "tags _" in noted.stdout


def test_explain_says_where_no_message_is(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_bytes(letter(1))
    done = mailroom("explain", "--config", str(installed / "config.toml"), str(tmp_path))
    assert done.returncode == 2
    assert "no message is there" in done.stderr


@pytest.mark.parametrize("words", [("preview", "--output"), ("init",)])
def test_what_cannot_be_written_is_said_in_a_line(installed: Path, words: tuple[str, ...]) -> None:
    done = mailroom("--config", str(installed / "config.toml"), *words, "/proc/nowhere/file")
    assert done.returncode == 2
    assert "cannot write /proc/nowhere/file: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_a_wrong_command(installed: Path) -> None:
    done = mailroom("explain", "--config", str(installed / "config.toml"), "nowhere.eml")
    assert done.returncode == 2
    assert "nowhere.eml" in done.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("chekc",), "No such command 'chekc'"),
        (("--config", "nowhere.toml", "run"), "mailroom init DIR"),
        (("run", "--fast"), "No such option"),
        (("report", "--since", "yesterday"), "yesterday is no day: write 2026-03-31"),
    ],
)
def test_a_wrong_command_or_configuration_ends_with_2(words: tuple[str, ...], expected: str) -> None:
    done = mailroom(*words)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_rules_end_check_with_2_and_name_the_line(installed: Path, tmp_path: Path) -> None:
    config = (installed / "config.toml").read_text(encoding="utf-8")
    file = tmp_path / "config.toml"
    file.write_text(config.replace('rules = "rules.yaml"', 'rules = "broken.yaml"'), encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("units:\n  press: {\n", encoding="utf-8")
    (tmp_path / "templates").symlink_to(installed / "templates")
    done = mailroom("check", "--config", str(file))
    assert done.returncode == 2
    assert "broken.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_brings_every_message_through(tmp_path: Path) -> None:
    done = mailroom("demo", "--folder", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "0 left in the inbox" in done.stdout
    assert "lost" not in done.stdout
    assert len(list((tmp_path / "outgoing").glob("*.eml"))) >= 20


def test_replay_says_what_other_rules_would_change_and_warns_of_lost_urgency(installed: Path, tmp_path: Path) -> None:
    config = str(installed / "config.toml")
    danger = letter(1, text="They are outside my house now with guns, they say they will kill us tonight. Please help.")
    (tmp_path / "danger.eml").write_bytes(danger)
    (tmp_path / "question.eml").write_bytes(letter(2))
    rules = (installed / "rules.yaml").read_text(encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text(rules, encoding="utf-8")
    same = mailroom("replay", "--config", config, "--rules", str(other), str(tmp_path))
    assert (same.returncode, same.stdout.splitlines()[-1][:24]) == (0, "2 messages: 0 would chan"), same.stderr
    other.write_text(
        rules.replace("urgent: yes", "urgent: no").replace("urgent: true", "urgent: false"), encoding="utf-8"
    )
    changed = mailroom("replay", "--config", config, "--rules", str(other), str(tmp_path))
    assert changed.returncode == 1, changed.stderr
    assert "danger.eml: " in changed.stdout
    assert "is no longer urgent" in changed.stdout
    assert "1 stop being urgent" in changed.stdout


def test_replay_names_units_whose_mail_would_go_elsewhere_and_a_file_that_is_missing(
    installed: Path, tmp_path: Path
) -> None:
    config, other = str(installed / "config.toml"), tmp_path / "other.yaml"
    missing = mailroom("replay", "--config", config, "--rules", str(other), str(tmp_path))
    assert missing.returncode != 0
    assert f"'--rules': File '{other}' does not exist" in missing.stderr
    assert "config.toml" not in missing.stderr
    rules = (installed / "rules.yaml").read_text(encoding="utf-8")
    other.write_text(rules.replace("mailbox: press@", "mailbox: press-office@"), encoding="utf-8")
    done = mailroom("replay", "--config", config, "--rules", str(other), str(tmp_path))
    assert "unit press: its mail goes to press-office@example.org in place of press@example.org" in done.stdout
    assert done.returncode == 0, done.stderr

"""/healthz and /metrics of the real daemon, and the files that read them."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client import generate_latest

from mailroom import config as configuration
from mailroom.daemon.metrics import registry
from mailroom.daemon.vitals import Vitals
from mailroom.ledger import Ledger
from mailroom.model import Rejected
from tests.scenarios.conftest import between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter, newsletter
from tests.servers import processes
from tests.servers.dovecot import Account
from tests.servers.programs import needs
from tests.servers.sink import Sink

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "mailroom" / "starter" / "deploy"
EXAMPLE = ROOT / "config.example.toml"


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def value(text: str, sample: str) -> float | None:
    found = re.search(rf"(?m)^{re.escape(sample)} (\S+)$", text)
    return float(found[1]) if found else None


def test_healthz_and_metrics_tell_how_the_daemon_is_and_counters_survive_a_restart(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    port = processes.free_port()
    post = between(mailbox, sink, tmp_path, metrics__listen=f'"127.0.0.1:{port}"')
    post.deliver(letter(1), letter(2))
    post.deliver(newsletter(3), answer=False)
    forwarded = 'mailroom_submissions_total{kind="forward",result="accepted"}'
    with post.mailroom.running():
        until(lambda: ask(port, "/healthz")[0] == 200)
        until(lambda: (value(ask(port, "/metrics")[1], forwarded) or 0) >= 3, 40)
        _, text = ask(port, "/metrics")
        assert json.loads(ask(port, "/healthz/live")[1]) == {"live": True, "ready": True, "why": []}
        assert ask(port, "/healthz/ready")[0] == 200
        assert ask(port, "/other")[0] == 404
    assert value(text, 'mailroom_messages_recorded_total{channel="inbox"}') == 3
    english = 'language="en",silence="none",unit="petitions-registry"'
    assert value(text, f"mailroom_messages_decided_total{{{english}}}") == 2
    assert value(text, 'mailroom_server_up{server="mailbox"}') == 1
    assert value(text, "mailroom_ready") == 1
    assert value(text, "mailroom_forward_delay_seconds_count") == 3
    assert value(text, "mailroom_acknowledgement_delay_seconds_count") == 2
    assert (value(text, "process_resident_memory_bytes") or 0) > 1e6
    assert not re.search(r"@|example|petition\?", text), "an address or a subject"
    _check_files(text)
    with post.mailroom.running():
        until(lambda: ask(port, "/metrics")[0] == 200)
        assert value(ask(port, "/metrics")[1], forwarded) == 3
    assert ask(port, "/metrics")[0] == 0


def _check_files(scraped: str) -> None:
    """Dashboard and rules ask only for what is there."""
    families = set(re.findall(r"(?m)^# TYPE (\S+) ", scraped))
    families |= {f"{one}_bucket" for one in families}
    rules = yaml.safe_load((DEPLOY / "prometheus-rules.yml").read_text(encoding="utf-8"))
    board = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
    asked = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    asked += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    names = {name for one in asked for name in re.findall(r"\b(?:mailroom|process)_[a-z_]+", one)}
    assert len(names) > 15
    assert names - families == set()
    labels = {
        "job",
        "kind",
        "result",
        "silence",
        "unit",
        "language",
        "reason",
        "state",
        "stage",
        "server",
        "channel",
        "le",
    }
    for one in asked:
        assert set(re.findall(r"(\w+)(?:=~|!=|=)\"", one)) <= labels, one


def test_a_server_in_trouble_is_alive_and_not_ready(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    port = processes.free_port()
    post = between(mailbox, sink, tmp_path, metrics__listen=f'"127.0.0.1:{port}"', imap__password='"wrong"')
    with post.mailroom.running():
        until(lambda: "mailbox:" in ask(port, "/healthz")[1])
        code, text = ask(port, "/healthz")
        assert code == 503
        assert json.loads(text)["live"] is True
        assert "refused the user name or the password" in text
        assert ask(port, "/healthz/live")[0] == 200
        assert value(ask(port, "/metrics")[1], 'mailroom_server_up{server="mailbox"}') == 0


def test_of_several_inboxes_the_worst_counts_and_each_has_its_own_numbers(tmp_path: Path) -> None:
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    vitals = Vitals(lambda: at, ("legal", "press"))
    vitals.mailboxes["legal"].failed("away")
    vitals.polled["press"] = at
    ledger = Ledger(tmp_path / "ledger.db")

    def text() -> str:
        return generate_latest(registry(ledger, vitals, lambda: True)).decode()

    assert value(text(), 'mailroom_server_up{server="mailbox"}') == 0
    assert value(text(), 'mailroom_inbox_up{inbox="legal"}') == 0
    assert value(text(), 'mailroom_inbox_up{inbox="press"}') == 1
    assert value(text(), "mailroom_last_poll_timestamp_seconds") is None
    assert value(text(), 'mailroom_inbox_last_poll_timestamp_seconds{inbox="press"}') == at.timestamp()
    vitals.polled["legal"] = at - timedelta(hours=1)
    assert value(text(), "mailroom_last_poll_timestamp_seconds") == at.timestamp() - 3600
    ledger.close()


def test_a_port_that_is_taken_costs_the_numbers_and_no_mail(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox, sink, tmp_path, metrics__listen=f'"127.0.0.1:{sink.port}"')
    post.deliver(letter(1))
    with post.mailroom.running() as running:
        until(lambda: mailbox.count() == 0)
        assert "metrics-not-listening" in running.logged()


@needs("promtool", "prometheus")
def test_prometheus_itself_takes_the_rules() -> None:
    done = subprocess.run(
        ["promtool", "check", "rules", str(DEPLOY / "prometheus-rules.yml")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("listen", "said"),
    [
        ('"0.0.0.0:9108"', "others than this machine could ask there"),
        ('"[::]:9108"', "others than this machine could ask there"),
        ('"127.0.0.1"', "write an address and a port"),
        ('"127.0.0.1:http"', "write an address and a port"),
        ('"0.0.0.0:9108"\npublic = true', ""),
        ('"[::1]:9108"', ""),
    ],
)
def test_metrics_are_for_this_machine_unless_it_is_said_otherwise(tmp_path: Path, listen: str, said: str) -> None:
    file = tmp_path / "config.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    file.write_text(text + f"\n[metrics]\nlisten = {listen}\n", encoding="utf-8")
    if said:
        with pytest.raises(Rejected, match=said):
            configuration.load(file)
    else:
        assert configuration.load(file).metrics is not None

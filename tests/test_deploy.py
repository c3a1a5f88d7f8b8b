"""What `mailroom init` and the wheel give an administrator: units that systemd takes, in a sandbox that holds."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailroom.cli import cli
from tests.servers.programs import needs

ROOT = Path(__file__).parent.parent
ANALYZE = shutil.which("systemd-analyze")
EXPOSURE = 2.0  # at most, of 10


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("srv") / "mailroom"
    done = CliRunner().invoke(cli, ["init", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def test_init_writes_everything_with_this_machines_paths_filled_in(made: Path) -> None:
    names = {str(file.relative_to(made)) for file in made.rglob("*") if file.is_file()}
    deploy = {"sysusers.conf", "tmpfiles.conf", "prometheus-rules.yml", "grafana-dashboard.json", "Containerfile"}
    assert {"config.toml", "rules.yaml", "mailroom.service"} | {f"deploy/{one}" for one in deploy} <= names
    for name in ("mailroom.service", "deploy/sysusers.conf", "deploy/tmpfiles.conf"):
        text = (made / name).read_text(encoding="utf-8")
        assert "{directory}" not in text
        assert "{program}" not in text
        assert str(made) in text


@needs("systemd-analyze", "systemd")
def test_systemd_takes_the_unit_and_its_sandbox_is_strict(made: Path, tmp_path: Path) -> None:
    assert ANALYZE is not None
    unit = tmp_path / "mailroom.service"
    text = (made / "mailroom.service").read_text(encoding="utf-8")
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text), encoding="utf-8")
    verified = subprocess.run([ANALYZE, "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--no-pager", str(unit)], capture_output=True, text=True, timeout=60
    )
    found = re.search(r"Overall exposure level for mailroom.service: ([\d.]+)", judged.stdout)
    assert found is not None, judged.stdout + judged.stderr
    assert float(found[1]) <= EXPOSURE


@needs("systemd-tmpfiles", "systemd")
def test_systemd_takes_the_snippets(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    for folder in ("etc/tmpfiles.d", "etc/sysusers.d", str(made).lstrip("/")):
        (root / folder).mkdir(parents=True)
    shutil.copy(made / "deploy" / "tmpfiles.conf", root / "etc/tmpfiles.d/mailroom.conf")
    shutil.copy(made / "deploy" / "sysusers.conf", root / "etc/sysusers.d/mailroom.conf")
    if os.geteuid() != 0:
        pytest.skip("makes a user in a root of its own, which only root may")
    for command in ("systemd-sysusers", "systemd-tmpfiles --create"):
        done = subprocess.run(
            [*command.split(), f"--root={root}"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stderr
    assert "mailroom:" in (root / "etc/passwd").read_text(encoding="utf-8")
    assert (root / str(made).lstrip("/") / "state").stat().st_mode & 0o777 == 0o700


def test_the_containerfile_names_what_there_is(made: Path) -> None:
    lines = (made / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    known = {"FROM", "COPY", "RUN", "USER", "WORKDIR", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in steps} <= known
    assert steps[0][0] == "FROM"
    said = dict(steps)
    assert json.loads(said["CMD"])[0] in cli.list_commands(None)  # type: ignore[arg-type]
    assert "USER" in said
    assert "/healthz/live" in said["HEALTHCHECK"]
    assert (ROOT / "constraints.txt").exists()


def test_the_wheel_alone_holds_all_that_init_and_check_need(tmp_path: Path) -> None:
    """Installed into an environment of its own; the libraries are those of this one."""
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "tests", "build", "*.egg-info", "benchmarks")
    shutil.copytree(ROOT, source, ignore=ignored)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(tmp_path), str(source)], check=True, timeout=200)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=False, system_site_packages=False)
    python = tmp_path / "env" / "bin" / "python"
    (site,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True, timeout=200)
    libraries = [one for one in sys.path if one.endswith("site-packages")]
    (site / "others.pth").write_text("\n".join(libraries), encoding="utf-8")
    run = {"cwd": tmp_path, "env": {"PATH": os.environ["PATH"]}, "capture_output": True, "text": True, "timeout": 200}
    where = subprocess.run([str(python), "-c", "import mailroom; print(mailroom.__file__)"], check=True, **run)  # type: ignore[call-overload]
    assert str(site) in where.stdout
    for words in (["init", "made"], ["--config", "made/config.toml", "check"]):
        done = subprocess.run([str(python), "-m", "mailroom", *words], **run)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stdout + done.stderr
    assert "each rendered in every language" in done.stdout

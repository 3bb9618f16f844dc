"""What is handed to whoever installs Evicode: unit, container, proxy, documents. As far as it can
be checked without installing: what they name exists, and the protections stand in them."""

import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from core.settings import PREFIX, Settings
from ui.serving.gate import OPEN

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
GIVEN = [*DEPLOY.iterdir(), *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "Makefile"]
DOCUMENTS = [ROOT / "docs" / name for name in ("operations.md", "configuration.md")]
THREATS = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", THREATS)))


def _read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


UNITS = ("evicode.service", "evicode-api.service")


def _unit(name: str = "evicode.service") -> dict[str, list[str]]:
    """Option -> its values, of all sections: in this unit no name stands in two."""
    found: dict[str, list[str]] = {}
    for line in _read(name).splitlines():
        if line and not line.startswith(("#", "[")):
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("path", GIVEN, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = {f"{PREFIX}{one.name.upper()}" for one in fields(Settings)} | {"EVICODE_CONFIG"}
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text("utf-8")))
    assert named <= known


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_links_to_exists(path: Path) -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text("utf-8")):
        assert (path.parent / link).exists(), link


def test_every_file_of_the_installation_is_one_of_these() -> None:
    said = (ROOT / "docs" / "operations.md").read_text("utf-8")
    named = set(re.findall(r"deploy/([\w.-]+)", said))
    assert named == {path.name for path in DEPLOY.iterdir()}


def test_every_command_of_the_operations_guide_is_one() -> None:
    said = (ROOT / "docs" / "operations.md").read_text("utf-8")
    asked = set(re.findall(r"python -m db (\w+(?: (?:add|password|list))?)", said))
    assert asked >= {"backup", "restore", "verify", "head", "migrate", "user add"}
    for words in asked:
        subprocess.run(
            [sys.executable, "-m", "db", *words.split(), "--help"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )


def test_the_service_starts_what_is_there() -> None:
    unit = _unit()
    (start,) = unit["ExecStart"]
    assert (ROOT / "streamlit_app.py").exists()
    assert "streamlit run streamlit_app.py --server.address 127.0.0.1" in start
    assert "streamlit" in (ROOT / "requirements.txt").read_text("utf-8")
    assert unit["ExecStartPre"] == ["/opt/evicode/.venv/bin/python -m db migrate"]
    for environment in unit["Environment"]:
        for path in re.findall(r"=(/\S+)", environment):
            assert path.startswith(("/var/lib/", "/var/cache/", "/var/log/", "/etc/")), path


def test_the_service_for_programs_starts_on_this_host_with_accounts() -> None:
    unit = _unit("evicode-api.service")
    (start,) = unit["ExecStart"]
    assert start.endswith("python -m ui.api --host 127.0.0.1 --port 8600")
    assert "EVICODE_SINGLE_USER=0" in unit["Environment"]
    assert "proxy_pass http://127.0.0.1:8600;" in _read("nginx.conf")


@pytest.mark.parametrize("name", UNITS)
def test_the_service_gives_up_all_it_does_not_need(name: str) -> None:
    unit = _unit(name)
    assert unit["User"] == ["evicode"]
    assert unit["CapabilityBoundingSet"] == unit["AmbientCapabilities"] == [""]
    for option in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert unit[option] == ["yes"]
    for option in ("ProtectKernelTunables", "RestrictNamespaces", "RestrictSUIDSGID"):
        assert unit[option] == ["yes"]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["UMask"] == ["0077"]
    assert unit["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert (unit["IPAddressDeny"], unit["IPAddressAllow"]) == (["any"], ["localhost"])


def test_the_container_runs_without_root_and_writes_to_its_volume_only() -> None:
    said = _read("Containerfile")
    (user,) = re.findall(r"^USER (.+)$", said, flags=re.M)
    assert int(user.split(":")[0]) > 0
    assert said.index("\nUSER ") < said.index("\nCMD ")
    assert "--read-only" in said
    for name, value in re.findall(r"(EVICODE_\w+)=(\S+)", said):
        assert value.startswith("/data/"), name


def test_the_container_holds_all_of_the_program_and_no_data() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", _read("Containerfile"), flags=re.M)
    assert all((ROOT / name).exists() for name in copied)
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    assert {*packages["root_packages"], "streamlit_app.py", "checkpoints"} <= set(copied)
    assert not {".", "data", "runs", ".streamlit"} & set(copied)


def test_the_container_is_well_if_the_open_address_says_so() -> None:
    (asked,) = re.findall(r"http://127\.0\.0\.1:8501(/\w+)", _read("Containerfile"))
    assert asked in OPEN


def test_the_proxy_lets_sockets_and_uploads_through_and_logs_no_address() -> None:
    said = _read("nginx.conf")
    assert said.count("{") == said.count("}")
    assert "proxy_set_header Upgrade $http_upgrade;" in said
    hours = int(re.findall(r"proxy_read_timeout (\d+)h;", said)[0])
    assert hours > Settings().login_hours
    upload = int(re.findall(r"client_max_body_size (\d+)m;", said)[0])
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert upload > config["server"]["maxUploadSize"]
    (logged,) = re.findall(r"log_format evicode '(.+)'", said)
    assert not {"$request", "$request_uri", "$uri", "$args"} & set(re.findall(r"\$\w+", logged))
    assert said.count("X-Forwarded-Proto https") == said.count("proxy_pass")


def test_the_log_is_rotated_where_the_service_writes_it() -> None:
    (written,) = re.findall(r"EVICODE_LOG_FILE=(\S+)", _read("evicode.service"))
    assert re.findall(r"^(/\S+) \{", _read("evicode.logrotate"), flags=re.M) == [written]
    assert "copytruncate" not in _read("evicode.logrotate")


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_test_that_the_threat_model_names_exists(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), flags=re.M)


def test_every_threat_has_a_test() -> None:
    rows = THREATS.split("|---|---|---|\n")[1].split("\n\n")[0].splitlines()
    assert len(rows) > 25
    assert [row for row in rows if "::test_" not in row.split("|")[3]] == []

"""Settings: from one file and the environment, each of its type, and wrong ones named."""

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from core.errors import BadSettings
from core.settings import PREFIX, Settings, as_markdown, as_toml, settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "evicode.toml"


def _read(file: Path, text: str, **environment: str) -> Settings:
    file.write_text(text, "utf-8")
    return settings({"EVICODE_CONFIG": str(file)} | environment)


def test_without_a_file_and_an_environment_all_is_at_its_default() -> None:
    assert settings({"EVICODE_CONFIG": os.devnull}) == Settings()


def test_the_environment_comes_before_the_file_and_the_file_before_the_default(
    file: Path,
) -> None:
    found = _read(
        file,
        'idle_minutes = 5\nbackup_keep = 3\nsingle_user = true\ncache = "here"\n',
        EVICODE_IDLE_MINUTES="7",
        EVICODE_BACKUP_KEEP="",
    )
    assert (found.idle_minutes, found.backup_keep, found.login_hours) == (7, 3, 12)
    assert (found.single_user, found.cache) == (True, Path("here"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("idle_minute = 5", "evicode.toml sets 'idle_minute', which is no setting"),
        ("idle_minutes = 60", "idle_minutes in evicode.toml cannot be 60; .* from 1 to 15"),
        ('idle_minutes = "5 min"', "cannot be '5 min'; it is a whole number"),
        ("idle_minutes = true", "cannot be True; it is a whole number"),
        ("single_user = 1", "cannot be 1; it is true or false"),
        ('engine = "jax"', "one of onnx, torch"),
        ("cache = 3", "cannot be 3; it is a path"),
        ("idle_minutes 5", "evicode.toml is no TOML"),
        ('metrics_token = "short"', "shorter than 32 characters"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_the_settings_name(
    file: Path, text: str, said: str
) -> None:
    file.touch(mode=0o600)
    with pytest.raises(BadSettings, match=said):
        _read(file, text)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("EVICODE_SINGEL_USER", "1", "EVICODE_SINGEL_USER is in the environment, but is no"),
        ("EVICODE_BACKUP_HOURS", "-1", "EVICODE_BACKUP_HOURS cannot be '-1'"),
        ("EVICODE_SINGLE_USER", "perhaps", "cannot be 'perhaps'; it is true or false"),
        ("EVICODE_CONFIG", "/nowhere/evicode.toml", "cannot be read"),
    ],
)
def test_an_environment_with_a_mistake_is_refused_with_the_variables_name(
    name: str, value: str, said: str
) -> None:
    with pytest.raises(BadSettings, match=said):
        settings({"EVICODE_CONFIG": os.devnull} | {name: value})


def test_a_secret_is_not_quoted_and_its_file_not_open_to_everybody(file: Path) -> None:
    with pytest.raises(BadSettings) as refused:
        _read(file, "log_key = 123456")
    assert "123456" not in str(refused.value)
    file.chmod(0o644)
    with pytest.raises(BadSettings, match="everybody can read"):
        _read(file, 'log_key = "a long word"')
    file.chmod(0o640)
    assert _read(file, 'log_key = "a long word"').log_key == "a long word"


def test_the_documentation_and_the_example_are_those_the_code_writes() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text("utf-8") == as_markdown()
    assert (ROOT / "deploy" / "evicode.toml.example").read_text("utf-8") == as_toml()


def test_the_example_with_every_line_taken_into_use_is_all_defaults(file: Path) -> None:
    lines = re.sub(r"^# (?=\w+ = )", "", as_toml(), flags=re.M)
    file.touch(mode=0o600)
    assert _read(file, lines) == Settings()
    assert set(re.findall(r"^(\w+) =", lines, flags=re.M)) == {one.name for one in fields(Settings)}


def test_nothing_else_reads_settings_from_the_environment() -> None:
    reads = re.compile(rf"environ[^\n]*{PREFIX}|getenv")
    found = [
        path.name
        for folder in ("core", "db", "ui")
        for path in (ROOT / folder).rglob("*.py")
        if reads.search(path.read_text("utf-8")) and path.name != "settings.py"
    ]
    assert found == []

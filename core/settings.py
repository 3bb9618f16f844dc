"""Every setting of Evicode: one file, `evicode.toml`, and the environment, which overrides it.

A setting is a field of Settings: type, default, limits and what it is for stand there and nowhere
else. `python -m core.settings` writes docs/configuration.md, `--toml` the example file, from them.
"""

import json
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from core.errors import BadSettings

PREFIX = "EVICODE_"
NAMED_BY = "EVICODE_CONFIG"
BESIDE_THE_PROGRAM = Path(__file__).resolve().parents[1] / "evicode.toml"
_YES, _NO = ("1", "true", "yes"), ("0", "false", "no")


def _one(
    default: object,
    about: str,
    *,
    choices: tuple[str, ...] = (),
    limits: tuple[int, int] | None = None,
    secret: bool = False,
) -> Any:  # Any: the field's own type
    about_it = {"about": about, "choices": choices, "limits": limits, "secret": secret}
    return field(default=default, metadata=about_it)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What whoever runs Evicode decides. None, or an empty word: what the description says."""

    database: str = _one(
        "",
        "Path of a SQLite file, or `postgresql://user@host/name`. Empty: `data/evicode.sqlite`.",
        secret=True,  # may hold a password
    )
    database_key_file: Path | None = _one(
        None,
        "File (mode 600) of the key of an encrypted SQLite file: 64 hexadecimal digits. None: the "
        "file is not encrypted, unless `database_key` is set.",
    )
    database_key: str = _one("", "The key itself; better in a file of its own.", secret=True)
    trail_key: Path | None = _one(
        None,
        "File of the private key that signs heads of the audit trail. None: beside a SQLite file, "
        "for PostgreSQL `data/trail.key`.",
    )
    single_user: bool = _one(
        False, "No accounts, for one's own laptop. Only starts where `server.address` is localhost."
    )
    idle_minutes: int = _one(
        15, "A browser is logged off after so long without work. Shorter if wished.", limits=(1, 15)
    )
    login_hours: int = _one(
        12, "A browser is logged off so long after logging in. Shorter if wished.", limits=(1, 12)
    )
    checkpoint: Path | None = _one(
        None,
        "Folder of the checkpoint that is used until another is promoted. None: the only one under "
        "`checkpoints`.",
    )
    models: Path | None = _one(
        None,
        "Folder of the models that were trained here, one checkpoint in each. None: `data/models`.",
    )
    base_corpus: Path | None = _one(
        None,
        "Folder of the corpus that the shipped checkpoint was trained on. Training on feedback "
        "rehearses its train charts, so that nothing is forgotten; models are compared on its dev "
        "charts. None: it is not at hand.",
    )
    base_corpus_layout: str = _one(
        "jsonl", "How that corpus lies on the disk.", choices=("cmc", "codiesp", "jsonl")
    )
    engine: str = _one("onnx", "What computes suggestions on a CPU.", choices=("onnx", "torch"))
    cache: Path | None = _one(
        None, "Folder of the index of codes, made once. None: `evicode` in the user's cache folder."
    )
    ccs_procedures: Path | None = _one(
        None, "HCUP's `$prref 2015.csv`: adds CCS categories of ICD-9-CM procedures."
    )
    only_warn: str = _one(
        "", "Rules of the checks that warn at this site and never block, with commas between."
    )
    retention_days: int = _one(
        0,
        "Days after finishing a chart from which `python -m db retention` deletes its note. 0: "
        "notes are kept.",
        limits=(0, 36_500),
    )
    log_level: str = _one(
        "info",
        "The least that is logged; `debug` adds a line for each call of a service and each file.",
        choices=("debug", "info", "warning", "error"),
    )
    log_file: Path | None = _one(
        None, "File the log is written to; may be rotated at any time. None: standard error."
    )
    log_key: str = _one(
        "",
        "Keeps the marks that stand for names in the log the same over restarts. Any long random "
        "word; without one, marks are new after each start.",
        secret=True,
    )
    metrics_token: str = _one(
        "",
        "Whoever sends it as `Authorization: Bearer` reads `/metrics`; 32 characters or more. "
        "Empty: only administrators who are logged in.",
        secret=True,
    )
    backup_folder: Path | None = _one(
        None, "Folder of scheduled backups; better on another disk. None: no scheduled backups."
    )
    backup_hours: int = _one(24, "Hours from one scheduled backup to the next.", limits=(1, 720))
    backup_keep: int = _one(14, "Scheduled backups that are kept; the oldest go.", limits=(2, 1000))

    def __post_init__(self) -> None:
        if self.metrics_token and len(self.metrics_token) < 32:
            raise BadSettings("metrics_token is shorter than 32 characters; make a longer one")


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings as they are now: defaults, then the file, then the environment.

    The file is the one EVICODE_CONFIG names, else `evicode.toml` beside the program if it is there.
    BadSettings, naming the setting and what it may be, for an unknown or a bad one.
    """
    given = os.environ if environment is None else environment
    file = Path(given.get(NAMED_BY) or BESIDE_THE_PROGRAM)
    found = _in_file(file, named=bool(given.get(NAMED_BY)))
    known = {one.name: one for one in fields(Settings)}
    for name in found:
        if name not in known:
            raise BadSettings(f"{file.name} sets {name!r}, which is no setting; {_see()}")
    values = {name: _from_file(known[name], value, file) for name, value in found.items()}
    for variable, text in given.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or variable == NAMED_BY or not text.strip():
            continue
        if name not in known:
            raise BadSettings(f"{variable} is in the environment, but is no setting; {_see()}")
        values[name] = _from_text(known[name], text.strip(), variable)
    chosen: dict[str, Any] = values  # Any: each of its field's type, as checked
    return Settings(**chosen)


def _in_file(file: Path, *, named: bool) -> Mapping[str, object]:
    """What the file sets; nothing if there is none and nobody named it."""
    try:
        if not named and not file.exists():
            return {}
        found = tomllib.loads(file.read_text("utf-8"))
        mode = file.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise BadSettings(f"the settings file {file} cannot be read ({why})") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"the settings file {file} is no TOML: {error}") from None
    secrets = {one.name for one in fields(Settings) if one.metadata["secret"]}
    if mode & 0o004 and secrets & found.keys() - {"database"}:
        raise BadSettings(f"everybody can read {file}, which holds a secret; run chmod o-rwx on it")
    return found


def _from_file(one: Field[Any], value: object, file: Path) -> object:
    wanted = _kind(one)
    fits = isinstance(value, bool) if wanted is bool else not isinstance(value, bool)
    if not fits or not isinstance(value, str if wanted is Path else wanted):
        raise _bad(one, value, f"{one.name} in {file.name}")
    place = f"{one.name} in {file.name}"
    return _from_text(one, value, place) if isinstance(value, str) else _checked(one, value, place)


def _from_text(one: Field[Any], text: str, place: str) -> object:
    kind = _kind(one)
    if kind is bool:
        if text.lower() not in _YES + _NO:
            raise _bad(one, text, place)
        return text.lower() in _YES
    if kind is Path:
        return Path(text) if text else None
    if kind is int:
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise _bad(one, text, place)
        return _checked(one, int(text), place)
    return _checked(one, text, place)


def _checked(one: Field[Any], value: Any, place: str) -> object:  # Any: of the field's type
    choices, limits = one.metadata["choices"], one.metadata["limits"]
    if choices and value not in choices:
        raise _bad(one, value, place)
    if limits and not limits[0] <= value <= limits[1]:
        raise _bad(one, value, place)
    return value


def _bad(one: Field[Any], value: object, place: str) -> BadSettings:
    said = "what it says" if one.metadata["secret"] else repr(value)[:60]
    return BadSettings(f"{place} cannot be {said}; it is {_wanted(one)}")


def _kind(one: Field[Any]) -> type:
    return Path if one.type == Path | None else one.type  # type: ignore[return-value]


def _wanted(one: Field[Any]) -> str:
    choices, limits = one.metadata["choices"], one.metadata["limits"]
    if choices:
        return f"one of {', '.join(choices)}"
    if limits:
        return f"a whole number from {limits[0]} to {limits[1]}"
    return {bool: "true or false (1 or 0)", Path: "a path", str: "text"}[_kind(one)]


def _see() -> str:
    return "docs/configuration.md lists them all"


_HEAD = """# Configuration

One file, `evicode.toml`, and environment variables, which override it. The file stands beside the
program, or `EVICODE_CONFIG` names it; [an example](../deploy/evicode.toml.example) holds every
default. A relative path counts from the folder in which the program was started. A setting that is
not known, or has a value it cannot have, is an error on start that names it. A file with secrets in
it must not be readable by everybody. Address, port, TLS and the size of uploads are Streamlit's
(`.streamlit/config.toml`); an organisation's login is in `.streamlit/secrets.toml`. This page is
written by `python -m core.settings`; a test compares the two.

| in the file | in the environment | what it may be | default | what it is for |
|---|---|---|---|---|
"""


def as_markdown() -> str:
    """docs/configuration.md: every setting in a table."""
    rows = [
        f"| `{one.name}` | `{PREFIX}{one.name.upper()}` | {_wanted(one)} | {_default(one)} "
        f"| {one.metadata['about']} |"
        for one in fields(Settings)
    ]
    return _HEAD + "\n".join(rows) + "\n"


def as_toml() -> str:
    """deploy/evicode.toml.example: every setting, commented out, at its default."""
    lines = [
        "# Settings of Evicode; docs/configuration.md explains them. All are at their default."
    ]
    for one in fields(Settings):
        default = json.dumps(one.default if one.default is not None else "")
        lines += ["", f"# {one.metadata['about']}", f"# {one.name} = {default}"]
    return "\n".join(lines) + "\n"


def _default(one: Field[Any]) -> str:
    if isinstance(one.default, bool):
        return f"`{str(one.default).lower()}`"
    return "none" if one.default in (None, "") else f"`{one.default}`"


if __name__ == "__main__":
    sys.stdout.write(as_toml() if "--toml" in sys.argv else as_markdown())

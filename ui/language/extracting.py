"""Every sentence a user can read, found in the source: what the catalogues must hold.

- `t`, `nt` and `msgid` in Python, `t` and `nt` in scripts and in the login page (by Babel);
- the names of the pages, by their files;
- text and labels of the components' markup;
- the messages of errors raised in db, services and the readers of notes: their f-strings become
  sentences with {names};
- the headings of tables that services and components make;
- what services and checks say: any text of two words or more in their modules, and what their
  enumerations are called.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract

from ui.language.scripts import SCRIPTS

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {"t": None, "nt": (1, 2), "msgid": None}
_OPTIONS = {"encoding": "utf-8", "parse_template_string": True}
PYTHON = (
    "ui/app.py", "ui/pages/*.py", "ui/components/**/*.py", "ui/workbench.py", "ui/session.py",
    "ui/serving/*.py",
)  # fmt: skip
JS = ("ui/components/**/*.js",)
MARKUP = ("ui/components/**/*.html",)
JINJA = ("ui/serving/*.html",)
TABLES = ("ui/components/*.py", "ui/services/*.py")
ERRORS = (
    "ui/**/*.py", "db/*.py", "db/export/*.py", "core/notes/*.py", "core/codes/writing.py",
    "core/types.py", "core/checkpoints.py", "core/inference/*.py", "core/metrics/audit.py",
)  # fmt: skip
SAID = (
    "ui/services/*.py", "ui/workbench.py", "core/checks/*.py", "core/inference/saying.py",
    "core/notes/*.py",
    "db/details.py", "db/export/records.py", "db/passwords.py", "db/worklist.py", "db/kinds.py",
)  # fmt: skip
NAMED = (
    "ui/services/*.py", "db/*records.py", "db/kinds.py", "core/types.py", "core/checks/finding.py",
    "core/codes/instructions.py",
)  # fmt: skip
OF_THE_COMMAND_LINE = re.compile(  # and of the server's start; nobody reads these on a page
    r"db/(backup|heads|safekeeping|verify|accounts_cli|schema|on_|__main__|tables|computed)"
    r"|db/export/command|ui/serving/surface|ui/services/alone|ui/api/"
)
_NO_WORDS = re.compile(r"%s|\\|^default-src|^import |UTC$|^[\W\d_]*$")
_SAYS_NOTHING = frozenset(
    "guard failures sheet passages remembering quality html confinement values child".split()
)
_SHOWN = ("placeholder", "aria-label", "title", "alt")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One entry of the catalogue. id: the English, or (one, many)."""

    id: str | tuple[str, str]
    file: str
    script: bool = False


def sentences() -> list[Sentence]:
    """All of them, in the order of the files."""
    return [
        *_pages(),
        *_by_babel("python", PYTHON),
        *_by_babel("javascript", JS, script=True),
        *_by_babel("jinja2", JINJA),
        *_markup(),
        *(each for file in _files(ERRORS) for each in _errors(file)),
        *(each for file in _files(SAID) for each in _said(file)),
        *(each for file in _files(TABLES) for each in _headings(file)),
        *(each for file in _files(NAMED) for each in _named(file)),
    ]


def template() -> Catalog:
    """The sentences as a catalogue without translations."""
    catalog = Catalog(charset="utf-8")
    for each in sentences():
        comments = [SCRIPTS] if each.script else []
        catalog.add(each.id, locations=[(each.file, 0)], auto_comments=comments)
    return catalog


def _files(patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        for file in sorted(ROOT.glob(pattern)):
            if not OF_THE_COMMAND_LINE.match(_name(file)):
                yield file


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _pages() -> Iterator[Sentence]:
    for file in _files(("ui/pages/[!_]*.py",)):
        yield Sentence(id=file.stem.capitalize(), file=_name(file))


def _by_babel(method: str, patterns: Iterable[str], *, script: bool = False) -> Iterator[Sentence]:
    for file in _files(patterns):
        with file.open("rb") as opened:
            for _, found, _, _ in extract(method, opened, KEYWORDS, options=_OPTIONS):
                id_ = found if isinstance(found, str) else (found[0], found[1])
                yield Sentence(id=id_, file=_name(file), script=script)


class _Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in _SHOWN and value]

    def handle_data(self, data: str) -> None:
        self.found.append(" ".join(data.split()))


def _markup() -> Iterator[Sentence]:
    for file in _files(MARKUP):
        parser = _Markup()
        parser.feed(file.read_text("utf-8"))
        for words in parser.found:
            if len(words) > 2 and not _NO_WORDS.search(words):  # a key is not a word
                yield Sentence(id=words, file=_name(file), script=True)


def _errors(file: Path) -> Iterator[Sentence]:
    """What errors raised here say; a constant that is raised by its name is looked up."""
    tree = ast.parse(file.read_text("utf-8"))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            first = node.exc.args[0]
            said = words_of(
                constants.get(first.id, first) if isinstance(first, ast.Name) else first
            )
            if said and " " in said:
                yield Sentence(id=said, file=_name(file))


def _said(file: Path) -> Iterator[Sentence]:
    if file.stem in _SAYS_NOTHING:
        return
    tree = ast.parse(file.read_text("utf-8"))
    inside = {id(part) for node in ast.walk(tree) for part in _no_sentences(node)}
    script = file.stem == "intents"  # reasons are sent in English, and drawn by a script
    for words in map(words_of, _tables(tree)):
        if words:
            yield Sentence(id=words, file=_name(file), script=script)
    for node in ast.walk(tree):
        said = None if id(node) in inside else words_of(node)
        own = "" if said is None else re.sub(r"\{\w+\}", "", said).strip()
        if said and " " in own and not _NO_WORDS.search(own):
            yield Sentence(id=said, file=_name(file), script=script)


def _tables(tree: ast.Module) -> Iterator[ast.expr]:
    """The names a module shows: `_NAMES = {...}`, `REASONS = (...)`; one word is a name, too."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign | ast.Assign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name) and target.id in ("_NAMES", "ACTIONS", "REASONS"):
                match node.value:
                    case ast.Dict(values=shown) | ast.Tuple(elts=shown):
                        yield from shown


def _no_sentences(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that are docstrings, errors, parts of a sentence, or not in English."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr):
            yield first.value
    elif isinstance(node, ast.Raise):
        yield from ast.walk(node)
    elif isinstance(node, ast.JoinedStr | ast.BinOp) and words_of(node) is not None:
        yield from (part for part in ast.walk(node) if part is not node and _is_glued(part))
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "es":
                yield from ast.walk(value)


def _is_glued(part: ast.AST) -> bool:
    return isinstance(part, ast.Constant | ast.JoinedStr | ast.BinOp)


def _named(file: Path) -> Iterator[Sentence]:
    """The values of enumerations of words."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.ClassDef) or "StrEnum" not in map(ast.unparse, node.bases):
            continue
        for each in node.body:
            value = each.value if isinstance(each, ast.Assign) else None
            words = value.value if isinstance(value, ast.Constant) else None
            if isinstance(words, str) and re.fullmatch(r"[A-Za-z][a-z1-2 -]{2,}", words):
                yield Sentence(id=words, file=_name(file), script=True)


def _headings(file: Path) -> Iterator[Sentence]:
    """The headings of tables: the keys of what a function `-> dict[str, …]` makes."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        returns = node.returns if isinstance(node, ast.FunctionDef) else None
        if returns is None or not ast.unparse(returns).startswith("dict[str, "):
            continue
        for made in ast.walk(node):
            for key in made.keys if isinstance(made, ast.Dict) else ():
                words = None if key is None else words_of(key)
                if words and words[0].isupper():
                    yield Sentence(id=words, file=_name(file))


def words_of(node: ast.AST) -> str | None:
    """The text of an expression, with {names} for what is filled in; None if it is no text."""
    found = _glued(node)
    if found is None:
        return None
    taken: dict[str, str] = {}  # source of a value -> its name
    return "".join(
        part if isinstance(part, str) else f"{{{_place(part, taken)}}}" for part in found
    )


def _glued(node: ast.AST) -> list[str | ast.expr] | None:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return [
            str(each.value) if isinstance(each, ast.Constant) else each.value  # type: ignore[attr-defined]
            for each in node.values
        ]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _glued(node.left), _glued(node.right)
        if left is None and right is None:
            return None
        return [*(left or [node.left]), *(right or [node.right])]
    return None


def _place(value: ast.expr, taken: dict[str, str]) -> str:
    """A name for a value: the last one in its expression, numbered where two are alike."""
    source = ast.unparse(value)
    if source not in taken:
        names = re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"'[^']*'", "", source.lower()))
        name = next((n.strip("_") for n in reversed(names) if n.strip("_")), "value")
        alike = sum(other == name or other.startswith(f"{name}_") for other in taken.values())
        taken[source] = name if not alike else f"{name}_{alike + 1}"
    return taken[source]

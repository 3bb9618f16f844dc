"""Words that are drawn without going through `t`: found by how pages and scripts draw."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ui.language.extracting import ROOT, words_of

PAGES = ("ui/app.py", "ui/pages/*.py", "ui/components/**/*.py")
SCRIPTS = ("ui/components/**/*.js",)
_DRAWS = frozenset(
    "text caption header subheader title button download_button link_button page_link checkbox "
    "toggle "
    "radio selectbox multiselect pills segmented_control text_input text_area number_input slider "
    "date_input time_input file_uploader expander popover tabs dialog spinner success info warning "
    "error toast metric progress form_submit_button problem status write menu_button feedback "
    "select_slider color_picker TextColumn NumberColumn DatetimeColumn DateColumn CheckboxColumn "
    "ProgressColumn SelectboxColumn ListColumn".split()
)
_FIELDS = frozenset({"label", "help", "placeholder", "captions", "text", "show_spinner", "title"})
_WORDS = re.compile(r"[A-Za-z]{2}")
_NOT_WORDS = re.compile(r"^(:material/\w+:|[a-z]+-[a-z-]+|ui/pages/.*|\W*)$")
# A text of a script, what may be one (selectors, class names and styles are not), what is said.
_TEXT = r"(?:\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\\n]|\\.)*`)"
_TEXTS = re.compile(_TEXT)
_SAID = re.compile(rf"\bt\(\s*{_TEXT}|\bnt\(\s*{_TEXT}\s*,\s*{_TEXT}")
_STYLED = re.compile(
    rf"(?:\bclass: |\.className = )(?:[^\"`,;]*(?:{_TEXT}))+"
    rf"|\.(?:querySelector(?:All)?|closest|matches|startsWith)(?:\?\.)?\(\s*{_TEXT}"
    rf"|[!=]== {_TEXT}|(?<![?:] ){_TEXT}:"
)
_FILLED = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")
_READS = re.compile(r"[A-Za-z]{2,}[^$]* [A-Za-z]{2,}|^[A-Z][a-z]+[…:.]? ?$|… [a-z]{3}|[a-z]{3}:? …")
_A_SETTING = re.compile(r"\w=")  # of a cookie

Found = tuple[str, int, str]


def unwrapped() -> list[Found]:
    """(file, line, words) of every text that is drawn as it stands."""
    pages = [each for file in _files(PAGES) for each in _in_python(file)]
    scripts = [
        (file.relative_to(ROOT).as_posix(), number, words)
        for file in _files(SCRIPTS)
        for number, words in in_script(file)
    ]
    return [*pages, *scripts]


def _files(patterns: tuple[str, ...]) -> list[Path]:
    return [file for pattern in patterns for file in sorted(ROOT.glob(pattern))]


def _in_python(file: Path) -> Iterator[Found]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
        if called not in _DRAWS:
            if called == "dataframe":
                yield from _columns(file, node)
            continue
        drawn = [*node.args[:1], *(each.value for each in node.keywords if each.arg in _FIELDS)]
        if called == "progress":
            drawn += node.args[1:2]
        for each in drawn:
            yield from _bare(file, each)


def _columns(file: Path, node: ast.Call) -> Iterator[Found]:
    for argument in node.args[:1]:
        if isinstance(argument, ast.Dict):
            for key in argument.keys:
                if key is not None:
                    yield from _bare(file, key)


def _bare(file: Path, node: ast.expr) -> Iterator[Found]:
    if isinstance(node, ast.IfExp):
        yield from _bare(file, node.body)
        yield from _bare(file, node.orelse)
        return
    words = words_of(node)
    own = "" if words is None else re.sub(r"\{\w+\}", "", words)
    if words and _WORDS.search(own) and not _NOT_WORDS.match(own):
        yield (file.relative_to(ROOT).as_posix(), node.lineno, words)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def in_script(file: Path) -> Iterator[tuple[int, str]]:
    """(line, words) of the texts of a script that read as words and are not in t() or nt()."""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        code = re.sub(r"^\s*(/?\*.*|//.*)$|\s//\s.*$|/\*.*?\*/", "", line)
        if code.startswith("import "):
            continue
        drawn = _STYLED.sub("", _SAID.sub("", code))
        for words in (text[1:-1] for text in _TEXTS.findall(drawn)):
            if _READS.search(_FILLED.sub("…", words)) and not _A_SETTING.search(words):
                yield number, words
